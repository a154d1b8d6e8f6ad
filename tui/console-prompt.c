/* The line at the foot: a filter as it is typed, or a command with its completion. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "model/i18n.h"
#include "tui/console-private.h"

#define MAX_TYPED 100 /* former commands kept */

static void
forget_completions(HvConsole *console)
{
    g_clear_pointer(&console->completions, g_ptr_array_unref);
    g_clear_pointer(&console->completed_line, g_free);
}

void
hv_prompt_open(HvConsole *console, HvPrompt prompt, const char *text)
{
    g_free(console->filter_before);
    console->filter_before = g_strdup(text);
    console->prompt = prompt;
    console->typed_at = console->typed->len;
    forget_completions(console);
    hv_line_set(&console->line, text);
}

void
hv_prompt_close(HvConsole *console)
{
    console->prompt = HV_PROMPT_NONE;
    forget_completions(console);
}

/* ---- the filter ---- */

static void
set_filter(HvConsole *console, const char *text)
{
    char **filter = (char **)&g_ptr_array_index(console->filters, console->screen);
    char *copy = g_strdup(text);

    g_free(*filter);
    *filter = copy;
}

static gboolean
is_move(guint key)
{
    return key == HV_KEY_UP || key == HV_KEY_DOWN || key == HV_KEY_PAGE_UP ||
           key == HV_KEY_PAGE_DOWN;
}

static void
filter_event(HvConsole *console, const HvEvent *event)
{
    const gboolean is_key = event->kind == HV_EVENT_KEY;
    const HvScreen *screen = hv_console_screen(console);

    if (is_key && event->key == HV_KEY_ENTER) {
        hv_prompt_close(console);
    } else if (is_key && event->key == HV_KEY_ESCAPE) {
        set_filter(console, console->filter_before);
        hv_prompt_close(console);
    } else if (is_key && event->key == HV_KEY_BACKSPACE && !console->line.text->len) {
        hv_prompt_close(console);
    } else if (is_key && is_move(event->key) && screen->event) {
        screen->event(console->states[console->screen], hv_console_view(console), event);
    } else if (hv_line_event(&console->line, event)) {
        set_filter(console, console->line.text->str);
    }
}

/* ---- completion ---- */

/* A completion replaces the line where it begins with it, else its last word. */
static void
complete_with(HvConsole *console, const char *completion)
{
    const char *line = console->completed_line, *blank = strrchr(line, ' ');
    g_autofree char *head = g_strndup(line, blank ? (gsize)(blank + 1 - line) : 0);
    g_autofree char *whole = g_str_has_prefix(completion, line)
                                 ? g_strdup(completion)
                                 : g_strconcat(head, completion, NULL);

    hv_line_set(&console->line, whole);
}

static char *
common_prefix(const GPtrArray *words)
{
    char *prefix = g_strdup(g_ptr_array_index(words, 0));

    for (guint i = 1; i < words->len; i++) {
        const char *word = g_ptr_array_index(words, i);
        gsize n = 0;

        while (prefix[n] && prefix[n] == word[n])
            n++;
        while (n && (prefix[n] & 0xc0) == 0x80) /* never in mid-character */
            n--;
        prefix[n] = '\0';
    }
    return prefix;
}

static void
add_screens(const char *line, GPtrArray *words)
{
    for (guint i = 0; hv_screens[i]; i++)
        if (g_str_has_prefix(hv_screens[i]->name, line))
            g_ptr_array_add(words, g_strdup(hv_screens[i]->name));
}

static void
begin_completion(HvConsole *console)
{
    const char *line = console->line.text->str;
    GPtrArray *words = NULL;
    g_autofree char *prefix = NULL;

    forget_completions(console);
    if (console->backend->complete)
        words = console->backend->complete(console->backend->data, line);
    if (!words)
        words = g_ptr_array_new_with_free_func(g_free);
    if (!strchr(line, ' '))
        add_screens(line, words);
    console->completions = words;
    console->completed_line = g_strdup(line);
    console->completion = words->len;
    if (!words->len)
        return;
    prefix = common_prefix(words);
    if (*prefix)
        complete_with(console, prefix);
    if (words->len == 1) {
        if (!g_str_has_suffix(prefix, "=") && !g_str_has_suffix(prefix, "/") &&
            !g_str_has_suffix(prefix, " "))
            g_string_append_c(console->line.text, ' ');
        console->line.cursor = console->line.text->len;
        forget_completions(console);
    }
}

