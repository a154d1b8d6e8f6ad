/* The texts of resctrl: schemata, sizes, counters, info files, mounts, names of groups. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "model/error.h"
#include "host/resctrl-parse.h"
#include "tests/support.h"

/* One word for each domain that was told. */
static void
write_down(const HvResctrlDomain *domain, gpointer data)
{
    g_string_append_printf(data, "%s%s/%u=%s:%" G_GUINT64_FORMAT,
                           ((GString *)data)->len ? " " : "", domain->resource, domain->domain,
                           domain->value, domain->number);
}

static char *
told(const char *text, gboolean is_size, GError **error)
{
    g_autofree char *copy = g_strdup(text);
    g_autoptr(GString) out = g_string_new(NULL);
    const gboolean is_good = is_size ? hv_resctrl_size_parse(copy, write_down, out, error)
                                     : hv_schemata_parse(copy, write_down, out, error);

    g_assert_cmpint(is_good, ==, !error || !*error);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static void
assert_told(const char *text, const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *found = told(text, FALSE, &error);

    g_assert_no_error(error);
    g_assert_cmpstr(found, ==, expected);
}

static void
test_masks_are_hex_and_limits_decimal(void)
{
    assert_told("    MB:0=  100;1= 70\n    L3:0=fff;1=00f\n",
                "MB/0=100:100 MB/1=70:70 L3/0=fff:4095 L3/1=00f:15");
}

static void
test_ids_may_have_gaps(void)
{
    assert_told("L2:11=3;64=f\n", "L2/11=3:3 L2/64=f:15");
}

static void
test_code_and_data_are_resources(void)
{
    assert_told("L3DATA:0=f0\nL3CODE:0=0f\nSMBA:0=2048\n",
                "L3DATA/0=f0:240 L3CODE/0=0f:15 SMBA/0=2048:2048");
}

static void
test_a_resource_of_another_kernel_keeps_its_text(void)
{
    assert_told("QOS:0=gold;1=7\n", "QOS/0=gold:0 QOS/1=7:0");
}

static void
test_sizes_are_decimal(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *found = told("    L3:0=16777216;1=10\n", TRUE, &error);

    g_assert_no_error(error);
    g_assert_cmpstr(found, ==, "L3/0=16777216:16777216 L3/1=10:10");
}

static void
test_what_precedes_a_wrong_part_is_told(void)
{
    static const char *const wrong[] = { "L3:0=f;1", "L3:0=f;x=1", "L3:0=f;1=g", "L3:0=f\nMB",
                                         "L3:0=f;4294967296=1" };

    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *found = told(wrong[i], FALSE, &error);

        g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
        g_assert_cmpstr(found, ==, "L3/0=f:15");
    }
}

static void
test_an_epycs_sixteen_caches_are_read(void)
{
    g_autofree char *path =
        hv_test_shared_path("hosts/resctrl-fragments/epyc-7542-2s.schemata");
    g_autofree char *text = NULL, *found = NULL;
    g_autoptr(GError) error = NULL;

    if (!path) {
        g_test_skip(HV_TEST_NO_SHARED);
        return;
    }
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    found = told(text, FALSE, &error);
    g_assert_no_error(error);
    g_assert_nonnull(strstr(found, "MB/23=2048:2048"));
    g_assert_nonnull(strstr(found, "L3/16="));
    g_assert_null(strstr(found, "/8="));
}

static HvMark
mark_of(const char *text, guint64 *value)
{
    const char *why = NULL;
    const HvMark mark = hv_mon_value_parse(text, value, &why);

    g_assert_cmpint(why == NULL, ==, hv_mark_has_value(mark));
    return mark;
}

static void
test_a_counter_is_a_number_or_says_why_not(void)
{
    guint64 value = 7;

    g_assert_cmpint(mark_of("Unavailable\n", &value), ==, HV_MARK_UNAVAILABLE);
    g_assert_cmpint(mark_of("Error\n", &value), ==, HV_MARK_FAILED);
    g_assert_cmpint(mark_of("Unassigned\n", &value), ==, HV_MARK_ABSENT);
    g_assert_cmpint(mark_of("", &value), ==, HV_MARK_FAILED);
    g_assert_cmpint(mark_of("12x\n", &value), ==, HV_MARK_FAILED);
    g_assert_cmpint(mark_of("18446744073709551616\n", &value), ==, HV_MARK_FAILED);
    g_assert_cmpuint(value, ==, 7);
    g_assert_cmpint(mark_of("18446744073709551615\n", &value), ==, HV_MARK_MEASURED);
    g_assert_cmpuint(value, ==, G_MAXUINT64);
}

