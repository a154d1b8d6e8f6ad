/* The mappings of a process and where their pages are: /proc/PID/numa_maps and maps. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/numa-maps.h"

#include <string.h>

#include "host/parse.h"
#include "model/error.h"

#define MAX_PAGE_KB (1u << 24) /* 16 GiB, the largest of any architecture */

static gboolean
fail(GError **error, const char *file, const char *what)
{
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, "%s: \"%.40s\" is not understood", file,
                what);
    return FALSE;
}

/* seq_file writes blank, tab, newline and = in names as \040 and the like. */
static void
unescape(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++) {
        if (*from == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] >= '0' &&
            from[2] <= '7' && from[3] >= '0' && from[3] <= '7') {
            *to = (char)(((from[1] - '0') << 6) | ((from[2] - '0') << 3) | (from[3] - '0'));
            if (*to)
                to++;
            from += 3;
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
}

/* Two policies have a blank in their name: "prefer (many):0-1", "weighted interleave:0-1". */
static const char *
next_policy(char **line)
{
    char *policy = hv_next_word(line);

    if (!policy)
        return NULL;
    *line = hv_skip_blanks(*line);
    if ((g_str_equal(policy, "prefer") && **line == '(') ||
        (g_str_equal(policy, "weighted") && g_str_has_prefix(*line, "interleave"))) {
        policy[strlen(policy)] = ' ';
        (void)hv_next_word(line);
    }
    return policy;
}

/* "N0=12": FALSE when it is another word. */
static gboolean
read_node(char *word, HvNumaMapping *mapping)
{
    guint64 node, n_pages;
    char *at = word + 1;

    if (*word != 'N' || !hv_scan_u64(&at, &node) || *at++ != '=' ||
        !hv_scan_u64(&at, &n_pages) || *at || node >= HV_NUMA_MAX_NODES ||
        mapping->n_nodes == HV_NUMA_MAX_NODES)
        return FALSE;
    mapping->nodes[mapping->n_nodes].node = (guint)node;
    mapping->nodes[mapping->n_nodes].bytes = n_pages; /* until the page size is known */
    mapping->n_nodes++;
    return TRUE;
}

/* Those of one kind of mapping that mean something here. */
static gboolean
read_word(char *word, HvNumaMapping *mapping, GError **error)
{
    guint64 page_kb;

    if (g_str_has_prefix(word, "file=")) {
        mapping->file = word + strlen("file=");
        unescape(word + strlen("file="));
    } else if (g_str_equal(word, "huge")) {
        mapping->is_hugetlb = TRUE;
    } else if (g_str_has_prefix(word, "kernelpagesize_kB=")) {
        if (!hv_parse_u64(strchr(word, '=') + 1, MAX_PAGE_KB, &page_kb, NULL))
            return fail(error, "numa_maps", word);
        mapping->page_bytes = page_kb * 1024;
    } else if (*word == 'N' && g_ascii_isdigit(word[1]) && !read_node(word, mapping)) {
        return fail(error, "numa_maps", word);
    }
    return TRUE;
}

static gboolean
pages_to_bytes(HvNumaMapping *mapping, GError **error)
{
    for (guint i = 0; i < mapping->n_nodes; i++) {
        guint64 *bytes = &mapping->nodes[i].bytes;

        if (mapping->page_bytes == 0)
            return fail(error, "numa_maps", "pages without their size");
        if (*bytes > G_MAXINT64 / HV_NUMA_MAX_NODES / mapping->page_bytes)
            return fail(error, "numa_maps", "more pages than memory can have");
        *bytes *= mapping->page_bytes;
    }
    return TRUE;
}

static char *
next_filled_line(char **text)
{
    char *line = hv_next_line(text);

    while (line && !*hv_skip_blanks(line))
        line = hv_next_line(text);
    return line;
}

gboolean
hv_numa_maps_next(char **text, HvNumaMapping *mapping, GError **error)
{
    char *line = next_filled_line(text);
    const char *address = line ? hv_next_word(&line) : NULL;

    if (!address)
        return FALSE;
    mapping->file = NULL;
    mapping->is_hugetlb = FALSE;
    mapping->page_bytes = 0;
    mapping->n_nodes = 0;
    if (!hv_parse_hex(address, G_MAXUINT64, &mapping->address, NULL))
        return fail(error, "numa_maps", address);
    mapping->policy = next_policy(&line);
    if (!mapping->policy)
        return fail(error, "numa_maps", address);
    for (char *word; (word = hv_next_word(&line));)
        if (!read_word(word, mapping, error))
            return FALSE;
    return pages_to_bytes(mapping, error);
}

gboolean
hv_maps_next(char **text, HvMapping *mapping, GError **error)
{
    enum { OFFSET, DEVICE, INODE, N_SKIPPED };
    char *line = next_filled_line(text), *range = line ? hv_next_word(&line) : NULL;
    const char *permissions = range ? hv_next_word(&line) : NULL;
    char *dash = range ? strchr(range, '-') : NULL;

    if (!range)
        return FALSE;
    if (!dash || !permissions || strlen(permissions) != 4)
        return fail(error, "maps", range);
    *dash = '\0';
    if (!hv_parse_hex(range, G_MAXUINT64, &mapping->start, NULL) ||
        !hv_parse_hex(dash + 1, G_MAXUINT64, &mapping->end, NULL) ||
        mapping->end <= mapping->start)
        return fail(error, "maps", range);
    mapping->can_write = permissions[1] == 'w';
    for (guint i = 0; i < N_SKIPPED; i++)
        if (!hv_next_word(&line))
            return fail(error, "maps", range);
    mapping->path = hv_skip_blanks(line); /* to the end of the line, blanks and all */
    return TRUE;
}
