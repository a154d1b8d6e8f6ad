/* Any bytes as a command line and as a comm: whatever is found is in range. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/guest-parse.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_auto(HvGuestArgs) args = { 0 };
    HvThreadRole role;
    guint index;
    gboolean tcg;

    hv_guest_parse_args((const char *)data, size, &args);
    g_assert_cmpuint(args.n_vcpus, <=, 65535);
    if (args.uuid)
        g_assert_true(g_uuid_string_is_valid(args.uuid));
    hv_guest_parse_comm(text, &role, &index, &tcg);
    g_assert_true(role == HV_THREAD_VHOST || index <= 65535);
    (void)hv_guest_parse_vmm(text);
    return 0;
}
