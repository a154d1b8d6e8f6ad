/* Tests of the error domain. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/error.h"

#include <errno.h>

static void
test_errno_says_what_can_be_done(void)
{
    static const struct {
        int errnum;
        HvError code;
    } cases[] = {
        { ENOENT, HV_ERROR_ABSENT },     { EACCES, HV_ERROR_DENIED },
        { EBUSY, HV_ERROR_REFUSED },     { EIO, HV_ERROR_REFUSED },
        { ETIMEDOUT, HV_ERROR_TIMEOUT }, { ENOMEM, HV_ERROR_FAILED },
        { ENOSYS, HV_ERROR_ABSENT },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_false(hv_error_set_errno(&error, cases[i].errnum, "proc/12/stat"));
        g_assert_error(error, HV_ERROR, (int)cases[i].code);
        g_assert_true(g_str_has_prefix(error->message, "proc/12/stat: "));
    }
    g_assert_false(hv_error_set_errno(NULL, EPERM, "x"));
}

static const struct {
    const char *claim;
    GTestFunc run;
} tests[] = {
    { "/error/errno says what can be done", test_errno_says_what_can_be_done },
};

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add_func(tests[i].claim, tests[i].run);
    return g_test_run();
}
