/* The journal, kept at arm's length: a directory that hangs holds up a thread, not its user. */
/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Each call is made by a thread of the journal's own, on copies. While that gets on, it is
 * waited for; when it does not, it is left behind with all that it may still touch, the file
 * that it is in counts as hanging until it comes back, and the call is made again by a fresh
 * thread, which leaves that file alone. */
#include "model/error.h"
#include "model/i18n.h"
#include "session/journal-private.h"
#include "session/journal-store.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_MS 3000
#define LOOKS 8 /* at the pulse, in that time */

typedef enum {
    ASK_CHECK,
    ASK_BEGIN,
    ASK_STEP,
    ASK_END,
    ASK_MARK_UNDONE,
    ASK_READ,
    ASK_GET,
    ASK_NEWEST,
    ASK_UNSETTLED,
    ASK_ARMED,
    ASK_MARK,
    ASK_VERSION,
} Verb;

/* A call, with what it is about and what came of it. */
typedef struct {
    Verb verb;
    HvPlan *plan; /* of BEGIN, STEP, END; the answer of BEGIN and GET */
    guint64 id, by;
    guint number; /* of a step, or a limit */
    gint64 now_ns;
    char *machine_id, *boot_id;
    HvJournalMark mark;
    gboolean good;
    GPtrArray *plans;
    guint64 found;
    guint64 version;
    char *warning;
    GError *error;
} Call;

/* A thread and the store that it works on. Shared by it and the journal. */
typedef struct {
    gatomicrefcount refs;
    GMutex lock; /* of all below */
    GCond changed;
    HvJournalStore *store; /* the thread's, but for its pulse */
    HvJournalHung *hung;
    Call *call; /* NULL: none is to be made */
    gboolean done, closed, ended;
    gint lost_in; /* the file that it hung in, or -1 */
} Line;

struct HvJournal {
    char *first, *second;
    HvJournalHung *hung;
    guint patience_ms;
    Line *line;            /* NULL: none yet, or it was given up */
    HvJournalStore *store; /* in memory: no thread, nothing hangs */
    char *warning;
    guint64 version, line_version;
};

char *
hv_journal_state_dir(void)
{
    const char *systemd = g_getenv("STATE_DIRECTORY");
    const char *home = g_getenv("XDG_STATE_HOME");

    if (systemd && *systemd) /* systemd separates several by colons */
        return g_strndup(systemd, strcspn(systemd, ":"));
    if (geteuid() == 0)
        return g_strdup("/var/lib/hvtune");
    if (home && g_path_is_absolute(home))
        return g_build_filename(home, "hvtune", NULL);
    return g_build_filename(g_get_home_dir(), ".local", "state", "hvtune", NULL);
}

/* ---- calls ---- */

static void
call_free(Call *call)
{
    if (!call)
        return;
    hv_plan_free(call->plan);
    g_free(call->machine_id);
    g_free(call->boot_id);
    g_free(call->mark.effect);
    g_clear_pointer(&call->plans, g_ptr_array_unref);
    g_free(call->warning);
    g_clear_error(&call->error);
    g_free(call);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Call, call_free)

/* What it asks, without what came of it. */
static Call *
call_copy(const Call *call)
{
    Call *copy = g_new0(Call, 1);

    copy->verb = call->verb;
    copy->plan = call->plan ? hv_plan_copy(call->plan) : NULL;
    copy->id = call->id;
    copy->by = call->by;
    copy->number = call->number;
    copy->now_ns = call->now_ns;
    copy->machine_id = g_strdup(call->machine_id);
    copy->boot_id = g_strdup(call->boot_id);
    copy->mark = call->mark;
    copy->mark.effect = g_strdup(call->mark.effect);
    return copy;
}

