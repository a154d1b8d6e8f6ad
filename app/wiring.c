/* One running hvtune: the door, the journal and what a session is made of, opened as they are
 * needed. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/wiring.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "advice/effects.h"
#include "advice/findings.h"
#include "app/adviser.h"
#include "app/guardian.h"
#include "app/look-signals.h"
#include "app/privilege.h"
#include "host/sim/sim.h"
#include "model/i18n.h"
#include "model/text.h"

#define LIBVIRT_WAIT_MS 1200  /* a socket-activated libvirtd needs about a second */
#define TOPOLOGY_WAIT_MS 1500 /* counted from the same start */
#define DEMO_INTERVAL_NS G_GINT64_CONSTANT(1000000000)

struct HvApp {
    const HvOptions *options;
    HvHost *host;
    char *state_dir; /* borrowed by the host */
    char **watches;  /* likewise */
    HvJournal *journal;
    GError *journal_error; /* why there is none */
    char *who;
    HvGuardianSeat seat;
    HvGuardian guardian;
    HvSessionParts parts;
    gboolean is_connected;
    char **wanted;      /* borrowed by the sampler */
    HvSampler *sampler; /* of the last look: its history is drawn from */
    gint64 sampled_since_ns;
    HvSessionParts look;                    /* borrowed by the sampler */
    gboolean (*stop_wanted)(gpointer data); /* a console's, or NULL */
    gpointer stop_data;
    GMutex lock; /* of shown */
    HvSnapshot *shown;
    gpointer player; /* of --from; the shown snapshot's history is its */
    GDestroyNotify free_player;
    gint64 sought_ns;
};

/* What screens draw as sparklines, and rules compare. */
static const HvHistoryColumn history[] = {
    { "host", "psi_cpu_some_ratio" },
    { "host", "psi_memory_some_ratio" },
    { "host", "psi_io_some_ratio" },
    { "host", "irqs_per_s" },
    { "nodes", "use_ratio" },
    { "vms", "cpu_ratio" },
    { "vms", "wait_max_ratio" },
    { "vms", "throttled_ratio" },
    { "vms", "halt_poll_ratio" },
    { "vms", "overhead_ratio" },
    { "vms", "psi_cpu_some_ratio" },
    { "vms", "psi_memory_some_ratio" },
    { "vms", "psi_io_some_ratio" },
    { "traffic", "remote_ratio" },
    { "traffic", "total_bytes_per_s" },
    { "watches", "value" },
    { 0 },
};

const HvHistoryColumn *
hv_app_history(void)
{
    return history;
}

void
hv_app_hold_player(HvApp *app, gpointer take_player, GDestroyNotify free_player)
{
    app->player = take_player;
    app->free_player = free_player;
}

gpointer
hv_app_held_player(HvApp *app)
{
    return app->player;
}

void
hv_app_set_sought_ns(HvApp *app, gint64 time_ns)
{
    app->sought_ns = time_ns;
}

gint64
hv_app_sought_ns(HvApp *app)
{
    return app->sought_ns;
}

const char *
hv_app_state_dir(HvApp *app)
{
    return app->state_dir;
}

const char *
hv_app_from(HvApp *app)
{
    return app->options->from;
}

/* Set by a signal handler or the screen, read by whoever carries out a plan. */
static gint stop_wanted;

void
hv_app_stop(void)
{
    g_atomic_int_set(&stop_wanted, 1);
}

gboolean
hv_app_is_stopping(void)
{
    return g_atomic_int_get(&stop_wanted) != 0;
}

gboolean
hv_app_shall_stop(HvApp *app)
{
    return hv_app_is_stopping() || (app->stop_wanted && app->stop_wanted(app->stop_data));
}

void
hv_app_on_stop(HvApp *app, gboolean (*wanted)(gpointer data), gpointer data)
{
    app->stop_wanted = wanted;
    app->stop_data = data;
}

static gboolean
shall_stop(gpointer app)
{
    return hv_app_shall_stop(app);
}

