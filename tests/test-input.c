/* The input decoder: what terminals send becomes keys, mouse events and pastes, however it is
 * cut up. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/input.h"

#include <string.h>

/* Writes all events of @input: "Up", "a", "press 3,4", "paste [x]", separated by blanks. */
static void
take_events(HvInput *input, gboolean timed_out, GString *out)
{
    static const char *const actions[] = { "press", "release", "drag", "wheel-up",
                                           "wheel-down" };
    HvEvent event;

    while (hv_input_next(input, timed_out, &event)) {
        if (out->len)
            g_string_append_c(out, ' ');
        if (event.kind == HV_EVENT_KEY)
            g_string_append(out, hv_key_name(event.key));
        else if (event.kind == HV_EVENT_MOUSE)
            g_string_append_printf(out, "%s %d,%d", actions[event.mouse], event.x, event.y);
        else
            g_string_append_printf(out, "paste [%s]", event.paste);
    }
}

/* @step bytes at a time, then a timeout. */
static char *
decode(HvInput *input, const char *bytes, gsize n, gsize step)
{
    GString *out = g_string_new(NULL);

    for (gsize at = 0; at < n; at += step) {
        hv_input_feed(input, bytes + at, MIN(step, n - at));
        take_events(input, FALSE, out);
    }
    take_events(input, TRUE, out);
    return g_string_free(out, FALSE);
}

static void
assert_decodes(const char *bytes, gsize n, const char *expected)
{
    for (gsize step = 1; step <= n; step++) {
        g_autoptr(HvInput) input = hv_input_new();
        g_autofree char *events = decode(input, bytes, n, step);

        g_assert_cmpstr(events, ==, expected);
        g_assert_false(hv_input_is_pending(input));
    }
}

static const struct {
    const char *bytes, *expected;
} cases[] = {
    { "aZ/~ ", "a Z / ~ Space" },
    { "\r\n\t\177\b", "Enter Enter Tab Backspace Backspace" },
    { "\003\014", "Ctrl-C Ctrl-L" },
    { "\037\034x", "x" },
    { "é虚", "é 虚" },
    { "\xff\xc3(\x80"
      "a",
      "( a" },
    /* xterm, tmux, screen: normal and application cursor keys */
    { "\033[A\033[B\033[C\033[D\033[H\033[F", "Up Down Right Left Home End" },
    { "\033OA\033OB\033OC\033OD\033OH\033OF", "Up Down Right Left Home End" },
    { "\033[1~\033[2~\033[3~\033[4~\033[5~\033[6~\033[7~\033[8~",
      "Home Ins Del End PgUp PgDn Home End" },
    { "\033OP\033OQ\033OR\033OS\033[15~\033[17~", "F1 F2 F3 F4 F5 F6" },
    { "\033[18~\033[19~\033[20~\033[21~\033[23~\033[24~", "F7 F8 F9 F10 F11 F12" },
    /* the Linux console, rxvt */
    { "\033[[A\033[[B\033[[C\033[[D\033[[E", "F1 F2 F3 F4 F5" },
    { "\033[11~\033[12~\033[13~\033[14~", "F1 F2 F3 F4" },
    { "\033[a\033[d\033Oa\033[5$\033[6^", "Shift-Up Shift-Left Up PgUp PgDn" },
    /* modifiers */
    { "\033[1;2A\033[1;2D\033[1;5C\033[1;3B\033O2C\033[15;2~",
      "Shift-Up Shift-Left Right Down Shift-Right F5" },
    { "\033[1;2P\033[1;2R", "F1 F3" },
    { "\033[Z", "Shift-Tab" },
    /* the keypad in application mode */
    { "\033Op\033Oy\033Ok\033OM\033OX\033Oj", "0 9 + Enter = *" },
    /* Alt is dropped, and the key counts */
    { "\033x\033\r\033\033[A", "x Enter Up" },
    { "\033é", "é" },
    { "\033", "Esc" },
    { "\033\033", "Esc Esc" },
    { "\033[", "[" },
    { "\033O", "O" },
    { "\033]", "]" },
    /* SGR mouse */
    { "\033[<0;1;1M\033[<32;5;6M\033[<0;10;20m", "press 0,0 drag 4,5 release 9,19" },
    { "\033[<64;3;4M\033[<65;3;4M\033[<66;3;4M\033[<16;3;4M",
      "wheel-up 2,3 wheel-down 2,3 press 2,3" },
    { "\033[<2;3;4M\033[<35;3;4M\033[<0;0;4M\033[<0;3M\033[<128;1;1Mx", "x" },
    { "\033[M !!\033[M#\"\"\033[M`!!", "press 0,0 release 1,1 wheel-up 0,0" },
    /* pastes */
    { "\033[200~web-1\033[201~q", "paste [web-1] q" },
    { "\033[200~0-3,\n8\t\033[201~", "paste [0-3, 8 ]" },
    { "\033[200~\033[201~", "paste []" },
    { "\033[200~a\033[Ab\003\033[201~", "paste [a\\x1b[Ab\\x03]" },
    { "\033[201~x", "x" },
    /* replies and the unknown are swallowed whole */
    { "\033[?62;22cx", "x" },
    { "\033[12;40Rx", "x" },
    { "\033[?2026;2$yx", "x" },
    { "\033[I\033[O\033[99~\033[27u\033[5Ex", "x" },
    { "\033]0;title\007x\033]11;rgb:0/0/0\033\\y\033P1$r0m\033\\z", "x y z" },
    { "\033[12\033[Ax", "Up x" },
    { "\033[1;2\001x", "Ctrl-A x" },
    { "\033]abc\033[Ax", "Up x" },
    { "\033Ozx\033O\001", "x Ctrl-A" },
};