static void
ask_store(HvJournalStore *store, Call *call)
{
    switch (call->verb) {
    case ASK_CHECK:
        call->good = hv_journal_store_check(store, &call->error);
        break;
    case ASK_BEGIN:
        call->good = hv_journal_store_begin(store, call->plan, call->now_ns, &call->error);
        break;
    case ASK_STEP:
        call->good = hv_journal_store_step(store, call->plan, call->number, &call->error);
        break;
    case ASK_END:
        call->good = hv_journal_store_end(store, call->plan, &call->error);
        break;
    case ASK_MARK_UNDONE:
        call->good = hv_journal_store_mark_undone(store, call->id, call->by, &call->error);
        break;
    case ASK_READ:
        call->plans = hv_journal_store_read(store, call->number, &call->error);
        break;
    case ASK_GET:
        call->plan = hv_journal_store_get(store, call->id, &call->error);
        break;
    case ASK_NEWEST:
        call->found = hv_journal_store_newest_applied(store, call->machine_id, call->boot_id);
        break;
    case ASK_UNSETTLED:
        call->plans = hv_journal_store_unsettled(store, &call->error);
        break;
    case ASK_ARMED:
        call->plans = hv_journal_store_armed(store, &call->error);
        break;
    case ASK_MARK:
        call->good = hv_journal_store_mark(store, &call->mark, &call->error);
        break;
    case ASK_VERSION:
        break;
    }
    call->version = hv_journal_store_version(store);
    call->warning = g_strdup(hv_journal_store_warning(store));
}

/* ---- the thread ---- */

static void
hung_unref(HvJournalHung *hung)
{
    if (g_atomic_ref_count_dec(&hung->refs))
        g_free(hung);
}

static void
line_unref(Line *line)
{
    if (!g_atomic_ref_count_dec(&line->refs))
        return;
    g_mutex_clear(&line->lock);
    g_cond_clear(&line->changed);
    hung_unref(line->hung);
    g_free(line);
}

static gpointer
run_line(gpointer data)
{
    Line *line = data;
    sigset_t terminating;

    sigemptyset(&terminating); /* they are the main thread's */
    sigaddset(&terminating, SIGINT);
    sigaddset(&terminating, SIGTERM);
    sigaddset(&terminating, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &terminating, NULL);
    g_mutex_lock(&line->lock);
    while (!line->closed) {
        Call *call = line->done ? NULL : line->call;

        if (!call) {
            g_cond_wait(&line->changed, &line->lock);
            continue;
        }
        g_mutex_unlock(&line->lock);
        ask_store(line->store, call);
        g_mutex_lock(&line->lock);
        line->done = TRUE;
        g_cond_broadcast(&line->changed);
    }
    g_mutex_unlock(&line->lock);
    call_free(line->call); /* of one that was given up; nobody else knows it any more */
    hv_journal_store_free(line->store);
    if (line->lost_in >= 0)
        g_atomic_int_set(&line->hung->files[line->lost_in], FALSE);
    g_mutex_lock(&line->lock);
    line->ended = TRUE;
    g_cond_broadcast(&line->changed);
    g_mutex_unlock(&line->lock);
    line_unref(line);
    return NULL;
}

static Line *
line_new(HvJournal *journal, GError **error)
{
    Line *line = g_new0(Line, 1);
    GThread *thread;

    g_atomic_ref_count_init(&line->refs);
    g_mutex_init(&line->lock);
    g_cond_init(&line->changed);
    g_atomic_ref_count_inc(&journal->hung->refs);
    line->hung = journal->hung;
    line->store = hv_journal_store_new(journal->first, journal->second, line->hung);
    line->lost_in = -1;
    g_atomic_ref_count_inc(&line->refs);
    thread = g_thread_try_new("journal", run_line, line, error);
    if (thread) {
        g_thread_unref(thread);
        return line;
    }
    hv_journal_store_free(line->store);
    line_unref(line);
    line_unref(line);
    return NULL;
}

/* Ends it when its call returns; waits for that at most so long. */
static void
line_close(Line *line, guint grace_ms)
{
    const gint64 until_us = g_get_monotonic_time() + (gint64)grace_ms * 1000;

    if (!line)
        return;
    g_mutex_lock(&line->lock);
    line->closed = TRUE;
    g_cond_broadcast(&line->changed);
    while (!line->ended && g_cond_wait_until(&line->changed, &line->lock, until_us))
        continue;
    g_mutex_unlock(&line->lock);
    line_unref(line);
}

/* Until the call is made (TRUE), or its thread has not moved for so long. */
static gboolean
wait_for(Line *line, guint patience_ms)
{
    HvJournalPulse *pulse = hv_journal_store_pulse(line->store);
    const gint64 look_us = (gint64)patience_ms * 1000 / LOOKS;
    gint beat = g_atomic_int_get(&pulse->beat);
    guint n_still = 0;

    while (!line->done && n_still < LOOKS) {
        const gint former = beat;

        if (g_cond_wait_until(&line->changed, &line->lock, g_get_monotonic_time() + look_us))
            continue;
        beat = g_atomic_int_get(&pulse->beat);
        n_still = beat == former ? n_still + 1 : 0;
    }
    return line->done;
}

