/* Keys and mouse: the common key table, what each of its actions does, who gets an event. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "model/i18n.h"
#include "tui/timeline.h"

#define NOT_YET(key)                                                                           \
    {                                                                                          \
        key, NULL, NULL,                                                                       \
        {                                                                                      \
            .verb = HV_DO_NOT_YET                                                              \
        }                                                                                      \
    }

const HvBinding hv_common_bindings[] = {
    { HV_KEY_F1, N_("help"), N_("this help"), { .verb = HV_DO_HELP } },
    { '?', NULL, NULL, { .verb = HV_DO_HELP } },
    { 'h', NULL, NULL, { .verb = HV_DO_HELP } },
    { 'a',
      N_("affinity"),
      N_("on which cpus the vCPU, or threads of the tagged VMs, may run"),
      { .verb = HV_DO_AFFINITY } },
    { 'v',
      N_("move"),
      N_("where could the VM, or each of the tagged ones, go?"),
      { .verb = HV_DO_MOVE } },
    { 'c',
      N_("cache"),
      N_("cache and bandwidth of the VM: a share, a throttle, a group"),
      { .verb = HV_DO_CACHE } },
    { 'i', NULL, N_("interrupts of the VM: to the node of its vCPUs"), { .verb = HV_DO_IRQS } },
    { 'w',
      N_("why"),
      N_("why is it slow: the sheet behind the VM's numbers"),
      { .verb = HV_DO_SHEET } },
    { 'u',
      N_("undo"),
      N_("take the newest change back; shows the plan first"),
      { .verb = HV_DO_UNDO } },
    { 'K', NULL, N_("keep the change that would revert by itself"), { .verb = HV_DO_CONFIRM } },
    { '/',
      N_("filter"),
      N_("show only rows that match: web, node:1, wait>5, remote>50, !idle"),
      { .verb = HV_DO_FILTER } },
    { HV_KEY_F4, NULL, NULL, { .verb = HV_DO_FILTER } },
    { ':', N_("command"), N_("command line; Tab completes"), { .verb = HV_DO_COMMAND } },
    { HV_KEY_F2, N_("settings"), N_("theme, mono, ASCII"), { .verb = HV_DO_SETTINGS } },
    { '1', NULL, N_("go to the screen of that number"), { .verb = HV_DO_SCREEN } },
    { '2', NULL, NULL, { .verb = HV_DO_SCREEN } },
    { '3', NULL, NULL, { .verb = HV_DO_SCREEN } },
    { '4', NULL, NULL, { .verb = HV_DO_SCREEN } },
    { '5', NULL, NULL, { .verb = HV_DO_SCREEN } },
    { '6', NULL, NULL, { .verb = HV_DO_SCREEN } },
    { '7', NULL, NULL, { .verb = HV_DO_SCREEN } },
    { '8', NULL, NULL, { .verb = HV_DO_SCREEN } },
    { HV_KEY_TAB, NULL, N_("next screen"), { .verb = HV_DO_NEXT_SCREEN } },
    { HV_KEY_BACKTAB, NULL, N_("previous screen"), { .verb = HV_DO_PREVIOUS_SCREEN } },
    { 'q', N_("quit"), N_("back; from a top screen quit at once"), { .verb = HV_DO_BACK } },
    { HV_KEY_ESCAPE, NULL, N_("back, never quit"), { .verb = HV_DO_BACK } },
    { HV_KEY_BACKSPACE, NULL, NULL, { .verb = HV_DO_BACK } },
    { 'Q', NULL, N_("quit from anywhere"), { .verb = HV_DO_QUIT } },
    { HV_KEY_F10, NULL, NULL, { .verb = HV_DO_QUIT } },
    { HV_KEY_CTRL + 'c', NULL, NULL, { .verb = HV_DO_QUIT } },
    { HV_KEY_UP, NULL, N_("move the cursor"), { .verb = HV_DO_EVENT } },
    { HV_KEY_DOWN, NULL, NULL, { .verb = HV_DO_EVENT } },
    { HV_KEY_LEFT, NULL, NULL, { .verb = HV_DO_EVENT } },
    { HV_KEY_RIGHT, NULL, NULL, { .verb = HV_DO_EVENT } },
    { 'j', NULL, NULL, { .verb = HV_DO_EVENT } },
    { 'k', NULL, NULL, { .verb = HV_DO_EVENT } },
    { HV_KEY_HOME, NULL, N_("first row, last row"), { .verb = HV_DO_EVENT } },
    { HV_KEY_END, NULL, NULL, { .verb = HV_DO_EVENT } },
    { 'g', NULL, NULL, { .verb = HV_DO_EVENT } },
    { 'G', NULL, NULL, { .verb = HV_DO_EVENT } },
    { HV_KEY_PAGE_UP, NULL, N_("a page up, a page down"), { .verb = HV_DO_EVENT } },
    { HV_KEY_PAGE_DOWN, NULL, NULL, { .verb = HV_DO_EVENT } },
    { HV_KEY_ENTER, NULL, N_("open what is under the cursor"), { .verb = HV_DO_EVENT } },
    { ' ', NULL, N_("tag the VM: a change then applies to all tagged"), { .verb = HV_DO_TAG } },
    { 'U', NULL, N_("untag all"), { .verb = HV_DO_UNTAG } },
    { 'n', NULL, N_("next match"), { .verb = HV_DO_NEXT_MATCH } },
    { 'p', NULL, N_("previous match"), { .verb = HV_DO_PREVIOUS_MATCH } },
    { HV_KEY_F6, NULL, N_("choose the sort column"), { .verb = HV_DO_SORT } },
    { '<', NULL, N_("sort by the column to the left, to the right"), { .verb = HV_DO_SORT } },
    { '>', NULL, NULL, { .verb = HV_DO_SORT } },
    { 'P', NULL, N_("sort by cpu"), { .verb = HV_DO_SORT_BY, .column = "cpu" } },
    { 'M', NULL, N_("sort by memory"), { .verb = HV_DO_SORT_BY, .column = "memory" } },
    { 'N', NULL, N_("sort by name"), { .verb = HV_DO_SORT_BY, .column = "name" } },
    { 'A', NULL, N_("worst first"), { .verb = HV_DO_SORT_BY, .column = "worst" } },
    { 'I', NULL, N_("reverse the order"), { .verb = HV_DO_REVERSE } },
    { 'z', NULL, N_("freeze the screen, or let it go on"), { .verb = HV_DO_FREEZE } },
    { 'x', NULL, N_("without colours, or with them"), { .verb = HV_DO_MONO } },
    { HV_KEY_CTRL + 'l', NULL, N_("paint the screen anew"), { .verb = HV_DO_REPAINT } },
    NOT_YET('l'),
    { 't', NULL, N_("look forth, and back, in what is remembered"), { .verb = HV_DO_PAST } },
    { 'T', NULL, NULL, { .verb = HV_DO_PAST } },
    { 'b', NULL, N_("go to a time, as 14:02 or -5m, or back to now"), { .verb = HV_DO_PAST } },
    { '[', NULL, N_("previous, next change, note or finding"), { .verb = HV_DO_PAST } },
    { ']', NULL, NULL, { .verb = HV_DO_PAST } },
    { ',', NULL, N_("of a recording: one sample back, forth"), { .verb = HV_DO_PAST } },
    { '.', NULL, NULL, { .verb = HV_DO_PAST } },
    { '{', NULL, N_("of a recording: sixty samples back, forth"), { .verb = HV_DO_PAST } },
    { '}', NULL, NULL, { .verb = HV_DO_PAST } },
    { '+',
      NULL,
      N_("of a recording: faster, slower; Space plays and pauses"),
      { .verb = HV_DO_PAST } },
    { '-', NULL, NULL, { .verb = HV_DO_PAST } },
    { '=', NULL, N_("of a recording: compare with another time"), { .verb = HV_DO_PAST } },
    { 'F',
      NULL,
      N_("of a recording: follow the operator's view again"),
      { .verb = HV_DO_PAST } },
    { 'Z', NULL, N_("of a recording: hide the timeline, or show it"), { .verb = HV_DO_PAST } },
    { 'm', NULL, N_("a mark with a note, into the recording"), { .verb = HV_DO_NOTE } },
    { 'R',
      NULL,
      N_("record into a file, with what just happened; stop"),
      { .verb = HV_DO_RECORD } },
    NOT_YET('$'),
    NOT_YET('!'),
    { 0 },
};

static gboolean
do_nothing(HvConsole *console G_GNUC_UNUSED, const HvAction *action G_GNUC_UNUSED,
           guint key G_GNUC_UNUSED)
{
    return TRUE;
}

/* The screen knows its rows and columns. */
static gboolean
do_forward(HvConsole *console, const HvAction *action G_GNUC_UNUSED, guint key)
{
    const HvScreen *screen = hv_console_screen(console);
    const HvEvent event = { .kind = HV_EVENT_KEY, .key = key };

    return screen->event &&
           screen->event(console->states[console->screen], hv_console_view(console), &event);
}

