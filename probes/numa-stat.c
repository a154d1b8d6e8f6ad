/* memory.numa_stat and hugetlb.SIZE.numa_stat of a control group: bytes on each node. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/numa-stat.h"

#include "host/parse.h"
#include "model/error.h"

#include <string.h>

#define BASE_PAGE_BYTES 4096u

/* "N0=1 N1=2": adds each number times @scale. FALSE where a word is something else. */
static gboolean
add_nodes(char *words, guint64 scale, guint64 *bytes, guint *n_nodes)
{
    for (char *word; (word = hv_next_word(&words));) {
        guint64 node, value;

        if (*word++ != 'N' || !hv_scan_u64(&word, &node) || *word++ != '=' ||
            !hv_scan_u64(&word, &value) || *word || node >= HV_NUMA_STAT_MAX_NODES ||
            value > G_MAXINT64 / scale)
            return FALSE;
        bytes[node] += value * scale;
        *n_nodes = MAX(*n_nodes, (guint)node + 1);
    }
    return TRUE;
}

static gboolean
fail(GError **error, const char *what)
{
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, "%s: no bytes by node", what);
    return FALSE;
}

/* What is in huge pages is a part of anon and of shmem. */
static void
take_huge_out(HvNumaStat *stat)
{
    for (guint node = 0; node < stat->n_nodes; node++)
        stat->small_bytes[node] -= MIN(stat->small_bytes[node], stat->thp_bytes[node]);
}

static gboolean
parse_v2(char *text, HvNumaStat *stat)
{
    gboolean is_found = FALSE;

    for (char *line; (line = hv_next_line(&text));) {
        const char *name = hv_next_word(&line);
        guint64 *bytes = NULL;

        if (!name)
            continue;
        if (g_str_equal(name, "anon") || g_str_equal(name, "shmem"))
            bytes = stat->small_bytes;
        else if (g_str_equal(name, "anon_thp") || g_str_equal(name, "shmem_thp"))
            bytes = stat->thp_bytes;
        if (bytes && !add_nodes(line, 1, bytes, &stat->n_nodes))
            return FALSE;
        is_found = is_found || bytes == stat->small_bytes;
    }
    take_huge_out(stat);
    return is_found;
}

/* "hierarchical_total=12 N0=5 N1=7" */
static gboolean
parse_v1(char *text, HvNumaStat *stat)
{
    for (char *line; (line = hv_next_line(&text));) {
        const char *name = hv_next_word(&line);

        if (name && g_str_has_prefix(name, "hierarchical_total="))
            return add_nodes(line, BASE_PAGE_BYTES, stat->small_bytes, &stat->n_nodes);
    }
    return FALSE;
}

gboolean
hv_numa_stat_parse(char *text, guint version, HvNumaStat *stat, GError **error)
{
    HvNumaStat found = { 0 };

    if (!(version == 1 ? parse_v1(text, &found) : parse_v2(text, &found)))
        return fail(error, "memory.numa_stat");
    *stat = found;
    return TRUE;
}

gboolean
hv_hugetlb_stat_parse(char *text, guint64 *bytes, guint *n_nodes, GError **error)
{
    guint64 found[HV_NUMA_STAT_MAX_NODES] = { 0 };
    char *line = hv_next_line(&text);
    const char *total = line ? hv_next_word(&line) : NULL;
    guint n = 0;

    if (!total || !g_str_has_prefix(total, "total=") || !add_nodes(line, 1, found, &n))
        return fail(error, "hugetlb numa_stat");
    memcpy(bytes, found, sizeof found);
    *n_nodes = n;
    return TRUE;
}
