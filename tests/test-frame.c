/* Frames: whatever is drawn after whatever, the terminal shows the canvas, and few bytes are
 * sent. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/frame.h"

#include <string.h>

#include "tests/vt.h"

static const HvFrameAbilities abilities_of[] = {
    { TRUE, TRUE, TRUE, TRUE, TRUE },     /* xterm */
    { TRUE, TRUE, FALSE, TRUE, TRUE },    /* tmux, screen */
    { TRUE, FALSE, FALSE, FALSE, FALSE }, /* something old */
    { FALSE, FALSE, FALSE, TRUE, FALSE },
};

/* A frame, the terminal it goes to, the canvas, the look. */
typedef struct {
    HvFrame *frame;
    Vt *vt;
    HvCanvas *canvas;
    HvTheme *theme;
    HvDepth depth;
    GString *out;
    gboolean has_last_cell;
} Desk;

static Desk *
desk_new(int columns, int rows, const HvFrameAbilities *abilities, const char *theme,
         HvDepth depth)
{
    Desk *desk = g_new0(Desk, 1);
    g_autoptr(GError) error = NULL;

    desk->frame = hv_frame_new(abilities);
    desk->vt = vt_new(columns, rows, abilities->erases_in_colour);
    desk->canvas = hv_canvas_new(columns, rows, FALSE);
    desk->theme = hv_theme_parse(theme, "test", &error);
    g_assert_no_error(error);
    desk->depth = depth;
    desk->out = g_string_new(NULL);
    desk->has_last_cell = abilities->wraps_late;
    hv_frame_set_look(desk->frame, desk->theme, depth);
    return desk;
}

static void
desk_free(Desk *desk)
{
    hv_frame_free(desk->frame);
    vt_free(desk->vt);
    hv_canvas_free(desk->canvas);
    hv_theme_free(desk->theme);
    g_string_free(desk->out, TRUE);
    g_free(desk);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Desk, desk_free)

/* Returns: how many bytes the frame took. */
static gsize
show(Desk *desk)
{
    g_string_truncate(desk->out, 0);
    hv_frame_compose(desk->frame, desk->canvas, desk->out);
    vt_feed(desk->vt, desk->out->str, desk->out->len);
    return desk->out->len;
}

static void
assert_cell(const Desk *desk, int x, int y)
{
    const HvCanvasCell *want = &desk->canvas->cells[y * desk->canvas->columns + x];
    const VtCell *have = vt_cell(desk->vt, x, y);
    char sgr[64];

    if (strcmp(have->text, want->text) != 0)
        g_test_message("at %d,%d of %dx%d", x, y, desk->canvas->columns, desk->canvas->rows);
    g_assert_cmpstr(have->text, ==, want->text);
    hv_theme_sgr(desk->theme, want->role, desk->depth, sgr, sizeof sgr);
    const VtPen pen = vt_pen_of(sgr);
    g_assert_cmpint(have->pen.bg, ==, pen.bg);
    g_assert_cmpint(have->pen.reverse, ==, pen.reverse);
    g_assert_cmpint(have->pen.underline, ==, pen.underline);
    if (strcmp(want->text, " ") != 0 || pen.reverse || pen.underline)
        g_assert_cmpint(have->pen.fg, ==, pen.fg);
    if (strcmp(want->text, " ") != 0) {
        g_assert_cmpint(have->pen.bold, ==, pen.bold);
        g_assert_cmpint(have->pen.dim, ==, pen.dim);
    }
}

static void
assert_shown(const Desk *desk)
{
    for (int y = 0; y < desk->canvas->rows; y++) {
        for (int x = 0; x < desk->canvas->columns; x++) {
            if (desk->has_last_cell || x + 1 < desk->canvas->columns ||
                y + 1 < desk->canvas->rows)
                assert_cell(desk, x, y);
        }
    }
    g_assert_cmpuint(desk->vt->n_scrolls, ==, 0);
    g_assert_false(desk->vt->is_synchronised);
    g_assert_cmpuint(desk->vt->rest->len, ==, 0);
    g_assert_cmpint(desk->vt->is_cursor_shown, ==, desk->canvas->cursor_x >= 0);
    if (desk->canvas->cursor_x >= 0) {
        g_assert_cmpint(desk->vt->x, ==, desk->canvas->cursor_x);
        g_assert_cmpint(desk->vt->y, ==, desk->canvas->cursor_y);
    }
}

static void
scribble(HvCanvas *canvas, GRand *rand)
{
    static const char *const texts[] = {
        "a",    "12%",    "web-1", "虚拟机", "e\xcc\x81",
        "▂▃▇█", "      ", "x虚",   "–",      "                "
    };
    const HvRole role = (HvRole)g_rand_int_range(rand, 0, HV_N_ROLES);
    const int x = g_rand_int_range(rand, -3, canvas->columns),
              y = g_rand_int_range(rand, 0, canvas->rows);

    switch (g_rand_int_range(rand, 0, 8)) {
    case 0:
        hv_canvas_fill(canvas, x, y, g_rand_int_range(rand, 1, 60),
                       g_rand_int_range(rand, 1, 4), role, " ");
        break;
    case 1:
        hv_canvas_role(canvas, x, y, g_rand_int_range(rand, 1, 30), 1, role);
        break;
    case 2:
        hv_canvas_box(canvas, x, y, 12, 4, role, "box");
        break;
    default:
        hv_canvas_print(canvas, x, y, role,
                        texts[g_rand_int_range(rand, 0, G_N_ELEMENTS(texts))]);
    }
}