static gboolean
do_not_yet(HvConsole *console, const HvAction *action G_GNUC_UNUSED, guint key)
{
    hv_console_say(console, HV_ROLE_WARM, _("%s: not in this version"), hv_key_name(key));
    return TRUE;
}

static gboolean
do_screen(HvConsole *console, const HvAction *action, guint key)
{
    const HvScreen *screen = hv_console_screen_of_number(key - '0');

    if (action->screen)
        return hv_console_go(console, action->screen);
    return screen ? hv_console_go(console, screen->name) : do_not_yet(console, action, key);
}

/* By number, round the end; from a screen without one to the first or last. */
static gboolean
step_screen(HvConsole *console, int step)
{
    const int from = (int)hv_console_screen(console)->number;

    for (int i = 1; i <= 9; i++) {
        const HvScreen *screen =
            hv_console_screen_of_number((guint)(((from + step * i) % 9 + 9) % 9));

        if (screen)
            return hv_console_go(console, screen->name);
    }
    return FALSE;
}

static gboolean
do_next_screen(HvConsole *console, const HvAction *action G_GNUC_UNUSED,
               guint key G_GNUC_UNUSED)
{
    return step_screen(console, 1);
}

static gboolean
do_previous_screen(HvConsole *console, const HvAction *action G_GNUC_UNUSED,
                   guint key G_GNUC_UNUSED)
{
    return step_screen(console, -1);
}

