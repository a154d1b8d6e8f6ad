/* Where could it go? The ways there are for each VM, what speaks for each, why others are
 * refused; the one that is chosen becomes a plan. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "tui/console-private.h"
#include "tui/pick.h"

#define WIDTH 112
#define BESIDE 96 /* columns inside that have room for facts beside the list */
#define LIST_WIDTH 40

typedef struct {
    HvDialog dialog;
    GPtrArray *vms;     /* names, char * */
    guint vm;           /* whose turn it is */
    GPtrArray *choices; /* of HvRecipeChoice; NULL: not there yet */
    guint cursor;
    guint64 choices_serial, plan_serial; /* 0: not asked */
    gboolean at_once;                    /* the best one becomes a plan without being shown */
    char *error;
    int top, n_shown; /* of the list, as last drawn */
} MoveDialog;

static const HvBinding bindings[] = {
    { HV_KEY_ENTER, N_("plan it"), NULL, { .verb = HV_DO_EVENT } },
    { HV_KEY_DOWN, N_("others"), NULL, { .verb = HV_DO_EVENT } },
    { HV_KEY_ESCAPE, N_("cancel"), NULL, { .verb = HV_DO_EVENT } },
    { 0 },
};

static const char *
vm_of(const MoveDialog *self)
{
    return g_ptr_array_index(self->vms, self->vm);
}

static const HvRecipeChoice *
current(const MoveDialog *self)
{
    return self->choices && self->cursor < self->choices->len
               ? g_ptr_array_index(self->choices, self->cursor)
               : NULL;
}

/* ---- drawing ---- */

static char *
title_of(const MoveDialog *self)
{
    if (self->vms->len < 2)
        return g_strdup_printf(_("where could %s go?"), vm_of(self));
    return g_strdup_printf(_("where could %s go? (%u of %u)"), vm_of(self), self->vm + 1,
                           self->vms->len);
}

static void
draw_choice(const MoveDialog *self, HvCanvas *canvas, const HvFrame *frame, guint index, int y)
{
    const HvRecipeChoice *choice = g_ptr_array_index(self->choices, index);
    const gboolean is_current = index == self->cursor;

    if (is_current)
        hv_canvas_print(canvas, frame->x, y, HV_ROLE_DIALOG, hv_canvas_glyph(canvas, "▌", ">"));
    hv_canvas_print_in(canvas, frame->x + 2, y, frame->width - 2, -1,
                       is_current        ? HV_ROLE_CURSOR
                       : choice->why_not ? HV_ROLE_DIM
                                         : HV_ROLE_DIALOG,
                       choice->title);
}

static void
draw_list(MoveDialog *self, HvCanvas *canvas, const HvFrame *frame)
{
    const guint page = (guint)MAX(frame->height, 1), n = self->choices->len;
    const guint offset = self->cursor >= page ? self->cursor - page + 1 : 0;

    self->top = frame->y;
    self->n_shown = 0;
    for (guint i = 0; i < page && offset + i < n; i++, self->n_shown++)
        draw_choice(self, canvas, frame, offset + i, frame->y + (int)i);
}

/* "NAME: VALUE", the name dim; whole lines where they are longer than the room. */
static int
draw_fact(HvCanvas *canvas, const HvFrame *frame, int y, const char *fact)
{
    g_autoptr(GPtrArray) lines = hv_dialog_wrap(fact, frame->width - 2);

    for (guint i = 0; i < lines->len && y < frame->y + frame->height; i++)
        hv_canvas_print(canvas, frame->x + (i ? 2 : 0), y++, HV_ROLE_DIALOG,
                        g_ptr_array_index(lines, i));
    return y;
}

/* Short facts stand two abreast where the room is low. */
static void
draw_facts(HvCanvas *canvas, const HvFrame *frame, int y, const GPtrArray *facts)
{
    const int half = frame->width / 2, end = frame->y + frame->height;
    gboolean is_right = FALSE;

    for (guint i = 0; facts && i < facts->len && y < end; i++) {
        const char *fact = g_ptr_array_index(facts, i);
        const gboolean is_short = hv_text_width(fact) < half;

        if (!is_short) {
            y = draw_fact(canvas, frame, y + is_right, fact);
            is_right = FALSE;
            continue;
        }
        hv_canvas_print(canvas, frame->x + (is_right ? half : 0), y, HV_ROLE_DIALOG, fact);
        y += is_right;
        is_right = !is_right;
    }
}

/* A refusal comes before the facts. */
static void
draw_details(const MoveDialog *self, HvCanvas *canvas, const HvFrame *frame)
{
    const HvRecipeChoice *choice = current(self);
    const char *why = self->error ? self->error : choice ? choice->why_not : NULL;
    int y = frame->y;

    if (why) {
        g_autoptr(GPtrArray) lines = hv_dialog_wrap(why, frame->width);

        for (guint i = 0; i < lines->len && y < frame->y + frame->height; i++)
            hv_canvas_print(canvas, frame->x, y++, HV_ROLE_HOT, g_ptr_array_index(lines, i));
    }
    if (choice)
        draw_facts(canvas, frame, y, choice->facts);
}

