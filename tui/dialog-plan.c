/* A plan before, while and after it is applied: what, from, to, undo, room, risk, shell lines,
 * outcomes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/dialog-plan.h"
#include "model/error.h"
#include "model/i18n.h"
#include "tui/console-private.h"
#include "tui/plan-columns.h"

#define WIDTH 118
#define CONFIRM_S 30
#define LEAST_STEPS 3

static const HvBinding plan_bindings[] = {
    { HV_KEY_ENTER, N_("apply"), NULL, { .verb = HV_DO_EVENT } },
    { '!', N_("apply, revert in 30 s unless confirmed"), NULL, { .verb = HV_DO_EVENT } },
    { 'T', N_("trial"), NULL, { .verb = HV_DO_EVENT } },
    { 'w', N_("write to a file"), NULL, { .verb = HV_DO_EVENT } },
    { '$', N_("all shell lines"), NULL, { .verb = HV_DO_EVENT } },
    { HV_KEY_ESCAPE, N_("cancel"), NULL, { .verb = HV_DO_EVENT } },
    { 0 },
};
static const HvBinding nothing_bindings[] = {
    { HV_KEY_ENTER, N_("close"), NULL, { .verb = HV_DO_EVENT } },
    { 0 },
};
static const HvBinding gone_bindings[] = {
    /* an undo: its entry counts as undone then */
    { HV_KEY_ENTER, N_("note it in the journal"), NULL, { .verb = HV_DO_EVENT } },
    { 0 },
};
static const HvBinding running_bindings[] = {
    { HV_KEY_ESCAPE, N_("stop it"), NULL, { .verb = HV_DO_EVENT } },
    { 'q', N_("close; it goes on"), NULL, { .verb = HV_DO_EVENT } },
    { '$', N_("all shell lines"), NULL, { .verb = HV_DO_EVENT } },
    { 0 },
};
static const HvBinding stopping_bindings[] = {
    { HV_KEY_ESCAPE, N_("close"), NULL, { .verb = HV_DO_EVENT } },
    { '$', N_("all shell lines"), NULL, { .verb = HV_DO_EVENT } },
    { 0 },
};
static const HvBinding ended_bindings[] = {
    { HV_KEY_ENTER, N_("close"), NULL, { .verb = HV_DO_EVENT } },
    { '$', N_("all shell lines"), NULL, { .verb = HV_DO_EVENT } },
    { 'w', N_("write to a file"), NULL, { .verb = HV_DO_EVENT } },
    { 0 },
};
static const HvBinding armed_bindings[] = {
    { 'K', N_("keep it"), NULL, { .verb = HV_DO_EVENT } },
    { HV_KEY_ENTER, N_("close; it reverts in time"), NULL, { .verb = HV_DO_EVENT } },
    { '$', N_("all shell lines"), NULL, { .verb = HV_DO_EVENT } },
    { 0 },
};
static const HvBinding conflict_bindings[] = {
    { 'f', N_("force it all the same"), NULL, { .verb = HV_DO_EVENT } },
    { HV_KEY_ESCAPE, N_("cancel"), NULL, { .verb = HV_DO_EVENT } },
    { 0 },
};

static gboolean
is_conflict(const HvPlanDialog *self)
{
    return self->refused && g_error_matches(self->refused, HV_ERROR, HV_ERROR_CONFLICT);
}

static gboolean
is_armed(const HvPlanDialog *self, const HvConsole *console)
{
    return self->is_ended && self->plan->id && self->plan->id == console->armed_id;
}

static const HvBinding *
bindings_of(const HvPlanDialog *self, const HvConsole *console)
{
    if (is_conflict(self))
        return conflict_bindings;
    if (is_armed(self, console))
        return armed_bindings;
    if (self->is_ended || self->refused)
        return ended_bindings;
    if (self->is_stopping)
        return stopping_bindings;
    if (self->serial)
        return running_bindings;
    return hv_plan_n_steps(self->plan)       ? plan_bindings
           : self->plan->kind == HV_PLAN_SET ? nothing_bindings
                                             : gone_bindings;
}

/* ---- what stands above the steps ---- */

