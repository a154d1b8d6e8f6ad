/* Any text as a theme: a theme whose sequences are well formed, or an error that can be shown.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <string.h>

#include "model/text.h"
#include "tui/theme.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_sgr(const char *text)
{
    const gsize length = strlen(text);

    if (length == 0)
        return;
    g_assert_cmpuint(length, <, 63);
    g_assert_true(g_str_has_prefix(text, "\033["));
    g_assert_cmpuint(strspn(text + 2, "0123456789;"), ==, length - 3);
    g_assert_cmpint(text[length - 1], ==, 'm');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *bytes = g_strndup((const char *)data, size);
    g_autofree char *text = g_utf8_make_valid(bytes, -1);
    g_autoptr(GError) error = NULL;
    g_autoptr(HvTheme) theme = hv_theme_parse(text, "fuzz", &error);
    char sgr[64];

    if (!theme) {
        g_assert_nonnull(error);
        return 0;
    }
    for (HvRole role = 0; role < HV_N_ROLES; role++) {
        for (HvDepth depth = HV_DEPTH_MONO; depth <= HV_DEPTH_TRUE; depth++) {
            hv_theme_sgr(theme, role, depth, sgr, sizeof sgr);
            check_sgr(sgr);
            hv_theme_sgr_between(theme, HV_ROLE_HOT, role, depth, sgr, sizeof sgr);
            check_sgr(sgr);
        }
    }
    return 0;
}
