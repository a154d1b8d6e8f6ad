/* One row while libvirt answers; none, and the reason, while it does not. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "probes/probe.h"

enum { CONNECTION, REMOTE, N_GUESTS };

static const HvColumn columns[] = {
    [CONNECTION] = { .name = "connection",
                     .kind = HV_KIND_KEY,
                     .unit = HV_UNIT_NONE,
                     .help = N_("what is connected to") },
    [REMOTE] = { .name = "remote",
                 .kind = HV_KIND_BOOL,
                 .unit = HV_UNIT_NONE,
                 .help = N_("it is another machine's libvirt") },
    [N_GUESTS] = { .name = "n_guests",
                   .kind = HV_KIND_U64,
                   .unit = HV_UNIT_COUNT,
                   .help = N_("VMs that it knows") },
    { 0 },
};
static const HvSchema schema = { .name = "libvirt", .columns = columns, .raw = TRUE };

static gpointer
start(HvHost *host, GError **error G_GNUC_UNUSED)
{
    return host;
}

static const char *
why_not(const HvGuestList *list)
{
    return list->libvirt_why ? list->libvirt_why : N_("not connected yet");
}

static void
emit(HvSink *out, const HvGuestList *list)
{
    hv_row(out, "libvirt");
    hv_bool(out, REMOTE, list->remote);
}

/* That it is another machine's is told also while it cannot be reached: what this one has is
 * not it. */
static gboolean
sample(gpointer state, HvSink *out, GError **error)
{
    HvHost *host = state;
    g_autoptr(HvGuestList) list = hv_host_guests(host);
    guint n_known = 0;

    if (!list->libvirt_connected && list->remote) {
        emit(out, list);
        hv_none(out, N_GUESTS, HV_MARK_ABSENT, why_not(list));
        g_set_error_literal(error, HV_ERROR, HV_ERROR_ABSENT, why_not(list));
        return FALSE;
    }
    if (!list->libvirt_connected) {
        hv_sink_why(out, why_not(list));
        return TRUE;
    }
    if (list->libvirt_silent_since_ns) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_FAILED,
                            list->libvirt_why ? list->libvirt_why : _("not answering"));
        return FALSE;
    }
    for (guint i = 0; i < list->n_guests; i++)
        n_known += list->guests[i]->in_libvirt ? 1 : 0;
    emit(out, list);
    hv_u64(out, N_GUESTS, n_known);
    return TRUE;
}

static void
stop(gpointer state G_GNUC_UNUSED)
{
}

static const char *
cure(HvHost *host, const GError *why G_GNUC_UNUSED)
{
    g_autoptr(HvGuestList) list = hv_host_guests_peek(host);

    if (!hv_host_is_live(host))
        return NULL;
    if (list->remote)
        return N_(
            "virsh -c URI list says what is in the way; the other machine's libvirt must run");
    return N_("systemctl start libvirtd, or --connect URI; without it VMs are found in /proc");
}

const HvProbe hv_probe_libvirt = {
    .name = "libvirt",
    .source = "libvirt",
    .help = N_("the daemon that names VMs, tells of their coming and going, and changes them"),
    .schemas = (const HvSchema *const[]){ &schema, NULL },
    .start = start,
    .sample = sample,
    .stop = stop,
    .cure = cure,
};
