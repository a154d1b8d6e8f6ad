/* Values have one text form, and only that is read. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/error.h"
#include "model/value.h"

#include <string.h>

static const char *const words[] = { "off", "on", "tiering", NULL };

typedef struct {
    HvType type;
    const char *text;
    const char *canonical; /* NULL: must be refused */
} Case;

static const Case cases[] = {
    { HV_TYPE_CPUS, "0-3,8", "0-3,8" },
    { HV_TYPE_CPUS, "3,0,1,2", "0-3" },
    { HV_TYPE_CPUS, "4095", "4095" },
    { HV_TYPE_CPUS, "", NULL },
    { HV_TYPE_CPUS, ",", NULL },
    { HV_TYPE_CPUS, "0-", NULL },
    { HV_TYPE_CPUS, "3-1", NULL },
    { HV_TYPE_CPUS, "0 ", NULL },
    { HV_TYPE_CPUS, "0\n", NULL },
    { HV_TYPE_CPUS, "-1", NULL },
    { HV_TYPE_CPUS, "0x3", NULL },
    { HV_TYPE_CPUS, "0;reboot", NULL },
    { HV_TYPE_CPUS, "99999999999", NULL },
    { HV_TYPE_NODES, "0-1", "0-1" },
    { HV_TYPE_NODES, "a", NULL },
    { HV_TYPE_U64, "18446744073709551615", "18446744073709551615" },
    { HV_TYPE_U64, "18446744073709551616", NULL },
    { HV_TYPE_U64, "-1", NULL },
    { HV_TYPE_U64, "+1", NULL },
    { HV_TYPE_U64, " 1", NULL },
    { HV_TYPE_U64, "1x", NULL },
    { HV_TYPE_U64, "", NULL },
    { HV_TYPE_SIZE, "24M", "24M" },
    { HV_TYPE_SIZE, "25165824", "24M" },
    { HV_TYPE_SIZE, "24MiB", "24M" },
    { HV_TYPE_SIZE, "24iB", NULL },
    { HV_TYPE_SIZE, "iB", NULL },
    { HV_TYPE_SIZE, "1536", "1536" },
    { HV_TYPE_SIZE, "1024K", "1M" },
    { HV_TYPE_SIZE, "2T", "2T" },
    { HV_TYPE_SIZE, "0", "0" },
    { HV_TYPE_SIZE, "16777216T", NULL },
    { HV_TYPE_SIZE, "M", NULL },
    { HV_TYPE_SIZE, "24m", NULL },
    { HV_TYPE_SIZE, "24MB", NULL },
    { HV_TYPE_PERCENT, "75%", "75%" },
    { HV_TYPE_PERCENT, "75", NULL },
    { HV_TYPE_PERCENT, "%", NULL },
    { HV_TYPE_PERCENT, "101%", NULL },
    { HV_TYPE_LIMIT, "none", "none" },
    { HV_TYPE_LIMIT, "100000", "100000" },
    { HV_TYPE_LIMIT, "None", NULL },
    { HV_TYPE_SWITCH, "on", "on" },
    { HV_TYPE_SWITCH, "off", "off" },
    { HV_TYPE_SWITCH, "1", NULL },
    { HV_TYPE_WORD, "tiering", "tiering" },
    { HV_TYPE_WORD, "tier", NULL },
    { HV_TYPE_MASK, "ff0", "ff0" },
    { HV_TYPE_MASK, "0FF", "ff" },
    { HV_TYPE_MASK, "0xff", NULL },
    { HV_TYPE_MASK, "", NULL },
    { HV_TYPE_MASK, "12345678123456789", NULL },
    { HV_TYPE_NOTHING, "-", NULL },
};

