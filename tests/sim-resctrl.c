/* A simulated resctrl in a tiny world without physics. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/sim-resctrl.h"

#include <string.h>

HvSimGeometry
hv_test_intel(void)
{
    return (HvSimGeometry){ .vendor = HV_SIM_INTEL,
                            .family = 6,
                            .model = 106,
                            .l3_bytes = 24 * MIB,
                            .n_ways = 12,
                            .shareable_ways = 0xc00,
                            .n_l3_closids = 16,
                            .n_mb_closids = 8,
                            .n_rmids = 64,
                            .mb_per_thread_max = TRUE,
                            .kernel = "6.1.0-30-amd64" };
}

HvSimGeometry
hv_test_amd(void)
{
    return (HvSimGeometry){ .vendor = HV_SIM_AMD,
                            .family = 25,
                            .model = 1,
                            .l3_bytes = 16 * MIB,
                            .n_ways = 16,
                            .n_l3_closids = 16,
                            .n_mb_closids = 16,
                            .n_rmids = 64,
                            .kernel = "6.1.0-30-amd64" };
}

void
hv_test_resctrl_add_thread(HvTestResctrl *self, HvSimThread *thread, int tid, GPtrArray *list)
{
    thread->tid = tid;
    g_ptr_array_add(list, thread);
    (void)g_hash_table_insert(self->world->by_tid, GINT_TO_POINTER(tid), thread);
}

HvTestResctrl *
hv_test_resctrl_new(HvSimGeometry geometry)
{
    HvTestResctrl *self = g_new0(HvTestResctrl, 1);
    HvSimWorld *world = g_new0(HvSimWorld, 1);

    self->world = world;
    world->geometry = geometry;
    world->n_cpus = N_CPUS;
    world->n_l3 = 2;
    world->now_ns = SECOND_NS;
    world->cpus = g_new0(HvSimCpu, N_CPUS);
    for (guint cpu = 0; cpu < N_CPUS; cpu++)
        world->cpus[cpu] =
            (HvSimCpu){ .cpu = cpu, .online = TRUE, .l3 = cpu / 4, .package = cpu / 4 };
    world->vms = g_ptr_array_new();
    world->host_threads = g_ptr_array_new();
    world->by_tid = g_hash_table_new(NULL, NULL);
    self->vm.name = g_strdup("vm");
    self->vm.pid = FIRST_TID;
    self->vm.threads = g_ptr_array_new();
    for (guint i = 0; i < N_THREADS; i++) {
        self->threads[i].vm = &self->vm;
        hv_test_resctrl_add_thread(self, &self->threads[i], FIRST_TID + (int)i,
                                   self->vm.threads);
    }
    hv_test_resctrl_add_thread(self, &self->writer, 77, world->host_threads);
    g_strlcpy(self->writer.comm, "hvtune", sizeof self->writer.comm);
    g_ptr_array_add(world->vms, &self->vm);
    self->fs = hv_sim_fs_new();
    self->resctrl = hv_sim_resctrl_new(world, self->fs);
    return self;
}

void
hv_test_resctrl_free(HvTestResctrl *self)
{
    hv_sim_fs_free(self->fs);
    hv_sim_resctrl_free(self->resctrl);
    g_ptr_array_unref(self->vm.threads);
    g_free(self->vm.name);
    g_ptr_array_unref(self->world->vms);
    g_ptr_array_unref(self->world->host_threads);
    g_hash_table_unref(self->world->by_tid);
    g_free(self->world->cpus);
    g_free(self->world);
    g_free(self);
}

/* ---- looking ---- */

#define ROOT "sys/fs/resctrl/"

/* The text of a file, or "errno N"; in a buffer of its own until the next but one. */
const char *
hv_test_resctrl_text(HvTestResctrl *self, const char *name)
{
    static char texts[2][4096];
    static guint turn;
    char *text = texts[turn++ % 2];
    g_autofree char *path = g_strconcat(ROOT, name, NULL);
    int handle = hv_sim_fs_open(self->fs, path);
    gssize length =
        handle < 0 ? handle : hv_sim_fs_pread(self->fs, handle, text, sizeof texts[0] - 1, 0);

    hv_sim_fs_close(self->fs, handle);
    if (length < 0)
        (void)g_snprintf(text, sizeof texts[0], "errno %d", (int)-length);
    else
        text[length] = '\0';
    return text;
}

int
hv_test_resctrl_write(HvTestResctrl *self, const char *name, const char *text)
{
    g_autofree char *path = g_strconcat(ROOT, name, NULL);

    return hv_sim_fs_write(self->fs, path, text);
}

int
hv_test_resctrl_make(HvTestResctrl *self, const char *name)
{
    g_autofree char *path = g_strconcat(ROOT, name, NULL);

    return hv_sim_fs_mkdir(self->fs, path);
}

int
hv_test_resctrl_remove(HvTestResctrl *self, const char *name)
{
    g_autofree char *path = g_strconcat(ROOT, name, NULL);

    return hv_sim_fs_rmdir(self->fs, path);
}

void
hv_test_resctrl_pass(HvTestResctrl *self, gint64 ns)
{
    for (gint64 end_ns = self->world->now_ns + ns; self->world->now_ns < end_ns;) {
        self->world->now_ns += HV_SIM_STEP_NS;
        hv_sim_resctrl_step(self->resctrl);
    }
}