static gboolean
do_help(HvConsole *console, const HvAction *action G_GNUC_UNUSED, guint key G_GNUC_UNUSED)
{
    hv_dialog_help(console);
    return TRUE;
}

static gboolean
do_quit(HvConsole *console, const HvAction *action G_GNUC_UNUSED, guint key G_GNUC_UNUSED)
{
    console->quit = TRUE;
    return TRUE;
}

static void
drop_filter(HvConsole *console)
{
    char **filter = (char **)&g_ptr_array_index(console->filters, console->screen);

    g_free(*filter);
    *filter = g_strdup("");
}

/* `q` leaves a top screen at once; Escape first lets go of what is held and filtered, and never
 * quits. */
static gboolean
do_back(HvConsole *console, const HvAction *action G_GNUC_UNUSED, guint key)
{
    const gboolean is_top = hv_console_screen(console)->number > 0;

    if (key == 'q' && is_top)
        console->quit = TRUE;
    else if (console->picked_vm)
        hv_console_drop(console);
    else if (*(const char *)g_ptr_array_index(console->filters, console->screen))
        drop_filter(console);
    else if (!is_top && !hv_console_back(console))
        hv_console_go(console, "desk");
    return TRUE;
}

static gboolean
go_with_vm(HvConsole *console, const char *screen)
{
    if (console->vm)
        return hv_console_go(console, screen);
    hv_console_say(console, HV_ROLE_WARM, "%s", _("no VM is selected"));
    return TRUE;
}

