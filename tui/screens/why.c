/* The sheet behind a row: where the VM's time goes, and for each number source, age, formula,
 * doubt. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <string.h>

#include "model/i18n.h"
#include "model/text.h"
#include "tui/console.h"
#include "tui/dialog.h"
#include "tui/list.h"
#include "tui/pick.h"
#include "tui/share.h"
#include "tui/sheet.h"

#define BUSY_RATIO 0.1 /* a neighbour that used less of a cpu is not named */
#define MAX_NEIGHBOURS 3

typedef struct {
    guint offset, page;
} Sheet;

/* How each slice is named and drawn: by glyph as well as by role. */
static const struct {
    const char *name, *utf8, *ascii;
    HvRole role;
} slices[HV_N_SHARES] = {
    [HV_SHARE_GUEST] = { N_("guest"), "█", "#", HV_ROLE_GOOD },
    [HV_SHARE_LOCAL] = { N_("local"), "▒", "l", HV_ROLE_TEXT },
    [HV_SHARE_REMOTE] = { N_("remote"), "▓", "R", HV_ROLE_HOT },
    [HV_SHARE_HYPERVISOR] = { N_("hypervisor"), "░", "H", HV_ROLE_WARM },
    [HV_SHARE_POLL] = { N_("halt-poll"), "=", "p", HV_ROLE_GRAPH },
    [HV_SHARE_WAIT] = { N_("waiting"), "▚", "w", HV_ROLE_HOT },
    [HV_SHARE_THROTTLED] = { N_("throttled"), "×", "x", HV_ROLE_HOT },
    [HV_SHARE_IDLE] = { N_("idle"), "·", ".", HV_ROLE_DIM },
};

/* A number that the sheet gives account of. */
static const struct {
    const char *label, *column, *source, *formula, *doubt;
} numbers[] = {
    { N_("cpu"), "cpu_ratio", N_("proc/PID/task/TID/schedstat"),
      N_("run time of the vCPU threads ÷ wall time, added up"),
      N_("a vCPU that polls looks busy: see halt-poll") },
    { N_("guest"), "guest_cpu_ratio", N_("proc/PID/task/TID/stat, guest_time"),
      N_("guest time of the vCPU threads ÷ wall time, added up"),
      N_("ticks: below 5 s only an estimate on kernels that account by tick") },
    { N_("overhead"), "overhead_ratio", N_("stat, halt-poll and vhost times"),
      N_("(system + user − guest − halt-poll + vhost) ÷ busy time"), NULL },
    { N_("waiting"), "wait_max_ratio", N_("schedstat, cpu.stat"),
      N_("worst vCPU: run-queue delay − throttled time, ÷ wall time"), NULL },
    { N_("mean wait"), "wait_mean_ratio", N_("schedstat, cpu.stat"), N_("mean over the vCPUs"),
      N_("a mean hides one starved vCPU") },
    { N_("throttled"), "throttled_ratio", N_("cpu.stat of its cgroup"),
      N_("time denied by cpu.max ÷ wall time"), NULL },
    { N_("halt-poll"), "halt_poll_ratio", N_("KVM statistics"),
      N_("time spent polling for halted vCPUs ÷ wall time"), NULL },
    { N_("emulator"), "emulator_ratio", N_("schedstat of QEMU's other threads"),
      N_("run time ÷ wall time"), NULL },
    { N_("vhost"), "vhost_ratio", N_("schedstat of its vhost threads"),
      N_("run time ÷ wall time"), NULL },
    { N_("psi cpu"), "psi_cpu_some_ratio", N_("cpu.pressure of its cgroup"),
      N_("share of time in which a thread of it waited for a cpu"), NULL },
    { N_("psi memory"), "psi_memory_some_ratio", N_("memory.pressure of its cgroup"),
      N_("share of time in which a thread of it waited for memory"), NULL },
    { N_("psi io"), "psi_io_some_ratio", N_("io.pressure of its cgroup"),
      N_("share of time in which a thread of it waited for a disk"), NULL },
    { N_("major faults"), "major_faults_per_s", N_("stat, majflt"),
      N_("pages read back from a disk, per second"), NULL },
    { N_("switches"), "ctx_switches_per_s", N_("schedstat"),
      N_("times its vCPU threads were put on a cpu, per second"), NULL },
};

static char *
age_of(const HvTable *table, const HvView *view)
{
    const gint64 sampled_ns = hv_table_sampled_ns(table);
    char age[16];

    if (!sampled_ns)
        return g_strdup("");
    hv_text_duration(age, sizeof age, MAX(view->now_ns - sampled_ns, 0));
    return g_strdup_printf(", %s", age);
}

