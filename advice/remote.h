/* What is known of one VM's remote memory traffic, and where there would be room for it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/place.h"

#define HV_REMOTE_MAX_NODES 64 /* higher ones are not looked at */

/* Tables and columns, looked up once in a run. */
typedef struct {
    const HvTable *traffic, *sources, *matrix; /* may be NULL */
    int share, bytes_per_s, quality;           /* in traffic */
} HvRemoteTables;

typedef struct {
    const HvVmWalk *vm;
    const HvRemoteTables *tables;
    HvPlaces *places;
    double share, bytes_per_s, busy; /* NAN: unknown; busy: cpus */
    double place_share;              /* remote share by where its memory lies */
    HvMark quality;
    double at[HV_REMOTE_MAX_NODES]; /* shares of its traffic by node of the memory */
    double same_socket;             /* of its traffic: to another node of the same socket */
    int memory_node;    /* most of what is remote; or of all, where vCPUs are on many nodes */
    int cpu_node;       /* all its vCPUs ran there; -1: on several, or unknown */
    gboolean has_cells; /* more than one guest NUMA cell */
} HvRemote;

/** hv_remote_open: looks them up. Any thread, as all below. */
void hv_remote_open(HvRemoteTables *tables, const HvSnapshot *snapshot);
/** hv_remote_read: how much there is; FALSE where nothing tells. */
gboolean hv_remote_read(HvRemote *remote, const HvRemoteTables *tables, const HvVmWalk *vm,
                        HvPlaces *places);
/** hv_remote_locate: where its vCPUs and its memory are; what is below needs it. */
void hv_remote_locate(HvRemote *remote);
/** hv_remote_has_room: @node has idle cpus for its vCPUs. */
gboolean hv_remote_has_room(const HvRemote *remote, int node);
/** hv_remote_has_room_for_memory: @node has as much free memory as the VM has elsewhere. */
gboolean hv_remote_has_room_for_memory(const HvRemote *remote, int node);
/** hv_remote_best_node: the node that could take its vCPUs and the rest of its memory: with
 * cores that are nobody's, then with most of its memory; -1: none. */
int hv_remote_best_node(const HvRemote *remote);
