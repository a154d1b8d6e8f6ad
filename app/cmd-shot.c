/* shot: one screen without a terminal, as text, with colours, or as a picture. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "app/commands.h"
#include "app/from.h"
#include "app/render.h"
#include "model/i18n.h"
#include "tui/console.h"

/* Screens of the design that a later version draws. */
static const char *const later[] = { "limits", NULL };

static const HvScreen *
find_screen(const HvOptions *options, GError **error)
{
    const char *name = options->arguments->len ? options->arguments->pdata[0] : NULL;
    g_autoptr(GString) known = g_string_new(NULL);

    for (const HvScreen *const *screen = hv_screens; *screen; screen++) {
        if (g_strcmp0((*screen)->name, name) == 0 && options->arguments->len == 1)
            return *screen;
        g_string_append_printf(known, " %s", (*screen)->name);
    }
    if (options->arguments->len != 1)
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("shot: needs one SCREEN: screens are%s"), known->str);
    else
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    g_strv_contains(later, name) ? _("%s: not in this version: screens are%s")
                                                 : _("%s: no such screen: screens are%s"),
                    name, known->str);
    return NULL;
}

static void
append_help(const HvOptions *options G_GNUC_UNUSED, GString *help)
{
    g_auto(GStrv) themes = hv_theme_list();

    g_string_append_printf(help, "\n%s\n", _("screens"));
    for (const HvScreen *const *screen = hv_screens; *screen; screen++)
        g_string_append_printf(help, "  %s\n      %s\n", (*screen)->name,
                               (*screen)->help ? _((*screen)->help) : _((*screen)->title));
    hv_command_append_words(help, _("themes"), (const char *const *)themes);
}

/* A console that nobody sits at: it gets one snapshot, and no answers. */
static HvSnapshot *
no_snapshot(gpointer data G_GNUC_UNUSED)
{
    return NULL;
}

static HvAnswer *
no_answer(gpointer data G_GNUC_UNUSED)
{
    return NULL;
}

static void
drop_intent(gpointer data G_GNUC_UNUSED, HvIntent *take_intent)
{
    hv_intent_free(take_intent);
}

static void
no_wake(gpointer data G_GNUC_UNUSED)
{
}

static GPtrArray *
no_completions(gpointer data G_GNUC_UNUSED, const char *line G_GNUC_UNUSED)
{
    return g_ptr_array_new_with_free_func(g_free);
}

/* A recording's clock stands at the time asked for. */
typedef struct {
    const HvClock *clock; /* the host's; NULL: of a recording */
    GTimeZone *zone;      /* of that; borrowed */
    gint64 monotonic_ns, realtime_ns;
} Still;

static gint64
monotonic_ns(gpointer data)
{
    const Still *still = data;

    return still->clock ? still->clock->monotonic_ns(still->clock->data) : still->monotonic_ns;
}

static gint64
realtime_ns(gpointer data)
{
    const Still *still = data;

    return still->clock ? still->clock->realtime_ns(still->clock->data) : still->realtime_ns;
}

/* Behind a recording the header is the operator's. */
static gboolean
timeline(gpointer data, HvTimeline *timeline)
{
    const Still *still = data;

    *timeline = (HvTimeline){ .is_replay = !still->clock,
                              .is_open = !still->clock,
                              .zone = still->zone };
    return !still->clock;
}

static Still
clock_of(HvApp *app, const HvSnapshot *snapshot)
{
    const gint64 at_ns = hv_app_sought_ns(app);

    if (!hv_app_from(app))
        return (Still){ .clock = &hv_app_parts(app)->clock };
    return (Still){ .monotonic_ns = snapshot->monotonic_ns + at_ns - snapshot->time_ns,
                    .realtime_ns = at_ns,
                    .zone = hv_player_zone(hv_app_player(app, NULL)) };
}