/* The first Tab fills in what all have in common, further ones go through them. */
static void
complete(HvConsole *console)
{
    const GPtrArray *words = console->completions;

    if (!words || !words->len) {
        begin_completion(console);
        return;
    }
    console->completion = console->completion + 1 >= words->len ? 0 : console->completion + 1;
    complete_with(console, g_ptr_array_index(words, console->completion));
}

/* ---- the command line ---- */

static void
remember(HvConsole *console, const char *line)
{
    const guint n = console->typed->len;

    if (n && g_str_equal(g_ptr_array_index(console->typed, n - 1), line))
        return;
    if (n == MAX_TYPED)
        g_ptr_array_remove_index(console->typed, 0);
    g_ptr_array_add(console->typed, g_strdup(line));
}

static void
run_line(HvConsole *console, const char *line)
{
    HvIntent *intent;

    remember(console, line);
    if (g_str_equal(line, "q") || g_str_equal(line, "quit")) {
        console->quit = TRUE;
        return;
    }
    if (hv_console_go(console, line))
        return;
    intent = hv_intent_new(HV_INTENT_COMMAND);
    intent->line = g_strdup(line);
    hv_console_submit(console, intent);
}

static void
recall(HvConsole *console, int step)
{
    const int n = (int)console->typed->len, at = CLAMP((int)console->typed_at + step, 0, n);

    console->typed_at = (guint)at;
    hv_line_set(&console->line, at < n ? g_ptr_array_index(console->typed, at) : "");
}

static void
enter_line(HvConsole *console)
{
    g_autofree char *line = g_strstrip(g_strdup(console->line.text->str));

    hv_prompt_close(console);
    if (*line)
        run_line(console, line);
}

static void
command_key(HvConsole *console, guint key)
{
    switch (key) {
    case HV_KEY_ENTER:
        enter_line(console);
        break;
    case HV_KEY_TAB:
        complete(console);
        break;
    case HV_KEY_UP:
        recall(console, -1);
        break;
    case HV_KEY_DOWN:
        recall(console, 1);
        break;
    default:
        break;
    }
}

static void
command_event(HvConsole *console, const HvEvent *event)
{
    const gboolean is_key = event->kind == HV_EVENT_KEY;

    if (is_key && (event->key == HV_KEY_ESCAPE ||
                   (event->key == HV_KEY_BACKSPACE && !console->line.text->len)))
        hv_prompt_close(console);
    else if (hv_line_event(&console->line, event))
        forget_completions(console);
    else if (is_key)
        command_key(console, event->key);
}

void
hv_prompt_event(HvConsole *console, const HvEvent *event)
{
    if (console->prompt == HV_PROMPT_FILTER)
        filter_event(console, event);
    else
        command_event(console, event);
}

/* ---- drawing ---- */

static void
draw_completions(const HvConsole *console, HvCanvas *canvas)
{
    const GPtrArray *words = console->completions;
    const int y = canvas->rows - 2;
    int x = 1;

    hv_canvas_fill(canvas, 0, y, canvas->columns, 1, HV_ROLE_DIALOG, " ");
    if (!words->len)
        hv_canvas_print(canvas, x, y, HV_ROLE_DIM, _("no completion"));
    for (guint i = 0; i < words->len && x < canvas->columns; i++)
        x = hv_canvas_print(canvas, x, y,
                            i == console->completion ? HV_ROLE_CURSOR : HV_ROLE_DIALOG,
                            g_ptr_array_index(words, i)) +
            2;
}

void
hv_prompt_draw(HvConsole *console, HvCanvas *canvas)
{
    const int y = canvas->rows - 1;

    if (console->completions)
        draw_completions(console, canvas);
    hv_canvas_print(canvas, 0, y, HV_ROLE_KEY, console->prompt == HV_PROMPT_FILTER ? "/" : ":");
    hv_line_draw(&console->line, canvas, 1, y, canvas->columns - 1);
}
