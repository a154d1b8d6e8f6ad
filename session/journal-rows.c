/* Plans and steps to and from the rows of one file of the journal. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/journal-rows.h"

#include "model/error.h"
#include "model/i18n.h"

#include <string.h>

static const char *const type_words[] = {
    [HV_TYPE_CPUS] = "cpus",     [HV_TYPE_NODES] = "nodes",     [HV_TYPE_U64] = "number",
    [HV_TYPE_SIZE] = "size",     [HV_TYPE_PERCENT] = "percent", [HV_TYPE_LIMIT] = "limit",
    [HV_TYPE_SWITCH] = "switch", [HV_TYPE_WORD] = "word",       [HV_TYPE_MASK] = "mask",
};
static const char mixed_word[] = "mixed-";
static const char *const undo_words[] = {
    [HV_UNDO_EXACT] = "exact",
    [HV_UNDO_NEAR] = "near",
    [HV_UNDO_NONE] = "none",
};
static const char *const class_words[] = {
    [HV_STEP_INSTANT] = "instant",
    [HV_STEP_SLOW] = "slow",
    [HV_STEP_ONE_WAY] = "one-way",
};

#define PLAN_COLUMNS                                                                           \
    "id, revision, kind, of, title, persist, force, state, time_ns, undone_by, machine_id, "   \
    "boot_id,"                                                                                 \
    " who, summary, notes, writer_pid, writer_start_ticks, writer_boot_id"
#define LATER_PLAN_COLUMNS ", recipe, vm, confirm, confirm_s, deadline_ns, effect"
#define NO_LATER_PLAN_COLUMNS ", NULL, NULL, 'none', 0, 0, NULL" /* of version 1 */
enum {
    P_ID,
    P_REVISION,
    P_KIND,
    P_OF,
    P_TITLE,
    P_PERSIST,
    P_FORCE,
    P_STATE,
    P_TIME_NS,
    P_UNDONE_BY,
    P_MACHINE_ID,
    P_BOOT_ID,
    P_WHO,
    P_SUMMARY,
    P_NOTES,
    P_WRITER_PID,
    P_WRITER_START_TICKS,
    P_WRITER_BOOT_ID,
    P_RECIPE,
    P_VM,
    P_CONFIRM,
    P_CONFIRM_S,
    P_DEADLINE_NS,
    P_EFFECT,
};
#define STEP_COLUMNS                                                                           \
    "plan, step, knob, before, after, found, undo, class, shell_line, risk, remark, "          \
    "guest_name,"                                                                              \
    " guest_uuid, guest_pid, guest_start_ticks, persist, state, error"
#define LATER_STEP_COLUMNS ", is_expected"
#define NO_LATER_STEP_COLUMNS ", 0"
#define SECRET_STEP_COLUMNS ", persist_before, persist_after"
enum {
    S_PLAN,
    S_STEP,
    S_KNOB,
    S_BEFORE,
    S_AFTER,
    S_FOUND,
    S_UNDO,
    S_CLASS,
    S_SHELL_LINE,
    S_RISK,
    S_REMARK,
    S_GUEST_NAME,
    S_GUEST_UUID,
    S_GUEST_PID,
    S_GUEST_START_TICKS,
    S_PERSIST,
    S_STATE,
    S_ERROR,
    S_IS_EXPECTED,
    S_PERSIST_BEFORE,
    S_PERSIST_AFTER,
};

void
hv_journal_row_free(gpointer row)
{
    HvJournalRow *freed = row;

    if (!freed)
        return;
    hv_plan_free(freed->plan);
    g_free(freed->writer.boot_id);
    g_free(freed);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvJournalRow, hv_journal_row_free)

/* ---- values ---- */

