/* The list of VMs as a value: references, look-ups, names that are unique, what is equal to
 * before. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/guests-private.h"

#include <string.h>

HvGuest *
hv_guest_new(void)
{
    HvGuest *guest = g_new0(HvGuest, 1);

    g_atomic_ref_count_init(&guest->refs);
    guest->domain_id = -1;
    guest->state = HV_GUEST_UNKNOWN;
    return guest;
}

HvGuest *
hv_guest_ref(HvGuest *guest)
{
    g_atomic_ref_count_inc(&guest->refs);
    return guest;
}

void
hv_guest_unref(HvGuest *guest)
{
    if (!guest || !g_atomic_ref_count_dec(&guest->refs))
        return;
    g_free(guest->name);
    g_free(guest->uuid);
    g_free(guest->state_reason);
    g_free(guest->owner);
    g_free(guest->launch_security);
    hv_kvm_reading_unref(guest->kvm);
    g_free(guest->job);
    g_free(guest->cgroup);
    g_free(guest->cgroup_memory);
    g_free(guest->cgroup_pressure);
    g_free(guest->threads);
    g_strfreev(guest->vcpu_pins);
    g_strfreev(guest->iothread_pins);
    g_strfreev(guest->cell_cpus);
    g_free(guest->emulator_pin);
    g_strfreev(guest->passthrough);
    g_strfreev(guest->tap_names);
    g_free(guest);
}

static gboolean
same_strings(char *const *a, char *const *b)
{
    if (!a || !b)
        return a == b;
    for (; *a && *b; a++, b++)
        if (!g_str_equal(*a, *b))
            return FALSE;
    return !*a && !*b;
}

static gboolean
same_threads(const HvGuest *a, const HvGuest *b)
{
    if (a->n_threads != b->n_threads)
        return FALSE;
    for (guint i = 0; i < a->n_threads; i++) {
        const HvThread *x = &a->threads[i], *y = &b->threads[i];

        if (x->tid != y->tid || x->role != y->role || x->index != y->index ||
            x->start_ticks != y->start_ticks || x->kernel != y->kernel)
            return FALSE;
    }
    return TRUE;
}

gboolean
hv_guest_same_layout(const HvGuest *a, const HvGuest *b)
{
    return g_str_equal(a->name, b->name) && g_str_equal(a->uuid, b->uuid) && a->pid == b->pid &&
           a->start_ticks == b->start_ticks && a->n_vcpus == b->n_vcpus &&
           a->cgroup_v2 == b->cgroup_v2 && g_str_equal(a->cgroup, b->cgroup) &&
           g_str_equal(a->cgroup_memory, b->cgroup_memory) &&
           g_str_equal(a->cgroup_pressure, b->cgroup_pressure) && same_threads(a, b) &&
           same_strings(a->passthrough, b->passthrough) &&
           same_strings(a->tap_names, b->tap_names);
}

gboolean
hv_guest_equal(const HvGuest *a, const HvGuest *b)
{
    return hv_guest_same_layout(a, b) && a->domain_id == b->domain_id && a->state == b->state &&
           g_str_equal(a->state_reason, b->state_reason) &&
           a->memory_bytes == b->memory_bytes && a->in_libvirt == b->in_libvirt &&
           a->persistent == b->persistent && a->tcg == b->tcg &&
           g_str_equal(a->owner, b->owner) && g_str_equal(a->job, b->job) &&
           g_str_equal(a->launch_security, b->launch_security) &&
           same_strings(a->vcpu_pins, b->vcpu_pins) &&
           same_strings(a->iothread_pins, b->iothread_pins) &&
           same_strings(a->cell_cpus, b->cell_cpus) &&
           g_strcmp0(a->emulator_pin, b->emulator_pin) == 0 &&
           a->seen_since_ns == b->seen_since_ns &&
           a->not_answering_since_ns == b->not_answering_since_ns &&
           a->haltpoll_read_ns == b->haltpoll_read_ns && a->haltpoll_ns == b->haltpoll_ns &&
           a->kvm == b->kvm && a->apic == b->apic;
}

HvGuestList *
hv_guest_list_ref(HvGuestList *list)
{
    if (list)
        g_atomic_ref_count_inc(&list->refs);
    return list;
}

void
hv_guest_list_unref(HvGuestList *list)
{
    if (!list || !g_atomic_ref_count_dec(&list->refs))
        return;
    for (guint i = 0; i < list->n_guests; i++)
        hv_guest_unref(list->guests[i]);
    g_free(list->guests);
    g_free(list->libvirt_why);
    g_free(list);
}

static HvGuest *
find_guest(const HvGuestList *list, const char *name)
{
    guint low = 0, high = list ? list->n_guests : 0;

    while (low < high) {
        guint middle = low + (high - low) / 2;
        int order = strcmp(list->guests[middle]->name, name);

        if (order == 0)
            return list->guests[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const HvGuest *
hv_guest_list_find(const HvGuestList *list, const char *name)
{
    return find_guest(list, name);
}

const HvThread *
hv_guest_thread(const HvGuest *guest, HvThreadRole role, guint index)
{
    for (guint i = 0; i < guest->n_threads; i++)
        if (guest->threads[i].role == role && guest->threads[i].index == index)
            return &guest->threads[i];
    return NULL;
}

/* By name; of equal names libvirt's comes first, then the older process. */
static gint
compare_guests(gconstpointer a, gconstpointer b)
{
    const HvGuest *x = *(HvGuest *const *)a, *y = *(HvGuest *const *)b;
    int order = strcmp(x->name, y->name);

    if (order)
        return order;
    if (x->in_libvirt != y->in_libvirt)
        return x->in_libvirt ? -1 : 1;
    if (x->start_ticks != y->start_ticks)
        return x->start_ticks < y->start_ticks ? -1 : 1;
    return (x->pid > y->pid) - (x->pid < y->pid);
}

