/* Windows over a screen: the stack they stand on, their frame, texts to scroll, choices. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/dialog.h"

#include "model/i18n.h"
#include "tui/console-private.h"

#define WHEEL_ROWS 3
#define MAX_SAVED_LINES 100 /* of a text that is saved whole */
#define MAX_LINES 100000    /* of a text that is loaded */

void
hv_dialog_free(HvDialog *dialog)
{
    if (!dialog)
        return;
    if (dialog->class->free)
        dialog->class->free(dialog);
    g_free(dialog);
}

void
hv_dialog_open(HvConsole *console, HvDialog *take_dialog)
{
    g_ptr_array_add(console->dialogs, take_dialog);
}

static HvDialog *
top_dialog(const HvConsole *console)
{
    const guint n = console->dialogs->len;

    return n ? g_ptr_array_index(console->dialogs, n - 1) : NULL;
}

static void
close_over(HvConsole *console)
{
    const HvDialog *former = top_dialog(console);
    const guint n = console->dialogs->len;
    HvDialog *top;

    for (guint i = n; i > 0; i--) {
        const HvDialog *dialog = g_ptr_array_index(console->dialogs, i - 1);

        if (dialog->is_over)
            g_ptr_array_remove_index(console->dialogs, i - 1);
    }
    top = top_dialog(console);
    if (top && top != former && console->dialogs->len < n && top->class->uncovered &&
        !top->is_picture)
        top->class->uncovered(top, console);
}

gboolean
hv_dialog_draw(HvConsole *console, HvCanvas *canvas)
{
    HvDialog *dialog = top_dialog(console);

    if (!dialog)
        return FALSE;
    dialog->class->draw(dialog, console, canvas);
    return TRUE;
}

static gboolean
is_closing_key(const HvEvent *event)
{
    return event->kind == HV_EVENT_KEY &&
           (event->key == HV_KEY_ESCAPE || event->key == HV_KEY_BACKSPACE || event->key == 'q');
}

static gboolean
is_enter(const HvEvent *event)
{
    return event->kind == HV_EVENT_KEY && event->key == HV_KEY_ENTER;
}

/* What moves or scrolls, and turns a plan to its shell lines or its notes. */
static gboolean
is_for_picture(const HvEvent *event)
{
    guint nothing = 0;

    if (event->kind == HV_EVENT_KEY && (event->key == '$' || event->key == HV_KEY_TAB))
        return TRUE;
    return hv_dialog_scroll(event, &nothing, 1);
}

gboolean
hv_dialog_event(HvConsole *console, const HvEvent *event)
{
    HvDialog *dialog = top_dialog(console);

    if (!dialog)
        return FALSE;
    if (dialog->is_picture && !is_for_picture(event))
        dialog->is_over = is_closing_key(event) || is_enter(event);
    else if (!dialog->class->event || !dialog->class->event(dialog, console, event))
        dialog->is_over = dialog->is_over || is_closing_key(event);
    close_over(console);
    return TRUE;
}

gboolean
hv_dialog_answer(HvConsole *console, HvAnswer *answer)
{
    gboolean is_taken = FALSE;

    for (guint i = console->dialogs->len; i > 0 && !is_taken; i--) {
        HvDialog *dialog = g_ptr_array_index(console->dialogs, i - 1);

        is_taken = !dialog->is_picture && dialog->class->answer &&
                   dialog->class->answer(dialog, console, answer);
    }
    close_over(console);
    return is_taken;
}

/* Where the next key of @width columns goes; on the row below where it does not fit. */
static void
place_key(int *x, int *row, int left, int end, int width)
{
    if (*x > left && *x + width > end) {
        *x = left;
        (*row)++;
    }
}

static int
key_width(const HvBinding *binding)
{
    return binding->name
               ? hv_text_width(hv_key_name(binding->key)) + 1 + hv_text_width(_(binding->name))
               : 0;
}

static int
count_key_rows(const HvBinding *bindings, int width)
{
    int x = 0, row = 0;

    for (const HvBinding *binding = bindings; binding && binding->key; binding++)
        if (binding->name) {
            place_key(&x, &row, 0, width, key_width(binding));
            x += key_width(binding) + 2;
        }
    return bindings ? row + 1 : 0;
}

