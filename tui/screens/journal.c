/* The Journal: every change, newest first, with its steps; undo and redo of any of them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "model/i18n.h"
#include "model/plan.h"
#include "tui/change-facts.h"
#include "tui/console.h"
#include "tui/journal-change.h"
#include "tui/list.h"
#include "tui/pick.h"

#define FOOT_ROWS 4
#define LEAST_ROWS 12 /* that a screen with a foot has */

typedef struct {
    HvList *list;
    GHashTable *unfolded; /* numbers of changes whose steps are shown */
} Journal;

/* One change: its rows in table changes, and the outcome that matters most. */
typedef struct {
    guint64 id;
    GArray *rows; /* of guint, by step */
    const char *outcome;
    HvRole role;
} Change;

/* ---- changes ---- */

static guint
gravity_of(const char *outcome)
{
    static const char *const rising[] = { "done",       "planned", "skipped",
                                          "taken-back", "differs", "begun",
                                          "failed",     "partly",  "unknown" };

    for (guint i = 0; i < G_N_ELEMENTS(rising); i++)
        if (g_strcmp0(outcome, rising[i]) == 0)
            return i;
    return 0;
}

static HvRole
role_of_outcome(const char *outcome)
{
    HvOutcomeState state;

    if (!outcome)
        return HV_ROLE_ABSENT;
    if (g_str_equal(outcome, "partly") || g_str_equal(outcome, "refused"))
        return HV_ROLE_HOT;
    if (!hv_outcome_parse(outcome, &state))
        return HV_ROLE_TEXT;
    if (state == HV_OUTCOME_DONE)
        return HV_ROLE_GOOD;
    return state == HV_OUTCOME_UNKNOWN || state == HV_OUTCOME_FAILED ||
                   state == HV_OUTCOME_DIFFERS
               ? HV_ROLE_HOT
               : HV_ROLE_WARM;
}

static void
free_change(gpointer data)
{
    Change *change = data;

    g_array_unref(change->rows);
    g_free(change);
}

static void
add_row(Change *change, const HvTable *table, guint row)
{
    const char *outcome = hv_pick_text(table, (int)row, "outcome");

    g_array_append_val(change->rows, row);
    if (!change->outcome || gravity_of(outcome) > gravity_of(change->outcome))
        change->outcome = outcome;
    change->role = role_of_outcome(change->outcome);
}

static GPtrArray *
find_changes(const HvTable *table)
{
    GPtrArray *changes = g_ptr_array_new_with_free_func(free_change);
    g_autoptr(GHashTable) by_id = g_hash_table_new(g_int64_hash, g_int64_equal);

    for (guint i = 0; table && i < hv_table_n_rows(table); i++) {
        Change *change;
        guint64 id;

        if (!hv_pick_u64(table, (int)i, "change", &id))
            continue;
        change = g_hash_table_lookup(by_id, &id);
        if (!change) {
            change = g_new0(Change, 1);
            change->id = id;
            change->rows = g_array_new(FALSE, FALSE, sizeof(guint));
            g_ptr_array_add(changes, change);
            g_hash_table_insert(by_id, &change->id, change);
        }
        add_row(change, table, i);
    }
    return changes;
}

/* ---- cells ---- */

static void
time_cell(const HvView *view G_GNUC_UNUSED, const HvListRow *row,
          const HvListColumn *column G_GNUC_UNUSED, HvListCell *cell)
{
    g_autofree char *clock = NULL;
    guint64 time_ns;

    if (row->child || !hv_pick_u64(row->table, (int)row->row, "time_ns", &time_ns))
        return;
    clock = hv_pick_clock(time_ns);
    g_strlcpy(cell->text, clock, sizeof cell->text);
    cell->has_sort = TRUE;
    cell->sort = (double)time_ns;
}

static void
number_cell(const HvView *view G_GNUC_UNUSED, const HvListRow *row,
            const HvListColumn *column G_GNUC_UNUSED, HvListCell *cell)
{
    if (row->child)
        return;
    g_snprintf(cell->text, sizeof cell->text, "%d", row->item);
    cell->right = cell->has_sort = TRUE;
    cell->sort = row->item;
}

