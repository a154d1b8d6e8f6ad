/* libvirt's states and reasons, as numbers and as the words of its status files. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/guest-xml.h"

#include "model/i18n.h"

#include <libvirt/libvirt.h>

/* The words are those of libvirt's src/conf/domain_conf.c (VIR_ENUM_IMPL of the reasons). */
typedef struct {
    int reason;
    const char *word;
    const char *text;
} Reason;

static const Reason running[] = {
    { VIR_DOMAIN_RUNNING_BOOTED, "booted", N_("booted") },
    { VIR_DOMAIN_RUNNING_MIGRATED, "migrated", N_("migrated here") },
    { VIR_DOMAIN_RUNNING_RESTORED, "restored", N_("restored") },
    { VIR_DOMAIN_RUNNING_FROM_SNAPSHOT, "from snapshot", N_("from snapshot") },
    { VIR_DOMAIN_RUNNING_UNPAUSED, "unpaused", N_("unpaused") },
    { VIR_DOMAIN_RUNNING_MIGRATION_CANCELED, "migration canceled", N_("migration cancelled") },
    { VIR_DOMAIN_RUNNING_SAVE_CANCELED, "save canceled", N_("save cancelled") },
    { VIR_DOMAIN_RUNNING_WAKEUP, "wakeup", N_("woken up") },
    { VIR_DOMAIN_RUNNING_CRASHED, "crashed", N_("resumed after a crash") },
    { VIR_DOMAIN_RUNNING_POSTCOPY, "post-copy", N_("post-copy migration") },
    { VIR_DOMAIN_RUNNING_POSTCOPY_FAILED, "post-copy failed",
      N_("post-copy migration failed") },
    { 0 },
};
static const Reason paused[] = {
    { VIR_DOMAIN_PAUSED_USER, "user", N_("by a user") },
    { VIR_DOMAIN_PAUSED_MIGRATION, "migration", N_("migrating") },
    { VIR_DOMAIN_PAUSED_SAVE, "save", N_("being saved") },
    { VIR_DOMAIN_PAUSED_DUMP, "dump", N_("being dumped") },
    { VIR_DOMAIN_PAUSED_IOERROR, "ioerror", N_("I/O error") },
    { VIR_DOMAIN_PAUSED_WATCHDOG, "watchdog", N_("watchdog") },
    { VIR_DOMAIN_PAUSED_FROM_SNAPSHOT, "from snapshot", N_("from snapshot") },
    { VIR_DOMAIN_PAUSED_SHUTTING_DOWN, "shutdown", N_("shutting down") },
    { VIR_DOMAIN_PAUSED_SNAPSHOT, "snapshot", N_("snapshot being made") },
    { VIR_DOMAIN_PAUSED_CRASHED, "panicked", N_("its guest crashed") },
    { VIR_DOMAIN_PAUSED_STARTING_UP, "starting up", N_("starting up") },
    { VIR_DOMAIN_PAUSED_POSTCOPY, "post-copy", N_("post-copy migration") },
    { VIR_DOMAIN_PAUSED_POSTCOPY_FAILED, "post-copy failed", N_("post-copy migration failed") },
    { 0 },
};
static const Reason crashed[] = {
    { VIR_DOMAIN_CRASHED_PANICKED, "panicked", N_("its guest panicked") },
    { 0 },
};
static const Reason none[] = { { 0 } };

static const struct {
    int libvirt;
    const char *word;
    HvGuestState state;
    const Reason *reasons;
} states[] = {
    { VIR_DOMAIN_RUNNING, "running", HV_GUEST_RUNNING, running },
    { VIR_DOMAIN_BLOCKED, "blocked", HV_GUEST_RUNNING, none },
    { VIR_DOMAIN_PAUSED, "paused", HV_GUEST_PAUSED, paused },
    { VIR_DOMAIN_SHUTDOWN, "shutdown", HV_GUEST_SHUTDOWN, none },
    { VIR_DOMAIN_CRASHED, "crashed", HV_GUEST_CRASHED, crashed },
    { VIR_DOMAIN_PMSUSPENDED, "pmsuspended", HV_GUEST_SUSPENDED, none },
};

const char *
hv_guest_state_from_libvirt(int state, int reason, HvGuestState *out)
{
    *out = HV_GUEST_UNKNOWN;
    for (guint i = 0; i < G_N_ELEMENTS(states); i++) {
        if (states[i].libvirt != state)
            continue;
        *out = states[i].state;
        for (const Reason *at = states[i].reasons; at->text; at++)
            if (at->reason == reason)
                return at->text;
        return "";
    }
    return "";
}

const char *
hv_guest_state_from_words(const char *state, const char *reason, HvGuestState *out)
{
    *out = HV_GUEST_UNKNOWN;
    for (guint i = 0; i < G_N_ELEMENTS(states); i++) {
        if (g_strcmp0(states[i].word, state) != 0)
            continue;
        *out = states[i].state;
        for (const Reason *at = states[i].reasons; at->text; at++)
            if (g_strcmp0(at->word, reason) == 0)
                return at->text;
        return "";
    }
    return "";
}

const char *
hv_guest_state_name(HvGuestState state)
{
    static const char *const names[] = {
        [HV_GUEST_RUNNING] = "running",     [HV_GUEST_PAUSED] = "paused",
        [HV_GUEST_SHUTDOWN] = "shutdown",   [HV_GUEST_CRASHED] = "crashed",
        [HV_GUEST_SUSPENDED] = "suspended", [HV_GUEST_UNKNOWN] = "unknown",
    };

    return names[state];
}
