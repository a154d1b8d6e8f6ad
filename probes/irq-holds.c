/* Why interrupts will not move, or not stay: for the probe "interrupts". */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/irq-holds.h"

#include "host/irqbalance.h"
#include "host/parse.h"
#include "model/i18n.h"

#define PERIOD_NS (10 * G_GINT64_CONSTANT(1000000000))
#define ASK_MS 100

static void
forget_bans(HvIrqHolds *holds, const char *why)
{
    g_clear_pointer(&holds->banned, hv_set_free);
    holds->why = why;
}

static void
read_bans(HvIrqHolds *holds)
{
    g_auto(HvIrqbalance) irqbalance = { 0 };
    g_autoptr(HvSet) banned = NULL;
    g_autoptr(GError) error = NULL;
    guint64 period_s;

    holds->balances = hv_host_exists(holds->host, "run/irqbalance") &&
                      hv_irqbalance_find_socket(holds->host, &irqbalance);
    if (!holds->balances) {
        forget_bans(holds, N_("no irqbalance listens in /run/irqbalance"));
        return;
    }
    if (irqbalance.pid == holds->silent_pid) {
        forget_bans(holds, N_("irqbalance does not answer"));
        return;
    }
    banned = hv_set_new();
    if (!hv_irqbalance_read(holds->host, &irqbalance, ASK_MS, banned, &period_s, &error)) {
        if (g_error_matches(error, HV_ERROR, HV_ERROR_TIMEOUT))
            holds->silent_pid = irqbalance.pid;
        forget_bans(holds, g_error_matches(error, HV_ERROR, HV_ERROR_DENIED)
                               ? N_("irqbalance answers root only")
                               : N_("irqbalance does not answer"));
        return;
    }
    forget_bans(holds, NULL);
    holds->banned = g_steal_pointer(&banned);
}

void
hv_irq_holds_refresh(HvIrqHolds *holds, gint64 now_ns)
{
    if (now_ns < holds->due_ns)
        return;
    holds->due_ns = now_ns + PERIOD_NS;
    read_bans(holds);
}

HvIrqHold
hv_irq_holds_of(HvIrqHolds *holds, const char *name, gint64 now_ns)
{
    if (g_str_has_prefix(name, "vfio-") &&
        (!holds->posting || now_ns >= holds->posting_ns + PERIOD_NS)) {
        hv_irq_posting_free(holds->posting);
        holds->posting = hv_irq_posting_read(holds->host);
        holds->posting_ns = now_ns;
    }
    return hv_irq_hold(holds->posting, name);
}

static void
emit_movable(HvSink *out, guint column, HvIrqHold hold)
{
    switch (hold) {
    case HV_IRQ_MOVES:
        hv_bool(out, column, TRUE);
        hv_mark(out, column, HV_MARK_ESTIMATED);
        break;
    case HV_IRQ_MANAGED:
    case HV_IRQ_POSTED:
        hv_bool(out, column, FALSE);
        hv_mark(out, column, HV_MARK_ESTIMATED);
        break;
    case HV_IRQ_PERHAPS_POSTED:
        hv_none(out, column, HV_MARK_ABSENT, hv_irq_why_held(hold));
        break;
    }
}

void
hv_irq_holds_emit(const HvIrqHolds *holds, HvSink *out, guint movable, const char *label,
                  HvIrqHold hold)
{
    const guint why_not = movable + 1, banned = movable + 2;
    guint64 irq = 0;

    if (!hv_parse_u64(label, HV_SET_MAX, &irq, NULL)) {
        hv_bool(out, movable, FALSE);
        hv_text(out, why_not, N_("it belongs to each cpu itself"));
        hv_none(out, banned, HV_MARK_ABSENT, N_("no interrupt of a device"));
        return;
    }
    emit_movable(out, movable, hold);
    if (holds->banned)
        hv_bool(out, banned, hv_set_has(holds->banned, (guint)irq));
    else
        hv_none(out, banned, HV_MARK_ABSENT, holds->why);
    if (hold != HV_IRQ_MOVES)
        hv_text(out, why_not, hv_irq_why_held(hold));
    else if (holds->balances && !(holds->banned && hv_set_has(holds->banned, (guint)irq)))
        hv_text(out, why_not, N_("irqbalance moves it back within 10 s"));
    else
        hv_none(out, why_not, HV_MARK_ABSENT, N_("nothing known keeps it from moving"));
}

void
hv_irq_holds_clear(HvIrqHolds *holds)
{
    hv_irq_posting_free(holds->posting);
    hv_set_free(holds->banned);
    *holds = (HvIrqHolds){ 0 };
}
