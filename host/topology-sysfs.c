/* The topology from the kernel's lists: a few files for each core, cache and node. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/topology-private.h"

#include "host/parse.h"

#include <string.h>

#define CPU "sys/devices/system/cpu"
#define NODE "sys/devices/system/node"
#define N_CACHE_INDEXES 10
#define PATH_BYTES 128

/* The names that kernels and captures have for the threads of a core, the commonest first. */
static const struct {
    const char *name;
    gboolean is_mask;
} sibling_files[] = {
    { "thread_siblings_list", FALSE },
    { "core_cpus_list", FALSE },
    { "thread_siblings", TRUE },
    { "core_cpus", TRUE },
};

typedef struct {
    const HvTopologySource *source;
    HvSet *known; /* all cpus */
    HvSet *online;
    HvSet *described; /* those online that have files of their own */
    GArray *packages, *nodes, *llcs, *cores;
    guint sibling_file;     /* the one that was there last */
    gboolean package_lists; /* the cpus of a package can be read at once */
    guint cache_index;      /* where the last-level cache was last */
} Reader;

static void
clear_reader(Reader *reader)
{
    hv_set_free(reader->known);
    hv_set_free(reader->online);
    hv_set_free(reader->described);
    g_clear_pointer(&reader->packages, g_array_unref);
    g_clear_pointer(&reader->nodes, g_array_unref);
    g_clear_pointer(&reader->llcs, g_array_unref);
    g_clear_pointer(&reader->cores, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reader, clear_reader)

/* ---- which cpus and nodes there are ---- */

/* The numbers of the directories "cpu7" or "node7". */
static HvSet *
list_numbers(const HvTopologySource *source, const char *directory, const char *prefix)
{
    g_autoptr(GPtrArray) names = source->files->list(source->data, directory, NULL);
    HvSet *numbers = hv_set_new();

    for (guint i = 0; names && i < names->len; i++) {
        const char *name = names->pdata[i];
        guint64 number;

        if (g_str_has_prefix(name, prefix) &&
            hv_parse_u64(name + strlen(prefix), HV_SET_MAX, &number, NULL))
            hv_set_add(numbers, (guint)number);
    }
    return numbers;
}

static HvSet *
read_online(const HvTopologySource *source, const HvSet *present)
{
    g_autoptr(HvSet) online = hv_source_read_set(source, CPU "/online");
    g_autoptr(HvSet) offline = NULL;

    if (online)
        return g_steal_pointer(&online);
    online = hv_set_copy(present);
    offline = hv_source_read_set(source, CPU "/offline");
    if (offline)
        hv_set_subtract(online, offline);
    return g_steal_pointer(&online);
}

static gboolean
read_known(Reader *reader, GError **error)
{
    const HvTopologySource *source = reader->source;

    reader->known = hv_source_read_set(source, CPU "/present");
    if (!reader->known)
        reader->known = list_numbers(source, CPU, "cpu");
    reader->online = read_online(source, reader->known);
    hv_set_union(reader->known, reader->online);
    reader->described = list_numbers(source, CPU, "cpu");
    hv_set_intersect(reader->described, reader->online);
    if (!hv_set_is_empty(reader->known))
        return TRUE;
    g_set_error_literal(error, HV_ERROR, HV_ERROR_ABSENT, "no " CPU);
    return FALSE;
}

/* ---- cores and packages ---- */

static HvSet *
read_siblings(Reader *reader, guint cpu)
{
    for (guint i = 0; i < G_N_ELEMENTS(sibling_files); i++) {
        guint which = (reader->sibling_file + i) % G_N_ELEMENTS(sibling_files);
        char path[PATH_BYTES];
        g_autoptr(HvSet) siblings = NULL;

        g_snprintf(path, sizeof path, CPU "/cpu%u/topology/%s", cpu, sibling_files[which].name);
        siblings = sibling_files[which].is_mask ? hv_source_read_mask(reader->source, path)
                                                : hv_source_read_set(reader->source, path);
        if (siblings && hv_set_has(siblings, cpu)) {
            reader->sibling_file = which;
            return g_steal_pointer(&siblings);
        }
    }
    return NULL;
}

static int
read_topology_number(const Reader *reader, guint cpu, const char *name)
{
    char path[PATH_BYTES];
    gint64 number;

    g_snprintf(path, sizeof path, CPU "/cpu%u/topology/%s", cpu, name);
    /* -1 is what kernels without firmware tables say (arm64) */
    return hv_source_read_number(reader->source, path, 0, G_MAXINT, &number) ? (int)number : -1;
}

static HvSet *
read_package_cpus(const Reader *reader, guint cpu)
{
    static const char *const names[] = { "package_cpus_list", "core_siblings_list" };

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        char path[PATH_BYTES];
        g_autoptr(HvSet) cpus = NULL;

        g_snprintf(path, sizeof path, CPU "/cpu%u/topology/%s", cpu, names[i]);
        cpus = hv_source_read_set(reader->source, path);
        if (cpus && hv_set_has(cpus, cpu))
            return g_steal_pointer(&cpus);
    }
    return NULL;
}

