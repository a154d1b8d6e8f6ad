/* Recipe: a part of the last-level cache for one VM, the rest for all others. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "host/parse.h"
#include "model/error.h"
#include "model/i18n.h"
#include "model/text.h"
#include "tuners/recipes/classes.h"

#define DEFAULT_GROUP "default"
#define LEAST_OTHERS 2 /* ways that the default group keeps */
#define SIZE_TEXT 32

/* How one cache is divided. */
typedef struct {
    guint n_ways, n_own;
    guint64 own, others; /* masks */
} Split;

static gboolean
parse_percent(const char *text, guint *percent, GError **error)
{
    g_autofree char *number =
        g_str_has_suffix(text, "%") ? g_strndup(text, strlen(text) - 1) : NULL;
    g_autofree char *shown = hv_text_printable(text, HV_SCENE_NAME_CHARS);
    guint64 value;

    if (number && hv_parse_u64(number, 100, &value, NULL) && value > 0) {
        *percent = (guint)value;
        return TRUE;
    }
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                _("%s: not a part of the cache: say 75%%, from 1%% to 100%%"), shown);
    return FALSE;
}

static guint64
low_ways(guint n)
{
    return n >= 64 ? G_MAXUINT64 : (G_GUINT64_CONSTANT(1) << n) - 1;
}

static guint
count_ways(guint64 mask)
{
    return (guint)__builtin_popcountll(mask);
}

/* Ways next to each other at one end; at the end where hardware shares fewer of them. */
static gboolean
split_ways(const HvScene *scene, const char *resource, guint percent, Split *split,
           GError **error)
{
    const guint n = (guint)MIN(64, hv_class_info(scene, resource, "n_ways", 0));
    const guint least = (guint)MAX(1, hv_class_info(scene, resource, "min_cbm_bits", 1));
    const guint64 shared = hv_class_info(scene, resource, "shareable_mask", 0);
    const guint others = MAX(LEAST_OTHERS, least);
    guint64 low, high;

    *split = (Split){ .n_ways = n, .n_own = MAX(least, (n * percent + 50) / 100) };
    if (split->n_own + others > n)
        return hv_recipe_refuse(
            error,
            _("%s: %u %% of the %u ways leaves fewer than %u for the others, and for the "
              "host itself: at most %u%%"),
            scene->name, percent, n, others, n > others ? 100 * (n - others) / n : 0);
    low = low_ways(split->n_own);
    high = low_ways(n) & ~low_ways(n - split->n_own);
    split->own = count_ways(low & shared) <= count_ways(high & shared) ? low : high;
    split->others = low_ways(n) & ~split->own;
    return TRUE;
}

/* ---- the others ---- */

typedef struct {
    const HvScene *scene;
    const HvClass *own;
    HvRecipeDraft *draft;
    const char *resource;
    int domain;
    Split split;
} Share;

static guint64
bytes_per_way(const Share *share)
{
    const HvTopoLlc *llc = hv_topology_llc(share->scene->topology, share->domain);

    return llc ? llc->size_bytes / MAX(1, share->split.n_ways) : 0;
}

static void
note_loss(const Share *share, const char *group, guint64 before, guint64 after)
{
    g_autofree char *members = hv_class_members(share->scene, group);
    char size[SIZE_TEXT];

    hv_text_bytes(size, sizeof size,
                  (double)bytes_per_way(share) *
                      (double)(count_ways(before) - count_ways(after)));
    hv_recipe_note(share->draft,
                   *members ? _("group %s in cache %d: %u → %u ways, %s less, for %s")
                            : _("group %s in cache %d: %u → %u ways, %s less%s"),
                   group, share->domain, count_ways(before), count_ways(after), size, members);
}

/* What a group keeps: its ways that are not the VM's, or where that is nothing all that is
 * left. */
static void
take_from(const Share *share, const char *group, guint64 before)
{
    const guint64 kept = before & share->split.others;
    const guint least =
        g_str_equal(group, DEFAULT_GROUP)
            ? LEAST_OTHERS
            : (guint)MAX(1, hv_class_info(share->scene, share->resource, "min_cbm_bits", 1));
    const guint64 after = count_ways(kept) >= least ? kept : share->split.others;

    if (!(before & share->split.own))
        return;
    hv_class_wish(share->draft, group, share->resource, share->domain,
                  g_strdup_printf("%" G_GINT64_MODIFIER "x", after));
    note_loss(share, group, before, after);
}

static gboolean
check_mode(const HvTable *groups, guint row, const char *group, GError **error)
{
    const char *mode = hv_table_text(groups, row, hv_table_column(groups, "mode"));

    if (!mode || g_str_equal(mode, "shareable"))
        return TRUE;
    return hv_recipe_refuse(
        error,
        _("group %s is %s: it gives none of its ways away: make it shareable "
          "first, or leave its ways out"),
        group, mode);
}

