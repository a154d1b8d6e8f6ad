/* Reading records of the kernel's log (/dev/kmsg). */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/kmsg.h"

#include <string.h>

#include "host/parse.h"

#define LEVEL_BITS 7 /* of the first number; the rest is the facility */

static gboolean
next_field(char **at, guint64 *value)
{
    if (!hv_scan_u64(at, value) || **at != ',')
        return FALSE;
    (*at)++;
    return TRUE;
}

static gboolean
parse_record(char *line, HvKmsg *record)
{
    guint64 priority, serial, boottime_us;
    char *text;

    if (!next_field(&line, &priority) || !next_field(&line, &serial) ||
        !next_field(&line, &boottime_us))
        return FALSE;
    text = strchr(line, ';');
    if (!text)
        return FALSE;
    *record = (HvKmsg){
        .serial = serial,
        .level = (guint)(priority & LEVEL_BITS),
        .boottime_us = boottime_us,
        .text = text + 1,
    };
    return TRUE;
}

gboolean
hv_kmsg_next(char **text, HvKmsg *record)
{
    for (char *line; (line = hv_next_line(text));)
        if (g_ascii_isdigit(*line) && parse_record(line, record))
            return TRUE;
    return FALSE;
}

const char *
hv_kmsg_kind(const char *text)
{
    static const struct {
        const char *part, *kind;
    } words[] = {
        { "Out of memory", "memory" },
        { "oom-kill", "memory" },
        { "page allocation failure", "memory" },
        { "blocked for more than", "hang" },
        { "soft lockup", "hang" },
        { "hard LOCKUP", "hang" },
        { "rcu_sched", "hang" },
        { "rcu_preempt", "hang" },
        { "self-detected stall", "hang" },
        { "Hardware Error", "hardware" },
        { "Machine check", "hardware" },
        { "mce:", "hardware" },
        { "EDAC", "hardware" },
        { "temperature above threshold", "hardware" },
        { "clock throttled", "hardware" },
        { "AER:", "hardware" },
        { "DMAR:", "hardware" },
        { "AMD-Vi:", "hardware" },
        { "I/O error", "disk" },
        { "nvme", "disk" },
        { "task abort", "disk" },
        { "NETDEV WATCHDOG", "network" },
        { "link is down", "network" },
        { "Link is Down", "network" },
        { "nf_conntrack: table full", "network" },
        { "kvm", "kvm" },
        { "vfio", "kvm" },
        { "resctrl", "kvm" },
        { "vhost", "kvm" },
        { "BUG:", "kernel" },
        { "WARNING:", "kernel" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (strstr(text, words[i].part))
            return words[i].kind;
    return NULL;
}
