/* Interrupts of a VM's devices, and of cards that it shares, on their way to its node. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tuners/recipes/irq-home.h"

#include <string.h>

#include "model/i18n.h"
#include "tuners/recipes/helpers.h"

void
hv_irq_home_init(HvIrqHome *at, const HvScene *scene, int node, const HvMask *house,
                 HvRecipeDraft *draft)
{
    *at = (HvIrqHome){
        .scene = scene,
        .interrupts = hv_snapshot_table(scene->call->snapshot, "interrupts"),
        .node = node,
        .house = *house,
        .next = -1,
        .draft = draft,
        .held = g_string_new(NULL),
        .shared = g_string_new(NULL),
    };
    hv_scene_node_cpus(scene, node, &at->here);
}

void
hv_irq_home_clear(HvIrqHome *at)
{
    if (at->held)
        g_string_free(at->held, TRUE);
    if (at->shared)
        g_string_free(at->shared, TRUE);
    *at = (HvIrqHome){ 0 };
}

/* ---- one interrupt ---- */

static const char *
text_of(const HvIrqHome *at, guint row, const char *column)
{
    return hv_table_text(at->interrupts, row, hv_table_column(at->interrupts, column));
}

static gboolean
is_home(const HvIrqHome *at, guint row)
{
    HvMask cpus;
    const char *effective = text_of(at, row, "cpus_effective");

    return hv_mask_parse(&cpus, effective ? effective : text_of(at, row, "cpus_wanted")) &&
           hv_mask_is_subset(&cpus, &at->here);
}

/* One that goes to a single cpu gets one of the node's, each another; others get them all. */
static char *
home_of(HvIrqHome *at, guint row)
{
    HvMask wanted;

    if (!hv_mask_parse(&wanted, text_of(at, row, "cpus_wanted")) || hv_mask_count(&wanted) > 1)
        return hv_scene_text(&at->house);
    at->next = hv_mask_next(&at->house, at->next);
    if (at->next < 0)
        at->next = hv_mask_next(&at->house, -1);
    return g_strdup_printf("%d", at->next);
}

/* irqbalance would bring it back within seconds: it is told first to leave it alone. */
static void
wish_interrupt(HvIrqHome *at, guint row)
{
    const char *irq = text_of(at, row, "irq");
    g_autofree char *balanced = hv_knob_path("irq", irq, "balanced", NULL);
    g_auto(HvValue) value = { 0 };

    if (hv_scene_read(at->scene, balanced, &value, NULL) && value.number)
        hv_recipe_wish(at->draft, g_steal_pointer(&balanced), g_strdup("off"));
    hv_recipe_wish(at->draft, hv_knob_path("irq", irq, "cpus", NULL), home_of(at, row));
}

/* FALSE also where that cannot be told: the tuner would refuse it. */
static gboolean
is_movable(const HvIrqHome *at, guint row)
{
    guint64 movable;

    return hv_table_u64(at->interrupts, row, hv_table_column(at->interrupts, "movable"),
                        &movable) &&
           movable != 0;
}

/* Those with one reason stand together: "104, 105 (REASON), 110 (ANOTHER)". */
static void
end_held(HvIrqHome *at)
{
    if (at->why)
        g_string_append_printf(at->held, " (%s)", at->why);
    at->why = NULL;
}

static void
hold(HvIrqHome *at, guint row)
{
    const char *told = text_of(at, row, "why_not");
    const char *why =
        told ? told
             : hv_table_reason(at->interrupts, row, hv_table_column(at->interrupts, "movable"));

    if (g_strcmp0(at->why, why) != 0)
        end_held(at);
    g_string_append_printf(at->held, "%s%s", at->held->len ? ", " : "",
                           text_of(at, row, "irq"));
    at->why = why;
}

static void
visit(HvIrqHome *at, guint row)
{
    if (is_home(at, row))
        return;
    if (is_movable(at, row) || at->scene->call->force)
        wish_interrupt(at, row);
    else
        hold(at, row);
}

/* ---- whose it is ---- */

/* Which VM the device was passed through to, or NULL. Borrowed. */
static const char *
vm_of_device(const HvIrqHome *at, const char *device, gboolean *is_network)
{
    const HvTable *devices = hv_snapshot_table(at->scene->call->snapshot, "devices");
    g_autofree char *key = hv_knob_escape(device);
    const int row = devices ? hv_table_find(devices, key) : -1;
    const char *class_name;

    *is_network = FALSE;
    if (row < 0)
        return NULL;
    class_name = hv_table_text(devices, (guint)row, hv_table_column(devices, "class"));
    *is_network = g_strcmp0(class_name, "ethernet") == 0;
    return hv_table_text(devices, (guint)row, hv_table_column(devices, "vm"));
}

/* A network card of the host's carries this VM's packets among others'. Where the card is on
 * another node, there its interrupts are at home. */
static void
visit_shared(HvIrqHome *at, guint row)
{
    guint64 node;

    if (hv_table_u64(at->interrupts, row, hv_table_column(at->interrupts, "device_node"),
                     &node) &&
        node != (guint64)at->node)
        return;
    if (at->scene->call->force) {
        visit(at, row);
        return;
    }
    if (!is_home(at, row))
        g_string_append_printf(at->shared, "%s%s", at->shared->len ? ", " : "",
                               text_of(at, row, "irq"));
}

void
hv_irq_home_visit(HvIrqHome *at, gboolean with_shared)
{
    const char *last = NULL;

    for (guint row = 0; at->interrupts && row < hv_table_n_rows(at->interrupts); row++) {
        const char *irq = text_of(at, row, "irq"), *device = text_of(at, row, "device");
        gboolean is_network;
        const char *vm;

        if (!irq || !device || g_strcmp0(irq, last) == 0) /* a row for each node */
            continue;
        last = irq;
        vm = vm_of_device(at, device, &is_network);
        if (g_strcmp0(vm, at->scene->name) == 0)
            visit(at, row);
        else if (with_shared && (!vm || !*vm) && is_network &&
                 hv_helpers_vhost(at->scene->guest))
            visit_shared(at, row);
    }
    end_held(at);
}
