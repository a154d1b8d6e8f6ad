/* Fuzzes what stands below info, in proc/mounts, and as the name of a group. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <string.h>

#include "host/monitoring.h"
#include "host/resctrl-parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size), *copy = g_strdup(text);
    g_autofree char *mounts = g_strdup(text);
    g_autoptr(GError) least_error = NULL, usage_error = NULL;
    const char *mount = NULL, *options = NULL, *chosen;
    guint64 least = 0;
    guint n_unused = 0;
    int domain_id;

    g_assert_cmpint(hv_resctrl_least(text, &least, &least_error), ==, least_error == NULL);
    g_assert_cmpint(hv_bit_usage_parse(text, &n_unused, &usage_error), ==, usage_error == NULL);
    g_assert_cmpuint(n_unused, <=, size);
    chosen = hv_resctrl_chosen(copy);
    g_assert_true(!chosen || (chosen > copy && chosen <= copy + size));
    if (hv_resctrl_mount_parse(mounts, &mount, &options))
        g_assert_true(hv_resctrl_has_option(options, options) || strchr(options, ','));
    if (hv_resctrl_owner(text, &domain_id) == HV_RESCTRL_LIBVIRT)
        g_assert_cmpint(domain_id, >=, 0);
    if (hv_monitoring_is_ours(text))
        g_assert_null(strpbrk(text, "/\n"));
    return 0;
}
