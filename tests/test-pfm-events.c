/* The events that tell memory traffic, on every processor model, against a table of raw codes.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probes/pfm-events.h"

/* From libpfm4 4.13 and linux tools/perf/pmu-events/arch/x86; local and remote. */
typedef struct {
    HvCpuVendor vendor;
    guint family, model;
    const char *pmu; /* that libpfm4 has for it */
    guint n_choices;
    guint64 config[2], config1[2]; /* of the best choice */
    guint64 second[2];             /* of the next one, which counts loads */
} Fact;

static const Fact facts[] = {
    { HV_CPU_INTEL,
      6,
      63,
      "hsw_ep",
      2,
      { 0x1bb, 0x1b7 },
      { 0x3f80408fff, 0x3fb8008fff },
      { 0x01d3, 0x04d3 } },
    { HV_CPU_INTEL,
      6,
      79,
      "bdw_ep",
      2,
      { 0x1bb, 0x1b7 },
      { 0x3f84008fff, 0x3fb8008fff },
      { 0x01d3, 0x04d3 } },
    { HV_CPU_INTEL,
      6,
      86,
      "bdw_ep",
      2,
      { 0x1bb, 0x1b7 },
      { 0x3f84008fff, 0x3fb8008fff },
      { 0x01d3, 0x04d3 } },
    { HV_CPU_INTEL,
      6,
      85,
      "skx",
      2,
      { 0x1b7, 0x1b7 },
      { 0x3f840005b3, 0x3f900005b3 },
      { 0x01d3, 0x02d3 } },
    { HV_CPU_INTEL,
      6,
      85,
      "clx",
      2,
      { 0x1b7, 0x1b7 },
      { 0x3f840005b3, 0x3f900005b3 },
      { 0x01d3, 0x02d3 } },
    { HV_CPU_INTEL,
      6,
      106,
      "icx",
      2,
      { 0x1b7, 0x1b7 },
      { 0x70c000477, 0x730000477 },
      { 0x01d3, 0x02d3 } },
    { HV_CPU_INTEL,
      6,
      108,
      NULL,
      2,
      { 0x1b7, 0x1b7 },
      { 0x70c000477, 0x730000477 },
      { 0x01d3, 0x02d3 } },
    { HV_CPU_INTEL,
      6,
      143,
      "spr",
      2,
      { 0x12a, 0x12a },
      { 0x70c004477, 0x730004477 },
      { 0x01d3, 0x02d3 } },
    { HV_CPU_INTEL,
      6,
      207,
      NULL,
      2,
      { 0x12a, 0x12a },
      { 0x70c004477, 0x730004477 },
      { 0x01d3, 0x02d3 } },
    { HV_CPU_INTEL,
      6,
      173,
      NULL,
      2,
      { 0x12a, 0x12a },
      { 0x70c004477, 0x730004477 },
      { 0x01d3, 0x02d3 } },
    { HV_CPU_INTEL,
      6,
      174,
      NULL,
      2,
      { 0x12a, 0x12a },
      { 0x70c004477, 0x730004477 },
      { 0x01d3, 0x02d3 } },
    { HV_CPU_AMD, 0x17, 0x31, "amd64_fam17h_zen2", 1, { 0x0843, 0x4043 }, { 0, 0 }, { 0, 0 } },
    { HV_CPU_AMD, 0x19, 0x01, "amd64_fam19h_zen3", 1, { 0x0844, 0x4044 }, { 0, 0 }, { 0, 0 } },
    { HV_CPU_AMD, 0x19, 0x11, "amd64_fam19h_zen4", 1, { 0x0844, 0x4044 }, { 0, 0 }, { 0, 0 } },
    { HV_CPU_AMD, 0x19, 0xa0, "amd64_fam19h_zen4", 1, { 0x0844, 0x4044 }, { 0, 0 }, { 0, 0 } },
    { HV_CPU_AMD, 0x1a, 0x02, NULL, 1, { 0x0844, 0x4044 }, { 0, 0 }, { 0, 0 } },
};

static const HvPfmChoice *
choices_of(const Fact *fact)
{
    const HvCpuIdent ident = { fact->vendor, fact->family, fact->model };
    const HvPfmChoice *choices = hv_pfm_choices(&ident);

    g_assert_nonnull(choices);
    return choices;
}

static gboolean
codes_are(const HvCounterEvent events[2], const guint64 config[2], const guint64 config1[2])
{
    for (guint i = 0; i < 2; i++)
        if (events[i].type != 4 || events[i].config != config[i] ||
            events[i].config1 != config1[i])
            return FALSE;
    return TRUE;
}

static void
test_every_model_has_the_codes_of_the_table(void)
{
    static const guint64 none[2] = { 0, 0 };

    for (guint i = 0; i < G_N_ELEMENTS(facts); i++) {
        const HvPfmChoice *choices = choices_of(&facts[i]);
        guint n = 0;

        while (choices[n].name)
            n++;
        g_assert_cmpuint(n, ==, facts[i].n_choices);
        g_assert_true(codes_are(choices[0].codes, facts[i].config, facts[i].config1));
        g_assert_true(choices[0].counts_bytes);
        if (n < 2)
            continue;
        g_assert_true(codes_are(choices[1].codes, facts[i].second, none));
        g_assert_false(choices[1].counts_bytes);
        g_assert_false(choices[1].needs_offcore);
    }
}