/* "cpus 0-3", "mixed-cpus 0-3", "limit none"; NULL for NOTHING. */
static char *
value_to_cell(const HvValue *value)
{
    HvValue plain = *value; /* borrows: never cleared */
    g_autofree char *text = NULL;

    if (value->type == HV_TYPE_NOTHING)
        return NULL;
    plain.mixed = FALSE;
    text = hv_value_to_text(&plain);
    return g_strdup_printf("%s%s %s", value->mixed ? mixed_word : "", type_words[value->type],
                           text);
}

static gboolean
bad_cell(const char *cell, GError **error)
{
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("the journal holds \"%.40s\""),
                cell ? cell : "-");
    return FALSE;
}

static gboolean
value_from_cell(HvValue *value, const char *cell, GError **error)
{
    const gboolean mixed = cell && g_str_has_prefix(cell, mixed_word);
    const char *word = mixed ? cell + strlen(mixed_word) : cell;
    const char *text = word ? strchr(word, ' ') : NULL;

    if (!cell)
        return TRUE;
    for (HvType type = HV_TYPE_CPUS; text && type <= HV_TYPE_MASK; type++) {
        const char *const words[] = { text + 1, NULL };

        if (strlen(type_words[type]) != (gsize)(text - word) ||
            strncmp(type_words[type], word, (gsize)(text - word)) != 0)
            continue;
        if (!text[1] &&
            (type == HV_TYPE_CPUS || type == HV_TYPE_NODES)) /* read so from the host */
            hv_value_take_set(value, type, hv_set_new());
        else if (!hv_value_parse(value, type, words, text + 1, error))
            return FALSE;
        value->mixed = mixed;
        return TRUE;
    }
    return bad_cell(cell, error);
}

/* ---- reading ---- */

static const char *
cell_text(sqlite3_stmt *statement, int column)
{
    return (const char *)sqlite3_column_text(statement, column);
}

static char *
cell_copy(sqlite3_stmt *statement, int column)
{
    return g_strdup(cell_text(statement, column));
}

static guint64
cell_u64(sqlite3_stmt *statement, int column)
{
    return (guint64)sqlite3_column_int64(statement, column);
}

/* The place of @word in @words, or -1. */
static int
word_index(const char *const *words, guint n_words, const char *word)
{
    for (guint i = 0; i < n_words; i++) {
        if (g_strcmp0(words[i], word) == 0)
            return (int)i;
    }
    return -1;
}

static HvStep *
read_step(sqlite3_stmt *statement, gboolean with_texts, GError **error)
{
    const char *knob = cell_text(statement, S_KNOB);
    const int undo =
        word_index(undo_words, G_N_ELEMENTS(undo_words), cell_text(statement, S_UNDO));
    const int class =
        word_index(class_words, G_N_ELEMENTS(class_words), cell_text(statement, S_CLASS));
    g_autoptr(HvStep) step = hv_step_new(knob ? knob : "");

    if (!hv_outcome_parse(cell_text(statement, S_STATE), &step->state) || undo < 0 ||
        class < 0) {
        bad_cell(cell_text(statement, S_STATE), error);
        return NULL;
    }
    if (!value_from_cell(&step->before, cell_text(statement, S_BEFORE), error) ||
        !value_from_cell(&step->after, cell_text(statement, S_AFTER), error) ||
        !value_from_cell(&step->found, cell_text(statement, S_FOUND), error))
        return NULL;
    step->undo = (HvUndo)undo;
    step->step_class = (HvStepClass) class;
    step->shell_line = cell_copy(statement, S_SHELL_LINE);
    step->risk = cell_copy(statement, S_RISK);
    step->remark = cell_copy(statement, S_REMARK);
    step->subject.guest_name = cell_copy(statement, S_GUEST_NAME);
    step->subject.guest_uuid = cell_copy(statement, S_GUEST_UUID);
    step->subject.pid = sqlite3_column_int(statement, S_GUEST_PID);
    step->subject.start_ticks = cell_u64(statement, S_GUEST_START_TICKS);
    step->persist = sqlite3_column_int(statement, S_PERSIST) != 0;
    step->error = cell_copy(statement, S_ERROR);
    step->is_expected = sqlite3_column_int(statement, S_IS_EXPECTED) != 0;
    if (with_texts) {
        step->persist_before = cell_copy(statement, S_PERSIST_BEFORE);
        step->persist_after = cell_copy(statement, S_PERSIST_AFTER);
    }
    return g_steal_pointer(&step);
}

