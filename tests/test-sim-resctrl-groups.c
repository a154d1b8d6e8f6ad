/* The simulated resctrl: groups, their tasks and cpus, and what is counted for them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/sim-resctrl.h"

#include <string.h>

/* ---- tasks ---- */

static void
test_tasks(void)
{
    g_autoptr(HvTestResctrl) self = hv_test_resctrl_new(hv_test_intel());

    g_assert_cmpint(hv_test_resctrl_make(self, "gold"), ==, 0);
    g_assert_cmpint(hv_test_resctrl_make(self, "gold/mon_groups/vm"), ==, 0);
    assert_refused(self, "gold/mon_groups/vm/tasks", "1001\n", EINVAL,
                   "Can't move task to different control group\n");
    assert_written(self, "gold/tasks", "1001\n");
    assert_written(self, "gold/mon_groups/vm/tasks", "1001");
    assert_says(self, "gold/tasks", "1001\n");
    assert_says(self, "gold/mon_groups/vm/tasks", "1001\n");
    assert_says(self, "tasks", "77\n1000\n1002\n1003\n");
    g_assert_cmpuint(self->threads[1].closid, ==, 1);
    g_assert_cmpuint(self->threads[1].rmid, ==, 2);
    assert_refused(self, "gold/tasks", "4711\n", ESRCH, "No task 4711\n");
    assert_refused(self, "gold/tasks", "1002,1003\n", EINVAL, "No task 4711\n");
    assert_refused(self, "gold/tasks", "-5\n", EINVAL, "No task 4711\n");
    assert_written(self, "gold/tasks", "0\n");
    assert_says(self, "gold/tasks", "77\n1001\n");
    assert_written(self, "tasks", "1001\n");
    assert_says(self, "gold/mon_groups/vm/tasks", "");
}

static void
test_task_lists(void)
{
    HvSimGeometry geometry = hv_test_intel();

    geometry.kernel = "6.12.5";
    {
        g_autoptr(HvTestResctrl) self = hv_test_resctrl_new(geometry);

        g_assert_cmpint(hv_test_resctrl_make(self, "gold"), ==, 0);
        assert_written(self, "gold/tasks", "1000, 1001\n");
        assert_says(self, "gold/tasks", "1000\n1001\n");
        assert_refused(self, "gold/tasks", "1002,4711,1003\n", ESRCH,
                       "No task 4711\nError while processing task 4711\n");
        assert_says(self, "gold/tasks", "1000\n1001\n1002\n");
        assert_refused(self, "gold/tasks", "x\n", EINVAL, "Task list parsing error pid x\n");
        assert_refused(self, "gold/tasks", "-5\n", EINVAL, "Invalid pid -5\n");
        assert_says(self, "info/L3/sparse_masks", "0\n");
    }
}

static void
test_inheritance(void)
{
    g_autoptr(HvTestResctrl) self = hv_test_resctrl_new(hv_test_intel());
    HvSimThread later = { .vm = &self->vm };

    g_assert_cmpint(hv_test_resctrl_make(self, "gold"), ==, 0);
    assert_written(self, "gold/tasks", "1000\n");
    hv_test_resctrl_add_thread(self, &later, 2000, self->vm.threads);
    self->world->layout++;
    hv_test_resctrl_pass(self, HV_SIM_STEP_NS);
    assert_says(self, "gold/tasks", "1000\n2000\n");
    assert_written(self, "tasks", "2000\n");
    self->world->layout++;
    hv_test_resctrl_pass(self, HV_SIM_STEP_NS);
    assert_says(self, "gold/tasks", "1000\n");
}

/* ---- cpus ---- */

static void
test_cpus(void)
{
    g_autoptr(HvTestResctrl) self = hv_test_resctrl_new(hv_test_intel());

    g_assert_cmpint(hv_test_resctrl_make(self, "gold"), ==, 0);
    g_assert_cmpint(hv_test_resctrl_make(self, "gold/mon_groups/m"), ==, 0);
    assert_written(self, "gold/cpus_list", "2-3,5\n");
    assert_says(self, "gold/cpus", "2c\n");
    assert_says(self, "cpus_list", "0-1,4,6-7\n");
    g_assert_cmpuint(self->world->cpus[5].closid, ==, 1);
    assert_refused(self, "gold/mon_groups/m/cpus_list", "0\n", EINVAL,
                   "Can only add CPUs to mongroup that belong to parent\n");
    assert_written(self, "gold/mon_groups/m/cpus", "8\n");
    g_assert_cmpuint(self->world->cpus[3].rmid, ==, 2);
    assert_says(self, "gold/cpus_list", "2-3,5\n");
    assert_written(self, "cpus_list", "0-1,3-4,6-7\n");
    assert_says(self, "gold/cpus_list", "2,5\n");
    assert_says(self, "gold/mon_groups/m/cpus_list", "\n");
    assert_written(self, "gold/cpus_list", "\n");
    assert_says(self, "cpus_list", "0-7\n");
    g_assert_cmpuint(self->world->cpus[5].closid, ==, 0);
    g_assert_cmpuint(self->world->cpus[5].rmid, ==, 0);
}

