/* A plan before, while and after it is applied: what, from, to, undo, room, risk, shell lines,
 * outcomes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/error.h"
#include "model/i18n.h"
#include "tui/console-private.h"

#define WIDTH 110
#define BEFORE_WIDTH 14
#define UNDO_WIDTH 7
#define OUTCOME_WIDTH 12

typedef struct {
    HvDialog dialog;
    HvPlan *plan;
    GError *refused; /* why it was not applied, or NULL */
    guint64 serial;  /* of the apply; 0: not asked for yet */
    gboolean is_ended, shows_all;
    guint offset, page;
} PlanDialog;

/* One line of the plan: a step's columns, or a text. */
typedef struct {
    const HvStep *step;
    HvRole role;
    char *text;
} PlanLine;

static const HvBinding plan_bindings[] = {
    { HV_KEY_ENTER, N_("apply"), NULL, { .verb = HV_DO_EVENT } },
    { '$', N_("all shell lines"), NULL, { .verb = HV_DO_EVENT } },
    { HV_KEY_ESCAPE, N_("cancel"), NULL, { .verb = HV_DO_EVENT } },
    { 0 },
};
static const HvBinding running_bindings[] = {
    { '$', N_("all shell lines"), NULL, { .verb = HV_DO_EVENT } },
    { HV_KEY_ESCAPE, N_("close; it goes on"), NULL, { .verb = HV_DO_EVENT } },
    { 0 },
};
static const HvBinding ended_bindings[] = {
    { HV_KEY_ENTER, N_("close"), NULL, { .verb = HV_DO_EVENT } },
    { '$', N_("all shell lines"), NULL, { .verb = HV_DO_EVENT } },
    { 0 },
};
static const HvBinding conflict_bindings[] = {
    { 'f', N_("force it all the same"), NULL, { .verb = HV_DO_EVENT } },
    { HV_KEY_ESCAPE, N_("cancel"), NULL, { .verb = HV_DO_EVENT } },
    { 0 },
};

static HvRole
role_of_outcome(HvOutcomeState state)
{
    switch (state) {
    case HV_OUTCOME_DONE:
        return HV_ROLE_GOOD;
    case HV_OUTCOME_FAILED:
    case HV_OUTCOME_UNKNOWN:
    case HV_OUTCOME_DIFFERS:
        return HV_ROLE_HOT;
    case HV_OUTCOME_TAKEN_BACK:
    case HV_OUTCOME_SKIPPED:
    case HV_OUTCOME_BEGUN:
        return HV_ROLE_WARM;
    case HV_OUTCOME_PLANNED:
    default:
        return HV_ROLE_DIALOG;
    }
}

static void
clear_line(gpointer data)
{
    g_free(((PlanLine *)data)->text);
}

static void
add_text(GArray *lines, HvRole role, char *take_text)
{
    const PlanLine line = { NULL, role, take_text };

    g_array_append_val(lines, line);
}

/* Further lines of one text stand four columns in. */
static void
add_wrapped(GArray *lines, HvRole role, const char *prefix, const char *text, int width)
{
    g_autoptr(GPtrArray) pieces = hv_dialog_wrap(text, width - 6);

    for (guint i = 0; i < pieces->len; i++)
        add_text(lines, role,
                 g_strconcat(i ? "    " : prefix, g_ptr_array_index(pieces, i), NULL));
}

static void
add_step(GArray *lines, const HvStep *step, int width)
{
    const PlanLine line = { step, HV_ROLE_DIALOG, NULL };

    g_array_append_val(lines, line);
    if (step->error)
        add_wrapped(lines, HV_ROLE_HOT, "    ", step->error, width);
    if (step->state == HV_OUTCOME_DIFFERS) {
        g_autofree char *found = hv_value_to_text(&step->found);
        g_autofree char *text = g_strdup_printf(_("the host made %s of it"), found);

        add_wrapped(lines, HV_ROLE_HOT, "    ", text, width);
    }
}

/* Equal risks and remarks of several steps are said once. */
static void
add_once(GArray *lines, GHashTable *said, const char *label, const char *text, int width)
{
    if (text && g_hash_table_add(said, g_strdup(text)))
        add_wrapped(lines, HV_ROLE_WARM, label, text, width);
}

static void
add_doubts(GArray *lines, const HvPlan *plan, int width)
{
    g_autoptr(GHashTable) said = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *risk = g_strconcat(_("Risk:"), " ", NULL);
    g_autofree char *remark = g_strconcat(_("Note:"), " ", NULL);

    for (guint i = 0; plan->notes && i < plan->notes->len; i++)
        add_wrapped(lines, HV_ROLE_DIALOG, "", g_ptr_array_index(plan->notes, i), width);
    for (guint i = 0; i < hv_plan_n_steps(plan); i++) {
        add_once(lines, said, risk, hv_plan_step(plan, i)->risk, width);
        add_once(lines, said, remark, hv_plan_step(plan, i)->remark, width);
    }
}