static void
test_sequences(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_decodes(cases[i].bytes, strlen(cases[i].bytes), cases[i].expected);
}

static void
test_escape_needs_a_timeout(void)
{
    g_autoptr(HvInput) input = hv_input_new();
    HvEvent event;

    hv_input_feed(input, "\033", 1);
    g_assert_false(hv_input_next(input, FALSE, &event));
    g_assert_true(hv_input_is_pending(input));
    g_assert_true(hv_input_next(input, TRUE, &event));
    g_assert_cmpuint(event.key, ==, HV_KEY_ESCAPE);
    g_assert_false(hv_input_is_pending(input));
}

static void
test_terminal_sequences_win(void)
{
    g_autoptr(HvInput) input = hv_input_new();

    hv_input_add_sequence(input, "\033[Q", HV_KEY_F1);
    hv_input_add_sequence(input, "\033[QQ", HV_KEY_F2);
    hv_input_add_sequence(input, "\033[A", HV_KEY_DOWN);
    hv_input_add_sequence(input, "q", HV_KEY_F9);
    hv_input_add_sequence(input, "", HV_KEY_F9);
    for (gsize step = 1; step < 12; step++) {
        g_autofree char *events = decode(input, "\033[QQ\033[A\033[Bq\033[Q", 14, step);
        g_assert_cmpstr(events, ==, "F2 Down Down q F1");
    }
}

static void
test_paste_is_bounded(void)
{
    g_autoptr(HvInput) input = hv_input_new();
    g_autofree char *much = g_strnfill(60000, 'a');
    HvEvent event;

    hv_input_feed(input, "\033[200~", 6);
    for (guint i = 0; i < 20; i++) {
        hv_input_feed(input, much, 60000);
        g_assert_false(hv_input_next(input, FALSE, &event));
    }
    hv_input_feed(input, "\033[201~q", 7);
    g_assert_true(hv_input_next(input, FALSE, &event));
    g_assert_cmpint(event.kind, ==, HV_EVENT_PASTE);
    g_assert_cmpuint(strlen(event.paste), ==, 4096);
    g_assert_true(hv_input_next(input, FALSE, &event));
    g_assert_cmpuint(event.key, ==, 'q');
}

