/* The physics of the tables "vms" and "events", checked with numbers worked out by hand. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib.h>

#include "model/derive.h"
#include "model/derive/list.h"
#include "tests/probe-run.h"
#include "tests/vm-tree.h"

#define S G_GINT64_CONSTANT(1000000000)
#define NONE (-1.0) /* a number that is not known */

extern const HvDerive hv_derive_vms, hv_derive_events;

/* The raw tables as far as they are read, with numbers in place of rates. */
enum { V_VM, V_STATE, V_REASON, V_TCG, V_THROTTLED, V_HALT_POLL, V_VHOST, V_PSI_CPU, V_SILENT };
static const HvColumn vm_columns[] = {
    [V_VM] = { .name = "vm", .kind = HV_KIND_KEY },
    [V_STATE] = { .name = "state", .kind = HV_KIND_TEXT },
    [V_REASON] = { .name = "state_reason", .kind = HV_KIND_TEXT },
    [V_TCG] = { .name = "tcg", .kind = HV_KIND_BOOL },
    [V_THROTTLED] = { .name = "throttled_ratio", .kind = HV_KIND_F64 },
    [V_HALT_POLL] = { .name = "halt_poll_ratio", .kind = HV_KIND_F64 },
    [V_VHOST] = { .name = "vhost_ratio", .kind = HV_KIND_F64 },
    [V_PSI_CPU] = { .name = "psi_cpu_some_ratio", .kind = HV_KIND_F64 },
    [V_SILENT] = { .name = "not_answering_s", .kind = HV_KIND_F64 },
    { 0 },
};
static const HvSchema vm_schema = { .name = "vm_counters", .columns = vm_columns };

enum {
    C_VM,
    C_VCPU,
    C_ALLOWED,
    C_NODE,
    C_RUN,
    C_WAIT,
    C_THROTTLED,
    C_USER,
    C_SYSTEM,
    C_GUEST,
    C_SWITCHES,
    C_WINDOW
};
static const HvColumn vcpu_columns[] = {
    [C_VM] = { .name = "vm", .kind = HV_KIND_KEY },
    [C_VCPU] = { .name = "vcpu", .kind = HV_KIND_ID },
    [C_ALLOWED] = { .name = "cpus_allowed", .kind = HV_KIND_SET },
    [C_NODE] = { .name = "node", .kind = HV_KIND_U64 },
    [C_RUN] = { .name = "run_ratio", .kind = HV_KIND_F64 },
    [C_WAIT] = { .name = "wait_ratio", .kind = HV_KIND_F64 },
    [C_THROTTLED] = { .name = "throttled_ratio", .kind = HV_KIND_F64 },
    [C_USER] = { .name = "user_ratio", .kind = HV_KIND_F64 },
    [C_SYSTEM] = { .name = "system_ratio", .kind = HV_KIND_F64 },
    [C_GUEST] = { .name = "guest_ratio", .kind = HV_KIND_F64 },
    [C_SWITCHES] = { .name = "switches_per_s", .kind = HV_KIND_F64 },
    [C_WINDOW] = { .name = "stat_window_ns", .kind = HV_KIND_U64 },
    { 0 },
};
static const HvSchema vcpu_schema = { .name = "vcpus", .columns = vcpu_columns };

typedef struct {
    const char *name;
    double throttled, halt_poll, vhost;
    const char *state, *state_reason;
    gboolean tcg;
    double silent_s;
} Vm;

typedef struct {
    const char *vm;
    guint vcpu;
    double run, wait, throttled, user, system, guest;
    guint node;
    const char *allowed;
    gint64 window_ns;
} Vcpu;

static void
put(HvSink *sink, guint column, double value)
{
    if (value != NONE)
        hv_f64(sink, column, value);
    else
        hv_none(sink, column, HV_MARK_DENIED, "denied by the test");
}

static HvTable *
fill_vms(HvStore *store, const Vm *vms, guint n)
{
    HvSink *sink = hv_sink_begin(&store, 1, S);

    for (guint i = 0; i < n; i++) {
        hv_row(sink, vms[i].name);
        hv_text(sink, V_STATE, vms[i].state ? vms[i].state : "running");
        hv_text(sink, V_REASON, vms[i].state_reason);
        hv_bool(sink, V_TCG, vms[i].tcg);
        put(sink, V_THROTTLED, vms[i].throttled);
        put(sink, V_HALT_POLL, vms[i].halt_poll);
        put(sink, V_VHOST, vms[i].vhost);
        if (vms[i].silent_s > 0)
            hv_f64(sink, V_SILENT, vms[i].silent_s);
    }
    hv_sink_end(sink, TRUE);
    return hv_store_table(store);
}