/* NULL: its thread hangs, and the line must not be used any more. */
static Call *
line_ask(Line *line, Call *take_call, guint patience_ms)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&line->lock);

    line->call = take_call;
    line->done = FALSE;
    g_cond_broadcast(&line->changed);
    if (wait_for(line, patience_ms))
        return g_steal_pointer(&line->call);
    hv_journal_store_give_up(line->store);
    line->lost_in = g_atomic_int_get(&hv_journal_store_pulse(line->store)->at);
    return NULL;
}

/* ---- asking ---- */

static void
note_answer(HvJournal *journal, const Call *call)
{
    if (call->version != journal->line_version)
        journal->version++;
    journal->line_version = call->version;
    g_free(journal->warning);
    journal->warning = g_strdup(call->warning);
}

/* What came of @call; its error is set where no directory is left that answers. (transfer full)
 */
static Call *
ask(HvJournal *journal, const Call *call)
{
    Call *made = call_copy(call);

    if (journal->store) {
        ask_store(journal->store, made);
        note_answer(journal, made);
        return made;
    }
    for (guint attempt = 0; attempt <= HV_JOURNAL_MAX_FILES; attempt++) {
        if (!journal->line)
            journal->line = line_new(journal, &made->error);
        if (!journal->line)
            return made;
        made = line_ask(journal->line, made, journal->patience_ms);
        if (made) {
            note_answer(journal, made);
            return made;
        }
        line_close(g_steal_pointer(&journal->line), 0);
        journal->version++;
        journal->line_version = 0;
        made = call_copy(call);
    }
    g_set_error(&made->error, HV_ERROR, HV_ERROR_FAILED, _("%s: does not answer"),
                journal->first);
    return made;
}

/* A fallback of another user, as root's for everybody else, is none. */
static gboolean
is_usable(const char *fallback_dir)
{
    const char *systemd = g_getenv("STATE_DIRECTORY");
    g_autoptr(GError) error = NULL;

    if (!fallback_dir || (systemd && *systemd))
        return FALSE;
    hv_journal_directory_is_safe(fallback_dir, &error);
    return !g_error_matches(error, HV_ERROR, HV_ERROR_REFUSED);
}

static HvJournal *
new_journal(guint patience_ms)
{
    HvJournal *journal = g_new0(HvJournal, 1);

    journal->hung = g_new0(HvJournalHung, 1);
    g_atomic_ref_count_init(&journal->hung->refs);
    journal->patience_ms = patience_ms;
    return journal;
}

HvJournal *
hv_journal_open_patient(const char *state_dir, const char *fallback_dir, guint patience_ms,
                        GError **error)
{
    g_autoptr(HvJournal) journal = new_journal(patience_ms);
    const Call check = { .verb = ASK_CHECK };
    g_autoptr(Call) checked = NULL;

    journal->first = state_dir ? g_strdup(state_dir) : hv_journal_state_dir();
    journal->second = is_usable(fallback_dir) ? g_strdup(fallback_dir) : NULL;
    checked = ask(journal, &check);
    if (checked->good)
        return g_steal_pointer(&journal);
    g_propagate_error(error, g_steal_pointer(&checked->error));
    return NULL;
}

HvJournal *
hv_journal_open(const char *state_dir, const char *fallback_dir, GError **error)
{
    return hv_journal_open_patient(state_dir, fallback_dir, PATIENCE_MS, error);
}

HvJournal *
hv_journal_new_memory(void)
{
    HvJournal *journal = new_journal(PATIENCE_MS);

    journal->store = hv_journal_store_new(NULL, NULL, journal->hung);
    return journal;
}

void
hv_journal_free(HvJournal *journal)
{
    if (!journal)
        return;
    line_close(journal->line, journal->patience_ms);
    hv_journal_store_free(journal->store);
    hung_unref(journal->hung);
    g_free(journal->first);
    g_free(journal->second);
    g_free(journal->warning);
    g_free(journal);
}

const char *
hv_journal_warning(HvJournal *journal)
{
    return journal->warning;
}

