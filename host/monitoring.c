/* Monitoring groups of resctrl that hvtune makes: shared by all hvtunes of a host, leased, and
 * removed with the last lease. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/monitoring.h"

#include "host/footprint.h"
#include "host/leases.h"
#include "host/parse.h"
#include "host/worker.h"
#include "model/i18n.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define LOCK_MS 200
#define PREFIX "hvtune-"
#define PID_PREFIX PREFIX "pid-"
#define MON_GROUPS "mon_groups/"
#define UUID_LENGTH 36

struct HvMonitoring {
    HvHost *host;
    HvLeases *leases;
    GHashTable *held; /* paths of groups that this process has a lease of */
    int lock;         /* -1: not taken */
};

void
hv_monitoring_wish_clear(gpointer data)
{
    HvMonitoringWish *wish = data;

    g_free(wish->path);
    if (wish->tids)
        g_array_unref(wish->tids);
    g_clear_error(&wish->error);
}

HvMonitoring *
hv_monitoring_new(HvHost *host)
{
    HvMonitoring *monitoring = g_new0(HvMonitoring, 1);
    const HvPolicy *policy = hv_host_policy(host);

    monitoring->host = host;
    monitoring->leases = hv_leases_new(policy->state_dir);
    monitoring->held = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    monitoring->lock = -1;
    return monitoring;
}

void
hv_monitoring_free(HvMonitoring *monitoring)
{
    if (!monitoring)
        return;
    hv_monitoring_unlock(monitoring);
    g_hash_table_unref(monitoring->held);
    hv_leases_free(monitoring->leases);
    g_free(monitoring);
}

/* ---- names ---- */

static gboolean
is_uuid(const char *text)
{
    if (strlen(text) != UUID_LENGTH)
        return FALSE;
    for (guint i = 0; i < UUID_LENGTH; i++) {
        const gboolean is_dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (is_dash ? text[i] != '-' : !g_ascii_isxdigit(text[i]))
            return FALSE;
    }
    return TRUE;
}

gboolean
hv_monitoring_is_ours(const char *name)
{
    const char *rest = name + strlen(PID_PREFIX);
    gsize n;

    if (!g_str_has_prefix(name, PREFIX))
        return FALSE;
    if (!g_str_has_prefix(name, PID_PREFIX))
        return is_uuid(name + strlen(PREFIX));
    n = strspn(rest, "0123456789");
    if (n == 0 || rest[n] != '-')
        return FALSE;
    rest += n + 1;
    return *rest && strspn(rest, "0123456789") == strlen(rest);
}

char *
hv_monitoring_name(const HvGuest *guest)
{
    if (is_uuid(guest->uuid))
        return g_strconcat(PREFIX, guest->uuid, NULL);
    return g_strdup_printf(PID_PREFIX "%d-%" G_GUINT64_FORMAT, guest->pid, guest->start_ticks);
}

/* ---- may we ---- */

gboolean
hv_monitoring_may(HvMonitoring *monitoring, GError **error)
{
    const HvPolicy *policy = hv_host_policy(monitoring->host);

    if (!policy->may_monitor) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_ABSENT,
                            N_("no monitoring groups are made unless asked for"));
        return FALSE;
    }
    if (hv_host_is_read_only(monitoring->host)) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_DENIED,
                            N_("read-only: no monitoring groups are made"));
        return FALSE;
    }
    if (!policy->state_dir && !hv_host_is_simulated(monitoring->host)) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_ABSENT,
                            N_("no monitoring groups: there is no state directory to keep "
                               "their leases in"));
        return FALSE;
    }
    return hv_leases_check(monitoring->leases, error);
}

gboolean
hv_monitoring_is_held(const HvMonitoring *monitoring, const char *path)
{
    return g_hash_table_contains(monitoring->held, path);
}

guint
hv_monitoring_n_held(const HvMonitoring *monitoring)
{
    return g_hash_table_size(monitoring->held);
}

/* What others use; NULL when that cannot be told. */
static GHashTable *
others(HvMonitoring *monitoring)
{
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    return hv_leases_others(monitoring->leases, names, NULL) ? g_steal_pointer(&names) : NULL;
}