static gboolean
do_vm_page(HvConsole *console, const HvAction *action G_GNUC_UNUSED, guint key G_GNUC_UNUSED)
{
    return go_with_vm(console, "vm");
}

static gboolean
do_sheet(HvConsole *console, const HvAction *action G_GNUC_UNUSED, guint key G_GNUC_UNUSED)
{
    return go_with_vm(console, "why");
}

static gboolean
do_affinity(HvConsole *console, const HvAction *action G_GNUC_UNUSED, guint key G_GNUC_UNUSED)
{
    hv_dialog_affinity(console);
    return TRUE;
}

static gboolean
do_move(HvConsole *console, const HvAction *action G_GNUC_UNUSED, guint key G_GNUC_UNUSED)
{
    hv_dialog_move(console, FALSE);
    return TRUE;
}

static gboolean
do_cache(HvConsole *console, const HvAction *action G_GNUC_UNUSED, guint key G_GNUC_UNUSED)
{
    hv_dialog_cache(console);
    return TRUE;
}

static gboolean
do_irqs(HvConsole *console, const HvAction *action G_GNUC_UNUSED, guint key G_GNUC_UNUSED)
{
    hv_dialog_irqs(console);
    return TRUE;
}

static gboolean
do_undo(HvConsole *console, const HvAction *action G_GNUC_UNUSED, guint key G_GNUC_UNUSED)
{
    hv_console_undo(console, 0);
    return TRUE;
}

static gboolean
do_redo(HvConsole *console, const HvAction *action G_GNUC_UNUSED, guint key G_GNUC_UNUSED)
{
    hv_console_redo(console, 0);
    return TRUE;
}

static gboolean
do_confirm(HvConsole *console, const HvAction *action G_GNUC_UNUSED, guint key G_GNUC_UNUSED)
{
    if (console->armed_id)
        hv_console_confirm(console, console->armed_id);
    else
        hv_console_say(console, HV_ROLE_WARM, "%s", _("no change is about to revert"));
    return TRUE;
}

static gboolean
do_filter(HvConsole *console, const HvAction *action G_GNUC_UNUSED, guint key G_GNUC_UNUSED)
{
    hv_prompt_open(console, HV_PROMPT_FILTER,
                   g_ptr_array_index(console->filters, console->screen));
    return TRUE;
}

static gboolean
do_command(HvConsole *console, const HvAction *action G_GNUC_UNUSED, guint key G_GNUC_UNUSED)
{
    hv_prompt_open(console, HV_PROMPT_COMMAND, "");
    return TRUE;
}

/* A knob is set on the command line, with its completion. */
static gboolean
do_edit(HvConsole *console, const HvAction *action, guint key G_GNUC_UNUSED)
{
    g_autofree char *line = g_strdup_printf("set %s=", action->knob);

    if (!hv_console_refuse_read_only(console))
        hv_prompt_open(console, HV_PROMPT_COMMAND, line);
    return TRUE;
}

static gboolean
do_tag(HvConsole *console, const HvAction *action G_GNUC_UNUSED, guint key G_GNUC_UNUSED)
{
    if (console->vm && !g_hash_table_remove(console->tagged, console->vm))
        g_hash_table_add(console->tagged, g_strdup(console->vm));
    return TRUE;
}

static gboolean
do_untag(HvConsole *console, const HvAction *action G_GNUC_UNUSED, guint key G_GNUC_UNUSED)
{
    g_hash_table_remove_all(console->tagged);
    return TRUE;
}

static gboolean
do_freeze(HvConsole *console, const HvAction *action G_GNUC_UNUSED, guint key G_GNUC_UNUSED)
{
    hv_console_freeze(console, !console->frozen);
    return TRUE;
}

