/* What each source says of a VM's memory traffic: for the tables traffic, vcpu_traffic,
 * traffic_sources and matrix. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/derive/vm-index.h"
#include "model/derive/vm-sum.h"
#include "model/i18n.h"
#include "model/sink.h"
#include "model/snapshot.h"

#define HV_TRAFFIC_MAX_NODES 64 /* numbers of nodes below that; others are not looked at */
#define HV_TRAFFIC_MAX_CELLS 16

/* The sources, the best first. */
typedef enum {
    HV_TRAFFIC_BY_MBM,
    HV_TRAFFIC_BY_PERF,
    HV_TRAFFIC_BY_PLACE,
    HV_TRAFFIC_N
} HvTrafficBy;

/* Where the columns are that are read here; -1: not there. */
typedef struct {
    int vcpu, vcpu_run, vcpu_node, vcpu_cell;
    int cell, residency_node, resident_bytes, residency_ns;
    int group, mon, llc, total, local, mon_ns, whole;
    int vcpu_group, vcpu_mon;
    int perf_local, perf_remote, counts_bytes, scaled, perf_ns, perf_doubt, perf_vcpu;
} HvTrafficColumns;

/* One derivation's view of the raw tables. About 300 KiB: one on the stack of run(). */
typedef struct {
    const HvTopology *topology;        /* may be NULL */
    gboolean is_allowed[HV_TRAFFIC_N]; /* table "traffic_policy" */
    gboolean has_counters;             /* MBM or perf tell something of some VM */
    guint n_nodes;                     /* all node numbers are below that */
    HvVmIndex vcpus, residency, mon, groups, perf;
    HvTrafficColumns at;
} HvTrafficInput;

/* Of one VM or vCPU, by one source. */
typedef struct {
    HvMark quality;  /* MEASURED, SCALED or ESTIMATED; another mark: it tells nothing */
    const char *why; /* then: static, or borrowed from a table */
    HvQuantity local, remote, total; /* bytes/s */
    HvQuantity ratio;
    gint64 read_ns;    /* of the oldest number in it, 0: unknown */
    const char *doubt; /* static or borrowed, or NULL */
    /* bytes/s by the node of the cpus that the traffic comes from, up to n_nodes; only where
     * remote has a value */
    HvMark from_mark;
    double from_local[HV_TRAFFIC_MAX_NODES], from_remote[HV_TRAFFIC_MAX_NODES];
} HvTraffic;

/* Where a VM's, or a cell's, memory is. */
typedef struct {
    double bytes[HV_TRAFFIC_MAX_NODES]; /* up to n_nodes */
    double sum;
} HvPlaces;

extern const char *const hv_traffic_tables[];   /* inputs of every derivation that uses this */
extern const char *const hv_traffic_by_names[]; /* "mbm", "perf", "estimate" */

/** hv_traffic_open: looks up tables, rows and columns; @input is overwritten whole. Any thread,
 * as all below. */
void hv_traffic_open(HvTrafficInput *input, const HvSnapshot *snapshot);
/** hv_traffic_read: what source @by says of @vm. */
void hv_traffic_read(const HvTrafficInput *input, HvTrafficBy by, const char *vm,
                     HvTraffic *traffic);
/** hv_traffic_read_best: the first source with a remote share, else the first with bytes, else
 * the reasons of the best that is allowed. Returns: that source. */
HvTrafficBy hv_traffic_read_best(const HvTrafficInput *input, const char *vm,
                                 HvTraffic *traffic);
/** hv_traffic_read_vcpu: the same for one vCPU, whose row in "vcpus" is @row. Returns: the
 * source. */
HvTrafficBy hv_traffic_read_vcpu(const HvTrafficInput *input, const char *vm, guint row,
                                 HvTraffic *traffic);
/** hv_traffic_places: adds up where @vm's memory is; FALSE with *@why when nothing is known. */
gboolean hv_traffic_places(const HvTrafficInput *input, const char *vm, HvPlaces *places,
                           const char **why);

/** hv_traffic_place_shares: by where each vCPU runs and where its memory is: shares of the
 * whole, summing to 1, from node to node; FALSE with *@why when one of both is not known. */
