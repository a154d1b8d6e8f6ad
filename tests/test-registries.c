/* What Makefile.am registers is whole: what would fail in silence fails here. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "advice/effects.h"
#include "advice/findings.h"
#include "host/host.h"
#include "model/derive.h"
#include "model/probe.h"
#include "model/recipe.h"
#include "model/rule.h"
#include "session/knob-list.h"
#include "session/session.h"
#include "tests/sim-host.h"

/* ---- schemas ---- */

/* Tables that are made without a probe. */
static const HvSchema *const others[] = { &hv_sources_schema,   &hv_changes_schema,
                                          &hv_contested_schema, &hv_knob_events_schema,
                                          &hv_findings_schema,  &hv_effects_schema };

static gboolean
is_name(const char *text)
{
    return text[0] >= 'a' && text[0] <= 'z' &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(text);
}

/* One sentence for people: begins and ends without blanks and newlines. */
static gboolean
is_help(const char *text)
{
    return text && *text && !strchr(text, '\n') && !g_ascii_isspace(text[0]) &&
           !g_str_has_suffix(text, " ") && !g_str_has_suffix(text, ".");
}

/* The unit that ends a name, where one does; an instant has none, for it is no duration. */
static gboolean
fits_unit(const HvColumn *column)
{
    static const struct {
        const char *ending;
        HvUnit unit;
    } endings[] = {
        { "bytes_per_s", HV_UNIT_BYTES_PER_S },
        { "_per_s", HV_UNIT_PER_S },
        { "_bytes", HV_UNIT_BYTES },
        { "_ns", HV_UNIT_NS },
        { "_ms", HV_UNIT_MS },
        { "_hz", HV_UNIT_HZ },
        { "_ratio", HV_UNIT_RATIO },
        { "_pct", HV_UNIT_PCT },
    };

    if (column->unit == HV_UNIT_NONE &&
        (column->kind == HV_KIND_BOOL || g_str_has_suffix(column->name, "_ns")))
        return TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(endings); i++)
        if (g_str_has_suffix(column->name, endings[i].ending))
            return column->unit == endings[i].unit;
    return TRUE;
}

static void
check_rate(const HvSchema *schema, const HvColumn *column)
{
    const HvColumn *of = &schema->columns[column->of];

    g_assert_cmpuint(column->of, <, hv_schema_n_columns(schema));
    g_assert_cmpuint(column->at, <, hv_schema_n_columns(schema));
    g_assert_cmpint(of->kind, ==, HV_KIND_COUNTER);
    if (column->at)
        g_assert_cmpint(schema->columns[column->at].kind, ==, HV_KIND_U64);
    if (column->unit == HV_UNIT_RATIO)
        g_assert_cmpint(of->unit, ==, HV_UNIT_NS);
}

static void
check_schema(const HvSchema *schema)
{
    const guint n_keys = hv_schema_n_keys(schema);

    g_assert_true(is_name(schema->name));
    for (guint i = 0; i < hv_schema_n_columns(schema); i++) {
        const HvColumn *column = &schema->columns[i];

        g_test_message("%s.%s", schema->name, column->name);
        g_assert_true(is_name(column->name));
        g_assert_true(is_help(column->help));
        g_assert_true(fits_unit(column));
        g_assert_cmpint(hv_kind_is_key(column->kind), ==, i < n_keys);
        g_assert_cmpint(hv_schema_find(schema, column->name), ==, (int)i);
        if (column->kind == HV_KIND_RATE)
            check_rate(schema, column);
    }
}

static void
add_schema(GHashTable *names, const HvSchema *schema)
{
    check_schema(schema);
    g_assert_true(g_hash_table_add(names, g_strdup(schema->name)));
}

static GHashTable *
raw_tables(void)
{
    GHashTable *names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < G_N_ELEMENTS(others); i++)
        add_schema(names, others[i]);
    for (const HvProbe *const *probe = hv_probes; *probe; probe++)
        for (const HvSchema *const *schema = (*probe)->schemas; *schema; schema++)
            add_schema(names, *schema);
    return names;
}

static GHashTable *
all_tables(void)
{
    GHashTable *names = raw_tables();

    for (const HvDerive *const *derive = hv_derives; *derive; derive++)
        add_schema(names, (*derive)->schema);
    return names;
}

static void
check_inputs(GHashTable *tables, const char *name, const char *const *inputs)
{
    for (; inputs && *inputs; inputs++) {
        g_test_message("%s reads %s", name, *inputs);
        g_assert_true(g_hash_table_contains(tables, *inputs));
    }
}

/* ---- the claims ---- */

static void
test_tables(void)
{
    g_autoptr(GHashTable) names = all_tables();

    g_assert_cmpuint(g_hash_table_size(names), <=, HV_SNAPSHOT_MAX_TABLES);
}

static void
test_probes(void)
{
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (const HvProbe *const *at = hv_probes; *at; at++) {
        const HvProbe *probe = *at;

        g_test_message("%s", probe->name);
        g_assert_true(g_hash_table_add(names, g_strdup(probe->name)));
        g_assert_true(probe->source && *probe->source);
        g_assert_true(is_help(probe->help));
        g_assert_nonnull(probe->schemas[0]);
        g_assert_true(probe->start && probe->sample && probe->stop);
    }
}