static gint64
monotonic_ns(gpointer host)
{
    return hv_host_monotonic_ns(host);
}

static gint64
boottime_ns(gpointer host)
{
    return hv_host_boottime_ns(host);
}

static gint64
realtime_ns(gpointer host)
{
    return hv_host_realtime_ns(host);
}

static gboolean
wait_until(gpointer host, gint64 until_ns, int wake_fd)
{
    return hv_host_wait_until(host, until_ns, wake_fd);
}

/* "root (alice) on pts/3": whoever went through sudo is named too, since the journal is read by
 * people. */
static char *
who_are_we(void)
{
    const char *behind = getenv("SUDO_USER");
    const char *terminal = ttyname(STDERR_FILENO);
    g_autoptr(GString) who = g_string_new(g_get_user_name());

    if (behind && geteuid() == 0)
        g_string_append_printf(who, " (%s)", behind);
    if (terminal)
        g_string_append_printf(who, " on %s",
                               g_str_has_prefix(terminal, "/dev/") ? terminal + strlen("/dev/")
                                                                   : terminal);
    return hv_text_printable(who->str, 80);
}

static const char *
why_read_only(const HvOptions *options)
{
    if (options->from)
        return _("a recording cannot be changed");
    if (options->root)
        return _("a captured tree cannot be changed");
    if (hv_options_has(options, HV_OPTION_READ_ONLY))
        return _("started with --read-only");
    if (options->demo)
        return NULL;
    if (!hv_privilege_may_change(options->connect_uri))
        return _("no privilege: neither root, CAP_SYS_NICE nor libvirt's read-write socket");
    return NULL;
}

static void
open_journal(HvApp *app)
{
    const char *fallback_dir =
        geteuid() == 0 && !getenv("STATE_DIRECTORY") ? "/run/hvtune" : NULL;

    if (app->options->demo)
        app->journal = hv_journal_new_memory();
    else if (app->options->from)
        g_set_error_literal(&app->journal_error, HV_ERROR, HV_ERROR_DENIED,
                            _("a recording has no journal of this host"));
    else if (app->options->root)
        g_set_error_literal(&app->journal_error, HV_ERROR, HV_ERROR_DENIED,
                            _("a captured tree has no journal"));
    else
        app->journal = hv_journal_open(NULL, fallback_dir, &app->journal_error);
}

/* A console and a recording stay, and go with the wall's clock; a single command need not. */
static gboolean
has_wall_speed(const HvOptions *options)
{
    return !options->command || g_str_equal(options->command, "record");
}

/* Monitoring groups and counters change something for others. A one-shot command leaves them
 * alone on a real host, unless they are asked for by name. */
static HvPolicy
new_policy(const HvOptions *options, gboolean is_read_only, const char *state_dir)
{
    const gboolean stays = has_wall_speed(options) || options->demo;
    const gboolean asks_for_mbm = (options->traffic & HV_TRAFFIC_MBM) != 0;

    return (HvPolicy){
        .traffic = options->traffic ? options->traffic : HV_TRAFFIC_ANY,
        .traffic_is_asked = options->traffic != 0,
        .may_monitor = !is_read_only && options->leaves_groups && !options->root &&
                       (asks_for_mbm || (stays && !options->traffic)),
        .may_count = options->leaves_counters && !options->root,
        .state_dir = state_dir,
    };
}

static gboolean
describe_demo(const HvOptions *options, HvSimOptions *demo, char **scenario, GError **error)
{
    char *comma;

    if (options->root) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED,
                            _("--demo and --root: one host or the other"));
        return FALSE;
    }
    *scenario = g_strdup(options->demo);
    comma = strchr(*scenario, ',');
    if (comma)
        *comma = '\0';
    *demo = (HvSimOptions){ .scenario = *scenario,
                            .variant = comma ? comma + 1 : NULL,
                            .seed = options->seed,
                            .speed = has_wall_speed(options) ? options->speed : 0 };
    return TRUE;
}

