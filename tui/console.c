/* The console: what it holds, the frame it draws, the answers it gets. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/console.h"

#include <string.h>

#include "model/i18n.h"
#include "tui/timeline.h"
#include "tui/list.h"

static guint
count_screens(void)
{
    guint n = 0;

    while (hv_screens[n])
        n++;
    return n;
}

int
hv_console_find_screen(const char *name)
{
    for (guint i = 0; hv_screens[i]; i++)
        if (g_str_equal(hv_screens[i]->name, name))
            return (int)i;
    return -1;
}

const HvScreen *
hv_console_screen(const HvConsole *console)
{
    return hv_screens[console->screen];
}

static GHashTable *
new_names(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static void
make_screens(HvConsole *console)
{
    const guint n = count_screens();

    console->states = g_new0(gpointer, n);
    console->filters = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < n; i++) {
        if (hv_screens[i]->create)
            console->states[i] = hv_screens[i]->create();
        g_ptr_array_add(console->filters, g_strdup(""));
    }
}

static void
take_options(HvConsole *console, const HvConsoleOptions *options)
{
    const int screen = hv_console_find_screen(options->screen ? options->screen : "desk");

    console->screen = screen >= 0 ? (guint)screen : 0;
    console->theme = options->theme;
    console->mono = options->mono;
    console->ascii = options->ascii;
    console->mouse = options->mouse;
    console->version = g_strdup(options->version);
}

HvConsole *
hv_console_new(const HvBackend *backend, const HvConsoleOptions *options)
{
    HvConsole *console = g_new0(HvConsole, 1);

    console->backend = backend;
    console->now = hv_snapshot_new();
    console->latest = hv_snapshot_ref(console->now);
    console->vcpu = -1;
    console->back = g_array_new(FALSE, FALSE, sizeof(guint));
    console->tagged = new_names();
    console->seen = new_names();
    console->interested = new_names();
    console->dialogs = g_ptr_array_new_with_free_func((GDestroyNotify)hv_dialog_free);
    console->typed = g_ptr_array_new_with_free_func(g_free);
    console->tabs = g_array_new(FALSE, FALSE, sizeof(HvHotSpot));
    console->foot = g_array_new(FALSE, FALSE, sizeof(HvHotSpot));
    hv_line_init(&console->line, NULL);
    take_options(console, options);
    make_screens(console);
    return console;
}

static void
free_screens(HvConsole *console)
{
    for (guint i = 0; hv_screens[i]; i++)
        if (hv_screens[i]->destroy)
            hv_screens[i]->destroy(console->states[i]);
    g_free(console->states);
    g_ptr_array_unref(console->filters);
}

void
hv_console_free(HvConsole *console)
{
    if (!console)
        return;
    g_ptr_array_unref(console->dialogs);
    free_screens(console);
    hv_snapshot_unref(console->now);
    hv_snapshot_unref(console->latest);
    hv_theme_free(console->own_theme);
    hv_line_clear(&console->line);
    g_clear_pointer(&console->completions, g_ptr_array_unref);
    g_ptr_array_unref(console->typed);
    g_hash_table_unref(console->tagged);
    g_hash_table_unref(console->seen);
    g_hash_table_unref(console->interested);
    g_array_unref(console->back);
    g_array_unref(console->tabs);
    g_array_unref(console->foot);
    g_free(console->version);
    g_free(console->vm);
    g_free(console->vm_before);
    hv_view_out_free(console->out);
    g_free(console->picked_vm);
    g_free(console->filter_before);
    g_free(console->completed_line);
    g_free(console->said);
    g_free(console->told_view);
    g_free(console);
}

gint64
hv_console_now_ns(const HvConsole *console)
{
    return console->backend->monotonic_ns(console->backend->data);
}

const HvView *
hv_console_view(HvConsole *console)
{
    console->view = (HvView){
        .now = console->now,
        .console = console,
        .vm = console->vm,
        .vcpu = console->vcpu,
        .tagged = console->tagged,
        .filter = g_ptr_array_index(console->filters, console->screen),
        .now_ns = hv_console_now_ns(console),
        .frozen = console->frozen,
        .backend = console->backend,
    };
    return &console->view;
}

gboolean
hv_view_ascii(const HvView *view)
{
    return view->console && view->console->draws_ascii;
}

/* ---- the snapshot in view ---- */