static void
draw_keys(const HvDialog *dialog, HvCanvas *canvas, const HvFrame *frame, int y)
{
    int x = frame->x, row = 0;

    for (const HvBinding *binding = dialog->bindings; binding && binding->key; binding++) {
        if (!binding->name)
            continue;
        place_key(&x, &row, frame->x, frame->x + frame->width, key_width(binding));
        x = hv_canvas_print(canvas, x, y + row, HV_ROLE_KEY, hv_key_name(binding->key)) + 1;
        x = hv_canvas_print(canvas, x, y + row, HV_ROLE_DIALOG, _(binding->name)) + 2;
    }
}

HvFrame
hv_dialog_frame(const HvDialog *dialog, HvCanvas *canvas, const char *title, int width,
                int height)
{
    const int w = MIN(width, canvas->columns - 2);
    const int n_keys = count_key_rows(dialog->bindings, w - 4);
    const int h = MIN(height + MAX(n_keys - 1, 0), canvas->rows - 2);
    const int x = (canvas->columns - w) / 2, y = (canvas->rows - h) / 2;
    HvFrame inside = { x + 2, y + 1, w - 4, h - 2 };

    hv_canvas_fill(canvas, x, y, w, h, HV_ROLE_DIALOG, " ");
    hv_canvas_box(canvas, x, y, w, h, HV_ROLE_BOX, title);
    hv_canvas_clip(canvas, inside.x, inside.y, inside.width, inside.height);
    if (n_keys && inside.height > n_keys) {
        inside.height -= n_keys;
        draw_keys(dialog, canvas, &inside, inside.y + inside.height);
    }
    return inside;
}

guint
hv_dialog_lines(const HvFrame *frame, HvCanvas *canvas, const GPtrArray *lines, guint offset)
{
    const guint page = (guint)MAX(frame->height, 1);

    if (offset + page > lines->len)
        offset = lines->len > page ? lines->len - page : 0;
    for (guint i = 0; i < page && offset + i < lines->len; i++)
        hv_canvas_print_in(canvas, frame->x, frame->y + (int)i, frame->width, -1,
                           HV_ROLE_DIALOG, g_ptr_array_index(lines, offset + i));
    if (offset + page < lines->len)
        hv_canvas_print(canvas, frame->x + frame->width - 1, frame->y + frame->height - 1,
                        HV_ROLE_DIM, hv_canvas_glyph(canvas, "↓", "v"));
    if (offset > 0)
        hv_canvas_print(canvas, frame->x + frame->width - 1, frame->y, HV_ROLE_DIM,
                        hv_canvas_glyph(canvas, "↑", "^"));
    return offset;
}

static int
scroll_by(const HvEvent *event, int page)
{
    if (event->kind == HV_EVENT_MOUSE)
        return event->mouse == HV_MOUSE_WHEEL_UP     ? -WHEEL_ROWS
               : event->mouse == HV_MOUSE_WHEEL_DOWN ? WHEEL_ROWS
                                                     : 0;
    if (event->kind != HV_EVENT_KEY)
        return 0;
    switch (event->key) {
    case HV_KEY_UP:
    case 'k':
        return -1;
    case HV_KEY_DOWN:
    case 'j':
        return 1;
    case HV_KEY_PAGE_UP:
        return -page;
    case HV_KEY_PAGE_DOWN:
    case ' ':
        return page;
    case HV_KEY_HOME:
    case 'g':
        return -G_MAXINT / 4;
    case HV_KEY_END:
    case 'G':
        return G_MAXINT / 4;
    default:
        return 0;
    }
}

gboolean
hv_dialog_scroll(const HvEvent *event, guint *offset, guint page)
{
    const int by = scroll_by(event, (int)MAX(page, 1));

    *offset = (guint)CLAMP((int)*offset + by, 0, G_MAXINT / 2);
    return by != 0;
}

GPtrArray *
hv_dialog_wrap(const char *text, int width)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    GString *line = g_string_new(NULL);

    for (char **word = words; *word; word++) {
        if (line->len && hv_text_width(line->str) + 1 + hv_text_width(*word) > width) {
            g_ptr_array_add(lines, g_string_free(line, FALSE));
            line = g_string_new(NULL);
        }
        g_string_append_printf(line, "%s%s", line->len ? " " : "", *word);
    }
    g_ptr_array_add(lines, g_string_free(line, FALSE));
    return lines;
}

/* ---- a text to read ---- */

typedef struct {
    HvDialog dialog;
    char *title;
    GPtrArray *lines;
    int width; /* of the longest */
    guint offset, page;
} TextDialog;