static HvTable *
fill_vcpus(HvStore *store, const Vcpu *vcpus, guint n)
{
    HvSink *sink = hv_sink_begin(&store, 1, S);

    for (guint i = 0; i < n; i++) {
        hv_row_text_u64(sink, vcpus[i].vm, vcpus[i].vcpu);
        put(sink, C_RUN, vcpus[i].run);
        put(sink, C_WAIT, vcpus[i].wait);
        put(sink, C_THROTTLED, vcpus[i].throttled);
        put(sink, C_USER, vcpus[i].user);
        put(sink, C_SYSTEM, vcpus[i].system);
        put(sink, C_GUEST, vcpus[i].guest);
        hv_u64(sink, C_NODE, vcpus[i].node);
        hv_text(sink, C_ALLOWED, vcpus[i].allowed);
        hv_f64(sink, C_SWITCHES, 100);
        hv_u64(sink, C_WINDOW, (guint64)(vcpus[i].window_ns ? vcpus[i].window_ns : S));
    }
    hv_sink_end(sink, TRUE);
    return hv_store_table(store);
}

/* The stores of one derivation. */
typedef struct {
    HvStore *vms, *vcpus, *derived;
    HvSnapshot *snapshot;
} Bench;

static void
bench_clear(Bench *bench)
{
    hv_snapshot_unref(bench->snapshot);
    hv_store_free(bench->vms);
    hv_store_free(bench->vcpus);
    hv_store_free(bench->derived);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Bench, bench_clear)

static HvTable *
derive(Bench *bench, const Vm *vms, guint n_vms, const Vcpu *vcpus, guint n_vcpus)
{
    HvSink *sink;

    *bench = (Bench){ hv_store_new(&vm_schema), hv_store_new(&vcpu_schema),
                      hv_store_new(hv_derive_vms.schema), hv_snapshot_new() };
    hv_snapshot_add(bench->snapshot, fill_vms(bench->vms, vms, n_vms));
    hv_snapshot_add(bench->snapshot, fill_vcpus(bench->vcpus, vcpus, n_vcpus));
    sink = hv_sink_begin(&bench->derived, 1, S);
    hv_derive_vms.run(bench->snapshot, sink);
    hv_sink_end(sink, TRUE);
    return hv_store_table(bench->derived);
}

static void
test_the_worst_vcpu_is_shown_not_the_mean(void)
{
    static const Vm vms[] = { { .name = "web" } };
    static const Vcpu vcpus[] = {
        { .vm = "web", .vcpu = 0, .run = 0.9, .wait = 0.02 },
        { .vm = "web", .vcpu = 1, .run = 0.3, .wait = 0.60 },
        { .vm = "web", .vcpu = 2, .run = 0.9, .wait = 0.01 },
        { .vm = "web", .vcpu = 3, .run = 0.9, .wait = 0.01 },
    };
    g_auto(Bench) bench;
    HvTable *table = derive(&bench, vms, 1, vcpus, 4);

    hv_test_assert_near(hv_test_number(table, "web", "wait_max_ratio"), 0.60);
    hv_test_assert_near(hv_test_number(table, "web", "wait_max_vcpu"), 1);
    hv_test_assert_near(hv_test_number(table, "web", "wait_mean_ratio"), 0.16);
    hv_test_assert_near(hv_test_number(table, "web", "cpu_ratio"), 3.0);
    hv_test_assert_near(hv_test_number(table, "web", "ctx_switches_per_s"), 400);
}

/* vCPU 0 is held back by its own limit, and both by a quarter of the VM's: 0.5 cpus over two
 * vCPUs. */
static void
test_throttled_time_is_no_wait(void)
{
    static const Vm vms[] = { { .name = "web", .throttled = 0.5 } };
    static const Vcpu vcpus[] = {
        { .vm = "web", .vcpu = 0, .run = 0.3, .wait = 0.70, .throttled = 0.40 },
        { .vm = "web", .vcpu = 1, .run = 0.7, .wait = 0.30, .throttled = 0 },
    };
    g_auto(Bench) bench;
    HvTable *table = derive(&bench, vms, 1, vcpus, 2);

    hv_test_assert_near(hv_test_number(table, "web", "wait_max_ratio"), 0.05);
    hv_test_assert_near(hv_test_number(table, "web", "throttled_ratio"),
                        0.45); /* (0.4 + 0 + 0.5) / 2 */
    g_assert_cmpint(hv_test_mark(table, "web", "wait_max_ratio"), ==, HV_MARK_MEASURED);
}

