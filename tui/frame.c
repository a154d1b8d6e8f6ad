/* From what a terminal shows to what it shall show, in few bytes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/frame.h"

#include <string.h>

/* Synchronised-update marks cost 16 bytes: a few cells do not tear. */
#define MIN_SYNCHRONISED_CELLS 60
#define SYNCHRONISE "\033[?2026h"
#define SYNCHRONISED "\033[?2026l"
#define ERASE_LINE "\033[K"
/* From so many blanks on "ESC [ n X" and a step over them are shorter than the blanks. */
#define MIN_ERASED 10
/* No gap of unchanged cells longer than this is cheaper to send again than to step over. */
#define MAX_GAP 8
#define MAX_MOVE 48
#define MAX_SGR 64
#define UNKNOWN (-1)

typedef struct {
    gboolean is_known;
    char text[MAX_SGR];
} Sgr;

struct HvFrame {
    HvFrameAbilities abilities;
    const HvTheme *theme;
    HvDepth depth;
    Sgr *sgr; /* from role × to role, filled when needed */
    /* Roles that look the same are the same here: on any character, on a blank. */
    guint8 look_class[HV_N_ROLES], blank_class[HV_N_ROLES];
    gboolean
        is_erasable[HV_N_ROLES]; /* a blank in this role may be erased instead of written */
    HvCanvasCell *shown;
    int columns, rows;
    gboolean is_whole; /* paint all */
    int x, y;          /* of the cursor; x UNKNOWN: only the line is known */
    gboolean in_doubt; /* behind a character whose width terminals disagree about */
    int pen;           /* role that is set, or UNKNOWN */
    gboolean is_cursor_shown;
    guint n_changed;
};

HvFrame *
hv_frame_new(const HvFrameAbilities *abilities)
{
    HvFrame *frame = g_new0(HvFrame, 1);

    frame->abilities = *abilities;
    frame->sgr = g_new0(Sgr, HV_N_ROLES * HV_N_ROLES);
    frame->is_whole = TRUE;
    frame->pen = UNKNOWN;
    return frame;
}

void
hv_frame_free(HvFrame *frame)
{
    if (!frame)
        return;
    g_free(frame->sgr);
    g_free(frame->shown);
    g_free(frame);
}

void
hv_frame_forget(HvFrame *frame)
{
    frame->is_whole = TRUE;
}

static gboolean
looks_same(const HvFrame *frame, HvRole a, HvRole b)
{
    char text[MAX_SGR];

    hv_theme_sgr_between(frame->theme, a, b, frame->depth, text, sizeof text);
    return *text == '\0';
}

/* A role's ground without what only characters show. */
static HvTheme
ground_theme(const HvFrame *frame)
{
    HvTheme ground = { 0 };

    for (guint i = 0; i < HV_N_ROLES; i++) {
        HvLook *look = &ground.looks[i];

        *look = frame->theme->looks[i];
        look->attrs &= HV_ATTR_REVERSE | HV_ATTR_UNDERLINE;
        look->mono_attrs &= HV_ATTR_REVERSE | HV_ATTR_UNDERLINE;
        if (!look->attrs)
            look->fg = (HvColour){ -1, -1, -1 };
    }
    return ground;
}

/* Erasing leaves at most the ground's colour: no line, no reversal. */
static gboolean
is_erasable(const HvFrame *frame, HvRole role)
{
    const HvLook *look = &frame->theme->looks[role];
    const guint attrs = frame->depth == HV_DEPTH_MONO ? look->mono_attrs : look->attrs;
    const gboolean is_coloured = frame->depth != HV_DEPTH_MONO && look->bg.rgb >= 0;

    return !(attrs & (HV_ATTR_REVERSE | HV_ATTR_UNDERLINE)) &&
           (!is_coloured || frame->abilities.erases_in_colour);
}

