/* Tests of the Map's picture: for each captured and invented machine, at each zoom and several
 * sizes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <string.h>

#include "host/host.h"
#include "tests/map-hosts.h"
#include "tests/support.h"
#include "tui/map-draw.h"

#define MARGIN 7 /* cells around a picture that must stay as they are */

static const char *const captures[] = {
    "host/numastat-4n-8",
    "host/ocp-2s-80-isolated",
    "host/opteron-4s-8n-64",
    "host/rdt-2s-12-l3mb",
    "host/rdt-spr-2s-48-mbamb",
    "host/snc-2s-4n-80",
    "host/snc2-memcache-2s-4n-80",
    "host/xeon-4s-144",
    "host/xeon-4s-40-pci",
    "topology/16amd64-4distances.xml",
    "topology/16em64t-4s2c2t-offlines.xml",
    "topology/16intel64-manyVFs.xml",
    "topology/28intel64-2p2g7c-CoDgroups.v1.xml",
    "topology/arm64-ulna-hwloc1.xml",
    "topology/epyc-7763-2s-cpuid.xml",
    "topology/epyc-corona.xml",
    "topology/g4dnmetal.xml",
    "topology/knl-quad-flat-hwloc1.xml",
};
/* Columns, and rows that are left for the picture. */
static const struct {
    int columns, rows;
} sizes[] = { { 80, 20 }, { 160, 46 }, { 20, 2 }, { 40, 7 }, { 200, 90 }, { 8, 1 } };

/* ---- what is checked of every layout ---- */

static const HvMapItem *
item_at(const HvMapLayout *layout, guint index)
{
    return &g_array_index(layout->items, HvMapItem, index);
}

static void
check_cpus(const HvMapLayout *layout)
{
    g_autoptr(HvSet) seen = hv_set_new(), placed = hv_set_new();

    for (guint i = 0; i < layout->items->len; i++) {
        const HvMapItem *item = item_at(layout, i);
        g_autoptr(HvSet) cpus = hv_map_layout_cpus(layout, item);

        if (item->kind != HV_MAP_OBJECT)
            continue;
        g_assert_cmpuint(item->n, >, 0);
        g_assert_cmpuint(hv_set_count(cpus), ==, item->n);
        g_assert_false(hv_set_intersects(cpus, seen));
        hv_set_union(seen, cpus);
    }
    g_assert_true(hv_set_equal(seen, layout->topology->online));
    for (guint i = 0; i < layout->places->len; i++)
        hv_set_add(placed, g_array_index(layout->places, HvMapPlace, i).cpu);
    g_assert_true(hv_set_equal(placed, seen));
    g_assert_cmpuint(layout->places->len, ==, hv_set_count(seen));
}

static const HvSet *
set_of(const HvTopology *topology, HvMapZoom zoom, int id)
{
    const HvTopoLlc *llc = hv_topology_llc(topology, id);
    const HvTopoNode *node = hv_topology_node(topology, id);

    switch (zoom) {
    case HV_MAP_LLC:
        return llc ? llc->cpus : NULL;
    case HV_MAP_NODE:
        return node ? node->cpus : NULL;
    case HV_MAP_CORE:
        for (guint i = 0; i < topology->n_cores; i++)
            if ((int)topology->cores[i].core == id)
                return topology->cores[i].cpus;
        return NULL;
    case HV_MAP_PU:
    case HV_MAP_N_ZOOMS:
    default:
        return NULL;
    }
}

/* A cpu that two nodes claim belongs to the lower one: so the topology says it of the cpu
 * itself. */
static gboolean
belongs(const HvTopology *topology, HvMapZoom zoom, int id, guint number)
{
    const HvTopoCpu *cpu = hv_topology_cpu(topology, number);

    return (zoom == HV_MAP_LLC ? cpu->llc : zoom == HV_MAP_NODE ? cpu->node : cpu->core) == id;
}