static void
draw_ways(MoveDialog *self, HvCanvas *canvas, const HvFrame *frame)
{
    const gboolean is_beside = frame->width >= BESIDE;
    HvFrame list = *frame, details = *frame;

    if (is_beside) {
        list.width = LIST_WIDTH;
        details.x += LIST_WIDTH + 2;
        details.width -= LIST_WIDTH + 2;
    } else {
        list.height = MIN((int)self->choices->len, frame->height / 2);
        details.y += list.height + 1;
        details.height -= list.height + 1;
    }
    draw_list(self, canvas, &list);
    draw_details(self, canvas, &details);
}

/* The list, and the longest list of facts two abreast below it; a refusal has some rows. */
static int
height_of(const MoveDialog *self)
{
    guint most = 3;

    for (guint i = 0; self->choices && i < self->choices->len; i++) {
        const HvRecipeChoice *choice = g_ptr_array_index(self->choices, i);
        const guint n_facts = choice->facts ? choice->facts->len : 0;

        most = MAX(most, (n_facts + 1) / 2 + (choice->why_not ? 4 : 1));
    }
    return (int)(most + (self->choices ? self->choices->len : 1)) + 4;
}

static void
draw(HvDialog *dialog, HvConsole *console G_GNUC_UNUSED, HvCanvas *canvas)
{
    MoveDialog *self = (MoveDialog *)dialog;
    g_autofree char *title = title_of(self);
    const HvFrame frame = hv_dialog_frame(dialog, canvas, title, WIDTH, height_of(self));

    if (self->choices && self->choices->len)
        draw_ways(self, canvas, &frame);
    else if (self->error)
        draw_details(self, canvas, &frame);
    else
        hv_canvas_print(canvas, frame.x, frame.y, HV_ROLE_DIM,
                        self->choices ? _("there is no way") : _("looking…"));
}

/* ---- asking ---- */

static void
ask_choices(MoveDialog *self, HvConsole *console)
{
    HvIntent *intent = hv_intent_new(HV_INTENT_CHOICES);
    const char *arguments[] = { vm_of(self), NULL };

    g_clear_pointer(&self->choices, g_ptr_array_unref);
    g_clear_pointer(&self->error, g_free);
    self->cursor = 0;
    self->plan_serial = 0;
    intent->recipe = g_strdup("move");
    intent->arguments = g_strdupv((char **)(gpointer)arguments);
    self->choices_serial = hv_console_submit(console, intent);
}

static void
ask_plan(MoveDialog *self, HvConsole *console)
{
    const HvRecipeChoice *choice = current(self);
    HvIntent *intent;

    if (!choice || choice->why_not || self->plan_serial)
        return;
    g_clear_pointer(&self->error, g_free);
    intent = hv_intent_new(HV_INTENT_RECIPE);
    intent->recipe = g_strdup("move");
    intent->arguments = g_strdupv(choice->arguments);
    self->plan_serial = hv_console_submit(console, intent);
}

static void
take_choices(MoveDialog *self, HvConsole *console, HvAnswer *answer)
{
    gboolean has_best = FALSE;

    self->choices = g_steal_pointer(&answer->choices);
    for (guint i = 0; i < self->choices->len; i++) {
        const HvRecipeChoice *choice = g_ptr_array_index(self->choices, i);

        if (choice->is_best && !has_best) {
            self->cursor = i;
            has_best = TRUE;
        }
    }
    if (self->at_once && has_best)
        ask_plan(self, console);
}

/* The next of the tagged ones is asked about when this plan's window has gone. */
static void
take_plan(MoveDialog *self, HvConsole *console, HvAnswer *answer)
{
    hv_dialog_plan(console, g_steal_pointer(&answer->plan));
    self->dialog.is_over = ++self->vm >= self->vms->len;
}

static gboolean
answer(HvDialog *dialog, HvConsole *console, HvAnswer *got)
{
    MoveDialog *self = (MoveDialog *)dialog;

    if (!got->serial ||
        (got->serial != self->choices_serial && got->serial != self->plan_serial))
        return FALSE;
    if (got->kind == HV_ANSWER_REFUSED) {
        g_free(self->error);
        self->error = g_strdup(got->error ? got->error->message : _("refused"));
        self->plan_serial = 0;
    } else if (got->kind == HV_ANSWER_CHOICES) {
        take_choices(self, console, got);
    } else if (got->kind == HV_ANSWER_PLAN) {
        take_plan(self, console, got);
    }
    return TRUE;
}