static void
test_the_least_of_all_domains_counts(void)
{
    guint64 least = 0;
    g_autoptr(GError) error = NULL;

    g_assert_true(hv_resctrl_least("0=32;1=30;2=31\n", &least, &error));
    g_assert_cmpuint(least, ==, 30);
    g_assert_false(hv_resctrl_least("none", &least, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
}

static void
test_unused_ways_are_those_of_the_fullest_cache(void)
{
    guint n = 0;
    g_autoptr(GError) error = NULL;

    g_assert_true(hv_bit_usage_parse("0=XXSSSS0000;1=HH00SSSSEP\n", &n, &error));
    g_assert_cmpuint(n, ==, 2);
    g_assert_false(hv_bit_usage_parse("0=XXQ", &n, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
}

static void
test_the_mode_in_brackets_is_the_chosen_one(void)
{
    char text[] = "[mbm_event]\ndefault\n", none[] = "default\n";

    g_assert_cmpstr(hv_resctrl_chosen(text), ==, "mbm_event");
    g_assert_null(hv_resctrl_chosen(none));
}

static void
test_the_mount_is_found_by_its_type(void)
{
    char text[] =
        "proc /proc proc rw 0 0\nresctrl /sys/fs/resctrl resctrl rw,cdp,mba_MBps 0 0\n";
    char other[] = "resctrl /mnt tmpfs rw 0 0\nx\n";
    const char *mount, *options;

    g_assert_true(hv_resctrl_mount_parse(text, &mount, &options));
    g_assert_cmpstr(mount, ==, "/sys/fs/resctrl");
    g_assert_true(hv_resctrl_has_option(options, "mba_MBps"));
    g_assert_true(hv_resctrl_has_option(options, "cdp"));
    g_assert_false(hv_resctrl_has_option(options, "cd"));
    g_assert_false(hv_resctrl_has_option(NULL, "cdp"));
    g_assert_false(hv_resctrl_mount_parse(other, &mount, &options));
}

static void
test_a_groups_name_tells_its_owner(void)
{
    static const struct {
        const char *name;
        HvResctrlOwner owner;
        int domain_id;
    } names[] = {
        { "qemu-7-web1-vcpus_0-3", HV_RESCTRL_LIBVIRT, 7 },
        { "qemu-7-web1", HV_RESCTRL_UNKNOWN, -1 },
        { "qemu-x-web1-vcpus_0", HV_RESCTRL_UNKNOWN, -1 },
        { "hvtune-redis", HV_RESCTRL_HVTUNE, -1 },
        { "goresctrl.Stale", HV_RESCTRL_CONTAINER, -1 },
        { "3f4e5d6c7b8a99887766554433221100ffeeddccbbaa99887766554433221100",
          HV_RESCTRL_CONTAINER, -1 },
        { "crio-1234", HV_RESCTRL_CONTAINER, -1 },
        { "COS1", HV_RESCTRL_UNKNOWN, -1 },
        { "gold", HV_RESCTRL_UNKNOWN, -1 },
    };

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        int domain_id = -2;

        g_assert_cmpint(hv_resctrl_owner(names[i].name, &domain_id), ==, names[i].owner);
        g_assert_cmpint(domain_id, ==, names[i].domain_id);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func("/resctrl-parse/" name, function)
    ADD("masks-are-hex-and-limits-decimal", test_masks_are_hex_and_limits_decimal);
    ADD("ids-may-have-gaps", test_ids_may_have_gaps);
    ADD("code-and-data-are-resources", test_code_and_data_are_resources);
    ADD("a-resource-of-another-kernel-keeps-its-text",
        test_a_resource_of_another_kernel_keeps_its_text);
    ADD("sizes-are-decimal", test_sizes_are_decimal);
    ADD("what-precedes-a-wrong-part-is-told", test_what_precedes_a_wrong_part_is_told);
    ADD("an-epycs-sixteen-caches-are-read", test_an_epycs_sixteen_caches_are_read);
    ADD("a-counter-is-a-number-or-says-why-not", test_a_counter_is_a_number_or_says_why_not);
    ADD("the-least-of-all-domains-counts", test_the_least_of_all_domains_counts);
    ADD("unused-ways-are-those-of-the-fullest-cache",
        test_unused_ways_are_those_of_the_fullest_cache);
    ADD("the-mode-in-brackets-is-the-chosen-one", test_the_mode_in_brackets_is_the_chosen_one);
    ADD("the-mount-is-found-by-its-type", test_the_mount_is_found_by_its_type);
    ADD("a-groups-name-tells-its-owner", test_a_groups_name_tells_its_owner);
#undef ADD
    return g_test_run();
}