static void
check_names(const HvMapLayout *layout)
{
    for (guint i = 0; i < layout->items->len; i++) {
        const HvMapItem *item = item_at(layout, i);
        g_autoptr(HvSet) cpus = hv_map_layout_cpus(layout, item), expected = hv_set_new();
        const HvSet *of = set_of(layout->topology, layout->zoom, item->id);

        if (item->kind != HV_MAP_OBJECT)
            continue;
        if (layout->zoom == HV_MAP_PU) {
            g_assert_cmpuint(item->n, ==, 1);
            g_assert_true(hv_set_has(cpus, (guint)item->id));
            continue;
        }
        if (item->id < 0)
            continue;
        g_assert_nonnull(of);
        HV_SET_FOREACH(cpu, of)
        if (hv_set_has(layout->topology->online, (guint)cpu) &&
            belongs(layout->topology, layout->zoom, item->id, (guint)cpu))
            hv_set_add(expected, (guint)cpu);
        g_assert_true(hv_set_equal(cpus, expected));
    }
}

/* Paints every object into a field of numbers; a cell painted twice is an overlap. */
static void
check_places(const HvMapLayout *layout, int columns)
{
    g_autofree guint *field = g_new0(guint, (gsize)columns * (gsize)layout->height);
    g_autofree gboolean *loads = g_new0(gboolean, (gsize)columns * (gsize)layout->height);

    for (guint i = 0; i < layout->items->len; i++) {
        const HvMapItem *item = item_at(layout, i);

        g_assert_cmpint(item->x, >=, 0);
        g_assert_cmpint(item->y, >=, 0);
        g_assert_cmpint(item->width, >, 0);
        g_assert_cmpint(item->height, >, 0);
        g_assert_cmpint(item->x + item->width, <=, columns);
        g_assert_cmpint(item->y + item->height, <=, layout->height);
        for (int y = item->y; item->kind == HV_MAP_OBJECT && y < item->y + item->height; y++)
            for (int x = item->x; x < item->x + item->width; x++) {
                g_assert_cmpuint(field[y * columns + x], ==, 0);
                field[y * columns + x] = i + 1;
            }
    }
    for (guint i = 0; i < layout->items->len; i++)
        for (guint k = 0;
             k < item_at(layout, i)->n && item_at(layout, i)->kind == HV_MAP_OBJECT; k++) {
            const HvMapPlace *place = hv_map_layout_place(layout, item_at(layout, i), k);

            g_assert_cmpuint(field[place->y * columns + place->x], ==, i + 1);
            g_assert_false(loads[place->y * columns + place->x]);
            loads[place->y * columns + place->x] = TRUE;
            g_assert_cmpint(hv_map_layout_of_cpu(layout, place->cpu), ==, (int)i);
            g_assert_cmpint(hv_map_layout_at(layout, place->x, place->y), ==, (int)i);
        }
}

/* From the first object on, by all four arrows. */
static void
check_walk(const HvMapLayout *layout)
{
    static const int ways[][2] = { { 1, 0 }, { -1, 0 }, { 0, 1 }, { 0, -1 } };
    g_autofree gboolean *reached = g_new0(gboolean, layout->items->len);
    g_autoptr(GArray) open = g_array_new(FALSE, FALSE, sizeof(int));
    int at = hv_map_layout_end(layout, FALSE);
    guint n = 1;

    g_assert_cmpint(at, >=, 0);
    reached[at] = TRUE;
    g_array_append_val(open, at);
    while (open->len) {
        at = g_array_index(open, int, open->len - 1);
        g_array_set_size(open, open->len - 1);
        for (guint i = 0; i < G_N_ELEMENTS(ways); i++) {
            const int to = hv_map_layout_step(layout, at, ways[i][0], ways[i][1]);

            g_assert_cmpint(hv_map_layout_item(layout, to)->kind, ==, HV_MAP_OBJECT);
            if (reached[to])
                continue;
            reached[to] = TRUE;
            n++;
            g_array_append_val(open, to);
        }
    }
    for (guint i = 0; i < layout->items->len; i++)
        n -= item_at(layout, i)->kind == HV_MAP_OBJECT;
    g_assert_cmpuint(n, ==, 0);
}

/* ---- what is checked of every picture ---- */