static gboolean
read_steps(const HvJournalFile *file, sqlite3_stmt *statement, gboolean with_texts,
           HvPlan *plan, GError **error)
{
    int result;

    sqlite3_reset(statement);
    sqlite3_bind_int64(statement, 1, (gint64)plan->id);
    while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
        HvStep *step = read_step(statement, with_texts, error);

        if (!step)
            return FALSE;
        g_ptr_array_add(plan->steps, step);
    }
    return result == SQLITE_DONE || hv_journal_file_fail(file, error);
}

static void
read_notes(HvPlan *plan, const char *notes)
{
    g_auto(GStrv) lines = notes ? g_strsplit(notes, "\n", -1) : NULL;

    for (guint i = 0; lines && lines[i]; i++)
        g_ptr_array_add(plan->notes, g_strdup(lines[i]));
}

static HvJournalRow *
read_plan(sqlite3_stmt *statement, GError **error)
{
    g_autoptr(HvJournalRow) row = g_new0(HvJournalRow, 1);
    HvPlan *plan = row->plan = hv_plan_new(HV_PLAN_SET, cell_text(statement, P_TITLE));

    if (!hv_plan_kind_parse(cell_text(statement, P_KIND), &plan->kind) ||
        !hv_plan_state_parse(cell_text(statement, P_STATE), &plan->state) ||
        !hv_confirm_parse(cell_text(statement, P_CONFIRM), &plan->confirm)) {
        bad_cell(cell_text(statement, P_STATE), error);
        return NULL;
    }
    plan->id = cell_u64(statement, P_ID);
    plan->of = cell_u64(statement, P_OF);
    plan->persist = sqlite3_column_int(statement, P_PERSIST) != 0;
    plan->force = sqlite3_column_int(statement, P_FORCE) != 0;
    plan->time_ns = sqlite3_column_int64(statement, P_TIME_NS);
    plan->undone_by = cell_u64(statement, P_UNDONE_BY);
    plan->machine_id = cell_copy(statement, P_MACHINE_ID);
    plan->boot_id = cell_copy(statement, P_BOOT_ID);
    plan->who = cell_copy(statement, P_WHO);
    plan->summary = cell_copy(statement, P_SUMMARY);
    plan->recipe = cell_copy(statement, P_RECIPE);
    plan->vm = cell_copy(statement, P_VM);
    plan->confirm_s = (guint)sqlite3_column_int64(statement, P_CONFIRM_S);
    plan->deadline_ns = sqlite3_column_int64(statement, P_DEADLINE_NS);
    plan->effect = cell_copy(statement, P_EFFECT);
    read_notes(plan, cell_text(statement, P_NOTES));
    row->revision = cell_u64(statement, P_REVISION);
    row->writer.pid = sqlite3_column_int(statement, P_WRITER_PID);
    row->writer.start_ticks = cell_u64(statement, P_WRITER_START_TICKS);
    row->writer.boot_id = cell_copy(statement, P_WRITER_BOOT_ID);
    return g_steal_pointer(&row);
}

static gboolean
is_older(const HvJournalFile *file)
{
    return file->version_found < HV_JOURNAL_VERSION;
}

static sqlite3_stmt *
prepare_steps(const HvJournalFile *file, gboolean with_texts, GError **error)
{
    g_autofree char *sql =
        g_strdup_printf("SELECT " STEP_COLUMNS "%s%s FROM steps WHERE plan = ?1 ORDER BY step",
                        is_older(file) ? NO_LATER_STEP_COLUMNS : LATER_STEP_COLUMNS,
                        with_texts ? SECRET_STEP_COLUMNS : "");

    return hv_journal_file_prepare(file, sql, error);
}