static void
add_number(GArray *lines, const HvView *view, int row, gsize index, int width)
{
    const HvTable *vms = hv_snapshot_table(view->now, "vms");
    const int column = hv_table_column(vms, numbers[index].column);
    const HvMark mark = hv_table_mark(vms, (guint)row, column);
    g_autofree char *age = age_of(vms, view);
    g_autofree char *source = g_strdup_printf("%s%s", _(numbers[index].source), age);
    g_autofree char *worst = NULL;
    char value[64];
    guint64 vcpu;

    hv_text_cell(value, sizeof value, vms, (guint)row, column, hv_view_ascii(view));
    if (g_str_equal(numbers[index].column, "wait_max_ratio") &&
        hv_pick_u64(vms, row, "wait_max_vcpu", &vcpu))
        worst = g_strdup_printf(_("%s, vCPU %u"), value, (guint)vcpu);
    hv_sheet_add(lines, hv_mark_has_value(mark) ? HV_ROLE_TEXT : HV_ROLE_ABSENT,
                 _(numbers[index].label), worst ? worst : value, source);
    if (!hv_mark_has_value(mark))
        hv_sheet_below(lines, HV_ROLE_ABSENT, hv_table_reason(vms, (guint)row, column), width);
    hv_sheet_below(lines, HV_ROLE_DIM, _(numbers[index].formula), width);
    if (numbers[index].doubt && hv_mark_has_value(mark))
        hv_sheet_below(lines, HV_ROLE_DIM, _(numbers[index].doubt), width);
}

/* ---- whom it waits for ---- */

static gboolean
may_run_on(const char *cpus, guint64 cpu)
{
    g_autoptr(HvSet) set = cpus ? hv_set_parse(cpus, NULL) : NULL;

    return set && cpu <= HV_SET_MAX && hv_set_has(set, (guint)cpu);
}

/* vCPUs of others that last ran where the worst vCPU may run. */
static char *
find_neighbours(const HvSnapshot *now, const char *vm, guint64 worst)
{
    const HvTable *vcpus = hv_snapshot_table(now, "vcpus");
    g_autofree char *prefix = g_strconcat(vm, "/", NULL);
    g_autofree char *key = g_strdup_printf("%s%u", prefix, (guint)worst);
    const char *cpus = hv_pick_text(vcpus, hv_pick_row(vcpus, key), "cpus_allowed");
    GString *text = g_string_new(NULL);
    guint n = 0;

    for (int i = 0; vcpus && i < (int)hv_table_n_rows(vcpus) && n < MAX_NEIGHBOURS; i++) {
        guint64 cpu, number = 0;
        double run;

        if (g_str_has_prefix(hv_table_row_key(vcpus, (guint)i), prefix) ||
            !hv_pick_u64(vcpus, i, "cpu", &cpu) || !hv_pick_f64(vcpus, i, "run_ratio", &run) ||
            run < BUSY_RATIO || !may_run_on(cpus, cpu))
            continue;
        hv_pick_u64(vcpus, i, "vcpu", &number);
        g_string_append_printf(text, _("%s%s vCPU %u (%.0f%% of cpu %u)"), n++ ? ", " : "",
                               hv_pick_text(vcpus, i, "vm"), (guint)number, run * 100,
                               (guint)cpu);
    }
    return g_string_free(text, FALSE);
}

static void
add_neighbours(GArray *lines, const HvView *view, int row, int width)
{
    const HvTable *vms = hv_snapshot_table(view->now, "vms");
    g_autofree char *names = NULL;
    g_autofree char *text = NULL;
    guint64 vcpu;
    double wait;

    if (!hv_pick_u64(vms, row, "wait_max_vcpu", &vcpu) ||
        !hv_pick_f64(vms, row, "wait_max_ratio", &wait) || wait < 0.01)
        return;
    names = find_neighbours(view->now, view->vm, vcpu);
    if (!*names)
        return;
    text = g_strdup_printf(_("on its cpus ran: %s"), names);
    hv_sheet_below(lines, HV_ROLE_WARM, text, width);
    hv_sheet_below(lines, HV_ROLE_TEXT, _("cure: a gives it other cpus"), width);
}

static GArray *
make_lines(const HvView *view, int row, int width)
{
    GArray *lines = hv_sheet_new();

    hv_sheet_findings(lines, view, width);
    hv_sheet_memory(lines, view, width);
    for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++) {
        add_number(lines, view, row, i, width);
        if (g_str_equal(numbers[i].column, "wait_max_ratio"))
            add_neighbours(lines, view, row, width);
    }
    hv_sheet_exits(lines, view, width);
    return lines;
}

/* ---- drawing ---- */

