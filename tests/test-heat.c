/* Heat: shades that are seen without colours. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/heat.h"

#include <math.h>

static void
test_each_shade_has_its_glyph(void)
{
    for (int a = 0; a < 5; a++)
        for (int b = 0; b < a; b++) {
            const double one = (a + 0.5) / 5, other = (b + 0.5) / 5;

            g_assert_cmpint(hv_canvas_heat(one), !=, hv_canvas_heat(other));
            g_assert_cmpstr(hv_heat_shade(one, FALSE), !=, hv_heat_shade(other, FALSE));
            g_assert_cmpstr(hv_heat_shade(one, TRUE), !=, hv_heat_shade(other, TRUE));
        }
}

static void
test_a_third_is_a_shade_less(void)
{
    HvRole last = HV_ROLE_HEAT_4 + 1;

    for (double value = 81e9; value > 0.9e9; value /= 3) {
        const HvRole role = hv_canvas_heat(hv_heat_ratio(value, 81e9));

        g_assert_cmpint(role, ==, last - 1);
        last = role;
    }
}

static void
test_nothing_is_cold(void)
{
    g_assert_cmpfloat(hv_heat_ratio(0, 10), ==, 0);
    g_assert_cmpfloat(hv_heat_ratio(-3, 10), ==, 0);
    g_assert_cmpfloat(hv_heat_ratio((double)NAN, 10), ==, 0);
    g_assert_cmpfloat(hv_heat_ratio(3, 0), ==, 0);
    g_assert_cmpstr(hv_heat_shade(0, TRUE), ==, " ");
}

static void
test_the_shade_stands_behind_the_number(void)
{
    g_autoptr(HvCanvas) canvas = hv_canvas_new(8, 1, TRUE);
    g_autofree char *text = NULL, *roles = NULL;

    hv_heat_draw(canvas, 0, 0, 8, 0.95, "12.4");
    text = hv_canvas_text(canvas);
    roles = hv_canvas_roles(canvas);
    g_assert_cmpstr(text, ==, "   12.4#\n");
    g_assert_cmpstr(roles, ==, "44444444\n");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/heat/each shade has a glyph of its own", test_each_shade_has_its_glyph);
    g_test_add_func("/heat/a third of the heat is a shade less", test_a_third_is_a_shade_less);
    g_test_add_func("/heat/nothing, less and unknown are cold", test_nothing_is_cold);
    g_test_add_func("/heat/the shade stands behind the number",
                    test_the_shade_stands_behind_the_number);
    return g_test_run();
}
