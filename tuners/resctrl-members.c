/* Whose threads are in which control group, and what a group leaves behind. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tuners/resctrl-members.h"

#include <string.h>

#include "host/parse.h"
#include "model/plan.h"
#include "tuners/resctrl-rules.h"

#define MAX_TASKS_BYTES (32u << 20)

typedef void (*EachTask)(int tid, gpointer data);

/* ---- tasks ---- */

static gboolean
each_task(HvHost *host, const char *group, EachTask each, gpointer data, GError **error)
{
    g_autofree char *path = hv_control_path(group, "tasks");
    g_autofree char *text = hv_host_read_text(host, path, MAX_TASKS_BYTES, error);
    char *rest = text;

    if (!text)
        return FALSE;
    for (char *line; (line = hv_next_line(&rest));) {
        guint64 tid;

        if (hv_parse_u64(line, G_MAXINT, &tid, NULL) && tid > 0)
            each((int)tid, data);
    }
    return TRUE;
}

typedef struct {
    GHashTable *map;
    char *group; /* GRefString */
} Mapping;

static void
map_task(int tid, gpointer data)
{
    const Mapping *mapping = data;

    g_hash_table_insert(mapping->map, GINT_TO_POINTER(tid),
                        g_ref_string_acquire(mapping->group));
}

static void
release_name(gpointer name)
{
    g_ref_string_release(name);
}

GHashTable *
hv_members_map(HvHost *host, GError **error)
{
    g_auto(GStrv) names = hv_control_names(host, error);
    g_autoptr(GHashTable) map = g_hash_table_new_full(NULL, NULL, NULL, release_name);

    for (guint i = 1; names && names[i]; i++) {
        Mapping mapping = { map, g_ref_string_new(names[i]) };
        g_autoptr(GError) why = NULL;
        const gboolean good = each_task(host, names[i], map_task, &mapping, &why);

        g_ref_string_release(mapping.group);
        if (good || g_error_matches(why, HV_ERROR, HV_ERROR_ABSENT)) /* removed meanwhile */
            continue;
        g_propagate_error(error, g_steal_pointer(&why));
        return NULL;
    }
    return names ? g_steal_pointer(&map) : NULL;
}

/* ---- threads of VMs ---- */

GArray *
hv_members_threads(HvHost *host, const HvGuest *guest, GError **error)
{
    g_autofree char *path = g_strdup_printf("proc/%d/task", guest->pid);
    g_auto(GStrv) names = hv_host_list(host, path, error);
    GArray *tids;

    if (!names)
        return NULL;
    tids = g_array_new(FALSE, FALSE, sizeof(int));
    for (guint i = 0; names[i]; i++) {
        guint64 number;

        if (hv_parse_u64(names[i], G_MAXINT, &number, NULL) && number > 0) {
            const int tid = (int)number;

            g_array_append_val(tids, tid);
        }
    }
    return tids;
}

gboolean
hv_members_is_vcpu(const HvGuest *guest, int tid, guint *index)
{
    for (guint i = 0; i < guest->n_threads; i++) {
        if (guest->threads[i].tid == tid && guest->threads[i].role == HV_THREAD_VCPU) {
            *index = guest->threads[i].index;
            return TRUE;
        }
    }
    return FALSE;
}

/* What of one VM is in a group. */
typedef struct {
    const HvGuest *guest;
    GArray *vcpus;     /* of guint: their numbers */
    guint n_others;    /* its other threads there */
    gboolean is_whole; /* none of its threads is elsewhere */
} Part;

static void
clear_part(gpointer part)
{
    g_array_unref(((Part *)part)->vcpus);
}

static Part
part_in(HvHost *host, const HvGuest *guest, GHashTable *map, const char *group)
{
    g_autoptr(GArray) tids = guest->pid > 0 ? hv_members_threads(host, guest, NULL) : NULL;
    Part part = { guest, g_array_new(FALSE, FALSE, sizeof(guint)), 0, TRUE };

    for (guint i = 0; tids && i < tids->len; i++) {
        const int tid = g_array_index(tids, int, i);
        const char *in = g_hash_table_lookup(map, GINT_TO_POINTER(tid));
        guint index;

        if (g_strcmp0(in, group) != 0)
            part.is_whole = FALSE;
        else if (hv_members_is_vcpu(guest, tid, &index))
            g_array_append_val(part.vcpus, index);
        else
            part.n_others++;
    }
    return part;
}

/* Of Part: of each VM that has threads in @group. (transfer full) */
static GArray *
parts_of(HvHost *host, const HvGuestList *list, const char *group)
{
    g_autoptr(GHashTable) map = hv_members_map(host, NULL);
    GArray *parts = g_array_new(FALSE, FALSE, sizeof(Part));

    g_array_set_clear_func(parts, clear_part);
    for (guint i = 0; map && !list->remote && i < list->n_guests; i++) {
        Part part = part_in(host, list->guests[i], map, group);

        if (part.vcpus->len > 0 || part.n_others > 0)
            g_array_append_val(parts, part);
        else
            clear_part(&part);
    }
    return parts;
}

static void
add_wish(GPtrArray *wishes, char *take_path, const char *value)
{
    g_ptr_array_add(wishes, hv_wish_new(take_path, value));
    g_free(take_path);
}

