/* Where things stand on the Map: packages, nodes, L3s, cores and PUs as rectangles. Pure
 * geometry. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/topology.h"

/* How close one looks: what an object, that the cursor stands on, is. */
typedef enum { HV_MAP_PU, HV_MAP_CORE, HV_MAP_LLC, HV_MAP_NODE, HV_MAP_N_ZOOMS } HvMapZoom;

typedef enum {
    HV_MAP_BOX,      /* the frame of a package; @id is its number, -1: cpus of no package */
    HV_MAP_HEAD,     /* a line about a node; @id is its number, -1: cpus of no node */
    HV_MAP_LLC_HEAD, /* a line about a last-level cache; @id is its number */
    HV_MAP_OBJECT,   /* what the cursor may stand on; @id: cpu, core, llc or node by the zoom */
    HV_MAP_OFFLINE,  /* the line of offline cpus */
} HvMapKind;

/* One rectangle, in cells from the Map's own origin. */
typedef struct {
    HvMapKind kind;
    int id;
    int x, y, width, height;
    int package, node, llc, core; /* -1 unknown or several */
    HvSet *cpus; /* its online cpus, in the layout's ownership; NULL for boxes and heads */
} HvMapItem;

/* All rectangles for one topology, width and zoom. */
typedef struct {
    GArray *items; /* of HvMapItem, in drawing order */
    HvMapZoom zoom;
    int height;
    int strip_x; /* LLC and NODE zoom: column in an object where its PUs begin, one character
                    each */
} HvMapLayout;

/** hv_map_layout_new: @columns at least 20. Packages stand side by side where there is room.
 * (transfer full). UI thread, as below. */
HvMapLayout *hv_map_layout_new(const HvTopology *topology, HvMapZoom zoom, int columns);
void hv_map_layout_free(HvMapLayout *layout);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvMapLayout, hv_map_layout_free)
/** hv_map_layout_step: index of the object one reaches from @from by (@dx, @dy), or @from where
 * there is none. */
int hv_map_layout_step(const HvMapLayout *layout, int from, int dx, int dy);
/** hv_map_layout_at: index of the object at a cell, or -1. */
int hv_map_layout_at(const HvMapLayout *layout, int x, int y);
/** hv_map_layout_of_cpu: index of the object that holds @cpu, or -1. */
int hv_map_layout_of_cpu(const HvMapLayout *layout, guint cpu);
