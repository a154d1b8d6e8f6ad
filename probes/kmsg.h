/* Reading records of the kernel's log (/dev/kmsg). */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

/* One record. Texts lie within the text given. */
typedef struct {
    guint64 serial;
    guint level; /* 0 emergency to 7 debug; 4 is a warning */
    guint64
        boottime_us; /* since boot, by the kernel's own clock, which stands still in suspend */
    const char *text;
} HvKmsg;

/**
 * hv_kmsg_next:
 * @text: records as /dev/kmsg gives them: "4,1234,567890,-;text", then lines that begin with a
 * blank and belong to it; moved behind the record, cut up in place
 *
 * Lines that are no record are passed over.
 * Returns: FALSE at the end. Any thread. Source: kernel Documentation/ABI/testing/dev-kmsg.
 */
gboolean hv_kmsg_next(char **text, HvKmsg *record);

/** hv_kmsg_kind: a stable word for what a warning is about ("memory", "hang", "hardware",
 * "disk", "network", "kvm"); NULL when it says nothing of how VMs fare. */
const char *hv_kmsg_kind(const char *text);