static const HvBinding text_bindings[] = {
    { HV_KEY_ESCAPE, N_("close"), NULL, { .verb = HV_DO_EVENT } },
    { 0 },
};

static int
widest(const GPtrArray *lines)
{
    int width = 40;

    for (guint i = 0; i < lines->len; i++)
        width = MAX(width, hv_text_width(g_ptr_array_index(lines, i)));
    return width;
}

static void
draw_text(HvDialog *dialog, HvConsole *console G_GNUC_UNUSED, HvCanvas *canvas)
{
    TextDialog *self = (TextDialog *)dialog;
    const HvFrame frame = hv_dialog_frame(dialog, canvas, self->title, self->width + 4,
                                          (int)self->lines->len + 3);

    self->offset = hv_dialog_lines(&frame, canvas, self->lines, self->offset);
    self->page = (guint)MAX(frame.height - 1, 1);
}

static gboolean
text_event(HvDialog *dialog, HvConsole *console G_GNUC_UNUSED, const HvEvent *event)
{
    TextDialog *self = (TextDialog *)dialog;

    if (hv_dialog_scroll(event, &self->offset, self->page))
        return TRUE;
    dialog->is_over = event->kind == HV_EVENT_KEY && event->key == HV_KEY_ENTER;
    return dialog->is_over;
}

static void
free_text(HvDialog *dialog)
{
    TextDialog *self = (TextDialog *)dialog;

    g_free(self->title);
    g_ptr_array_unref(self->lines);
}

/* All lines where they are few; else those in view, which the others only give room. */
static void
save_text(const HvDialog *dialog, HvViewOut *out)
{
    const TextDialog *self = (const TextDialog *)dialog;
    const guint n = self->lines->len;
    const gboolean is_short = n <= MAX_SAVED_LINES;
    const guint first = is_short ? 0 : MIN(self->offset, n);
    const guint end = is_short ? n : MIN(n, first + self->page + 1);

    hv_view_put(out, "title", self->title);
    hv_view_put_number(out, "lines", n);
    hv_view_put_number(out, "first", first);
    hv_view_put_number(out, "width", self->width);
    hv_view_put_number(out, "scroll", self->offset);
    for (guint i = first; i < end; i++)
        hv_view_put(out, "line", g_ptr_array_index(self->lines, i));
}

static TextDialog *
new_text(const char *title, GPtrArray *take_lines)
{
    TextDialog *self = g_new0(TextDialog, 1);

    self->dialog = (HvDialog){ .class = &hv_dialog_text_class, .bindings = text_bindings };
    self->title = g_strdup(title);
    self->lines = take_lines;
    self->width = widest(take_lines);
    return self;
}

static HvDialog *
load_text(HvConsole *console G_GNUC_UNUSED, HvViewIn *in)
{
    const guint n = (guint)hv_view_number(in, "lines", 0, MAX_LINES);
    const guint first = (guint)hv_view_number(in, "first", 0, n);
    const int width = (int)hv_view_number(in, "width", 0, G_MAXINT16);
    g_autofree char *title = hv_view_get(in, "title");
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    TextDialog *self;

    for (guint i = 0; i < n; i++) {
        char *line = i < first ? NULL : hv_view_nth(in, "line", i - first);

        g_ptr_array_add(lines, line ? line : g_strdup(""));
    }
    self = new_text(title ? title : "", lines);
    self->width = MAX(self->width, width);
    self->offset = (guint)hv_view_number(in, "scroll", 0, n);
    return &self->dialog;
}

const HvDialogClass hv_dialog_text_class = {
    .draw = draw_text,
    .event = text_event,
    .free = free_text,
    .name = "text",
    .save = save_text,
    .load = load_text,
};

void
hv_dialog_text(HvConsole *console, const char *title, GPtrArray *take_lines)
{
    hv_dialog_open(console, &new_text(title, take_lines)->dialog);
}

/* ---- one of several ---- */

typedef struct {
    HvDialog dialog;
    char *title;
    char **names;
    guint current, offset;
    int top, page; /* of the lines on screen */
    HvChosen chosen;
    gpointer data;
} ChoiceDialog;

static const HvBinding choice_bindings[] = {
    { HV_KEY_ENTER, N_("take it"), NULL, { .verb = HV_DO_EVENT } },
    { HV_KEY_ESCAPE, N_("cancel"), NULL, { .verb = HV_DO_EVENT } },
    { 0 },
};

static int
choice_width(const ChoiceDialog *self)
{
    int width = 24;

    for (char **name = self->names; *name; name++)
        width = MAX(width, hv_text_width(*name) + 2);
    return width;
}

