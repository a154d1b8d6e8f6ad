/* What the Map must know of a topology before it places anything. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/map-layout-private.h"

const HvTopoCpu *
hv_map_cpu_at(const HvMapFacts *facts, guint index)
{
    return g_array_index(facts->order, HvMapEntry, index).cpu;
}

guint
hv_map_end_of_core(const HvMapFacts *facts, guint from, guint to)
{
    guint end = from + 1;

    while (end < to && hv_map_same_core(hv_map_cpu_at(facts, from), hv_map_cpu_at(facts, end)))
        end++;
    return end;
}

guint
hv_map_end_of_block(const HvMapFacts *facts, guint from)
{
    return hv_map_order_run(facts->order, from, HV_MAP_KEY_CORE);
}

guint
hv_map_end_of_box(const HvMapFacts *facts, guint from)
{
    return hv_map_order_run(facts->order, from, HV_MAP_KEY_BLOCK);
}

static int
digits(guint number)
{
    return number < 10 ? 1 : 1 + digits(number / 10);
}

static void
measure_core(HvMapFacts *facts, guint from, guint to)
{
    int all = -1;

    for (guint i = from; i < to; i++)
        all += 1 + digits(hv_map_cpu_at(facts, i)->cpu);
    facts->threads = MAX(facts->threads, (int)(to - from));
    facts->label_all = MAX(facts->label_all, all);
    facts->label_first = MAX(facts->label_first, digits(hv_map_cpu_at(facts, from)->cpu));
}

int
hv_map_count_cores(const HvMapFacts *facts, guint from, guint to)
{
    int n = 0;

    for (; from < to; from = hv_map_end_of_core(facts, from, to))
        n++;
    return n;
}

static void
measure(HvMapFacts *facts)
{
    for (guint from = 0, to; from < facts->order->len; from = to) {
        to = hv_map_end_of_block(facts, from);
        facts->content = MAX(facts->content, (int)(to - from));
        facts->separated =
            MAX(facts->separated, (int)(to - from) + hv_map_count_cores(facts, from, to) - 1);
        for (guint core = from, next; core < to; core = next) {
            next = hv_map_end_of_core(facts, core, to);
            measure_core(facts, core, next);
        }
    }
    for (guint at = 0; at < facts->order->len; at = hv_map_end_of_box(facts, at))
        facts->n_boxes++;
    for (guint i = 0; i < facts->topology->n_packages; i++)
        facts->n_boxes +=
            hv_set_intersects(facts->topology->packages[i].cpus, facts->topology->online) ? 0
                                                                                          : 1;
}

void
hv_map_facts_init(HvMapFacts *facts, HvTopology *topology, HvMapZoom zoom, int columns)
{
    *facts = (HvMapFacts){ .topology = topology,
                           .zoom = zoom,
                           .columns = MAX(columns, HV_MAP_NARROWEST),
                           .order = hv_map_order(topology, zoom),
                           .wide = hv_map_wide_nodes(topology),
                           .threads = 1 };
    measure(facts);
}

void
hv_map_facts_clear(HvMapFacts *facts)
{
    g_array_unref(facts->order);
    hv_set_free(facts->wide);
}

gboolean
hv_map_is_strip(const HvMapFacts *facts)
{
    return facts->zoom == HV_MAP_LLC || facts->zoom == HV_MAP_NODE;
}
