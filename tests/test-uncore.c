/* Counters of memory controllers and links: how events are packed, which units count, what they
 * tell of the simulated machine. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/sim.h"
#include "probes/pmu-format.h"
#include "probes/scaled.h"
#include "probes/uncore-units.h"
#include "tests/probe-run.h"

#define S G_GINT64_CONSTANT(1000000000)

extern const HvProbe hv_probe_uncore;

/* ---- packing ---- */

static void
assert_field(const char *text, guint which, guint64 mask)
{
    g_autoptr(GError) error = NULL;
    HvPmuField field;

    g_assert_true(hv_pmu_field_parse(text, &field, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(field.which, ==, which);
    g_assert_cmphex(field.mask, ==, mask);
}

static void
test_a_field_names_its_bits(void)
{
    assert_field("config:0-7\n", 0, 0xff);
    assert_field("config:18\n", 0, 1 << 18);
    assert_field("config:0-7,32-35,59-60", 0, G_GUINT64_CONSTANT(0x1800000f000000ff));
    assert_field("config1:0-63\n", 1, G_MAXUINT64);
}

static void
test_what_is_no_field_is_refused(void)
{
    static const char *const texts[] = { "",           "config",      "config:",
                                         "config:7-0", "config:0-64", "config:0-7,",
                                         "konfig:0-7", "config:0-7 8" };

    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;
        HvPmuField field;

        g_assert_false(hv_pmu_field_parse(texts[i], &field, &error));
        g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
    }
}

/* 0x7c7 of Zen3's data fabric: 0xc7 in bits 0-7, 7 in bits 32-35. */
static void
test_a_value_is_spread_over_the_bits_of_its_field(void)
{
    g_autoptr(GError) error = NULL;
    HvCounterEvent event = { 0 };
    HvPmuField field;

    g_assert_true(hv_pmu_field_parse("config:0-7,32-35,59-60", &field, NULL));
    g_assert_true(hv_pmu_field_put(&field, 0x7c7, &event, NULL));
    g_assert_cmphex(event.config, ==, G_GUINT64_CONSTANT(0x7000000c7));
    g_assert_true(hv_pmu_field_parse("config:8-15,24-27", &field, NULL));
    g_assert_true(hv_pmu_field_put(&field, 0xf3e, &event, NULL));
    g_assert_cmphex(event.config, ==, G_GUINT64_CONSTANT(0x70f003ec7));
    g_assert_false(hv_pmu_field_put(&field, 0x1000, &event, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
}

static void
test_an_event_is_read_term_by_term(void)
{
    g_autoptr(GError) error = NULL;
    HvPmuTerm terms[HV_PMU_MAX_TERMS];
    guint n;

    g_assert_true(hv_pmu_terms_parse("event=0x04,umask=15,edge\n", terms, &n, &error));
    g_assert_cmpuint(n, ==, 3);
    g_assert_cmpstr(terms[0].name, ==, "event");
    g_assert_cmpuint(terms[0].value, ==, 4);
    g_assert_cmpuint(terms[1].value, ==, 15);
    g_assert_cmpstr(terms[2].name, ==, "edge");
    g_assert_cmpuint(terms[2].value, ==, 1);
    g_assert_false(hv_pmu_terms_parse("event=0x04,../type=1", terms, &n, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
}

/* ---- units ---- */

/* The first kind that takes a unit of that name on that processor. */
static const HvUncoreUnit *
find(HvCpuVendor vendor, guint family, guint model, const char *name)
{
    const HvCpuIdent ident = { vendor, family, model };

    for (const HvUncoreUnit *unit = hv_uncore_units; unit->device; unit++)
        if (!unit->is_alias && hv_uncore_is_unit(unit, name) && hv_uncore_fits(unit, &ident))
            return unit;
    return NULL;
}

static void
test_units_are_told_by_name_and_processor(void)
{
    g_assert_cmpstr(find(HV_CPU_INTEL, 6, 106, "uncore_upi_2")->events[0], ==,
                    "event=0x02,umask=0x0f");
    g_assert_cmpstr(find(HV_CPU_INTEL, 6, 63, "uncore_qpi_0")->events[0], ==,
                    "event=0x00,umask=0x02");
    g_assert_cmpstr(find(HV_CPU_INTEL, 6, 143, "uncore_imc_11")->events[0], ==,
                    "event=0x05,umask=0xff");
    g_assert_cmpstr(find(HV_CPU_AMD, 0x19, 0x11, "amd_umc_3")->events[0], ==, "event=0x0a");
    g_assert_cmpstr(find(HV_CPU_AMD, 0x19, 0x01, "amd_df")->events[3], ==,
                    "event=0x887,umask=0x02");
    g_assert_null(find(HV_CPU_INTEL, 6, 106, "uncore_imc_free_running_0"));
    g_assert_null(find(HV_CPU_INTEL, 6, 106, "uncore_upi_"));
    g_assert_null(find(HV_CPU_INTEL, 6, 142, "uncore_upi_0"));
    g_assert_null(find(HV_CPU_AMD, 0x17, 0x01, "amd_df"));
}

/* ---- scaling ---- */

/* Half the time of the second stretch; in the third it slept, in the fourth others held the
 * counters. */
static void
test_each_stretch_is_scaled_by_itself(void)
{
    HvScaled scaled = { 0 };

    hv_scaled_take(&scaled, 1, (guint64[]){ 100 }, 1000, 1000);
    g_assert_cmpfloat(scaled.counts[0], ==, 100);
    g_assert_false(scaled.is_scaled);
    hv_scaled_take(&scaled, 1, (guint64[]){ 150 }, 2000, 1500);
    g_assert_cmpfloat(scaled.counts[0], ==, 200);
    g_assert_true(scaled.is_scaled);
    hv_scaled_take(&scaled, 1, (guint64[]){ 150 }, 2000, 1500);
    g_assert_cmpfloat(scaled.counts[0], ==, 200);
    g_assert_false(scaled.is_scaled || scaled.is_blocked);
    hv_scaled_take(&scaled, 1, (guint64[]){ 150 }, 3000, 1500);
    g_assert_cmpfloat(scaled.counts[0], ==, 200);
    g_assert_true(scaled.is_blocked);
}

/* ---- the simulated machine ---- */

static HvHost *
open_demo(const char *variant, gboolean may_count)
{
    const HvSimOptions demo = { .scenario = "redis", .variant = variant, .seed = 1 };
    const HvHostOptions options = { .demo = &demo, .policy = { .may_count = may_count } };
    g_autoptr(GError) error = NULL;
    HvHost *host = hv_host_new(&options, &error);

    g_assert_no_error(error);
    return host;
}

/* Two samples, a second apart. */
static HvTable *
sample_twice(HvHost *host, gpointer state, HvStore *store)
{
    for (guint i = 0; i < 2; i++) {
        const gint64 now_ns = hv_host_monotonic_ns(host);
        HvSink *sink = hv_sink_begin(&store, 1, now_ns);
        g_autoptr(GError) error = NULL;

        g_assert_true(hv_probe_uncore.sample(state, sink, &error));
        g_assert_no_error(error);
        hv_sink_end(sink, TRUE);
        hv_host_wait_until(host, now_ns + S, -1);
    }
    return hv_store_table(store);
}

static void
test_units_of_an_intel_host_count(void)
{
    g_autoptr(HvHost) host = open_demo(NULL, TRUE);
    g_autoptr(HvStore) store = hv_store_new(hv_probe_uncore.schemas[0]);
    g_autoptr(GError) error = NULL;
    gpointer state = hv_probe_uncore.start(host, &error);
    HvTable *table;

    g_assert_no_error(error);
    table = sample_twice(host, state, store);
    g_assert_cmpuint(hv_table_n_rows(table), ==, 2 * 8 + 2);
    g_assert_cmpstr(hv_test_text(table, "uncore_imc_3/1", "kind"), ==, "memory");
    g_assert_cmpfloat(hv_test_number(table, "uncore_imc_3/1", "node"), ==, 1);
    g_assert_cmpfloat(hv_test_number(table, "uncore_imc_0/0", "bytes_per_s"), >, 1e8);
    g_assert_cmpstr(hv_test_text(table, "uncore_upi_0/0", "kind"), ==, "link");
    g_assert_cmpfloat(hv_test_number(table, "uncore_upi_0/1", "bytes_per_s"), >, 1e8);
    g_assert_cmpint(hv_test_mark(table, "uncore_upi_0/1", "node"), ==, HV_MARK_ABSENT);
    hv_probe_uncore.stop(state);
}

static void
test_links_of_an_amd_host_count(void)
{
    g_autoptr(HvHost) host = open_demo("amd", TRUE);
    g_autoptr(HvStore) store = hv_store_new(hv_probe_uncore.schemas[0]);
    g_autoptr(GError) error = NULL;
    gpointer state = hv_probe_uncore.start(host, &error);
    HvTable *table;

    g_assert_no_error(error);
    table = sample_twice(host, state, store);
    g_assert_cmpuint(hv_table_n_rows(table), ==, 2);
    g_assert_cmpfloat(hv_test_number(table, "amd_df/1", "bytes_per_s"), >, 1e8);
    hv_probe_uncore.stop(state);
}

static void
test_counters_left_alone_say_so(void)
{
    g_autoptr(HvHost) host = open_demo(NULL, FALSE);
    g_autoptr(GError) error = NULL;

    g_assert_null(hv_probe_uncore.start(host, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_ABSENT);
    g_assert_cmpstr(error->message, ==, "--footprint leaves the counters alone");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/uncore/a field names its bits", test_a_field_names_its_bits);
    g_test_add_func("/uncore/what is no field is refused", test_what_is_no_field_is_refused);
    g_test_add_func("/uncore/a value is spread over the bits of its field",
                    test_a_value_is_spread_over_the_bits_of_its_field);
    g_test_add_func("/uncore/an event is read term by term",
                    test_an_event_is_read_term_by_term);
    g_test_add_func("/uncore/units are told by name and processor",
                    test_units_are_told_by_name_and_processor);
    g_test_add_func("/uncore/each stretch is scaled by itself",
                    test_each_stretch_is_scaled_by_itself);
    g_test_add_func("/uncore/units of an Intel host count", test_units_of_an_intel_host_count);
    g_test_add_func("/uncore/links of an AMD host count", test_links_of_an_amd_host_count);
    g_test_add_func("/uncore/counters left alone say so", test_counters_left_alone_say_so);
    return g_test_run();
}
