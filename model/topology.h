/* The machine as hwloc sees it, as plain arrays: packages, nodes, last-level caches, cores, cpus, devices. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/set.h"

/* Numbers named `package`, `node`, `llc`, `cpu` are identities of the kernel, never array indices; -1: unknown. */
typedef struct {
    int package; /* physical_package_id */
    HvSet *cpus;
    HvSet *nodes;
} HvTopoPackage;

typedef struct {
    int node;
    int package;             /* of most of its cpus; for a memory-only node its parent's; -1 unknown */
    HvSet *cpus;             /* empty for a memory-only node */
    guint64 memory_bytes;    /* 0: has none */
    gboolean has_memory_bytes; /* FALSE: size unknown */
} HvTopoNode;

typedef struct {
    int llc;             /* the resctrl domain id: cache/index3/id; else a running number */
    int package;
    guint64 size_bytes;  /* 0: unknown */
    HvSet *cpus;
    guint level;         /* 3, or 2 where that is the last */
} HvTopoLlc;

typedef struct {
    guint core;   /* running number over the host, unique; os numbers are not */
    int os_core;  /* core_id within its package */
    int package;
    int llc;
    int node;
    HvSet *cpus;  /* online and offline PUs of this core */
} HvTopoCore;

typedef struct {
    guint cpu;
    gboolean online;
    int node, package, llc, core; /* -1 unknown, as for most offline cpus */
    guint sibling_rank;           /* 0 for the first PU of its core */
} HvTopoCpu;

typedef struct {
    char *name;      /* "0000:81:00.0", or "eth0", "nvme0n1" */
    char *pci;       /* its PCI address or NULL */
    char *class_name; /* "ethernet", "nvme", "gpu", "storage", "infiniband", "other" */
    char *os_names;  /* OS devices below a PCI device, blanks between, or NULL */
    int node;        /* nearest node, -1 unknown or wider than one node */
    HvSet *nodes;    /* all nodes it is near to */
} HvTopoDevice;

/* Immutable once made; shared by an atomic count. */
typedef struct {
    gatomicrefcount refs;
    guint64 generation;  /* grows with each load */
    gboolean this_system; /* FALSE: from a file; nothing may be bound by it */
    char *source;        /* "sysfs", "hwloc", the XML's path: for people */
    HvTopoPackage *packages; guint n_packages;
    HvTopoNode *nodes;       guint n_nodes;
    HvTopoLlc *llcs;         guint n_llcs;
    HvTopoCore *cores;       guint n_cores;
    HvTopoCpu *cpus;         guint n_cpus; /* by rising cpu number; online and offline */
    HvTopoDevice *devices;   guint n_devices;
    HvSet *online;           /* online cpus */
    HvSet *isolated;         /* isolcpus, or empty */
    HvSet *nohz_full;
    guint *distances;        /* n_nodes × n_nodes in the order of @nodes, or NULL */
    char *cpu_model;         /* or NULL */
} HvTopology;

/** hv_topology_new: an empty one with all sets made; the caller fills it before sharing. Any thread, as below. */
HvTopology *hv_topology_new(void);
HvTopology *hv_topology_ref(HvTopology *topology);
void hv_topology_unref(HvTopology *topology);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvTopology, hv_topology_unref)

/** hv_topology_cpu, _node, _package, _llc: the element of that identity, or NULL. Binary search or small scan. */
const HvTopoCpu *hv_topology_cpu(const HvTopology *topology, guint cpu);
const HvTopoNode *hv_topology_node(const HvTopology *topology, int node);
const HvTopoPackage *hv_topology_package(const HvTopology *topology, int package);
const HvTopoLlc *hv_topology_llc(const HvTopology *topology, int llc);
/** hv_topology_nodes_of: adds to @nodes every node that a cpu of @cpus belongs to. */
void hv_topology_nodes_of(const HvTopology *topology, const HvSet *cpus, HvSet *nodes);
/** hv_topology_link: fills node, package, llc, core, sibling_rank of cpus and the upward links of all others by
 * cpu-set inclusion, sorts the arrays by identity, and computes @online from the cpus; call once after filling. */
void hv_topology_link(HvTopology *topology);
