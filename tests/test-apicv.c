/* APICv and AVIC: what is said of a VM, and the host-wide recipe on the simulated machine. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <string.h>

#include "host/guest-xml.h"
#include "model/derive/apicv.h"
#include "model/recipe.h"
#include "session/session.h"
#include "tests/rule-run.h"
#include "tests/sim-host.h"

#define N_GUESTS 6 /* of irq-storm */
#define N_STEPS (2 * N_GUESTS + 1)

/* ---- the verdict ---- */

static HvApicvFacts
facts_of(gboolean is_amd)
{
    return (HvApicvFacts){ .module = is_amd ? "kvm_amd" : "kvm_intel",
                           .parameter = is_amd ? "avic" : "enable_apicv",
                           .is_on = TRUE,
                           .is_amd = is_amd,
                           .injections_per_s = (double)NAN,
                           .wakeups_per_s = (double)NAN,
                           .host_irqs_per_s = (double)NAN,
                           .posted_per_s = (double)NAN,
                           .pit_reinjected = 1,
                           .n_vcpus = 8 };
}

static void
assert_verdict(const HvApicvFacts *facts, const char *state, const char *cause)
{
    HvApicvVerdict verdict = { 0 };

    hv_apicv_judge(facts, &verdict);
    g_test_message("%s: %s", verdict.state, verdict.why);
    g_assert_cmpstr(verdict.state, ==, state);
    g_assert_cmpstr(verdict.cause, ==, cause);
    g_assert_cmpstr(verdict.why, !=, "");
}

static void
test_configuration(void)
{
    HvApicvFacts facts = facts_of(FALSE);

    assert_verdict(&facts, "likely", NULL);
    facts.posted_per_s = 900;
    assert_verdict(&facts, "likely", NULL);
    facts.injections_per_s = facts.wakeups_per_s = 3;
    assert_verdict(&facts, "likely", NULL);
    facts.synic = -1;
    assert_verdict(&facts, "unknown", NULL);
}

static void
test_numbers(void)
{
    HvApicvFacts facts = facts_of(FALSE);

    facts.injections_per_s = 1;
    facts.wakeups_per_s = 4000;
    assert_verdict(&facts, "active", NULL);
    facts.injections_per_s = 30000;
    assert_verdict(&facts, "inhibited", NULL);
    facts.synic = 1;
    assert_verdict(&facts, "inhibited", "synic");
    facts.hv_avic = 1;
    assert_verdict(&facts, "inhibited", NULL);
    facts.is_on = FALSE;
    assert_verdict(&facts, "off", "parameter");
}

static void
test_amd(void)
{
    HvApicvFacts facts = facts_of(TRUE);

    assert_verdict(&facts, "inhibited", "pit");
    facts.injections_per_s = 0;
    facts.wakeups_per_s = 4000;
    assert_verdict(&facts, "active", NULL); /* what is measured outweighs a definition */
    facts.injections_per_s = (double)NAN;
    facts.pit_reinjected = 0;
    assert_verdict(&facts, "likely", NULL);
    facts.n_vcpus = 300;
    assert_verdict(&facts, "inhibited", "vcpus");
    facts.launch_security = "sev-snp";
    assert_verdict(&facts, "inhibited", "sev");
    facts = facts_of(FALSE);
    facts.launch_security = "sev";
    assert_verdict(&facts, "likely", NULL);
}

static void
test_definition(void)
{
    g_autoptr(HvGuestXml) xml = hv_guest_xml_parse(
        "<domain type='kvm'><name>w</name><features><hyperv><synic state='on'/>"
        "<avic state='off'/></hyperv><ioapic driver='qemu'/></features>"
        "<cpu><feature policy='require' name='x2apic'/></cpu>"
        "<clock><timer name='rtc' tickpolicy='discard'/>"
        "<timer name='pit' tickpolicy='delay'/></clock></domain>",
        NULL);

    g_assert_nonnull(xml);
    g_assert_cmphex(xml->apic, ==,
                    HV_APIC_KNOWN | HV_APIC_SYNIC | HV_APIC_SPLIT | HV_APIC_X2APIC);
}