static sqlite3_stmt *
prepare_selection(const HvJournalFile *file, HvJournalRows which, guint64 number,
                  GError **error)
{
    static const char *const conditions[] = {
        [HV_JOURNAL_ROWS_ALL] = "ORDER BY id DESC LIMIT ?1",
        [HV_JOURNAL_ROWS_ID] = "WHERE id = ?1",
        [HV_JOURNAL_ROWS_OPEN] = "WHERE state IN ('applying', 'unknown') ORDER BY id DESC",
        [HV_JOURNAL_ROWS_ARMED] = "WHERE confirm = 'armed' ORDER BY id DESC",
    };
    g_autofree char *sql = g_strdup_printf(
        "SELECT " PLAN_COLUMNS "%s FROM plans %s",
        is_older(file) ? NO_LATER_PLAN_COLUMNS : LATER_PLAN_COLUMNS, conditions[which]);
    sqlite3_stmt *statement = hv_journal_file_prepare(file, sql, error);

    if (statement && which == HV_JOURNAL_ROWS_ALL)
        sqlite3_bind_int64(statement, 1, number ? (gint64)number : -1);
    else if (statement && which == HV_JOURNAL_ROWS_ID)
        sqlite3_bind_int64(statement, 1, (gint64)number);
    return statement;
}

gboolean
hv_journal_rows_read(const HvJournalFile *file, HvJournalRows which, guint64 number,
                     GPtrArray *rows, GError **error)
{
    const gboolean with_texts = which != HV_JOURNAL_ROWS_ALL;
    g_autoptr(HvStatement) plans = NULL;
    g_autoptr(HvStatement) steps = NULL;
    int result;

    if (which == HV_JOURNAL_ROWS_ARMED && is_older(file))
        return TRUE;
    plans = prepare_selection(file, which, number, error);
    steps = plans ? prepare_steps(file, with_texts, error) : NULL;
    if (!plans || !steps)
        return FALSE;
    /* The open statement on plans holds one read transaction over both tables. */
    while ((result = sqlite3_step(plans)) == SQLITE_ROW) {
        HvJournalRow *row = read_plan(plans, error);

        if (!row)
            return FALSE;
        g_ptr_array_add(rows, row);
        if (!read_steps(file, steps, with_texts, row->plan, error))
            return FALSE;
    }
    return result == SQLITE_DONE || hv_journal_file_fail(file, error);
}

/* ---- writing ---- */

static void
bind_text(sqlite3_stmt *statement, const char *name, const char *text)
{
    sqlite3_bind_text(statement, sqlite3_bind_parameter_index(statement, name), text, -1,
                      SQLITE_TRANSIENT);
}

static void
bind_u64(sqlite3_stmt *statement, const char *name, guint64 number)
{
    sqlite3_bind_int64(statement, sqlite3_bind_parameter_index(statement, name),
                       (gint64)number);
}

static void
bind_value(sqlite3_stmt *statement, const char *name, const HvValue *value)
{
    g_autofree char *cell = value_to_cell(value);

    bind_text(statement, name, cell);
}

static gboolean
run(const HvJournalFile *file, sqlite3_stmt *statement, GError **error)
{
    const int result = sqlite3_step(statement);

    return result == SQLITE_DONE || hv_journal_file_fail(file, error);
}