void
hv_frame_set_look(HvFrame *frame, const HvTheme *theme, HvDepth depth)
{
    frame->theme = theme;
    frame->depth = depth;
    memset(frame->sgr, 0, sizeof(Sgr) * HV_N_ROLES * HV_N_ROLES);
    const HvTheme ground = ground_theme(frame);

    for (guint i = 0; i < HV_N_ROLES; i++) {
        guint same = 0, same_ground = 0;
        char text[MAX_SGR] = "-";

        while (!looks_same(frame, same, i))
            same++;
        for (; *text; same_ground++)
            hv_theme_sgr_between(&ground, same_ground, i, depth, text, sizeof text);
        frame->look_class[i] = (guint8)same;
        frame->blank_class[i] = (guint8)(same_ground - 1);
        frame->is_erasable[i] = is_erasable(frame, i);
    }
    frame->is_whole = TRUE;
    frame->pen = UNKNOWN;
}

static gboolean
is_blank(const HvCanvasCell *cell)
{
    return cell->text[0] == ' ' && cell->text[1] == '\0';
}

static gboolean
is_same(const HvFrame *frame, const HvCanvasCell *a, const HvCanvasCell *b)
{
    if (a->width != b->width || memcmp(a->text, b->text, sizeof a->text) != 0)
        return FALSE;
    return a->role == b->role || frame->look_class[a->role] == frame->look_class[b->role] ||
           (is_blank(a) && frame->blank_class[a->role] == frame->blank_class[b->role]);
}

/* ---- the pen ---- */

/* Nothing is to be sent before @cell is written. */
static gboolean
is_pen_right(const HvFrame *frame, const HvCanvasCell *cell)
{
    if (frame->pen == UNKNOWN)
        return FALSE;
    return frame->look_class[frame->pen] == frame->look_class[cell->role] ||
           (is_blank(cell) && frame->blank_class[frame->pen] == frame->blank_class[cell->role]);
}

static void
set_pen(HvFrame *frame, const HvCanvasCell *cell, GString *out)
{
    char text[MAX_SGR];

    if (is_pen_right(frame, cell))
        return;
    if (frame->pen == UNKNOWN) {
        hv_theme_sgr(frame->theme, cell->role, frame->depth, text, sizeof text);
        g_string_append(out, text);
    } else {
        Sgr *sgr = &frame->sgr[frame->pen * HV_N_ROLES + cell->role];

        if (!sgr->is_known)
            hv_theme_sgr_between(frame->theme, (HvRole)frame->pen, cell->role, frame->depth,
                                 sgr->text, sizeof sgr->text);
        sgr->is_known = TRUE;
        g_string_append(out, sgr->text);
    }
    frame->pen = cell->role;
}

/* ---- the cursor ---- */

static void
keep_shorter(char best[MAX_MOVE], const char *other)
{
    if (!*best || strlen(other) < strlen(best))
        g_strlcpy(best, other, MAX_MOVE);
}

/* "ESC [ n letter", n left out where it is 1. */
static void
print_step(char text[MAX_MOVE], int n, char letter)
{
    if (n == 1)
        g_snprintf(text, MAX_MOVE, "\033[%c", letter);
    else
        g_snprintf(text, MAX_MOVE, "\033[%d%c", n, letter);
}

/* The shortest way along a line. @from UNKNOWN: only from its start. */
static void
move_along(int from, int to, char best[MAX_MOVE])
{
    char text[MAX_MOVE], step[MAX_MOVE];

    *best = '\0';
    if (from == to)
        return;
    if (to == 0) {
        g_strlcpy(best, "\r", MAX_MOVE);
        return;
    }
    print_step(step, to, 'C');
    g_snprintf(text, sizeof text, "\r%s", step);
    keep_shorter(best, text);
    if (from == UNKNOWN)
        return;
    print_step(step, ABS(to - from), to > from ? 'C' : 'D');
    keep_shorter(best, step);
    if (from > to && from - to < 4) {
        memset(text, '\b', (gsize)(from - to));
        text[from - to] = '\0';
        keep_shorter(best, text);
    }
}

static void
move_down(int lines, char text[MAX_MOVE])
{
    *text = '\0';
    if (lines < 0) {
        print_step(text, -lines, 'A');
    } else if (lines < 4) {
        memset(text, '\n', (gsize)lines); /* output is not processed: the column stays */
        text[lines] = '\0';
    } else {
        print_step(text, lines, 'B');
    }
}

