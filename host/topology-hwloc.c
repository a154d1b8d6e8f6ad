/* hwloc's tree as plain arrays; its objects die with it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/topology-private.h"

#include <string.h>

#define UNKNOWN (-1)

/* ---- sets and numbers ---- */

/* A bitmap from a stranger's XML may be endless: what lies beyond HV_SET_MAX is dropped. */
static HvSet *
set_from_bitmap(hwloc_const_bitmap_t bitmap)
{
    HvSet *set = hv_set_new();

    if (!bitmap)
        return set;
    for (int i = hwloc_bitmap_first(bitmap); i >= 0 && i <= HV_SET_MAX;
         i = hwloc_bitmap_next(bitmap, i))
        hv_set_add(set, (guint)i);
    return set;
}

/* With the offline cpus that hwloc knows to belong there; an endless set means that it does not
 * know. */
static HvSet *
cpus_of(const struct hwloc_obj *object)
{
    hwloc_const_bitmap_t all = object->complete_cpuset;

    return set_from_bitmap(all && hwloc_bitmap_weight(all) >= 0 ? all : object->cpuset);
}

/* Whether the objects' own numbers can be their identities: known, small and different. */
static gboolean
has_own_numbers(hwloc_topology_t loaded, hwloc_obj_type_t type)
{
    g_autoptr(HvSet) seen = hv_set_new();

    for (hwloc_obj_t object = NULL;
         (object = hwloc_get_next_obj_by_type(loaded, type, object));) {
        if (object->os_index > HV_SET_MAX || hv_set_has(seen, object->os_index))
            return FALSE;
        hv_set_add(seen, object->os_index);
    }
    return TRUE;
}

static int
number_of(const struct hwloc_obj *object, gboolean own)
{
    return (int)(own ? object->os_index : object->logical_index);
}

static guint
count(hwloc_topology_t loaded, hwloc_obj_type_t type)
{
    return (guint)MAX(hwloc_get_nbobjs_by_type(loaded, type), 0);
}

/* ---- packages, caches, cores ---- */

static void
take_packages(HvTopology *topology, hwloc_topology_t loaded)
{
    gboolean own = has_own_numbers(loaded, HWLOC_OBJ_PACKAGE);

    topology->packages = g_new0(HvTopoPackage, count(loaded, HWLOC_OBJ_PACKAGE));
    for (hwloc_obj_t object = NULL;
         (object = hwloc_get_next_obj_by_type(loaded, HWLOC_OBJ_PACKAGE, object));) {
        HvTopoPackage *package = &topology->packages[topology->n_packages++];

        package->package = number_of(object, own);
        package->cpus = cpus_of(object);
    }
}

static void
take_llcs(HvTopology *topology, hwloc_topology_t loaded)
{
    gboolean third = count(loaded, HWLOC_OBJ_L3CACHE) > 0;
    hwloc_obj_type_t type = third ? HWLOC_OBJ_L3CACHE : HWLOC_OBJ_L2CACHE;
    gboolean own = has_own_numbers(loaded, type);

    topology->llcs = g_new0(HvTopoLlc, count(loaded, type));
    for (hwloc_obj_t object = NULL;
         (object = hwloc_get_next_obj_by_type(loaded, type, object));) {
        HvTopoLlc *llc = &topology->llcs[topology->n_llcs++];

        llc->llc = number_of(object, own);
        llc->level = third ? 3 : 2;
        llc->size_bytes = object->attr->cache.size;
        llc->cpus = cpus_of(object);
    }
}

static void
take_cores(HvTopology *topology, hwloc_topology_t loaded)
{
    topology->cores = g_new0(HvTopoCore, count(loaded, HWLOC_OBJ_CORE));
    for (hwloc_obj_t object = NULL;
         (object = hwloc_get_next_obj_by_type(loaded, HWLOC_OBJ_CORE, object));) {
        HvTopoCore *core = &topology->cores[topology->n_cores++];

        core->core = object->logical_index;
        core->os_core = object->os_index <= G_MAXINT ? (int)object->os_index : UNKNOWN;
        core->cpus = cpus_of(object);
    }
}

/* ---- cpus ---- */

static gboolean
take_cpus(HvTopology *topology, hwloc_topology_t loaded, GError **error)
{
    g_autoptr(HvSet) offline = cpus_of(hwloc_get_root_obj(loaded));

    if (count(loaded, HWLOC_OBJ_PU) == 0 || !has_own_numbers(loaded, HWLOC_OBJ_PU)) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    "cpus without, or with impossible numbers");
        return FALSE;
    }
    topology->cpus = g_new0(HvTopoCpu, count(loaded, HWLOC_OBJ_PU) + hv_set_count(offline));
    for (hwloc_obj_t object = NULL;
         (object = hwloc_get_next_obj_by_type(loaded, HWLOC_OBJ_PU, object));) {
        topology->cpus[topology->n_cpus++] =
            (HvTopoCpu){ .cpu = object->os_index, .online = TRUE };
        hv_set_remove(offline, object->os_index);
    }
    HV_SET_FOREACH(cpu, offline)
    topology->cpus[topology->n_cpus++] = (HvTopoCpu){ .cpu = (guint)cpu };
    return TRUE;
}