/* What changes while a step is made: its outcome, and with --force what was there before. */
static void
bind_outcome(sqlite3_stmt *statement, const HvPlan *plan, guint index)
{
    const HvStep *step = hv_plan_step(plan, index);

    bind_u64(statement, ":plan", plan->id);
    bind_u64(statement, ":step", index);
    bind_value(statement, ":before", &step->before);
    bind_value(statement, ":found", &step->found);
    bind_text(statement, ":guest_uuid", step->subject.guest_uuid);
    bind_u64(statement, ":guest_pid", (guint64)step->subject.pid);
    bind_u64(statement, ":guest_start_ticks", step->subject.start_ticks);
    bind_u64(statement, ":persist", step->persist ? 1 : 0);
    bind_text(statement, ":persist_before", step->persist_before);
    bind_text(statement, ":persist_after", step->persist_after);
    bind_text(statement, ":state", hv_outcome_name(step->state));
    bind_text(statement, ":error", step->error);
    bind_u64(statement, ":is_expected", step->is_expected ? 1 : 0);
}

gboolean
hv_journal_rows_update_step(const HvJournalFile *file, const HvPlan *plan, guint index,
                            GError **error)
{
    g_autoptr(HvStatement) statement = hv_journal_file_prepare(
        file,
        "UPDATE steps SET before = :before, found = :found, guest_uuid = :guest_uuid,"
        " guest_pid = :guest_pid, guest_start_ticks = :guest_start_ticks, persist = :persist,"
        " persist_before = :persist_before, persist_after = :persist_after, state = :state,"
        " is_expected = :is_expected,"
        " error = :error WHERE plan = :plan AND step = :step",
        error);

    if (!statement)
        return FALSE;
    bind_outcome(statement, plan, index);
    return run(file, statement, error);
}

static void
bind_confirm(sqlite3_stmt *statement, const HvPlan *plan)
{
    bind_text(statement, ":confirm", hv_confirm_name(plan->confirm));
    bind_u64(statement, ":deadline_ns", (guint64)plan->deadline_ns);
}

static void
bind_plan_outcome(sqlite3_stmt *statement, const HvPlan *plan)
{
    bind_u64(statement, ":id", plan->id);
    bind_text(statement, ":state", hv_plan_state_name(plan->state));
    bind_u64(statement, ":undone_by", plan->undone_by);
    bind_text(statement, ":summary", plan->summary);
    bind_confirm(statement, plan);
}

/* Where somebody has confirmed it meanwhile, undone it or begun its deadline, that stays. */
gboolean
hv_journal_rows_update_plan(const HvJournalFile *file, const HvPlan *plan, GError **error)
{
    g_autoptr(HvStatement) statement = hv_journal_file_prepare(
        file,
        "UPDATE plans SET state = :state, summary = :summary,"
        " deadline_ns = CASE WHEN confirm = 'armed' AND (:deadline_ns <> 0 OR"
        " :confirm <> 'armed') THEN :deadline_ns ELSE deadline_ns END,"
        " confirm = CASE WHEN confirm = 'armed' THEN :confirm ELSE confirm END"
        " WHERE id = :id",
        error);

    if (!statement)
        return FALSE;
    bind_plan_outcome(statement, plan);
    return run(file, statement, error);
}

gboolean
hv_journal_rows_mark_undone(const HvJournalFile *file, guint64 id, guint64 by, GError **error)
{
    g_autoptr(HvStatement) statement = hv_journal_file_prepare(
        file,
        "UPDATE plans SET undone_by = :by, confirm = CASE WHEN confirm = 'armed' AND :by <> 0"
        " THEN 'reverted' ELSE confirm END WHERE id = :id",
        error);

    if (!statement)
        return FALSE;
    bind_u64(statement, ":id", id);
    bind_u64(statement, ":by", by);
    return run(file, statement, error);
}