gboolean hv_traffic_place_shares(const HvTrafficInput *input, const char *vm,
                                 double shares[HV_TRAFFIC_MAX_NODES][HV_TRAFFIC_MAX_NODES],
                                 const char **why);
/** hv_traffic_nodes_of_llc: node numbers of an L3's cpus into @nodes; how many. One on most
 * machines, several with sub-NUMA clustering, 0 unknown. */
guint hv_traffic_nodes_of_llc(const HvTrafficInput *input, guint64 llc,
                              guint nodes[HV_TRAFFIC_MAX_NODES]);

/* ---- what the sources are made of: traffic-mbm.c, traffic-perf.c, traffic-place.c ---- */

void hv_traffic_clear(const HvTrafficInput *input, HvTraffic *traffic, HvMark mark,
                      const char *why);
/** hv_traffic_older: keeps the older instant; 0 is none. */
void hv_traffic_older(HvTraffic *traffic, const HvTable *table, guint row, int column);
/** hv_traffic_set_bytes: local, remote, their sum and the share, all with @mark. */
void hv_traffic_set_bytes(HvTraffic *traffic, HvMark mark, double local, double remote);
void hv_traffic_by_mbm(const HvTrafficInput *input, const char *vm, HvTraffic *traffic);
void hv_traffic_by_perf(const HvTrafficInput *input, const char *vm, HvTraffic *traffic);
void hv_traffic_by_place(const HvTrafficInput *input, const char *vm, HvTraffic *traffic);
void hv_traffic_vcpu_by_perf(const HvTrafficInput *input, const char *vm, guint64 vcpu,
                             guint node, HvTraffic *traffic);
void hv_traffic_vcpu_by_place(const HvTrafficInput *input, const char *vm, guint row,
                              HvTraffic *traffic);

/* ---- the columns of the three tables ---- */

/* Which column of a table takes what; 0: none, as column 0 is always a key. */
typedef struct {
    guint ratio, local, remote, total, source, quality, age, doubt;
} HvTrafficOut;

/** hv_traffic_emit: into the current row. */
void hv_traffic_emit(HvSink *out, const HvTrafficOut *columns, HvTrafficBy by,
                     const HvTraffic *traffic);

/* For enumerators of these names in the file that includes this. */
#define HV_TRAFFIC_COLUMNS                                                                     \
    [REMOTE_RATIO] = { .name = "remote_ratio",                                                 \
                       .kind = HV_KIND_F64,                                                    \
                       .unit = HV_UNIT_RATIO,                                                  \
                       .help = N_("share of its memory traffic that goes to other nodes") },   \
    [LOCAL] = { .name = "local_bytes_per_s",                                                   \
                .kind = HV_KIND_F64,                                                           \
                .unit = HV_UNIT_BYTES_PER_S,                                                   \
                .help = N_("memory traffic within its node") },                                \
    [REMOTE] = { .name = "remote_bytes_per_s",                                                 \
                 .kind = HV_KIND_F64,                                                          \
                 .unit = HV_UNIT_BYTES_PER_S,                                                  \
                 .help = N_("memory traffic that goes to other nodes") },                      \
    [TOTAL] = { .name = "total_bytes_per_s",                                                   \
                .kind = HV_KIND_F64,                                                           \
                .unit = HV_UNIT_BYTES_PER_S,                                                   \
                .help = N_("memory traffic of its vCPUs; DMA is not in it") },                 \
    [QUALITY] = { .name = "quality",                                                           \
                  .kind = HV_KIND_TEXT,                                                        \
                  .unit = HV_UNIT_NONE,                                                        \
                  .help = N_("measured, scaled (counters took turns) or estimated") },         \
    [AGE_S] = { .name = "age_s",                                                               \
                .kind = HV_KIND_F64,                                                           \
                .unit = HV_UNIT_S,                                                             \
                .help = N_("time since it was read") },                                        \
    [DOUBT] = { .name = "doubt",                                                               \
                .kind = HV_KIND_TEXT,                                                          \
                .unit = HV_UNIT_NONE,                                                          \
                .help = N_("what to bear in mind; empty: nothing") }

#define HV_TRAFFIC_SOURCE                                                                      \
    .name = "source", .unit = HV_UNIT_NONE,                                                    \
    .help = N_("where it is from: mbm (resctrl), perf, or estimate (by place)")