/* A mean over 16 vCPUs would make 6 % of a vCPU that is held back all the time. */
static void
test_the_worst_throttled_vcpu_is_shown(void)
{
    static const Vm vms[] = { { .name = "web", .throttled = 0.2 },
                              { .name = "own", .throttled = NONE },
                              { .name = "whole", .throttled = 0.5 },
                              { .name = "part", .throttled = 0 } };
    static const Vcpu vcpus[] = {
        { .vm = "web", .vcpu = 0, .throttled = 0 },
        { .vm = "web", .vcpu = 1, .throttled = 0.8 },
        { .vm = "own", .throttled = 0.3 },
        { .vm = "whole", .throttled = NONE },
        { .vm = "part", .vcpu = 0, .throttled = NONE },
        { .vm = "part", .vcpu = 1, .throttled = 0.1 },
    };
    g_auto(Bench) bench;
    HvTable *table = derive(&bench, vms, 4, vcpus, 6);

    hv_test_assert_near(hv_test_number(table, "web", "throttled_max_ratio"), 0.9);
    g_assert_cmpint(hv_test_mark(table, "web", "throttled_max_ratio"), ==, HV_MARK_MEASURED);
    hv_test_assert_near(hv_test_number(table, "own", "throttled_max_ratio"), 0.3);
    g_assert_cmpint(hv_test_mark(table, "own", "throttled_max_ratio"), ==, HV_MARK_ESTIMATED);
    g_assert_cmpint(hv_test_mark(table, "whole", "throttled_max_ratio"), ==, HV_MARK_DENIED);
    hv_test_assert_near(hv_test_number(table, "part", "throttled_max_ratio"), 0.1);
    g_assert_cmpint(hv_test_mark(table, "part", "throttled_max_ratio"), ==, HV_MARK_ESTIMATED);
}

static void
test_wait_is_never_below_zero(void)
{
    static const Vm vms[] = { { .name = "web", .throttled = NONE } };
    static const Vcpu vcpus[] = {
        { .vm = "web", .run = 0.3, .wait = 0.10, .throttled = 0.40 }
    };
    g_auto(Bench) bench;
    HvTable *table = derive(&bench, vms, 1, vcpus, 1);

    hv_test_assert_near(hv_test_number(table, "web", "wait_max_ratio"), 0);
    g_assert_cmpint(hv_test_mark(table, "web", "throttled_ratio"), ==,
                    HV_MARK_ESTIMATED); /* the VM's own limit may be more */
}

static void
test_a_limit_of_the_vm_alone_is_shared_out(void)
{
    static const Vm vms[] = { { .name = "web", .throttled = 0.8 } };
    static const Vcpu vcpus[] = {
        { .vm = "web", .vcpu = 0, .wait = 0.5, .throttled = NONE },
        { .vm = "web", .vcpu = 1, .wait = 0.3, .throttled = NONE },
    };
    g_auto(Bench) bench;
    HvTable *table = derive(&bench, vms, 1, vcpus, 2);

    hv_test_assert_near(hv_test_number(table, "web", "wait_max_ratio"), 0.1);
    hv_test_assert_near(hv_test_number(table, "web", "throttled_ratio"), 0.4);
}

/* user 1.5 with 1.2 in the guest, system 0.5, polling 0.2, vhost 0.1: (0.5 + 0.3 - 0.2 + 0.1)
 * / 2.1 */
static void
test_overhead_is_what_is_neither_guest_nor_polling(void)
{
    static const Vm vms[] = { { .name = "web", .halt_poll = 0.2, .vhost = 0.1 } };
    static const Vcpu vcpus[] = {
        { .vm = "web", .vcpu = 0, .user = 1.0, .system = 0.0, .guest = 0.9 },
        { .vm = "web", .vcpu = 1, .user = 0.5, .system = 0.5, .guest = 0.3 },
    };
    g_auto(Bench) bench;
    HvTable *table = derive(&bench, vms, 1, vcpus, 2);

    hv_test_assert_near(hv_test_number(table, "web", "overhead_ratio"), 0.7 / 2.1);
    g_assert_cmpint(hv_test_mark(table, "web", "overhead_ratio"), ==, HV_MARK_ESTIMATED);
    hv_test_assert_near(hv_test_number(table, "web", "halt_poll_ratio"), 0.1);
    hv_test_assert_near(hv_test_number(table, "web", "guest_cpu_ratio"), 1.2);
}