static HvCanvas *
draw(const HvMapLayout *layout, const HvSnapshot *snapshot, int columns, int cursor)
{
    HvCanvas *canvas = hv_canvas_new(columns + MARGIN, layout->height + 2 * MARGIN, FALSE);
    const HvView view = { .now = snapshot, .vm = "web-1", .filter = "" };
    HvMapMarks *marks = hv_map_marks_new();
    const HvMapPen pen = { marks, layout, &view, canvas, MARGIN };

    hv_map_marks_update(marks, &view);
    hv_canvas_fill(canvas, 0, 0, canvas->columns, canvas->rows, HV_ROLE_HOT, "%");
    hv_canvas_fill(canvas, 0, MARGIN, columns, layout->height, HV_ROLE_TEXT, " ");
    for (guint i = 0; i < layout->items->len; i++)
        hv_map_draw_item(&pen, item_at(layout, i), (int)i == cursor);
    hv_map_marks_free(marks);
    return canvas;
}

static void
check_margin(const HvCanvas *canvas, int columns, int height)
{
    for (int y = 0; y < canvas->rows; y++)
        for (int x = 0; x < canvas->columns; x++)
            if (x >= columns || y < MARGIN || y >= MARGIN + height) {
                g_assert_cmpstr(canvas->cells[y * canvas->columns + x].text, ==, "%");
                g_assert_cmpint(canvas->cells[y * canvas->columns + x].role, ==, HV_ROLE_HOT);
            }
}

static gboolean
tells(const char *text, const char *word, int number)
{
    g_autofree char *name = g_strdup_printf("%s %d", word, number);
    const gsize length = strlen(name);

    for (const char *at = text; (at = strstr(at, name)); at++)
        if (!g_ascii_isdigit(at[length]))
            return TRUE;
    return FALSE;
}

/* Packages that one node is wider than are told as a list. */
static gboolean
is_listed(const HvMapLayout *layout, int package)
{
    for (guint i = 0; i < layout->items->len; i++) {
        const HvMapItem *item = item_at(layout, i);
        g_autoptr(HvSet) packages =
            item->kind == HV_MAP_BOX && item->text ? hv_set_parse(item->text, NULL) : NULL;

        if (packages && hv_set_has(packages, (guint)package))
            return TRUE;
    }
    return FALSE;
}

static void
check_text(const HvMapLayout *layout, const HvCanvas *canvas)
{
    const HvTopology *topology = layout->topology;
    g_autofree char *text = hv_canvas_text(canvas);

    for (guint i = 0; i < topology->n_packages; i++)
        g_assert_true(tells(text, "Package", topology->packages[i].package) ||
                      is_listed(layout, topology->packages[i].package));
    for (guint i = 0; i < topology->n_nodes; i++)
        g_assert_true(tells(text, "Node", topology->nodes[i].node));
    for (const char *at = text; *at; at++)
        g_assert_true((guchar)*at >= ' ' || *at == '\n');
}

static void
check_offline(const HvMapLayout *layout)
{
    g_autoptr(HvSet) told = NULL, offline = hv_set_new();
    const HvMapItem *line = NULL;

    for (guint i = 0; i < layout->items->len; i++)
        if (item_at(layout, i)->kind == HV_MAP_OFFLINE)
            line = item_at(layout, i);
    for (guint i = 0; i < layout->topology->n_cpus; i++)
        if (!layout->topology->cpus[i].online)
            hv_set_add(offline, layout->topology->cpus[i].cpu);
    told = line ? hv_set_parse(strchr(line->text, ':') + 1, NULL) : hv_set_new();
    g_assert_true(hv_set_equal(told, offline));
}

