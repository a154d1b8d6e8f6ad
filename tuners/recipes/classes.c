/* A VM's resctrl class, and what the others have of the same caches. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tuners/recipes/classes.h"

#include <string.h>

#include "model/i18n.h"

#define DEFAULT_GROUP "default"
#define OWN_PREFIX "hvtune-"

/* ---- tables ---- */

guint64
hv_class_info(const HvScene *scene, const char *resource, const char *column, guint64 otherwise)
{
    const HvTable *info = hv_snapshot_table(scene->call->snapshot, "resctrl_info");
    const int row = info ? hv_table_find(info, resource) : -1;
    guint64 number;

    return row >= 0 && hv_table_u64(info, (guint)row, hv_table_column(info, column), &number)
               ? number
               : otherwise;
}

const char *
hv_class_text(const HvScene *scene, const char *column)
{
    const HvTable *table = hv_snapshot_table(scene->call->snapshot, "resctrl");

    return table && hv_table_n_rows(table)
               ? hv_table_text(table, 0, hv_table_column(table, column))
               : NULL;
}

gboolean
hv_class_mask(const HvScene *scene, const char *group, const char *resource, int domain,
              guint64 *mask)
{
    const HvTable *table = hv_snapshot_table(scene->call->snapshot, "resctrl_domains");
    g_autofree char *name = hv_knob_escape(group);
    g_autofree char *key = g_strdup_printf("%s/%s/%d", name, resource, domain);
    const int row = table ? hv_table_find(table, key) : -1;

    return row >= 0 && hv_table_u64(table, (guint)row, hv_table_column(table, "mask"), mask);
}

const char *
hv_class_cache(const HvScene *scene, guint i)
{
    static const char *const both[] = { "L3CODE", "L3DATA", NULL };

    if (hv_class_info(scene, "L3", "n_ways", 0) > 0)
        return i == 0 ? "L3" : NULL;
    return hv_class_info(scene, both[0], "n_ways", 0) > 0 ? both[i] : NULL;
}

/* ---- who is in it ---- */

/* Calls @each for the VM and group of each vCPU. */
static void
each_vcpu(const HvScene *scene, void (*each)(const char *vm, const char *group, gpointer data),
          gpointer data)
{
    const HvTable *table = hv_snapshot_table(scene->call->snapshot, "vm_groups");

    for (guint row = 0; table && row < hv_table_n_rows(table); row++) {
        const char *vm = hv_table_text(table, row, hv_table_column(table, "vm"));
        const char *group = hv_table_text(table, row, hv_table_column(table, "group"));

        if (vm && group)
            each(vm, group, data);
    }
}

typedef struct {
    const char *vm, *group; /* what is looked for */
    const char *found;      /* the group of the VM; borrowed */
    gboolean is_mixed;
    GPtrArray *others; /* VMs in the group; borrowed names */
} Look;

static void
look_for_group(const char *vm, const char *group, gpointer data)
{
    Look *look = data;

    if (!g_str_equal(vm, look->vm))
        return;
    look->is_mixed |= look->found && !g_str_equal(look->found, group);
    look->found = group;
}

static void
look_for_others(const char *vm, const char *group, gpointer data)
{
    Look *look = data;
    const guint n = look->others->len;

    if (g_str_equal(group, look->group) && !g_str_equal(vm, look->vm) &&
        (n == 0 || !g_str_equal(look->others->pdata[n - 1], vm)))
        g_ptr_array_add(look->others, g_strdup(vm));
}

char *
hv_class_members(const HvScene *scene, const char *group)
{
    g_autoptr(GPtrArray) others = g_ptr_array_new_with_free_func(g_free);
    Look look = { .vm = scene->name, .group = group, .others = others };

    each_vcpu(scene, look_for_others, &look);
    g_ptr_array_add(others, NULL);
    return g_strjoinv(", ", (char **)others->pdata);
}

/* ---- the class ---- */

static gboolean
group_exists(const HvScene *scene, const char *group)
{
    const HvTable *table = hv_snapshot_table(scene->call->snapshot, "resctrl_groups");
    g_autofree char *key = hv_knob_escape(group);

    return table && hv_table_find(table, key) >= 0;
}