static void
test_overhead_wants_all_its_parts(void)
{
    static const Vm vms[] = { { .name = "locked", .halt_poll = NONE },
                              { .name = "idle" },
                              { .name = "tcg", .tcg = TRUE } };
    static const Vcpu vcpus[] = {
        { .vm = "locked", .user = 0.5, .guest = 0.4 },
        { .vm = "idle", .user = 0.01 },
        { .vm = "tcg", .user = 1.0 },
    };
    g_auto(Bench) bench;
    HvTable *table = derive(&bench, vms, 3, vcpus, 3);

    g_assert_cmpint(hv_test_mark(table, "locked", "overhead_ratio"), ==, HV_MARK_DENIED);
    g_assert_cmpint(hv_test_mark(table, "idle", "overhead_ratio"), ==, HV_MARK_ABSENT);
    g_assert_cmpint(hv_test_mark(table, "tcg", "overhead_ratio"), ==, HV_MARK_ABSENT);
}

static void
test_guest_time_is_estimated_below_five_seconds(void)
{
    static const Vm vms[] = { { .name = "short" }, { .name = "long" } };
    static const Vcpu vcpus[] = {
        { .vm = "short", .guest = 0.4, .window_ns = S },
        { .vm = "long", .guest = 0.4, .window_ns = 10 * S },
    };
    g_auto(Bench) bench;
    HvTable *table = derive(&bench, vms, 2, vcpus, 2);

    g_assert_cmpint(hv_test_mark(table, "short", "guest_cpu_ratio"), ==, HV_MARK_ESTIMATED);
    g_assert_cmpint(hv_test_mark(table, "long", "guest_cpu_ratio"), ==, HV_MARK_MEASURED);
}

static void
test_a_sum_with_an_unknown_part_is_unknown(void)
{
    static const Vm vms[] = { { .name = "web" } };
    static const Vcpu vcpus[] = {
        { .vm = "web", .vcpu = 0, .run = NONE, .wait = NONE },
        { .vm = "web", .vcpu = 1, .run = 0.5, .wait = 0.2 },
    };
    g_auto(Bench) bench;
    HvTable *table = derive(&bench, vms, 1, vcpus, 2);

    g_assert_cmpint(hv_test_mark(table, "web", "cpu_ratio"), ==, HV_MARK_DENIED);
    g_assert_cmpint(hv_test_mark(table, "web", "wait_mean_ratio"), ==, HV_MARK_DENIED);
    hv_test_assert_near(hv_test_number(table, "web", "wait_max_ratio"),
                        0.2); /* at least that */
    g_assert_cmpint(hv_test_mark(table, "web", "wait_max_ratio"), ==, HV_MARK_ESTIMATED);
}

static void
test_a_vm_without_vcpus_has_reasons(void)
{
    static const Vm vms[] = { { .name = "gone" }, { .name = "web" } };
    static const Vcpu vcpus[] = { { .vm = "web", .run = 0.5 } };
    g_auto(Bench) bench;
    HvTable *table = derive(&bench, vms, 2, vcpus, 1);

    g_assert_cmpint(hv_test_mark(table, "gone", "cpu_ratio"), ==, HV_MARK_ABSENT);
    g_assert_cmpint(hv_test_mark(table, "gone", "wait_max_ratio"), ==, HV_MARK_ABSENT);
    hv_test_assert_near(hv_test_number(table, "web", "cpu_ratio"), 0.5);
}

static void
test_sets_are_united(void)
{
    static const Vm vms[] = { { .name = "web" } };
    static const Vcpu vcpus[] = {
        { .vm = "web", .vcpu = 0, .node = 1, .allowed = "8-9,12" },
        { .vm = "web", .vcpu = 1, .node = 0, .allowed = "0-3,9-11" },
    };
    g_auto(Bench) bench;
    HvTable *table = derive(&bench, vms, 1, vcpus, 2);

    g_assert_cmpstr(hv_test_text(table, "web", "cpus_allowed"), ==, "0-3,8-12");
    g_assert_cmpstr(hv_test_text(table, "web", "nodes"), ==, "0-1");
    g_assert_null(hv_test_text(table, "web", "home_nodes"));
}