static void
test_terminal_shows_the_canvas(void)
{
    static const struct {
        const char *theme;
        HvDepth depth;
    } looks[] = { { "", HV_DEPTH_TRUE },
                  { "", HV_DEPTH_MONO },
                  { "", HV_DEPTH_8 },
                  { "[palette]\nink = #000000\npaper = #ffffff\n[roles]\ntext = ink on paper\n",
                    HV_DEPTH_256 } };

    for (guint i = 0; i < G_N_ELEMENTS(abilities_of) * G_N_ELEMENTS(looks); i++) {
        g_autoptr(GRand) rand = g_rand_new_with_seed(i);
        g_autoptr(Desk) desk = desk_new(40, 8, &abilities_of[i / G_N_ELEMENTS(looks)],
                                        looks[i % G_N_ELEMENTS(looks)].theme,
                                        looks[i % G_N_ELEMENTS(looks)].depth);
        for (guint step = 0; step < 150; step++) {
            const int n = g_rand_int_range(rand, 0, 12);

            for (int k = 0; k < n; k++)
                scribble(desk->canvas, rand);
            desk->canvas->cursor_x = g_rand_int_range(rand, -1, 40) / 10 * 10 - (n == 0);
            desk->canvas->cursor_y = g_rand_int_range(rand, 0, 8);
            if (desk->canvas->cursor_x < 0)
                desk->canvas->cursor_x = -1;
            if (step % 37 == 36)
                hv_frame_forget(desk->frame);
            show(desk);
            assert_shown(desk);
        }
    }
}

static void
test_same_canvas_sends_nothing(void)
{
    g_autoptr(Desk) desk = desk_new(80, 24, &abilities_of[0], "", HV_DEPTH_256);

    hv_canvas_print(desk->canvas, 3, 3, HV_ROLE_HOT, "hello");
    g_assert_cmpuint(show(desk), >, 0);
    g_assert_cmpuint(show(desk), ==, 0);
    hv_canvas_role(desk->canvas, 20, 5, 10, 3, HV_ROLE_GOOD); /* blanks look the same in it */
    g_assert_cmpuint(show(desk), ==, 0);
}

static void
test_resize_paints_whole(void)
{
    g_autoptr(Desk) desk = desk_new(80, 24, &abilities_of[0], "", HV_DEPTH_256);

    hv_canvas_print(desk->canvas, 3, 3, HV_ROLE_HOT, "hello");
    show(desk);
    hv_canvas_resize(desk->canvas, 60, 10);
    hv_canvas_print(desk->canvas, 1, 9, HV_ROLE_TEXT, "smaller");
    vt_free(desk->vt);
    desk->vt = vt_new(60, 10, TRUE);
    show(desk);
    assert_shown(desk);
}

static void
test_small_changes_are_few_bytes(void)
{
    static const struct {
        int x, y;
        HvRole role;
        const char *text;
        gsize most, least;
    } steps[] = {
        { 10, 5, HV_ROLE_TEXT, "a", 7 + 3, 1 }, /* ESC [ 6 ; 11 H, and the pen */
        { 11, 5, HV_ROLE_TEXT, "b", 1, 1 },     /* the cursor is there */
        { 14, 5, HV_ROLE_TEXT, "c", 3, 1 },     /* over two unchanged blanks */
        { 10, 5, HV_ROLE_TEXT, "d", 6, 1 },     { 0, 6, HV_ROLE_TEXT, "e", 3, 1 }, /* \r\n */
        { 1, 8, HV_ROLE_TEXT, "f", 3, 1 },      { 3, 8, HV_ROLE_TEXT, "虚", 4, 1 },
        { 5, 8, HV_ROLE_TEXT, "g", 7, 4 }, /* placed anew behind a wide one: terminals differ */
        { 60, 8, HV_ROLE_TEXT, "h", 6, 1 },
    };
    g_autoptr(Desk) desk = desk_new(80, 24, &abilities_of[0], "", HV_DEPTH_256);

    show(desk);
    for (guint i = 0; i < G_N_ELEMENTS(steps); i++) {
        hv_canvas_print(desk->canvas, steps[i].x, steps[i].y, steps[i].role, steps[i].text);
        const gsize n_bytes = show(desk);
        g_assert_cmpuint(n_bytes, <=, steps[i].most);
        g_assert_cmpuint(n_bytes, >=, steps[i].least);
        assert_shown(desk);
    }
}