static char **
copy_watches(const HvOptions *options)
{
    char **watches = g_new0(char *, options->watches->len + 1);

    for (guint i = 0; i < options->watches->len; i++)
        watches[i] = g_strdup(options->watches->pdata[i]);
    return watches;
}

static HvHost *
open_host(const HvApp *app, const char *read_only_why, GError **error)
{
    const HvOptions *options = app->options;
    g_autofree char *scenario = NULL;
    HvSimOptions demo;
    HvHostOptions host_options = { .root = options->root,
                                   .no_machine = options->from != NULL,
                                   .connect_uri = options->connect_uri,
                                   .read_only = read_only_why != NULL,
                                   .fault = options->fault,
                                   .watches = (const char *const *)app->watches,
                                   .policy =
                                       new_policy(options, read_only_why != NULL,
                                                  options->demo ? NULL : app->state_dir) };

    if (options->demo) {
        if (!describe_demo(options, &demo, &scenario, error))
            return NULL;
        host_options.demo = &demo;
    }
    return hv_host_new(&host_options, error);
}

HvApp *
hv_app_new(const HvOptions *options, GError **error)
{
    const char *read_only_why = why_read_only(options);
    g_autofree char *state_dir = hv_journal_state_dir();
    HvApp *app = g_new0(HvApp, 1);
    HvHost *host;

    app->options = options;
    app->state_dir = g_steal_pointer(&state_dir);
    app->watches = copy_watches(options);
    host = open_host(app, read_only_why, error);
    if (!host) {
        g_strfreev(app->watches);
        g_free(app->state_dir);
        g_free(app);
        return NULL;
    }
    g_mutex_init(&app->lock);
    app->host = host;
    app->who = who_are_we();
    app->seat = (HvGuardianSeat){ host, options };
    app->guardian = (HvGuardian){ &app->seat, hv_guardian_start };
    open_journal(app);
    app->parts = (HvSessionParts){
        .host = host,
        .probes = hv_probes,
        .derives = hv_derives,
        .tuners = hv_tuners,
        .recipes = hv_recipes,
        .adviser = &hv_app_adviser,
        .meter = &hv_app_meter,
        .history = history,
        .clock = { host, monotonic_ns, realtime_ns, wait_until },
        .boottime_ns = boottime_ns,
        .guardian = hv_host_is_simulated(host) ? NULL : &app->guardian,
        .interval_ns = options->interval_ns,
        .topology = hv_host_topology,
        .is_in_past = hv_host_skips_history,
        .journal = app->journal,
        .machine_id = hv_host_machine_id(host),
        .boot_id = hv_host_boot_id(host),
        .read_only_why = read_only_why,
    };
    return app;
}

void
hv_app_free(HvApp *app)
{
    if (!app)
        return;
    hv_snapshot_unref(app->shown);
    if (app->player)
        app->free_player(app->player);
    hv_sampler_free(app->sampler);
    hv_journal_free(app->journal);
    hv_host_free(app->host);
    g_clear_error(&app->journal_error);
    g_strfreev(app->wanted);
    g_free(app->who);
    g_strfreev(app->watches);
    g_free(app->state_dir);
    g_mutex_clear(&app->lock);
    g_free(app);
}

const HvSessionParts *
hv_app_parts(HvApp *app)
{
    return &app->parts;
}

HvJournal *
hv_app_journal(HvApp *app, GError **error)
{
    if (!app->journal && error)
        *error = g_error_copy(app->journal_error);
    return app->journal;
}

static void
wait_for_host(HvApp *app)
{
    const gint64 start_ns = hv_host_monotonic_ns(app->host);
    g_autoptr(HvTopology) topology = NULL;
    gint64 waited_ms;

    app->is_connected = TRUE;
    hv_host_guests_start(app->host);
    hv_host_guests_wait(app->host, LIBVIRT_WAIT_MS);
    waited_ms = (hv_host_monotonic_ns(app->host) - start_ns) / 1000000;
    topology =
        hv_host_wait_topology(app->host, (guint)MAX(TOPOLOGY_WAIT_MS - waited_ms, 0), NULL);
}

