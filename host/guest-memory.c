/* The memory that QEMU was told to make for its guest, and which mapping of the process each
 * piece is. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/guest-memory.h"

#include <string.h>

#include "host/parse.h"

#define MAX_BACKENDS 256 /* a guest has at most 128 cells and 256 slots */
#define MAX_VALUE_BYTES 256
#define MAX_CELL 4095
/* Mappings that are taken for guest memory where nothing tells. */
#define LARGE_BYTES (16u << 20)
/* Where the kernel gives out addresses from the top down; the other way they begin at a third.
 */
#define TOP_DOWN_FROM G_GUINT64_CONSTANT(0x700000000000)

static void
clear_backend(gpointer data)
{
    g_free(((HvGuestBackend *)data)->id);
}

GArray *
hv_guest_backends_new(void)
{
    GArray *backends = g_array_new(FALSE, FALSE, sizeof(HvGuestBackend));

    g_array_set_clear_func(backends, clear_backend);
    return backends;
}

/* ---- the arguments ---- */

/* The value of "key" in {"key":"value","other":12}, flat as QEMU's options are: NULL without
 * it. */
static char *
json_value(const char *json, const char *key)
{
    g_autofree char *quoted = g_strdup_printf("\"%s\"", key);
    const char *at = strstr(json, quoted);
    gsize length;

    if (!at)
        return NULL;
    at += strlen(quoted);
    at += strspn(at, " :");
    if (*at == '"')
        length = strcspn(++at, "\"");
    else
        length = strcspn(at, ",} ");
    return length <= MAX_VALUE_BYTES ? g_strndup(at, length) : NULL;
}

/* The same in "type,key=value,other=12". */
static char *
option_value(const char *options, const char *key)
{
    const gsize length = strlen(key);

    for (const char *at = options; at; at = strchr(at, ',')) {
        gsize n;

        at += *at == ',';
        if (strncmp(at, key, length) != 0 || at[length] != '=')
            continue;
        at += length + 1;
        n = strcspn(at, ",");
        return n <= MAX_VALUE_BYTES ? g_strndup(at, n) : NULL;
    }
    return NULL;
}

static char *
value_of(const char *argument, const char *key)
{
    return *argument == '{' ? json_value(argument, key) : option_value(argument, key);
}

/* "1073741824", "1024M"; 0 when it is none. */
static guint64
read_size(const char *text)
{
    static const char units[] = "bKMGT";
    g_autofree char *copy = g_strdup(text ? text : "");
    char *rest = copy;
    const char *unit;
    guint64 number;
    guint shift;

    if (!hv_scan_u64(&rest, &number))
        return 0;
    unit = *rest ? strchr(units, *rest == 'B' ? 'b' : *rest) : units;
    if (!unit && g_ascii_islower(*rest))
        unit = strchr(units, g_ascii_toupper(*rest));
    if (!unit)
        return 0;
    shift = 10 * (guint)(unit - units);
    return number <= G_MAXUINT64 >> shift ? number << shift : 0;
}

static void
read_object(const char *argument, GArray *backends)
{
    g_autofree char *type = NULL, *id = value_of(argument, "id"),
                    *size = value_of(argument, "size");
    HvGuestBackend backend = { .cell = -1 };

    if (*argument == '{')
        type = json_value(argument, "qom-type");
    else
        type = g_strndup(argument, strcspn(argument, ","));
    if (!type || !g_str_has_prefix(type, "memory-backend-") || !id ||
        backends->len == MAX_BACKENDS)
        return;
    backend.bytes = read_size(size);
    backend.id = g_steal_pointer(&id);
    g_array_append_val(backends, backend);
}