static void
absolute_move(int x, int y, char text[MAX_MOVE])
{
    if (x > 0)
        g_snprintf(text, MAX_MOVE, "\033[%d;%dH", y + 1, x + 1);
    else if (y > 0)
        g_snprintf(text, MAX_MOVE, "\033[%dH", y + 1);
    else
        g_strlcpy(text, "\033[H", MAX_MOVE);
}

static void
find_move(const HvFrame *frame, int x, int y, char best[MAX_MOVE])
{
    char along[MAX_MOVE], down[MAX_MOVE], text[2 * MAX_MOVE];

    absolute_move(x, y, best);
    if (frame->y == UNKNOWN)
        return;
    move_along(frame->in_doubt ? UNKNOWN : frame->x, x, along);
    move_down(y - frame->y, down);
    /* first along, because "\r" also ends the doubt at the right edge */
    g_snprintf(text, sizeof text, "%s%s", along, down);
    if (strlen(text) < strlen(best))
        g_strlcpy(best, text, MAX_MOVE);
}

/* Bytes of the unchanged cells between the cursor and @x, or G_MAXINT where they cannot simply
 * be sent again. */
static int
gap_cost(const HvFrame *frame, const HvCanvasCell *line, int x, int y)
{
    int cost = 0;

    if (y != frame->y || frame->x == UNKNOWN || frame->in_doubt || x <= frame->x ||
        x - frame->x > MAX_GAP)
        return G_MAXINT;
    for (int at = frame->x; at < x; at++) {
        if (line[at].width != 1 || !is_pen_right(frame, &line[at]))
            return G_MAXINT;
        cost += (int)strlen(line[at].text);
    }
    return cost;
}

static void
move_to(HvFrame *frame, const HvCanvasCell *line, int x, int y, GString *out)
{
    char text[MAX_MOVE];

    if (frame->x == x && frame->y == y && (!frame->in_doubt || line[x].width == 2))
        return;
    find_move(frame, x, y, text);
    if (gap_cost(frame, line, x, y) <= (int)strlen(text)) {
        for (; frame->x < x; frame->x++)
            g_string_append(out, line[frame->x].text);
        return;
    }
    g_string_append(out, text);
    frame->x = x;
    frame->y = y;
    frame->in_doubt = FALSE;
}

/* ---- the cells ---- */

static HvCanvasCell *
shown_line(const HvFrame *frame, int y)
{
    return frame->shown + y * frame->columns;
}

static void
mark_shown(HvFrame *frame, const HvCanvasCell *line, int x, int y, int n)
{
    memcpy(shown_line(frame, y) + x, line + x, (gsize)n * sizeof *line);
}

static void
put_cell(HvFrame *frame, const HvCanvasCell *line, int x, int y, GString *out)
{
    const HvCanvasCell *cell = &line[x];

    move_to(frame, line, x, y, out);
    set_pen(frame, cell, out);
    g_string_append(out, cell->text);
    mark_shown(frame, line, x, y, cell->width);
    frame->x = x + cell->width;
    frame->in_doubt = cell->width == 2 || *g_utf8_find_next_char(cell->text, NULL);
    if (frame->x >= frame->columns) /* some stay on the last column, some stand behind it */
        frame->x = UNKNOWN;
}

/* How many cells from @x on are blanks that may be erased together. */
static int
count_erasable(const HvFrame *frame, const HvCanvasCell *line, int x)
{
    int n = 0;

    while (x + n < frame->columns && is_blank(&line[x + n]) &&
           frame->is_erasable[line[x + n].role] &&
           frame->blank_class[line[x + n].role] == frame->blank_class[line[x].role])
        n++;
    return n;
}

/* Drops the cells at the end that need no change. */
static int
count_changed(const HvFrame *frame, const HvCanvasCell *line, int x, int y, int n)
{
    while (n > 0 && is_same(frame, &line[x + n - 1], &shown_line(frame, y)[x + n - 1]))
        n--;
    return n;
}

/* Erases from @x on where that is shorter than writing blanks. Returns how many cells were seen
 * to. */