static void
add_shell_lines(const PlanDialog *self, GArray *lines, int width)
{
    const guint n = hv_plan_n_steps(self->plan);

    for (guint i = 0; i < n; i++) {
        const char *line = hv_plan_step(self->plan, i)->shell_line;

        if (line)
            add_wrapped(lines, HV_ROLE_DIM, "$ ", line, width);
        if (line && !self->shows_all && n > 1) {
            add_text(lines, HV_ROLE_DIM, g_strdup_printf(_("  … and %u more"), n - 1));
            return;
        }
    }
}

static void
add_end(const PlanDialog *self, GArray *lines, int width)
{
    const gboolean is_good = self->plan->state == HV_PLAN_APPLIED;

    if (self->refused)
        add_wrapped(lines, HV_ROLE_HOT, "", self->refused->message, width);
    else if (self->is_ended)
        add_wrapped(lines, is_good ? HV_ROLE_GOOD : HV_ROLE_HOT, "",
                    self->plan->summary ? self->plan->summary
                                        : hv_plan_state_name(self->plan->state),
                    width);
    else if (self->serial)
        add_text(lines, HV_ROLE_WARM, g_strdup(_("applying…")));
    else if (!hv_plan_n_steps(self->plan))
        add_text(lines, HV_ROLE_DIALOG, g_strdup(_("nothing to change: it is so already")));
}

static GArray *
make_lines(const PlanDialog *self, int width)
{
    GArray *lines = g_array_new(FALSE, TRUE, sizeof(PlanLine));

    g_array_set_clear_func(lines, clear_line);
    add_end(self, lines, width);
    for (guint i = 0; i < hv_plan_n_steps(self->plan); i++)
        add_step(lines, hv_plan_step(self->plan, i), width);
    add_text(lines, HV_ROLE_DIALOG, g_strdup(""));
    add_doubts(lines, self->plan, width);
    add_shell_lines(self, lines, width);
    return lines;
}

/* Where the columns behind the knob's begin. */
static int
knob_width(const HvFrame *frame, gboolean shows_outcome)
{
    return frame->width - 2 * (BEFORE_WIDTH + 1) -
           (shows_outcome ? OUTCOME_WIDTH : UNDO_WIDTH) - 1;
}

static void
draw_columns(const HvFrame *frame, HvCanvas *canvas, int y, HvRole role, HvRole last_role,
             const char *const *texts, gboolean shows_outcome)
{
    const int knob = knob_width(frame, shows_outcome);
    int x = frame->x;

    hv_canvas_print_in(canvas, x, y, knob, -1, role, texts[0]);
    x += knob + 1;
    hv_canvas_print_in(canvas, x, y, BEFORE_WIDTH, -1, role, texts[1]);
    x += BEFORE_WIDTH + 1;
    hv_canvas_print_in(canvas, x, y, BEFORE_WIDTH, -1, role, texts[2]);
    x += BEFORE_WIDTH + 1;
    hv_canvas_print_in(canvas, x, y, frame->x + frame->width - x, -1, last_role, texts[3]);
}

static void
draw_step(const HvFrame *frame, HvCanvas *canvas, int y, const HvStep *step,
          gboolean shows_outcome)
{
    g_autofree char *before = hv_value_to_text(&step->before);
    g_autofree char *after = hv_value_to_text(&step->after);
    const char *texts[] = { step->knob, before, after,
                            shows_outcome ? _(hv_outcome_name(step->state))
                                          : _(hv_undo_name(step->undo)) };

    draw_columns(frame, canvas, y, HV_ROLE_DIALOG,
                 shows_outcome ? role_of_outcome(step->state) : HV_ROLE_DIALOG, texts,
                 shows_outcome);
}

static gboolean
is_conflict(const PlanDialog *self)
{
    return self->refused && g_error_matches(self->refused, HV_ERROR, HV_ERROR_CONFLICT);
}

static const HvBinding *
bindings_of(const PlanDialog *self)
{
    if (is_conflict(self))
        return conflict_bindings;
    if (self->is_ended || self->refused)
        return ended_bindings;
    return self->serial ? running_bindings : plan_bindings;
}

static char *
title_of(const HvPlan *plan)
{
    GString *title = g_string_new(plan->title);

    if (plan->id)
        g_string_append_printf(title, " · %s %" G_GUINT64_FORMAT, _("plan"), plan->id);
    if (plan->persist)
        g_string_append_printf(title, " · %s", _("also in the definition"));
    if (plan->force)
        g_string_append_printf(title, " · %s", _("by force"));
    return g_string_free(title, FALSE);
}