static void
test_erasing_is_short(void)
{
    g_autoptr(Desk) desk = desk_new(80, 24, &abilities_of[0], "", HV_DEPTH_256);
    g_autofree char *much = g_strnfill(80, 'x');

    hv_canvas_print(desk->canvas, 0, 5, HV_ROLE_TEXT, much);
    show(desk);
    hv_canvas_fill(desk->canvas, 40, 5, 40, 1, HV_ROLE_TEXT, " ");
    g_assert_cmpuint(show(desk), <=, 7 + 3);
    assert_shown(desk);
    hv_canvas_fill(desk->canvas, 5, 5, 30, 1, HV_ROLE_TEXT, " ");
    g_assert_cmpuint(show(desk), <=, 5 + 5);
    assert_shown(desk);
}

static void
test_only_large_frames_are_synchronised(void)
{
    g_autoptr(Desk) desk = desk_new(80, 24, &abilities_of[0], "", HV_DEPTH_256);

    show(desk);
    g_assert_cmpuint(desk->vt->n_synchronised, ==, 1);
    hv_canvas_print(desk->canvas, 0, 0, HV_ROLE_TEXT, "few");
    show(desk);
    g_assert_cmpuint(desk->vt->n_synchronised, ==, 1);
    hv_canvas_fill(desk->canvas, 0, 0, 80, 5, HV_ROLE_BAR, "#");
    show(desk);
    g_assert_cmpuint(desk->vt->n_synchronised, ==, 2);
}

/* A table of VMs as the Desk has it: most numbers change at every refresh. */
static void
draw_vms(HvCanvas *canvas, GRand *rand, int rows)
{
    hv_canvas_clear(canvas);
    hv_canvas_fill(canvas, 0, 0, canvas->columns, 1, HV_ROLE_BAR, " ");
    hv_canvas_printf(canvas, 1, 0, HV_ROLE_BAR, "hvtune  hv-07   12 VMs  14:02:%02d",
                     g_rand_int_range(rand, 0, 60));
    hv_canvas_fill(canvas, 0, 1, canvas->columns, 1, HV_ROLE_HEAD, " ");
    for (int y = 2; y < rows; y++) {
        const int wait = g_rand_int_range(rand, 0, 130);
        const HvRole role = wait > 100 ? HV_ROLE_HOT : wait > 50 ? HV_ROLE_WARM : HV_ROLE_TEXT;
        float values[8];

        hv_canvas_printf(canvas, 1, y, HV_ROLE_TEXT, "vm-%02d", y);
        hv_canvas_printf(canvas, 22, y, HV_ROLE_TEXT, "%5d%%",
                         g_rand_int_range(rand, 390, 412));
        hv_canvas_printf(canvas, 30, y, role, "%3d.%d%%", wait / 10, wait % 10);
        hv_canvas_printf(canvas, 40, y, HV_ROLE_TEXT, "S0   S%d  %4dM", y % 2, 1024 * (y % 4));
        for (guint i = 0; i < 8; i++)
            values[i] = (float)g_rand_double(rand);
        if (y % 4 == 0)
            hv_canvas_sparkline(canvas, 60, y, 8, HV_ROLE_GRAPH, values, 8, 1);
    }
}

static gsize
bytes_per_refresh(int columns, int rows, int vms, HvDepth depth)
{
    g_autoptr(Desk) desk = desk_new(columns, rows, &abilities_of[0], "", depth);
    g_autoptr(GRand) rand = g_rand_new_with_seed(7);
    gsize total = 0;

    draw_vms(desk->canvas, rand, vms + 2);
    show(desk);
    for (guint i = 0; i < 20; i++) {
        draw_vms(desk->canvas, rand, vms + 2);
        total += show(desk);
        assert_shown(desk);
    }
    return total / 20;
}

/* htop on the same kind of table: 1,545 bytes at 80x24 and 6,763 at 200x50; promised is half of
 * that. */
static void
test_refresh_takes_half_of_htops_bytes(void)
{
    const gsize small = bytes_per_refresh(80, 24, 14, HV_DEPTH_256),
                large = bytes_per_refresh(200, 50, 40, HV_DEPTH_TRUE);

    g_test_message("%" G_GSIZE_FORMAT " bytes at 80x24, %" G_GSIZE_FORMAT " at 200x50", small,
                   large);
    g_assert_cmpuint(small, <, 770);
    g_assert_cmpuint(large, <, 3300);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/frame/the terminal shows the canvas after any change",
                    test_terminal_shows_the_canvas);
    g_test_add_func("/frame/the same canvas sends nothing", test_same_canvas_sends_nothing);
    g_test_add_func("/frame/another size paints whole", test_resize_paints_whole);
    g_test_add_func("/frame/small changes are few bytes", test_small_changes_are_few_bytes);
    g_test_add_func("/frame/erasing is short", test_erasing_is_short);
    g_test_add_func("/frame/only large frames are synchronised",
                    test_only_large_frames_are_synchronised);
    g_test_add_func("/frame/a refresh takes half of htop's bytes",
                    test_refresh_takes_half_of_htops_bytes);
    return g_test_run();
}