static void
test_bad_cpus(void)
{
    g_autoptr(HvTestResctrl) self = hv_test_resctrl_new(hv_test_intel());

    g_assert_cmpint(hv_test_resctrl_make(self, "gold"), ==, 0);
    assert_refused(self, "gold/cpus_list", "x\n", EINVAL, "Bad CPU list/mask\n");
    assert_refused(self, "gold/cpus_list", "8-9\n", ERANGE,
                   "Bad CPU list/mask\nBad CPU list/mask\n");
    assert_written(self, "schemata", "L3:0=fff\n");
    assert_refused(self, "gold/cpus", "100\n", EOVERFLOW, "Bad CPU list/mask\n");
    assert_written(self, "schemata", "L3:0=fff\n");
    assert_refused(self, "cpus_list", "1-7\n", EINVAL, "Can't drop CPUs from default group\n");
}

static void
test_cpu_offline(void)
{
    g_autoptr(HvTestResctrl) self = hv_test_resctrl_new(hv_test_intel());

    g_assert_cmpint(hv_test_resctrl_make(self, "gold"), ==, 0);
    assert_written(self, "gold/cpus_list", "4-5\n");
    self->world->cpus[4].online = FALSE;
    hv_test_resctrl_pass(self, HV_SIM_STEP_NS);
    assert_says(self, "gold/cpus_list", "5\n");
    assert_refused(self, "gold/cpus_list", "4-5\n", EINVAL, "Can only assign online CPUs\n");
    for (guint cpu = 5; cpu < N_CPUS; cpu++)
        self->world->cpus[cpu].online = FALSE;
    hv_test_resctrl_pass(self, HV_SIM_STEP_NS);
    assert_says(self, "schemata", "    MB:0=100\n    L3:0=fff\n");
    assert_says(self, "gold/mon_data/mon_L3_01/llc_occupancy", "errno 2");
    assert_written(self, "schemata", "L3:0=f\n");
    g_assert_cmpint(hv_test_resctrl_write(self, "schemata", "L3:1=f\n"), ==, -EINVAL);
    self->world->cpus[4].online = TRUE;
    hv_test_resctrl_pass(self, HV_SIM_STEP_NS);
    assert_says(self, "schemata", "    MB:0=100;1=100\n    L3:0=00f;1=fff\n");
    assert_says(self, "cpus_list", "0-4\n");
    assert_says(self, "gold/mon_data/mon_L3_01/llc_occupancy", "0\n");
}

/* ---- directories ---- */

static void
test_directories(void)
{
    g_autoptr(HvTestResctrl) self = hv_test_resctrl_new(hv_test_intel());

    g_assert_cmpint(hv_test_resctrl_make(self, "gold"), ==, 0);
    g_assert_cmpint(hv_test_resctrl_make(self, "gold"), ==, -EEXIST);
    g_assert_cmpint(hv_test_resctrl_make(self, "info/x"), ==, -EPERM);
    g_assert_cmpint(hv_test_resctrl_make(self, "gold/sub"), ==, -EPERM);
    g_assert_cmpint(hv_test_resctrl_make(self, "mon_groups"), ==, -EEXIST);
    g_assert_cmpint(hv_test_resctrl_make(self, "mon_groups/mon_groups"), ==, -EPERM);
    g_assert_cmpint(hv_test_resctrl_make(self, "a\nb"), ==, -EINVAL);
    g_assert_cmpint(hv_test_resctrl_remove(self, "info"), ==, -EPERM);
    g_assert_cmpint(hv_test_resctrl_remove(self, "mon_data"), ==, -EPERM);
    g_assert_cmpint(hv_test_resctrl_remove(self, "gold/mon_groups"), ==, -EPERM);
    g_assert_cmpint(hv_test_resctrl_remove(self, "silver"), ==, -ENOENT);
    g_assert_cmpint(hv_test_resctrl_remove(self, "tasks"), ==, -ENOTDIR);
}