static void
draw_lines(PlanDialog *self, HvCanvas *canvas, const HvFrame *frame, const GArray *lines)
{
    const gboolean shows_outcome = self->serial != 0;
    const guint page = (guint)MAX(frame->height - 1, 1);

    self->page = page;
    if (self->offset + page > lines->len)
        self->offset = lines->len > page ? lines->len - page : 0;
    for (guint i = 0; i < page && self->offset + i < lines->len; i++) {
        const PlanLine *line = &g_array_index(lines, PlanLine, self->offset + i);
        const int y = frame->y + 1 + (int)i;

        if (line->step)
            draw_step(frame, canvas, y, line->step, shows_outcome);
        else
            hv_canvas_print_in(canvas, frame->x, y, frame->width, -1, line->role, line->text);
    }
    if (self->offset + page < lines->len)
        hv_canvas_print(canvas, frame->x + frame->width - 1, frame->y + frame->height - 1,
                        HV_ROLE_DIM, hv_canvas_glyph(canvas, "↓", "v"));
}

static void
draw_plan(HvDialog *dialog, HvConsole *console G_GNUC_UNUSED, HvCanvas *canvas)
{
    PlanDialog *self = (PlanDialog *)dialog;
    const int width = MIN(WIDTH, canvas->columns - 2);
    g_autoptr(GArray) lines = make_lines(self, width - 4);
    g_autofree char *title = title_of(self->plan);
    const char *heads[] = { _("knob"), _("before"), _("after"),
                            self->serial ? _("outcome") : _("undo") };
    HvFrame frame;

    dialog->bindings = bindings_of(self);
    frame = hv_dialog_frame(dialog, canvas, title, width, (int)lines->len + 4);
    draw_columns(&frame, canvas, frame.y, HV_ROLE_TITLE, HV_ROLE_TITLE, heads,
                 self->serial != 0);
    draw_lines(self, canvas, &frame, lines);
}

static void
apply(PlanDialog *self, HvConsole *console)
{
    HvIntent *intent;

    if (hv_console_refuse_read_only(console))
        return;
    intent = hv_intent_new(HV_INTENT_APPLY);
    intent->plan = hv_plan_copy(self->plan);
    intent->force = self->plan->force;
    intent->persist = self->plan->persist;
    self->serial = hv_console_submit(console, intent);
    g_clear_error(&self->refused);
}

static void
press_enter(PlanDialog *self, HvConsole *console)
{
    if (self->is_ended || self->refused || !hv_plan_n_steps(self->plan))
        self->dialog.is_over = TRUE;
    else if (!self->serial)
        apply(self, console);
}

static gboolean
is_scroll_key(const PlanDialog *self, guint key)
{
    return !self->is_ended || (key >= HV_KEY_UP && key <= HV_KEY_PAGE_DOWN);
}

/* After its end any key that does nothing else closes it. */
static gboolean
plan_event(HvDialog *dialog, HvConsole *console, const HvEvent *event)
{
    PlanDialog *self = (PlanDialog *)dialog;

    if (event->kind == HV_EVENT_KEY && event->key == '$') {
        self->shows_all = !self->shows_all;
    } else if (event->kind == HV_EVENT_KEY && event->key == HV_KEY_ENTER) {
        press_enter(self, console);
    } else if (event->kind == HV_EVENT_KEY && event->key == 'f' && is_conflict(self)) {
        self->plan->force = TRUE;
        apply(self, console);
    } else if (event->kind != HV_EVENT_KEY || is_scroll_key(self, event->key)) {
        return hv_dialog_scroll(event, &self->offset, self->page);
    } else {
        dialog->is_over = TRUE;
    }
    return TRUE;
}

static gboolean
plan_answer(HvDialog *dialog, HvConsole *console G_GNUC_UNUSED, HvAnswer *answer)
{
    PlanDialog *self = (PlanDialog *)dialog;

    if (!self->serial || answer->serial != self->serial)
        return FALSE;
    if (answer->plan) {
        hv_plan_free(self->plan);
        self->plan = g_steal_pointer(&answer->plan);
    }
    if (answer->kind == HV_ANSWER_REFUSED) {
        g_clear_error(&self->refused);
        self->refused = g_steal_pointer(&answer->error);
    }
    self->is_ended = answer->kind == HV_ANSWER_OUTCOME;
    return TRUE;
}

static void
free_plan(HvDialog *dialog)
{
    PlanDialog *self = (PlanDialog *)dialog;

    hv_plan_free(self->plan);
    g_clear_error(&self->refused);
}

static const HvDialogClass plan_class = {
    .draw = draw_plan,
    .event = plan_event,
    .answer = plan_answer,
    .free = free_plan,
};

void
hv_dialog_plan(HvConsole *console, HvPlan *take_plan)
{
    PlanDialog *self = g_new0(PlanDialog, 1);

    self->dialog = (HvDialog){ .class = &plan_class, .bindings = plan_bindings };
    self->plan = take_plan;
    hv_dialog_open(console, &self->dialog);
}