static void
add_end(const HvPlanDialog *self, GArray *lines, int width)
{
    const gboolean is_good = self->plan->state == HV_PLAN_APPLIED;

    if (self->refused)
        hv_plan_line_wrap(lines, -1, HV_ROLE_HOT, "", self->refused->message, width);
    else if (self->is_ended && !self->is_trial)
        hv_plan_line_wrap(lines, -1, is_good ? HV_ROLE_GOOD : HV_ROLE_HOT, "",
                          self->plan->summary ? self->plan->summary
                                              : hv_plan_state_name(self->plan->state),
                          width);
    else if (self->is_stopping && !self->is_ended)
        hv_plan_line_add(lines, -1, HV_ROLE_WARM, g_strdup(_("stopping…")));
    else if (self->serial && !self->is_ended)
        hv_plan_line_add(lines, -1, HV_ROLE_WARM,
                         g_strdup(self->is_trial ? _("on trial…") : _("applying…")));
    else if (!hv_plan_n_steps(self->plan))
        hv_plan_line_add(lines, -1, HV_ROLE_DIALOG,
                         g_strdup(self->plan->kind == HV_PLAN_SET
                                      ? _("nothing to change: it is so already")
                                      : _("nothing is left to take back")));
}

static GArray *
make_head(const HvPlanDialog *self, const HvConsole *console, int width)
{
    GArray *lines = hv_plan_lines_new();

    add_end(self, lines, width);
    if (is_armed(self, console))
        hv_plan_line_add(lines, -1, HV_ROLE_HOT, hv_console_armed_text(console, FALSE));
    if (self->said) {
        g_auto(GStrv) said = g_strsplit(self->said, "\n", -1);

        for (char **line = said; *line; line++)
            if (**line)
                hv_plan_line_wrap(lines, -1, self->said_role, "", *line, width);
    }
    return lines;
}

/* ---- parts of the window, one below the other ---- */

static void
draw_line(const HvPlanDialog *self, const HvFrame *frame, HvCanvas *canvas, int y,
          const HvPlanLine *line)
{
    if (!line->text)
        hv_plan_draw_step(frame, canvas, y, hv_plan_step(self->plan, (guint)line->step),
                          self->serial != 0,
                          !self->in_notes && line->step == (int)self->cursor);
    else if (line->is_bar)
        hv_plan_draw_bar(frame, canvas, y, line);
    else
        hv_canvas_print_in(canvas, frame->x, y, frame->width, -1, line->role, line->text);
}

/* Marks that there is more above and below. */
static void
draw_marks(const HvFrame *frame, HvCanvas *canvas, gboolean above, gboolean below)
{
    const int x = frame->x + frame->width - 1;

    if (below)
        hv_canvas_print(canvas, x, frame->y + frame->height - 1, HV_ROLE_KEY,
                        hv_canvas_glyph(canvas, "↓", "v"));
    if (above)
        hv_canvas_print(canvas, x, frame->y, HV_ROLE_KEY, hv_canvas_glyph(canvas, "↑", "^"));
}

static void
draw_part(const HvPlanDialog *self, const HvFrame *frame, HvCanvas *canvas, const GArray *lines,
          guint *offset)
{
    const guint page = (guint)MAX(frame->height, 0);

    if (*offset + page > lines->len)
        *offset = lines->len > page ? lines->len - page : 0;
    for (guint i = 0; i < page && *offset + i < lines->len; i++)
        draw_line(self, frame, canvas, frame->y + (int)i,
                  &g_array_index(lines, HvPlanLine, *offset + i));
    if (page)
        draw_marks(frame, canvas, *offset > 0, *offset + page < lines->len);
}

/* The step under the cursor is in view, with what belongs to it as far as it goes. */
static void
follow_cursor(HvPlanDialog *self, const GArray *lines, guint page)
{
    guint first = 0, last;

    if (self->shows_all || !lines->len || !page)
        return;
    while (first < lines->len - 1 &&
           g_array_index(lines, HvPlanLine, first).step < (int)self->cursor)
        first++;
    last = first;
    while (last + 1 < lines->len &&
           g_array_index(lines, HvPlanLine, last + 1).step == (int)self->cursor)
        last++;
    if (last >= self->offset + page)
        self->offset = last + 1 - page;
    if (first < self->offset)
        self->offset = first;
}