/* "≠ " where somebody else has changed since what it left. */
static const char *
contested_mark(const HvView *view, const HvListRow *row)
{
    const Change *change = row->data;
    const char *knob = row->child ? hv_pick_text(row->table, (int)row->row, "knob") : NULL;

    if (hv_change_contested(view->now, change->id, knob) < 0)
        return "";
    return hv_view_ascii(view) ? "! " : "≠ ";
}

static void
title_cell(const HvView *view, const HvListRow *row, const HvListColumn *column G_GNUC_UNUSED,
           HvListCell *cell)
{
    const int at = (int)row->row;
    const char *mark = contested_mark(view, row);
    const char *title = hv_pick_text(row->table, at, "title");
    const char *before = hv_pick_text(row->table, at, "before");
    const char *after = hv_pick_text(row->table, at, "after");
    const char *knob = hv_pick_text(row->table, at, "knob");

    cell->role = *mark ? HV_ROLE_HOT : HV_ROLE_TEXT;
    if (!row->child && title) {
        g_snprintf(cell->text, sizeof cell->text, "%s%s", mark, title);
        return;
    }
    g_snprintf(cell->text, sizeof cell->text, "%s%s%s  %s %s %s", row->child ? "  " : "", mark,
               knob ? knob : "–", before ? before : "–", hv_view_ascii(view) ? "->" : "→",
               after ? after : "–");
}

/* A change that waits for somebody to confirm it, or was not reverted, says so. */
static void
show_confirm(const HvListRow *row, HvListCell *cell)
{
    const char *confirm = hv_pick_text(row->table, (int)row->row, "confirm");

    if (g_strcmp0(confirm, "armed") == 0 || g_strcmp0(confirm, "kept") == 0 ||
        g_strcmp0(confirm, "orphaned") == 0) {
        g_snprintf(cell->text, sizeof cell->text, "%s",
                   *confirm == 'a' ? _("reverts soon") : _("not reverted"));
        cell->role = HV_ROLE_HOT;
    } else if (g_strcmp0(confirm, "confirmed") == 0) {
        g_strlcpy(cell->text, _("confirmed"), sizeof cell->text);
    }
}

/* The main effect alone: all of them stand at the foot. */
static void
effect_cell(const HvView *view, const HvListRow *row, const HvListColumn *column G_GNUC_UNUSED,
            HvListCell *cell)
{
    const Change *change = row->data;
    g_autoptr(GPtrArray) effects = NULL;

    if (row->child)
        return;
    effects = hv_change_effects(view->now, change->id, (int)row->row);
    if (effects->len)
        g_strlcpy(cell->text, g_ptr_array_index(effects, 0), sizeof cell->text);
    else
        hv_cell_absent(cell, view);
    cell->right = FALSE;
}

static void
outcome_cell(const HvView *view, const HvListRow *row, const HvListColumn *column G_GNUC_UNUSED,
             HvListCell *cell)
{
    const Change *change = row->data;
    const char *outcome =
        row->child ? hv_pick_text(row->table, (int)row->row, "outcome") : change->outcome;
    guint64 undone_by;

    if (!outcome) {
        hv_cell_absent(cell, view);
        cell->right = FALSE;
        return;
    }
    cell->role = role_of_outcome(outcome);
    g_strlcpy(cell->text, _(outcome), sizeof cell->text);
    if (!row->child)
        show_confirm(row, cell);
    if (!row->child && hv_pick_u64(row->table, (int)row->row, "undone_by", &undone_by) &&
        undone_by) {
        g_snprintf(cell->text, sizeof cell->text, _("undone by %u"), (guint)undone_by);
        cell->role = cell->role == HV_ROLE_HOT ? HV_ROLE_HOT : HV_ROLE_DIM;
    }
}

static const HvListColumn columns[] = {
    { .name = "change", .title = N_("#"), .width = 4, .cell = number_cell },
    { .name = "time_ns", .title = N_("time"), .width = 8, .left = TRUE, .cell = time_cell },
    { .name = "title",
      .title = N_("what"),
      .width = 30,
      .left = TRUE,
      .grow = 1,
      .letter = 'N',
      .ascending = TRUE,
      .cell = title_cell },
    { .name = "outcome",
      .child = "outcome",
      .title = N_("outcome"),
      .width = 13,
      .left = TRUE,
      .letter = 'A',
      .ascending = TRUE,
      .cell = outcome_cell },
    { .name = "undo",
      .child = "undo",
      .title = N_("undo"),
      .width = 6,
      .left = TRUE,
      .min_columns = 72 },
    { .name = "effect",
      .title = N_("effect"),
      .width = 44,
      .left = TRUE,
      .min_columns = 140,
      .cell = effect_cell },
    { .name = "who",
      .title = N_("who"),
      .width = 16,
      .left = TRUE,
      .min_columns = 96,
      .ascending = TRUE },
    { 0 },
};

