/* What a typed list of cpus would mean: which exist, what they share, who is there already. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/affinity-check.h"

#include "model/error.h"
#include "model/i18n.h"

#define MAX_NEIGHBOURS 4 /* named; the others are counted */

/* Moves the cpus that are absent, or offline, out of @set. */
static void
find_unusable(const HvTopology *topology, const HvSet *set, HvSet *absent, HvSet *offline)
{
    HV_SET_FOREACH(cpu, set)
    {
        const HvTopoCpu *found = hv_topology_cpu(topology, (guint)cpu);

        if (!found)
            hv_set_add(absent, (guint)cpu);
        else if (!found->online)
            hv_set_add(offline, (guint)cpu);
    }
}

static gboolean
are_usable(const HvTopology *topology, const HvSet *set, GError **error)
{
    g_autoptr(HvSet) absent = hv_set_new(), offline = hv_set_new();
    g_autofree char *absent_text = NULL, *offline_text = NULL;

    find_unusable(topology, set, absent, offline);
    absent_text = hv_set_to_text(absent);
    offline_text = hv_set_to_text(offline);
    if (*absent_text && *offline_text)
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("this host has no cpu %s; offline: cpu %s"), absent_text, offline_text);
    else if (*absent_text)
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("this host has no cpu %s"),
                    absent_text);
    else if (*offline_text)
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("offline: cpu %s"), offline_text);
    return !*absent_text && !*offline_text;
}

HvSet *
hv_affinity_set(const HvTopology *topology, const char *text, GError **error)
{
    g_autoptr(HvSet) set = hv_set_parse(text, error);

    if (!set)
        return NULL;
    if (hv_set_is_empty(set)) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("an empty list: type cpus, as 0-3,8"));
        return NULL;
    }
    if (topology && !are_usable(topology, set, error))
        return NULL;
    return g_steal_pointer(&set);
}

static void
add_note(GArray *notes, HvRole role, char *take_text)
{
    const HvAffinityNote note = { role, take_text };

    g_array_append_val(notes, note);
}

static void
clear_note(gpointer data)
{
    g_free(((HvAffinityNote *)data)->text);
}

/* Adds @number of a cpu's place, where it is known. */
static void
add_known(HvSet *set, int number)
{
    if (number >= 0)
        hv_set_add(set, (guint)number);
}

static void
note_places(GArray *notes, const HvTopology *topology, const HvSet *set)
{
    g_autoptr(HvSet) cores = hv_set_new(), llcs = hv_set_new(), nodes = hv_set_new();
    g_autofree char *llc_text = NULL, *node_text = NULL;
    GString *text = g_string_new(NULL);

    HV_SET_FOREACH(cpu, set)
    {
        const HvTopoCpu *found = hv_topology_cpu(topology, (guint)cpu);

        add_known(cores, found ? found->core : -1);
        add_known(llcs, found ? found->llc : -1);
        add_known(nodes, found ? found->node : -1);
    }
    llc_text = hv_set_to_text(llcs);
    node_text = hv_set_to_text(nodes);
    g_string_append_printf(text, _("cpus: %u   cores: %u"), hv_set_count(set),
                           hv_set_count(cores));
    if (*llc_text)
        g_string_append_printf(text, "   L3 %s", llc_text);
    if (*node_text)
        g_string_append_printf(text, "   %s %s", _("node"), node_text);
    add_note(notes, hv_set_count(nodes) > 1 ? HV_ROLE_WARM : HV_ROLE_DIALOG,
             g_string_free(text, FALSE));
}

static void
note_siblings(GArray *notes, const HvTopology *topology, const HvSet *set)
{
    g_autoptr(HvSet) left = hv_set_new();
    g_autofree char *text = NULL;

    for (guint i = 0; i < topology->n_cores; i++)
        if (hv_set_intersects(topology->cores[i].cpus, set))
            hv_set_union(left, topology->cores[i].cpus);
    hv_set_subtract(left, set);
    hv_set_intersect(left, topology->online);
    if (hv_set_is_empty(left))
        return;
    text = hv_set_to_text(left);
    add_note(notes, HV_ROLE_DIALOG, g_strdup_printf(_("sibling threads left out: %s"), text));
}

static void
note_isolated(GArray *notes, const HvTopology *topology, const HvSet *set)
{
    g_autoptr(HvSet) isolated = hv_set_copy(topology->isolated);
    g_autofree char *text = NULL;

    hv_set_intersect(isolated, set);
    if (hv_set_is_empty(isolated))
        return;
    text = hv_set_to_text(isolated);
    add_note(notes, HV_ROLE_WARM,
             g_strdup_printf(_("isolated, not balanced by the kernel: %s"), text));
}

gboolean
hv_affinity_is_pinned(const HvTopology *topology, const char *cpus)
{
    g_autoptr(HvSet) set = cpus ? hv_set_parse(cpus, NULL) : NULL;

    return set && topology && !hv_set_is_subset(topology->online, set);
}

static gboolean
meets(const char *cpus, const HvSet *set)
{
    g_autoptr(HvSet) other = cpus ? hv_set_parse(cpus, NULL) : NULL;

    return other && hv_set_intersects(other, set);
}

static void
note_neighbours(GArray *notes, const HvSnapshot *snapshot, const char *vm, const HvSet *set)
{
    const HvTable *vms = hv_snapshot_table(snapshot, "vms");
    const int allowed = hv_table_column(vms, "cpus_allowed"), name = hv_table_column(vms, "vm");
    guint n_pinned = 0, n_floating = 0;
    GString *text = g_string_new(NULL);

    for (guint i = 0; vms && i < hv_table_n_rows(vms); i++) {
        const char *cpus = hv_table_text(vms, i, allowed);

        if (g_strcmp0(hv_table_row_key(vms, i), vm) == 0 || !meets(cpus, set))
            continue;
        if (!hv_affinity_is_pinned(snapshot->topology, cpus))
            n_floating++;
        else if (++n_pinned <= MAX_NEIGHBOURS)
            g_string_append_printf(text, "%s%s (%s)", text->len ? ", " : "",
                                   hv_table_text(vms, i, name), cpus);
    }
    if (n_pinned > MAX_NEIGHBOURS)
        g_string_append_printf(text, _(" and %u more"), n_pinned - MAX_NEIGHBOURS);
    if (n_pinned)
        add_note(notes, HV_ROLE_WARM, g_strdup_printf(_("pinned there: %s"), text->str));
    else
        add_note(notes, HV_ROLE_DIALOG, g_strdup(_("nobody else is pinned there")));
    if (n_floating)
        add_note(notes, HV_ROLE_DIALOG,
                 g_strdup_printf(_("unpinned VMs that may run there too: %u"), n_floating));
    g_string_free(text, TRUE);
}

GArray *
hv_affinity_notes(const HvSnapshot *snapshot, const char *vm, const HvSet *set)
{
    GArray *notes = g_array_new(FALSE, FALSE, sizeof(HvAffinityNote));

    g_array_set_clear_func(notes, clear_note);
    if (snapshot->topology) {
        note_places(notes, snapshot->topology, set);
        note_siblings(notes, snapshot->topology, set);
        note_isolated(notes, snapshot->topology, set);
    }
    note_neighbours(notes, snapshot, vm, set);
    return notes;
}