static void
test_libvirt_fields(void)
{
    g_autoptr(HvKvmReading) reading = hv_kvm_reading_new();
    guint64 value;

    hv_kvm_reading_add(reading, "vcpu.0.exits.sum", 7);
    hv_kvm_reading_add(reading, "vcpu.2.exits.sum", 5);
    hv_kvm_reading_add(reading, "vcpu.2.exits.max", 50);
    hv_kvm_reading_add(reading, "vcpu.current", 3);
    hv_kvm_reading_add(reading, "vcpu.99999999999.exits.sum", 1);
    hv_kvm_reading_add(reading, "vcpu..exits.sum", 1);
    hv_kvm_reading_add(reading, "vcpu.1.nonsense.sum", 1);
    hv_kvm_reading_sum(reading);
    g_assert_true(hv_kvm_counts_get(&reading->total, HV_KVM_EXITS, &value));
    g_assert_cmpuint(value, ==, 12);
    g_assert_false(hv_kvm_counts_get(&reading->total, HV_KVM_HALT_WAKEUP, &value));
    g_assert_cmpuint(reading->n_vcpus, ==, 3);
}

/* ---- the table and the rule ---- */

extern const HvDerive hv_derive_kvm;
extern const HvRule hv_rule_apicv;

static void
test_finding(void)
{
    g_auto(HvTestRule) rule = { 0 };
    HvTable *kvm;
    double cost;

    hv_test_tables_add(&rule.tables, "vms", "vm:key state:text cpu_ratio:f64 n_vcpus:u64",
                       "busy running 1.5 2\nidle running 1.5 2\nwell running 1.5 2\n"
                       "blind running 1.5 2");
    hv_test_tables_add(&rule.tables, "vcpus", "vm:key vcpu:id", NULL);
    hv_test_tables_add(&rule.tables, "kvm_host", "module:key parameter:text apicv:bool",
                       "kvm_intel enable_apicv 1");
    hv_test_tables_add(&rule.tables, "kvm_vms",
                       "vm:key tcg:bool synic:bool hv_avic:bool pit_reinjected:bool "
                       "injections_per_s:f64 irq_window_exits_per_s:f64 "
                       "halt_wakeups_per_s:f64 irq_exits_per_s:f64",
                       "busy 0 1 0 1 25000 5000 900 100\nidle 0 1 0 1 2500 500 900 100\n"
                       "well 0 0 0 1 3 0 9000 900\nblind 0 1 0 1 - - - -");
    kvm = hv_test_tables_derive(&rule.tables, &hv_derive_kvm);
    g_assert_true(hv_table_f64(kvm, 0, hv_table_column(kvm, "cost_ratio"), &cost));
    g_assert_cmpfloat(fabs(cost - 0.03), <, 1e-9); /* 30,000 × 1.5 µs ÷ 1.5 cpus */
    g_assert_cmpint(hv_table_mark(kvm, 0, hv_table_column(kvm, "cost_ratio")), ==,
                    HV_MARK_ESTIMATED);
    g_assert_cmpint(hv_table_mark(kvm, 3, hv_table_column(kvm, "cost_ratio")), ==,
                    HV_MARK_ABSENT);
    g_assert_cmpuint(hv_test_rule_run(&rule, &hv_rule_apicv), ==, 1);
    g_assert_cmpfloat(fabs(hv_test_rule_cost(&rule, "apicv/busy/") - 0.03), <, 1e-9);
    g_assert_nonnull(strstr(hv_test_rule_remedy(&rule, "apicv/busy/"), "virsh edit busy"));
}

/* ---- the recipe ---- */

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
bench_open(Bench *bench, const char *fault)
{
    bench->host = hv_test_demo("irq-storm", 1, 0, FALSE, fault);
    bench->journal = hv_journal_new_memory();
    bench->options =
        (HvActOptions){ .who = "root", .machine_id = "m", .boot_id = "b", .outage = "hv-demo" };
    bench->parts = (HvSessionParts){
        .host = bench->host,
        .tuners = hv_tuners,
        .recipes = hv_recipes,
        .clock = { .data = bench->host, .realtime_ns = clock_ns, .monotonic_ns = clock_ns },
        .journal = bench->journal,
    };
    hv_guest_list_unref(hv_host_guests(bench->host));
}

static void
bench_clear(Bench *bench)
{
    hv_journal_free(bench->journal);
    hv_host_free(bench->host);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Bench, bench_clear)

static HvPlan *
make(const Bench *bench, const char *word, GError **error)
{
    const char *const arguments[] = { word, NULL };

    g_autoptr(HvSnapshot) nothing = hv_snapshot_new();

    return hv_plan_make_recipe(&bench->parts, "apicv", arguments, nothing, &bench->options,
                               error);
}

static char *
parameter(const Bench *bench)
{
    return hv_test_read(bench->host, "sys/module/kvm_intel/parameters/enable_apicv");
}

