/* The session: sampler and actuator threads behind the console, or run in place by one-shot
 * commands. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/backend.h"
#include "model/derive.h"
#include "session/journal.h"

/* What session needs of the host, so that it never includes it. */
typedef struct {
    gpointer data;
    gint64 (*monotonic_ns)(gpointer data);
    gint64 (*realtime_ns)(gpointer data);
    gboolean (*wait_until)(gpointer data, gint64 monotonic_ns, int wake_fd);
} HvClock;

/* Who starts a guard: a process apart from this one that takes a plan back unless it is
 * confirmed (session/guard.h). */
typedef struct {
    gpointer data;
    /* starts one for @plan, which is journalled; it arms itself in the journal. @remark: gets a
     * line for people where something about it is doubtful (transfer full), else NULL */
    gboolean (*start)(gpointer data, const HvPlan *plan, char **remark, GError **error);
} HvGuardian;

/* What the session needs of advice, so that it never includes it: who looks at a snapshot and
 * says what is wrong. */
typedef struct {
    const HvSchema *schema; /* of the one table that it fills */
    /* the tables that its @rule-th rule reads, NULL-terminated, static; NULL behind the last */
    const char *const *(*inputs)(guint rule);
    /* its memory of former snapshots */
    gpointer (*new_state)(void);
    void (*free_state)(gpointer state);
    /* FALSE, and nothing emitted: what it said last stands */
    gboolean (*run)(gpointer state, const HvSnapshot *snapshot, HvSink *out);
} HvAdviser;

/* What the session needs of advice to say what changes did, so that it never includes it. */
typedef struct {
    const HvSchema *schema;    /* of the table "effects" */
    const char *const *inputs; /* tables that it reads, NULL-terminated, static */
    /* what it keeps of the past; @columns as in HvHistoryColumn are its own choice */
    gpointer (*new_state)(void);
    void (*free_state)(gpointer state);
    /* how long is measured before and after, in place of its own choice */
    void (*set_window)(gpointer state, gint64 window_ns);
    /* told once that @plan, which changed something, began and ended at these monotonic times;
     * borrowed */
    void (*changed)(gpointer state, const HvPlan *plan, gint64 begun_ns, gint64 ended_ns);
    /* once a sample: what is known of each change by now */
    void (*run)(gpointer state, const HvSnapshot *snapshot, HvSink *out);
    /* the lines for the journal once the answer for @plan will not change any more, or NULL;
     * (transfer full) */
    char *(*settled)(gpointer state, guint64 plan);
} HvMeter;

/* What a session is made of; everything is borrowed for its life. */
typedef struct {
    HvHost *host;
    const HvProbe *const *probes;
    const HvDerive *const *derives;
    const HvTuner *const *tuners;
    const HvAdviser *adviser;       /* NULL: none */
    const HvMeter *meter;           /* NULL: effects are not measured */
    const HvRecipe *const *recipes; /* may be NULL */
    const HvHistoryColumn *history; /* may be NULL */
    HvClock clock;
    /* CLOCK_BOOTTIME, which goes on in suspend, given clock.data; NULL: clock.monotonic_ns is
     * as good */
    gint64 (*boottime_ns)(gpointer data);
    const HvGuardian *guardian; /* NULL: this process itself is the guard of its plans */
    gint64 interval_ns;
    HvTopology *(*topology)(HvHost *host, GError **error);
    /* TRUE while a demo goes through its history at once: what a person asks for waits until it
     * is over. NULL: never */
    gboolean (*is_in_past)(HvHost *host);
    const char *machine_id, *boot_id; /* of the host; NULL: nothing of the journal is watched */
    /* samples of before, oldest first, that sparklines begin with; called on the sampler's
     * thread until it gives NULL, ahead of the first sample. NULL: there are none */
    HvSnapshot *(*past)(gpointer data);
    gpointer past_data;
    /* told of every sample, on the sampler's thread, before anybody else; must not wait. NULL:
     * nobody */
    void (*on_sample)(HvSnapshot *snapshot, gpointer data);
    gpointer on_sample_data;
    HvJournal *journal; /* the actuator's, table "changes" too; NULL: nothing can be changed */
    const char *read_only_why; /* NULL: may change */
} HvSessionParts;

/* ---- sampler ---- */

/* Runs probes and derivations; makes snapshots. Opaque. */
typedef struct HvSampler HvSampler;
/** hv_sampler_new: starts no thread; probes are started at the first tick that wants them. */
HvSampler *hv_sampler_new(const HvSessionParts *parts);
/** hv_sampler_free: stops probes. Accepts NULL. */
void hv_sampler_free(HvSampler *sampler);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvSampler, hv_sampler_free)
/** hv_sampler_want: only these tables, with what they need, are made (NULL-terminated); NULL:
 * all. */
void hv_sampler_want(HvSampler *sampler, const char *const *tables);
/** hv_sampler_set_interest: VMs that somebody looks at; NULL: all. Takes ownership. Any thread.
 */
void hv_sampler_set_interest(HvSampler *sampler, GHashTable *take_vms);
/** hv_sampler_tick: one sample, now, in the calling thread. (transfer full). Steady state
 * allocates nothing. */
