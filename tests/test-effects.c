/* Effects of plans on a host whose numbers are given. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "advice/effects.h"
#include "model/sink.h"

#define S G_GINT64_CONSTANT(1000000000)

enum { NAME, WAIT, CPU };
static const HvColumn vm_columns[] = {
    [NAME] = { .name = "vm", .kind = HV_KIND_KEY },
    [WAIT] = { .name = "wait_max_ratio", .kind = HV_KIND_F64 },
    [CPU] = { .name = "guest_cpu_ratio", .kind = HV_KIND_F64 },
    { 0 },
};
static const HvSchema vm_schema = { .name = "vms", .columns = vm_columns };
static const HvColumn watch_columns[] = {
    { .name = "watch", .kind = HV_KIND_KEY },
    { .name = "value", .kind = HV_KIND_F64 },
    { 0 },
};
static const HvSchema watch_schema = { .name = "watches", .columns = watch_columns };

/* A host of four VMs whose numbers the test gives. */
typedef struct {
    HvEffects *effects;
    HvStore *vms, *watches, *out;
    GRand *rand;
    double wait, load; /* of a; of the others, in cpus */
    double p99;
    double rate; /* the watch work_per_s */
    gint64 now_ns;
} Fixture;

static void
setup(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    *fixture = (Fixture){ .effects = hv_effects_new(),
                          .vms = hv_store_new(&vm_schema),
                          .watches = hv_store_new(&watch_schema),
                          .out = hv_store_new(&hv_effects_schema),
                          .rand = g_rand_new_with_seed(3),
                          .wait = 0.1,
                          .load = 2,
                          .p99 = 12,
                          .rate = 100,
                          .now_ns = S };
}

static void
teardown(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    hv_effects_free(fixture->effects);
    hv_store_free(fixture->vms);
    hv_store_free(fixture->watches);
    hv_store_free(fixture->out);
    g_rand_free(fixture->rand);
}

static double
about(Fixture *fixture, double value)
{
    return value * g_rand_double_range(fixture->rand, 0.97, 1.03);
}

static void
fill_tables(Fixture *fixture, HvSnapshot *snapshot)
{
    static const char *const names[] = { "a-1", "b", "c", "d" };
    HvSink *sink = hv_sink_begin(&fixture->vms, 1, fixture->now_ns);

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        hv_row(sink, names[i]);
        hv_f64(sink, WAIT, about(fixture, i ? 0.03 : fixture->wait));
        hv_f64(sink, CPU, about(fixture, i ? fixture->load : 3));
    }
    hv_sink_end(sink, TRUE);
    hv_snapshot_add(snapshot, hv_store_table(fixture->vms));
    sink = hv_sink_begin(&fixture->watches, 1, fixture->now_ns);
    hv_row(sink, "z_per_s");
    hv_f64(sink, 1, about(fixture, fixture->rate));
    hv_row(sink, "a_p99_ms");
    hv_f64(sink, 1, about(fixture, fixture->p99));
    hv_sink_end(sink, TRUE);
    hv_snapshot_add(snapshot, hv_store_table(fixture->watches));
}

static void
pass(Fixture *fixture, guint seconds)
{
    for (guint i = 0; i < seconds; i++) {
        g_autoptr(HvSnapshot) snapshot = hv_snapshot_new();
        HvSink *sink;

        fixture->now_ns += S;
        snapshot->monotonic_ns = fixture->now_ns;
        fill_tables(fixture, snapshot);
        sink = hv_sink_begin(&fixture->out, 1, fixture->now_ns);
        hv_effects_run(fixture->effects, snapshot, sink);
        hv_sink_end(sink, TRUE);
    }
}

static void
change(Fixture *fixture, guint64 id, const char *knob)
{
    g_autoptr(HvPlan) plan = hv_plan_new(HV_PLAN_SET, "test");

    plan->id = id;
    g_ptr_array_add(plan->steps, hv_step_new(knob));
    hv_effects_changed(fixture->effects, plan, fixture->now_ns + 1, fixture->now_ns + 2);
}

static void
assert_line(const Fixture *fixture, guint64 plan, const char *wanted)
{
    g_autofree char *text = hv_effects_settled(fixture->effects, plan);

    g_assert_nonnull(text);
    if (!strstr(text, wanted))
        g_error("no \"%s\" in:\n%s", wanted, text);
}

static void
test_better(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    pass(fixture, 650);
    change(fixture, 7, "vm/a-1/vcpu/0/cpus");
    fixture->p99 = 3;
    fixture->rate = 130;
    pass(fixture, 20);
    g_assert_null(hv_effects_settled(fixture->effects, 7));
    pass(fixture, 25);
    assert_line(fixture, 7, "a_p99_ms 12.0 → 3.0 (−75 %, sure)\nz_per_s ");
    assert_line(fixture, 7, "(+30 %, sure)"); /* higher is better */
    assert_line(fixture, 7, "wait_max_ratio 10.0 % → 10.0 % (±0 %, no visible change");
}

static void
test_weak(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    pass(fixture, 60);
    change(fixture, 7, "vm/a-1/vcpu/0/cpus");
    fixture->p99 = 3;
    pass(fixture, 45);
    assert_line(fixture, 7, "(−75 %, weak: 60 s of past to judge by, 600 are needed)");
}

static void
test_load(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    pass(fixture, 650);
    change(fixture, 7, "vm/a-1/vcpu/0/cpus");
    fixture->p99 = 8;
    fixture->load = 1.2;
    pass(fixture, 45);
    assert_line(fixture, 7, "the load changed: the neighbours' by −40 %");
}

static void
test_mixed(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    pass(fixture, 650);
    change(fixture, 7, "vm/a-1/vcpu/0/cpus");
    pass(fixture, 15);
    change(fixture, 8, "vm/b/vcpu/0/cpus");
    pass(fixture, 45);
    assert_line(fixture, 7, "mixed with plan 8");
    assert_line(fixture, 8, "mixed with plan 7");
}

/* What came after the first was measured is one's own. */
static void
test_one_after_the_other(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    pass(fixture, 650);
    change(fixture, 7, "vm/a-1/vcpu/0/cpus");
    fixture->p99 = 3;
    pass(fixture, 45);
    change(fixture, 8, "vm/a-1/vcpu/0/cpus");
    fixture->p99 = 12;
    pass(fixture, 45);
    assert_line(fixture, 7, "(−75 %, sure)");
    assert_line(fixture, 8, "3.0 → 12.0 (+29");
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*test)(Fixture *fixture, gconstpointer data);
    } tests[] = {
        { "/effects/a-cure-is-sure-and-the-watch-of-its-vm-comes-first", test_better },
        { "/effects/a-minute-of-past-makes-it-weak", test_weak },
        { "/effects/neighbours-that-move-alike-are-the-load", test_load },
        { "/effects/overlapping-plans-are-both-mixed", test_mixed },
        { "/effects/plans-one-after-the-other-are-told-apart", test_one_after_the_other },
    };

    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].name, Fixture, NULL, setup, tests[i].test, teardown);
    return g_test_run();
}