static void
test_the_dead_come_before_the_slow(void)
{
    static const Vm vms[] = {
        { .name = "slow" },
        { .name = "silent", .silent_s = 4 },
        { .name = "broken", .state = "paused", .state_reason = "I/O error" },
        { .name = "resting", .state = "paused", .state_reason = "user" },
    };
    static const Vcpu vcpus[] = {
        { .vm = "slow", .wait = 0.9 },
        { .vm = "silent" },
        { .vm = "broken" },
        { .vm = "resting" },
    };
    g_auto(Bench) bench;
    HvTable *table = derive(&bench, vms, 4, vcpus, 4);

    g_assert_cmpfloat(hv_test_number(table, "silent", "worst"), >,
                      hv_test_number(table, "broken", "worst"));
    g_assert_cmpfloat(hv_test_number(table, "broken", "worst"), >,
                      hv_test_number(table, "slow", "worst"));
    g_assert_cmpfloat(hv_test_number(table, "slow", "worst"), >,
                      hv_test_number(table, "resting", "worst"));
}

/* Of the table that derivation makes, what the order of VMs takes. */
static const HvColumn traffic_columns[] = {
    { "vm", HV_KIND_KEY, HV_UNIT_NONE, "", 0, 0, FALSE },
    { "remote_ratio", HV_KIND_F64, HV_UNIT_RATIO, "", 0, 0, FALSE },
    { "remote_bytes_per_s", HV_KIND_F64, HV_UNIT_BYTES_PER_S, "", 0, 0, FALSE },
    { 0 },
};
static const HvSchema traffic_schema = { .name = "traffic", .columns = traffic_columns };

static void
put_traffic(HvSink *sink, const char *vm, double ratio, double bytes_per_s, HvMark mark)
{
    hv_row(sink, vm);
    hv_f64(sink, 1, ratio);
    hv_mark(sink, 1, mark);
    if (mark == HV_MARK_ESTIMATED)
        hv_none(sink, 2, HV_MARK_ABSENT, "by place");
    else
        hv_f64(sink, 2, bytes_per_s);
}

static void
test_remote_memory_counts_only_where_bytes_do(void)
{
    static const Vm vms[] = { { .name = "far" }, { .name = "guessed" }, { .name = "waiting" } };
    static const Vcpu vcpus[] = {
        { .vm = "far", .run = 1 },
        { .vm = "guessed", .run = 1 },
        { .vm = "waiting", .run = 1, .wait = 0.1 },
    };
    g_auto(Bench) bench;
    g_autoptr(HvStore) traffic = hv_store_new(&traffic_schema);
    HvSink *sink = hv_sink_begin(&traffic, 1, S);
    HvTable *table;

    derive(&bench, vms, 3, vcpus, 3);
    put_traffic(sink, "far", 0.8, 300e6, HV_MARK_MEASURED);
    put_traffic(sink, "guessed", 1, 0, HV_MARK_ESTIMATED);
    hv_sink_end(sink, TRUE);
    hv_snapshot_add(bench.snapshot, hv_store_table(traffic));
    sink = hv_sink_begin(&bench.derived, 1, 2 * S);
    hv_derive_vms.run(bench.snapshot, sink);
    hv_sink_end(sink, TRUE);
    table = hv_store_table(bench.derived);
    g_assert_cmpfloat(hv_test_number(table, "far", "worst"), >,
                      hv_test_number(table, "waiting", "worst"));
    g_assert_cmpfloat(hv_test_number(table, "waiting", "worst"), >,
                      hv_test_number(table, "guessed", "worst"));
    g_assert_cmpint(hv_test_mark(table, "guessed", "remote_ratio"), ==, HV_MARK_ESTIMATED);
}

static void
test_lists_of_any_size_are_united(void)
{
    g_auto(HvList) list;

    hv_list_init(&list);
    g_assert_cmpstr(hv_list_text(&list), ==, "");
    g_assert_true(hv_list_add_text(&list, "0-1,63-65,4095"));
    hv_list_add(&list, 2);
    g_assert_cmpstr(hv_list_text(&list), ==, "0-2,63-65,4095");
    g_assert_true(hv_list_add_text(&list, "100000-100001,8191"));
    g_assert_cmpstr(hv_list_text(&list), ==, "0-2,63-65,4095,8191,100000-100001");
    g_assert_false(hv_list_add_text(&list, "1,x"));
    g_assert_false(hv_list_add_text(&list, "99999999999"));
}

/* ---- events ---- */