/* ---- rows ---- */

static void
add_steps(GArray *rows, const HvTable *table, const Change *change)
{
    for (guint i = 0; i < change->rows->len; i++) {
        const guint at = g_array_index(change->rows, guint, i);
        const HvListRow row = { .table = table,
                                .row = at,
                                .key = hv_table_row_key(table, at),
                                .child = TRUE,
                                .item = (int)change->id,
                                .data = change };

        g_array_append_val(rows, row);
    }
}

/* The key of a change is its number; that of a step is "change/step". */
static GArray *
find_rows(const Journal *self, const HvTable *table, const GPtrArray *changes,
          GStringChunk *keys)
{
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(HvListRow));

    for (guint i = 0; i < changes->len; i++) {
        const Change *change = g_ptr_array_index(changes, i);
        g_autofree char *key = g_strdup_printf("%" G_GUINT64_FORMAT, change->id);
        const HvListRow row = { .table = table,
                                .row = g_array_index(change->rows, guint, 0),
                                .key = g_string_chunk_insert(keys, key),
                                .item = (int)change->id,
                                .data = change };

        g_array_append_val(rows, row);
        if (g_hash_table_contains(self->unfolded, GINT_TO_POINTER(row.item)))
            add_steps(rows, table, change);
    }
    return rows;
}

static void
draw(gpointer state, const HvView *view, HvCanvas *canvas, int top, int bottom)
{
    Journal *self = state;
    const HvTable *table = hv_snapshot_table(view->now, "changes");
    g_autoptr(GPtrArray) changes = find_changes(table);
    g_autoptr(GStringChunk) keys = g_string_chunk_new(256);
    g_autoptr(GArray) rows = find_rows(self, table, changes, keys);
    const char *why = table ? hv_table_why(table) : NULL;
    const int end = rows->len && bottom - top > LEAST_ROWS ? bottom - FOOT_ROWS : bottom;

    if (!rows->len)
        hv_canvas_print(canvas, 1, top, why ? HV_ROLE_WARM : HV_ROLE_DIM,
                        why ? why : _("no change has been made here yet"));
    hv_list_draw(self->list, view, canvas, (const HvListRow *)(gpointer)rows->data, rows->len,
                 rows->len ? top : top + 1, end);
    if (end < bottom)
        hv_change_draw_foot(view, canvas, end, bottom, (guint64)hv_list_item(self->list));
}

/* ---- keys ---- */

static void
fold(Journal *self)
{
    const gpointer id = GINT_TO_POINTER(hv_list_item(self->list));

    if (g_hash_table_remove(self->unfolded, id)) {
        g_autofree char *key = g_strdup_printf("%d", GPOINTER_TO_INT(id));

        hv_list_set_key(self->list, key);
    } else {
        g_hash_table_add(self->unfolded, id);
    }
}

/* The step under the cursor, or all of its change that somebody else has changed since. */
static void
put_back(const Journal *self, const HvView *view)
{
    const HvTable *changes = hv_snapshot_table(view->now, "changes");
    const char *key = hv_list_key(self->list);
    const char *knob = key && strchr(key, '/')
                           ? hv_pick_text(changes, hv_pick_row(changes, key), "knob")
                           : NULL;
    GPtrArray *wishes =
        hv_change_wishes_back(view->now, (guint64)hv_list_item(self->list), knob);

    if (wishes->len) {
        hv_console_plan(view->console, wishes, FALSE);
        return;
    }
    g_ptr_array_unref(wishes);
    hv_console_say(view->console, HV_ROLE_WARM, "%s",
                   _("nobody else has changed what this change left"));
}

/* Another one than that is left to the common key: the next to revert. */
static gboolean
confirm(const HvView *view, int id)
{
    const HvTable *changes = hv_snapshot_table(view->now, "changes");
    guint64 change;

    for (int i = 0; changes && i < (int)hv_table_n_rows(changes); i++)
        if (hv_pick_u64(changes, i, "change", &change) && (int)change == id &&
            g_strcmp0(hv_pick_text(changes, i, "confirm"), "armed") == 0) {
            hv_console_confirm(view->console, change);
            return TRUE;
        }
    return FALSE;
}