/* Every model of the program stands in the table above, too. */
static void
test_no_model_is_without_a_fact(void)
{
    for (const HvPfmModel *model = hv_pfm_models; model->choices; model++) {
        gboolean is_found = FALSE;

        for (guint i = 0; i < G_N_ELEMENTS(facts); i++)
            is_found = is_found || choices_of(&facts[i]) == model->choices;
        g_assert_true(is_found);
    }
}

static void
test_models_without_such_events_have_none(void)
{
    static const HvCpuIdent idents[] = {
        { HV_CPU_AMD, 0x17, 0x01 },   /* Zen1 */
        { HV_CPU_HYGON, 0x18, 0x00 }, /* like Zen1 */
        { HV_CPU_INTEL, 6, 142 },     /* a laptop's */
        { HV_CPU_INTEL, 15, 106 },    { HV_CPU_OTHER, 6, 106 },
    };

    for (guint i = 0; i < G_N_ELEMENTS(idents); i++)
        g_assert_null(hv_pfm_choices(&idents[i]));
}

/* libpfm4 reads its environment once, so each table has a process of its own. 0: as the fact
 * says; 1: other codes; 2: not encoded. */
static int
encode_all(const Fact *fact)
{
    static const guint64 none[2] = { 0, 0 };
    const HvPfmChoice *choices = choices_of(fact);
    HvCounterEvent events[2];

    if (!hv_pfm_encode(&choices[0], events))
        return 2;
    if (!codes_are(events, fact->config, fact->config1))
        return 1;
    if (fact->n_choices < 2)
        return 0;
    if (!hv_pfm_encode(&choices[1], events))
        return 2;
    return codes_are(events, fact->second, none) ? 0 : 1;
}

static int
run_in_child(const char *variable, const char *value, const Fact *fact)
{
    const pid_t child = fork();
    int status = 0;

    g_assert_cmpint(child, >=, 0);
    if (child == 0) {
        g_unsetenv("LIBPFM_FORCE_PMU");
        g_unsetenv("LIBPFM_ENCODE_INACTIVE");
        g_setenv(variable, value, TRUE);
        _exit(encode_all(fact));
    }
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void
test_libpfm_encodes_the_same_codes_when_forced(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(facts); i++)
        if (facts[i].pmu)
            g_assert_cmpint(run_in_child("LIBPFM_FORCE_PMU", facts[i].pmu, &facts[i]), ==, 0);
}

static void
test_libpfm_encodes_the_same_codes_of_tables_not_active(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(facts); i++)
        g_assert_cmpint(run_in_child("LIBPFM_ENCODE_INACTIVE", "1", &facts[i]), ==,
                        facts[i].pmu ? 0 : 2);
}

/* Another model's table gives no codes for this one. */
static void
test_raw_codes_stand_in_where_libpfm_has_no_table(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(facts); i++) {
        const char *other = g_strcmp0(facts[i].pmu, "nhm") == 0 ? "snb" : "nhm";

        g_assert_cmpint(run_in_child("LIBPFM_FORCE_PMU", other, &facts[i]), ==, 2);
    }
}

static void
test_cpuinfo_names_the_model(void)
{
    char text[] = "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 106\n"
                  "model name\t: Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz\nstepping\t: 6\n";
    char arm[] = "processor\t: 0\nBogoMIPS\t: 50.00\n";
    g_autoptr(GError) error = NULL;
    HvCpuIdent ident = { 0 };

    g_assert_true(hv_cpu_ident_parse(text, &ident, &error));
    g_assert_cmpint(ident.vendor, ==, HV_CPU_INTEL);
    g_assert_cmpuint(ident.family, ==, 6);
    g_assert_cmpuint(ident.model, ==, 106);
    g_assert_false(hv_cpu_ident_parse(arm, &ident, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_ABSENT);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pfm-events/every model has the codes of the table",
                    test_every_model_has_the_codes_of_the_table);
    g_test_add_func("/pfm-events/no model is without a fact", test_no_model_is_without_a_fact);
    g_test_add_func("/pfm-events/models without such events have none",
                    test_models_without_such_events_have_none);
    g_test_add_func("/pfm-events/libpfm encodes the same codes when forced",
                    test_libpfm_encodes_the_same_codes_when_forced);
    g_test_add_func("/pfm-events/libpfm encodes the same codes of tables that are not active",
                    test_libpfm_encodes_the_same_codes_of_tables_not_active);
    g_test_add_func("/pfm-events/raw codes stand in where libpfm has no table",
                    test_raw_codes_stand_in_where_libpfm_has_no_table);
    g_test_add_func("/pfm-events/cpuinfo names the model", test_cpuinfo_names_the_model);
    return g_test_run();
}