void
hv_app_connect(HvApp *app)
{
    g_autoptr(HvSnapshot) shown = hv_app_shown(app);
    g_autoptr(HvGuestList) guests = NULL;

    if (shown)
        return;
    if (!app->is_connected)
        wait_for_host(app);
    /* Knobs are found in the list as last made; an earlier line of `do` may have started VMs.
     */
    guests = hv_host_guests(app->host);
}

static char **
copy_names(const char *const *names)
{
    g_autoptr(GPtrArray) copy = g_ptr_array_new();

    for (; *names; names++)
        g_ptr_array_add(copy, g_strdup(*names));
    g_ptr_array_add(copy, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&copy), FALSE);
}

/* The sampler borrows its parts and its wishes, so both are kept as long as it is. */
static HvSampler *
new_sampler(HvApp *app, const char *const *tables, gint64 interval_ns)
{
    g_clear_pointer(&app->sampler, hv_sampler_free);
    g_clear_pointer(&app->wanted, g_strfreev);
    app->look = app->parts;
    app->look.interval_ns = interval_ns;
    app->wanted = tables ? copy_names(tables) : NULL;
    app->sampler = hv_sampler_new(&app->look);
    app->sampled_since_ns = hv_host_monotonic_ns(app->host);
    hv_sampler_want(app->sampler, (const char *const *)app->wanted);
    return app->sampler;
}

/* Two samples a demo's interval apart, behind those of its history when it is new: rates,
 * sparklines and findings have a past then. One look takes no interval, and lets the history
 * pass. */
static HvSnapshot *
look_at_demo(HvApp *app, gint64 interval_ns)
{
    const gint64 apart_ns = interval_ns ? interval_ns : DEMO_INTERVAL_NS;
    HvSnapshot *snapshot;

    if (!interval_ns) {
        while (hv_host_skips_history(app->host))
            hv_host_wait_until(app->host, hv_host_monotonic_ns(app->host) + apart_ns, -1);
        return hv_sampler_tick(new_sampler(app, NULL, 0));
    }
    if (!app->sampler || app->look.interval_ns != interval_ns)
        new_sampler(app, NULL,
                    interval_ns); /* all tables: the next look of `do` goes on with it */
    snapshot = hv_sampler_tick(app->sampler);
    do {
        hv_host_wait_until(app->host, snapshot->monotonic_ns + apart_ns, -1);
        hv_snapshot_unref(snapshot);
        snapshot = hv_sampler_tick(app->sampler);
    } while (hv_host_skips_history(app->host));
    return snapshot;
}

HvSnapshot *
hv_app_look(HvApp *app, const char *const *tables, gint64 interval_ns)
{
    const gint64 apart_ns = hv_host_is_live(app->host) ? interval_ns : 0;
    g_autoptr(HvSnapshot) first = hv_app_shown(app);
    HvSnapshot *second;
    HvSampler *sampler;
    int signals = -1;

    if (first)
        return g_steal_pointer(&first);
    if (apart_ns && hv_host_policy(app->host)->may_monitor)
        signals = hv_look_signals_hold();
    hv_app_connect(app);
    if (hv_host_is_simulated(app->host))
        return look_at_demo(app, interval_ns);
    sampler = new_sampler(app, tables, apart_ns);
    first = hv_sampler_tick(sampler);
    if (!apart_ns)
        return g_steal_pointer(&first);
    if (hv_host_wait_until(app->host, first->monotonic_ns + apart_ns, signals)) {
        /* what the probes made goes with their sampler, before the signal takes effect */
        sampler = new_sampler(app, tables, apart_ns);
        hv_look_signals_release(signals);
        signals = -1;
    }
    second = hv_sampler_tick(sampler);
    hv_look_signals_release(signals);
    return second;
}

