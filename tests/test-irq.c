/* Interrupts and irqbalance as knobs of the simulated machine: planned, written, undone. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "host/irq-facts.h"
#include "host/irqbalance.h"
#include "session/session.h"
#include "tests/sim-host.h"

#define S G_GINT64_CONSTANT(1000000000)

extern const HvTuner hv_tuner_irq, hv_tuner_irqbalance;
static const HvTuner *const tuners[] = { &hv_tuner_irq, &hv_tuner_irqbalance, NULL };
static const HvActOptions as_root = { .who = "root", .machine_id = "m", .boot_id = "b" };

typedef struct {
    HvHost *host;
    HvJournal *journal;
    HvSessionParts parts;
    HvActOptions options;
} Bench;

static gint64
clock_ns(gpointer data)
{
    return hv_host_monotonic_ns(data);
}

static void
bench_open(Bench *bench, const char *scenario, const char *fault)
{
    bench->host = hv_test_demo(scenario, 1, 0, FALSE, fault);
    bench->journal = hv_journal_new_memory();
    bench->options = as_root;
    bench->parts = (HvSessionParts){
        .host = bench->host,
        .tuners = tuners,
        .clock = { .data = bench->host, .realtime_ns = clock_ns, .monotonic_ns = clock_ns },
        .journal = bench->journal,
    };
}

static void
bench_clear(Bench *bench)
{
    hv_journal_free(bench->journal);
    hv_host_free(bench->host);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Bench, bench_clear)

static HvPlan *
plan_of(const Bench *bench, const char *wishes, GError **error)
{
    g_auto(GStrv) texts = g_strsplit(wishes, " ", -1);
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)hv_wish_free);

    for (char **text = texts; *text; text++)
        g_ptr_array_add(list, hv_wish_parse(*text, NULL));
    return hv_plan_make(&bench->parts, list, &bench->options, error);
}

static gboolean
set(const Bench *bench, const char *wishes, GError **error)
{
    g_autoptr(HvPlan) plan = plan_of(bench, wishes, error);

    return plan && hv_plan_apply(&bench->parts, plan, &bench->options, error);
}

static void
undo(const Bench *bench)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HvPlan) plan = hv_plan_make_undo(&bench->parts, 0, &bench->options, &error);

    g_assert_no_error(error);
    hv_plan_apply(&bench->parts, plan, &bench->options, &error);
    g_assert_no_error(error);
}

static void
assert_knob(const Bench *bench, const char *path, const char *expected)
{
    g_autoptr(HvKnob) knob = hv_knob_parse(tuners, path, NULL);
    g_auto(HvValue) value = { 0 };
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;

    knob->tuner->read(bench->host, knob, &value, &error);
    g_assert_no_error(error);
    text = hv_value_to_text(&value);
    g_assert_cmpstr(text, ==, expected);
}

static void
pass(const Bench *bench, guint seconds)
{
    HvHost *host = bench->host;

    (void)hv_host_wait_until(host, hv_host_monotonic_ns(host) + seconds * S, -1);
}

#define assert_refused(bench, wishes, error_code, says)                                        \
    do {                                                                                       \
        g_autoptr(GError) refusal = NULL;                                                      \
        g_assert_null(plan_of((bench), (wishes), &refusal));                                   \
        g_assert_error(refusal, HV_ERROR, (error_code));                                       \
        g_assert_nonnull(strstr(refusal->message, (says)));                                    \
    } while (0)

/* The first interrupt whose name begins so. */
static guint
find_irq(const Bench *bench, const char *prefix)
{
    for (guint irq = 24; irq < 200; irq++) {
        g_autofree char *names = hv_irq_names(bench->host, irq);

        if (names && g_str_has_prefix(names, prefix))
            return irq;
    }
    g_assert_not_reached();
    return 0;
}

/* ---- one interrupt ---- */

static void
test_moves(void)
{
    g_auto(Bench) bench = { 0 };
    g_autoptr(GError) error = NULL;

    bench_open(&bench, "irq-storm", NULL);
    set(&bench, "host/irqbalance=stopped irq/24/cpus=28-29", &error);
    g_assert_no_error(error);
    pass(&bench, 25);
    assert_knob(&bench, "irq/24/cpus", "28-29");
    undo(&bench);
    assert_knob(&bench, "irq/24/cpus", "56");
    assert_knob(&bench, "host/irqbalance", "running");
}

