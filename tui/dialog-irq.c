/* Interrupts: where the one under the cursor may go, why it will not, what irqbalance has to do
 * with it; or all those of a VM. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "tui/console-private.h"
#include "tui/dialog-menu.h"
#include "tui/pick.h"

typedef struct {
    char *irq;            /* NULL: all of the VM's */
    char *vm;             /* that its device was passed to; or NULL */
    gboolean is_balanced; /* irqbalance moves it */
} IrqChoice;

static void
free_choice(gpointer data)
{
    IrqChoice *choice = data;

    g_free(choice->irq);
    g_free(choice->vm);
    g_free(choice);
}

/* ---- what becomes of a choice ---- */

/* Where irqbalance has it in hand it would move it back: it is told to leave it alone first. */
static void
plan_cpus(HvMenu *menu, HvConsole *console, const char *cpus)
{
    const IrqChoice *choice = hv_menu_data(menu);
    GPtrArray *wishes = g_ptr_array_new_with_free_func((GDestroyNotify)hv_wish_free);
    g_autofree char *balanced = hv_knob_path("irq", choice->irq, "balanced", NULL);
    g_autofree char *affinity = hv_knob_path("irq", choice->irq, "cpus", NULL);

    if (choice->is_balanced)
        g_ptr_array_add(wishes, hv_wish_new(balanced, "off"));
    g_ptr_array_add(wishes, hv_wish_new(affinity, cpus));
    hv_menu_plan(menu, console, wishes);
}

static void
cpus_typed(gpointer data, HvConsole *console, const char *text)
{
    if (*text)
        plan_cpus(data, console, text);
}

static void
ask_cpus(HvMenu *menu, HvConsole *console, gpointer data G_GNUC_UNUSED)
{
    hv_dialog_ask(console, _("to which cpus?"), _("a list of cpus, as 0-3,8"), "", cpus_typed,
                  menu);
}

static void
node_chosen(gpointer data, HvConsole *console, guint index)
{
    const HvTopology *topology = console->now->topology;
    g_autoptr(HvSet) cpus = NULL;
    g_autofree char *text = NULL;

    if (!topology || index >= topology->n_nodes)
        return;
    cpus = hv_set_copy(topology->nodes[index].cpus);
    hv_set_intersect(cpus, topology->online);
    text = hv_set_to_text(cpus);
    if (*text)
        plan_cpus(data, console, text);
    else
        hv_menu_say(data, _("this node has no cpu that is online"));
}

static void
choose_node(HvMenu *menu, HvConsole *console, gpointer data)
{
    const IrqChoice *choice = data;
    const HvTopology *topology = console->now->topology;
    const HvTable *table = hv_snapshot_table(console->now, "interrupts");
    char **names = g_new0(char *, topology->n_nodes + 1);
    guint64 near = G_MAXUINT64;
    guint current = 0;

    for (int i = 0; table && i < (int)hv_table_n_rows(table); i++)
        if (g_strcmp0(hv_pick_text(table, i, "irq"), choice->irq) == 0)
            hv_pick_u64(table, i, "device_node", &near);
    for (guint i = 0; i < topology->n_nodes; i++) {
        const gboolean is_near = (guint64)topology->nodes[i].node == near;
        g_autofree char *cpus = hv_set_to_text(topology->nodes[i].cpus);

        current = is_near ? i : current;
        names[i] = g_strdup_printf(_("node %d%s: cpus %s"), topology->nodes[i].node,
                                   is_near ? _(", its device's") : "", cpus);
    }
    hv_dialog_choose(console, _("to which node?"), names, current, node_chosen, menu);
}

static void
plan_one(HvMenu *menu, HvConsole *console, const char *knob, const char *value)
{
    GPtrArray *wishes = g_ptr_array_new_with_free_func((GDestroyNotify)hv_wish_free);

    g_ptr_array_add(wishes, hv_wish_new(knob, value));
    hv_menu_plan(menu, console, wishes);
}

static void
ban(HvMenu *menu, HvConsole *console, gpointer data)
{
    const IrqChoice *choice = data;
    g_autofree char *knob = hv_knob_path("irq", choice->irq, "balanced", NULL);

    plan_one(menu, console, knob, choice->is_balanced ? "off" : "on");
}

static void
stop_irqbalance(HvMenu *menu, HvConsole *console, gpointer data G_GNUC_UNUSED)
{
    plan_one(menu, console, "host/irqbalance", "stopped");
}

static void
bring_home(HvMenu *menu, HvConsole *console, gpointer data)
{
    hv_menu_recipe(menu, console, "interrupts-home", ((IrqChoice *)data)->vm, NULL);
}

/* ---- one interrupt ---- */

static int
row_of(const HvTable *table, const char *irq)
{
    for (int i = 0; table && i < (int)hv_table_n_rows(table); i++)
        if (g_strcmp0(hv_pick_text(table, i, "irq"), irq) == 0)
            return i;
    return -1;
}