/* ---- nodes ---- */

typedef struct {
    hwloc_obj_t object;
    int node;
    int n_cpus;
} NodeObject;

/* Smaller first, then by number. */
static int
compare_nodes(gconstpointer a, gconstpointer b)
{
    const NodeObject *x = a, *y = b;

    return x->n_cpus != y->n_cpus ? x->n_cpus - y->n_cpus
                                  : (x->node > y->node) - (x->node < y->node);
}

static int
package_above(hwloc_topology_t loaded, hwloc_obj_t object)
{
    hwloc_obj_t package = hwloc_get_ancestor_obj_by_type(loaded, HWLOC_OBJ_PACKAGE, object);

    if (!package && count(loaded, HWLOC_OBJ_PACKAGE) == 1)
        package = hwloc_get_obj_by_type(loaded, HWLOC_OBJ_PACKAGE, 0);
    return package ? number_of(package, has_own_numbers(loaded, HWLOC_OBJ_PACKAGE)) : UNKNOWN;
}

/* hwloc gives a memory-only node the cpus it is near to, but these are another node's: of
 * several nodes with a cpu the one with the fewest, then the lowest in number, has it. */
static void
take_node(HvTopology *topology, hwloc_topology_t loaded, const NodeObject *from, HvSet *taken)
{
    HvTopoNode *node = &topology->nodes[topology->n_nodes++];
    const struct hwloc_numanode_attr_s *memory = &from->object->attr->numanode;
    g_autoptr(HvSet) cpus = set_from_bitmap(from->object->cpuset);

    node->node = from->node;
    node->package = package_above(loaded, from->object);
    node->memory_bytes = memory->local_memory;
    node->has_memory_bytes = memory->local_memory > 0;
    node->cpus = hv_set_new();
    if (hv_set_intersects(cpus, taken))
        return;
    hv_set_union(taken, cpus);
    hv_set_assign(node->cpus, cpus);
}

static void
take_nodes(HvTopology *topology, hwloc_topology_t loaded)
{
    g_autoptr(GArray) objects = g_array_new(FALSE, FALSE, sizeof(NodeObject));
    gboolean own = has_own_numbers(loaded, HWLOC_OBJ_NUMANODE);
    g_autoptr(HvSet) taken = hv_set_new();

    for (hwloc_obj_t object = NULL;
         (object = hwloc_get_next_obj_by_type(loaded, HWLOC_OBJ_NUMANODE, object));) {
        NodeObject node = { object, number_of(object, own),
                            hwloc_bitmap_weight(object->cpuset) };

        g_array_append_val(objects, node);
    }
    g_array_sort(objects, compare_nodes);
    topology->nodes = g_new0(HvTopoNode, objects->len);
    for (guint i = 0; i < objects->len; i++)
        take_node(topology, loaded, &g_array_index(objects, NodeObject, i), taken);
}

static int
row_of(const HvTopology *topology, int node)
{
    for (guint i = 0; i < topology->n_nodes; i++) {
        if (topology->nodes[i].node == node)
            return (int)i;
    }
    return UNKNOWN;
}

static gboolean
copy_distances(HvTopology *topology, const struct hwloc_distances_s *from, gboolean own,
               guint *distances)
{
    guint n = topology->n_nodes;

    for (guint i = 0; i < n * n; i++) {
        int row = row_of(topology, number_of(from->objs[i / n], own));
        int column = row_of(topology, number_of(from->objs[i % n], own));

        if (row < 0 || column < 0 || from->values[i] > G_MAXUINT)
            return FALSE;
        distances[(guint)row * n + (guint)column] = (guint)from->values[i];
    }
    return TRUE;
}

/* The firmware's latencies between all nodes (10: the same node). */
static void
take_distances(HvTopology *topology, hwloc_topology_t loaded)
{
    struct hwloc_distances_s *found = NULL;
    unsigned n_found = 1;
    g_autofree guint *distances = NULL;

    if (hwloc_distances_get_by_type(
            loaded, HWLOC_OBJ_NUMANODE, &n_found, &found,
            HWLOC_DISTANCES_KIND_FROM_OS | HWLOC_DISTANCES_KIND_MEANS_LATENCY, 0) != 0 ||
        n_found == 0)
        return;
    if (topology->n_nodes > 0 && found->nbobjs == topology->n_nodes) {
        distances = g_new0(guint, (gsize)topology->n_nodes * topology->n_nodes);
        if (copy_distances(topology, found, has_own_numbers(loaded, HWLOC_OBJ_NUMANODE),
                           distances))
            topology->distances = g_steal_pointer(&distances);
    }
    hwloc_distances_release(loaded, found);
}

