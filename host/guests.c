/* The one list of VMs, as the rest of hvtune asks for it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/guests-private.h"

#include "model/i18n.h"

/* So long after a process appeared libvirt has told of it, if it ever will. */
#define TELL_NS G_GINT64_CONSTANT(3000000000)

struct HvGuests {
    HvHost *host;
    HvProcScan
        *scan; /* the sampler's, as all of these but @current and those that lock themselves */
    HvLibvirt *libvirt;
    HvGuestEvents *events;
    HvActions *actions;
    GMutex lock;          /* guards @current */
    HvGuestList *current; /* never NULL */
    gboolean looked;      /* @current is more than the empty list of the beginning */
    guint64 merged;       /* libvirt's generation that is in it */
    gboolean unfinished;
};

HvGuests *
hv_guests_new(HvHost *host)
{
    HvGuests *guests = g_new0(HvGuests, 1);
    HvGuestList none = { 0 };

    guests->host = host;
    guests->scan = hv_proc_scan_new(host);
    guests->events = hv_guest_events_new();
    guests->libvirt = hv_libvirt_new(host, guests->events);
    guests->actions = hv_actions_new(host);
    guests->current = hv_guest_list_new(g_ptr_array_new(), &none, NULL);
    g_mutex_init(&guests->lock);
    return guests;
}

void
hv_guests_free(HvGuests *guests)
{
    if (!guests)
        return;
    hv_libvirt_free(guests->libvirt);
    hv_actions_free(guests->actions);
    hv_guest_events_free(guests->events);
    hv_proc_scan_free(guests->scan);
    hv_guest_list_unref(guests->current);
    g_mutex_clear(&guests->lock);
    g_free(guests);
}

static HvGuestList *
peek(HvGuests *guests)
{
    HvGuestList *list;

    g_mutex_lock(&guests->lock);
    list = hv_guest_list_ref(guests->current);
    g_mutex_unlock(&guests->lock);
    return list;
}

static const HvGuest *
find_process(const HvGuestList *list, int pid, guint64 start_ticks)
{
    for (guint i = 0; i < list->n_guests; i++)
        if (list->guests[i]->pid == pid && list->guests[i]->start_ticks == start_ticks)
            return list->guests[i];
    return NULL;
}

static void
tell(HvGuests *guests, const HvGuest *guest, const char *kind, const char *text)
{
    hv_guest_events_push(guests->events, hv_host_realtime_ns(guests->host), guest->name, kind,
                         text);
}

/* libvirt's own events say more of its VMs, as long as it answers. */
static gboolean
libvirt_tells(const HvGuestList *list, const HvGuest *guest)
{
    return guest->in_libvirt && list->libvirt_connected && !list->libvirt_silent_since_ns;
}

static void
tell_difference(HvGuests *guests, const HvGuestList *old, const HvGuestList *new)
{
    for (guint i = 0; i < old->n_guests; i++) {
        const HvGuest *before = old->guests[i];
        const HvGuest *after =
            before->pid ? find_process(new, before->pid, before->start_ticks) : NULL;

        if (before->pid && !after && !libvirt_tells(new, before))
            tell(guests, before, "stopped", N_("its process has ended"));
        if (!after || !after->not_answering_since_ns == !before->not_answering_since_ns)
            continue;
        if (after->not_answering_since_ns)
            tell(guests, after, "not answering", N_("it does not answer libvirt"));
        else
            tell(guests, after, "answering", N_("it answers again"));
    }
}

static void
tell_starts(HvGuests *guests, const HvGuestList *list, gint64 now_ns)
{
    const GPtrArray *processes = hv_proc_scan_processes(guests->scan);

    for (guint i = 0; i < processes->len; i++) {
        HvGuestProcess *process = processes->pdata[i];
        const HvGuest *guest;

        if (process->told || now_ns < process->found_ns + TELL_NS)
            continue;
        process->told = TRUE;
        guest = find_process(list, process->pid, process->start_ticks);
        if (guest && !libvirt_tells(list, guest))
            tell(guests, guest, "started", N_("its process has begun"));
    }
}