static void
note_irq(HvMenu *menu, const HvTable *table, int row, gboolean is_balanced)
{
    const char *name = hv_pick_text(table, row, "name"),
               *device = hv_pick_text(table, row, "device"),
               *wanted = hv_pick_text(table, row, "cpus_wanted"),
               *effective = hv_pick_text(table, row, "cpus_effective"),
               *why_not = hv_pick_text(table, row, "why_not");
    g_autofree char *what =
        g_strdup_printf("%s%s%s", name ? name : "–", device && *device ? _(", device ") : "",
                        device && *device ? device : "");
    g_autofree char *where = g_strdup_printf(
        _("wanted on cpus %s, goes to %s"), wanted ? wanted : "–", effective ? effective : "–");

    hv_menu_note(menu, HV_ROLE_DIALOG, what);
    hv_menu_note(menu, HV_ROLE_DIALOG, where);
    if (why_not && *why_not && !is_balanced)
        hv_menu_note(menu, HV_ROLE_WARM, _(why_not));
}

static void
note_irqbalance(HvMenu *menu, gboolean is_known, gboolean is_banned)
{
    if (is_known)
        hv_menu_note(menu, is_banned ? HV_ROLE_GOOD : HV_ROLE_WARM,
                     is_banned ? _("irqbalance was told to leave it alone")
                               : _("irqbalance moves it: a plan tells it to leave this one "
                                   "alone first"));
}

/* What tells of a device also tells whose it is. */
static char *
vm_of_device(const HvSnapshot *now, const char *device)
{
    const HvTable *devices = hv_snapshot_table(now, "devices");
    const char *vm = hv_pick_text(devices, hv_pick_row(devices, device), "vm");

    return vm && *vm ? g_strdup(vm) : NULL;
}

static void
add_items(HvMenu *menu, const HvConsole *console, const IrqChoice *choice, const char *held,
          gboolean is_known)
{
    const HvTopology *topology = console->now->topology;

    hv_menu_item(menu, _("to the cpus of a node…"),
                 held                            ? held
                 : topology && topology->n_nodes ? NULL
                                                 : _("no nodes are known here"),
                 choose_node);
    hv_menu_item(menu, _("to cpus that are typed…"), held, ask_cpus);
    if (is_known) {
        hv_menu_item(menu,
                     choice->is_balanced ? _("only keep irqbalance off it")
                                         : _("give it back to irqbalance"),
                     NULL, ban);
        hv_menu_item(menu, _("stop irqbalance altogether"), NULL, stop_irqbalance);
    }
    if (choice->vm) {
        g_autofree char *home =
            g_strdup_printf(_("all interrupts of %s to its node"), choice->vm);

        hv_menu_item(menu, home, NULL, bring_home);
    }
}

void
hv_dialog_irq(HvConsole *console, const char *irq)
{
    const HvTable *table = hv_snapshot_table(console->now, "interrupts");
    const int row = row_of(table, irq);
    const char *why_not = hv_pick_text(table, row, "why_not");
    guint64 movable = 1, banned = 0, number;
    g_autofree char *title = NULL;
    gboolean is_known;
    IrqChoice *choice;
    HvMenu *menu;

    if (row < 0 || hv_console_refuse_read_only(console))
        return;
    if (!g_ascii_string_to_unsigned(irq, 10, 0, G_MAXUINT32, &number, NULL)) {
        hv_console_say(console, HV_ROLE_WARM, _("%s: each cpu has its own: it goes nowhere"),
                       irq);
        return;
    }
    hv_pick_u64(table, row, "movable", &movable);
    is_known = hv_pick_u64(table, row, "banned", &banned);
    choice = g_new0(IrqChoice, 1);
    choice->irq = g_strdup(irq);
    choice->vm = vm_of_device(console->now, hv_pick_text(table, row, "device"));
    choice->is_balanced = is_known && !banned;
    title = g_strdup_printf(_("interrupt %s"), irq);
    menu = hv_menu_new(title, choice, free_choice);
    note_irq(menu, table, row, choice->is_balanced);
    note_irqbalance(menu, is_known, banned != 0);
    add_items(menu, console, choice,
              movable   ? NULL
              : why_not ? _(why_not)
                        : _("it will not move"),
              is_known);
    hv_menu_open(menu, console);
}

/* ---- those of a VM ---- */

void
hv_dialog_irqs(HvConsole *console)
{
    g_autoptr(GPtrArray) vms = hv_console_target_names(console);
    g_autofree char *title = NULL, *home = NULL;
    IrqChoice *choice;
    HvMenu *menu;

    if (!vms)
        return;
    choice = g_new0(IrqChoice, 1);
    choice->vm = g_strdup(g_ptr_array_index(vms, 0));
    title = vms->len > 1 ? g_strdup_printf(_("interrupts of %u VMs"), vms->len)
                         : g_strdup_printf(_("interrupts of %s"), choice->vm);
    home = g_strdup(_("to the node of its vCPUs"));
    menu = hv_menu_new(title, choice, free_choice);
    hv_menu_note(menu, HV_ROLE_DIALOG,
                 _("Those of devices passed through to it; of a card that serves others too, "
                   "its vhost threads. A single one: i on the screen Interrupts."));
    hv_menu_item(menu, home, vms->len > 1 ? _("one VM at a time: untag the others (U)") : NULL,
                 bring_home);
    hv_menu_open(menu, console);
}
