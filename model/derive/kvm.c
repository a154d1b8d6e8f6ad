/* The table "kvm": what leaving guest mode costs each VM, and whether APICv or AVIC spares it.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <string.h>

#include "model/derive.h"
#include "model/derive/apicv.h"
#include "model/kvm-columns.h"
#include "model/vm-walk.h"

#define EXIT_S 1.5e-6 /* what one exit costs: semantics of findings, section 3 */

#define RATE_NUMBER(NAME, COUNTER, RATE, UNIT, RATE_UNIT, HELP) R_##NAME,
#define RATE_COLUMN(NAME, COUNTER, RATE, UNIT, RATE_UNIT, HELP)                                \
    [R_##NAME] = { .name = (RATE), .kind = HV_KIND_F64, .unit = (RATE_UNIT), .help = HELP },

enum {
    VM,
    APICV,
    APICV_WHY,
    APICV_CAUSE,
    APICV_CURE,
    COST_RATIO,
    POSTED,
    HALT_POLL_RATIO,
    SOURCE,
    READ_NS,
    HV_KVM_EACH_COUNT(RATE_NUMBER) N_COLUMNS,
};

static const HvColumn columns[] = {
    [VM] = { .name = "vm", .kind = HV_KIND_KEY, .help = N_("name of the VM") },
    [APICV] = { .name = "apicv",
                .kind = HV_KIND_TEXT,
                .help =
                    N_("whether APICv or AVIC serves it: active, inhibited, likely, unknown "
                       "or off") },
    [APICV_WHY] = { .name = "apicv_why", .kind = HV_KIND_TEXT, .help = N_("what says so") },
    [APICV_CAUSE] = { .name = "apicv_cause",
                      .kind = HV_KIND_TEXT,
                      .help = N_("what keeps it from being served: parameter, pit, synic, sev, "
                                 "vcpus") },
    [APICV_CURE] = { .name = "apicv_cure",
                     .kind = HV_KIND_TEXT,
                     .help = N_("what would let it be served") },
    [COST_RATIO] = { .name = "cost_ratio",
                     .kind = HV_KIND_F64,
                     .unit = HV_UNIT_RATIO,
                     .help = N_("share of its vCPUs' time, at least, that injected interrupts "
                                "cost in exits") },
    [POSTED] = { .name = "posted",
                 .kind = HV_KIND_TEXT,
                 .help = N_("whether interrupts are posted to it by hardware") },
    [HALT_POLL_RATIO] = { .name = "halt_poll_ratio",
                          .kind = HV_KIND_F64,
                          .unit = HV_UNIT_RATIO,
                          .help = N_("cpus spent polling for halted vCPUs") },
    [SOURCE] = { .name = "source",
                 .kind = HV_KIND_TEXT,
                 .help = N_("where its counts come from: debugfs or libvirt") },
    [READ_NS] = { .name = "read_ns",
                  .kind = HV_KIND_U64,
                  .unit = HV_UNIT_NS,
                  .help = N_("monotonic instant at which its counts were read"),
                  .hidden = TRUE },
    HV_KVM_EACH_COUNT(RATE_COLUMN){ 0 },
};
static const HvSchema schema = { .name = "kvm", .columns = columns };

/* ---- what all VMs have in common ---- */

/* What the raw table tells of a guest and this one does not show. */
typedef enum { TCG, SYNIC, HV_AVIC, PIT_REINJECTED, NESTED_SVM, N_FLAGS } Flag;

typedef struct {
    const HvSnapshot *snapshot;
    const HvTable *raw, *vms, *host;         /* raw: kvm_vms; vms may be NULL */
    int from[N_COLUMNS], flags[N_FLAGS];     /* columns of raw */
    int n_vcpus, cpu_ratio, launch_security; /* of vms */
    HvApicvFacts facts;                      /* of the host alone */
    const char *why_no_parameter;            /* or NULL */
} Scene;

static void
find_columns(Scene *scene)
{
    static const char *const flags[N_FLAGS] = { "tcg", "synic", "hv_avic", "pit_reinjected",
                                                "nested_svm" };

    for (guint column = 0; column < N_COLUMNS; column++)
        scene->from[column] = hv_table_column(scene->raw, columns[column].name);
    for (guint i = 0; i < N_FLAGS; i++)
        scene->flags[i] = hv_table_column(scene->raw, flags[i]);
    scene->n_vcpus = hv_table_column(scene->vms, "n_vcpus");
    scene->cpu_ratio = hv_table_column(scene->vms, "cpu_ratio");
    scene->launch_security = hv_table_column(scene->vms, "launch_security");
}

/* PIN and PIW over all nodes; NAN where this kernel, or this processor, does not count them. */
static double
posted_of_host(const HvTable *interrupts)
{
    const int irq = hv_table_column(interrupts, "irq"),
              per_s = hv_table_column(interrupts, "per_s");
    double sum = (double)NAN;

    for (guint row = 0; interrupts && row < hv_table_n_rows(interrupts); row++) {
        const char *label = hv_table_text(interrupts, row, irq);
        double rate;

        if (!label || label[0] != 'P' || label[1] != 'I' ||
            (strcmp(label, "PIN") != 0 && strcmp(label, "PIW") != 0) ||
            !hv_table_f64(interrupts, row, per_s, &rate))
            continue;
        sum = isnan(sum) ? rate : sum + rate;
    }
    return sum;
}

static void
look_at_host(Scene *scene)
{
    const HvTable *host = scene->host;
    const int apicv = hv_table_column(host, "apicv");
    guint64 is_on;

    scene->facts.posted_per_s =
        posted_of_host(hv_snapshot_table(scene->snapshot, "interrupts"));
    if (!host || hv_table_n_rows(host) == 0) {
        scene->why_no_parameter =
            host && hv_table_why(host) ? hv_table_why(host) : N_("KVM is not loaded here");
        return;
    }
    scene->facts.module = hv_table_text(host, 0, hv_table_column(host, "module"));
    scene->facts.parameter = hv_table_text(host, 0, hv_table_column(host, "parameter"));
    scene->facts.is_amd = g_strcmp0(scene->facts.module, "kvm_amd") == 0;
    if (scene->facts.parameter && hv_table_u64(host, 0, apicv, &is_on))
        scene->facts.is_on = is_on != 0;
    else
        scene->why_no_parameter = hv_table_reason(host, 0, apicv);
}

/* ---- one VM ---- */

static double
rate(const Scene *scene, guint row, guint column)
{
    return hv_number(scene->raw, row, scene->from[column]);
}

static int
flag(const Scene *scene, guint row, Flag column)
{
    const double value = hv_number(scene->raw, row, scene->flags[column]);

    return isnan(value) ? -1 : value > 0;
}

static void
collect(const Scene *scene, guint row, int vm, HvApicvFacts *facts)
{
    *facts = scene->facts;
    facts->tcg = flag(scene, row, TCG) == 1;
    facts->injections_per_s = rate(scene, row, R_IRQ_INJECTIONS);
    facts->wakeups_per_s = rate(scene, row, R_HALT_WAKEUP);
    facts->host_irqs_per_s = rate(scene, row, R_IRQ_EXITS);
    facts->synic = flag(scene, row, SYNIC);
    facts->hv_avic = flag(scene, row, HV_AVIC);
    facts->pit_reinjected = flag(scene, row, PIT_REINJECTED);
    facts->nested_svm = flag(scene, row, NESTED_SVM);
    facts->n_vcpus = (double)NAN;
    if (vm < 0)
        return;
    facts->n_vcpus = hv_number(scene->vms, (guint)vm, scene->n_vcpus);
    facts->launch_security = hv_table_text(scene->vms, (guint)vm, scene->launch_security);
}

static void
text_or(HvSink *out, guint column, const char *text, const char *why)
{
    if (text)
        hv_text(out, column, text);
    else
        hv_none(out, column, HV_MARK_ABSENT, why);
}

static void
emit_posted(HvSink *out, const HvApicvVerdict *verdict)
{
    if (strcmp(verdict->state, "active") == 0)
        hv_text(out, POSTED, "yes");
    else if (strcmp(verdict->state, "off") == 0 || strcmp(verdict->state, "inhibited") == 0)
        hv_text(out, POSTED, "no");
    else
        hv_none(out, POSTED, HV_MARK_ABSENT, N_("KVM does not count them by VM"));
}

static void
emit_apicv(const Scene *scene, HvSink *out, guint row, int vm)
{
    HvApicvFacts facts;
    HvApicvVerdict verdict = { 0 };

    collect(scene, row, vm, &facts);
    if (scene->why_no_parameter && !facts.tcg) {
        for (guint column = APICV; column <= APICV_CURE; column++)
            hv_none(out, column, HV_MARK_ABSENT, scene->why_no_parameter);
        hv_none(out, POSTED, HV_MARK_ABSENT, scene->why_no_parameter);
        return;
    }
    hv_apicv_judge(&facts, &verdict);
    hv_text(out, APICV, verdict.state);
    hv_text(out, APICV_WHY, verdict.why);
    text_or(out, APICV_CAUSE, verdict.cause, N_("nothing known does"));
    text_or(out, APICV_CURE, verdict.cure ? _(verdict.cure) : NULL,
            N_("none is needed, or known"));
    emit_posted(out, &verdict);
}

/* Without APICv every interrupt that is injected is followed by an exit for its end; exits for
 * interrupts between vCPUs are not counted by KVM, so it is the least. */
static void
emit_cost(const Scene *scene, HvSink *out, guint row, int vm)
{
    const double injected = rate(scene, row, R_IRQ_INJECTIONS);
    const double windows = rate(scene, row, R_IRQ_WINDOW_EXITS);
    const double run =
        vm < 0 ? (double)NAN : hv_number(scene->vms, (guint)vm, scene->cpu_ratio);

    if (isnan(injected)) {
        hv_copy(out, COST_RATIO, scene->raw, row, scene->from[R_IRQ_INJECTIONS]);
    } else if (!(run > 0)) {
        hv_none(out, COST_RATIO, HV_MARK_ABSENT, N_("how long its vCPUs run is not known"));
    } else {
        hv_f64(out, COST_RATIO, (injected + (isnan(windows) ? 0 : windows)) * EXIT_S / run);
        hv_mark(out, COST_RATIO, HV_MARK_ESTIMATED);
    }
}

static void
emit_halt_poll(const Scene *scene, HvSink *out, guint row)
{
    const double found = rate(scene, row, R_HALT_POLL_SUCCESS_NS),
                 vain = rate(scene, row, R_HALT_POLL_FAIL_NS);

    if (isnan(found) || isnan(vain))
        hv_copy(out, HALT_POLL_RATIO, scene->raw, row, scene->from[R_HALT_POLL_SUCCESS_NS]);
    else
        hv_f64(out, HALT_POLL_RATIO, found + vain);
}

static void
run(const HvSnapshot *snapshot, HvSink *out)
{
    Scene scene = { .snapshot = snapshot,
                    .raw = hv_snapshot_table(snapshot, "kvm_vms"),
                    .vms = hv_snapshot_table(snapshot, "vms"),
                    .host = hv_snapshot_table(snapshot, "kvm_host") };

    find_columns(&scene);
    look_at_host(&scene);
    for (guint row = 0; scene.raw && row < hv_table_n_rows(scene.raw); row++) {
        const char *key = hv_table_row_key(scene.raw, row);
        const int vm = scene.vms ? hv_table_find(scene.vms, key) : -1;

        hv_row(out, hv_table_text(scene.raw, row, scene.from[VM]));
        emit_apicv(&scene, out, row, vm);
        emit_cost(&scene, out, row, vm);
        emit_halt_poll(&scene, out, row);
        for (guint column = SOURCE; column < N_COLUMNS; column++)
            hv_copy(out, column, scene.raw, row, scene.from[column]);
    }
    if (scene.raw && hv_table_why(scene.raw))
        hv_sink_why(out, hv_table_why(scene.raw));
}

const HvDerive hv_derive_kvm = {
    .name = "kvm",
    .schema = &schema,
    .inputs = (const char *const[]){ "kvm_vms", "kvm_host", "vms", "interrupts", NULL },
    .run = run,
};
