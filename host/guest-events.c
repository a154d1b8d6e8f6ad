/* What happened to guests in the last hour, for whoever asks from where on. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/guests-private.h"

#define MAX_EVENTS 256
#define NS_PER_S G_GINT64_CONSTANT(1000000000)
#define KEEP_NS (3600 * NS_PER_S)
/* libvirt's word and what procfs shows of the same thing are at most so far apart. */
#define SAME_NS (5 * NS_PER_S)

struct HvGuestEvents {
    GMutex lock;
    HvGuestEvent ring[MAX_EVENTS]; /* the event of serial n is at n % MAX_EVENTS */
    guint64 last;                  /* serial of the newest; 0: none */
};

HvGuestEvents *
hv_guest_events_new(void)
{
    HvGuestEvents *events = g_new0(HvGuestEvents, 1);

    g_mutex_init(&events->lock);
    return events;
}

static void
clear_event(HvGuestEvent *event)
{
    g_clear_pointer(&event->vm, g_free);
    g_clear_pointer(&event->kind, g_free);
    g_clear_pointer(&event->text, g_free);
    event->serial = 0;
}

void
hv_guest_events_free(HvGuestEvents *events)
{
    if (!events)
        return;
    for (guint i = 0; i < MAX_EVENTS; i++)
        clear_event(&events->ring[i]);
    g_mutex_clear(&events->lock);
    g_free(events);
}

static gboolean
told_already(const HvGuestEvents *events, gint64 time_ns, const char *vm, const char *kind,
             const char *text)
{
    for (guint64 serial = events->last; serial && serial + MAX_EVENTS > events->last;
         serial--) {
        const HvGuestEvent *event = &events->ring[serial % MAX_EVENTS];

        if (event->time_ns + SAME_NS < time_ns)
            return FALSE;
        if (g_str_equal(event->vm,
                        vm)) /* its last word counts: start, stop, start is three events */
            return g_str_equal(event->kind, kind) &&
                   (g_str_equal(kind, "started") || g_str_equal(kind, "stopped") ||
                    g_str_equal(event->text, text));
    }
    return FALSE;
}

void
hv_guest_events_push(HvGuestEvents *events, gint64 time_ns, const char *vm, const char *kind,
                     const char *text)
{
    g_mutex_lock(&events->lock);
    if (!told_already(events, time_ns, vm, kind, text)) {
        HvGuestEvent *event = &events->ring[++events->last % MAX_EVENTS];

        clear_event(event);
        *event = (HvGuestEvent){ .serial = events->last,
                                 .time_ns = time_ns,
                                 .vm = g_strdup(vm),
                                 .kind = g_strdup(kind),
                                 .text = g_strdup(text) };
    }
    g_mutex_unlock(&events->lock);
}

gboolean
hv_guest_events_each(HvGuestEvents *events, guint64 after_serial, gint64 now_ns,
                     void (*each)(const HvGuestEvent *event, gpointer data), gpointer data)
{
    gboolean any = FALSE;
    guint64 serial;

    g_mutex_lock(&events->lock);
    serial = events->last >= MAX_EVENTS ? events->last - MAX_EVENTS : 0;
    for (serial = MAX(serial, after_serial) + 1; serial <= events->last; serial++) {
        const HvGuestEvent *event = &events->ring[serial % MAX_EVENTS];

        if (event->time_ns + KEEP_NS < now_ns)
            continue;
        any = TRUE;
        each(event, data);
    }
    g_mutex_unlock(&events->lock);
    return any;
}