/* Of the step under the cursor: all of it, where the columns cut it, and its shell line. */
static GArray *
make_foot(const HvPlanDialog *self, const HvFrame *frame, int width)
{
    const HvPlanColumns columns = hv_plan_columns_of(frame, self->serial != 0);
    GArray *lines = hv_plan_lines_new();
    g_autofree char *before = NULL, *after = NULL, *whole = NULL;
    const HvStep *step;

    if (self->shows_all || !hv_plan_n_steps(self->plan))
        return lines;
    step = hv_plan_step(self->plan, self->cursor);
    before = hv_value_to_text(&step->before);
    after = hv_value_to_text(&step->after);
    whole = g_strdup_printf("%s  %s → %s", step->knob, before, after);
    if (hv_text_width(step->knob) > columns.knob || hv_text_width(before) > columns.value ||
        hv_text_width(after) > columns.value)
        hv_plan_line_wrap(lines, -1, HV_ROLE_DIALOG, "", whole, width);
    if (step->shell_line)
        hv_plan_line_wrap(lines, -1, HV_ROLE_DIM, "$ ", step->shell_line, width);
    return lines;
}

static GArray *
make_body(const HvPlanDialog *self, int width)
{
    GArray *lines = hv_plan_lines_new();

    if (self->shows_all)
        hv_plan_shell_lines(lines, self->plan, width);
    else
        hv_plan_step_lines(lines, self->plan, width);
    return lines;
}

/* All that stands in the window. */
typedef struct {
    GArray *head, *body, *notes, *foot;
} Parts;

static void
clear_parts(Parts *parts)
{
    g_array_unref(parts->head);
    g_array_unref(parts->body);
    g_array_unref(parts->notes);
    g_array_unref(parts->foot);
}

/* How many rows the notes get: all they want where there is room, else the half, or all but a
 * few where the arrows move them. */
static int
rows_of_notes(const HvPlanDialog *self, const Parts *parts, int room)
{
    const int wanted = (int)parts->notes->len;
    const int spare = room - (int)parts->body->len;

    if (!wanted || wanted <= spare)
        return wanted;
    if (self->in_notes)
        return CLAMP(room - LEAST_STEPS, 0, wanted);
    return CLAMP(MAX(spare, room / 2), 0, wanted);
}

/* A part takes its rows off the top of what is left. */
static HvFrame
cut(HvFrame *rest, int height)
{
    HvFrame part = *rest;

    part.height = CLAMP(height, 0, rest->height);
    rest->y += part.height;
    rest->height -= part.height;
    return part;
}

static void
draw_parts(HvPlanDialog *self, HvCanvas *canvas, HvFrame frame, const Parts *parts)
{
    const char *heads[] = { self->shows_all ? _("shell lines") : _("knob"),
                            self->shows_all ? "" : _("before"),
                            self->shows_all ? "" : _("after"), self->shows_all ? "" : _("undo"),
                            self->shows_all ? ""
                            : self->serial  ? _("outcome")
                                            : _("class") };
    HvFrame part = cut(&frame, (int)parts->head->len);
    guint none = 0;
    int n_notes;

    draw_part(self, &part, canvas, parts->head, &none);
    part = cut(&frame, 1);
    if (part.height)
        hv_plan_draw_columns(&part, canvas, part.y, HV_ROLE_TITLE, HV_ROLE_TITLE, heads,
                             self->serial != 0);
    frame.height -= (int)parts->foot->len;
    n_notes = rows_of_notes(self, parts, frame.height - 1);
    part = cut(&frame, frame.height - n_notes - (n_notes > 0));
    self->page = (guint)MAX(self->in_notes ? n_notes : part.height, 1);
    follow_cursor(self, parts->body, (guint)part.height);
    draw_part(self, &part, canvas, parts->body, &self->offset);
    cut(&frame, 1);
    draw_part(self, &frame, canvas, parts->notes, &self->note_offset);
    frame = (HvFrame){ frame.x, frame.y + frame.height, frame.width, (int)parts->foot->len };
    none = 0;
    draw_part(self, &frame, canvas, parts->foot, &none);
}

static void
draw_plan(HvDialog *dialog, HvConsole *console, HvCanvas *canvas)
{
    HvPlanDialog *self = (HvPlanDialog *)dialog;
    const int width = MIN(WIDTH, canvas->columns - 2);
    const HvFrame inside = { .width = width - 4 };
    g_autofree char *title = hv_plan_heading(self->plan);
    Parts parts = { .head = make_head(self, console, width - 4),
                    .body = make_body(self, width - 4),
                    .notes = hv_plan_lines_new(),
                    .foot = make_foot(self, &inside, width - 4) };

    hv_plan_note_lines(parts.notes, self->plan, console->now, width - 4);
    dialog->bindings = bindings_of(self, console);
    draw_parts(
        self, canvas,
        hv_dialog_frame(
            dialog, canvas, title, width,
            (int)(parts.head->len + parts.body->len + parts.notes->len + parts.foot->len) + 5),
        &parts);
    clear_parts(&parts);
}

