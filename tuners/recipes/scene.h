/* What a recipe looks at: one VM, or one cell of it, as it is now. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host.h"
#include "model/place.h"
#include "model/recipe.h"

#define HV_SCENE_NODES 64 /* nodes of higher numbers are not looked at */
#define HV_SCENE_NAME_CHARS 80

/* Sizes of pages that a VM's memory is made of. */
typedef enum {
    HV_PAGES_SMALL,   /* 4 KiB and transparent huge pages: any free memory will do */
    HV_PAGES_HUGE_2M, /* of the pool that the administrator made */
    HV_PAGES_HUGE_1G,
    HV_N_PAGES
} HvPages;

/* Where its memory lies; known: something tells. */
typedef struct {
    gboolean is_known, is_movable;
    const char *why_not; /* borrowed, when not movable */
    guint64 bytes[HV_N_PAGES][HV_SCENE_NODES];
    guint64 on[HV_SCENE_NODES]; /* of all sizes */
    guint64 total_bytes;
} HvSceneMemory;

typedef struct {
    const HvRecipeCall *call;
    HvVmWalk walk; /* at the VM */
    HvGuestList *list;
    const HvGuest *guest;
    const HvTopology *topology;
    char *name; /* of the VM */
    int cell;   /* -1: the whole VM */
    HvSceneMemory memory;
} HvScene;

/** hv_scene_open: @target is "VM", or "VM/cell/N" where @may_be_cell. ABSENT: no such VM or
 * cell; REFUSED: nothing is known of where its threads run. The actuator's thread, as below. */
gboolean hv_scene_open(HvScene *scene, const HvRecipeCall *call, const char *target,
                       gboolean may_be_cell, GError **error);
void hv_scene_clear(HvScene *scene);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HvScene, hv_scene_clear)
/** hv_scene_has_vcpu: the @i-th of walk is in the cell that is meant. */
gboolean hv_scene_has_vcpu(const HvScene *scene, guint i);
/** hv_scene_n_vcpus: how many of them. hv_scene_n_cells: cells of the VM that have vCPUs. */
guint hv_scene_n_vcpus(const HvScene *scene);
guint hv_scene_n_cells(const HvScene *scene);
/** hv_scene_vcpu_cpus: where they may run, all together. */
void hv_scene_vcpu_cpus(const HvScene *scene, HvMask *cpus);
/** hv_scene_vcpu_node: the one node where all of them may run, or else ran last; -1: several,
 * or unknown. */
int hv_scene_vcpu_node(const HvScene *scene);
/** hv_scene_memory_node: the node with most of its memory, -1 unknown. hv_scene_is_there: what
 * is not on @node is less than 5 %. */
int hv_scene_memory_node(const HvScene *scene);
gboolean hv_scene_is_there(const HvScene *scene, int node);
/** hv_scene_thread_cpus: where a thread may run; FALSE when it has gone. */
gboolean hv_scene_thread_cpus(const HvScene *scene, const HvThread *thread, HvMask *cpus);
/** hv_scene_read: what the knob @path is now. ABSENT where no tuner has it. */
gboolean hv_scene_read(const HvScene *scene, const char *path, HvValue *value, GError **error);
/** hv_scene_check: whether @value would be taken for the knob @take_path now. */
gboolean hv_scene_check(const HvScene *scene, char *take_path, const char *value,
                        GError **error);

/** hv_scene_node_cpus: cpus of @node that are online. hv_scene_core_cpus: those of one core. */
void hv_scene_node_cpus(const HvScene *scene, int node, HvMask *cpus);
void hv_scene_core_cpus(const HvScene *scene, guint core, HvMask *cpus);
/** hv_scene_nodes_of: the nodes that have one of @cpus, as a mask of nodes. */
void hv_scene_nodes_of(const HvScene *scene, const HvMask *cpus, HvMask *nodes);
/** hv_scene_node_argument: a node's number as typed, of a node that is there. MALFORMED,
 * ABSENT. */
gboolean hv_scene_node_argument(const HvScene *scene, const char *text, int *node,
                                GError **error);
/** hv_scene_text: @cpus in the kernel's list form. (transfer full) */
char *hv_scene_text(const HvMask *cpus);
/** hv_recipe_refuse: REFUSED, printf-like; FALSE, so that it can be returned. */
gboolean hv_recipe_refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
