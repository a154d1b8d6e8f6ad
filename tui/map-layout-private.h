/* What the building of the Map's layout passes along from facts to blocks to packages. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/map-order.h"

/* What is known of the topology before anything is placed. */
typedef struct {
    HvTopology *topology;
    HvMapZoom zoom;
    int columns;
    GArray *order;   /* of HvMapEntry */
    HvSet *wide;     /* nodes wider than a package */
    int n_boxes;     /* packages, and what stands for several or none */
    int threads;     /* most PUs of a core */
    int content;     /* LLC, NODE: most PUs of a block */
    int separated;   /* the same with a blank between cores */
    int label_all;   /* CORE: columns of the widest list of siblings */
    int label_first; /* CORE: of the widest first cpu */
} HvMapFacts;

/* What may be given up for a picture that fits. */
typedef struct {
    int cell;                /* PU zoom: the least columns of a PU */
    int height;              /* of a PU or core */
    gboolean lists_siblings; /* CORE zoom */
    gboolean tight;          /* packages may be narrow, to stand side by side */
} HvMapShape;

/* What the building of one layout carries along. */
typedef struct {
    const HvMapFacts *facts;
    const HvMapShape *shape;
    HvMapLayout *layout;
    int across, box_width; /* packages side by side */
    gboolean device_rows;  /* a node's devices may have a row of their own */
    gboolean separates;    /* LLC, NODE: a blank between cores */
    HvSet *named;          /* nodes that have a head */
} HvMapBuild;

/* Where a part of the picture goes: @y grows as it fills. */
typedef struct {
    int x, y, width;
} HvMapArea;

/** hv_map_facts_init, hv_map_facts_clear: borrows @topology. UI thread, as below. */
void hv_map_facts_init(HvMapFacts *facts, HvTopology *topology, HvMapZoom zoom, int columns);
void hv_map_facts_clear(HvMapFacts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HvMapFacts, hv_map_facts_clear)
/** hv_map_cpu_at: the @index-th in drawing order. hv_map_end_of_core, _block, _box: the end of what begins at @from. */
const HvTopoCpu *hv_map_cpu_at(const HvMapFacts *facts, guint index);
guint hv_map_end_of_core(const HvMapFacts *facts, guint from, guint to);
guint hv_map_end_of_block(const HvMapFacts *facts, guint from);
guint hv_map_end_of_box(const HvMapFacts *facts, guint from);
int hv_map_count_cores(const HvMapFacts *facts, guint from, guint to);
/** hv_map_is_strip: at LLC and NODE zoom, where objects are lines of one character per PU. */
gboolean hv_map_is_strip(const HvMapFacts *facts);

/** hv_map_add: a new item, good until the next one. hv_map_add_place: gives it, the newest of those with cpus, one more. */
HvMapItem *hv_map_add(HvMapBuild *build, HvMapKind kind, int id, int x, int y, int width, int height);
void hv_map_add_place(HvMapBuild *build, HvMapItem *item, const HvTopoCpu *cpu, int x, int y);
/** hv_map_cells: PU and CORE zoom: the blocks in [from, to), with their caches named at the left or not. */
void hv_map_cells(HvMapBuild *build, guint from, guint to, gboolean names_llc, HvMapArea *area);
/** hv_map_can_list: CORE zoom: whether a core's list of siblings fits in a package of that width. */
gboolean hv_map_can_list(const HvMapFacts *facts, int box_width);
/** hv_map_strips: LLC and NODE zoom: the blocks in [from, to). hv_map_choose_label: once before. */
void hv_map_strips(HvMapBuild *build, guint from, guint to, HvMapArea *area);
void hv_map_choose_label(HvMapBuild *build);