guint64
hv_journal_version(HvJournal *journal)
{
    const Call call = { .verb = ASK_VERSION };
    g_autoptr(Call) made G_GNUC_UNUSED = ask(journal, &call);

    return journal->version;
}

static gboolean
outcome(Call *made, GError **error)
{
    if (made->good)
        return TRUE;
    if (made->error)
        g_propagate_error(error, g_steal_pointer(&made->error));
    return FALSE;
}

gboolean
hv_journal_begin(HvJournal *journal, HvPlan *plan, gint64 now_ns, GError **error)
{
    const Call call = { .verb = ASK_BEGIN, .plan = plan, .now_ns = now_ns };
    g_autoptr(Call) made = ask(journal, &call);

    plan->time_ns = now_ns;
    plan->id = made->good ? made->plan->id : 0;
    return outcome(made, error);
}

static HvPlan *
unconst(const HvPlan *plan)
{
    return (HvPlan *)(gsize)plan; /* a call that asks is only copied */
}

gboolean
hv_journal_step(HvJournal *journal, const HvPlan *plan, guint index, GError **error)
{
    const Call call = { .verb = ASK_STEP, .plan = unconst(plan), .number = index };
    g_autoptr(Call) made = ask(journal, &call);

    return outcome(made, error);
}

gboolean
hv_journal_end(HvJournal *journal, const HvPlan *plan, GError **error)
{
    const Call call = { .verb = ASK_END, .plan = unconst(plan) };
    g_autoptr(Call) made = ask(journal, &call);

    return outcome(made, error);
}

gboolean
hv_journal_mark_undone(HvJournal *journal, guint64 id, guint64 by, GError **error)
{
    const Call call = { .verb = ASK_MARK_UNDONE, .id = id, .by = by };
    g_autoptr(Call) made = ask(journal, &call);

    return outcome(made, error);
}

static GPtrArray *
plans_of(Call *made, GError **error)
{
    if (made->error)
        g_propagate_error(error, g_steal_pointer(&made->error));
    return g_steal_pointer(&made->plans);
}

GPtrArray *
hv_journal_read(HvJournal *journal, guint limit, GError **error)
{
    const Call call = { .verb = ASK_READ, .number = limit };
    g_autoptr(Call) made = ask(journal, &call);

    return plans_of(made, error);
}

GPtrArray *
hv_journal_unsettled(HvJournal *journal, GError **error)
{
    const Call call = { .verb = ASK_UNSETTLED };
    g_autoptr(Call) made = ask(journal, &call);

    return plans_of(made, error);
}

static gboolean
is_of(const HvPlan *plan, const char *machine_id, const char *boot_id)
{
    return (!machine_id || g_strcmp0(plan->machine_id, machine_id) == 0) &&
           (!boot_id || g_strcmp0(plan->boot_id, boot_id) == 0);
}

GPtrArray *
hv_journal_armed(HvJournal *journal, const char *machine_id, const char *boot_id,
                 GError **error)
{
    const Call call = { .verb = ASK_ARMED };
    g_autoptr(Call) made = ask(journal, &call);

    for (guint i = made->plans ? made->plans->len : 0; i > 0; i--) {
        if (!is_of(made->plans->pdata[i - 1], machine_id, boot_id))
            g_ptr_array_remove_index(made->plans, i - 1);
    }
    return plans_of(made, error);
}

gboolean
hv_journal_ask_mark(HvJournal *journal, const HvJournalMark *mark, GError **error)
{
    const Call call = { .verb = ASK_MARK, .mark = *mark };
    g_autoptr(Call) made = ask(journal, &call);

    return outcome(made, error);
}

HvPlan *
hv_journal_get(HvJournal *journal, guint64 id, GError **error)
{
    const Call call = { .verb = ASK_GET, .id = id };
    g_autoptr(Call) made = ask(journal, &call);

    if (made->error)
        g_propagate_error(error, g_steal_pointer(&made->error));
    return g_steal_pointer(&made->plan);
}

guint64
hv_journal_newest_applied(HvJournal *journal, const char *machine_id, const char *boot_id)
{
    g_autofree char *machine = g_strdup(machine_id);
    g_autofree char *boot = g_strdup(boot_id);
    const Call call = { .verb = ASK_NEWEST, .machine_id = machine, .boot_id = boot };
    g_autoptr(Call) made = ask(journal, &call);

    return made->found;
}