static void
check_machine(HvTopology *topology)
{
    g_autoptr(GPtrArray) stores = g_ptr_array_new_with_free_func((GDestroyNotify)hv_store_free);
    g_autoptr(HvSnapshot) snapshot = hv_test_map_snapshot(topology, stores);

    for (gsize i = 0; i < G_N_ELEMENTS(sizes) * HV_MAP_N_ZOOMS; i++) {
        const HvMapZoom zoom = (HvMapZoom)(i % HV_MAP_N_ZOOMS);
        const int columns = sizes[i / HV_MAP_N_ZOOMS].columns;
        g_autoptr(HvMapLayout) layout =
            hv_map_layout_new(topology, zoom, columns, sizes[i / HV_MAP_N_ZOOMS].rows);
        const int width = MAX(columns, HV_MAP_NARROWEST);
        g_autoptr(HvCanvas) canvas =
            draw(layout, snapshot, width, hv_map_layout_end(layout, TRUE));

        check_cpus(layout);
        check_names(layout);
        check_places(layout, width);
        if (topology->n_cpus <= 600)
            check_walk(layout);
        check_margin(canvas, width, layout->height);
        check_offline(layout);
        check_text(layout, canvas);
    }
}

static void
test_capture(gconstpointer data)
{
    g_autofree char *below = g_build_filename("hosts", data, NULL);
    g_autofree char *root = hv_test_shared_path(below);
    g_autoptr(GError) error = NULL;
    g_autoptr(HvHost) host = NULL;
    g_autoptr(HvTopology) topology = NULL;

    if (!root) {
        g_test_skip(HV_TEST_NO_SHARED);
        return;
    }
    host = hv_host_new(&(HvHostOptions){ .root = root }, &error);
    g_assert_no_error(error);
    topology = hv_host_wait_topology(host, 10000, &error);
    g_assert_no_error(error);
    check_machine(topology);
}

static void
test_machine(gconstpointer data)
{
    g_autoptr(HvTopology) topology = hv_test_machine_topology(data);

    check_machine(topology);
}

/* ---- single machines ---- */

static HvMapLayout *
lay_out(const char *name, HvMapZoom zoom, int columns, int rows)
{
    g_autoptr(HvTopology) topology = hv_test_machine_topology(hv_test_machine(name));

    return hv_map_layout_new(topology, zoom, columns, rows);
}

static char *
text_of(const HvMapLayout *layout, int columns)
{
    g_autoptr(GPtrArray) stores = g_ptr_array_new_with_free_func((GDestroyNotify)hv_store_free);
    g_autoptr(HvSnapshot) snapshot = hv_test_map_snapshot(layout->topology, stores);
    g_autoptr(HvCanvas) canvas = draw(layout, snapshot, columns, -1);

    return hv_canvas_text(canvas);
}

static void
assert_tells(const HvMapLayout *layout, int columns, const char *expected)
{
    g_autofree char *text = text_of(layout, columns);

    if (!strstr(text, expected)) {
        g_test_message("\"%s\" is not in\n%s", expected, text);
        g_test_fail();
    }
}

static void
test_512_pus_fit_24_rows(void)
{
    g_autoptr(HvTopology) topology = hv_test_machine_topology(hv_test_machine("8x32x2"));
    g_autoptr(HvMapLayout) small = hv_map_layout_fitting(topology, 80, 20);
    g_autoptr(HvMapLayout) wide = hv_map_layout_fitting(topology, 160, 46);

    g_assert_cmpint(small->height, <=, 20);
    g_assert_cmpint(small->zoom, ==, HV_MAP_LLC);
    g_assert_cmpint(wide->height, <=, 46);
    g_assert_cmpint(wide->zoom, ==, HV_MAP_CORE);
}

static void
test_what_fits_nowhere_is_scrolled(void)
{
    g_autoptr(HvTopology) many = hv_test_machine_topology(hv_test_machine("8x64"));
    g_autoptr(HvTopology) few = hv_test_machine_topology(hv_test_machine("2x20x2"));
    g_autoptr(HvMapLayout) nodes = hv_map_layout_fitting(many, 80, 20);
    g_autoptr(HvMapLayout) caches = hv_map_layout_fitting(few, 40, 6);

    g_assert_cmpint(nodes->height, >, 20);
    g_assert_cmpint(nodes->zoom, ==, HV_MAP_NODE); /* 24 rows; 56 with their caches */
    g_assert_cmpint(caches->height, >, 6);
    g_assert_cmpint(caches->zoom, ==, HV_MAP_LLC); /* nodes would be no fewer rows */
}

