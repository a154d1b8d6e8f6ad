/* The simulated resctrl's sharing of ways: modes, overlaps, first masks, bit_usage. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/resctrl-private.h"

#include <errno.h>
#include <string.h>

static const char *const mode_names[] = {
    [HV_RESCTRL_SHAREABLE] = "shareable", [HV_RESCTRL_EXCLUSIVE] = "exclusive"
};

static HvResctrlMode
mode_of(const HvSimResctrl *resctrl, guint closid)
{
    const HvResctrlGroup *group = hv_resctrl_group_of(resctrl, closid);

    return group ? group->mode : HV_RESCTRL_SHAREABLE;
}

/* With CDP the other half of the cache's masks, else the schema itself. */
static HvResctrlSchema
peer_of(const HvResctrlSchema *schema)
{
    HvResctrlSchema peer = *schema;

    if (schema->control == HV_RESCTRL_CODE)
        peer.control = HV_RESCTRL_DATA;
    else if (schema->control == HV_RESCTRL_DATA)
        peer.control = HV_RESCTRL_CODE;
    return peer;
}

/* What another class has of the cache, code and data. */
static guint32
mask_of(const HvSimResctrl *resctrl, const HvResctrlSchema *schema, guint closid, guint l3)
{
    HvResctrlSchema peer = peer_of(schema);

    return hv_resctrl_get(resctrl, schema, closid, l3) |
           hv_resctrl_get(resctrl, &peer, closid, l3);
}

gboolean
hv_resctrl_overlaps(const HvSimResctrl *resctrl, const HvResctrlSchema *schema, guint l3,
                    guint32 mask, guint closid, gboolean only_exclusive)
{
    if (!only_exclusive && (mask & resctrl->world->geometry.shareable_ways))
        return TRUE;
    for (guint other = 0; other < resctrl->n_closids; other++) {
        if (!resctrl->closid_used[other] || other == closid)
            continue;
        if (only_exclusive && mode_of(resctrl, other) != HV_RESCTRL_EXCLUSIVE)
            continue;
        if (mask & mask_of(resctrl, schema, other, l3))
            return TRUE;
    }
    return FALSE;
}

/* ---- a new class ---- */

/* The lowest run of ones in @mask. */
static guint32
first_run(guint32 mask)
{
    guint32 lowest = mask & -mask;

    return mask & ~(mask + lowest);
}

static guint32
first_mask(const HvSimResctrl *resctrl, const HvResctrlSchema *schema, guint closid, guint l3)
{
    guint32 shared = resctrl->world->geometry.shareable_ways, used = shared;

    for (guint other = 0; other < resctrl->n_closids; other++) {
        guint32 mask;

        if (!resctrl->closid_used[other] || other == closid)
            continue;
        mask = mask_of(resctrl, schema, other, l3);
        used |= mask;
        if (mode_of(resctrl, other) == HV_RESCTRL_SHAREABLE)
            shared |= mask;
    }
    return first_run(shared | (resctrl->full_mask & ~used));
}

static int
init_schema(HvSimResctrl *resctrl, const HvResctrlSchema *schema, guint closid)
{
    guint32 first[HV_SIM_MAX_L3];

    for (guint l3 = 0; l3 < resctrl->world->n_l3; l3++) {
        first[l3] = schema->control == HV_RESCTRL_MB ? resctrl->default_mb
                                                     : first_mask(resctrl, schema, closid, l3);
        if (schema->control != HV_RESCTRL_MB && resctrl->l3_online[l3] &&
            (guint)__builtin_popcount(first[l3]) < resctrl->min_bits) {
            hv_resctrl_say(resctrl, "No space on %s:%u\n", schema->name, l3);
            return -ENOSPC;
        }
    }
    for (guint l3 = 0; l3 < resctrl->world->n_l3; l3++)
        hv_resctrl_set(resctrl, schema, closid, l3, first[l3]);
    return 0;
}

int
hv_resctrl_init_class(HvSimResctrl *resctrl, guint closid)
{
    int result = 0;

    for (guint i = 0; result == 0 && i < resctrl->n_schemas; i++)
        result = init_schema(resctrl, &resctrl->schemas[i], closid);
    return result;
}

/* ---- who uses which way ---- */

static char
use_of_way(guint32 way, guint32 hardware, guint32 shared, guint32 exclusive)
{
    if (way & hardware)
        return way & shared ? 'X' : 'H';
    if (way & shared)
        return 'S';
    return way & exclusive ? 'E' : '0';
}