gboolean
hv_monitoring_is_leased(HvMonitoring *monitoring, const char *path)
{
    g_autoptr(GHashTable) names = NULL;

    if (hv_monitoring_is_held(monitoring, path))
        return TRUE;
    names = others(monitoring);
    return !names || g_hash_table_contains(names, path);
}

/* ---- the lock ---- */

gboolean
hv_monitoring_lock(HvMonitoring *monitoring, GError **error)
{
    g_assert(monitoring->lock < 0);
    monitoring->lock = hv_host_lock(monitoring->host, HV_RESCTRL_DIR, TRUE, LOCK_MS, error);
    if (monitoring->lock < 0)
        return FALSE;
    if (hv_worker_commit())
        return TRUE;
    hv_monitoring_unlock(monitoring); /* the next one is at it already */
    g_set_error_literal(error, HV_ERROR, HV_ERROR_TIMEOUT, N_("it took too long"));
    return FALSE;
}

void
hv_monitoring_unlock(HvMonitoring *monitoring)
{
    if (monitoring->lock >= 0)
        close(monitoring->lock);
    monitoring->lock = -1;
}

/* ---- making and removing ---- */

static char *
full_path(const char *path)
{
    return g_strconcat(HV_RESCTRL_DIR "/", path, NULL);
}

/* Only what we can have made is ever removed. */
static gboolean
is_our_path(const char *path)
{
    const char *name = strrchr(path, '/');

    return name && hv_monitoring_is_ours(name + 1) &&
           (g_str_has_prefix(path, MON_GROUPS) || strstr(path, "/" MON_GROUPS));
}

static gboolean
remove_group(HvMonitoring *monitoring, const char *path)
{
    g_autofree char *full = full_path(path);
    g_autoptr(GError) error = NULL;

    g_assert(is_our_path(path));
    return hv_host_rmdir(monitoring->host, full, &error) ||
           g_error_matches(error, HV_ERROR, HV_ERROR_ABSENT);
}

gboolean
hv_monitoring_is_limbo(const GError *error)
{
    return g_error_matches(error, HV_ERROR, HV_ERROR_REFUSED) &&
           g_str_has_suffix(error->message, g_strerror(EBUSY));
}

/* The kernel's own words, of which there are some only after certain failures. */
static void
add_status(HvMonitoring *monitoring, GError *error)
{
    g_autofree char *status =
        hv_host_read_text(monitoring->host, HV_RESCTRL_DIR "/info/last_cmd_status", 4096, NULL);
    g_autofree char *message = NULL;

    if (!status || !*hv_chomp(status) || strcmp(status, "ok") == 0)
        return;
    message = g_steal_pointer(&error->message);
    error->message = g_strdup_printf("%s: %s", status, message);
}

static gboolean
make_group(HvMonitoring *monitoring, const char *path, GError **error)
{
    g_autofree char *full = full_path(path);
    GError *failed = NULL;

    if (hv_host_exists(monitoring->host, full) ||
        hv_host_mkdir(monitoring->host, full, &failed) ||
        hv_host_exists(monitoring->host, full)) {
        g_clear_error(&failed);
        return TRUE;
    }
    if (g_error_matches(failed, HV_ERROR, HV_ERROR_REFUSED))
        add_status(monitoring, failed);
    g_propagate_error(error, failed);
    return FALSE;
}

/* Some kernels take one thread in a write. One that has ended, or has been moved to another
 * control group since, is looked for at the next turn. */
static gboolean
add_threads(HvMonitoring *monitoring, const HvMonitoringWish *wish, GError **error)
{
    g_autofree char *tasks = g_strconcat(HV_RESCTRL_DIR "/", wish->path, "/tasks", NULL);

    for (guint i = 0; i < wish->tids->len; i++) {
        const int tid = g_array_index(wish->tids, int, i);
        g_autofree char *text = g_strdup_printf("%d\n", tid);
        g_autoptr(GError) failed = NULL;

        g_assert(tid > 0); /* 0 would move the writer */
        if (hv_host_write(monitoring->host, tasks, text, &failed) ||
            g_error_matches(failed, HV_ERROR, HV_ERROR_ABSENT) ||
            g_error_matches(failed, HV_ERROR, HV_ERROR_REFUSED))
            continue;
        g_propagate_error(error, g_steal_pointer(&failed));
        return FALSE;
    }
    return TRUE;
}

