/* The simulated resctrl: what may be written to schemata and mode, and how it is refused. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/sim-resctrl.h"

static void
test_new_mount(void)
{
    g_autoptr(HvTestResctrl) self = hv_test_resctrl_new(hv_test_intel());

    assert_says(self, "schemata", "    MB:0=100;1=100\n    L3:0=fff;1=fff\n");
    assert_says(self, "size", "    MB:0=100;1=100\n    L3:0=25165824;1=25165824\n");
    assert_says(self, "mode", "shareable\n");
    assert_says(self, "cpus", "ff\n");
    assert_says(self, "cpus_list", "0-7\n");
    assert_says(self, "tasks", "77\n1000\n1001\n1002\n1003\n");
    assert_says(self, "info/last_cmd_status", "ok\n");
    assert_says(self, "info/L3/bit_usage", "0=XXSSSSSSSSSS;1=XXSSSSSSSSSS\n");
    assert_says(self, "info/L3/cbm_mask", "fff\n");
    assert_says(self, "info/L3/num_closids", "16\n");
    assert_says(self, "info/L3/shareable_bits", "c00\n");
    assert_says(self, "info/MB/num_closids", "8\n");
    assert_says(self, "info/MB/thread_throttle_mode", "max\n");
    assert_says(self, "info/L3_MON/max_threshold_occupancy", "393216\n");
    assert_says(self, "info/L3_MON/num_rmids", "64\n");
    assert_says(self, "mon_data/mon_L3_01/mbm_total_bytes", "0\n");
    g_assert_true(self->world->classes[0].used);
    g_assert_cmpuint(self->world->classes[0].code_mask[1], ==, 0xfff);
}

static void
test_partial_schemata(void)
{
    g_autoptr(HvTestResctrl) self = hv_test_resctrl_new(hv_test_intel());

    g_assert_cmpint(hv_test_resctrl_make(self, "gold"), ==, 0);
    assert_written(self, "gold/schemata", "L3:1=0xf0\n");
    assert_says(self, "gold/schemata", "    MB:0=100;1=100\n    L3:0=fff;1=0f0\n");
    assert_says(self, "gold/size", "    MB:0=100;1=100\n    L3:0=25165824;1=8388608\n");
    assert_written(self, "gold/schemata", "MB:0=33\nL3:0=3;1=3;\n");
    assert_says(self, "gold/schemata", "    MB:0= 40;1=100\n    L3:0=003;1=003\n");
    g_assert_cmpuint(self->world->classes[1].mb[0], ==, 40);
    g_assert_cmpuint(self->world->classes[1].data_mask[0], ==, 3);
}

static void
test_all_or_nothing(void)
{
    g_autoptr(HvTestResctrl) self = hv_test_resctrl_new(hv_test_intel());
    static const char before[] = "    MB:0=100;1=100\n    L3:0=fff;1=fff\n";

    g_assert_cmpint(hv_test_resctrl_make(self, "gold"), ==, 0);
    assert_refused(self, "gold/schemata", "L3:0=3\nMB:0=5\n", EINVAL,
                   "MB value 5 out of range [10,100]\n");
    assert_says(self, "gold/schemata", before);
    assert_refused(self, "gold/schemata", "MB:0=50\nL3:0=f\n\n", EINVAL, "Missing ':'\n");
    assert_says(self, "gold/schemata", before);
}

static const struct {
    const char *text, *words;
} bad_schemata[] = {
    { "L3:0=1fff\n", "Mask out of range\n" },
    { "L3:0=0\n", "Mask out of range\n" },
    { "L3:0=5\n", "The mask 5 has non-consecutive 1-bits\n" },
    { "L3:0=xyz\n", "Non-hex character in the mask xyz\n" },
    { "L3:0=\n", "Non-hex character in the mask \n" },
    { "MB:0=5\n", "MB value 5 out of range [10,100]\n" },
    { "MB:0=101\n", "MB value 101 out of range [10,100]\n" },
    { "MB:0=abc\n", "Invalid MB value abc\n" },
    { "L3:7=f\n", "ok\n" },
    { "L3:0=f;0=3\n", "Duplicate domain 0\n" },
    { "L2:0=f\n", "Unknown or unsupported resource name 'L2'\n" },
    { "L3:0\n", "Missing '=' or non-numeric domain\n" },
    { "L3: 0 = f\n", "Missing '=' or non-numeric domain\n" },
    { "L3:\n", "Missing 'L3' value\n" },
    { "L3\n", "Missing ':'\n" },
    { "\n", "Missing ':'\n" },
};

static void
test_bad_schemata(void)
{
    g_autoptr(HvTestResctrl) self = hv_test_resctrl_new(hv_test_intel());

    g_assert_cmpint(hv_test_resctrl_make(self, "gold"), ==, 0);
    for (guint i = 0; i < G_N_ELEMENTS(bad_schemata); i++)
        assert_refused(self, "gold/schemata", bad_schemata[i].text, EINVAL,
                       bad_schemata[i].words);
    assert_says(self, "gold/schemata", "    MB:0=100;1=100\n    L3:0=fff;1=fff\n");
}

static void
test_no_newline(void)
{
    g_autoptr(HvTestResctrl) self = hv_test_resctrl_new(hv_test_intel());

    assert_refused(self, "schemata", "L3:0=5\n", EINVAL,
                   "The mask 5 has non-consecutive 1-bits\n");
    assert_refused(self, "schemata", "L3:0=f", EINVAL,
                   "The mask 5 has non-consecutive 1-bits\n");
    assert_written(self, "schemata", "L3:0=f\n");
    assert_says(self, "info/last_cmd_status", "ok\n");
}

static void
test_amd_schemata(void)
{
    g_autoptr(HvTestResctrl) self = hv_test_resctrl_new(hv_test_amd());

    assert_says(self, "schemata", "    MB:0=2048;1=2048\n    L3:0=ffff;1=ffff\n");
    g_assert_cmpint(hv_test_resctrl_make(self, "gold"), ==, 0);
    assert_written(self, "gold/schemata", "L3:0=5;1=0\nMB:0=5\n");
    assert_says(self, "gold/schemata", "    MB:0=   5;1=2048\n    L3:0=0005;1=0000\n");
    assert_refused(self, "gold/schemata", "MB:0=5000\n", EINVAL,
                   "MB value 5000 out of range [0,2048]\n");
    assert_says(self, "info/L3/min_cbm_bits", "0\n");
    assert_says(self, "info/L3_MON/max_threshold_occupancy", "8192\n");
    assert_says(self, "info/MB/thread_throttle_mode", "errno 2");
}

static void
test_cdp(void)
{
    HvSimGeometry geometry = hv_test_intel();

    geometry.cdp = TRUE;
    geometry.n_mb_closids = 16;
    {
        g_autoptr(HvTestResctrl) self = hv_test_resctrl_new(geometry);

        assert_says(self, "schemata",
                    "    MB:0=100;1=100\nL3DATA:0=fff;1=fff\nL3CODE:0=fff;1=fff\n");
        assert_says(self, "info/L3CODE/num_closids", "8\n");
        assert_says(self, "info/MB/num_closids", "16\n");
        assert_written(self, "schemata", "L3CODE:0=f\n");
        g_assert_cmpuint(self->world->classes[0].code_mask[0], ==, 0xf);
        g_assert_cmpuint(self->world->classes[0].data_mask[0], ==, 0xfff);
        assert_refused(self, "schemata", "L3:0=f\n", EINVAL,
                       "Unknown or unsupported resource name 'L3'\n");
        for (guint i = 1; i < 8; i++) {
            g_autofree char *name = g_strdup_printf("g%u", i);

            g_assert_cmpint(hv_test_resctrl_make(self, name), ==, 0);
        }
        g_assert_cmpint(hv_test_resctrl_make(self, "g8"), ==, -ENOSPC);
    }
}

/* ---- modes ---- */