/* "-numa node,nodeid=1,memdev=ram-node1", "-device pc-dimm,node=0,memdev=dimm0". */
static void
read_place(const char *argument, const char *cell_key, GArray *backends)
{
    g_autofree char *id = value_of(argument, "memdev"), *cell = value_of(argument, cell_key);
    guint64 number;

    if (!id || !cell || !hv_parse_u64(cell, MAX_CELL, &number, NULL))
        return;
    for (guint i = 0; i < backends->len; i++) {
        HvGuestBackend *backend = &g_array_index(backends, HvGuestBackend, i);

        if (g_str_equal(backend->id, id))
            backend->cell = (int)number;
    }
}

static void
read_argument(const char *option, const char *argument, gboolean is_object, GArray *backends)
{
    if (g_str_has_prefix(option, "--")) /* QEMU takes both */
        option++;
    if (is_object && g_str_equal(option, "-object"))
        read_object(argument, backends);
    else if (!is_object && g_str_equal(option, "-numa"))
        read_place(argument, "nodeid", backends);
    else if (!is_object && g_str_equal(option, "-device"))
        read_place(argument, "node", backends);
}

/* Objects first: what refers to them may stand before. */
void
hv_guest_backends_parse(const char *bytes, gsize size, GArray *backends)
{
    const char separator = memchr(bytes, '\0', size) ? '\0' : '\n';

    for (guint pass = 0; pass < 2; pass++) {
        g_autofree char *option = NULL;

        for (gsize start = 0; start < size;) {
            const char *end = memchr(bytes + start, separator, size - start);
            const gsize length = end ? (gsize)(end - (bytes + start)) : size - start;
            g_autofree char *argument = g_strndup(bytes + start, length);

            if (option)
                read_argument(option, argument, pass == 0, backends);
            g_free(option);
            option = g_steal_pointer(&argument);
            start += length + 1;
        }
    }
}

guint
hv_guest_backends_cells(const GArray *backends)
{
    guint n_cells = 0;

    for (guint i = 0; i < backends->len; i++) {
        const int cell = g_array_index(backends, HvGuestBackend, i).cell;
        gboolean is_new = cell >= 0;

        for (guint other = 0; other < i && is_new; other++)
            is_new = g_array_index(backends, HvGuestBackend, other).cell != cell;
        n_cells += is_new ? 1 : 0;
    }
    return n_cells;
}

/* ---- the mappings ---- */

typedef struct {
    HvMapping mapping;
    gboolean is_taken, is_named;
} Candidate;

static gboolean
is_anonymous(const HvMapping *mapping)
{
    return !*mapping->path || g_str_has_prefix(mapping->path, "[anon");
}

/* QEMU's file in a directory is "qemu_back_mem._objects_ram-node0.X8sd2k"; libvirt may also
 * name the file itself, "…/ram-node0". */
static gboolean
is_file_of(const HvMapping *mapping, const char *id)
{
    static const char prefix[] = "qemu_back_mem.", objects[] = "_objects_",
                      gone[] = " (deleted)";
    g_autofree char *name = g_path_get_basename(mapping->path);
    char *at = name;

    if (*mapping->path != '/')
        return FALSE;
    if (g_str_has_suffix(name, gone))
        name[strlen(name) - strlen(gone)] = '\0';
    if (g_str_has_prefix(name, prefix)) {
        char *dot = strrchr(name, '.');

        at += strlen(prefix);
        at += g_str_has_prefix(at, objects) ? strlen(objects) : 0;
        if (dot > at)
            *dot = '\0';
    }
    return g_str_equal(at, id);
}

/* Shared memory and huge pages are files, but of no disk. */
static gboolean
is_memory(const HvMapping *mapping)
{
    return is_anonymous(mapping) || g_str_has_prefix(mapping->path, "/memfd:") ||
           g_str_has_prefix(mapping->path, "/dev/shm/") ||
           g_str_has_prefix(mapping->path, "/dev/zero") ||
           g_str_has_prefix(mapping->path, "/SYSV") || strstr(mapping->path, "hugepages");
}

static void
take(Candidate *candidate, int cell, GArray *ranges)
{
    const HvGuestRange range = { candidate->mapping.start,
                                 candidate->mapping.end - candidate->mapping.start, cell,
                                 strstr(candidate->mapping.path, "hugepages") != NULL };

    candidate->is_taken = TRUE;
    g_array_append_val(ranges, range);
}

