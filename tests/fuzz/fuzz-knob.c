/* Fuzzes knob paths, globs and shell words: a path is canonical after one reading, a line never
 * breaks out. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <string.h>

#include "model/knob.h"
#include "model/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const HvKnobFamily knobs[] = {
    { .path = "vm/*/vcpu/*/cpus",
      .type = HV_TYPE_CPUS,
      .help = "x",
      .shell_line = "virsh {1} {2} {after} {9} {" },
    { .path = "vm/*/emulator/cpus", .type = HV_TYPE_CPUS, .help = "x" },
    { .path = "host/mode", .type = HV_TYPE_SWITCH, .help = "x" },
    { 0 },
};
static const HvTuner tuner = { .name = "fuzz", .knobs = knobs };
static const HvTuner *const tuners[] = { &tuner, NULL };

static void
check_path(const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HvKnob) knob = hv_knob_parse(tuners, text, &error);
    g_autoptr(HvKnob) again = NULL;
    g_auto(HvValue) value = { 0 };
    g_autofree char *line = NULL;

    if (!knob) {
        g_assert_true(hv_text_is_printable(error->message));
        return;
    }
    again = hv_knob_parse(tuners, knob->path, NULL);
    g_assert_cmpstr(again->path, ==, knob->path);
    g_assert_true(hv_knob_glob_match("**", knob->path));
    line = hv_knob_shell_line(knob, &value);
    g_assert_true(!line || hv_text_is_printable(line));
}

static void
check_name(const char *text)
{
    g_autofree char *escaped = hv_knob_escape(text);
    g_autofree char *back = *text ? hv_knob_unescape(escaped, NULL) : g_strdup("");
    g_autofree char *word = hv_shell_quote(text);
    g_auto(GStrv) argv = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_cmpstr(back, ==, text);
    g_assert_true(hv_text_is_printable(word));
    if (g_str_has_prefix(word, "$'")) /* GLib's parser knows no $'...' */
        return;
    g_assert_true(g_shell_parse_argv(word, NULL, &argv, &error));
    g_assert_cmpstr(argv[0], ==, text);
    g_assert_null(argv[1]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, MIN(size, 4000));

    check_path(text);
    check_name(text);
    hv_knob_glob_match(text, "vm/web1/vcpu/0/cpus");
    return 0;
}