static gboolean
do_mono(HvConsole *console, const HvAction *action G_GNUC_UNUSED, guint key G_GNUC_UNUSED)
{
    console->mono = !console->mono;
    console->repaint = TRUE;
    return TRUE;
}

static gboolean
do_repaint(HvConsole *console, const HvAction *action G_GNUC_UNUSED, guint key G_GNUC_UNUSED)
{
    console->repaint = TRUE;
    return TRUE;
}

static gboolean
do_settings(HvConsole *console, const HvAction *action G_GNUC_UNUSED, guint key G_GNUC_UNUSED)
{
    hv_dialog_settings(console);
    return TRUE;
}

static gboolean
do_record(HvConsole *console, const HvAction *action G_GNUC_UNUSED, guint key G_GNUC_UNUSED)
{
    hv_console_record(console);
    return TRUE;
}

static gboolean
do_note(HvConsole *console, const HvAction *action G_GNUC_UNUSED, guint key G_GNUC_UNUSED)
{
    hv_console_note(console);
    return TRUE;
}

/* Comes here only where there is no past in view: hv_timeline_key() takes them else. */
static gboolean
do_past(HvConsole *console, const HvAction *action G_GNUC_UNUSED, guint key G_GNUC_UNUSED)
{
    hv_console_say(console, HV_ROLE_TEXT, "%s",
                   _("no past is in view: T looks back, b goes to a time"));
    return TRUE;
}

static gboolean (*const doers[])(HvConsole *, const HvAction *, guint) = {
    [HV_DO_NOTHING] = do_nothing,
    [HV_DO_EVENT] = do_forward,
    [HV_DO_SCREEN] = do_screen,
    [HV_DO_HELP] = do_help,
    [HV_DO_BACK] = do_back,
    [HV_DO_QUIT] = do_quit,
    [HV_DO_VM_PAGE] = do_vm_page,
    [HV_DO_SHEET] = do_sheet,
    [HV_DO_AFFINITY] = do_affinity,
    [HV_DO_UNDO] = do_undo,
    [HV_DO_REDO] = do_redo,
    [HV_DO_FILTER] = do_filter,
    [HV_DO_NEXT_MATCH] = do_forward,
    [HV_DO_PREVIOUS_MATCH] = do_forward,
    [HV_DO_SORT] = do_forward,
    [HV_DO_SORT_BY] = do_forward,
    [HV_DO_REVERSE] = do_forward,
    [HV_DO_TAG] = do_tag,
    [HV_DO_UNTAG] = do_untag,
    [HV_DO_COMMAND] = do_command,
    [HV_DO_FREEZE] = do_freeze,
    [HV_DO_MONO] = do_mono,
    [HV_DO_REPAINT] = do_repaint,
    [HV_DO_SETTINGS] = do_settings,
    [HV_DO_NEXT_SCREEN] = do_next_screen,
    [HV_DO_PREVIOUS_SCREEN] = do_previous_screen,
    [HV_DO_MOVE] = do_move,
    [HV_DO_CACHE] = do_cache,
    [HV_DO_IRQS] = do_irqs,
    [HV_DO_CONFIRM] = do_confirm,
    [HV_DO_RECORD] = do_record,
    [HV_DO_NOTE] = do_note,
    [HV_DO_PAST] = do_past,
    [HV_DO_EDIT] = do_edit,
    [HV_DO_NOT_YET] = do_not_yet,
};

static gboolean
is_same_action(const HvAction *a, const HvAction *b)
{
    return a->verb == b->verb && g_strcmp0(a->knob, b->knob) == 0 &&
           g_strcmp0(a->screen, b->screen) == 0 && g_strcmp0(a->column, b->column) == 0;
}

static const HvBinding *
find_key(const HvBinding *bindings, guint key)
{
    for (const HvBinding *binding = bindings; binding && binding->key; binding++)
        if (binding->key == key)
            return binding;
    return NULL;
}

