/* Cache and bandwidth of a VM: a share, a throttle, another group, a group of its own. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "model/text.h"
#include "tui/console-private.h"
#include "tui/dialog-menu.h"
#include "tui/pick.h"

typedef struct {
    GPtrArray *vms;    /* names */
    GPtrArray *groups; /* names, in the order of the choice of groups */
} CacheChoice;

static const char *
vm_of(const CacheChoice *choice)
{
    return g_ptr_array_index(choice->vms, 0);
}

static void
free_choice(gpointer data)
{
    CacheChoice *choice = data;

    g_ptr_array_unref(choice->vms);
    g_ptr_array_unref(choice->groups);
    g_free(choice);
}

/* ---- what it is now ---- */

static const char *
owner_of(const HvSnapshot *now, const char *group)
{
    const HvTable *groups = hv_snapshot_table(now, "resctrl_groups");

    for (int i = 0; groups && i < (int)hv_table_n_rows(groups); i++)
        if (g_strcmp0(hv_pick_text(groups, i, "group"), group) == 0)
            return hv_pick_text(groups, i, "owner");
    return NULL;
}

/* "L3 0: group default, 12 ways of 48.0M, holds 7.8M, bandwidth 100" */
static void
note_llc(HvMenu *menu, const HvSnapshot *now, int row)
{
    const HvTable *llc = hv_snapshot_table(now, "llc");
    const char *group = hv_pick_text(llc, row, "group"), *mb = hv_pick_text(llc, row, "mb");
    const char *owner = owner_of(now, group);
    const char *unit = hv_pick_text(hv_snapshot_table(now, "resctrl"), 0, "mb_unit");
    GString *text = g_string_new(NULL);
    guint64 number = 0, n_ways;
    double bytes;
    char size[16];

    hv_pick_u64(llc, row, "llc", &number);
    g_string_append_printf(text, _("L3 %u: group %s"), (guint)number, group ? group : "–");
    if (owner && g_strcmp0(owner, group) != 0)
        g_string_append_printf(text, _(" (of %s)"), _(owner));
    if (hv_pick_u64(llc, row, "n_ways", &n_ways))
        g_string_append_printf(text, _(", %u ways"), (guint)n_ways);
    if (hv_pick_f64(llc, row, "size_bytes", &bytes)) {
        hv_text_bytes(size, sizeof size, bytes);
        g_string_append_printf(text, _(" of %s"), size);
    }
    if (hv_pick_f64(llc, row, "occupancy_bytes", &bytes)) {
        hv_text_bytes(size, sizeof size, bytes);
        g_string_append_printf(text, _(", holds %s"), size);
    }
    if (mb && *mb)
        g_string_append_printf(text, _(", bandwidth limit %s %s"), mb, unit ? _(unit) : "");
    hv_menu_note(menu, HV_ROLE_DIALOG, text->str);
    g_string_free(text, TRUE);
}

static void
note_now(HvMenu *menu, const HvSnapshot *now, const char *vm)
{
    const HvTable *llc = hv_snapshot_table(now, "llc");
    gboolean has_any = FALSE;

    for (int i = 0; llc && i < (int)hv_table_n_rows(llc); i++)
        if (g_strcmp0(hv_pick_text(llc, i, "vm"), vm) == 0) {
            note_llc(menu, now, i);
            has_any = TRUE;
        }
    if (!has_any)
        hv_menu_note(menu, HV_ROLE_ABSENT,
                     _(llc && hv_table_why(llc)
                           ? hv_table_why(llc)
                           : N_("what it holds of a cache is not counted")));
}

static void
note_classes(HvMenu *menu, const HvSnapshot *now)
{
    const HvTable *resctrl = hv_snapshot_table(now, "resctrl");
    g_autofree char *text = NULL;
    guint64 used, all;

    if (!hv_pick_u64(resctrl, 0, "closids_used", &used) ||
        !hv_pick_u64(resctrl, 0, "n_closids", &all))
        return;
    text = g_strdup_printf(_("groups: %u of %u that there can be"), (guint)used, (guint)all);
    hv_menu_note(menu, used >= all ? HV_ROLE_WARM : HV_ROLE_DIM, text);
}

/* ---- what can be done ---- */

/* "75" and "75%" are the same. */
static void
run_recipe(HvMenu *menu, HvConsole *console, const char *recipe, const char *typed)
{
    const CacheChoice *choice = hv_menu_data(menu);
    g_autofree char *percent =
        g_strconcat(typed, g_str_has_suffix(typed, "%") ? "" : "%", NULL);

    if (*typed)
        hv_menu_recipe(menu, console, recipe, vm_of(choice), percent);
}

static void
share_typed(gpointer data, HvConsole *console, const char *text)
{
    run_recipe(data, console, "share", text);
}

static void
throttle_typed(gpointer data, HvConsole *console, const char *text)
{
    run_recipe(data, console, "throttle", text);
}