static Candidate *
find_by_name(GArray *candidates, const char *id)
{
    for (guint i = 0; i < candidates->len; i++) {
        Candidate *candidate = &g_array_index(candidates, Candidate, i);

        if (!candidate->is_taken && is_file_of(&candidate->mapping, id))
            return candidate;
    }
    return NULL;
}

/* Those of one size that no name tells apart. */
typedef struct {
    guint n_backends, n_mappings;
    gboolean is_top_down;
    Candidate *next; /* the highest that is left */
} Twins;

static void
find_twins(GArray *candidates, const GArray *backends, const gboolean *is_named, guint64 bytes,
           Twins *twins)
{
    *twins = (Twins){ .is_top_down = TRUE };
    for (guint i = 0; i < backends->len; i++)
        twins->n_backends +=
            !is_named[i] && g_array_index(backends, HvGuestBackend, i).bytes == bytes;
    for (guint i = 0; i < candidates->len; i++) {
        Candidate *candidate = &g_array_index(candidates, Candidate, i);
        const HvMapping *mapping = &candidate->mapping;

        if (candidate->is_named || mapping->end - mapping->start != bytes ||
            !is_memory(mapping))
            continue;
        twins->n_mappings++;
        twins->is_top_down = twins->is_top_down && mapping->start >= TOP_DOWN_FROM;
        if (!candidate->is_taken &&
            (!twins->next || mapping->start > twins->next->mapping.start))
            twins->next = candidate;
    }
}

static void
match_names(GArray *candidates, const GArray *backends, gboolean *is_named, GArray *ranges)
{
    for (guint i = 0; i < backends->len; i++) {
        const HvGuestBackend *backend = &g_array_index(backends, HvGuestBackend, i);

        for (Candidate *part; (part = find_by_name(candidates, backend->id));) {
            part->is_named = is_named[i] = TRUE;
            take(part, backend->cell, ranges);
        }
    }
}

/* What has a file of its own first: then only the nameless is left. */
static void
match(GArray *candidates, const GArray *backends, GArray *ranges)
{
    g_autofree gboolean *is_named = g_new0(gboolean, backends->len + 1);

    match_names(candidates, backends, is_named, ranges);
    for (guint i = 0; i < backends->len; i++) {
        const HvGuestBackend *backend = &g_array_index(backends, HvGuestBackend, i);
        Twins twins;

        if (is_named[i] || backend->bytes == 0)
            continue;
        find_twins(candidates, backends, is_named, backend->bytes, &twins);
        if (twins.next)
            take(twins.next,
                 twins.n_mappings == twins.n_backends &&
                         (twins.n_mappings == 1 || twins.is_top_down)
                     ? backend->cell
                     : -1,
                 ranges);
    }
}

static void
take_large(GArray *candidates, GArray *ranges)
{
    for (guint i = 0; i < candidates->len; i++) {
        Candidate *candidate = &g_array_index(candidates, Candidate, i);

        if (candidate->mapping.end - candidate->mapping.start >= LARGE_BYTES &&
            is_memory(&candidate->mapping))
            take(candidate, -1, ranges);
    }
}

gboolean
hv_guest_ranges_find(char *maps, const GArray *backends, GArray *ranges, GError **error)
{
    g_autoptr(GArray) candidates = g_array_new(FALSE, FALSE, sizeof(Candidate));
    const guint n_before = ranges->len;
    Candidate candidate = { 0 };
    GError *wrong = NULL;

    while (hv_maps_next(&maps, &candidate.mapping, &wrong))
        if (candidate.mapping.can_write)
            g_array_append_val(candidates, candidate);
    if (wrong) {
        g_propagate_error(error, wrong);
        return FALSE;
    }
    match(candidates, backends, ranges);
    if (ranges->len == n_before)
        take_large(candidates, ranges);
    return TRUE;
}