static gboolean
put_plan(const HvJournalFile *file, const HvPlan *plan, guint64 revision,
         const HvJournalWriter *writer, GError **error)
{
    g_autoptr(GString) notes = g_string_new(NULL);
    g_autoptr(HvStatement) statement =
        hv_journal_file_prepare(file,
                                "INSERT OR REPLACE INTO plans (" PLAN_COLUMNS LATER_PLAN_COLUMNS
                                ") VALUES (:id, :revision, :kind, :of, :title,"
                                " :persist, :force, :state, :time_ns, :undone_by, :machine_id, "
                                ":boot_id, :who, :summary,"
                                " :notes, :writer_pid, :writer_start_ticks, :writer_boot_id,"
                                " :recipe, :vm, :confirm, :confirm_s, :deadline_ns, :effect)",
                                error);

    if (!statement)
        return FALSE;
    for (guint i = 0; i < plan->notes->len; i++)
        g_string_append_printf(notes, "%s%s", i ? "\n" : "",
                               (const char *)plan->notes->pdata[i]);
    bind_plan_outcome(statement, plan);
    bind_u64(statement, ":revision", revision);
    bind_text(statement, ":kind", hv_plan_kind_name(plan->kind));
    bind_u64(statement, ":of", plan->of);
    bind_text(statement, ":title", plan->title ? plan->title : "");
    bind_u64(statement, ":persist", plan->persist ? 1 : 0);
    bind_u64(statement, ":force", plan->force ? 1 : 0);
    bind_u64(statement, ":time_ns", (guint64)plan->time_ns);
    bind_text(statement, ":machine_id", plan->machine_id);
    bind_text(statement, ":boot_id", plan->boot_id);
    bind_text(statement, ":who", plan->who);
    bind_text(statement, ":notes", notes->len ? notes->str : NULL);
    bind_u64(statement, ":writer_pid", (guint64)writer->pid);
    bind_u64(statement, ":writer_start_ticks", writer->start_ticks);
    bind_text(statement, ":writer_boot_id", writer->boot_id);
    bind_text(statement, ":recipe", plan->recipe);
    bind_text(statement, ":vm", plan->vm);
    bind_u64(statement, ":confirm_s", plan->confirm_s);
    bind_text(statement, ":effect", plan->effect);
    return run(file, statement, error);
}

static gboolean
put_step(const HvJournalFile *file, sqlite3_stmt *statement, const HvPlan *plan, guint index,
         GError **error)
{
    const HvStep *step = hv_plan_step(plan, index);

    sqlite3_reset(statement);
    bind_outcome(statement, plan, index);
    bind_text(statement, ":knob", step->knob);
    bind_value(statement, ":after", &step->after);
    bind_text(statement, ":undo", undo_words[step->undo]);
    bind_text(statement, ":class", class_words[step->step_class]);
    bind_text(statement, ":shell_line", step->shell_line);
    bind_text(statement, ":risk", step->risk);
    bind_text(statement, ":remark", step->remark);
    bind_text(statement, ":guest_name", step->subject.guest_name);
    return run(file, statement, error);
}

static gboolean
delete_steps(const HvJournalFile *file, guint64 plan, GError **error)
{
    g_autoptr(HvStatement) statement =
        hv_journal_file_prepare(file, "DELETE FROM steps WHERE plan = :plan", error);

    if (!statement)
        return FALSE;
    bind_u64(statement, ":plan", plan);
    return run(file, statement, error);
}

gboolean
hv_journal_rows_put(const HvJournalFile *file, const HvPlan *plan, guint64 revision,
                    const HvJournalWriter *writer, GError **error)
{
    g_autoptr(HvStatement) statement = NULL;

    if (!delete_steps(file, plan->id, error) || !put_plan(file, plan, revision, writer, error))
        return FALSE;
    statement = hv_journal_file_prepare(
        file,
        "INSERT INTO steps (" STEP_COLUMNS LATER_STEP_COLUMNS SECRET_STEP_COLUMNS
        ") VALUES (:plan, :step, :knob,"
        " :before, :after, :found, :undo, :class, :shell_line, :risk, :remark, :guest_name,"
        " :guest_uuid, :guest_pid, :guest_start_ticks, :persist, :state, :error, "
        ":is_expected, :persist_before,"
        " :persist_after)",
        error);
    for (guint i = 0; statement && i < hv_plan_n_steps(plan); i++) {
        if (!put_step(file, statement, plan, i, error))
            return FALSE;
    }
    return statement != NULL;
}