static gboolean
press(Journal *self, const HvView *view, guint key)
{
    const int id = hv_list_item(self->list);

    if (id < 0)
        return FALSE;
    switch (key) {
    case HV_KEY_ENTER:
        hv_change_open(view, (guint64)id);
        return TRUE;
    case 'o':
        put_back(self, view);
        return TRUE;
    case 'K':
        return confirm(view, id);
    case HV_KEY_F5:
    case 'e':
        fold(self);
        return TRUE;
    case 'u':
        hv_console_undo(view->console, (guint64)id);
        return TRUE;
    case 'y':
    case 'r':
        hv_console_redo(view->console, (guint64)id);
        return TRUE;
    default:
        return FALSE;
    }
}

static gboolean
event(gpointer state, const HvView *view, const HvEvent *what)
{
    Journal *self = state;

    if (hv_list_event(self->list, view, what))
        return TRUE;
    if (what->kind == HV_EVENT_KEY)
        return press(self, view, what->key);
    if (what->kind == HV_EVENT_MOUSE && what->mouse == HV_MOUSE_PRESS &&
        hv_list_is_on_cursor(self->list, what->y))
        return press(self, view, HV_KEY_ENTER);
    return FALSE;
}

static gpointer
create(void)
{
    Journal *self = g_new0(Journal, 1);

    self->list = hv_list_new(columns, "change");
    self->unfolded = g_hash_table_new(NULL, NULL);
    return self;
}

static void
destroy(gpointer state)
{
    Journal *self = state;

    hv_list_free(self->list);
    g_hash_table_unref(self->unfolded);
    g_free(self);
}

static void
save(gpointer state, HvViewOut *out)
{
    const Journal *self = state;
    g_autoptr(GHashTable) numbers =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GHashTableIter iter;
    gpointer id;

    g_hash_table_iter_init(&iter, self->unfolded);
    while (g_hash_table_iter_next(&iter, &id, NULL))
        g_hash_table_add(numbers, g_strdup_printf("%d", GPOINTER_TO_INT(id)));
    hv_list_save(self->list, out);
    hv_view_put_set(out, "unfolded", numbers);
}

static void
load(gpointer state, const HvViewIn *in)
{
    Journal *self = state;
    g_autoptr(GPtrArray) numbers = hv_view_all(in, "unfolded");

    hv_list_load(self->list, in);
    g_hash_table_remove_all(self->unfolded);
    for (guint i = 0; i < numbers->len; i++) {
        gint64 id;

        if (g_ascii_string_to_signed(g_ptr_array_index(numbers, i), 10, 1, G_MAXINT, &id, NULL))
            g_hash_table_add(self->unfolded, GINT_TO_POINTER((int)id));
    }
}

static const HvBinding bindings[] = {
    { HV_KEY_ENTER,
      N_("steps"),
      N_("the change in full: steps, outcome, shell lines"),
      { .verb = HV_DO_EVENT } },
    { 'u',
      N_("undo it"),
      N_("undo the change under the cursor; shows the plan first"),
      { .verb = HV_DO_EVENT } },
    { 'y',
      N_("redo it"),
      N_("redo the change under the cursor; shows the plan first"),
      { .verb = HV_DO_EVENT } },
    { 'r', NULL, NULL, { .verb = HV_DO_EVENT } },
    { 'o',
      N_("put back"),
      N_("what we left and somebody else changed since (≠) gets our value again; shows the "
         "plan first"),
      { .verb = HV_DO_EVENT } },
    { 'K',
      NULL,
      N_("keep the change under the cursor, which would revert"),
      { .verb = HV_DO_EVENT } },
    { HV_KEY_F5, NULL, N_("unfold or fold its steps"), { .verb = HV_DO_EVENT } },
    { 'e', NULL, NULL, { .verb = HV_DO_EVENT } },
    { 0 },
};

const HvScreen hv_screen_journal = {
    .name = "journal",
    .title = N_("Journal"),
    .number = 7,
    .help = N_(
        "Every change that was made: when, what, what became of it, what it did. Undo and redo "
        "of any."),
    .bindings = bindings,
    .create = create,
    .destroy = destroy,
    .draw = draw,
    .event = event,
    .save = save,
    .load = load,
};