static void
test_paste_is_cut_between_characters(void)
{
    g_autoptr(HvInput) input = hv_input_new();
    HvEvent event;

    hv_input_feed(input, "\033[200~", 6);
    for (guint i = 0; i < 2000; i++)
        hv_input_feed(input, "虚", 3);
    hv_input_feed(input, "\033[201~", 6);
    g_assert_true(hv_input_next(input, FALSE, &event));
    g_assert_cmpint(g_utf8_strlen(event.paste, -1), ==, 4096 / 3);
    g_assert_null(strchr(event.paste, '\\'));
}

static void
test_lost_end_of_paste_ends_by_itself(void)
{
    g_autoptr(HvInput) input = hv_input_new();
    HvEvent event;
    guint n_timeouts = 0;

    hv_input_feed(input, "\033[200~abc\033[20", 13);
    while (!hv_input_next(input, TRUE, &event))
        g_assert_cmpuint(++n_timeouts, <, 100);
    g_assert_cmpuint(n_timeouts, >=, 20); /* a slow line is no end */
    g_assert_cmpint(event.kind, ==, HV_EVENT_PASTE);
    g_assert_true(g_str_has_prefix(event.paste, "abc"));
    hv_input_feed(input, "q", 1);
    g_assert_true(hv_input_next(input, FALSE, &event));
    g_assert_cmpuint(event.key, ==, 'q');
}

static void
test_endless_sequences_are_passed_over(void)
{
    static const char *const begins[] = { "\033[", "\033]", "\033P" };
    static const char *const ends[] = { "m", "\007", "\033\\" };

    for (guint i = 0; i < G_N_ELEMENTS(begins); i++) {
        g_autoptr(HvInput) input = hv_input_new();
        GString *out = g_string_new(NULL);

        hv_input_feed(input, begins[i], strlen(begins[i]));
        for (guint k = 0; k < 5000; k++) {
            hv_input_feed(input, "1;2;3;4;5;6;", 12);
            take_events(input, FALSE, out);
        }
        hv_input_feed(input, ends[i], strlen(ends[i]));
        hv_input_feed(input, "x", 1);
        take_events(input, FALSE, out);
        g_assert_cmpstr(out->str, ==, "x");
        g_assert_false(hv_input_is_pending(input));
        g_string_free(out, TRUE);
    }
}

/* A flood must not grow memory, and what is kept is decoded. */
static void
test_flood_is_bounded(void)
{
    g_autoptr(HvInput) input = hv_input_new();
    g_autofree char *flood = g_strnfill(100000, 'j');
    HvEvent event;
    guint n_events = 0;

    hv_input_feed(input, flood, 100000);
    hv_input_feed(input, flood, 100000);
    while (hv_input_next(input, FALSE, &event))
        n_events++;
    g_assert_cmpuint(n_events, ==, 64 * 1024);
    hv_input_free(NULL);
}

static void
test_key_names(void)
{
    g_assert_cmpstr(hv_key_name(HV_KEY_F10), ==, "F10");
    g_assert_cmpstr(hv_key_name(HV_KEY_PAGE_UP), ==, "PgUp");
    g_assert_cmpstr(hv_key_name(HV_KEY_CTRL + 'l'), ==, "Ctrl-L");
    g_assert_cmpstr(hv_key_name('v'), ==, "v");
    g_assert_cmpstr(hv_key_name(0x865a), ==, "虚");
    g_assert_cmpstr(hv_key_name(0), ==, "");
    g_assert_cmpstr(hv_key_name(0xffffffff), ==, "");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/input/sequences decode the same however they are cut up", test_sequences);
    g_test_add_func("/input/Escape needs a timeout", test_escape_needs_a_timeout);
    g_test_add_func("/input/the terminal's own sequences win, the longest first",
                    test_terminal_sequences_win);
    g_test_add_func("/input/a paste is bounded", test_paste_is_bounded);
    g_test_add_func("/input/a paste is cut between characters",
                    test_paste_is_cut_between_characters);
    g_test_add_func("/input/a paste whose end is lost ends by itself",
                    test_lost_end_of_paste_ends_by_itself);
    g_test_add_func("/input/endless sequences are passed over",
                    test_endless_sequences_are_passed_over);
    g_test_add_func("/input/a flood is bounded", test_flood_is_bounded);
    g_test_add_func("/input/keys have names", test_key_names);
    return g_test_run();
}
