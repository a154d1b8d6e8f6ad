/* A window of things to do to what is selected: what it is now, then one line for each; the
 * chosen one becomes a plan. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/dialog-menu.h"

#include "model/i18n.h"
#include "tui/console-private.h"

#define WIDTH 76

typedef struct {
    char *text, *why_not;
    HvMenuChosen chosen;
} Item;

typedef struct {
    HvRole role;
    char *text;
} Note;

struct HvMenu {
    HvDialog dialog;
    char *title;
    GArray *notes; /* of Note */
    GArray *items; /* of Item */
    guint cursor;
    int top, n_shown;
    guint64 serial; /* of the plan asked for; 0: none */
    char *said;     /* why there is none, or NULL */
    gpointer data;
    GDestroyNotify destroy;
};

static const HvBinding bindings[] = {
    { HV_KEY_ENTER, N_("take it"), NULL, { .verb = HV_DO_EVENT } },
    { HV_KEY_ESCAPE, N_("cancel"), NULL, { .verb = HV_DO_EVENT } },
    { 0 },
};

/* ---- drawing ---- */

static int
draw_wrapped(HvCanvas *canvas, const HvFrame *frame, int y, HvRole role, const char *text)
{
    g_autoptr(GPtrArray) lines = hv_dialog_wrap(text, frame->width);

    for (guint i = 0; i < lines->len && y < frame->y + frame->height; i++)
        hv_canvas_print(canvas, frame->x, y++, role, g_ptr_array_index(lines, i));
    return y;
}

static int
count_lines(const char *text, int width)
{
    g_autoptr(GPtrArray) lines = hv_dialog_wrap(text, width);

    return (int)lines->len;
}

/* Below the choices: why the one under the cursor cannot be, or why the last came to nothing.
 */
static const char *
complaint(const HvMenu *menu)
{
    if (menu->said)
        return menu->said;
    return menu->cursor < menu->items->len
               ? g_array_index(menu->items, Item, menu->cursor).why_not
               : NULL;
}

static int
height_of(const HvMenu *menu, int width)
{
    int height = (int)menu->items->len + 3, most = 0;

    for (guint i = 0; i < menu->notes->len; i++)
        height += count_lines(g_array_index(menu->notes, Note, i).text, width);
    for (guint i = 0; i < menu->items->len; i++) {
        const char *why_not = g_array_index(menu->items, Item, i).why_not;

        most = MAX(most, why_not ? count_lines(why_not, width) + 1 : 0);
    }
    if (menu->said)
        most = MAX(most, count_lines(menu->said, width) + 1);
    return height + most + (menu->notes->len > 0);
}

static void
draw_item(const HvMenu *menu, HvCanvas *canvas, const HvFrame *frame, guint index, int y)
{
    const Item *item = &g_array_index(menu->items, Item, index);
    const gboolean is_current = index == menu->cursor;

    if (is_current)
        hv_canvas_print(canvas, frame->x, y, HV_ROLE_DIALOG, hv_canvas_glyph(canvas, "▌", ">"));
    hv_canvas_print_in(canvas, frame->x + 2, y, frame->width - 2, -1,
                       is_current      ? HV_ROLE_CURSOR
                       : item->why_not ? HV_ROLE_DIM
                                       : HV_ROLE_DIALOG,
                       item->text);
}

static void
draw(HvDialog *dialog, HvConsole *console G_GNUC_UNUSED, HvCanvas *canvas)
{
    HvMenu *self = (HvMenu *)dialog;
    const int width = MIN(WIDTH, canvas->columns - 2);
    const HvFrame frame =
        hv_dialog_frame(dialog, canvas, self->title, width, height_of(self, width - 4));
    const char *why = complaint(self);
    int y = frame.y;

    for (guint i = 0; i < self->notes->len; i++) {
        const Note *note = &g_array_index(self->notes, Note, i);

        y = draw_wrapped(canvas, &frame, y, note->role, note->text);
    }
    y += self->notes->len > 0;
    self->top = y;
    self->n_shown = 0;
    for (guint i = 0; i < self->items->len && y < frame.y + frame.height; i++, self->n_shown++)
        draw_item(self, canvas, &frame, i, y++);
    if (why)
        draw_wrapped(canvas, &frame, y + 1, HV_ROLE_HOT, why);
}

/* ---- keys ---- */

static void
choose(HvMenu *self, HvConsole *console)
{
    const Item *item = self->cursor < self->items->len
                           ? &g_array_index(self->items, Item, self->cursor)
                           : NULL;

    g_clear_pointer(&self->said, g_free);
    if (item && !item->why_not)
        item->chosen(self, console, self->data);
}

static gboolean
click(HvMenu *self, HvConsole *console, const HvEvent *what)
{
    const int line = what->y - self->top;

    if (what->mouse != HV_MOUSE_PRESS || line < 0 || line >= self->n_shown)
        return FALSE;
    self->cursor = (guint)line;
    choose(self, console);
    return TRUE;
}

static gboolean
event(HvDialog *dialog, HvConsole *console, const HvEvent *what)
{
    HvMenu *self = (HvMenu *)dialog;

    if (what->kind == HV_EVENT_KEY && what->key == HV_KEY_ENTER) {
        choose(self, console);
        return TRUE;
    }
    if (what->kind == HV_EVENT_MOUSE && click(self, console, what))
        return TRUE;
    if (!hv_dialog_scroll(what, &self->cursor, 5))
        return FALSE;
    g_clear_pointer(&self->said, g_free);
    self->cursor = MIN(self->cursor, MAX(self->items->len, 1) - 1);
    return TRUE;
}