static void
uncovered(HvDialog *dialog, HvConsole *console)
{
    ask_choices((MoveDialog *)dialog, console);
}

/* ---- keys ---- */

static gboolean
click(MoveDialog *self, HvConsole *console, const HvEvent *what)
{
    const int line = what->y - self->top;

    if (what->mouse != HV_MOUSE_PRESS || !self->choices || line < 0 || line >= self->n_shown)
        return FALSE;
    if (self->cursor == (guint)line)
        ask_plan(self, console);
    self->cursor = (guint)line;
    return TRUE;
}

static gboolean
event(HvDialog *dialog, HvConsole *console, const HvEvent *what)
{
    MoveDialog *self = (MoveDialog *)dialog;

    if (what->kind == HV_EVENT_KEY && what->key == HV_KEY_ENTER) {
        ask_plan(self, console);
        return TRUE;
    }
    if (what->kind == HV_EVENT_MOUSE && click(self, console, what))
        return TRUE;
    if (!hv_dialog_scroll(what, &self->cursor, 5))
        return FALSE;
    g_clear_pointer(&self->error, g_free);
    self->cursor = MIN(self->cursor, self->choices ? MAX(self->choices->len, 1) - 1 : 0);
    return TRUE;
}

static void
free_dialog(HvDialog *dialog)
{
    MoveDialog *self = (MoveDialog *)dialog;

    g_ptr_array_unref(self->vms);
    g_clear_pointer(&self->choices, g_ptr_array_unref);
    g_free(self->error);
}

/* ---- as lines ---- */

static void
save(const HvDialog *dialog, HvViewOut *out)
{
    const MoveDialog *self = (const MoveDialog *)dialog;

    hv_view_put_all(out, "of", self->vms);
    hv_view_put_number(out, "turn", self->vm);
    hv_view_put_flag(out, "known", self->choices != NULL);
    hv_view_put_number(out, "current", self->cursor);
    hv_view_put(out, "error", self->error);
    for (guint i = 0; self->choices && i < self->choices->len; i++) {
        const HvRecipeChoice *choice = g_ptr_array_index(self->choices, i);
        g_autofree char *part = g_strdup_printf("way%u", i + 1);

        hv_view_out_enter(out, part);
        hv_view_put(out, "title", choice->title);
        hv_view_put(out, "why_not", choice->why_not);
        hv_view_put_all(out, "fact", choice->facts);
        hv_view_out_leave(out);
    }
}

/* NULL behind the last one. */
static HvRecipeChoice *
load_way(HvViewIn *in, guint index)
{
    g_autofree char *part = g_strdup_printf("way%u", index + 1);
    HvRecipeChoice *choice = NULL;

    hv_view_in_enter(in, part);
    if (hv_view_n(in, "title")) {
        g_autoptr(GPtrArray) facts = hv_view_all(in, "fact");

        choice = hv_recipe_choice_new();
        choice->title = hv_view_get(in, "title");
        choice->why_not = hv_view_get(in, "why_not");
        for (guint i = 0; i < facts->len; i++)
            hv_recipe_fact(choice, "%s", (const char *)g_ptr_array_index(facts, i));
    }
    hv_view_in_leave(in);
    return choice;
}

static HvDialog *
load(HvConsole *console G_GNUC_UNUSED, HvViewIn *in)
{
    const guint n = hv_view_n(in, "of");
    HvRecipeChoice *choice;
    MoveDialog *self;

    if (!n)
        return NULL;
    self = g_new0(MoveDialog, 1);
    self->dialog = (HvDialog){ .class = &hv_dialog_move_class, .bindings = bindings };
    self->vms = hv_view_all(in, "of");
    self->vm = (guint)hv_view_number(in, "turn", 0, n - 1);
    self->cursor = (guint)hv_view_number(in, "current", 0, G_MAXUINT16);
    self->error = hv_view_get(in, "error");
    if (hv_view_flag(in, "known"))
        self->choices = g_ptr_array_new_with_free_func((GDestroyNotify)hv_recipe_choice_free);
    for (guint i = 0; self->choices && (choice = load_way(in, i)); i++)
        g_ptr_array_add(self->choices, choice);
    return &self->dialog;
}

const HvDialogClass hv_dialog_move_class = {
    .draw = draw,
    .event = event,
    .answer = answer,
    .free = free_dialog,
    .uncovered = uncovered,
    .name = "move",
    .save = save,
    .load = load,
};

void
hv_dialog_move(HvConsole *console, gboolean at_once)
{
    GPtrArray *vms = hv_console_target_names(console);
    MoveDialog *self;

    if (!vms)
        return;
    self = g_new0(MoveDialog, 1);
    self->dialog = (HvDialog){ .class = &hv_dialog_move_class, .bindings = bindings };
    self->vms = vms;
    self->at_once = at_once;
    hv_dialog_open(console, &self->dialog);
    ask_choices(self, console);
}
