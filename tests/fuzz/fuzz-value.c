/* Fuzzes values and wishes: what is accepted is read back from its own text form as the same
 * value. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <string.h>

#include "model/plan.h"
#include "model/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const words[] = { "off", "on", "tiering", NULL };

static void
check_type(HvType type, const char *text)
{
    g_auto(HvValue) value = { 0 };
    g_auto(HvValue) again = { 0 };
    g_autoptr(GError) error = NULL;
    g_autofree char *form = NULL;

    if (!hv_value_parse(&value, type, words, text, &error)) {
        g_assert_true(hv_text_is_printable(error->message));
        g_assert_cmpint(value.type, ==, HV_TYPE_NOTHING);
        return;
    }
    form = hv_value_to_text(&value);
    g_assert_true(hv_value_parse(&again, type, words, form, NULL));
    g_assert_true(hv_value_equal(&value, &again));
}

static void
check_wish(const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HvWish) wish = hv_wish_parse(text, &error);

    g_assert_true(!wish == (error != NULL));
    g_assert_true(!wish || (*wish->knob && strchr(wish->knob, '=') == NULL));
    g_assert_true(!error || hv_text_is_printable(error->message));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);

    for (HvType type = HV_TYPE_NOTHING; type <= HV_TYPE_MASK; type++)
        check_type(type, text);
    check_wish(text);
    return 0;
}