HvSampler *
hv_app_sampler(HvApp *app, gint64 *since_ns)
{
    const gboolean is_usable = app->sampler && !app->wanted && app->look.interval_ns;

    if (!since_ns)
        return is_usable ? app->sampler : NULL;
    if (!is_usable)
        new_sampler(app, NULL, DEMO_INTERVAL_NS);
    *since_ns = app->sampled_since_ns;
    return app->sampler;
}

void
hv_app_show(HvApp *app, HvSnapshot *snapshot)
{
    HvSnapshot *former;

    g_mutex_lock(&app->lock);
    former = app->shown;
    app->shown = hv_snapshot_ref(snapshot);
    g_mutex_unlock(&app->lock);
    hv_snapshot_unref(former);
}

HvSnapshot *
hv_app_shown(HvApp *app)
{
    HvSnapshot *shown;

    g_mutex_lock(&app->lock);
    shown = app->shown ? hv_snapshot_ref(app->shown) : NULL;
    g_mutex_unlock(&app->lock);
    return shown;
}

void
hv_app_act_options(HvApp *app, const HvOptions *options, HvActOptions *act)
{
    /* nobody's guests stop in a demo: a change is taken back by a key there, once a recipe was
     * told that they may */
    const gboolean is_demo = hv_host_is_simulated(app->host);

    *act = (HvActOptions){
        .persist = hv_options_has(options, HV_OPTION_PERSIST),
        .force = hv_options_has(options, HV_OPTION_FORCE),
        .rate_bytes_per_s = options->rate_bytes_per_s,
        .confirm_s = hv_options_has(options, HV_OPTION_CONFIRM)
                         ? (guint)(options->confirm_ns / G_GINT64_CONSTANT(1000000000))
                         : 0,
        .outage = options->outage || !is_demo ? options->outage : "",
        .who = app->who,
        .machine_id = hv_host_machine_id(app->host),
        .boot_id = hv_host_boot_id(app->host),
        .stop = shall_stop,
        .data = app,
    };
}

gboolean
hv_app_is_mono(const HvOptions *options)
{
    const char *no_color = getenv("NO_COLOR"); /* no-color.org: set and not empty */

    return g_strcmp0(options->theme, "mono") == 0 || (no_color && *no_color);
}

HvTheme *
hv_app_theme(const HvOptions *options, GError **error)
{
    return options->theme ? hv_theme_load(options->theme, error) : hv_theme_builtin();
}

int
hv_app_status_of(const GError *error)
{
    if (g_error_matches(error, HV_ERROR, HV_ERROR_MALFORMED) ||
        g_error_matches(error, HV_ERROR, HV_ERROR_ABSENT))
        return 2;
    if (g_error_matches(error, HV_ERROR, HV_ERROR_CONFLICT) ||
        g_error_matches(error, HV_ERROR, HV_ERROR_REFUSED))
        return 1;
    return 3;
}

const HvSchema **
hv_app_schemas(void)
{
    const HvSchema *const own[] = { &hv_effects_schema,   &hv_findings_schema,
                                    &hv_sources_schema,   &hv_changes_schema,
                                    &hv_contested_schema, &hv_knob_events_schema };
    g_autoptr(GArray) schemas = g_array_new(TRUE, FALSE, sizeof(HvSchema *));

    for (const HvProbe *const *probe = hv_probes; *probe; probe++) {
        for (const HvSchema *const *schema = (*probe)->schemas; *schema; schema++)
            g_array_append_vals(schemas, schema, 1);
    }
    for (const HvDerive *const *derive = hv_derives; *derive; derive++)
        g_array_append_vals(schemas, &(*derive)->schema, 1);
    g_array_append_vals(schemas, own, G_N_ELEMENTS(own));
    return (const HvSchema **)(gpointer)g_array_free(g_steal_pointer(&schemas), FALSE);
}
