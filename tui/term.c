/* The terminal: what it can do (terminfo), how it is entered and left, frames out, bytes in. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/term.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "model/error.h"
#include "model/i18n.h"
#include "model/text.h"
#include "tui/frame.h"
#include "tui/term-guard.h"

/* last: they define words like "columns" and "lines" */
#define NCURSES_NOMACROS 1
#include <curses.h>
#include <term.h>

#define FRAME_BYTES (64 * 1024)
/* A terminal that takes a frame slowly is waited for so long; the rest goes with the next. */
#define FRAME_TIMEOUT_MS 40
#define LEAVE_TIMEOUT_MS 300
#define READ_BYTES 4096
#define MAX_SIDE 2000
#define MAX_SHOWN 40

#define PASTE_ON "\033[?2004h"
#define PASTE_OFF "\033[?2004l"
#define MOUSE_ON "\033[?1002h\033[?1006h" /* buttons and drags; coordinates as numbers */
#define MOUSE_OFF "\033[?1006l\033[?1002l"
#define CURSOR_ON "\033[?25h"
#define CURSOR_OFF "\033[?25l"
#define UNSYNCHRONISED "\033[?2026l"

struct HvTerm {
    HvDepth depth;
    gboolean is_mono, is_ascii, has_mouse;
    char *enter, *leave; /* what is sent first and last */
    HvTheme *builtin;
    const HvTheme *theme;
    HvFrame *frame;
    GString *out; /* the frame; what is not yet written begins at sent */
    gsize sent;
    HvInput *input;
};

/* Terminals that many hosts have no terminfo for, though they are all like xterm. */
static const char *const like_xterm[] = { "xterm",   "alacritty", "foot",    "kitty",
                                          "wezterm", "ghostty",   "contour", "rio",
                                          "konsole", "vte",       "st-",     "iterm" };

static const struct {
    const char *capability;
    guint key;
} keys[] = {
    { "kcuu1", HV_KEY_UP },         { "kcud1", HV_KEY_DOWN },    { "kcub1", HV_KEY_LEFT },
    { "kcuf1", HV_KEY_RIGHT },      { "khome", HV_KEY_HOME },    { "kend", HV_KEY_END },
    { "kpp", HV_KEY_PAGE_UP },      { "knp", HV_KEY_PAGE_DOWN }, { "kich1", HV_KEY_INSERT },
    { "kdch1", HV_KEY_DELETE },     { "kcbt", HV_KEY_BACKTAB },  { "kLFT", HV_KEY_SHIFT_LEFT },
    { "kRIT", HV_KEY_SHIFT_RIGHT }, { "kri", HV_KEY_SHIFT_UP },  { "kind", HV_KEY_SHIFT_DOWN },
    { "kf1", HV_KEY_F1 },           { "kf2", HV_KEY_F2 },        { "kf3", HV_KEY_F3 },
    { "kf4", HV_KEY_F4 },           { "kf5", HV_KEY_F5 },        { "kf6", HV_KEY_F6 },
    { "kf7", HV_KEY_F7 },           { "kf8", HV_KEY_F8 },        { "kf9", HV_KEY_F9 },
    { "kf10", HV_KEY_F10 },         { "kf11", HV_KEY_F11 },      { "kf12", HV_KEY_F12 },
};

/* ---- what the terminal can do ---- */

static gboolean
fail(GError **error, char *take_why)
{
    g_autofree char *why = take_why;

    g_set_error(error, HV_ERROR, HV_ERROR_FAILED, _("%s; use hvtune snapshot or hvtune shot"),
                why);
    return FALSE;
}

/* (transfer none): a terminfo string, or NULL where the terminal has none of that name. */
static const char *
capability(const char *name)
{
    const char *text = tigetstr(name);

    return text == (const char *)-1 ? NULL : text;
}

static gboolean
has_flag(const char *name)
{
    return tigetflag(name) == 1;
}

static gboolean
is_like_xterm(const char *type)
{
    for (guint i = 0; i < G_N_ELEMENTS(like_xterm); i++) {
        if (g_str_has_prefix(type, like_xterm[i]))
            return TRUE;
    }
    return FALSE;
}