static void
assert_all_run(const Bench *bench)
{
    g_autoptr(HvGuestList) list = hv_host_guests(bench->host);

    g_assert_cmpuint(list->n_guests, ==, N_GUESTS);
    for (guint i = 0; i < list->n_guests; i++) {
        const HvGuest *guest = list->guests[i];
        g_autofree char *process = g_strdup_printf("proc/%d/stat", guest->pid);

        g_assert_true(hv_host_exists(bench->host, process));
        g_assert_true(hv_host_exists(bench->host, guest->cgroup));
        g_assert_cmpint(guest->state, ==, HV_GUEST_RUNNING);
    }
}

static void
test_recipe(void)
{
    g_auto(Bench) bench = { 0 };
    g_autoptr(HvGuestList) before = NULL;
    g_autoptr(HvGuestList) after = NULL;
    g_autoptr(HvPlan) plan = NULL;
    g_autofree char *on = NULL;
    g_autofree char *gone = NULL;

    bench_open(&bench, NULL);
    before = hv_host_guests(bench.host);
    plan = make(&bench, "on", NULL);
    g_assert_nonnull(plan);
    g_assert_cmpuint(hv_plan_n_steps(plan), ==, N_STEPS);
    g_assert_cmpint(hv_plan_class_of(plan), ==, HV_STEP_ONE_WAY);
    g_assert_true(hv_plan_apply(&bench.parts, plan, &bench.options, NULL));
    on = parameter(&bench);
    g_assert_cmpstr(on, ==, "Y");
    assert_all_run(&bench);
    after = hv_host_guests(bench.host);
    g_assert_cmpint(after->guests[0]->pid, !=, before->guests[0]->pid);
    gone = g_strdup_printf("proc/%d", before->guests[0]->pid);
    g_assert_false(hv_host_exists(bench.host, gone));
}

static void
test_undo(void)
{
    g_auto(Bench) bench = { 0 };
    g_autoptr(HvPlan) plan = NULL;
    g_autoptr(HvPlan) undo = NULL;
    g_autofree char *off = NULL;

    bench_open(&bench, NULL);
    plan = make(&bench, "on", NULL);
    g_assert_true(hv_plan_apply(&bench.parts, plan, &bench.options, NULL));
    hv_guest_list_unref(hv_host_guests(bench.host));
    undo = hv_plan_make_undo(&bench.parts, plan->id, &bench.options, NULL);
    g_assert_nonnull(undo);
    g_assert_true(hv_plan_apply(&bench.parts, undo, &bench.options, NULL));
    off = parameter(&bench);
    g_assert_cmpstr(off, ==, "N");
    assert_all_run(&bench);
}

/* Whatever write fails, every guest runs at the end, and the module is there. */
static void
test_faults(void)
{
    for (guint i = 1; i <= N_STEPS; i += 3) {
        g_autofree char *fault = g_strdup_printf("fail-write:%u", i);
        g_auto(Bench) bench = { 0 };
        g_autoptr(GError) error = NULL;
        g_autoptr(HvPlan) plan = NULL;
        g_autofree char *off = NULL;

        bench_open(&bench, fault);
        plan = make(&bench, "on", NULL);
        g_assert_nonnull(plan);
        g_assert_false(hv_plan_apply(&bench.parts, plan, &bench.options, &error));
        g_test_message("%s: %s", fault, error->message);
        assert_all_run(&bench);
        off = parameter(&bench);
        g_assert_cmpstr(off, ==, "N");
    }
}

static void
test_refusals(void)
{
    g_auto(Bench) bench = { 0 };
    g_autoptr(GError) error = NULL;
    g_autoptr(HvPlan) plan = NULL;

    bench_open(&bench, NULL);
    g_assert_null(make(&bench, "perhaps", &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
    g_clear_error(&error);
    plan = make(&bench, "on", NULL);
    bench.options.outage = NULL;
    g_assert_false(hv_plan_apply(&bench.parts, plan, &bench.options, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_REFUSED);
    g_assert_nonnull(strstr(error->message, "--outage"));
    assert_all_run(&bench);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/apicv/configuration alone is never a plain yes", test_configuration);
    g_test_add_func("/apicv/injections tell", test_numbers);
    g_test_add_func("/apicv/AMD is inhibited by more", test_amd);
    g_test_add_func("/apicv/the definition's part is read", test_definition);
    g_test_add_func("/apicv/libvirt's counts are taken by name", test_libvirt_fields);
    g_test_add_func("/apicv/what costs 2 % is found, what is not known is not", test_finding);
    g_test_add_func("/apicv/the recipe reloads the module around saved guests", test_recipe);
    g_test_add_func("/apicv/undo does it all again", test_undo);
    g_test_add_func("/apicv/whatever write fails, the guests run again", test_faults);
    g_test_add_func("/apicv/nothing without the host's name", test_refusals);
    return g_test_run();
}