static void
test_exclusive(void)
{
    g_autoptr(HvTestResctrl) self = hv_test_resctrl_new(hv_test_intel());

    g_assert_cmpint(hv_test_resctrl_make(self, "gold"), ==, 0);
    assert_refused(self, "gold/mode", "exclusive\n", EINVAL, "Schemata overlaps\n");
    assert_written(self, "gold/schemata", "L3:0=f0;1=f0\n");
    assert_written(self, "schemata", "L3:0=f;1=f\n");
    assert_written(self, "gold/mode", "exclusive\n");
    assert_says(self, "gold/mode", "exclusive\n");
    assert_says(self, "info/L3/bit_usage", "0=HH00EEEESSSS;1=HH00EEEESSSS\n");
    assert_refused(self, "schemata", "L3:0=1f\n", EINVAL, "Overlaps with exclusive group\n");
    assert_refused(self, "gold/schemata", "L3:0=f8\n", EINVAL, "Overlaps with other group\n");
    assert_refused(self, "gold/schemata", "L3:0=c00\n", EINVAL, "Overlaps with other group\n");
    g_assert_cmpint(hv_test_resctrl_make(self, "silver"), ==, 0);
    assert_says(self, "silver/schemata", "    MB:0=100;1=100\n    L3:0=00f;1=00f\n");
    assert_refused(self, "gold/mode", "pseudo-locksetup\n", EINVAL,
                   "Pseudo-locking not supported\n");
    assert_refused(self, "gold/mode", "foo\n", EINVAL, "Unknown or unsupported mode\n");
    g_assert_cmpint(hv_test_resctrl_write(self, "gold/mode", "shareable"), ==, -EINVAL);
    assert_written(self, "gold/mode", "shareable\n");
    assert_written(self, "schemata", "L3:0=1f\n");
}

static void
test_no_space(void)
{
    HvSimGeometry geometry = hv_test_intel();

    geometry.shareable_ways = 0;
    {
        g_autoptr(HvTestResctrl) self = hv_test_resctrl_new(geometry);

        assert_written(self, "mode", "exclusive\n");
        g_assert_cmpint(hv_test_resctrl_make(self, "gold"), ==, -ENOSPC);
        assert_says(self, "info/last_cmd_status", "No space on L3:0\n");
        assert_says(self, "gold/tasks", "errno 2");
        assert_written(self, "mode", "shareable\n");
        g_assert_cmpint(hv_test_resctrl_make(self, "gold"), ==, 0);
        g_assert_true(self->world->classes[1].used);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sim-resctrl/a new mount says what a real one does", test_new_mount);
    g_test_add_func("/sim-resctrl/domains that are not written keep theirs",
                    test_partial_schemata);
    g_test_add_func("/sim-resctrl/one bad line and nothing is applied", test_all_or_nothing);
    g_test_add_func("/sim-resctrl/bad schemata are refused in the kernel's words",
                    test_bad_schemata);
    g_test_add_func("/sim-resctrl/without a newline the status stays", test_no_newline);
    g_test_add_func("/sim-resctrl/AMD takes holes, nothing, and eighths of a GB per second",
                    test_amd_schemata);
    g_test_add_func("/sim-resctrl/CDP splits the masks and halves the classes", test_cdp);
    g_test_add_func("/sim-resctrl/an exclusive group shares no way", test_exclusive);
    g_test_add_func("/sim-resctrl/no group where all ways are exclusive", test_no_space);
    return g_test_run();
}