HvSnapshot *hv_sampler_tick(HvSampler *sampler);
/** hv_sampler_measure: effects are measured for that long before and after, not as long as the
 * meter would by itself; before the first tick. */
void hv_sampler_measure(HvSampler *sampler, gint64 window_ns);
/** hv_sampler_changed: @plan (copied) was at work between these monotonic times; from the next
 * tick on its effect is measured. hv_sampler_take_effect: the lines of one whose answer will
 * not change any more, and its @plan; NULL: none. (transfer full). Any thread. */
void hv_sampler_changed(HvSampler *sampler, const HvPlan *plan, gint64 begun_ns,
                        gint64 ended_ns);
char *hv_sampler_take_effect(HvSampler *sampler, guint64 *plan);

/* ---- actuator: planning and applying, in the calling thread ---- */

typedef struct {
    gboolean persist, force;
    guint64 rate_bytes_per_s; /* of slow steps; 0: the tuner's own */
    guint confirm_s;          /* revert unless confirmed within; 0: it stays */
    /* of an undo: what somebody else changed since, or what has gone, is left as it is and
     * noted; slow steps are left where they are */
    gboolean leave_foreign, leave_slow;
    const char
        *outage; /* of a recipe that needs it: NULL not given, "" without a host's name */
    const char *who;
    const char *machine_id, *boot_id;
    /* told after every journalled change of a step; may be NULL */
    void (*progress)(const HvPlan *plan, gpointer data);
    /* asked before each step: TRUE ends the plan after the running step; may be NULL */
    gboolean (*stop)(gpointer data);
    gpointer data;
} HvActOptions;

/** hv_plan_make: resolves globs, reads before, parses and checks every wish; refuses all when
 * one fails. Wishes that change nothing become no steps. (transfer full) */
HvPlan *hv_plan_make(const HvSessionParts *parts, GPtrArray *wishes,
                     const HvActOptions *options, GError **error);
/** hv_plan_make_recipe: what recipe @name wishes for with @arguments, in @snapshot (with the
 * tables that it names), as a plan like any other. hv_plan_choices: the ways it has; of
 * HvRecipeChoice, (transfer full). ABSENT for a recipe that there is not. */
HvPlan *hv_plan_make_recipe(const HvSessionParts *parts, const char *name,
                            const char *const *arguments, const HvSnapshot *snapshot,
                            const HvActOptions *options, GError **error);
GPtrArray *hv_plan_choices(const HvSessionParts *parts, const char *name,
                           const char *const *arguments, const HvSnapshot *snapshot,
                           const HvActOptions *options, GError **error);
/** hv_plan_make_undo: the plan that takes back entry @id (0: newest applied one of this host
 * not undone). Refuses with CONFLICT where the value is no longer the one we left, another
 * boot, machine or guest, unless forced. hv_plan_make_redo: reverses an undo entry @id (or
 * re-applies an undone one). */
HvPlan *hv_plan_make_undo(const HvSessionParts *parts, guint64 id, const HvActOptions *options,
                          GError **error);
HvPlan *hv_plan_make_redo(const HvSessionParts *parts, guint64 id, const HvActOptions *options,
                          GError **error);
/** hv_plan_apply: journals the plan (synced), then step by step: journal, write, read back,
 * journal. On a failed step takes the earlier ones back. TRUE when all steps are DONE; FALSE
 * with @error otherwise; @plan has every outcome. */
gboolean hv_plan_apply(const HvSessionParts *parts, HvPlan *plan, const HvActOptions *options,
                       GError **error);
/** hv_plan_settle: reads the host for every step that is UNKNOWN in the journal, or that a
 * killed hvtune left BEGUN, and records what it finds. Returns: how many were settled, -1 with
 * @error. */
int hv_plan_settle(const HvSessionParts *parts, const HvActOptions *options, GError **error);

/* ---- session: both on threads, for the console ---- */

typedef struct HvSession HvSession;
/** hv_session_start: starts sampler and actuator threads. hv_session_stop: asks them to end,
 * waits for the running step at most @deadline_ms; leaves behind what hangs. Returns: whether
 * nothing hung, so that nobody uses its parts any more. UI thread. */
HvSession *hv_session_start(const HvSessionParts *parts, const HvActOptions *options);
gboolean hv_session_stop(HvSession *session, guint deadline_ms);
/** hv_session_backend: fills what the console needs; complete, command_names stay for app to
 * fill. */
void hv_session_backend(HvSession *session, HvBackend *backend);
/** hv_session_on_command: who runs COMMAND intents (on the actuator's thread): returns text
 * (owned) and status. */
void hv_session_on_command(HvSession *session,
                           char *(*run)(const char *line, int *status, gpointer data),
                           gpointer data);
/** hv_session_is_stop_wanted: somebody at the screen wants what the actuator is busy with to
 * end. Any thread. */
gboolean hv_session_is_stop_wanted(HvSession *session);
/** hv_session_busy_with: title of the plan being applied, or NULL; for the exit line. */
char *hv_session_busy_with(HvSession *session);

/* ---- the table "sources", and "changes" ---- */
extern const HvSchema hv_sources_schema;
extern const HvSchema hv_changes_schema;
extern const HvSchema hv_contested_schema;   /* session/contested.h */
extern const HvSchema hv_knob_events_schema; /* raw: what others did to our knobs */