static void
share(HvMenu *menu, HvConsole *console, gpointer data G_GNUC_UNUSED)
{
    hv_dialog_ask(console, _("share of the L3, in percent"),
                  _("The VM gets these ways for itself and every other group the rest: a share "
                    "that others may fill too makes it slower."),
                  "75%", share_typed, menu);
}

static void
throttle(HvMenu *menu, HvConsole *console, gpointer data G_GNUC_UNUSED)
{
    hv_dialog_ask(console, _("memory bandwidth, in percent"),
                  _("In percent where this kernel counts in percent; what it reaches then is "
                    "to be measured: the number is a delay, not a rate."),
                  "50%", throttle_typed, menu);
}

/* Every VM that is meant goes into @group, made before where @is_new. */
static void
plan_group(HvMenu *menu, HvConsole *console, const char *group, gboolean is_new)
{
    const CacheChoice *choice = hv_menu_data(menu);
    GPtrArray *wishes = g_ptr_array_new_with_free_func((GDestroyNotify)hv_wish_free);
    g_autofree char *made = hv_knob_path("resctrl", group, NULL);

    if (is_new)
        g_ptr_array_add(wishes, hv_wish_new(made, "present"));
    for (guint i = 0; i < choice->vms->len; i++) {
        g_autofree char *knob =
            hv_knob_path("vm", g_ptr_array_index(choice->vms, i), "group", NULL);

        g_ptr_array_add(wishes, hv_wish_new(knob, group));
    }
    hv_menu_plan(menu, console, wishes);
}

static void
group_chosen(gpointer data, HvConsole *console, guint index)
{
    const CacheChoice *choice = hv_menu_data(data);

    plan_group(data, console, g_ptr_array_index(choice->groups, index), FALSE);
}

static void
name_typed(gpointer data, HvConsole *console, const char *text)
{
    if (*text)
        plan_group(data, console, text, TRUE);
}

/* "gold (of libvirt)" */
static void
choose_group(HvMenu *menu, HvConsole *console, gpointer data)
{
    const CacheChoice *choice = data;
    char **names = g_new0(char *, choice->groups->len + 1);

    for (guint i = 0; i < choice->groups->len; i++) {
        const char *group = g_ptr_array_index(choice->groups, i);
        const char *owner = owner_of(console->now, group);

        names[i] = owner && !g_str_equal(owner, group)
                       ? g_strdup_printf(_("%s (of %s)"), group, _(owner))
                       : g_strdup(group);
    }
    hv_dialog_choose(console, _("into which group?"), names, 0, group_chosen, menu);
}

static void
make_group(HvMenu *menu, HvConsole *console, gpointer data)
{
    g_autofree char *name = g_strconcat("hvtune-", vm_of(data), NULL);

    hv_dialog_ask(console, _("name of the new group"),
                  _("It begins with all ways and the whole bandwidth; the arrows on the screen "
                    "Cache then give it less."),
                  name, name_typed, menu);
}

/* ---- the window ---- */

static GPtrArray *
find_groups(const HvSnapshot *now)
{
    const HvTable *table = hv_snapshot_table(now, "resctrl_groups");
    GPtrArray *groups = g_ptr_array_new_with_free_func(g_free);

    for (int i = 0; table && i < (int)hv_table_n_rows(table); i++)
        if (hv_pick_text(table, i, "group"))
            g_ptr_array_add(groups, g_strdup(hv_pick_text(table, i, "group")));
    return groups;
}

void
hv_dialog_cache(HvConsole *console)
{
    GPtrArray *vms = hv_console_target_names(console);
    const char *one_only = NULL;
    g_autofree char *title = NULL;
    CacheChoice *choice;
    HvMenu *menu;

    if (!vms)
        return;
    choice = g_new0(CacheChoice, 1);
    choice->vms = vms;
    choice->groups = find_groups(console->now);
    if (vms->len > 1)
        one_only =
            _("one VM at a time: it plans both sides of the cache; untag the others (U)");
    title = vms->len > 1 ? g_strdup_printf(_("cache and bandwidth of %u VMs"), vms->len)
                         : g_strdup_printf(_("cache and bandwidth of %s"), vm_of(choice));
    menu = hv_menu_new(title, choice, free_choice);
    if (vms->len == 1)
        note_now(menu, console->now, vm_of(choice));
    note_classes(menu, console->now);
    hv_menu_item(menu, _("a share of the L3 for itself…"), one_only, share);
    hv_menu_item(menu, _("less memory bandwidth…"), one_only, throttle);
    hv_menu_item(menu, _("into another group…"),
                 choice->groups->len ? NULL : _("resctrl shows no group on this host"),
                 choose_group);
    hv_menu_item(menu, _("a group of its own…"), NULL, make_group);
    hv_menu_open(menu, console);
}
