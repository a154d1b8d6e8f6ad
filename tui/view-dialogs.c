/* The windows as lines of the view, and back as pictures: they can be read, scrolled and
 * closed, but do nothing. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/console-private.h"

#define MAX_DIALOGS 16

static const HvDialogClass *const classes[] = {
    &hv_dialog_ask_class,      &hv_dialog_menu_class,   &hv_dialog_conflict_class,
    &hv_dialog_affinity_class, &hv_dialog_move_class,   &hv_dialog_plan_class,
    &hv_dialog_text_class,     &hv_dialog_choice_class,
};

static const HvDialogClass *
find_class(const char *name)
{
    for (guint i = 0; name && i < G_N_ELEMENTS(classes); i++)
        if (g_str_equal(classes[i]->name, name))
            return classes[i];
    return NULL;
}

static void
save_one(const HvDialog *dialog, guint index, HvViewOut *out)
{
    g_autofree char *part = g_strdup_printf("dialog%u", index + 1);

    if (!dialog->class->save)
        return;
    hv_view_out_enter(out, part);
    hv_view_put(out, "kind", dialog->class->name);
    dialog->class->save(dialog, out);
    hv_view_out_leave(out);
}

void
hv_dialog_save_all(const HvConsole *console, HvViewOut *out)
{
    const guint n = console->dialogs->len;

    if (n) {
        const HvDialog *top = g_ptr_array_index(console->dialogs, n - 1);

        hv_view_put(out, "dialog", top->class->name);
    }
    for (guint i = n; i > 0; i--) /* the uppermost is the one that is seen */
        save_one(g_ptr_array_index(console->dialogs, i - 1), i - 1, out);
}

static void
load_one(HvConsole *console, HvViewIn *in)
{
    g_autofree char *kind = hv_view_get(in, "kind");
    const HvDialogClass *class = find_class(kind);
    HvDialog *dialog = class ? class->load(console, in) : NULL;

    if (!dialog)
        return;
    dialog->is_picture = TRUE;
    hv_dialog_open(console, dialog);
}

void
hv_dialog_load_all(HvConsole *console, HvViewIn *in)
{
    g_ptr_array_set_size(console->dialogs, 0);
    for (guint i = 0; i < MAX_DIALOGS; i++) {
        g_autofree char *part = g_strdup_printf("dialog%u", i + 1);

        hv_view_in_enter(in, part);
        load_one(console, in);
        hv_view_in_leave(in);
    }
}