static void
test_rmdir(void)
{
    g_autoptr(HvTestResctrl) self = hv_test_resctrl_new(hv_test_intel());

    g_assert_cmpint(hv_test_resctrl_make(self, "gold"), ==, 0);
    g_assert_cmpint(hv_test_resctrl_make(self, "gold/mon_groups/m"), ==, 0);
    assert_written(self, "gold/tasks", "1000\n");
    assert_written(self, "gold/tasks", "1001\n");
    assert_written(self, "gold/mon_groups/m/tasks", "1001\n");
    assert_written(self, "gold/cpus_list", "2-3\n");
    assert_written(self, "gold/mon_groups/m/cpus_list", "3\n");
    g_assert_cmpint(hv_test_resctrl_remove(self, "gold/mon_groups/m"), ==, 0);
    g_assert_cmpuint(self->threads[1].rmid, ==, 1);
    g_assert_cmpuint(self->world->cpus[3].rmid, ==, 1);
    g_assert_cmpint(hv_test_resctrl_make(self, "gold/mon_groups/n"), ==, 0);
    assert_written(self, "gold/mon_groups/n/tasks", "1001\n");
    g_assert_cmpint(hv_test_resctrl_remove(self, "gold"), ==, 0);
    assert_says(self, "gold/tasks", "errno 2");
    assert_says(self, "tasks", "77\n1000\n1001\n1002\n1003\n");
    assert_says(self, "cpus_list", "0-7\n");
    g_assert_cmpuint(self->threads[1].rmid, ==, 0);
    g_assert_cmpuint(self->world->cpus[3].closid, ==, 0);
    g_assert_false(self->world->classes[1].used);
}

static guint
fill(HvTestResctrl *self, const char *pattern, int *errnum)
{
    guint n = 0;

    for (*errnum = 0; *errnum == 0; n++) {
        g_autofree char *name = g_strdup_printf("%s%u", pattern, n);

        *errnum = hv_test_resctrl_make(self, name);
    }
    return n - 1;
}

static void
test_out_of_closids(void)
{
    g_autoptr(HvTestResctrl) self = hv_test_resctrl_new(hv_test_intel());
    int errnum;

    g_assert_cmpuint(fill(self, "g", &errnum), ==, 7);
    g_assert_cmpint(errnum, ==, -ENOSPC);
    assert_says(self, "info/last_cmd_status", "Out of CLOSIDs\n");
}

static void
test_out_of_rmids(void)
{
    g_autoptr(HvTestResctrl) self = hv_test_resctrl_new(hv_test_intel());
    int errnum;

    g_assert_cmpuint(fill(self, "mon_groups/m", &errnum), ==, 63);
    g_assert_cmpint(errnum, ==, -ENOSPC);
    assert_says(self, "info/last_cmd_status", "Out of RMIDs\n");
    self->world->rmids[5].occupancy_bytes[1] = 393216;
    g_assert_cmpint(hv_test_resctrl_remove(self, "mon_groups/m4"), ==, 0);
    g_assert_cmpint(hv_test_resctrl_make(self, "gold"), ==, -EBUSY);
    assert_says(self, "info/last_cmd_status", "Out of RMIDs\nOut of RMIDs\n");
    hv_test_resctrl_pass(self, 3 * SECOND_NS);
    g_assert_cmpint(hv_test_resctrl_make(self, "gold"), ==, -EBUSY);
    self->world->rmids[5].occupancy_bytes[1] = 393215;
    hv_test_resctrl_pass(self, SECOND_NS);
    g_assert_cmpint(hv_test_resctrl_make(self, "gold"), ==, 0);
}

static void
test_threshold(void)
{
    g_autoptr(HvTestResctrl) self = hv_test_resctrl_new(hv_test_intel());

    assert_written(self, "info/L3_MON/max_threshold_occupancy", "100000\n");
    assert_says(self, "info/L3_MON/max_threshold_occupancy", "65536\n");
    g_assert_cmpint(
        hv_test_resctrl_write(self, "info/L3_MON/max_threshold_occupancy", "99999999\n"), ==,
        -EINVAL);
    g_assert_cmpint(hv_test_resctrl_write(self, "info/L3_MON/num_rmids", "1\n"), ==, -EACCES);
}

/* ---- monitoring ---- */

