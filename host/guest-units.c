/* libvirt's scaled integers: the units of <memory unit=''>. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/guest-xml.h"

guint64
hv_guest_unit_bytes(const char *unit)
{
    static const struct {
        const char *name;
        guint64 bytes;
    } units[] = {
        { "b", 1 },
        { "bytes", 1 },
        { "KB", 1000 },
        { "k", 1024 },
        { "KiB", 1024 },
        { "MB", 1000000 },
        { "M", 1 << 20 },
        { "MiB", 1 << 20 },
        { "GB", 1000000000 },
        { "G", 1 << 30 },
        { "GiB", 1 << 30 },
        { "TB", G_GUINT64_CONSTANT(1000000000000) },
        { "T", G_GUINT64_CONSTANT(1) << 40 },
        { "TiB", G_GUINT64_CONSTANT(1) << 40 },
    };

    for (guint i = 0; unit && i < G_N_ELEMENTS(units); i++)
        if (g_str_equal(units[i].name, unit))
            return units[i].bytes;
    return 1024;
}
