/* Lines of the sheet about exits of a VM: how many, of what kind, their cost, and APICv. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "model/i18n.h"
#include "model/text.h"
#include "model/vm-walk.h"
#include "tui/list.h"
#include "tui/pick.h"
#include "tui/sheet.h"

#define EXIT_S 1.5e-6 /* what one exit costs, near enough */
#define SHOWN_RATIO 0.01

static const struct {
    const char *column, *name;
} kinds[] = {
    { "halt_exits_per_s", N_("halted") },
    { "irq_exits_per_s", N_("interrupts of the host") },
    { "irq_window_exits_per_s", N_("waiting to inject") },
    { "io_exits_per_s", N_("ports") },
    { "mmio_exits_per_s", N_("MMIO") },
    { "signal_exits_per_s", N_("signals") },
    { "hypercalls_per_s", N_("hypercalls") },
};

/* "62 % halted, 12 % ports"; "" where none is known. */
static char *
list_kinds(const HvTable *table, guint row, double exits)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        const double ratio = hv_named_number(table, row, kinds[i].column) / exits;

        if (ratio >= SHOWN_RATIO)
            g_string_append_printf(text, "%s%.0f %% %s", text->len ? ", " : "", ratio * 100,
                                   _(kinds[i].name));
    }
    return g_string_free(text, FALSE);
}

static char *
source_of(const HvView *view, const HvTable *table, int row)
{
    const char *source = hv_pick_text(table, row, "source");
    guint64 read_ns;
    char age[16];

    if (!source || !hv_pick_u64(table, row, "read_ns", &read_ns))
        return g_strdup("");
    hv_text_duration(age, sizeof age, MAX(view->now_ns - (gint64)read_ns, 0));
    return g_strdup_printf("%s, %s", source, age);
}

static void
add_exits(GArray *lines, const HvView *view, const HvTable *table, int row, int width)
{
    const int column = hv_table_column(table, "exits_per_s");
    const double exits = hv_named_number(table, (guint)row, "exits_per_s");
    g_autofree char *source = source_of(view, table, row);
    g_autofree char *shares = exits > 0 ? list_kinds(table, (guint)row, exits) : NULL;
    g_autofree char *cost = NULL;
    char value[64];

    hv_text_cell(value, sizeof value, table, (guint)row, column, hv_view_ascii(view));
    hv_sheet_add(lines, isnan(exits) ? HV_ROLE_ABSENT : HV_ROLE_TEXT, _("exits"), value,
                 source);
    if (isnan(exits)) {
        hv_sheet_below(lines, HV_ROLE_ABSENT, hv_table_reason(table, (guint)row, column),
                       width);
        return;
    }
    if (shares && *shares)
        hv_sheet_below(lines, HV_ROLE_TEXT, shares, width);
    cost = g_strdup_printf(_("exits/s × 1.5 µs ≈ %.1f %% of a cpu, a part of hypervisor above"),
                           exits * EXIT_S * 100);
    hv_sheet_below(lines, HV_ROLE_DIM, cost, width);
}

static void
add_apicv(GArray *lines, const HvView *view, const HvTable *table, int row, int width)
{
    const char *state = hv_pick_text(table, row, "apicv");
    const char *cure = hv_pick_text(table, row, "apicv_cure");
    const int column = hv_table_column(table, "apicv");
    char injections[64];

    hv_text_cell(injections, sizeof injections, table, (guint)row,
                 hv_table_column(table, "injections_per_s"), hv_view_ascii(view));
    hv_sheet_add(lines, state ? HV_ROLE_TEXT : HV_ROLE_ABSENT, _("APICv"), state ? state : "–",
                 _("KVM's parameter, its counts, the definition"));
    hv_sheet_below(lines, state ? HV_ROLE_TEXT : HV_ROLE_ABSENT,
                   state ? hv_pick_text(table, row, "apicv_why")
                         : hv_table_reason(table, (guint)row, column),
                   width);
    hv_sheet_add(lines, HV_ROLE_TEXT, _("injections"), injections, "");
    hv_sheet_below(lines, HV_ROLE_DIM,
                   _("injected by software, per second; each costs an exit for its end, too"),
                   width);
    if (cure) {
        g_autofree char *text = g_strdup_printf(_("cure: %s"), cure);

        hv_sheet_below(lines, HV_ROLE_TEXT, text, width);
    }
}

void
hv_sheet_exits(GArray *lines, const HvView *view, int width)
{
    const HvTable *table = hv_snapshot_table(view->now, "kvm");
    const int row = hv_pick_row(table, view->vm);

    if (row < 0) {
        hv_sheet_add(lines, HV_ROLE_ABSENT, _("exits"), "–", "");
        hv_sheet_below(lines, HV_ROLE_ABSENT,
                       table && hv_table_why(table) ? hv_table_why(table) : _("not read yet"),
                       width);
        return;
    }
    add_exits(lines, view, table, row, width);
    add_apicv(lines, view, table, row, width);
}