static gboolean
take_from_all(const Share *share, GError **error)
{
    const HvTable *groups = hv_snapshot_table(share->scene->call->snapshot, "resctrl_groups");

    for (guint row = 0; groups && row < hv_table_n_rows(groups); row++) {
        const char *group = hv_table_text(groups, row, hv_table_column(groups, "group"));
        guint64 before;

        if (!group || g_str_equal(group, share->own->group) ||
            !hv_class_mask(share->scene, group, share->resource, share->domain, &before) ||
            !(before & share->split.own))
            continue;
        if (!check_mode(groups, row, group, error))
            return FALSE;
        take_from(share, group, before);
    }
    return TRUE;
}

/* ---- one cache ---- */

static gboolean
divide(Share *share, guint percent, GError **error)
{
    guint64 before;

    if (!split_ways(share->scene, share->resource, percent, &share->split, error))
        return FALSE;
    if (share->own->is_new ||
        !hv_class_mask(share->scene, share->own->group, share->resource, share->domain,
                       &before) ||
        before != share->split.own)
        hv_class_wish(share->draft, share->own->group, share->resource, share->domain,
                      g_strdup_printf("%" G_GINT64_MODIFIER "x", share->split.own));
    return take_from_all(share, error);
}

/* libvirt gives a starting domain only ways that no group has, the default one included. */
static void
note_cachetune(const HvScene *scene, HvRecipeDraft *draft)
{
    const HvTable *groups = hv_snapshot_table(scene->call->snapshot, "resctrl_groups");
    g_autoptr(GString) names = g_string_new(NULL);

    for (guint row = 0; groups && row < hv_table_n_rows(groups); row++) {
        const char *owner = hv_table_text(groups, row, hv_table_column(groups, "owner"));
        const char *vm = hv_table_text(groups, row, hv_table_column(groups, "vm"));

        if (g_strcmp0(owner, "libvirt") == 0 && vm && *vm)
            g_string_append_printf(names, "%s%s", names->len ? ", " : "", vm);
    }
    if (names->len)
        hv_recipe_note(draft,
                       _("no way is left unused, so that domains with <cachetune> cannot "
                         "start; running ones could not start again: %s"),
                       names->str);
    else
        hv_recipe_note(draft,
                       _("no way is left unused: domains with <cachetune> could not start"));
}

static gboolean
draft_all(const HvScene *scene, const HvClass *own, guint percent, HvRecipeDraft *draft,
          GError **error)
{
    const char *resource;

    hv_class_wish_group(own, draft);
    for (guint i = 0; (resource = hv_class_cache(scene, i)); i++) {
        HV_MASK_FOREACH(domain, &own->domains)
        {
            Share share = { scene, own, draft, resource, domain, { 0 } };

            if (!divide(&share, percent, error))
                return FALSE;
        }
    }
    hv_class_wish_member(own, scene, draft);
    note_cachetune(scene, draft);
    hv_recipe_note(draft, _("masks say where lines are filled, not where they are found: what "
                            "lies in the others' ways stays until they fill them"));
    return TRUE;
}

static gboolean
draft_share(const HvRecipeCall *call, HvRecipeDraft *draft, GError **error)
{
    g_auto(HvScene) scene = { 0 };
    g_auto(HvClass) own = { 0 };
    guint percent;

    if (!parse_percent(call->arguments[1], &percent, error) ||
        !hv_scene_open(&scene, call, call->arguments[0], FALSE, error) ||
        !hv_class_open(&own, &scene, "L3", error))
        return FALSE;
    draft->title = g_strdup_printf("share %s %u%%", scene.name, percent);
    draft->vm = g_strdup(scene.name);
    return draft_all(&scene, &own, percent, draft, error);
}

const HvRecipe hv_recipe_share = {
    .name = "share",
    .usage = "VM PERCENT%",
    .min_arguments = 2,
    .max_arguments = 2,
    .help = N_("gives a VM a part of the last-level cache, and all others the rest"),
    .details =
        N_("Both sides: the VM's own group gets that part of the ways, and every group that "
           "overlaps it, the default one\n"
           "included, keeps the rest; only in the caches where its vCPUs may run. At least "
           "two ways stay with the default\n"
           "group; ways that devices write to stay with the others."),
    .tables =
        (const char *const[]){ "vms", "vcpus", "resctrl", "resctrl_info", "resctrl_groups",
                               "resctrl_domains", "vm_groups", "llc", NULL },
    .draft = draft_share,
};