/* Returns: FALSE where terminfo knows nothing of it. */
static gboolean
load_terminfo(const char *type)
{
    int result;

    if (setupterm(type, STDOUT_FILENO, &result) == OK)
        return TRUE;
    return is_like_xterm(type) && (setupterm("xterm-256color", STDOUT_FILENO, &result) == OK ||
                                   setupterm("xterm", STDOUT_FILENO, &result) == OK);
}

static gboolean
check_terminal(GError **error)
{
    const char *type = g_getenv("TERM");

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return fail(error, g_strdup(isatty(STDIN_FILENO) ? _("stdout is no terminal")
                                                         : _("stdin is no terminal")));
    if (!type || !*type)
        return fail(error, g_strdup(_("TERM is not set")));

    g_autofree char *shown = hv_text_printable(type, MAX_SHOWN);
    if (strcmp(type, "dumb") != 0 && !load_terminfo(type))
        return fail(error, g_strdup_printf(_("TERM=%s is unknown here"), shown));
    const char *move = strcmp(type, "dumb") ? capability("cup") : NULL;
    if (!move || !g_str_has_prefix(move, "\033["))
        return fail(error, g_strdup_printf(_("TERM=%s cannot show a console"), shown));
    return TRUE;
}

static HvDepth
find_depth(const char *type)
{
    const char *promise = g_getenv("COLORTERM");
    const int n_colours = tigetnum("colors");

    if ((promise && (!strcmp(promise, "truecolor") || !strcmp(promise, "24bit"))) ||
        g_str_has_suffix(type, "-direct"))
        return HV_DEPTH_TRUE;
    if (n_colours >= 256)
        return HV_DEPTH_256;
    if (n_colours >= 16)
        return HV_DEPTH_16;
    return n_colours >= 8 ? HV_DEPTH_8 : HV_DEPTH_MONO;
}

static HvFrameAbilities
find_abilities(const char *type)
{
    return (HvFrameAbilities){
        .erases_line = capability("el") != NULL,
        .erases_characters = capability("ech") != NULL,
        .erases_in_colour = has_flag("bce"),
        .wraps_late = !has_flag("am") || has_flag("xenl"),
        .synchronises = strcmp(type, "linux") != 0 && !g_str_has_prefix(type, "vt"),
    };
}

static void
add_keys(HvInput *input)
{
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        const char *bytes = capability(keys[i].capability);

        if (bytes)
            hv_input_add_sequence(input, bytes, keys[i].key);
    }
}

/* A capability without its "$<5/>": no terminal of today needs the time. */
static void
append_capability(GString *out, const char *name)
{
    const char *text = capability(name);

    while (text && *text) {
        const char *end = g_str_has_prefix(text, "$<") ? strchr(text, '>') : NULL;

        if (end)
            text = end + 1;
        else
            g_string_append_c(out, *text++);
    }
}

/* Where there is no alternate screen, nothing of ours is left behind at least. */
static void
find_ways(HvTerm *term)
{
    GString *enter = g_string_new(NULL),
            *leave = g_string_new(UNSYNCHRONISED "\033[0m" PASTE_OFF);

    append_capability(enter, "smcup");
    g_string_append(enter, PASTE_ON CURSOR_OFF);
    if (term->has_mouse) {
        g_string_append(enter, MOUSE_ON);
        g_string_append(leave, MOUSE_OFF);
    }
    if (!capability("rmcup"))
        g_string_append(leave, "\033[H\033[2J");
    g_string_append(leave, CURSOR_ON);
    append_capability(leave, "rmcup");
    term->enter = g_string_free(enter, FALSE);
    term->leave = g_string_free(leave, FALSE);
}

/* ---- entering and leaving ---- */

static void
enter(HvTerm *term)
{
    g_string_truncate(term->out, 0);
    term->sent = 0;
    hv_term_write(STDOUT_FILENO, term->enter, strlen(term->enter), LEAVE_TIMEOUT_MS);
    hv_frame_forget(term->frame);
}

/* What the mouse still sends would be typed into the shell. */
static void
leave(HvTerm *term)
{
    hv_term_guard_restore();
    if (term->has_mouse)
        tcflush(STDIN_FILENO, TCIFLUSH);
}

static void
set_look(HvTerm *term)
{
    hv_frame_set_look(term->frame, term->theme, term->is_mono ? HV_DEPTH_MONO : term->depth);
}

