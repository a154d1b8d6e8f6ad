/* Any bytes as a domain's XML or a status file: they are refused, or every member is good to
 * read. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/guest-xml.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static gsize
sum_lengths(char **strings)
{
    gsize sum = 0;

    for (; strings && *strings; strings++)
        sum += strlen(*strings);
    return sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(GError) error = NULL;
    g_autoptr(HvGuestXml) xml = hv_guest_xml_parse(text, &error);

    g_assert_true(!xml == (error != NULL));
    if (!xml)
        return 0;
    g_assert_nonnull(xml->name);
    g_assert_nonnull(xml->uuid);
    g_assert_nonnull(xml->owner);
    g_assert_nonnull(xml->launch_security);
    g_assert_cmpuint(xml->n_vcpus, <=, 4096);
    g_assert_cmpuint(sum_lengths(xml->vcpu_pins) + sum_lengths(xml->passthrough) +
                         sum_lengths(xml->tap_names),
                     <, G_MAXINT);
    return 0;
}
