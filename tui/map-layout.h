/* Where things stand on the Map: packages, nodes, L3s, cores, PUs as rectangles. No drawing. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/topology.h"

/* How close one looks: what an object, that the cursor stands on, is. */
typedef enum { HV_MAP_PU, HV_MAP_CORE, HV_MAP_LLC, HV_MAP_NODE, HV_MAP_N_ZOOMS } HvMapZoom;

typedef enum {
    HV_MAP_BOX,      /* a package: a frame, or a rule where it is one row high; @id is its number,
                      * -1: cpus of no package, or the packages of @text */
    HV_MAP_HEAD,     /* a line about a node; @id is its number, -1: cpus of no node */
    HV_MAP_LLC_HEAD, /* the name of a last-level cache, left of its cores; @id is its number */
    HV_MAP_DEVICES,  /* a line of devices; @text: the nodes they are near to, "" none known */
    HV_MAP_OBJECT,   /* what the cursor may stand on; @id: cpu, core, llc or node by the zoom, or -1 */
    HV_MAP_OFFLINE,  /* the offline cpus: @text, to be wrapped */
} HvMapKind;

/* One rectangle, in cells from the Map's own origin. */
typedef struct {
    HvMapKind kind;
    int id;
    int x, y, width, height;
    int package, node, llc, core; /* -1 unknown or several */
    guint first, n;               /* its online cpus: so many of the layout's places, from there */
    gboolean begins_core;         /* PU zoom: not the sibling of the one before it */
    gboolean has_devices;         /* HEAD: the devices of the node are told in this line */
    gboolean on_rule;             /* HEAD: in the row of its package's rule, which goes on behind it */
    char *text;                   /* see above; HEAD: its packages where they are several; or NULL */
} HvMapItem;

/* An online cpu, and the cell of its load. */
typedef struct {
    guint cpu;
    int x, y;
} HvMapPlace;

/* All rectangles for one topology, size and zoom. */
typedef struct {
    HvTopology *topology; /* held */
    GArray *items;        /* of HvMapItem, in drawing order */
    GArray *places;       /* of HvMapPlace, siblings side by side */
    HvMapZoom zoom;
    int height;
    int label;            /* LLC and NODE zoom: columns of an object before its PUs */
    gboolean has_details; /* there the label tells size or memory too */
    gboolean lists_siblings; /* CORE zoom: a core is named by all its PUs, not by the first alone */
} HvMapLayout;

#define HV_MAP_NARROWEST 20 /* columns */

/** hv_map_layout_new: the roomiest picture at @zoom that is no higher than @rows, else one that is to be scrolled.
 * @columns under HV_MAP_NARROWEST are taken for that. (transfer full). UI thread, as below. */
HvMapLayout *hv_map_layout_new(HvTopology *topology, HvMapZoom zoom, int columns, int rows);
/** hv_map_layout_fitting: the closest look that is no higher than @rows; if there is none, the lower of those at
 * L3s and at nodes, to be scrolled. */
HvMapLayout *hv_map_layout_fitting(HvTopology *topology, int columns, int rows);
void hv_map_layout_free(HvMapLayout *layout);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvMapLayout, hv_map_layout_free)
/** hv_map_layout_item: borrowed; NULL where @index is none. */
const HvMapItem *hv_map_layout_item(const HvMapLayout *layout, int index);
/** hv_map_layout_place: the place of the @index-th cpu of @item. */
const HvMapPlace *hv_map_layout_place(const HvMapLayout *layout, const HvMapItem *item, guint index);
/** hv_map_layout_cpus: the cpus of @item. (transfer full) */
HvSet *hv_map_layout_cpus(const HvMapLayout *layout, const HvMapItem *item);
/** hv_map_layout_has: TRUE when @cpu is one of @item's. */
gboolean hv_map_layout_has(const HvMapLayout *layout, const HvMapItem *item, guint cpu);
/** hv_map_layout_step: index of the object one reaches from @from by (@dx, @dy), one of which is 0; @from where
 * there is none. At the end of a row one goes on to the object drawn next. */
int hv_map_layout_step(const HvMapLayout *layout, int from, int dx, int dy);
/** hv_map_layout_end: index of the first object, or with @last of the last one; -1 without any. */
int hv_map_layout_end(const HvMapLayout *layout, gboolean last);
/** hv_map_layout_at: index of the object at a cell, or -1. */
int hv_map_layout_at(const HvMapLayout *layout, int x, int y);
/** hv_map_layout_of_cpu: index of the object that holds @cpu, or -1. */
int hv_map_layout_of_cpu(const HvMapLayout *layout, guint cpu);
/** hv_map_wrap: bytes of @text that stand in its first line of @width columns; lines are cut behind blanks and commas. */
gsize hv_map_wrap(const char *text, int width);