static void
draw_choice(HvDialog *dialog, HvConsole *console G_GNUC_UNUSED, HvCanvas *canvas)
{
    ChoiceDialog *self = (ChoiceDialog *)dialog;
    const guint n = g_strv_length(self->names);
    const HvFrame frame =
        hv_dialog_frame(dialog, canvas, self->title, choice_width(self) + 4, (int)n + 3);

    self->page = MAX(frame.height, 1);
    self->top = frame.y;
    if (self->current < self->offset)
        self->offset = self->current;
    if (self->current >= self->offset + (guint)self->page)
        self->offset = self->current - (guint)self->page + 1;
    for (guint i = self->offset; i < n && i < self->offset + (guint)self->page; i++) {
        const gboolean is_current = i == self->current;
        const int y = frame.y + (int)(i - self->offset);

        hv_canvas_print(canvas, frame.x, y, HV_ROLE_DIALOG,
                        is_current ? hv_canvas_glyph(canvas, "▌", ">") : " ");
        hv_canvas_print_in(canvas, frame.x + 2, y, frame.width - 2, -1,
                           is_current ? HV_ROLE_CURSOR : HV_ROLE_DIALOG, self->names[i]);
    }
}

static void
choose(ChoiceDialog *self, HvConsole *console)
{
    self->dialog.is_over = TRUE;
    self->chosen(self->data, console, self->current);
}

static gboolean
choice_event(HvDialog *dialog, HvConsole *console, const HvEvent *event)
{
    ChoiceDialog *self = (ChoiceDialog *)dialog;
    const guint last = g_strv_length(self->names) - 1;
    const guint at = self->offset + (guint)MAX(event->y - self->top, 0);

    if (hv_dialog_scroll(event, &self->current, (guint)self->page)) {
        self->current = MIN(self->current, last);
        return TRUE;
    }
    if (event->kind == HV_EVENT_MOUSE && event->mouse == HV_MOUSE_PRESS && at <= last &&
        event->y >= self->top && event->y < self->top + self->page) {
        self->current = at;
        choose(self, console);
        return TRUE;
    }
    if (event->kind == HV_EVENT_KEY && event->key == HV_KEY_ENTER) {
        choose(self, console);
        return TRUE;
    }
    return FALSE;
}

static void
free_choice(HvDialog *dialog)
{
    ChoiceDialog *self = (ChoiceDialog *)dialog;

    g_free(self->title);
    g_strfreev(self->names);
}

static void
save_choice(const HvDialog *dialog, HvViewOut *out)
{
    const ChoiceDialog *self = (const ChoiceDialog *)dialog;

    hv_view_put(out, "title", self->title);
    hv_view_put_number(out, "current", self->current);
    hv_view_put_number(out, "scroll", self->offset);
    for (char **name = self->names; *name; name++)
        hv_view_put(out, "name", *name);
}

static HvDialog *
load_choice(HvConsole *console G_GNUC_UNUSED, HvViewIn *in)
{
    const guint n = hv_view_n(in, "name");
    ChoiceDialog *self;

    if (!n)
        return NULL;
    self = g_new0(ChoiceDialog, 1);
    self->dialog = (HvDialog){ .class = &hv_dialog_choice_class, .bindings = choice_bindings };
    self->title = hv_view_get(in, "title");
    self->names = g_new0(char *, n + 1);
    for (guint i = 0; i < n; i++)
        self->names[i] = hv_view_nth(in, "name", i);
    self->current = (guint)hv_view_number(in, "current", 0, n - 1);
    self->offset = (guint)hv_view_number(in, "scroll", 0, n - 1);
    return &self->dialog;
}

const HvDialogClass hv_dialog_choice_class = {
    .draw = draw_choice,
    .event = choice_event,
    .free = free_choice,
    .name = "choice",
    .save = save_choice,
    .load = load_choice,
};

void
hv_dialog_choose(HvConsole *console, const char *title, char **take_names, guint current,
                 HvChosen chosen, gpointer data)
{
    ChoiceDialog *self = g_new0(ChoiceDialog, 1);

    self->dialog = (HvDialog){ .class = &hv_dialog_choice_class, .bindings = choice_bindings };
    self->title = g_strdup(title);
    self->names = take_names;
    self->current = current;
    self->chosen = chosen;
    self->data = data;
    hv_dialog_open(console, &self->dialog);
}