static void
part_leaves(const Part *part, GPtrArray *wishes)
{
    const char *vm = part->guest->name;

    if (part->is_whole) {
        add_wish(wishes, hv_knob_path("vm", vm, "group", NULL), HV_CONTROL_DEFAULT);
        return;
    }
    for (guint i = 0; i < part->vcpus->len; i++) {
        g_autofree char *number = g_strdup_printf("%u", g_array_index(part->vcpus, guint, i));

        add_wish(wishes, hv_knob_path("vm", vm, "vcpu", number, "group", NULL),
                 HV_CONTROL_DEFAULT);
    }
    if (part->n_others > 0)
        add_wish(wishes, hv_knob_path("vm", vm, "emulator", "group", NULL), HV_CONTROL_DEFAULT);
}

void
hv_members_leave(HvHost *host, const char *group, GPtrArray *wishes)
{
    g_autoptr(HvGuestList) list = hv_host_guests_peek(host);
    g_autoptr(GArray) parts = parts_of(host, list, group);

    for (guint i = 0; i < parts->len; i++)
        part_leaves(&g_array_index(parts, Part, i), wishes);
}

void
hv_members_give_back(HvHost *host, const HvControlGroup *group, GPtrArray *wishes)
{
    if (group->mode && strcmp(group->mode, "shareable") != 0)
        return; /* more ways than it has would overlap, which it may not */
    for (guint i = 0; i < group->shares->len; i++) {
        const HvControlShare *share = &g_array_index(group->shares, HvControlShare, i);
        g_autofree char *resource = g_ascii_strdown(share->resource, -1);
        g_autofree char *number = g_strdup_printf("%u", share->domain);
        g_autofree char *text = NULL;
        guint64 first;

        if (!hv_rules_first(host, group->name, share->resource, share->domain, &first) ||
            first == share->number)
            continue;
        text = g_strdup_printf(
            share->is_cache ? "%" G_GINT64_MODIFIER "x" : "%" G_GUINT64_FORMAT, first);
        add_wish(wishes, hv_knob_path("resctrl", group->name, resource, number, NULL), text);
    }
}

/* ---- what is left ---- */

static void
count_task(int tid G_GNUC_UNUSED, gpointer n)
{
    (*(guint *)n)++;
}

static guint
count_tasks(HvHost *host, const char *group)
{
    guint n = 0;

    return each_task(host, group, count_task, &n, NULL) ? n : 0;
}

/* Whether the steps of @plan take that part of the VM, or all of it, elsewhere. */
static gboolean
is_moved(const HvPlan *plan, const char *group, const char *whole, char *take_part)
{
    g_autofree char *part = take_part;
    const HvValue *all = hv_plan_expected(plan, whole), *one = hv_plan_expected(plan, part);

    return (all && g_strcmp0(all->text, group) != 0) ||
           (one && g_strcmp0(one->text, group) != 0);
}

static guint
n_moved(const Part *part, const HvPlan *plan, const char *group)
{
    const char *vm = part->guest->name;
    g_autofree char *whole = hv_knob_path("vm", vm, "group", NULL);
    guint n = 0;

    for (guint i = 0; i < part->vcpus->len; i++) {
        g_autofree char *number = g_strdup_printf("%u", g_array_index(part->vcpus, guint, i));

        n += is_moved(plan, group, whole, hv_knob_path("vm", vm, "vcpu", number, "group", NULL))
                 ? 1
                 : 0;
    }
    if (is_moved(plan, group, whole, hv_knob_path("vm", vm, "emulator", "group", NULL)))
        n += part->n_others;
    return n;
}

guint
hv_members_left(HvHost *host, const char *group, const HvPlan *plan)
{
    g_autoptr(HvGuestList) list = hv_host_guests_peek(host);
    g_autoptr(GArray) parts = parts_of(host, list, group);
    const guint n_all = count_tasks(host, group);
    guint n = 0;

    for (guint i = 0; i < parts->len; i++)
        n += n_moved(&g_array_index(parts, Part, i), plan, group);
    return n_all - MIN(n, n_all);
}

static guint
count_monitors(HvHost *host, const char *group)
{
    g_autofree char *path = hv_control_path(group, "mon_groups");
    g_auto(GStrv) names = hv_host_list(host, path, NULL);
    guint n = 0;

    for (guint i = 0; names && names[i]; i++)
        n += hv_monitoring_is_ours(names[i]) ? 0 : 1;
    return n;
}

void
hv_members_look(HvHost *host, const char *group, HvLeftBehind *left)
{
    g_autoptr(HvGuestList) list = hv_host_guests_peek(host);
    g_autoptr(GArray) parts = parts_of(host, list, group);
    g_autoptr(HvControlGroup) found = hv_control_read(host, group, group, NULL);
    g_autofree char *path = hv_control_path(group, "cpus_list");
    g_autofree char *cpus = hv_host_read_text(host, path, 0, NULL);
    guint n = 0;

    for (guint i = 0; i < parts->len; i++) {
        const Part *part = &g_array_index(parts, Part, i);

        n += part->vcpus->len + part->n_others;
    }
    *left = (HvLeftBehind){
        .n_strangers = count_tasks(host, group),
        .n_monitors = count_monitors(host, group),
        .has_mode = found && found->mode && strcmp(found->mode, "shareable") != 0,
        .has_cpus = cpus && *hv_chomp(cpus),
    };
    left->n_strangers -= MIN(n, left->n_strangers);
}