/* The worst one, so that there is a selected VM from the first frame on. */
static void
select_first(HvConsole *console)
{
    const HvTable *vms = hv_snapshot_table(console->now, "vms");
    const int worst = hv_table_column(vms, "worst");
    double most = 0;
    gboolean is_known = FALSE;
    int row = -1;

    for (guint i = 0; vms && i < hv_table_n_rows(vms); i++) {
        double value = 0;

        is_known |= hv_table_f64(vms, i, worst, &value);
        if (row < 0 || value > most) {
            row = (int)i;
            most = value;
        }
    }
    if (row >= 0)
        hv_console_select_vm(console, hv_table_row_key(vms, (guint)row));
    console->is_guess = !is_known;
}

static gboolean
is_gone(gpointer vm, gpointer value G_GNUC_UNUSED, gpointer vms)
{
    return hv_table_find(vms, vm) < 0;
}

static void
put_in_view(HvConsole *console)
{
    HvTable *vms;

    if (console->now == console->latest)
        return;
    hv_snapshot_unref(console->now);
    console->now = hv_snapshot_ref(console->latest);
    hv_console_look_for_armed(console);
    vms = hv_snapshot_table(console->now, "vms");
    if (vms)
        g_hash_table_foreach_remove(console->tagged, is_gone, vms);
    if (!console->vm || console->is_guess)
        select_first(console);
}

void
hv_console_show(HvConsole *console, HvSnapshot *take_snapshot)
{
    hv_snapshot_unref(console->latest);
    console->latest = take_snapshot;
    if (!console->frozen || console->follows) /* of a replay: what the operator had frozen */
        put_in_view(console);
}

void
hv_console_freeze(HvConsole *console, gboolean frozen)
{
    console->frozen = frozen;
    if (!frozen)
        put_in_view(console);
}

/* ---- drawing ---- */

void
hv_console_see(HvConsole *console, const char *vm)
{
    if (!g_hash_table_contains(console->seen, vm))
        g_hash_table_add(console->seen, g_strdup(vm));
}

static gboolean
is_same_set(GHashTable *a, GHashTable *b)
{
    GHashTableIter iter;
    gpointer name;

    if (g_hash_table_size(a) != g_hash_table_size(b))
        return FALSE;
    g_hash_table_iter_init(&iter, a);
    while (g_hash_table_iter_next(&iter, &name, NULL))
        if (!g_hash_table_contains(b, name))
            return FALSE;
    return TRUE;
}

guint64
hv_console_submit(HvConsole *console, HvIntent *take_intent)
{
    take_intent->serial = ++console->serial;
    console->backend->submit(console->backend->data, take_intent);
    return console->serial;
}

/* Tells the sampler which VMs somebody looks at, when that has changed. */
static void
submit_interest(HvConsole *console)
{
    GHashTable *swap = console->interested;
    HvIntent *intent;
    GHashTableIter iter;
    gpointer name;

    if (is_same_set(console->seen, console->interested))
        return;
    intent = hv_intent_new(HV_INTENT_INTEREST);
    g_hash_table_iter_init(&iter, console->seen);
    while (g_hash_table_iter_next(&iter, &name, NULL))
        g_ptr_array_add(intent->vms, g_strdup(name));
    hv_console_submit(console, intent);
    console->interested = console->seen;
    console->seen = swap;
}

static void
draw_too_small(HvCanvas *canvas)
{
    g_autofree char *text =
        g_strdup_printf(_("hvtune: %dx%d needed"), HV_CONSOLE_MIN_COLUMNS, HV_CONSOLE_MIN_ROWS);

    hv_canvas_print_in(canvas, 0, 0, canvas->columns, -1, HV_ROLE_HOT, text);
}

static void
draw_all(HvConsole *console, HvCanvas *canvas)
{
    const int bottom = canvas->rows - 1, vcpu = console->vcpu;
    g_autofree char *vm = g_strdup(console->vm);

    hv_canvas_clip(canvas, 0, 2, canvas->columns, bottom - 2);
    hv_console_screen(console)->draw(console->states[console->screen], hv_console_view(console),
                                     canvas, 2, bottom);
    hv_canvas_clip(canvas, 0, 0, -1, -1);
    hv_console_draw_frame(console, canvas);
    hv_dialog_draw(console, canvas);
    hv_canvas_clip(canvas, 0, 0, -1, -1);
    if (console->prompt)
        hv_prompt_draw(console, canvas);
    if (console->vm && (console->vcpu != vcpu || g_strcmp0(console->vm, vm) != 0)) {
        console->vm_before = g_steal_pointer(&vm);
        console->vcpu_before = vcpu;
    }
}