static void
grant(HvMonitoring *monitoring, HvMonitoringWish *wish)
{
    if (!make_group(monitoring, wish->path, &wish->error)) {
        g_hash_table_remove(monitoring->held, wish->path);
        return;
    }
    hv_footprint_note(monitoring->host, HV_FOOTPRINT_GROUP, wish->path, 1);
    (void)add_threads(monitoring, wish, &wish->error);
}

/* Groups of @gone that nobody else uses. */
static void
give_up(HvMonitoring *monitoring, GHashTable *gone)
{
    g_autoptr(GHashTable) used = g_hash_table_size(gone) > 0 ? others(monitoring) : NULL;
    GHashTableIter iter;
    gpointer path;

    g_hash_table_iter_init(&iter, gone);
    while (g_hash_table_iter_next(&iter, &path, NULL)) {
        hv_footprint_note(monitoring->host, HV_FOOTPRINT_GROUP, path, 0);
        if (used && !g_hash_table_contains(used, path))
            (void)remove_group(monitoring, path);
    }
}

gboolean
hv_monitoring_set(HvMonitoring *monitoring, GArray *wishes, GError **error)
{
    g_autoptr(GHashTable) gone = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) former = g_steal_pointer(&monitoring->held);
    GHashTableIter iter;
    gpointer path;

    g_assert(monitoring->lock >= 0);
    monitoring->held = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < wishes->len; i++)
        g_hash_table_add(monitoring->held,
                         g_strdup(g_array_index(wishes, HvMonitoringWish, i).path));
    g_hash_table_iter_init(&iter, former);
    while (g_hash_table_iter_next(&iter, &path, NULL))
        if (!g_hash_table_contains(monitoring->held, path))
            g_hash_table_add(gone, path);
    if (!hv_leases_write(monitoring->leases, monitoring->held, error)) {
        g_hash_table_unref(monitoring->held);
        monitoring->held = g_steal_pointer(&former);
        return FALSE;
    }
    give_up(monitoring, gone); /* first: their RMIDs may be wanted */
    for (guint i = 0; i < wishes->len; i++)
        grant(monitoring, &g_array_index(wishes, HvMonitoringWish, i));
    return TRUE;
}

/* Those of one control group: @group is "" or "gold/". */
static guint
sweep_group(HvMonitoring *monitoring, const char *group, GHashTable *used)
{
    g_autofree char *directory = g_strconcat(HV_RESCTRL_DIR "/", group, "mon_groups", NULL);
    g_auto(GStrv) names = hv_host_list(monitoring->host, directory, NULL);
    guint n_removed = 0;

    for (guint i = 0; names && names[i]; i++) {
        g_autofree char *path = g_strconcat(group, MON_GROUPS, names[i], NULL);

        if (hv_monitoring_is_ours(names[i]) && !hv_monitoring_is_held(monitoring, path) &&
            !g_hash_table_contains(used, path))
            n_removed += remove_group(monitoring, path) ? 1 : 0;
    }
    return n_removed;
}

guint
hv_monitoring_sweep(HvMonitoring *monitoring)
{
    g_autoptr(GHashTable) used = others(monitoring);
    g_auto(GStrv) names = hv_host_list(monitoring->host, HV_RESCTRL_DIR, NULL);
    guint n_removed = 0;

    g_assert(monitoring->lock >= 0);
    if (!used)
        return 0;
    n_removed += sweep_group(monitoring, "", used);
    for (guint i = 0; names && names[i]; i++) {
        g_autofree char *group = g_strconcat(names[i], "/", NULL);

        if (strcmp(names[i], "info") != 0)
            n_removed += sweep_group(monitoring, group, used);
    }
    return n_removed;
}

void
hv_monitoring_close(HvMonitoring *monitoring)
{
    g_autoptr(GArray) none = g_array_new(FALSE, FALSE, sizeof(HvMonitoringWish));
    gboolean was_locked;

    if (hv_monitoring_n_held(monitoring) == 0)
        return;
    /* who does not give the lock back in time does not keep us: what we made is removed all the
     * same */
    was_locked = hv_monitoring_lock(monitoring, NULL);
    if (was_locked)
        (void)hv_monitoring_set(monitoring, none, NULL);
    else
        give_up(monitoring, monitoring->held);
    hv_monitoring_unlock(monitoring);
}