/* A derived table whose input is misspelt, or made after it, would be empty and nobody knew. */
static void
test_derives(void)
{
    g_autoptr(GHashTable) before = raw_tables();

    for (const HvDerive *const *derive = hv_derives; *derive; derive++) {
        g_assert_nonnull((*derive)->run);
        check_inputs(before, (*derive)->name, (*derive)->inputs);
        g_hash_table_add(before, g_strdup((*derive)->schema->name));
    }
}

static void
test_rules(void)
{
    g_autoptr(GHashTable) tables = all_tables();
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (const HvRule *const *rule = hv_rules; *rule; rule++) {
        g_test_message("%s", (*rule)->name);
        g_assert_true(g_hash_table_add(names, g_strdup((*rule)->name)));
        g_assert_true(is_help((*rule)->help));
        g_assert_true((*rule)->run && (*rule)->inputs);
        check_inputs(tables, (*rule)->name, (*rule)->inputs);
    }
}

static void
test_recipes(void)
{
    g_autoptr(GHashTable) tables = all_tables();

    for (const HvRecipe *const *recipe = hv_recipes; *recipe; recipe++) {
        g_test_message("%s", (*recipe)->name);
        g_assert_true(hv_recipe_find(hv_recipes, (*recipe)->name) == *recipe);
        g_assert_true(is_help((*recipe)->help));
        g_assert_true((*recipe)->draft && (*recipe)->tables);
        g_assert_cmpint((*recipe)->usage == NULL, ==, (*recipe)->max_arguments == 0);
        check_inputs(tables, (*recipe)->name, (*recipe)->tables);
    }
}

static void
check_family(const HvTuner *tuner, const HvKnobFamily *family)
{
    g_test_message("%s: %s", tuner->name, family->path);
    g_assert_true(is_help(family->help));
    g_assert_true(!family->risk || is_help(family->risk));
    g_assert_cmpint(family->type, !=, HV_TYPE_NOTHING);
    g_assert_true(family->shell_line || tuner->shell_line);
    g_assert_true(!strchr(family->path, '*') || tuner->list);
    g_assert_true(!family->max || family->min <= family->max);
    g_assert_true(!family->persists ||
                  (tuner->persist_read && tuner->persist_write && tuner->persist_restore));
    g_assert_true(family->step_class != HV_STEP_SLOW || tuner->write_slowly);
}

static void
test_tuners(void)
{
    g_autoptr(GHashTable) paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (const HvTuner *const *tuner = hv_tuners; *tuner; tuner++) {
        g_assert_true((*tuner)->source && *(*tuner)->source);
        g_assert_true((*tuner)->read && ((*tuner)->write || (*tuner)->write_slowly));
        for (const HvKnobFamily *family = (*tuner)->knobs; family->path; family++) {
            check_family(*tuner, family);
            g_assert_true(g_hash_table_add(paths, g_strdup(family->path)));
        }
    }
}

/* What `get` prints, `set` takes: else no journal line could be undone. */
static void
check_knob(HvHost *host, const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HvKnob) knob = hv_knob_parse(hv_tuners, path, &error);
    g_auto(HvValue) value = { 0 }, again = { 0 };
    g_autofree char *text = NULL;

    g_assert_no_error(error);
    if (!knob->tuner->read(host, knob, &value, &error)) {
        g_test_message("%s: %s", path, error->message);
        g_assert_cmpint((int)error->domain, ==, (int)HV_ERROR);
        return;
    }
    text = hv_value_to_text(&value);
    g_test_message("%s = %s", path, text);
    g_assert_cmpint(value.type, ==, knob->family->type);
    if (value.mixed)
        return;
    g_assert_true(
        hv_value_parse(&again, knob->family->type, knob->family->words, text, &error));
    g_assert_no_error(error);
    g_assert_true(hv_value_equal(&value, &again));
}

static void
test_values(void)
{
    g_autoptr(HvHost) host = hv_test_redis();
    g_autoptr(HvGuestList) guests = hv_host_guests(host);
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify)g_error_free);
    g_autoptr(GPtrArray) paths = hv_knobs_matching(host, hv_tuners, "**", errors);

    g_assert_cmpuint(paths->len, >, guests->n_guests);
    for (guint i = 0; i < paths->len; i++)
        check_knob(host, paths->pdata[i]);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/registries/every table is whole, and its name its own", test_tables);
    g_test_add_func("/registries/every probe says what it reads", test_probes);
    g_test_add_func("/registries/derived tables read what is made before them", test_derives);
    g_test_add_func("/registries/rules read tables that there are", test_rules);
    g_test_add_func("/registries/recipes read tables that there are", test_recipes);
    g_test_add_func("/registries/every knob has help, a shell line and a writer", test_tuners);
    g_test_add_func("/registries/every value on the demo is read again from its text",
                    test_values);
    return g_test_run();
}