/* ---- devices ---- */

/* Of the nodes a device hangs at, those with cpus: memory beside them makes no second place. */
static HvSet *
nodes_near(const HvTopology *topology, hwloc_topology_t loaded, hwloc_obj_t object)
{
    hwloc_obj_t above = hwloc_get_non_io_ancestor_obj(loaded, object);
    g_autoptr(HvSet) all = set_from_bitmap(above ? above->nodeset : NULL);
    HvSet *near = hv_set_new();

    HV_SET_FOREACH(number, all)
    {
        int row = row_of(topology, number);

        if (row >= 0 && !hv_set_is_empty(topology->nodes[row].cpus))
            hv_set_add(near, (guint)number);
    }
    if (hv_set_is_empty(near))
        hv_set_assign(near, all);
    return near;
}

static char *
os_names_below(const struct hwloc_obj *object)
{
    g_autoptr(GString) names = g_string_new(NULL);

    for (hwloc_obj_t child = object->io_first_child; child; child = child->next_sibling) {
        if (child->type == HWLOC_OBJ_OS_DEVICE && child->name)
            g_string_append_printf(names, "%s%s", names->len ? " " : "", child->name);
    }
    return names->len ? g_strdup(names->str) : NULL;
}

static const char *
os_class_name(const struct hwloc_obj *object)
{
    static const char *const names[] = {
        [HWLOC_OBJ_OSDEV_BLOCK] = "storage",    [HWLOC_OBJ_OSDEV_GPU] = "gpu",
        [HWLOC_OBJ_OSDEV_NETWORK] = "ethernet", [HWLOC_OBJ_OSDEV_OPENFABRICS] = "infiniband",
        [HWLOC_OBJ_OSDEV_DMA] = "other",
    };
    guint type = (guint)object->attr->osdev.type;

    if (type >= G_N_ELEMENTS(names) || !names[type])
        return "other";
    return object->name && g_str_has_prefix(object->name, "nvme") ? "nvme" : names[type];
}

static HvTopoDevice *
next_device(HvTopology *topology, hwloc_topology_t loaded, hwloc_obj_t object)
{
    HvTopoDevice *device = &topology->devices[topology->n_devices++];

    *device = (HvTopoDevice){ .node = UNKNOWN, .nodes = nodes_near(topology, loaded, object) };
    return device;
}

static void
take_devices(HvTopology *topology, hwloc_topology_t loaded)
{
    topology->devices = g_new0(HvTopoDevice, count(loaded, HWLOC_OBJ_PCI_DEVICE) +
                                                 count(loaded, HWLOC_OBJ_OS_DEVICE));
    for (hwloc_obj_t object = NULL; (object = hwloc_get_next_pcidev(loaded, object));) {
        const struct hwloc_pcidev_attr_s *pci = &object->attr->pcidev;
        HvTopoDevice *device = next_device(topology, loaded, object);

        device->name =
            g_strdup_printf("%04x:%02x:%02x.%01x", pci->domain, pci->bus, pci->dev, pci->func);
        device->pci = g_strdup(device->name);
        device->class_name = g_strdup(hv_topology_class_name(pci->class_id));
        device->os_names = os_names_below(object);
    }
    for (hwloc_obj_t object = NULL; (object = hwloc_get_next_osdev(loaded, object));) {
        HvTopoDevice *device;

        if (!object->name || (object->parent && object->parent->type == HWLOC_OBJ_PCI_DEVICE))
            continue; /* told by its PCI device */
        device = next_device(topology, loaded, object);
        device->name = g_strdup(object->name);
        device->class_name = g_strdup(os_class_name(object));
    }
}

/* ---- all of it ---- */

static char *
find_cpu_model(hwloc_topology_t loaded)
{
    hwloc_obj_t package = hwloc_get_obj_by_type(loaded, HWLOC_OBJ_PACKAGE, 0);
    const char *model = package ? hwloc_obj_get_info_by_name(package, "CPUModel") : NULL;

    if (!model)
        model = hwloc_obj_get_info_by_name(hwloc_get_root_obj(loaded), "CPUModel");
    return model ? g_strstrip(g_strdup(model)) : NULL;
}

HvTopology *
hv_topology_from_hwloc(hwloc_topology_t loaded, const char *name, GError **error)
{
    g_autoptr(HvTopology) topology = hv_topology_new();

    topology->source = g_strdup(name);
    if (!take_cpus(topology, loaded, error)) {
        g_prefix_error(error, "%s: ", name);
        return NULL;
    }
    take_packages(topology, loaded);
    take_nodes(topology, loaded);
    take_llcs(topology, loaded);
    take_cores(topology, loaded);
    take_devices(topology, loaded);
    take_distances(topology, loaded);
    topology->cpu_model = find_cpu_model(loaded);
    topology->this_system = hwloc_topology_is_thissystem(loaded) != 0;
    hv_topology_link(topology);
    return g_steal_pointer(&topology);
}
