/* Recipe: holds down the memory bandwidth of one VM. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "host/parse.h"
#include "model/error.h"
#include "model/i18n.h"
#include "model/text.h"
#include "tuners/recipes/classes.h"

#define PERCENT_UNIT "percent"
#define RESOURCE "MB"
#define MOST_LIMIT 1000000000

/* ---- the limit ---- */

/* In the kernel's own unit; "%" only where that is percent. */
static gboolean
parse_limit(const HvScene *scene, const char *text, char **limit, GError **error)
{
    const gboolean is_percent = g_str_has_suffix(text, "%");
    const char *unit = hv_class_text(scene, "mb_unit");
    g_autofree char *number = g_strndup(text, strlen(text) - (is_percent ? 1 : 0));
    g_autofree char *shown = hv_text_printable(text, HV_SCENE_NAME_CHARS);
    guint64 value;

    if (!hv_parse_u64(number, MOST_LIMIT, &value, NULL) || value == 0) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("%s: not a limit: say 30%%"), shown);
        return FALSE;
    }
    if (is_percent && g_strcmp0(unit, PERCENT_UNIT) != 0)
        return hv_recipe_refuse(error,
                                _("%s: this kernel limits bandwidth in %s, not in percent: say "
                                  "how many: hvtune recipe throttle %s 160"),
                                shown, unit ? unit : _("an unknown unit"), scene->name);
    if (g_strcmp0(unit, PERCENT_UNIT) == 0 && value > 100) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("%s: more than 100 percent"), shown);
        return FALSE;
    }
    *limit = g_steal_pointer(&number);
    return TRUE;
}

/* ---- who else feels it ---- */

/* The cpus of all cores that a vCPU of the VM may run on. */
static void
core_cpus(const HvScene *scene, HvMask *cpus)
{
    HvMask own, one;

    hv_mask_clear(cpus);
    hv_scene_vcpu_cpus(scene, &own);
    HV_MASK_FOREACH(cpu, &own)
    {
        const HvTopoCpu *found = hv_topology_cpu(scene->topology, (guint)cpu);

        if (!found || found->core < 0)
            continue;
        hv_scene_core_cpus(scene, (guint)found->core, &one);
        hv_mask_union(cpus, &one);
    }
}

/* VMs that are held there, and VMs that float and may come by. */
static void
find_siblings(const HvScene *scene, GString *held, GString *floating)
{
    HvVmWalk walk;
    HvMask cores, allowed;

    core_cpus(scene, &cores);
    hv_vm_walk_begin(&walk, scene->call->snapshot);
    while (hv_vm_walk_next(&walk)) {
        gboolean is_held = FALSE, floats = FALSE;

        for (guint i = 0; i < walk.n_vcpus && !g_str_equal(walk.name, scene->name); i++) {
            if (!hv_vcpu_allowed(&walk, i, &allowed) || !hv_mask_intersects(&allowed, &cores))
                continue;
            if (hv_vcpu_is_pinned(&walk, &allowed))
                is_held = TRUE;
            else
                floats = TRUE;
        }
        if (is_held)
            g_string_append_printf(held, "%s%s", held->len ? ", " : "", walk.name);
        else if (floats)
            g_string_append_printf(floating, "%s%s", floating->len ? ", " : "", walk.name);
    }
}

static void
note_siblings(const HvScene *scene, HvRecipeDraft *draft)
{
    g_autoptr(GString) held = g_string_new(NULL);
    g_autoptr(GString) floating = g_string_new(NULL);
    const char *mode = hv_class_text(scene, "mb_throttle_mode");

    if (g_strcmp0(mode, "max") != 0)
        return;
    find_siblings(scene, held, floating);
    if (held->len)
        hv_recipe_note(
            draft,
            _("the stronger limit holds for both threads of a core: %s on its sibling "
              "threads is slowed too; hvtune recipe isolate %s parts them first"),
            held->str, scene->name);
    if (floating->len)
        hv_recipe_note(draft,
                       _("the stronger limit holds for both threads of a core: %s is not "
                         "pinned, and is slowed while on a sibling thread"),
                       floating->str);
    if (!held->len && !floating->len)
        hv_recipe_note(draft, _("the stronger limit holds for both threads of a core: nobody "
                                "else is on its sibling threads"));
}

/* ---- steps ---- */

/* A new group has all ways: where the VM had fewer, it keeps to those. */
static void
keep_ways(const HvScene *scene, const HvClass *own, HvRecipeDraft *draft)
{
    const char *resource;

    for (guint i = 0; own->former && (resource = hv_class_cache(scene, i)); i++) {
        HV_MASK_FOREACH(domain, &own->domains)
        {
            const guint64 n_ways = hv_class_info(scene, resource, "n_ways", 0);
            guint64 mask;

            if (hv_class_mask(scene, own->former, resource, domain, &mask) &&
                (guint64)__builtin_popcountll(mask) < n_ways)
                hv_class_wish(draft, own->group, resource, domain,
                              g_strdup_printf("%" G_GINT64_MODIFIER "x", mask));
        }
    }
}

static gboolean
draft_throttle(const HvRecipeCall *call, HvRecipeDraft *draft, GError **error)
{
    g_auto(HvScene) scene = { 0 };
    g_auto(HvClass) own = { 0 };
    g_autofree char *limit = NULL;

    if (!hv_scene_open(&scene, call, call->arguments[0], FALSE, error) ||
        !hv_class_open(&own, &scene, RESOURCE, error) ||
        !parse_limit(&scene, call->arguments[1], &limit, error))
        return FALSE;
    draft->title = g_strdup_printf("throttle %s %s", scene.name, call->arguments[1]);
    hv_class_wish_group(&own, draft);
    keep_ways(&scene, &own, draft);
    HV_MASK_FOREACH(domain, &own.domains)
    hv_class_wish(draft, own.group, RESOURCE, domain, g_strdup(limit));
    hv_class_wish_member(&own, &scene, draft);
    note_siblings(&scene, draft);
    if (g_strcmp0(hv_class_text(&scene, "mb_unit"), PERCENT_UNIT) == 0)
        hv_recipe_note(draft,
                       _("percent is a delay between L2 and L3, not a rate: nothing "
                         "happens while the VM stays below it, and hits in L3 are slower "
                         "too"));
    return TRUE;
}

const HvRecipe hv_recipe_throttle = {
    .name = "throttle",
    .usage = "VM LIMIT",
    .min_arguments = 2,
    .max_arguments = 2,
    .help = N_("holds down the memory bandwidth of a VM: 30%, or in this kernel's unit"),
    .details =
        N_("LIMIT is in the kernel's own unit: percent on Intel, eighths of GB/s for each L3 "
           "on AMD, MB/s where resctrl\n"
           "is mounted with mba_MBps. What is slowed beside the VM is named: where the mode "
           "is max, whoever runs on the\n"
           "other threads of its cores."),
    .tables = (const char *const[]){ "vms", "vcpus", "resctrl", "resctrl_info",
                                     "resctrl_groups", "resctrl_domains", "vm_groups", NULL },
    .draft = draft_throttle,
};