/* It stays open until its plan is there, so that what was refused can be mended. */
static gboolean
answer(HvDialog *dialog, HvConsole *console, HvAnswer *got)
{
    HvMenu *self = (HvMenu *)dialog;

    if (!self->serial || got->serial != self->serial)
        return FALSE;
    if (got->kind == HV_ANSWER_PLAN) {
        hv_dialog_plan(console, g_steal_pointer(&got->plan));
        dialog->is_over = TRUE;
    } else if (got->kind == HV_ANSWER_REFUSED) {
        hv_menu_say(self, got->error ? got->error->message : _("refused"));
    }
    return TRUE;
}

static void
free_menu(HvDialog *dialog)
{
    HvMenu *self = (HvMenu *)dialog;

    g_free(self->title);
    g_array_unref(self->notes);
    g_array_unref(self->items);
    g_free(self->said);
    if (self->destroy)
        self->destroy(self->data);
}

/* ---- making one ---- */

static void
clear_note(gpointer data)
{
    g_free(((Note *)data)->text);
}

static void
clear_item(gpointer data)
{
    Item *item = data;

    g_free(item->text);
    g_free(item->why_not);
}

HvMenu *
hv_menu_new(const char *title, gpointer take_data, GDestroyNotify destroy)
{
    HvMenu *menu = g_new0(HvMenu, 1);

    menu->dialog = (HvDialog){ .class = &hv_dialog_menu_class, .bindings = bindings };
    menu->title = g_strdup(title);
    menu->notes = g_array_new(FALSE, FALSE, sizeof(Note));
    g_array_set_clear_func(menu->notes, clear_note);
    menu->items = g_array_new(FALSE, FALSE, sizeof(Item));
    g_array_set_clear_func(menu->items, clear_item);
    menu->data = take_data;
    menu->destroy = destroy;
    return menu;
}

void
hv_menu_open(HvMenu *menu, HvConsole *console)
{
    hv_dialog_open(console, &menu->dialog);
}

void
hv_menu_note(HvMenu *menu, HvRole role, const char *text)
{
    const Note note = { role, g_strdup(text) };

    g_array_append_val(menu->notes, note);
}

void
hv_menu_item(HvMenu *menu, const char *text, const char *why_not, HvMenuChosen chosen)
{
    const Item item = { g_strdup(text), g_strdup(why_not), chosen };

    g_array_append_val(menu->items, item);
}

/* ---- as lines ---- */

static void
save(const HvDialog *dialog, HvViewOut *out)
{
    const HvMenu *self = (const HvMenu *)dialog;

    hv_view_put(out, "title", self->title);
    for (guint i = 0; i < self->notes->len; i++) {
        const Note *note = &g_array_index(self->notes, Note, i);
        const char *fields[] = { hv_role_names[note->role], note->text };

        hv_view_put_fields(out, "note", fields, G_N_ELEMENTS(fields));
    }
    for (guint i = 0; i < self->items->len; i++) {
        const Item *item = &g_array_index(self->items, Item, i);
        const char *fields[] = { item->text, item->why_not };

        hv_view_put_fields(out, "item", fields, G_N_ELEMENTS(fields));
    }
    hv_view_put_number(out, "current", self->cursor);
    hv_view_put(out, "said", self->said);
}

static HvRole
role_of(const char *name)
{
    for (HvRole role = 0; role < HV_N_ROLES; role++)
        if (g_str_equal(hv_role_names[role], name))
            return role;
    return HV_ROLE_DIALOG;
}

static HvDialog *
load(HvConsole *console G_GNUC_UNUSED, HvViewIn *in)
{
    g_autofree char *title = hv_view_get(in, "title");
    HvMenu *self = hv_menu_new(title, NULL, NULL);

    for (guint i = 0; i < hv_view_n(in, "note"); i++) {
        g_auto(GStrv) fields = hv_view_fields(in, "note", i, 2);

        hv_menu_note(self, role_of(fields[0]), fields[1]);
    }
    for (guint i = 0; i < hv_view_n(in, "item"); i++) {
        g_auto(GStrv) fields = hv_view_fields(in, "item", i, 2);

        hv_menu_item(self, fields[0], *fields[1] ? fields[1] : NULL, NULL);
    }
    self->cursor = (guint)hv_view_number(in, "current", 0, G_MAXUINT16);
    self->said = hv_view_get(in, "said");
    return &self->dialog;
}

const HvDialogClass hv_dialog_menu_class = {
    .draw = draw,
    .event = event,
    .answer = answer,
    .free = free_menu,
    .name = "menu",
    .save = save,
    .load = load,
};

void
hv_menu_say(HvMenu *menu, const char *text)
{
    char *copy = g_strdup(text);

    g_free(menu->said);
    menu->said = copy;
    menu->serial = 0;
}

gpointer
hv_menu_data(const HvMenu *menu)
{
    return menu->data;
}

void
hv_menu_plan(HvMenu *menu, HvConsole *console, GPtrArray *take_wishes)
{
    HvIntent *intent = hv_intent_new(HV_INTENT_PLAN);

    g_ptr_array_unref(intent->wishes);
    intent->wishes = take_wishes;
    menu->serial = hv_console_submit(console, intent);
}

void
hv_menu_recipe(HvMenu *menu, HvConsole *console, const char *name, const char *first,
               const char *second)
{
    HvIntent *intent = hv_intent_new(HV_INTENT_RECIPE);
    const char *arguments[] = { first, second, NULL };

    intent->recipe = g_strdup(name);
    intent->arguments = g_strdupv((char **)(gpointer)arguments);
    menu->serial = hv_console_submit(console, intent);
}