static char *
free_name(GHashTable *names, int pid)
{
    char *name = g_strdup_printf("pid-%d", pid);

    for (guint i = 2; g_hash_table_contains(names, name); i++) {
        g_free(name);
        name = g_strdup_printf("pid-%d.%u", pid, i);
    }
    return name;
}

/* Anyone may call his QEMU as another VM is called; knobs and rows need one name each. */
static void
make_names_unique(GPtrArray *guests)
{
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GPtrArray) later = g_ptr_array_new();

    g_ptr_array_sort(guests, compare_guests);
    for (guint i = 0; i < guests->len; i++) {
        HvGuest *guest = guests->pdata[i];

        if (g_hash_table_contains(names, guest->name))
            g_ptr_array_add(later, guest);
        else
            g_hash_table_add(names, guest->name);
    }
    for (guint i = 0; i < later->len; i++) {
        HvGuest *guest = later->pdata[i];

        g_free(guest->name);
        guest->name = free_name(names, guest->pid);
        g_hash_table_add(names, guest->name);
    }
    if (later->len)
        g_ptr_array_sort(guests, compare_guests);
}

/* Replaces each by the equal one of @old. Returns: whether all are the old ones. */
static gboolean
reuse(GPtrArray *guests, const HvGuestList *old, gboolean *same_layout)
{
    gboolean same = old && old->n_guests == guests->len;

    *same_layout = same;
    for (guint i = 0; i < guests->len; i++) {
        HvGuest *guest = guests->pdata[i], *before = find_guest(old, guest->name);
        gboolean equal = before && hv_guest_equal(before, guest);

        *same_layout = *same_layout && before && hv_guest_same_layout(before, guest);
        same = same && equal;
        if (!equal)
            continue;
        guests->pdata[i] = hv_guest_ref(before);
        hv_guest_unref(guest);
    }
    return same;
}

HvGuestList *
hv_guest_list_new(GPtrArray *take_guests, const HvGuestList *flags, HvGuestList *old)
{
    HvGuestList *list;
    gboolean same, same_layout;
    gsize n;

    make_names_unique(take_guests);
    same = reuse(take_guests, old, &same_layout);
    if (same && old->remote == flags->remote &&
        old->libvirt_connected == flags->libvirt_connected &&
        old->libvirt_silent_since_ns == flags->libvirt_silent_since_ns &&
        g_strcmp0(old->libvirt_why, flags->libvirt_why) == 0) {
        g_ptr_array_set_free_func(take_guests, (GDestroyNotify)hv_guest_unref);
        g_ptr_array_unref(take_guests);
        return hv_guest_list_ref(old);
    }
    list = g_new0(HvGuestList, 1);
    g_atomic_ref_count_init(&list->refs);
    list->generation = old ? old->generation + 1 : 1;
    list->layout = (old ? old->layout : 0) + !same_layout;
    list->remote = flags->remote;
    list->libvirt_connected = flags->libvirt_connected;
    list->libvirt_why = g_strdup(flags->libvirt_why);
    list->libvirt_silent_since_ns = flags->libvirt_silent_since_ns;
    list->guests = (HvGuest **)g_ptr_array_steal(take_guests, &n);
    list->n_guests = (guint)n;
    g_ptr_array_unref(take_guests);
    return list;
}
