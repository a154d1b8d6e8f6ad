/* The threads of a VM that are no vCPUs: emulator, iothreads, vhost; where they go. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tuners/recipes/helpers.h"

#include <string.h>

const HvThread *
hv_helpers_vhost(const HvGuest *guest)
{
    for (guint i = 0; i < guest->n_threads; i++) {
        if (guest->threads[i].role == HV_THREAD_VHOST)
            return &guest->threads[i];
    }
    return NULL;
}

static const HvThread *
main_thread(const HvGuest *guest)
{
    for (guint i = 0; i < guest->n_threads; i++) {
        if (guest->threads[i].role == HV_THREAD_EMULATOR && guest->threads[i].tid == guest->pid)
            return &guest->threads[i];
    }
    return NULL;
}

static char *
cgroup_of(HvHost *host, const HvGuest *guest, const HvThread *thread)
{
    g_autofree char *path =
        thread->kernel ? g_strdup_printf("proc/%d/cgroup", thread->tid)
                       : g_strdup_printf("proc/%d/task/%d/cgroup", guest->pid, thread->tid);

    return hv_host_read_text(host, path, 0, NULL);
}

gboolean
hv_helpers_follows(HvHost *host, const HvGuest *guest, const HvThread *vhost)
{
    const HvThread *emulator = main_thread(guest);
    g_autofree char *group = NULL;
    g_autofree char *emulators = NULL;

    if (!guest->in_libvirt || !emulator)
        return FALSE;
    group = cgroup_of(host, guest, vhost);
    emulators = cgroup_of(host, guest, emulator);
    return group && emulators && strstr(group, "/emulator") && g_str_equal(group, emulators);
}

char *
hv_helpers_path(const HvGuest *guest, const HvThread *thread)
{
    g_autofree char *number = g_strdup_printf("%u", thread->index);

    if (thread->role == HV_THREAD_IOTHREAD)
        return hv_knob_path("vm", guest->name, "iothread", number, "cpus", NULL);
    return hv_knob_path("vm", guest->name,
                        thread->role == HV_THREAD_VHOST ? "vhost" : "emulator", "cpus", NULL);
}

/* One knob stands for all vhost threads, and one, the main thread's, for all of the emulator's.
 */
static gboolean
has_knob(const HvGuest *guest, const HvThread *thread)
{
    return thread == main_thread(guest) || thread == hv_helpers_vhost(guest) ||
           thread->role == HV_THREAD_IOTHREAD;
}

static gboolean
read_cpus(HvHost *host, const HvThread *thread, HvMask *cpus)
{
    g_autoptr(HvSet) set = hv_set_new();

    hv_mask_clear(cpus);
    if (!hv_host_get_affinity(host, thread->tid, set, NULL))
        return FALSE; /* it has ended since the list was made: there is nothing to move */
    hv_mask_of_set(cpus, set);
    return TRUE;
}

void
hv_helpers_wish(HvHost *host, const HvGuest *guest, HvHelperChoice choose, gpointer data,
                HvRecipeDraft *draft)
{
    gboolean is_emulator_moved = FALSE;

    for (guint i = 0; i < guest->n_threads; i++) {
        const HvThread *thread = &guest->threads[i];
        g_autofree char *text = NULL;
        HvMask now;

        if (!has_knob(guest, thread) || !read_cpus(host, thread, &now))
            continue;
        text = choose(&now, data);
        if (!text || (is_emulator_moved && thread->role == HV_THREAD_VHOST &&
                      hv_helpers_follows(host, guest, thread)))
            continue;
        is_emulator_moved |= thread->role == HV_THREAD_EMULATOR;
        hv_recipe_wish(draft, hv_helpers_path(guest, thread), g_steal_pointer(&text));
    }
}