static void
join_package(Reader *reader, int number, const HvSet *cpus)
{
    HvTopoPackage package = { .package = number };

    for (guint i = 0; i < reader->packages->len; i++) {
        HvTopoPackage *known = &g_array_index(reader->packages, HvTopoPackage, i);

        if (known->package == number) {
            hv_set_union(known->cpus, cpus);
            return;
        }
    }
    package.cpus = hv_set_copy(cpus);
    g_array_append_val(reader->packages, package);
}

static void
read_package(Reader *reader, guint cpu, const HvSet *core_cpus)
{
    g_autoptr(HvSet) cpus = NULL;
    int number;

    for (guint i = 0; i < reader->packages->len; i++) {
        if (hv_set_has(g_array_index(reader->packages, HvTopoPackage, i).cpus, cpu))
            return;
    }
    number = read_topology_number(reader, cpu, "physical_package_id");
    if (number < 0)
        return;
    if (reader->package_lists) {
        cpus = read_package_cpus(reader, cpu);
        reader->package_lists = cpus != NULL;
    }
    join_package(reader, number, cpus ? cpus : core_cpus);
}

static void
read_cores(Reader *reader)
{
    g_autoptr(HvSet) left = hv_set_copy(reader->described);

    for (int cpu; (cpu = hv_set_next(left, -1)) >= 0;) {
        HvTopoCore core = { .core = reader->cores->len };

        core.cpus = read_siblings(reader, (guint)cpu);
        hv_set_remove(left, (guint)cpu);
        if (!core.cpus)
            continue; /* whose sibling it is cannot be said */
        hv_set_intersect(core.cpus, reader->known);
        hv_set_subtract(left, core.cpus);
        core.os_core = read_topology_number(reader, (guint)cpu, "core_id");
        read_package(reader, (guint)cpu, core.cpus);
        g_array_append_val(reader->cores, core);
    }
}

/* ---- last-level caches ---- */

/* The level of a cache that holds data, 0 for others and where there is none. */
static guint
read_cache_level(const Reader *reader, guint cpu, guint index)
{
    char path[PATH_BYTES], type[32];
    gint64 level;

    g_snprintf(path, sizeof path, CPU "/cpu%u/cache/index%u/level", cpu, index);
    if (!hv_source_read_number(reader->source, path, 1, 9, &level))
        return 0;
    g_snprintf(path, sizeof path, CPU "/cpu%u/cache/index%u/type", cpu, index);
    if (hv_source_read(reader->source, path, type, sizeof type) > 0 &&
        strcmp(type, "Instruction") == 0)
        return 0;
    return (guint)level;
}

/* Level 3 where there is one, else level 2. Most often it is where the last cpu had it;
 * captures have gaps before it. */
static guint
find_last_level(Reader *reader, guint cpu)
{
    guint best = read_cache_level(reader, cpu, reader->cache_index);

    if (best == 3)
        return 3;
    best = 0;
    for (guint index = 0; index < N_CACHE_INDEXES; index++) {
        guint level = read_cache_level(reader, cpu, index);

        if (level > best && level <= 3) {
            best = level;
            reader->cache_index = index;
        }
    }
    return best >= 2 ? best : 0;
}

/* "32768K" */
static guint64
parse_size(char *text)
{
    static const char units[] = "KMG";
    guint64 size_bytes;
    const char *unit;

    if (!hv_scan_u64(&text, &size_bytes))
        return 0;
    unit = *text ? strchr(units, *text) : NULL;
    for (gssize i = 0; unit && i <= unit - units && size_bytes < G_MAXUINT64 >> 10; i++)
        size_bytes <<= 10;
    return size_bytes;
}

static HvSet *
read_cache_cpus(const Reader *reader, guint cpu)
{
    char path[PATH_BYTES];
    HvSet *cpus;

    g_snprintf(path, sizeof path, CPU "/cpu%u/cache/index%u/shared_cpu_list", cpu,
               reader->cache_index);
    cpus = hv_source_read_set(reader->source, path);
    if (cpus)
        return cpus;
    g_snprintf(path, sizeof path, CPU "/cpu%u/cache/index%u/shared_cpu_map", cpu,
               reader->cache_index);
    return hv_source_read_mask(reader->source, path);
}

static void
read_llc(Reader *reader, guint cpu, HvTopoLlc *llc)
{
    char path[PATH_BYTES], size[32];
    gint64 id = -1;

    g_snprintf(path, sizeof path, CPU "/cpu%u/cache/index%u/id", cpu, reader->cache_index);
    llc->llc = hv_source_read_number(reader->source, path, 0, G_MAXINT, &id) ? (int)id : -1;
    g_snprintf(path, sizeof path, CPU "/cpu%u/cache/index%u/size", cpu, reader->cache_index);
    if (hv_source_read(reader->source, path, size, sizeof size) > 0)
        llc->size_bytes = parse_size(size);
}

