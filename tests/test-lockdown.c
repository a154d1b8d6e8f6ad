/* Kernel lockdown hides debugfs from root too: then nobody is sent to look for privileges. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/error.h"
#include "probes/kvm-files.h"
#include "tests/support.h"

static GError *
locked(const char *text)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    const HvHostOptions options = { .root = tree->path };
    g_autoptr(HvHost) host = hv_host_new(&options, NULL);

    if (text)
        hv_test_tree_write(tree, "sys/kernel/security/lockdown", text);
    return hv_kvm_files_locked(host, "why");
}

static void
test_open(void)
{
    static const char *const texts[] = { NULL, "[none] integrity confidentiality\n", "",
                                         "none integrity\n" };

    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        g_assert_no_error(locked(texts[i]));
}

static void
test_locked(void)
{
    static const char *const texts[] = { "none [integrity] confidentiality\n",
                                         "none integrity [confidentiality]\n" };

    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = locked(texts[i]);

        g_assert_error(error, HV_ERROR, HV_ERROR_DENIED);
        g_assert_cmpstr(error->message, ==, "why");
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/lockdown/none in brackets, or no such file, hides nothing", test_open);
    g_test_add_func("/lockdown/each other mode denies, and says why", test_locked);
    return g_test_run();
}
