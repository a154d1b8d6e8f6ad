/* A window in which one line is typed: a file's name, a percentage, a list of cpus. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "tui/console-private.h"

#define WIDTH 72

typedef struct {
    HvDialog dialog;
    char *title;
    GPtrArray *help; /* lines below */
    HvLine line;
    HvTyped typed;
    gpointer data;
} AskDialog;

static const HvBinding bindings[] = {
    { HV_KEY_ENTER, N_("take it"), NULL, { .verb = HV_DO_EVENT } },
    { HV_KEY_ESCAPE, N_("cancel"), NULL, { .verb = HV_DO_EVENT } },
    { 0 },
};

static void
draw(HvDialog *dialog, HvConsole *console G_GNUC_UNUSED, HvCanvas *canvas)
{
    AskDialog *self = (AskDialog *)dialog;
    const HvFrame frame =
        hv_dialog_frame(dialog, canvas, self->title, WIDTH, (int)self->help->len + 5);

    hv_line_draw(&self->line, canvas, frame.x, frame.y, frame.width);
    for (guint i = 0; i < self->help->len; i++)
        hv_canvas_print_in(canvas, frame.x, frame.y + 2 + (int)i, frame.width, -1, HV_ROLE_DIM,
                           g_ptr_array_index(self->help, i));
}

/* What is typed may be a "q": only Escape leaves. */
static gboolean
event(HvDialog *dialog, HvConsole *console, const HvEvent *what)
{
    AskDialog *self = (AskDialog *)dialog;

    if (hv_line_event(&self->line, what))
        return TRUE;
    if (what->kind != HV_EVENT_KEY || what->key != HV_KEY_ENTER)
        return FALSE;
    dialog->is_over = TRUE;
    self->typed(self->data, console, self->line.text->str);
    return TRUE;
}

static void
free_ask(HvDialog *dialog)
{
    AskDialog *self = (AskDialog *)dialog;

    g_free(self->title);
    g_ptr_array_unref(self->help);
    hv_line_clear(&self->line);
}

static void
save(const HvDialog *dialog, HvViewOut *out)
{
    const AskDialog *self = (const AskDialog *)dialog;

    hv_view_put(out, "title", self->title);
    hv_view_put_all(out, "help", self->help);
    hv_line_save(&self->line, out);
}

static HvDialog *
load(HvConsole *console G_GNUC_UNUSED, HvViewIn *in)
{
    AskDialog *self = g_new0(AskDialog, 1);

    self->dialog = (HvDialog){ .class = &hv_dialog_ask_class, .bindings = bindings };
    self->title = hv_view_get(in, "title");
    self->help = hv_view_all(in, "help");
    hv_line_init(&self->line, NULL);
    hv_line_load(&self->line, in);
    return &self->dialog;
}

const HvDialogClass hv_dialog_ask_class = {
    .draw = draw,
    .event = event,
    .free = free_ask,
    .name = "ask",
    .save = save,
    .load = load,
};

void
hv_dialog_ask(HvConsole *console, const char *title, const char *help, const char *text,
              HvTyped typed, gpointer data)
{
    AskDialog *self = g_new0(AskDialog, 1);

    self->dialog = (HvDialog){ .class = &hv_dialog_ask_class, .bindings = bindings };
    self->title = g_strdup(title);
    self->help = hv_dialog_wrap(help, WIDTH - 4);
    self->typed = typed;
    self->data = data;
    hv_line_init(&self->line, NULL);
    hv_line_set(&self->line, text);
    hv_dialog_open(console, &self->dialog);
}