/* Ids are the kernel's where all have one and none has another's; else running numbers. */
static void
number_llcs(GArray *llcs)
{
    g_autoptr(HvSet) ids = hv_set_new();
    gboolean usable = TRUE;

    for (guint i = 0; i < llcs->len && usable; i++) {
        int id = g_array_index(llcs, HvTopoLlc, i).llc;

        usable = id >= 0 && id <= HV_SET_MAX && !hv_set_has(ids, (guint)id);
        if (usable)
            hv_set_add(ids, (guint)id);
    }
    for (guint i = 0; i < llcs->len && !usable; i++)
        g_array_index(llcs, HvTopoLlc, i).llc = (int)i;
}

/* Where some cores have a third level and others end at the second, only the third counts: ids
 * are unique per level. */
static void
keep_highest_level(GArray *llcs)
{
    guint highest = 0, kept = 0;

    for (guint i = 0; i < llcs->len; i++)
        highest = MAX(highest, g_array_index(llcs, HvTopoLlc, i).level);
    for (guint i = 0; i < llcs->len; i++) {
        HvTopoLlc *llc = &g_array_index(llcs, HvTopoLlc, i);

        if (llc->level == highest)
            g_array_index(llcs, HvTopoLlc, kept++) = *llc;
        else
            hv_set_free(llc->cpus);
    }
    g_array_set_size(llcs, kept);
}

static void
read_llcs(Reader *reader)
{
    g_autoptr(HvSet) left = hv_set_copy(reader->described);

    for (int cpu; (cpu = hv_set_next(left, -1)) >= 0;) {
        HvTopoLlc llc = { .level = find_last_level(reader, (guint)cpu) };

        llc.cpus = llc.level ? read_cache_cpus(reader, (guint)cpu) : NULL;
        hv_set_remove(left, (guint)cpu);
        if (!llc.cpus)
            continue;
        hv_set_intersect(llc.cpus, reader->known);
        hv_set_subtract(left, llc.cpus);
        read_llc(reader, (guint)cpu, &llc);
        g_array_append_val(reader->llcs, llc);
    }
    keep_highest_level(reader->llcs);
    number_llcs(reader->llcs);
}

/* ---- nodes ---- */

static HvSet *
read_node_cpus(const HvTopologySource *source, guint node)
{
    char path[PATH_BYTES];
    HvSet *cpus;

    g_snprintf(path, sizeof path, NODE "/node%u/cpulist", node);
    cpus = hv_source_read_set(source, path);
    if (cpus)
        return cpus;
    g_snprintf(path, sizeof path, NODE "/node%u/cpumap", node);
    cpus = hv_source_read_mask(source, path);
    return cpus ? cpus : hv_set_new();
}

static void
read_nodes(Reader *reader)
{
    g_autoptr(HvSet) numbers = hv_source_read_set(reader->source, NODE "/online");

    if (!numbers)
        numbers = list_numbers(reader->source, NODE, "node");
    HV_SET_FOREACH(number, numbers)
    {
        HvTopoNode node = { .node = number, .package = -1 };

        node.cpus = read_node_cpus(reader->source, (guint)number);
        g_array_append_val(reader->nodes, node);
    }
}

/* ---- all of it ---- */

static gpointer
take_array(GArray **array, guint *n)
{
    *n = (*array)->len;
    return g_array_free(g_steal_pointer(array), FALSE);
}

static HvTopology *
make_topology(Reader *reader)
{
    HvTopology *topology = hv_topology_new();
    guint n = hv_set_count(reader->known);

    topology->source = g_strdup("sysfs");
    topology->cpus = g_new0(HvTopoCpu, n);
    HV_SET_FOREACH(cpu, reader->known)
    {
        HvTopoCpu *slot = &topology->cpus[topology->n_cpus++];

        slot->cpu = (guint)cpu;
        slot->online = hv_set_has(reader->online, (guint)cpu);
    }
    topology->packages = take_array(&reader->packages, &topology->n_packages);
    topology->nodes = take_array(&reader->nodes, &topology->n_nodes);
    topology->llcs = take_array(&reader->llcs, &topology->n_llcs);
    topology->cores = take_array(&reader->cores, &topology->n_cores);
    hv_topology_link(topology);
    return topology;
}

HvTopology *
hv_topology_from_sysfs(const HvTopologySource *source, GError **error)
{
    g_auto(Reader) reader = {
        .source = source,
        .packages = g_array_new(FALSE, FALSE, sizeof(HvTopoPackage)),
        .nodes = g_array_new(FALSE, FALSE, sizeof(HvTopoNode)),
        .llcs = g_array_new(FALSE, FALSE, sizeof(HvTopoLlc)),
        .cores = g_array_new(FALSE, FALSE, sizeof(HvTopoCore)),
        .package_lists = TRUE,
        .cache_index = 3, /* where x86 has its third level */
    };
    HvTopology *topology;

    if (!read_known(&reader, error))
        return NULL;
    read_cores(&reader);
    read_llcs(&reader);
    read_nodes(&reader);
    topology = make_topology(&reader);
    hv_topology_amend(topology, source);
    return topology;
}