static void
test_refusals(void)
{
    g_auto(Bench) bench = { 0 };
    g_autofree char *managed = NULL;

    bench_open(&bench, "irq-storm", NULL);
    managed = g_strdup_printf("irq/%u/cpus=0", find_irq(&bench, "nvme0q"));
    assert_refused(&bench, "irq/24/cpus=500", HV_ERROR_MALFORMED, "no cpu 500");
    assert_refused(&bench, "irq/NMI/cpus=1", HV_ERROR_ABSENT, "belong to each cpu");
    assert_refused(&bench, "irq/9999/cpus=1", HV_ERROR_ABSENT, "no such interrupt");
    assert_refused(&bench, managed, HV_ERROR_REFUSED, "manages its affinity itself");
}

/* With --force the kernel says it, in its words. */
static void
test_forced(void)
{
    g_auto(Bench) bench = { 0 };
    g_autoptr(GError) error = NULL;
    g_autofree char *managed = NULL;

    bench_open(&bench, "irq-storm", NULL);
    bench.options.force = TRUE;
    managed = g_strdup_printf("irq/%u/cpus=50", find_irq(&bench, "nvme0q2"));
    g_assert_false(set(&bench, managed, &error));
    g_assert_nonnull(strstr(error->message, g_strerror(EIO)));
    g_assert_nonnull(strstr(error->message, "keeps the affinity of this interrupt to itself"));
}

/* ---- irqbalance ---- */

/* The planted trap: a move alone is undone, and the plan says so beforehand. */
static void
test_undone_by_irqbalance(void)
{
    g_auto(Bench) bench = { 0 };
    g_autoptr(HvPlan) plan = NULL;
    g_autoptr(GError) error = NULL;

    bench_open(&bench, "irq-storm", NULL);
    plan = plan_of(&bench, "irq/24/cpus=28", &error);
    g_assert_no_error(error);
    g_assert_cmpstr(hv_plan_step(plan, 0)->remark, ==,
                    "irqbalance moves it again within 10 s, unless irq/24/balanced=off goes "
                    "before");
    g_assert_true(hv_plan_apply(&bench.parts, plan, &bench.options, NULL));
    pass(&bench, 12);
    assert_knob(&bench, "irq/24/cpus", "56");
}

static void
test_banned(void)
{
    g_auto(Bench) bench = { 0 };
    g_autoptr(HvPlan) plan = NULL;
    g_autoptr(GError) error = NULL;

    bench_open(&bench, "irq-storm", NULL);
    set(&bench, "irq/30/balanced=off", &error);
    g_assert_no_error(error);
    set(&bench, "irq/24/balanced=off irq/24/cpus=28", &error);
    g_assert_no_error(error);
    pass(&bench, 25);
    assert_knob(&bench, "irq/24/cpus", "28");
    assert_knob(&bench, "irq/24/balanced", "off");
    assert_knob(&bench, "irq/30/balanced", "off");
    assert_knob(&bench, "irq/25/balanced", "on");
    plan = plan_of(&bench, "irq/24/cpus=29", NULL);
    g_assert_null(hv_plan_step(plan, 0)->remark);
    undo(&bench);
    assert_knob(&bench, "irq/24/balanced", "on");
    assert_knob(&bench, "irq/24/cpus", "56");
    assert_knob(&bench, "irq/30/balanced", "off");
}

/* What it was told is forgotten with it: its undo is near, and the plan names them. */
static void
test_stopped(void)
{
    g_auto(Bench) bench = { 0 };
    g_autoptr(HvPlan) exact = NULL;
    g_autoptr(HvPlan) near = NULL;

    bench_open(&bench, "irq-storm", NULL);
    exact = plan_of(&bench, "host/irqbalance=stopped", NULL);
    g_assert_cmpint(hv_plan_step(exact, 0)->undo, ==, HV_UNDO_EXACT);
    g_assert_true(set(&bench, "irq/24/balanced=off irq/25/balanced=off", NULL));
    near = plan_of(&bench, "host/irqbalance=stopped", NULL);
    g_assert_cmpint(hv_plan_step(near, 0)->undo, ==, HV_UNDO_NEAR);
    g_assert_nonnull(strstr(hv_plan_step(near, 0)->remark, "24-25"));
    g_assert_true(hv_plan_apply(&bench.parts, near, &bench.options, NULL));
    assert_refused(&bench, "irq/24/balanced=on", HV_ERROR_ABSENT, "irqbalance does not run");
}

