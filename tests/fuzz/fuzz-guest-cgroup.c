/* Any bytes as /proc/PID/cgroup and, before an empty line, as /proc/mounts: a path found stays
 * below its mount. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/guest-parse.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    char *split = strstr(text, "\n\n");
    g_auto(HvCgroupMounts) mounts = { 0 };
    g_auto(HvGuestCgroup) cgroup = { 0 };

    if (split) {
        *split = '\0';
        hv_guest_parse_mounts(text, &mounts);
    }
    hv_guest_parse_cgroup(split ? split + 2 : text, &mounts, &cgroup);
    if (cgroup.path) {
        const char *mount = cgroup.v2 ? mounts.unified : mounts.cpu;

        g_assert_nonnull(mount);
        g_assert_true(g_str_has_prefix(cgroup.path, mount));
        g_assert_null(strstr(cgroup.path + strlen(mount), "/.."));
    }
    return 0;
}