static void
draw_picture(HvConsole *console, HvCanvas *canvas)
{
    console->columns = canvas->columns;
    console->rows = canvas->rows;
    hv_canvas_clear(canvas);
    if (canvas->columns < HV_CONSOLE_MIN_COLUMNS || canvas->rows < HV_CONSOLE_MIN_ROWS) {
        draw_too_small(canvas);
        return;
    }
    g_hash_table_remove_all(console->seen);
    draw_all(console, canvas);
    submit_interest(console);
}

/* The picture is as it would be without the timeline on a screen that is so much lower. */
void
hv_console_draw(HvConsole *console, HvCanvas *canvas)
{
    HvTimeline timeline;
    int n_rows = 0;

    console->drawn_ns = console->backend->realtime_ns(console->backend->data);
    g_clear_pointer(&console->vm_before, g_free);
    if (hv_timeline_get(console, &timeline)) {
        hv_timeline_follow(console, &timeline);
        n_rows = hv_timeline_is_shown(console, &timeline, canvas->rows) ? HV_TIMELINE_ROWS : 0;
    }
    if (console->ascii)
        canvas->ascii = TRUE;
    console->draws_ascii = canvas->ascii;
    hv_console_look_at_recording(console, &timeline);
    console->is_past_shown = n_rows > 0;
    canvas->rows -= n_rows;
    draw_picture(console, canvas);
    canvas->rows += n_rows;
    hv_canvas_clip(canvas, 0, 0, -1, -1);
    /* asked anew: the picture's clock asked too, and what was told before is gone with that */
    if (n_rows && hv_timeline_get(console, &timeline) && timeline.marks)
        hv_timeline_draw(console, canvas, &timeline);
}

/* ---- going about ---- */

void
hv_console_show_screen(HvConsole *console, guint index)
{
    if (index == console->screen)
        return;
    if (hv_screens[index]->number > 0)
        g_array_set_size(console->back, 0);
    else
        g_array_append_val(console->back, console->screen);
    console->screen = index;
}

gboolean
hv_console_back(HvConsole *console)
{
    const guint n = console->back->len;

    if (!n)
        return FALSE;
    console->screen = g_array_index(console->back, guint, n - 1);
    g_array_set_size(console->back, n - 1);
    return TRUE;
}

gboolean
hv_console_go(HvConsole *console, const char *screen)
{
    const int index = hv_console_find_screen(screen);

    if (index < 0)
        return FALSE;
    hv_console_show_screen(console, (guint)index);
    return TRUE;
}

void
hv_console_say(HvConsole *console, HvRole role, const char *format, ...)
{
    va_list arguments;

    g_free(console->said);
    va_start(arguments, format);
    console->said = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    console->said_role = role;
    console->said_until_ns = hv_console_now_ns(console) + HV_SAID_NS;
}

void
hv_console_say_error(HvConsole *console, const GError *error)
{
    hv_console_say(console, HV_ROLE_HOT, "%s", error ? error->message : _("refused"));
}

void
hv_console_select_vcpu(HvConsole *console, const char *vm, int vcpu)
{
    if (g_strcmp0(vm, console->vm) != 0) {
        g_free(console->vm);
        console->vm = g_strdup(vm);
        console->view.vm = console->vm;
    }
    console->vcpu = vcpu;
    console->view.vcpu = vcpu;
}

void
hv_console_select_vm(HvConsole *console, const char *vm)
{
    hv_console_select_vcpu(console, vm, -1);
}

void
hv_console_pick(HvConsole *console, const char *vm, int vcpu)
{
    char *copy = g_strdup(vm);

    g_free(console->picked_vm);
    console->picked_vm = copy;
    console->picked_vcpu = vcpu;
}

gboolean
hv_console_picked(HvConsole *console, const char **vm, int *vcpu)
{
    if (!console->picked_vm)
        return FALSE;
    if (vm)
        *vm = console->picked_vm;
    if (vcpu)
        *vcpu = console->picked_vcpu;
    return TRUE;
}

void
hv_console_drop(HvConsole *console)
{
    g_clear_pointer(&console->picked_vm, g_free);
}

const char **
hv_console_targets(HvConsole *console)
{
    const HvTable *vms = hv_snapshot_table(console->now, "vms");
    const guint n_rows = vms ? hv_table_n_rows(vms) : 0;
    const char **targets = g_new0(const char *, n_rows + 1);
    guint n = 0;

    for (guint i = 0; i < n_rows; i++) {
        const char *key = hv_table_row_key(vms, i);
        const gboolean is_target = g_hash_table_size(console->tagged)
                                       ? g_hash_table_contains(console->tagged, key)
                                       : g_strcmp0(key, console->vm) == 0;

        if (is_target)
            targets[n++] = key;
    }
    return targets;
}
