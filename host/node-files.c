/* Reading what sysfs says of one memory node. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/node-files.h"

#include <string.h>

#include "host/parse.h"

#define BYTES_PER_KB 1024
#define BYTES_PER_PAGE 4096

static gboolean
parse_kb(char *text, guint64 *bytes)
{
    guint64 kb;

    text = hv_skip_blanks(text);
    if (!hv_scan_u64(&text, &kb) || kb > G_MAXUINT64 / BYTES_PER_KB)
        return FALSE;
    *bytes = kb * BYTES_PER_KB;
    return TRUE;
}

void
hv_node_meminfo_parse(char *text, HvNodeMemory *memory)
{
    *memory = (HvNodeMemory){ 0 };
    for (char *line; (line = hv_next_line(&text));) {
        const char *first = hv_next_word(&line), *name;

        if (g_strcmp0(first, "Node") != 0 || !hv_next_word(&line) ||
            !(name = hv_next_word(&line)))
            continue;
        if (g_str_equal(name, "MemTotal:"))
            memory->has_total = parse_kb(line, &memory->total_bytes);
        else if (g_str_equal(name, "MemFree:"))
            memory->has_free = parse_kb(line, &memory->free_bytes);
        else if (g_str_equal(name, "Inactive(file):"))
            (void)parse_kb(line, &memory->inactive_file_bytes); /* none then */
    }
}

/* "Node 0, zone   Normal" begins a zone; "        low      12345" stands in it, in pages. */
gboolean
hv_zoneinfo_low(const char *text, guint node, guint64 *bytes)
{
    g_autofree char *copy = g_strdup(text), *ours = g_strdup_printf("%u,", node);
    char *rest = copy;
    gboolean is_here = FALSE, is_found = FALSE;

    *bytes = 0;
    for (char *line; (line = hv_next_line(&rest));) {
        const char *first = hv_next_word(&line), *second = first ? hv_next_word(&line) : NULL;
        guint64 pages;

        if (g_strcmp0(first, "Node") == 0)
            is_here = g_strcmp0(second, ours) == 0;
        else if (is_here && second && g_strcmp0(first, "low") == 0 &&
                 hv_parse_u64(second, G_MAXUINT32, &pages, NULL)) {
            *bytes += pages * BYTES_PER_PAGE;
            is_found = TRUE;
        }
    }
    return is_found;
}

void
hv_numastat_parse(const char *text, HvNumastat *numastat)
{
    *numastat = (HvNumastat){ 0 };
    numastat->has_both = hv_key_u64(text, "local_node", &numastat->n_local, NULL) &&
                         hv_key_u64(text, "other_node", &numastat->n_remote, NULL);
}