static void
print_domain(const HvSimResctrl *resctrl, const HvResctrlSchema *schema, guint l3,
             HvSimText *out)
{
    guint32 shared = 0, exclusive = 0;

    for (guint closid = 0; closid < resctrl->n_closids; closid++) {
        guint32 mask = hv_resctrl_get(resctrl, schema, closid, l3);

        if (!resctrl->closid_used[closid])
            continue;
        if (mode_of(resctrl, closid) == HV_RESCTRL_EXCLUSIVE)
            exclusive |= mask;
        else
            shared |= mask;
    }
    for (guint way = resctrl->world->geometry.n_ways; way-- > 0;) {
        char use[2] = { use_of_way(1u << way, resctrl->world->geometry.shareable_ways, shared,
                                   exclusive) };

        hv_sim_text(out, use);
    }
}

void
hv_resctrl_print_bit_usage(const HvSimResctrl *resctrl, const HvResctrlSchema *schema,
                           HvSimText *out)
{
    const char *separator = "";

    for (guint l3 = 0; l3 < resctrl->world->n_l3; l3++) {
        if (!resctrl->l3_online[l3])
            continue;
        hv_sim_printf(out, "%s%u=", separator, l3);
        print_domain(resctrl, schema, l3, out);
        separator = ";";
    }
    hv_sim_text(out, "\n");
}

/* ---- the file mode ---- */

static int
read_mode(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    const HvResctrlGroup *group = data;

    hv_sim_text(out, mode_names[group->mode]);
    hv_sim_text(out, "\n");
    return 0;
}

/* Returns: FALSE, and why in the status. */
static gboolean
can_be_exclusive(HvSimResctrl *resctrl, const HvResctrlGroup *group)
{
    gboolean has_cache = FALSE;

    for (guint i = 0; i < resctrl->n_schemas; i++) {
        const HvResctrlSchema *schema = &resctrl->schemas[i];

        if (schema->control == HV_RESCTRL_MB)
            continue;
        has_cache = TRUE;
        for (guint l3 = 0; l3 < resctrl->world->n_l3; l3++) {
            guint32 mask = hv_resctrl_get(resctrl, schema, group->closid, l3);

            if (resctrl->l3_online[l3] &&
                hv_resctrl_overlaps(resctrl, schema, l3, mask, group->closid, FALSE)) {
                hv_resctrl_say(resctrl, "Schemata overlaps\n");
                return FALSE;
            }
        }
    }
    if (!has_cache)
        hv_resctrl_say(resctrl, "Cannot be exclusive without CAT/CDP\n");
    return has_cache;
}

/* Why a region of this group cannot be locked in the cache: processors whose prefetchers cannot
 * be switched off for it cannot do that at all, and these are such. */
static int
refuse_lock(HvSimResctrl *resctrl, const HvResctrlGroup *group)
{
    if (group == resctrl->groups->pdata[0])
        hv_resctrl_say(resctrl, "Cannot pseudo-lock default group\n");
    else if (resctrl->world->geometry.cdp)
        hv_resctrl_say(resctrl, "CDP enabled\n");
    else
        hv_resctrl_say(resctrl, "Pseudo-locking not supported\n");
    return -EINVAL;
}

static int
write_mode(gpointer owner, gpointer data, const char *text, gsize length)
{
    HvSimResctrl *resctrl = owner;
    HvResctrlGroup *group = data;
    g_autofree char *mode = NULL;

    if (length > HV_RESCTRL_MAX_WRITE)
        return -E2BIG;
    if (length == 0 || text[length - 1] != '\n')
        return -EINVAL;
    mode = g_strndup(text, length - 1);
    hv_resctrl_look(resctrl);
    hv_resctrl_clear_status(resctrl);
    if (strcmp(mode, mode_names[group->mode]) == 0)
        return 0;
    if (strcmp(mode, "shareable") == 0) {
        group->mode = HV_RESCTRL_SHAREABLE;
        return 0;
    }
    if (strcmp(mode, "exclusive") == 0) {
        if (!can_be_exclusive(resctrl, group))
            return -EINVAL;
        group->mode = HV_RESCTRL_EXCLUSIVE;
        return 0;
    }
    if (strcmp(mode, "pseudo-locksetup") == 0)
        return refuse_lock(resctrl, group);
    hv_resctrl_say(resctrl, "Unknown or unsupported mode\n");
    return -EINVAL;
}

const HvSimFileClass hv_resctrl_mode_file = { .read = read_mode, .write = write_mode };