static int
erase(HvFrame *frame, const HvCanvasCell *line, int x, int y, GString *out)
{
    const int n_blank = count_erasable(frame, line, x);
    const int n = count_changed(frame, line, x, y, n_blank);
    const gboolean to_end = x + n_blank == frame->columns && frame->abilities.erases_line;

    if (n < (to_end ? (int)strlen(ERASE_LINE) + 1 : MIN_ERASED) ||
        (!to_end && !frame->abilities.erases_characters))
        return 0;
    move_to(frame, line, x, y, out);
    set_pen(frame, &line[x], out);
    if (to_end)
        g_string_append(out, ERASE_LINE);
    else
        g_string_append_printf(out, "\033[%dX", n);
    mark_shown(frame, line, x, y, to_end ? n_blank : n);
    return to_end ? n_blank : n;
}

static void
compose_line(HvFrame *frame, const HvCanvas *canvas, int y, GString *out)
{
    const HvCanvasCell *line = canvas->cells + y * canvas->columns;
    const int end = y == canvas->rows - 1 && !frame->abilities.wraps_late ? canvas->columns - 1
                                                                          : canvas->columns;

    for (int x = 0; x < end;) {
        if (is_same(frame, &line[x], &shown_line(frame, y)[x])) {
            x++;
            continue;
        }
        int n = is_blank(&line[x]) ? erase(frame, line, x, y, out) : 0;
        if (n == 0) {
            n = MAX(line[x].width, 1);
            if (line[x].width > 0 && x + line[x].width <= end)
                put_cell(frame, line, x, y, out);
        }
        frame->n_changed += (guint)n;
        x += n;
    }
}

/* ---- the frame ---- */

/* A clear screen in the colours of plain text; where it does not take colour, every cell has to
 * be written. */
static void
begin_whole(HvFrame *frame, const HvCanvas *canvas, GString *out)
{
    const HvCanvasCell plain = { .text = " ", .role = HV_ROLE_TEXT, .width = 1 };
    const HvCanvasCell nothing = { .text = "", .role = HV_ROLE_TEXT, .width = 1 };
    const gboolean is_cleared = frame->is_erasable[HV_ROLE_TEXT];

    if (canvas->columns != frame->columns || canvas->rows != frame->rows) {
        g_free(frame->shown);
        frame->shown = g_new(HvCanvasCell, (gsize)canvas->columns * (gsize)canvas->rows);
        frame->columns = canvas->columns;
        frame->rows = canvas->rows;
    }
    for (int i = 0; i < frame->columns * frame->rows; i++)
        frame->shown[i] = is_cleared ? plain : nothing;
    frame->pen = UNKNOWN;
    frame->in_doubt = FALSE;
    set_pen(frame, &plain, out);
    g_string_append(out, "\033[H\033[2J\033[?25l");
    frame->x = frame->y = 0;
    frame->is_cursor_shown = FALSE;
    frame->is_whole = FALSE;
    frame->n_changed = MIN_SYNCHRONISED_CELLS;
}

static void
place_cursor(HvFrame *frame, const HvCanvas *canvas, GString *out)
{
    const gboolean is_shown = canvas->cursor_x >= 0 && canvas->cursor_x < canvas->columns &&
                              canvas->cursor_y >= 0 && canvas->cursor_y < canvas->rows;

    if (is_shown)
        move_to(frame, canvas->cells + canvas->cursor_y * canvas->columns, canvas->cursor_x,
                canvas->cursor_y, out);
    if (is_shown != frame->is_cursor_shown)
        g_string_append(out, is_shown ? "\033[?25h" : "\033[?25l");
    frame->is_cursor_shown = is_shown;
}

void
hv_frame_compose(HvFrame *frame, const HvCanvas *canvas, GString *out)
{
    const gsize start = out->len;

    frame->n_changed = 0;
    if (frame->is_whole || canvas->columns != frame->columns || canvas->rows != frame->rows)
        begin_whole(frame, canvas, out);
    for (int y = 0; y < canvas->rows; y++)
        compose_line(frame, canvas, y, out);
    place_cursor(frame, canvas, out);
    if (frame->abilities.synchronises && frame->n_changed >= MIN_SYNCHRONISED_CELLS) {
        g_string_insert(out, (gssize)start, SYNCHRONISE);
        g_string_append(out, SYNCHRONISED);
    }
}
