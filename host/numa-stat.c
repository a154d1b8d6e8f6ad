/* Memory of a control group by node: memory.numa_stat of both versions, hugetlb.SIZE.numa_stat.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/numa-stat.h"

#include <string.h>

#include "host/parse.h"
#include "model/error.h"

/* Bytes by node. The kernel reads each line on its own, so that what is contained may for a
 * moment be more than what contains it. */
typedef struct {
    guint64 bytes[HV_NUMA_MAX_NODES];
    guint n_nodes; /* the highest one named + 1 */
    gboolean is_there;
} Line;

void
hv_numa_add(GArray *parts, int cell, guint node, guint64 page_bytes, guint64 bytes)
{
    const HvNumaPart part = { cell, node, page_bytes, bytes };

    for (guint i = 0; i < parts->len; i++) {
        HvNumaPart *other = &g_array_index(parts, HvNumaPart, i);

        if (other->cell == cell && other->node == node && other->page_bytes == page_bytes) {
            other->bytes += bytes;
            return;
        }
    }
    if (bytes)
        g_array_append_val(parts, part);
}

guint64
hv_numa_sum(const GArray *parts)
{
    guint64 sum = 0;

    for (guint i = 0; i < parts->len; i++)
        sum += g_array_index(parts, HvNumaPart, i).bytes;
    return sum;
}

static gboolean
fail(GError **error, const char *word)
{
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, "numa_stat: \"%.40s\" is no node's figure",
                word);
    return FALSE;
}

/* "N0=4096 N1=0", times @unit, added to @line. */
static gboolean
read_nodes(char *text, guint64 unit, Line *line, GError **error)
{
    line->is_there = TRUE;
    for (char *word; (word = hv_next_word(&text));) {
        char *at = word + 1;
        guint64 node, value;

        if (*word != 'N' || !hv_scan_u64(&at, &node) || *at++ != '=' ||
            !hv_scan_u64(&at, &value) || *at || node >= HV_NUMA_MAX_NODES ||
            value > G_MAXINT64 / HV_NUMA_MAX_NODES / unit)
            return fail(error, word);
        line->bytes[node] += value * unit;
        line->n_nodes = MAX(line->n_nodes, (guint)node + 1);
    }
    return TRUE;
}

static gboolean
need(const Line *line, const char *name, GError **error)
{
    if (!line->is_there)
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, "numa_stat has no line \"%s\"", name);
    return line->is_there;
}

/* What is in @whole and not in @part, and what is in @part. */
static void
add_split(GArray *parts, const Line *whole, const Line *part)
{
    for (guint node = 0; node < whole->n_nodes; node++) {
        const guint64 large = MIN(part->bytes[node], whole->bytes[node]);

        hv_numa_add(parts, -1, node, HV_NUMA_SMALL_PAGE_BYTES, whole->bytes[node] - large);
        hv_numa_add(parts, -1, node, HV_NUMA_LARGE_PAGE_BYTES, large);
    }
}

static gboolean
parse_v2(char *text, GArray *parts, GError **error)
{
    static const char *const names[] = { "anon", "shmem", "anon_thp", "shmem_thp" };
    Line all = { 0 }, large = { 0 };

    for (char *line; (line = hv_next_line(&text));) {
        const char *name = hv_next_word(&line);

        for (guint i = 0; name && i < G_N_ELEMENTS(names); i++)
            if (g_str_equal(name, names[i]) &&
                !read_nodes(line, 1, i < 2 ? &all : &large, error))
                return FALSE;
    }
    if (!need(&all, names[0], error))
        return FALSE;
    add_split(parts, &all, &large);
    return TRUE;
}

/* "total=12 N0=12": the line's name, *@line moved to its nodes; NULL without a figure. */
static const char *
next_name(char **line)
{
    char *name = hv_next_word(line);
    char *equals = name ? strchr(name, '=') : NULL;

    if (equals)
        *equals = '\0';
    return equals ? name : NULL;
}

static gboolean
parse_v1(char *text, GArray *parts, GError **error)
{
    enum { TOTAL, FILE_PAGES, WHOLE_TOTAL, WHOLE_FILE_PAGES, N_LINES };
    static const char *const names[N_LINES] = { "total", "file", "hierarchical_total",
                                                "hierarchical_file" };
    Line lines[N_LINES] = { 0 };
    const Line *total, *file_pages;

    for (char *line; (line = hv_next_line(&text));) {
        const char *name = next_name(&line);

        for (guint i = 0; name && i < N_LINES; i++)
            if (g_str_equal(name, names[i]) &&
                !read_nodes(line, HV_NUMA_SMALL_PAGE_BYTES, &lines[i], error))
                return FALSE;
    }
    total = &lines[lines[WHOLE_TOTAL].is_there ? WHOLE_TOTAL : TOTAL];
    file_pages = &lines[lines[WHOLE_TOTAL].is_there ? WHOLE_FILE_PAGES : FILE_PAGES];
    if (!need(total, names[TOTAL], error) || !need(file_pages, names[FILE_PAGES], error))
        return FALSE;
    for (guint node = 0; node < total->n_nodes; node++)
        hv_numa_add(parts, -1, node, 0,
                    total->bytes[node] - MIN(file_pages->bytes[node], total->bytes[node]));
    return TRUE;
}

gboolean
hv_numa_stat_parse(char *text, gboolean is_v2, GArray *parts, GError **error)
{
    return is_v2 ? parse_v2(text, parts, error) : parse_v1(text, parts, error);
}

gboolean
hv_hugetlb_stat_parse(char *text, guint64 page_bytes, GArray *parts, GError **error)
{
    Line own = { 0 }, whole = { 0 };
    const Line *line_of;

    for (char *line; (line = hv_next_line(&text));) {
        const char *name = next_name(&line);

        if (g_strcmp0(name, "total") == 0 && !read_nodes(line, 1, &own, error))
            return FALSE;
        if (g_strcmp0(name, "hierarchical_total") == 0 && !read_nodes(line, 1, &whole, error))
            return FALSE;
    }
    line_of = whole.is_there ? &whole : &own;
    if (!need(line_of, "total", error))
        return FALSE;
    for (guint node = 0; node < line_of->n_nodes; node++)
        hv_numa_add(parts, -1, node, page_bytes, line_of->bytes[node]);
    return TRUE;
}

guint64
hv_hugetlb_page_bytes(const char *name)
{
    static const struct {
        const char *rest;
        guint shift;
    } units[] = { { "KB.numa_stat", 10 }, { "MB.numa_stat", 20 }, { "GB.numa_stat", 30 } };
    g_autofree char *copy = g_strdup(name);
    guint64 number;
    char *at;

    if (!g_str_has_prefix(name, "hugetlb."))
        return 0;
    at = copy + strlen("hugetlb.");
    if (!hv_scan_u64(&at, &number) || number == 0)
        return 0;
    for (guint i = 0; i < G_N_ELEMENTS(units); i++)
        if (g_str_equal(at, units[i].rest) && number <= G_MAXUINT64 >> units[i].shift)
            return number << units[i].shift;
    return 0;
}
