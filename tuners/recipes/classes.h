/* A VM's resctrl class, and what the others have of the same caches. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tuners/recipes/scene.h"

/* One that a recipe may give shares to. */
typedef struct {
    char *group;     /* of the VM: its own, or one still to be made */
    gboolean is_new; /* it is still to be made */
    char *former;    /* where its vCPUs are now; NULL: in @group */
    HvMask domains;  /* the L3s where its vCPUs may run */
} HvClass;

/** hv_class_open: REFUSED where this host has no resctrl mounted, where the VM lives in several
 * groups, or no class is left; says what to do. @resource: "L3" or "MB". The actuator's thread,
 * as below. */
gboolean hv_class_open(HvClass *own, const HvScene *scene, const char *resource,
                       GError **error);
void hv_class_clear(HvClass *own);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HvClass, hv_class_clear)
/** hv_class_wish_group: makes the group, where it is not there. hv_class_wish_member: puts the
 * VM into it, where it is not. */
void hv_class_wish_group(const HvClass *own, HvRecipeDraft *draft);
void hv_class_wish_member(const HvClass *own, const HvScene *scene, HvRecipeDraft *draft);
/** hv_class_wish: resctrl/@group/@resource/@domain = @take_value. */
void hv_class_wish(HvRecipeDraft *draft, const char *group, const char *resource, int domain,
                   char *take_value);
/** hv_class_info: a number of "resctrl_info" for @resource, or @otherwise. */
guint64 hv_class_info(const HvScene *scene, const char *resource, const char *column,
                      guint64 otherwise);
/** hv_class_text: a text of the one row of "resctrl", or NULL. Borrowed. */
const char *hv_class_text(const HvScene *scene, const char *column);
/** hv_class_mask: the ways of @group in @domain; FALSE unknown. */
gboolean hv_class_mask(const HvScene *scene, const char *group, const char *resource,
                       int domain, guint64 *mask);
/** hv_class_members: names of the VMs with a vCPU in @group, but @scene's: "web-1, web-2", or
 * "". (transfer full) */
char *hv_class_members(const HvScene *scene, const char *group);
/** hv_class_cache: "L3"; or with code and data apart "L3CODE", and then "L3DATA" for @i 1; NULL
 * behind the last. */
const char *hv_class_cache(const HvScene *scene, guint i);