HvTerm *
hv_term_open(const HvTermOptions *options, GError **error)
{
    if (!check_terminal(error))
        return NULL;

    const char *type = g_getenv("TERM");
    const HvFrameAbilities abilities = find_abilities(type);
    HvTerm *term = g_new0(HvTerm, 1);

    term->depth = find_depth(type);
    term->is_mono = options->mono;
    term->is_ascii = options->ascii || !g_get_charset(NULL);
    term->has_mouse = options->mouse && capability("kmous");
    term->builtin = hv_theme_builtin();
    term->theme = term->builtin;
    term->frame = hv_frame_new(&abilities);
    term->out = g_string_sized_new(FRAME_BYTES);
    term->input = hv_input_new();
    find_ways(term);
    add_keys(term->input);
    set_look(term);
    if (!hv_term_guard_enter(term->leave)) {
        fail(error, g_strdup(_("the terminal cannot be set to raw mode")));
        hv_term_close(term);
        return NULL;
    }
    enter(term);
    return term;
}

void
hv_term_close(HvTerm *term)
{
    if (!term)
        return;
    leave(term);
    del_curterm(cur_term);
    hv_frame_free(term->frame);
    hv_input_free(term->input);
    hv_theme_free(term->builtin);
    g_string_free(term->out, TRUE);
    g_free(term->enter);
    g_free(term->leave);
    g_free(term);
}

void
hv_term_suspend(HvTerm *term)
{
    leave(term);
}

void
hv_term_resume(HvTerm *term)
{
    if (hv_term_guard_enter(term->leave))
        enter(term);
}

/* ---- questions and settings ---- */

void
hv_term_size(HvTerm *term G_GNUC_UNUSED, int *n_columns, int *n_rows)
{
    struct winsize size = { 0 };

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
        const int known_columns = tigetnum("cols"), known_rows = tigetnum("lines");

        *n_columns = known_columns > 0 ? known_columns : 80;
        *n_rows = known_rows > 0 ? known_rows : 24;
        return;
    }
    *n_columns = MIN(size.ws_col, MAX_SIDE);
    *n_rows = MIN(size.ws_row, MAX_SIDE);
}

HvDepth
hv_term_depth(const HvTerm *term)
{
    return term->is_mono ? HV_DEPTH_MONO : term->depth;
}

gboolean
hv_term_is_ascii(const HvTerm *term)
{
    return term->is_ascii;
}

void
hv_term_set_theme(HvTerm *term, const HvTheme *theme)
{
    term->theme = theme ? theme : term->builtin;
    set_look(term);
}

void
hv_term_set_mono(HvTerm *term, gboolean mono)
{
    term->is_mono = mono;
    set_look(term);
}

void
hv_term_repaint(HvTerm *term)
{
    hv_frame_forget(term->frame);
}

HvInput *
hv_term_input(HvTerm *term)
{
    return term->input;
}

/* ---- frames out, bytes in ---- */

/* Sends what is left of the frame. Returns: FALSE while some of it is still left. */
static gboolean
flush(HvTerm *term, int timeout_ms)
{
    const gsize n = term->out->len - term->sent;
    gssize written;

    if (n == 0)
        return TRUE;
    hv_term_guard_set_unfinished(TRUE);
    written = hv_term_write(STDOUT_FILENO, term->out->str + term->sent, n, timeout_ms);
    if (written < 0) /* it hung up: hv_term_read() will say so */
        written = (gssize)n;
    term->sent += (gsize)written;
    if (term->sent < term->out->len)
        return FALSE;
    hv_term_guard_set_unfinished(FALSE);
    return TRUE;
}

void
hv_term_draw(HvTerm *term, const HvCanvas *canvas)
{
    if (!flush(term, 0))
        return;
    g_string_truncate(term->out, 0);
    term->sent = 0;
    hv_frame_compose(term->frame, canvas, term->out);
    flush(term, FRAME_TIMEOUT_MS);
}

gboolean
hv_term_read(HvTerm *term)
{
    struct pollfd readable = { .fd = STDIN_FILENO, .events = POLLIN };
    char bytes[READ_BYTES];

    if (poll(&readable, 1, 0) <= 0)
        return TRUE;
    const gssize n = read(STDIN_FILENO, bytes, sizeof bytes);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    hv_input_feed(term->input, bytes, (gsize)n);
    return n > 0;
}