static void
test_long_list(void)
{
    g_autoptr(HvSet) many = hv_set_new();
    g_autoptr(HvSet) zero = hv_set_new();
    g_autoptr(GError) error = NULL;

    hv_set_add_range(many, 100, 219); /* 120 × 4 bytes and the words before */
    g_assert_true(hv_irqbalance_can_ban(many, NULL));
    hv_set_add(many, 220);
    g_assert_false(hv_irqbalance_can_ban(many, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_REFUSED);
    hv_set_add(zero, 0);
    g_assert_false(hv_irqbalance_can_ban(zero, NULL));
}

static void
test_answer(void)
{
    g_autoptr(HvSet) banned = hv_set_new();
    g_autofree char *list = NULL;
    guint64 period_s = 0;
    static const char *const broken[] = { "",
                                          "SLEEP",
                                          "SLEEP x BANNED 0",
                                          "SLEEP 10 ",
                                          "SLEEP 10 IRQ 5 LOAD 0",
                                          "SLEEP 10 IRQ -5 LOAD 0 DIFF "
                                          "0 CLASS 0 BANNED 0" };

    g_assert_true(hv_irqbalance_parse("SLEEP 3 IRQ 34 LOAD 0 DIFF 0 CLASS 0 IRQ 42 LOAD 7 DIFF "
                                      "2 CLASS 5 BANNED 00000000,00000003",
                                      banned, &period_s, NULL));
    list = hv_set_to_text(banned);
    g_assert_cmpstr(list, ==, "34,42");
    g_assert_cmpuint(period_s, ==, 3);
    for (guint i = 0; i < G_N_ELEMENTS(broken); i++)
        g_assert_false(hv_irqbalance_parse(broken[i], banned, &period_s, NULL));
    g_assert_cmpuint(hv_set_count(banned), ==, 2);
}

/* ---- posted interrupts ---- */

static void
test_posted(void)
{
    static const char table[] =
        "Remapped Interrupt supported on IOMMU: dmar0\n"
        " IR table address:100900000\n"
        " Entry SrcID   DstID    Vct IRTE_high\t\tIRTE_low\n"
        " 0     81:00.0 00000080 24  0000000000040050\t000000800024000d\n"
        " 1     82:00.0 00000080 24  0000000000040050\t000000800024000d\n"
        "****\n"
        "Posted Interrupt supported on IOMMU: dmar0\n"
        " IR table address:100900000\n"
        " Entry SrcID   PDA_high PDA_low  Vct IRTE_high\t\tIRTE_low\n"
        " 4     81:00.0 00000010 40c7c880 41  0000000000044300\t0000\n";
    g_autofree char *text = g_strdup(table);
    g_autoptr(HvIrqPosting) posting = hv_irq_posting_parse(text);

    g_assert_cmpint(hv_irq_posted(posting, "0000:81:00.0"), ==, HV_POSTED_YES);
    g_assert_cmpint(hv_irq_posted(posting, "0000:82:00.0"), ==, HV_POSTED_NO);
    g_assert_cmpint(hv_irq_posted(posting, "0000:83:00.0"), ==, HV_POSTED_UNKNOWN);
    g_assert_cmpint(hv_irq_hold(posting, "vfio-msix[3](0000:81:00.0)"), ==, HV_IRQ_POSTED);
    g_assert_cmpint(hv_irq_hold(posting, "vfio-msix[3](0000:82:00.0)"), ==, HV_IRQ_MOVES);
    g_assert_cmpint(hv_irq_hold(posting, "vfio-msi[0](0000:83:00.0)"), ==,
                    HV_IRQ_PERHAPS_POSTED);
    g_assert_cmpint(hv_irq_hold(posting, "eth0-rx-1"), ==, HV_IRQ_MOVES);
    g_assert_cmpint(hv_irq_hold(posting, NULL), ==, HV_IRQ_MOVES);
}

static void
test_passthrough(void)
{
    g_auto(Bench) bench = { 0 };
    g_autofree char *wish = NULL;

    bench_open(&bench, "redis", NULL);
    wish = g_strdup_printf("irq/%u/cpus=0", find_irq(&bench, "vfio-"));
    assert_refused(&bench, wish, HV_ERROR_REFUSED, "may be posted to the guest");
    bench.options.force = TRUE;
    g_assert_true(set(&bench, wish, NULL));
}

/* ---- faults ---- */

/* The host's own words for all that the plan below touches. */
static char *
state_of(const Bench *bench)
{
    g_autofree char *first = hv_test_read(bench->host, "proc/irq/24/smp_affinity_list");
    g_autofree char *second = hv_test_read(bench->host, "proc/irq/25/smp_affinity_list");
    g_auto(HvIrqbalance) irqbalance = { 0 };
    g_autoptr(HvSet) banned = hv_set_new();
    g_autofree char *list = NULL;
    guint64 period_s;

    g_assert_true(hv_irqbalance_find(bench->host, &irqbalance));
    g_assert_true(hv_irqbalance_read(bench->host, &irqbalance, 1000, banned, &period_s, NULL));
    list = hv_set_to_text(banned);
    return g_strdup_printf("%s %s %s", first, second, list);
}

static void
test_each_write_fails(void)
{
    for (guint i = 1; i <= 4; i++) {
        g_auto(Bench) bench = { 0 };
        g_autofree char *fault = g_strdup_printf("fail-write:%u", i);
        g_autofree char *before = NULL;
        g_autofree char *after = NULL;
        g_autoptr(GError) error = NULL;

        bench_open(&bench, "irq-storm", fault);
        before = state_of(&bench);
        g_assert_false(set(&bench,
                           "irq/24/balanced=off irq/24/cpus=28 irq/25/balanced=off "
                           "irq/25/cpus=29",
                           &error));
        g_assert_nonnull(error);
        after = state_of(&bench);
        g_assert_cmpstr(after, ==, before);
    }
}

static void
test_stop_fails(void)
{
    g_auto(Bench) bench = { 0 };

    bench_open(&bench, "irq-storm", "fail-write:1");
    g_assert_false(set(&bench, "host/irqbalance=stopped irq/24/cpus=28", NULL));
    assert_knob(&bench, "host/irqbalance", "running");
    assert_knob(&bench, "irq/24/cpus", "56");
}

static void
test_read_only(void)
{
    g_autoptr(HvHost) host = hv_test_demo("irq-storm", 1, 0, TRUE, NULL);
    static const char *const argv[] = { "systemctl", "stop", "irqbalance.service", NULL };
    g_auto(HvIrqbalance) irqbalance = { 0 };
    g_autoptr(HvSet) banned = hv_set_new();
    g_autoptr(GError) told = NULL;
    g_autoptr(GError) run = NULL;
    g_autofree char *output = NULL;
    int status = 0;

    g_assert_true(hv_irqbalance_find(host, &irqbalance));
    g_assert_false(hv_irqbalance_ban(host, &irqbalance, 1000, banned, &told));
    g_assert_error(told, HV_ERROR, HV_ERROR_DENIED);
    g_assert_false(hv_host_run_change(host, argv, 1000, &output, &status, &run));
    g_assert_error(run, HV_ERROR, HV_ERROR_DENIED);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/irq/an interrupt moves, stays, and goes back", test_moves);
    g_test_add_func("/irq/what the kernel would refuse is refused before", test_refusals);
    g_test_add_func("/irq/forced, the kernel says it in its words", test_forced);
    g_test_add_func("/irq/irqbalance undoes a move, and the plan says so",
                    test_undone_by_irqbalance);
    g_test_add_func("/irq/a banned one stays, others' bans too", test_banned);
    g_test_add_func("/irq/stopping irqbalance loses what it was told", test_stopped);
    g_test_add_func("/irq/a list too long for irqbalance is refused", test_long_list);
    g_test_add_func("/irq/irqbalance's answer is read", test_answer);
    g_test_add_func("/irq/posted interrupts are told from remapped ones", test_posted);
    g_test_add_func("/irq/a passthrough interrupt needs force", test_passthrough);
    g_test_add_func("/irq/each write that fails leaves the host as it was",
                    test_each_write_fails);
    g_test_add_func("/irq/irqbalance that cannot be stopped stays", test_stop_fails);
    g_test_add_func("/irq/read-only tells and stops nothing", test_read_only);
    return g_test_run();
}