static void
publish(HvGuests *guests, HvGuestList *take_list)
{
    HvGuestList *old = guests->current; /* nobody else replaces it */

    if (guests->looked)
        tell_difference(guests, old, take_list);
    guests->looked = TRUE;
    g_mutex_lock(&guests->lock);
    guests->current = take_list;
    g_mutex_unlock(&guests->lock);
    hv_guest_list_unref(old);
}

HvGuestList *
hv_host_guests(HvHost *host)
{
    HvGuests *guests = host->guests;
    gint64 now_ns;
    guint64 generation;
    gboolean changed = FALSE;

    if (host->machine->guests)
        return host->machine->guests->list(host->data);
    now_ns = hv_host_monotonic_ns(host);
    generation = hv_libvirt_generation(guests->libvirt);
    if (!hv_libvirt_is_remote(guests->libvirt))
        changed = hv_proc_scan_refresh(guests->scan, now_ns, generation != guests->merged);
    if (changed || generation != guests->merged || guests->unfinished || !guests->looked) {
        guests->merged = generation;
        publish(guests, hv_guests_merge(guests->scan, guests->libvirt, guests->current,
                                        &guests->unfinished));
    }
    tell_starts(guests, guests->current, now_ns);
    return hv_guest_list_ref(guests->current);
}

HvGuestList *
hv_host_guests_peek(HvHost *host)
{
    if (host->machine->guests)
        return host->machine->guests->peek(host->data);
    return peek(host->guests);
}

void
hv_host_guests_start(HvHost *host)
{
    if (!host->machine->guests && hv_host_is_live(host))
        hv_libvirt_start(host->guests->libvirt);
}

void
hv_host_guests_wait(HvHost *host, guint deadline_ms)
{
    if (!host->machine->guests && hv_host_is_live(host))
        hv_libvirt_wait(host->guests->libvirt, deadline_ms);
}

void
hv_host_guests_prefer(HvHost *host, const char *vm)
{
    if (!host->machine->guests)
        hv_libvirt_prefer(host->guests->libvirt, vm);
}

void
hv_host_guests_wish_kvm(HvHost *host, HvKvmWish wish)
{
    if (!host->machine->guests)
        hv_libvirt_wish_kvm(host->guests->libvirt, wish);
}

void
hv_host_guests_set_patient(HvHost *host, gboolean is_patient)
{
    if (!host->machine->guests)
        hv_libvirt_set_patient(host->guests->libvirt, is_patient);
}

gboolean
hv_host_guest_events(HvHost *host, guint64 after_serial,
                     void (*each)(const HvGuestEvent *event, gpointer data), gpointer data)
{
    return hv_guest_events_each(host->guests->events, after_serial, hv_host_realtime_ns(host),
                                each, data);
}

/* As libvirt's own event would tell it. */
static void
tell_pin(HvHost *host, const HvGuestRequest *request)
{
    g_autofree char *text =
        request->verb == HV_GUEST_PIN_EMULATOR
            ? g_strdup_printf("emulatorpin = %s", request->cpus)
            : g_strdup_printf("%s%u = %s",
                              request->verb == HV_GUEST_PIN_VCPU ? "vcpupin" : "iothreadpin",
                              request->index, request->cpus);

    hv_guest_events_push(host->guests->events, hv_host_realtime_ns(host), request->vm, "pin",
                         text);
}

/* A machine with its own VMs answers at once; what changes something is a write like others. */
static gboolean
request_of_machine(HvHost *host, const HvGuestRequest *request, guint deadline_ms,
                   char **answer, GError **error)
{
    const HvGuestOps *guests = host->machine->guests;

    if (!hv_guest_verb_changes(request->verb))
        return guests->request(host->data, request, deadline_ms, answer, error);
    if (!hv_host_may_write(host, error) || !hv_host_fault_before_write(host, error) ||
        !guests->request(host->data, request, deadline_ms, answer, error))
        return FALSE;
    if (!request->persistent && hv_guest_verb_pins(request->verb))
        tell_pin(host, request);
    return hv_host_fault_after_write(host, error);
}

gboolean
hv_host_guest_request(HvHost *host, const HvGuestRequest *request, guint deadline_ms,
                      char **answer, GError **error)
{
    if (host->machine->guests)
        return request_of_machine(host, request, deadline_ms, answer, error);
    return hv_actions_request(host->guests->actions, request, deadline_ms, answer, error);
}