static void
test_siblings_stand_side_by_side(void)
{
    g_autoptr(HvMapLayout) layout = lay_out("memory-only", HV_MAP_PU, 80, 20);
    const HvMapItem *before = NULL;

    for (guint i = 0; i < layout->items->len; i++) {
        const HvMapItem *item = item_at(layout, i);

        if (item->kind != HV_MAP_OBJECT)
            continue;
        g_assert_cmpint(item->begins_core, ==, !before || before->core != item->core);
        if (!item->begins_core) {
            g_assert_cmpint(item->x, ==, before->x + before->width);
            g_assert_cmpint(item->y, ==, before->y);
        }
        before = item;
    }
}

static void
test_packages_stand_side_by_side_where_there_is_room(void)
{
    g_autoptr(HvMapLayout) wide = lay_out("2x20x2", HV_MAP_PU, 160, 46);
    g_autoptr(HvMapLayout) narrow = lay_out("2x20x2", HV_MAP_PU, 80, 90);
    int n_wide = 0, n_narrow = 0;

    for (guint i = 0; i < wide->items->len; i++)
        n_wide += item_at(wide, i)->kind == HV_MAP_BOX && item_at(wide, i)->y == 0;
    for (guint i = 0; i < narrow->items->len; i++)
        n_narrow += item_at(narrow, i)->kind == HV_MAP_BOX && item_at(narrow, i)->y == 0;
    g_assert_cmpint(n_wide, ==, 2);
    g_assert_cmpint(n_narrow, ==, 1);
}

static void
test_cache_of_two_nodes_is_one_object(void)
{
    g_autoptr(HvMapLayout) layout = lay_out("snc", HV_MAP_LLC, 80, 20);
    guint n = 0;

    for (guint i = 0; i < layout->items->len; i++)
        if (item_at(layout, i)->kind == HV_MAP_OBJECT) {
            g_assert_cmpuint(item_at(layout, i)->n, ==, 40);
            g_assert_cmpint(item_at(layout, i)->node, ==, -1);
            n++;
        }
    g_assert_cmpuint(n, ==, 2);
}

static void
test_heads_tell_what_is_there(void)
{
    g_autoptr(HvMapLayout) holes = lay_out("holes", HV_MAP_PU, 80, 20);
    g_autoptr(HvMapLayout) package = lay_out("package-offline", HV_MAP_CORE, 80, 20);
    g_autoptr(HvMapLayout) wide = lay_out("epyc", HV_MAP_NODE, 80, 20);
    g_autoptr(HvMapLayout) none = lay_out("no-nodes", HV_MAP_NODE, 80, 20);

    assert_tells(holes, 80, "Node 28  memory only  ████     mem 8.0G of 16.0G");
    assert_tells(holes, 80, "Node 7  L3 1 32.0M  ███████  mem 224G of 256G");
    assert_tells(package, 80, "Package 1  no cpu online");
    assert_tells(package, 80, "Node 1  its cpus are offline");
    assert_tells(wide, 80, "Packages 0-1");
    assert_tells(none, 80, "no node");
}

static void
test_devices_stand_at_their_node(void)
{
    g_autoptr(HvMapLayout) layout = lay_out("2x20x2", HV_MAP_CORE, 80, 20);

    assert_tells(layout, 80, "mem 256G of 256G  eth0 nvme0n1 ethernet x6");
    assert_tells(layout, 80, "mem 224G of 256G  81:00.0>web-1");
    assert_tells(layout, 80, " near nodes 0-1: sda ");
    assert_tells(layout, 80, " near no known node: infiniband c2:00.0 ");
}

static void
test_devices_without_room_are_counted(void)
{
    g_autoptr(HvMapLayout) layout = lay_out("2x20x2", HV_MAP_NODE, 80, 20);

    assert_tells(layout, 80, "eth0 nvme0n1 +1 ─");
}

static void
test_unknown_load_is_not_idle(void)
{
    g_autoptr(HvMapLayout) layout = lay_out("2x20x2", HV_MAP_PU, 160, 46);

    assert_tells(layout, 160, "│· 10      –");
    assert_tells(layout, 160, "│▁ 0*     0%");
    assert_tells(layout, 160, "▁ 41     2%");
}