static void
test_sums(void)
{
    g_autoptr(HvTestResctrl) self = hv_test_resctrl_new(hv_test_intel());
    HvSimRmid *rmids = self->world->rmids;

    rmids[1].total_bytes[0] = 50 * (double)MIB;
    g_assert_cmpint(hv_test_resctrl_make(self, "gold"), ==, 0);
    g_assert_cmpint(hv_test_resctrl_make(self, "gold/mon_groups/m"), ==, 0);
    assert_says(self, "gold/mon_data/mon_L3_00/mbm_total_bytes", "0\n");
    rmids[1].total_bytes[0] += (double)MIB + 5;
    rmids[2].total_bytes[0] += 2 * (double)MIB;
    rmids[2].occupancy_bytes[1] = 3 * (double)MIB;
    assert_says(self, "gold/mon_data/mon_L3_00/mbm_total_bytes", "3145728\n");
    assert_says(self, "gold/mon_groups/m/mon_data/mon_L3_00/mbm_total_bytes", "2097152\n");
    assert_says(self, "gold/mon_data/mon_L3_01/llc_occupancy", "3145728\n");
    g_assert_cmpint(hv_test_resctrl_remove(self, "gold/mon_groups/m"), ==, 0);
    assert_says(self, "gold/mon_data/mon_L3_00/mbm_total_bytes", "1048576\n");
}

static void
work(HvTestResctrl *self, guint rmid, double bytes)
{
    self->world->rmids[rmid].total_bytes[0] += bytes;
    self->world->rmids[rmid].local_bytes[0] += bytes / 2;
}

static guint
count_unavailable(HvTestResctrl *self, guint n)
{
    guint found = 0;

    for (guint i = 0; i < n; i++) {
        g_autofree char *name =
            g_strdup_printf("mon_groups/m%u/mon_data/mon_L3_00/mbm_total_bytes", i);

        if (strcmp(hv_test_resctrl_text(self, name), "Unavailable\n") == 0)
            found++;
    }
    return found;
}

static void
test_few_counters(void)
{
    HvSimGeometry geometry = hv_test_amd();

    geometry.n_amd_counters = 3;
    {
        g_autoptr(HvTestResctrl) self = hv_test_resctrl_new(geometry);
        gboolean has_changed = FALSE;

        for (guint i = 0; i < 5; i++) {
            g_autofree char *name = g_strdup_printf("mon_groups/m%u", i);

            g_assert_cmpint(hv_test_resctrl_make(self, name), ==, 0);
        }
        g_assert_cmpuint(count_unavailable(self, 5), ==, 5);
        work(self, 1, MIB);
        work(self, 2, MIB);
        hv_test_resctrl_pass(self, HV_SIM_STEP_NS);
        g_assert_cmpuint(count_unavailable(self, 5), ==, 3);
        for (guint second = 0; second < 10; second++) {
            for (guint rmid = 1; rmid <= 5; rmid++)
                work(self, rmid, MIB);
            hv_test_resctrl_pass(self, HV_SIM_STEP_NS);
            g_assert_cmpuint(count_unavailable(self, 5), <=, 3);
            g_assert_cmpuint(count_unavailable(self, 5), >=, 2);
            has_changed |= strcmp(hv_test_resctrl_text(
                                      self, "mon_groups/m0/mon_data/mon_L3_00/mbm_local_bytes"),
                                  "Unavailable\n") == 0;
            self->world->now_ns += SECOND_NS;
        }
        g_assert_true(has_changed);
        assert_says(self, "mon_groups/m0/mon_data/mon_L3_00/llc_occupancy", "0\n");
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sim-resctrl-groups/tasks go one by one", test_tasks);
    g_test_add_func("/sim-resctrl-groups/newer kernels take lists of tasks", test_task_lists);
    g_test_add_func("/sim-resctrl-groups/a new thread is in its process's group",
                    test_inheritance);
    g_test_add_func("/sim-resctrl-groups/cpus belong to one group", test_cpus);
    g_test_add_func("/sim-resctrl-groups/bad cpus are refused", test_bad_cpus);
    g_test_add_func("/sim-resctrl-groups/cpus and domains go offline", test_cpu_offline);
    g_test_add_func("/sim-resctrl-groups/directories are where they may be", test_directories);
    g_test_add_func("/sim-resctrl-groups/rmdir gives tasks and cpus back", test_rmdir);
    g_test_add_func("/sim-resctrl-groups/classes run out at the smallest resource",
                    test_out_of_closids);
    g_test_add_func("/sim-resctrl-groups/RMIDs wait in limbo", test_out_of_rmids);
    g_test_add_func("/sim-resctrl-groups/the threshold is in whole counts", test_threshold);
    g_test_add_func("/sim-resctrl-groups/a control group's number contains its children's",
                    test_sums);
    g_test_add_func("/sim-resctrl-groups/few counters go round", test_few_counters);
    return g_test_run();
}
