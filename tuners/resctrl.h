/* What the knobs of resctrl share: its control groups as they are now, its rules, its lock. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/monitoring.h"
#include "host/resctrl-parse.h"
#include "tuners/tuner.h"

#define HV_CONTROL_DEFAULT "default"

/* One resource of a group in one domain. */
typedef struct {
    char *resource; /* "L3", "L3CODE", "MB" … */
    guint domain;
    gboolean is_cache;
    guint64 number;     /* mask, or limit in the kernel's unit */
    guint64 size_bytes; /* of the mask's ways; 0: not told */
} HvControlShare;

/* A control group. Immutable. */
typedef struct {
    char *name; /* "default", or its directory's ("default/" for one of that name) */
    HvResctrlOwner owner;
    char *mode;     /* "shareable", "exclusive", "pseudo-locked" …; NULL: not told */
    GArray *shares; /* of HvControlShare */
} HvControlGroup;

/** hv_control_path: of @file in @group, or of the group itself (@file ""), below "/". (transfer
 * full). Any thread, as all below unless said. */
char *hv_control_path(const char *group, const char *file);
/** hv_control_mounted: FALSE with ABSENT, saying what would help, where resctrl is not mounted.
 */
gboolean hv_control_mounted(HvHost *host, GError **error);
/** hv_control_names: of all control groups, the default first; NULL with @error. (transfer
 * full)
 */
char **hv_control_names(HvHost *host, GError **error);
gboolean hv_control_exists(HvHost *host, const char *group);
/** hv_control_read: the group @name with its shares; ABSENT names those there are, after
 * "@path: ". (transfer full) hv_control_free: accepts NULL. */
HvControlGroup *hv_control_read(HvHost *host, const char *name, const char *path,
                                GError **error);
void hv_control_free(HvControlGroup *group);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvControlGroup, hv_control_free)
/** hv_control_read_all: of HvControlGroup, the default first; one that goes meanwhile is left
 * out. (transfer full) */
GPtrArray *hv_control_read_all(HvHost *host, GError **error);
/** hv_control_share: borrowed, or NULL. */
const HvControlShare *hv_control_share(const HvControlGroup *group, const char *resource,
                                       guint domain);
/** hv_control_info: the number in info/@resource/@file; FALSE without it. */
gboolean hv_control_info(HvHost *host, const char *resource, const char *file, gboolean is_hex,
                         guint64 *value);
/** hv_control_is_locked: pseudo-locked, or about to be: nothing of it may be changed. */
gboolean hv_control_is_locked(const HvControlGroup *group);
/** hv_control_will_be: whether @group is there after the steps of @plan (or NULL). */
gboolean hv_control_will_be(HvHost *host, const char *group, const HvPlan *plan);
/** hv_control_check_owner: REFUSED for a group that somebody else made (libvirt, a container,
 * unknown) where only a glob names it. */
gboolean hv_control_check_owner(const char *group, const HvPlan *plan, GError **error);
/** hv_control_owner_remark: what a change to somebody else's group means; NULL for ours.
 * (transfer full) */
char *hv_control_owner_remark(const char *group);

/* One change, made while resctrl's lock is held. @text may be NULL. */
typedef gboolean (*HvControlChange)(HvHost *host, const char *path, const char *text,
                                    GError **error);
/** hv_control_change: takes the lock, makes one change, gives the lock back; what the kernel
 * refuses comes in its own words, which are in info/last_cmd_status as long as the lock is
 * held. @text NULL: the change is no write to a file. The actuator's thread, as below. */
gboolean hv_control_change(HvHost *host, HvControlChange change, const char *path,
                           const char *text, GError **error);
/** hv_control_lock: as libvirt does around its changes, at most 200 ms; a descriptor that
 * close() unlocks, or -1 with @error: nothing was written. */
int hv_control_lock(HvHost *host, GError **error);
/** hv_control_status: what the kernel says of the last command, or NULL. (transfer full)
 * hv_control_add_words: puts that into @error, unless it is what @former said before. */
char *hv_control_status(HvHost *host);
void hv_control_add_words(HvHost *host, const char *former, GError *error);