/* ---- keys ---- */

static void
say(HvPlanDialog *self, HvRole role, char *take_text)
{
    g_free(self->said);
    self->said = take_text;
    self->said_role = role;
}

static HvIntent *
intent_with_plan(const HvPlanDialog *self, HvIntentVerb verb)
{
    HvIntent *intent = hv_intent_new(verb);

    intent->plan = hv_plan_copy(self->plan);
    intent->force = self->plan->force;
    intent->persist = self->plan->persist;
    return intent;
}

static void
apply(HvPlanDialog *self, HvConsole *console, guint confirm_s)
{
    HvIntent *intent;

    if (hv_console_refuse_read_only(console))
        return;
    say(self, HV_ROLE_DIALOG, NULL);
    intent = intent_with_plan(self, HV_INTENT_APPLY);
    intent->confirm_s = self->confirm_s = confirm_s;
    self->serial = hv_console_submit(console, intent);
    g_clear_error(&self->refused);
}

static void
apply_for_a_while(HvPlanDialog *self, HvConsole *console)
{
    char *why = hv_plan_no_confirm(self->plan);

    if (why)
        say(self, HV_ROLE_HOT, why);
    else
        apply(self, console, CONFIRM_S);
}

static void
try_it(HvPlanDialog *self, HvConsole *console)
{
    char *why = hv_plan_no_trial(self->plan);

    if (why) {
        say(self, HV_ROLE_HOT, why);
    } else if (!hv_console_refuse_read_only(console)) {
        self->is_trial = TRUE;
        self->serial = hv_console_submit(console, intent_with_plan(self, HV_INTENT_TRY));
    }
}

/* The name was typed in a window that stood on this one. */
static void
write_it(gpointer data, HvConsole *console, const char *text)
{
    HvPlanDialog *self = data;
    HvIntent *intent;

    if (!*text)
        return;
    intent = intent_with_plan(self, HV_INTENT_WRITE);
    intent->line = g_strdup(text);
    self->write_serial = hv_console_submit(console, intent);
}

static void
ask_name(HvPlanDialog *self, HvConsole *console)
{
    hv_dialog_ask(console, _("write the plan to a file"),
                  _("A name that ends in .sh: shell lines; any other: lines KNOB = VALUE. A "
                    "file that is there already is left alone."),
                  "hvtune.plan", write_it, self);
}

static void
stop(HvPlanDialog *self, HvConsole *console)
{
    HvIntent *intent = hv_intent_new(HV_INTENT_STOP);

    intent->id = self->plan->id;
    hv_console_submit(console, intent);
    self->is_stopping = TRUE;
}

static void
press_enter(HvPlanDialog *self, HvConsole *console)
{
    if (self->is_ended || self->refused || self->dialog.bindings == nothing_bindings)
        self->dialog.is_over = TRUE;
    else if (!self->serial)
        apply(self, console, 0);
}

static void
press_escape(HvPlanDialog *self, HvConsole *console)
{
    if (self->serial && !self->is_ended && !self->refused && !self->is_stopping)
        stop(self, console);
    else
        self->dialog.is_over = TRUE;
}

static void
force(HvPlanDialog *self, HvConsole *console)
{
    self->plan->force = TRUE;
    apply(self, console, self->confirm_s);
}

/* Keys that are there in this state of the plan, as its foot tells. */
static gboolean
press(HvPlanDialog *self, HvConsole *console, guint key)
{
    const gboolean is_new = self->dialog.bindings == plan_bindings;

    if (key == HV_KEY_ENTER)
        press_enter(self, console);
    else if (key == HV_KEY_ESCAPE)
        press_escape(self, console);
    else if (key == '$')
        self->shows_all = !self->shows_all;
    else if (key == HV_KEY_TAB)
        self->in_notes = !self->in_notes;
    else if (key == 'f' && is_conflict(self))
        force(self, console);
    else if (key == 'K' && is_armed(self, console))
        hv_console_confirm(console, self->plan->id);
    else if (key == '!' && is_new)
        apply_for_a_while(self, console);
    else if (key == 'T' && is_new)
        try_it(self, console);
    else if (key == 'w' && (is_new || self->is_ended))
        ask_name(self, console);
    else
        return FALSE;
    return TRUE;
}