static void
draw_bar(const HvShares *shares, HvCanvas *canvas, int y)
{
    const int width = canvas->columns - 2;
    double sum = 0;
    int x = 0;

    for (int i = 0; i < HV_N_SHARES; i++) {
        int end;

        sum += shares->ratio[i];
        end = i == HV_SHARE_IDLE ? width : (int)lround(sum * width);
        hv_canvas_fill(canvas, 1 + x, y, end - x, 1, slices[i].role,
                       hv_canvas_glyph(canvas, slices[i].utf8, slices[i].ascii));
        x = end;
    }
}

/* What is left of guest time when the memory stalls are told apart is of use. */
static char *
legend_of(const HvShares *shares, HvShareKind kind, const HvCanvas *canvas)
{
    const char *glyph = hv_canvas_glyph(canvas, slices[kind].utf8, slices[kind].ascii);
    const char *name = kind == HV_SHARE_GUEST && shares->is_known[HV_SHARE_REMOTE]
                           ? N_("useful")
                           : slices[kind].name;
    const char *about =
        kind <= HV_SHARE_REMOTE ? hv_canvas_glyph(canvas, "≈", "~") : ""; /* guest time too */

    if (!shares->is_known[kind])
        return g_strdup_printf("%s %s –", glyph, _(name));
    return g_strdup_printf("%s %s %s%.0f%%", glyph, _(name), about, shares->ratio[kind] * 100);
}

static int
draw_legend(const HvShares *shares, HvCanvas *canvas, int y)
{
    HvRun run = { canvas, 1, y, canvas->columns };

    for (int i = 0; i < HV_N_SHARES; i++) {
        g_autofree char *text = legend_of(shares, (HvShareKind)i, canvas);

        if (hv_run_add(&run, slices[i].role, text))
            continue;
        run.x = 1;
        run.y++;
        hv_run_add(&run, slices[i].role, text);
    }
    return run.y + 1;
}

static int
draw_shares(const HvView *view, HvCanvas *canvas, int y)
{
    HvShares shares;

    if (!hv_shares_of(view->now, view->vm, &shares)) {
        hv_canvas_print(canvas, 1, y, HV_ROLE_ABSENT,
                        _("no run times of its vCPUs yet: one sample gives no rate"));
        return y + 1;
    }
    hv_canvas_printf(canvas, 1, y, HV_ROLE_DIM,
                     _("wall time of its vCPUs (%u) in the last sample"), shares.n_vcpus);
    draw_bar(&shares, canvas, y + 1);
    return draw_legend(&shares, canvas, y + 2);
}

static void
draw_lines(Sheet *sheet, const HvView *view, HvCanvas *canvas, int row, int y, int bottom)
{
    g_autoptr(GArray) lines = make_lines(view, row, canvas->columns);

    sheet->page = (guint)MAX(bottom - y, 1);
    sheet->offset = hv_sheet_draw(lines, sheet->offset, canvas, y, bottom);
}

static void
draw(gpointer state, const HvView *view, HvCanvas *canvas, int top, int bottom)
{
    const HvTable *vms = hv_snapshot_table(view->now, "vms");
    const int row = hv_pick_row(vms, view->vm);
    HvRun run = { canvas, 1, top, canvas->columns };

    if (row < 0) {
        hv_canvas_print(canvas, 1, top, HV_ROLE_WARM, _("no VM is selected"));
        return;
    }
    hv_console_see(view->console, view->vm);
    hv_run_add(&run, HV_ROLE_TITLE, hv_pick_text(vms, row, "vm"));
    hv_run_add(&run, HV_ROLE_TITLE, _("why is it slow?"));
    draw_lines(state, view, canvas, row, draw_shares(view, canvas, top + 1) + 1, bottom);
}

static gboolean
event(gpointer state, const HvView *view G_GNUC_UNUSED, const HvEvent *what)
{
    Sheet *sheet = state;

    return hv_dialog_scroll(what, &sheet->offset, sheet->page);
}

static gpointer
create(void)
{
    return g_new0(Sheet, 1);
}

static void
save(gpointer state, HvViewOut *out)
{
    hv_view_put_number(out, "scroll", ((const Sheet *)state)->offset);
}

static void
load(gpointer state, const HvViewIn *in)
{
    ((Sheet *)state)->offset = (guint)hv_view_number(in, "scroll", 0, G_MAXINT / 2);
}

static const HvBinding bindings[] = {
    { ' ', NULL, N_("a page down"), { .verb = HV_DO_EVENT } },
    { HV_KEY_ENTER, NULL, N_("the VM's page"), { .verb = HV_DO_VM_PAGE } },
    { 0 },
};

const HvScreen hv_screen_why = {
    .name = "why",
    .title = N_("Why"),
    .help = N_("Where the wall time of a VM's vCPUs goes, and for each number its source, age, "
               "formula and doubt."),
    .bindings = bindings,
    .create = create,
    .destroy = g_free,
    .draw = draw,
    .event = event,
    .save = save,
    .load = load,
};