static HvBackend
still_backend(const HvSessionParts *parts, Still *still)
{
    return (HvBackend){
        .data = still,
        .wake_fd = -1,
        .take_snapshot = no_snapshot,
        .take_answer = no_answer,
        .submit = drop_intent,
        .drain_wake = no_wake,
        .complete = no_completions,
        .timeline = timeline,
        .monotonic_ns = monotonic_ns,
        .realtime_ns = realtime_ns,
        .read_only_why = parts->read_only_why,
        .command_names = hv_command_names,
    };
}

/* As the operator had it, but for the screen that is asked for. */
static void
restore_view(HvApp *app, HvConsole *console, const HvScreen *screen)
{
    g_autofree char *view = NULL;

    if (!hv_app_from(app))
        return;
    view = hv_player_view(hv_app_player(app, NULL), hv_app_sought_ns(app));
    if (view)
        hv_console_restore_view(console, view);
    hv_console_go(console, screen->name);
}

static void
append_format(HvOutput *output, const HvOptions *options, const HvCanvas *canvas,
              const HvTheme *theme)
{
    g_autofree char *text = NULL;

    if (options->format == HV_FORMAT_SVG)
        text = hv_render_svg(canvas, theme);
    else if (options->format == HV_FORMAT_ANSI)
        text = hv_render_ansi(canvas, theme,
                              hv_app_is_mono(options) ? HV_DEPTH_MONO : HV_DEPTH_TRUE);
    else
        text = hv_canvas_text(canvas);
    g_string_append(output->out, text);
}

static gboolean
check_vm(const HvSnapshot *snapshot, const char *vm, GError **error)
{
    const HvTable *vms = hv_snapshot_table(snapshot, "vms");

    if (!vm || (vms && hv_table_find(vms, vm) >= 0))
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_ABSENT, _("%s: no such VM here"), vm);
    return FALSE;
}

static void
draw(HvApp *app, const HvOptions *options, const HvScreen *screen, const HvTheme *theme,
     HvSnapshot *snapshot, HvCanvas *canvas)
{
    g_autofree char *vm =
        options->vm ? hv_knob_escape(options->vm) : NULL; /* as row keys are */
    const HvConsoleOptions look = { .screen = screen->name,
                                    .theme = theme,
                                    .mono = hv_app_is_mono(options),
                                    .ascii = options->ascii,
                                    .version = PACKAGE_VERSION };
    Still still = clock_of(app, snapshot);
    const HvBackend backend = still_backend(hv_app_parts(app), &still);
    HvConsole *console = hv_console_new(&backend, &look);

    hv_console_show(console, hv_snapshot_ref(snapshot));
    restore_view(app, console, screen);
    if (vm)
        hv_console_select_vm(console, vm);
    hv_console_draw(console, canvas);
    hv_console_free(console);
}

static int
run(HvApp *app, const HvOptions *options, HvOutput *output, GError **error)
{
    const HvScreen *screen = find_screen(options, error);
    g_autofree char *vm = options->vm ? hv_knob_escape(options->vm) : NULL;
    g_autoptr(HvTheme) theme = hv_app_theme(options, screen ? error : NULL);
    g_autoptr(HvCanvas) canvas = NULL;
    g_autoptr(HvSnapshot) snapshot = NULL;

    if (!screen || !theme)
        return -1;
    if (options->format > HV_FORMAT_SVG) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED,
                            _("--format: of a shot it is text, ansi or svg"));
        return -1;
    }
    snapshot = hv_app_look(app, NULL, options->interval_ns);
    if (!check_vm(snapshot, vm, error))
        return -1;
    canvas = hv_canvas_new(options->columns, options->rows, options->ascii);
    draw(app, options, screen, theme, snapshot, canvas);
    append_format(output, options, canvas, theme);
    return 0;
}

extern const HvCommand hv_command_shot;
const HvCommand hv_command_shot = {
    .name = "shot",
    .usage = "SCREEN [--size 120x36]",
    .help = N_("one screen without a terminal"),
    .details = N_("--vm NAME selects a VM."),
    .options = HV_OPTION_SIZE | HV_OPTION_FORMAT | HV_OPTION_VM,
    .append_help = append_help,
    .reads = TRUE,
    .run = run,
};
