/* The words for what libvirt's lifecycle events say. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/libvirt-private.h"

#include "model/i18n.h"

#define ANY (-1)

static const struct {
    int event, detail;
    const char *kind, *text;
} words[] = {
    { VIR_DOMAIN_EVENT_DEFINED, VIR_DOMAIN_EVENT_DEFINED_RENAMED, "renamed", N_("renamed") },
    { VIR_DOMAIN_EVENT_DEFINED, VIR_DOMAIN_EVENT_DEFINED_ADDED, "defined", N_("defined") },
    { VIR_DOMAIN_EVENT_DEFINED, ANY, "defined", N_("its definition changed") },
    { VIR_DOMAIN_EVENT_UNDEFINED, ANY, "undefined", N_("its definition was removed") },
    { VIR_DOMAIN_EVENT_STARTED, VIR_DOMAIN_EVENT_STARTED_MIGRATED, "arrived",
      N_("migrated here") },
    { VIR_DOMAIN_EVENT_STARTED, VIR_DOMAIN_EVENT_STARTED_RESTORED, "started",
      N_("restored from a file") },
    { VIR_DOMAIN_EVENT_STARTED, VIR_DOMAIN_EVENT_STARTED_FROM_SNAPSHOT, "started",
      N_("started from a snapshot") },
    { VIR_DOMAIN_EVENT_STARTED, VIR_DOMAIN_EVENT_STARTED_WAKEUP, "started", N_("woken up") },
    { VIR_DOMAIN_EVENT_STARTED, ANY, "started", N_("booted") },
    { VIR_DOMAIN_EVENT_SUSPENDED, VIR_DOMAIN_EVENT_SUSPENDED_IOERROR, "paused",
      N_("paused: I/O error") },
    { VIR_DOMAIN_EVENT_SUSPENDED, VIR_DOMAIN_EVENT_SUSPENDED_MIGRATED, "paused",
      N_("paused: migrating") },
    { VIR_DOMAIN_EVENT_SUSPENDED, VIR_DOMAIN_EVENT_SUSPENDED_WATCHDOG, "paused",
      N_("paused: watchdog") },
    { VIR_DOMAIN_EVENT_SUSPENDED, VIR_DOMAIN_EVENT_SUSPENDED_POSTCOPY, "paused",
      N_("paused: post-copy migration") },
    { VIR_DOMAIN_EVENT_SUSPENDED, VIR_DOMAIN_EVENT_SUSPENDED_POSTCOPY_FAILED, "paused",
      N_("paused: post-copy migration failed") },
    { VIR_DOMAIN_EVENT_SUSPENDED, ANY, "paused", N_("paused") },
    { VIR_DOMAIN_EVENT_RESUMED, VIR_DOMAIN_EVENT_RESUMED_MIGRATED, "resumed",
      N_("resumed after its migration") },
    { VIR_DOMAIN_EVENT_RESUMED, ANY, "resumed", N_("resumed") },
    { VIR_DOMAIN_EVENT_STOPPED, VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN, "stopped", N_("shut down") },
    { VIR_DOMAIN_EVENT_STOPPED, VIR_DOMAIN_EVENT_STOPPED_DESTROYED, "stopped",
      N_("destroyed") },
    { VIR_DOMAIN_EVENT_STOPPED, VIR_DOMAIN_EVENT_STOPPED_CRASHED, "crashed",
      N_("its guest crashed") },
    { VIR_DOMAIN_EVENT_STOPPED, VIR_DOMAIN_EVENT_STOPPED_MIGRATED, "left",
      N_("migrated away") },
    { VIR_DOMAIN_EVENT_STOPPED, VIR_DOMAIN_EVENT_STOPPED_SAVED, "stopped",
      N_("saved to a file") },
    { VIR_DOMAIN_EVENT_STOPPED, VIR_DOMAIN_EVENT_STOPPED_FAILED, "crashed",
      N_("its QEMU failed") },
    { VIR_DOMAIN_EVENT_STOPPED, ANY, "stopped", N_("stopped") },
    { VIR_DOMAIN_EVENT_SHUTDOWN, VIR_DOMAIN_EVENT_SHUTDOWN_GUEST, "shutdown",
      N_("shutting down, by its guest") },
    { VIR_DOMAIN_EVENT_SHUTDOWN, VIR_DOMAIN_EVENT_SHUTDOWN_HOST, "shutdown",
      N_("shutting down, by this host") },
    { VIR_DOMAIN_EVENT_SHUTDOWN, ANY, "shutdown", N_("shutting down") },
    { VIR_DOMAIN_EVENT_PMSUSPENDED, ANY, "suspended", N_("suspended by its guest") },
    { VIR_DOMAIN_EVENT_CRASHED, ANY, "crashed", N_("its guest panicked") },
};

const char *
hv_vir_lifecycle_text(int event, int detail, const char **kind)
{
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (words[i].event == event && (words[i].detail == detail || words[i].detail == ANY)) {
            *kind = words[i].kind;
            return words[i].text;
        }
    *kind = "changed";
    return N_("its state changed");
}