gboolean
hv_console_do(HvConsole *console, const HvAction *action)
{
    const HvBinding *binding = hv_common_bindings;

    while (binding->key && !is_same_action(&binding->action, action))
        binding++;
    return doers[action->verb](console, action, binding->key);
}

char *
hv_binding_keys(const HvBinding *binding, guint *n_bindings)
{
    GString *keys = g_string_new(hv_key_name(binding->key));
    const HvBinding *next = binding + 1;

    while (next->key && !next->help && is_same_action(&next->action, &binding->action)) {
        g_string_append_printf(keys, " %s", hv_key_name(next->key));
        next++;
    }
    *n_bindings = (guint)(next - binding);
    return g_string_free(keys, FALSE);
}

/* These work whatever is open. */
static gboolean
do_anywhere(HvConsole *console, guint key)
{
    switch (key) {
    case HV_KEY_CTRL + 'c':
    case HV_KEY_F10:
        console->quit = TRUE;
        return TRUE;
    case HV_KEY_CTRL + 'l':
        console->repaint = TRUE;
        return TRUE;
    case HV_KEY_CTRL + 'z':
        console->suspend = TRUE;
        return TRUE;
    default:
        return FALSE;
    }
}

/* A screen may leave a key of its own to what it means everywhere. */
static void
press_key(HvConsole *console, guint key)
{
    const HvBinding *binding = find_key(hv_console_screen(console)->bindings, key);

    if (binding && doers[binding->action.verb](console, &binding->action, key))
        return;
    binding = find_key(hv_common_bindings, key);
    if (binding)
        doers[binding->action.verb](console, &binding->action, key);
}

static void
key_event(HvConsole *console, const HvEvent *event)
{
    if (do_anywhere(console, event->key) || hv_timeline_key(console, event->key))
        return;
    if (console->prompt)
        hv_prompt_event(console, event);
    else if (console->dialogs->len && event->key == 'Q')
        console->quit = TRUE;
    else if (!hv_dialog_event(console, event))
        press_key(console, event->key);
}

static gboolean
press_spot(HvConsole *console, const GArray *spots, int x)
{
    for (guint i = 0; i < spots->len; i++) {
        const HvHotSpot *spot = &g_array_index(spots, HvHotSpot, i);

        if (x >= spot->x && x < spot->x + spot->width) {
            press_key(console, spot->key);
            return TRUE;
        }
    }
    return FALSE;
}

static void
mouse_event(HvConsole *console, const HvEvent *event)
{
    const HvScreen *screen = hv_console_screen(console);
    const gboolean is_press = event->mouse == HV_MOUSE_PRESS;

    if (is_press && event->y == console->rows && console->is_past_shown) {
        hv_timeline_click(console, event->x);
        return;
    }
    if (console->prompt || hv_dialog_event(console, event))
        return;
    if (is_press && event->y == 1 && press_spot(console, console->tabs, event->x))
        return;
    if (is_press && event->y == console->rows - 1 &&
        press_spot(console, console->foot, event->x))
        return;
    if (event->y >= 2 && event->y < console->rows - 1 && screen->event)
        screen->event(console->states[console->screen], hv_console_view(console), event);
}

gboolean
hv_console_event(HvConsole *console, const HvEvent *event)
{
    g_clear_pointer(&console->vm_before, g_free);
    switch (event->kind) {
    case HV_EVENT_KEY:
        console->is_guess = FALSE;
        key_event(console, event);
        break;
    case HV_EVENT_MOUSE:
        console->is_guess = FALSE;
        mouse_event(console, event);
        break;
    case HV_EVENT_PASTE: /* never taken for keys */
        if (console->prompt)
            hv_prompt_event(console, event);
        else
            hv_dialog_event(console, event);
        break;
    case HV_EVENT_NONE:
    case HV_EVENT_RESIZE:
    case HV_EVENT_SNAPSHOT:
    case HV_EVENT_ANSWER:
    default:
        break;
    }
    return !console->quit;
}