static void
test_names_are_cut_by_width(void)
{
    g_autoptr(HvMapLayout) narrow = lay_out("2x20x2", HV_MAP_CORE, 80, 20);
    g_autoptr(HvMapLayout) wide = lay_out("2x20x2", HV_MAP_PU, 160, 46);

    assert_tells(narrow, 80, "│a-mac…/0│");
    assert_tells(narrow, 80, "│x\\x1b…/0│");
    assert_tells(narrow, 80, "网页…");
    assert_tells(wide, 160, "│web-1/0 ");
    assert_tells(wide, 160, "网页服务器/0");
}

static void
test_selected_vm_is_marked(void)
{
    g_autoptr(HvMapLayout) layout = lay_out("offline", HV_MAP_PU, 80, 20);
    g_autoptr(GPtrArray) stores = g_ptr_array_new_with_free_func((GDestroyNotify)hv_store_free);
    g_autoptr(HvSnapshot) snapshot = hv_test_map_snapshot(layout->topology, stores);
    const HvView view = { .now = snapshot, .vm = "web-1" },
                 other = { .now = snapshot, .vm = "web" };
    HvMapMarks *marks = hv_map_marks_new();

    hv_map_marks_update(marks, &view);
    g_assert_true(hv_map_marks_cpu(marks, 2)->running);
    g_assert_true(hv_map_marks_cpu(marks, 2)->allowed);
    g_assert_true(hv_map_marks_cpu(marks, 3)->allowed); /* offline, but allowed */
    g_assert_false(hv_map_marks_cpu(marks, 5)->allowed);
    g_assert_false(hv_map_marks_cpu(marks, 5)->running);
    g_assert_true(isnan(hv_map_marks_cpu(marks, 4096)->use));
    hv_map_marks_update(marks, &other);
    g_assert_false(hv_map_marks_cpu(marks, 2)->running);
    hv_map_marks_free(marks);
}

static void
test_lines_are_cut_behind_commas(void)
{
    g_assert_cmpuint(hv_map_wrap("offline cpus: 1,2,3", 80), ==, 19);
    g_assert_cmpuint(hv_map_wrap("offline cpus: 1,2,3", 17), ==, 16);
    g_assert_cmpuint(hv_map_wrap("1000-2000,3000-4000", 4), ==, 10);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(captures); i++) {
        g_autofree char *name = g_strdup_printf("/map/capture-is-drawn-whole/%s", captures[i]);

        g_test_add_data_func(name, captures[i], test_capture);
    }
    for (const HvTestMachine *machine = hv_test_machines; machine->name; machine++) {
        g_autofree char *name =
            g_strdup_printf("/map/machine-is-drawn-whole/%s", machine->name);

        g_test_add_data_func(name, machine, test_machine);
    }
    g_test_add_func("/map/512-pus-fit-24-rows", test_512_pus_fit_24_rows);
    g_test_add_func("/map/what-fits-nowhere-is-scrolled", test_what_fits_nowhere_is_scrolled);
    g_test_add_func("/map/siblings-stand-side-by-side", test_siblings_stand_side_by_side);
    g_test_add_func("/map/packages-stand-side-by-side-where-there-is-room",
                    test_packages_stand_side_by_side_where_there_is_room);
    g_test_add_func("/map/cache-of-two-nodes-is-one-object",
                    test_cache_of_two_nodes_is_one_object);
    g_test_add_func("/map/heads-tell-what-is-there", test_heads_tell_what_is_there);
    g_test_add_func("/map/devices-stand-at-their-node", test_devices_stand_at_their_node);
    g_test_add_func("/map/devices-without-room-are-counted",
                    test_devices_without_room_are_counted);
    g_test_add_func("/map/unknown-load-is-not-idle", test_unknown_load_is_not_idle);
    g_test_add_func("/map/names-are-cut-by-width", test_names_are_cut_by_width);
    g_test_add_func("/map/selected-vm-is-marked", test_selected_vm_is_marked);
    g_test_add_func("/map/lines-are-cut-behind-commas", test_lines_are_cut_behind_commas);
    return g_test_run();
}