enum { E_SERIAL, E_TIME, E_VM, E_KIND, E_TEXT };
static const HvColumn event_columns[] = {
    [E_SERIAL] = { .name = "serial", .kind = HV_KIND_ID },
    [E_TIME] = { .name = "time_ns", .kind = HV_KIND_U64 },
    [E_VM] = { .name = "vm", .kind = HV_KIND_TEXT },
    [E_KIND] = { .name = "kind", .kind = HV_KIND_TEXT },
    [E_TEXT] = { .name = "text", .kind = HV_KIND_TEXT },
    { 0 },
};
static const HvSchema guest_schema = { .name = "guest_events", .columns = event_columns };
static const HvSchema kernel_schema = { .name = "kernel_events", .columns = event_columns };

static void
add_events(HvSnapshot *snapshot, HvStore *store, const char *kind, const gint64 *times_s,
           guint n)
{
    HvSink *sink = hv_sink_begin(&store, 1, S);

    for (guint i = 0; i < n; i++) {
        hv_row_u64(sink, i);
        hv_u64(sink, E_TIME, (guint64)(times_s[i] * S));
        hv_text(sink, E_VM, "web");
        hv_text(sink, E_KIND, kind);
        hv_text(sink, E_TEXT, "x");
    }
    hv_sink_end(sink, TRUE);
    hv_snapshot_add(snapshot, hv_store_table(store));
}

static void
test_events_of_all_sources_are_in_order_of_time(void)
{
    static const gint64 guests[] = { 100, 9000, 9500 }, kernel[] = { 8900, 9200 };
    g_autoptr(HvStore) guest_store = hv_store_new(&guest_schema),
                       kernel_store = hv_store_new(&kernel_schema);
    g_autoptr(HvStore) derived = hv_store_new(hv_derive_events.schema);
    g_autoptr(HvSnapshot) snapshot = hv_snapshot_new();
    HvTable *table;
    HvSink *sink;
    static const double expected_s[] = { 8900, 9000, 9200,
                                         9500 }; /* the first one is over an hour old */

    snapshot->time_ns = 10000 * S;
    add_events(snapshot, guest_store, "started", guests, G_N_ELEMENTS(guests));
    add_events(snapshot, kernel_store, "memory", kernel, G_N_ELEMENTS(kernel));
    sink = hv_sink_begin(&derived, 1, S);
    hv_derive_events.run(snapshot, sink);
    hv_sink_end(sink, TRUE);
    table = hv_store_table(derived);
    g_assert_cmpuint(hv_table_n_rows(table), ==, G_N_ELEMENTS(expected_s));
    for (guint i = 0; i < G_N_ELEMENTS(expected_s); i++) {
        double time_ns;

        g_assert_true(hv_table_f64(table, i, hv_table_column(table, "time_ns"), &time_ns));
        hv_test_assert_near(time_ns / (double)S, expected_s[i]);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vms/the-worst-vcpu-is-shown-not-the-mean",
                    test_the_worst_vcpu_is_shown_not_the_mean);
    g_test_add_func("/vms/throttled-time-is-no-wait", test_throttled_time_is_no_wait);
    g_test_add_func("/vms/the-worst-throttled-vcpu-is-shown",
                    test_the_worst_throttled_vcpu_is_shown);
    g_test_add_func("/vms/wait-is-never-below-zero", test_wait_is_never_below_zero);
    g_test_add_func("/vms/a-limit-of-the-vm-alone-is-shared-out",
                    test_a_limit_of_the_vm_alone_is_shared_out);
    g_test_add_func("/vms/overhead-is-what-is-neither-guest-nor-polling",
                    test_overhead_is_what_is_neither_guest_nor_polling);
    g_test_add_func("/vms/overhead-wants-all-its-parts", test_overhead_wants_all_its_parts);
    g_test_add_func("/vms/guest-time-is-estimated-below-five-seconds",
                    test_guest_time_is_estimated_below_five_seconds);
    g_test_add_func("/vms/a-sum-with-an-unknown-part-is-unknown",
                    test_a_sum_with_an_unknown_part_is_unknown);
    g_test_add_func("/vms/a-vm-without-vcpus-has-reasons", test_a_vm_without_vcpus_has_reasons);
    g_test_add_func("/vms/sets-are-united", test_sets_are_united);
    g_test_add_func("/vms/the-dead-come-before-the-slow", test_the_dead_come_before_the_slow);
    g_test_add_func("/vms/remote-memory-counts-only-where-bytes-do",
                    test_remote_memory_counts_only_where_bytes_do);
    g_test_add_func("/vms/lists-of-any-size-are-united", test_lists_of_any_size_are_united);
    g_test_add_func("/events/of-all-sources-are-in-order-of-time",
                    test_events_of_all_sources_are_in_order_of_time);
    return g_test_run();
}