static gboolean
scroll(HvPlanDialog *self, const HvEvent *event)
{
    const guint n = hv_plan_n_steps(self->plan);

    if (self->in_notes)
        return hv_dialog_scroll(event, &self->note_offset, self->page);
    if (self->shows_all)
        return hv_dialog_scroll(event, &self->offset, self->page);
    if (!hv_dialog_scroll(event, &self->cursor, self->page))
        return FALSE;
    self->cursor = n ? MIN(self->cursor, n - 1) : 0;
    return TRUE;
}

/* Letters scroll only until its end: then any key that does nothing else closes it. */
static gboolean
is_scroll_key(const HvPlanDialog *self, guint key)
{
    return !self->is_ended || (key >= HV_KEY_UP && key <= HV_KEY_PAGE_DOWN);
}

static gboolean
plan_event(HvDialog *dialog, HvConsole *console, const HvEvent *event)
{
    HvPlanDialog *self = (HvPlanDialog *)dialog;

    if (event->kind == HV_EVENT_KEY && press(self, console, event->key))
        return TRUE;
    if (event->kind != HV_EVENT_KEY || is_scroll_key(self, event->key))
        return scroll(self, event);
    dialog->is_over = TRUE;
    return TRUE;
}

/* ---- answers ---- */

static void
take_written(HvPlanDialog *self, HvAnswer *answer)
{
    self->write_serial = 0;
    if (answer->kind == HV_ANSWER_REFUSED)
        say(self, HV_ROLE_HOT, g_strdup(answer->error ? answer->error->message : _("refused")));
    else
        say(self, HV_ROLE_GOOD, g_strdup(answer->text));
}

/* While it runs the cursor goes with it. */
static void
follow_running(HvPlanDialog *self)
{
    for (guint i = 0; i < hv_plan_n_steps(self->plan); i++)
        if (hv_plan_step(self->plan, i)->state == HV_OUTCOME_BEGUN)
            self->cursor = i;
    self->cursor = MIN(self->cursor, MAX(hv_plan_n_steps(self->plan), 1) - 1);
}

static gboolean
plan_answer(HvDialog *dialog, HvConsole *console G_GNUC_UNUSED, HvAnswer *answer)
{
    HvPlanDialog *self = (HvPlanDialog *)dialog;

    if (self->write_serial && answer->serial == self->write_serial) {
        take_written(self, answer);
        return TRUE;
    }
    if (!self->serial || answer->serial != self->serial)
        return FALSE;
    if (answer->plan) {
        hv_plan_free(self->plan);
        self->plan = g_steal_pointer(&answer->plan);
        follow_running(self);
    }
    if (answer->kind == HV_ANSWER_REFUSED) {
        g_clear_error(&self->refused);
        self->refused = g_steal_pointer(&answer->error);
    }
    if (answer->kind == HV_ANSWER_TEXT)
        say(self, answer->status ? HV_ROLE_HOT : HV_ROLE_GOOD, g_strdup(answer->text));
    self->is_ended =
        answer->kind == HV_ANSWER_OUTCOME || (self->is_trial && answer->kind == HV_ANSWER_TEXT);
    return TRUE;
}

static void
free_plan(HvDialog *dialog)
{
    HvPlanDialog *self = (HvPlanDialog *)dialog;

    hv_plan_free(self->plan);
    g_clear_error(&self->refused);
    g_free(self->said);
}

const HvDialogClass hv_dialog_plan_class = {
    .draw = draw_plan,
    .event = plan_event,
    .answer = plan_answer,
    .free = free_plan,
    .name = "plan",
    .save = hv_dialog_plan_save,
    .load = hv_dialog_plan_load,
};

void
hv_dialog_plan(HvConsole *console, HvPlan *take_plan)
{
    HvPlanDialog *self = g_new0(HvPlanDialog, 1);

    self->plan = take_plan;
    self->dialog =
        (HvDialog){ .class = &hv_dialog_plan_class, .bindings = bindings_of(self, console) };
    hv_dialog_open(console, &self->dialog);
}