static gboolean
check_host(const HvScene *scene, const char *resource, GError **error)
{
    const HvTable *table = hv_snapshot_table(scene->call->snapshot, "resctrl_info");
    const char *why = table ? hv_table_why(table) : NULL;
    const gboolean has_cache = g_str_equal(resource, "L3") && hv_class_cache(scene, 0) != NULL;
    const gboolean has_bandwidth = hv_class_info(scene, resource, "n_closids", 0) > 0;

    if (has_cache || (!g_str_equal(resource, "L3") && has_bandwidth))
        return TRUE;
    if (!table || !hv_table_n_rows(table))
        return hv_recipe_refuse(error,
                                _("resctrl is not there%s%s: where the cpu has it, "
                                  "hvtune set host/resctrl=mounted"),
                                why ? ": " : "", why ? why : "");
    return hv_recipe_refuse(error,
                            _("this host cannot allocate %s: resctrl has no such "
                              "resource"),
                            resource);
}

static gboolean
check_left(const HvScene *scene, GError **error)
{
    const HvTable *table = hv_snapshot_table(scene->call->snapshot, "resctrl");
    guint64 n_all, n_used;

    if (!table || !hv_table_n_rows(table) ||
        !hv_table_u64(table, 0, hv_table_column(table, "n_closids"), &n_all) ||
        !hv_table_u64(table, 0, hv_table_column(table, "closids_used"), &n_used) ||
        n_used < n_all)
        return TRUE;
    return hv_recipe_refuse(error,
                            _("%s: all %" G_GUINT64_FORMAT " classes of this host are in use: "
                              "remove a group, or put it into one: hvtune set vm/%s/group=…"),
                            scene->name, n_all, scene->name);
}

static void
find_domains(HvClass *own, const HvScene *scene)
{
    HvMask cpus;

    hv_mask_clear(&own->domains);
    hv_scene_vcpu_cpus(scene, &cpus);
    for (guint i = 0; i < scene->topology->n_llcs; i++) {
        HvMask llc;

        hv_mask_clear(&llc);
        hv_mask_of_set(&llc, scene->topology->llcs[i].cpus);
        if (scene->topology->llcs[i].llc >= 0 && hv_mask_intersects(&llc, &cpus))
            hv_mask_add(&own->domains, (guint)scene->topology->llcs[i].llc);
    }
}

/* The VM's own class stays; what it shares with others, it leaves. */
static gboolean
find_group(HvClass *own, const HvScene *scene, GError **error)
{
    Look look = { .vm = scene->name };
    g_autofree char *others = NULL;

    each_vcpu(scene, look_for_group, &look);
    if (!look.found)
        return hv_recipe_refuse(error, _("%s: in which resctrl group it is, is not known"),
                                scene->name);
    if (look.is_mixed)
        return hv_recipe_refuse(
            error,
            _("%s: its vCPUs live in several groups (<cachetune vcpus=…>): name the group: "
              "hvtune set resctrl/GROUP/l3/ID=…"),
            scene->name);
    others = hv_class_members(scene, look.found);
    if (!g_str_equal(look.found, DEFAULT_GROUP) && !*others) {
        own->group = g_strdup(look.found);
        return TRUE;
    }
    own->group = g_strconcat(OWN_PREFIX, scene->name, NULL);
    own->former = g_strdup(look.found);
    own->is_new = !group_exists(scene, own->group);
    return !own->is_new || check_left(scene, error);
}

gboolean
hv_class_open(HvClass *own, const HvScene *scene, const char *resource, GError **error)
{
    *own = (HvClass){ 0 };
    if (!check_host(scene, resource, error) || !find_group(own, scene, error))
        return FALSE;
    find_domains(own, scene);
    return hv_mask_count(&own->domains) > 0 ||
           hv_recipe_refuse(error, _("%s: which L3 its vCPUs use is not known"), scene->name);
}

void
hv_class_clear(HvClass *own)
{
    g_clear_pointer(&own->group, g_free);
    g_clear_pointer(&own->former, g_free);
}

void
hv_class_wish_group(const HvClass *own, HvRecipeDraft *draft)
{
    if (own->is_new)
        hv_recipe_wish(draft, hv_knob_path("resctrl", own->group, NULL), g_strdup("present"));
}

void
hv_class_wish_member(const HvClass *own, const HvScene *scene, HvRecipeDraft *draft)
{
    if (own->former)
        hv_recipe_wish(draft, hv_knob_path("vm", scene->name, "group", NULL),
                       g_strdup(own->group));
}

void
hv_class_wish(HvRecipeDraft *draft, const char *group, const char *resource, int domain,
              char *take_value)
{
    g_autofree char *word = g_ascii_strdown(resource, -1);
    g_autofree char *number = g_strdup_printf("%d", domain);

    hv_recipe_wish(draft, hv_knob_path("resctrl", group, word, number, NULL), take_value);
}
