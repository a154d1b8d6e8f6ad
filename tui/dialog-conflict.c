/* An undo that was refused because somebody else changed the knob since: says who, offers
 * force. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "tui/console-private.h"

typedef struct {
    HvDialog dialog;
    GPtrArray *lines;
    guint64 id;
    gboolean redo;
} ConflictDialog;

static const HvBinding bindings[] = {
    { 'f', N_("force it all the same"), NULL, { .verb = HV_DO_EVENT } },
    { HV_KEY_ESCAPE, N_("cancel"), NULL, { .verb = HV_DO_EVENT } },
    { 0 },
};

static void
draw(HvDialog *dialog, HvConsole *console G_GNUC_UNUSED, HvCanvas *canvas)
{
    ConflictDialog *self = (ConflictDialog *)dialog;
    const HvFrame frame = hv_dialog_frame(dialog, canvas, self->redo ? _("redo") : _("undo"),
                                          100, (int)self->lines->len + 4);

    hv_dialog_lines(&frame, canvas, self->lines, 0);
}

static gboolean
event(HvDialog *dialog, HvConsole *console, const HvEvent *key)
{
    ConflictDialog *self = (ConflictDialog *)dialog;

    dialog->is_over = key->kind == HV_EVENT_KEY && key->key == 'f';
    if (dialog->is_over)
        hv_console_ask_again(console, self->id, self->redo);
    return dialog->is_over;
}

static void
free_dialog(HvDialog *dialog)
{
    g_ptr_array_unref(((ConflictDialog *)dialog)->lines);
}

static void
save(const HvDialog *dialog, HvViewOut *out)
{
    const ConflictDialog *self = (const ConflictDialog *)dialog;

    hv_view_put_flag(out, "redo", self->redo);
    hv_view_put_all(out, "line", self->lines);
}

static HvDialog *
load(HvConsole *console G_GNUC_UNUSED, HvViewIn *in)
{
    ConflictDialog *self = g_new0(ConflictDialog, 1);

    self->dialog = (HvDialog){ .class = &hv_dialog_conflict_class, .bindings = bindings };
    self->lines = hv_view_all(in, "line");
    self->redo = hv_view_flag(in, "redo");
    return &self->dialog;
}

const HvDialogClass hv_dialog_conflict_class = {
    .draw = draw,
    .event = event,
    .free = free_dialog,
    .name = "conflict",
    .save = save,
    .load = load,
};

void
hv_dialog_conflict(HvConsole *console, guint64 id, gboolean redo, const GError *error)
{
    ConflictDialog *self = g_new0(ConflictDialog, 1);

    self->dialog = (HvDialog){ .class = &hv_dialog_conflict_class, .bindings = bindings };
    self->lines = hv_dialog_wrap(error->message, MIN(console->columns, 100) - 6);
    g_ptr_array_add(self->lines, g_strdup(""));
    g_ptr_array_add(self->lines, g_strdup(_("Going on would overwrite what it is now.")));
    self->id = id;
    self->redo = redo;
    hv_dialog_open(console, &self->dialog);
}