static void
test_one_form(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(HvValue) value = { 0 };
        g_autoptr(GError) error = NULL;
        g_autofree char *text = NULL;
        const gboolean good =
            hv_value_parse(&value, cases[i].type, words, cases[i].text, &error);

        g_test_message("%d: \"%s\"", (int)cases[i].type, cases[i].text);
        if (!cases[i].canonical) {
            g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
            g_assert_false(good);
            g_assert_cmpint(value.type, ==, HV_TYPE_NOTHING);
            continue;
        }
        g_assert_no_error(error);
        g_assert_true(good);
        text = hv_value_to_text(&value);
        g_assert_cmpstr(text, ==, cases[i].canonical);
    }
}

static void
test_failure_leaves_value(void)
{
    g_auto(HvValue) value = { 0 };
    g_autofree char *text = NULL;

    g_assert_true(hv_value_parse(&value, HV_TYPE_CPUS, NULL, "0-3", NULL));
    g_assert_false(hv_value_parse(&value, HV_TYPE_CPUS, NULL, "x", NULL));
    g_assert_false(hv_value_parse(&value, HV_TYPE_SIZE, NULL, "x", NULL));
    text = hv_value_to_text(&value);
    g_assert_cmpstr(text, ==, "0-3");
}

static void
test_message_is_printable(void)
{
    g_auto(HvValue) value = { 0 };
    g_autoptr(GError) error = NULL;

    g_assert_false(hv_value_parse(&value, HV_TYPE_CPUS, NULL, "0\033[2J", &error));
    g_assert_null(strchr(error->message, '\033'));
}

static void
test_equal_by_meaning(void)
{
    g_auto(HvValue) list = { 0 };
    g_auto(HvValue) range = { 0 };
    g_auto(HvValue) copy = { 0 };

    g_assert_true(hv_value_parse(&list, HV_TYPE_CPUS, NULL, "2,1,0", NULL));
    g_assert_true(hv_value_parse(&range, HV_TYPE_CPUS, NULL, "0-2", NULL));
    g_assert_true(hv_value_equal(&list, &range));
    range.mixed = TRUE;
    g_assert_false(hv_value_equal(&list, &range));
    hv_value_copy(&copy, &range);
    g_assert_true(hv_value_equal(&copy, &range));
    hv_value_copy(&copy, &copy);
    g_assert_true(hv_value_equal(&copy, &range));
    g_assert_true(hv_value_parse(&copy, HV_TYPE_NODES, NULL, "0-2", NULL));
    g_assert_false(hv_value_equal(&copy, &list));
}

static void
test_mixed_and_nothing_are_shown(void)
{
    g_auto(HvValue) value = { 0 };
    g_autofree char *nothing = hv_value_to_text(&value);
    g_autofree char *mixed = NULL;

    g_assert_true(hv_value_parse(&value, HV_TYPE_CPUS, NULL, "0-2", NULL));
    value.mixed = TRUE;
    mixed = hv_value_to_text(&value);
    g_assert_cmpstr(nothing, ==, "-");
    g_assert_cmpstr(mixed, ==, "0-2 (mixed)");
}

static void
test_set_anew(void)
{
    g_auto(HvValue) value = { 0 };

    g_assert_true(hv_value_parse(&value, HV_TYPE_CPUS, NULL, "0-2", NULL));
    value.mixed = TRUE;
    hv_value_set_word(&value, "off");
    g_assert_null(value.set);
    g_assert_false(value.mixed);
    hv_value_set_word(&value, value.text);
    g_assert_cmpstr(value.text, ==, "off");
    hv_value_set_number(&value, HV_TYPE_U64, 7);
    g_assert_null(value.text);
    g_assert_cmpuint(value.number, ==, 7);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/value/has-one-text-form-and-nothing-else-is-read", test_one_form);
    g_test_add_func("/value/is-untouched-when-parsing-fails", test_failure_leaves_value);
    g_test_add_func("/value/wrong-text-is-shown-printable", test_message_is_printable);
    g_test_add_func("/value/is-compared-by-meaning", test_equal_by_meaning);
    g_test_add_func("/value/mixed-and-nothing-are-shown", test_mixed_and_nothing_are_shown);
    g_test_add_func("/value/nothing-is-left-of-the-last-one", test_set_anew);
    return g_test_run();
}
