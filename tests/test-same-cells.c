/* A session that is recorded, and played back by another process: at the same time every cell
 * is the one that the operator saw, its role too. Nothing that was drawn is in the log. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "app/adviser.h"
#include "app/from.h"
#include "app/recorder-tables.h"
#include "log/log.h"
#include "tests/log-demo.h"
#include "tui/console.h"
#include "tui/timeline.h"

#define N_SEEKS 20
#define SHORT_NS (HV_DEMO_S / 20)

static const char *self; /* this program */

/* ---- a console that asks nobody ---- */

typedef struct {
    HvHost *host; /* NULL: a player's clock */
    gint64 time_ns, monotonic_ns;
} Clock;

static gint64
monotonic_ns(gpointer data)
{
    const Clock *clock = data;

    return clock->host ? hv_host_monotonic_ns(clock->host) : clock->monotonic_ns;
}

static gint64
realtime_ns(gpointer data)
{
    const Clock *clock = data;

    return clock->host ? hv_host_realtime_ns(clock->host) : clock->time_ns;
}

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
drop(gpointer data G_GNUC_UNUSED, HvIntent *take_intent)
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

static gboolean
timeline(gpointer data, HvTimeline *timeline)
{
    const Clock *clock = data;

    *timeline = (HvTimeline){ .is_replay = !clock->host, .is_recording = clock->host != NULL };
    return TRUE;
}

static HvBackend
backend_of(Clock *clock)
{
    return (HvBackend){ .data = clock,
                        .wake_fd = -1,
                        .take_snapshot = no_snapshot,
                        .take_answer = no_answer,
                        .submit = drop,
                        .drain_wake = no_wake,
                        .complete = no_completions,
                        .timeline = timeline,
                        .monotonic_ns = monotonic_ns,
                        .realtime_ns = realtime_ns,
                        .boottime_ns = monotonic_ns };
}

/* ---- the session ---- */

/* What happens at a sample: keys ("\n" Enter, "\033" Escape, "\b" Backspace) and sizes. Before
 * that, with "(" the recording pauses, with ")" it goes on; behind it, with "$", web-3 shuts
 * down. What was not recorded is not in the sparklines after it, so that the screens there are
 * those without any. */
static const struct {
    const char *keys;
    int columns, rows; /* 0: as before */
} script[] = {
    { "", 100, 30 },    { "jj", 0, 0 },   { "P", 0, 0 },         { "I", 0, 0 },
    { "/web\n", 0, 0 }, { "", 80, 24 },   { "/\b\b\b\n", 0, 0 }, { " j ", 0, 0 },
    { "2", 160, 45 },   { "3", 0, 0 },    { ">>", 0, 0 },        { "4", 0, 0 },
    { "5", 100, 32 },   { "jjj", 0, 0 },  { "h", 0, 0 },         { "\033", 0, 0 },
    { "8", 80, 24 },    { "j<", 0, 0 },   { "x", 0, 0 },         { "1", 0, 0 },
    { "$", 0, 0 },      { "j", 0, 0 },    { "", 0, 0 },          { "", 0, 0 },
    { "", 0, 0 },       { "", 0, 0 },     { "", 0, 0 },          { "k", 0, 0 },
    { "w", 0, 0 },      { "j", 0, 0 },    { "\033", 0, 0 },      { "M", 0, 0 },
    { "z", 0, 0 },      { "", 0, 0 },     { "z", 120, 40 },      { "\n", 0, 0 },
    { "", 0, 0 },       { "\033", 0, 0 }, { "7", 0, 0 },         { "x", 0, 0 },
    { "U", 0, 0 },      { "1", 0, 0 },    { ":get vm", 0, 0 },   { "(\0338", 0, 0 },
    { "j", 0, 0 },      { "j", 0, 0 },    { ")j", 0, 0 },        { "j", 0, 0 },
    { "5", 0, 0 },      { "jj", 0, 0 },   { "7", 0, 0 },         { "4", 0, 0 },
};

static void
press(HvConsole *console, char key)
{
    HvEvent event = { .kind = HV_EVENT_KEY, .key = (guint)key };

    if (key == '\n')
        event.key = HV_KEY_ENTER;
    else if (key == '\033')
        event.key = HV_KEY_ESCAPE;
    else if (key == '\b')
        event.key = HV_KEY_BACKSPACE;
    hv_console_event(console, &event);
}

/* One picture as lines: its time and size, then text, roles and the cursor. */
static void
keep_picture(GString *pictures, gint64 time_ns, const HvCanvas *canvas)
{
    g_autofree char *text = hv_canvas_text(canvas), *roles = hv_canvas_roles(canvas);

    g_string_append_printf(pictures, "%" G_GINT64_FORMAT " %d %d %d %d\n%s\f%s\f", time_ns,
                           canvas->columns, canvas->rows, canvas->cursor_x, canvas->cursor_y,
                           text, roles);
    g_string_append_c(pictures, '\v');
}

static void
draw_and_keep(HvConsole *console, HvLog *log, HvHost *host, HvCanvas *canvas, GString *pictures)
{
    const gint64 time_ns = hv_host_realtime_ns(host);
    g_autofree char *view = NULL;

    hv_console_draw(console, canvas);
    view = hv_console_save_view(console);
    hv_log_view(log, time_ns, view);
    keep_picture(pictures, time_ns, canvas);
}

static void
pass_time(HvHost *host)
{
    hv_host_wait_until(host, hv_host_monotonic_ns(host) + SHORT_NS, -1);
}

static void
stop_vm(HvHost *host, const char *vm)
{
    const HvGuestRequest request = { .verb = HV_GUEST_DO_SHUTDOWN, .vm = vm };
    g_autoptr(GError) error = NULL;
    g_autofree char *answer = NULL;

    hv_host_guest_request(host, &request, 5000, &answer, &error);
    g_assert_no_error(error);
}

static void
perform(HvLogDemo *demo, HvLog *log, GString *pictures)
{
    Clock clock = { .host = demo->host };
    const HvBackend backend = backend_of(&clock);
    g_autoptr(HvTheme) theme = hv_theme_load("default", NULL);
    const HvConsoleOptions look = { .theme = theme, .version = "1" };
    g_autoptr(HvConsole) console = hv_console_new(&backend, &look);
    g_autoptr(HvCanvas) canvas = hv_canvas_new(80, 24, FALSE);
    g_autoptr(GString) unseen = g_string_new(NULL); /* what is not recorded */
    gboolean is_paused = FALSE;

    for (guint i = 0; i < G_N_ELEMENTS(script); i++) {
        HvSnapshot *snapshot = hv_sampler_tick(demo->sampler);
        const gint64 next_ns = snapshot->monotonic_ns + HV_DEMO_S;
        const char *key = script[i].keys;

        if (*key == '(' || *key == ')') {
            is_paused = *key++ == '(';
            hv_log_pause(log, is_paused, snapshot->time_ns);
        }
        hv_log_push(log, snapshot);
        hv_console_show(console, snapshot);
        if (script[i].columns)
            hv_canvas_resize(canvas, script[i].columns, script[i].rows);
        pass_time(demo->host);
        draw_and_keep(console, log, demo->host, canvas, is_paused ? unseen : pictures);
        for (; *key && *key != '$'; key++) {
            pass_time(demo->host);
            press(console, *key);
            draw_and_keep(console, log, demo->host, canvas, is_paused ? unseen : pictures);
        }
        if (*key == '$')
            stop_vm(demo->host, "web-3"); /* that takes seconds, in which nothing is drawn */
        hv_host_wait_until(demo->host, next_ns, -1);
    }
}

static void
record(const char *path, GString *pictures)
{
    g_auto(HvLogDemo) demo = { 0 };
    g_autoptr(GError) error = NULL;
    HvLogOptions options = { .path = path,
                             .hostname = "hv-demo",
                             .timezone = "UTC",
                             .version = "1",
                             .interval_ns = HV_DEMO_S };
    HvRecordedTables *tables;
    HvLog *log;

    hv_log_demo_open(&demo, "redis");
    hv_sampler_free(demo.sampler); /* with what a console has beside the tables */
    demo.parts.history = hv_app_history();
    demo.parts.adviser = &hv_app_adviser;
    demo.sampler = hv_sampler_new(&demo.parts);
    tables = hv_recorded_tables_new(NULL, NULL);
    options.schemas = hv_recorded_schemas(tables);
    log = hv_log_open(&options, &error);
    g_assert_no_error(error);
    perform(&demo, log, pictures);
    g_assert_true(hv_log_close(log, 60000, &error));
    hv_recorded_tables_free(tables);
}

/* ---- the replay, in another process ---- */

static char *
replay_picture(HvPlayer *player, gint64 time_ns, int columns, int rows)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *view = hv_player_view(player, time_ns);
    const gint64 frozen_ns = view ? hv_view_sample_ns(view) : 0;
    g_autoptr(HvSnapshot) snapshot = hv_player_at(player, time_ns, &error);
    HvSnapshot *seen = frozen_ns ? hv_player_at(player, frozen_ns, &error) : NULL;
    Clock clock = { .time_ns = time_ns };
    const HvBackend backend = backend_of(&clock);
    g_autoptr(HvTheme) theme = hv_theme_load("default", NULL);
    const HvConsoleOptions look = { .theme = theme, .version = "1" };
    g_autoptr(HvConsole) console = NULL;
    g_autoptr(HvCanvas) canvas = hv_canvas_new(columns, rows, FALSE);
    GString *picture = g_string_new(NULL);

    g_assert_no_error(error);
    clock.monotonic_ns = snapshot->monotonic_ns + time_ns - snapshot->time_ns;
    console = hv_console_new(&backend, &look);
    hv_console_show(console, seen ? seen : hv_snapshot_ref(snapshot));
    hv_console_restore_view(console, view);
    hv_console_draw(console, canvas);
    keep_picture(picture, time_ns, canvas);
    g_string_truncate(picture, picture->len - 1);
    return g_string_free(picture, FALSE);
}

static gboolean
is_same(HvPlayer *player, const char *picture)
{
    gint64 time_ns;
    int columns, rows;
    g_autofree char *again = NULL;
    g_auto(GStrv) was = NULL, is = NULL;
    char *end;

    time_ns = g_ascii_strtoll(picture, &end, 10);
    columns = (int)g_ascii_strtoll(end, &end, 10);
    rows = (int)g_ascii_strtoll(end, &end, 10);
    again = replay_picture(player, time_ns, columns, rows);
    if (g_str_equal(again, picture))
        return TRUE;
    was = g_strsplit_set(picture, "\n\f", -1);
    is = g_strsplit_set(again, "\n\f", -1);
    for (guint i = 0; was[i] && is[i]; i++)
        if (!g_str_equal(was[i], is[i]))
            g_printerr("# at %" G_GINT64_FORMAT "\n# was %s\n# is  %s\n", time_ns, was[i],
                       is[i]);
    return FALSE;
}

/* --compare LOG PICTURES SEED */
static int
compare(char **words)
{
    const HvPlayerParts *parts = hv_app_player_parts();
    g_autoptr(GError) error = NULL;
    g_autoptr(HvPlayer) player = hv_player_open(words[0], parts, &error);
    g_autofree char *text = NULL;
    g_auto(GStrv) pictures = NULL;
    GRand *random = g_rand_new_with_seed((guint32)g_ascii_strtoull(words[2], NULL, 10));
    guint n_pictures, n_wrong = 0;

    if (!player || !g_file_get_contents(words[1], &text, NULL, &error)) {
        g_printerr("# %s\n", error->message);
        return 2;
    }
    pictures = g_strsplit(text, "\v", -1);
    n_pictures = g_strv_length(pictures) - 1;
    for (guint i = 0; i < N_SEEKS; i++)
        n_wrong += !is_same(player, pictures[g_rand_int_range(random, 0, (gint32)n_pictures)]);
    g_rand_free(random);
    return n_wrong > 0;
}

static void
test_random_seeks(void)
{
    g_autofree char *directory = g_dir_make_tmp("hvtune-cells-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(directory, "a.hvlog", NULL);
    g_autofree char *seen = g_build_filename(directory, "pictures", NULL);
    g_autofree char *seed = g_strdup_printf("%u", g_test_rand_int() & 0xffff);
    g_autoptr(GString) pictures = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    const char *words[] = { self, "--compare", path, seen, seed, NULL };
    g_autofree char *told = NULL;
    int status = -1;

    record(path, pictures);
    g_assert_true(g_file_set_contents(seen, pictures->str, (gssize)pictures->len, NULL));
    g_test_message("seed %s", seed);
    g_assert_true(g_spawn_sync(NULL, (char **)(gpointer)words, NULL, G_SPAWN_DEFAULT, NULL,
                               NULL, NULL, &told, &status, &error));
    if (status)
        g_test_message("%s", told);
    g_unlink(path);
    g_unlink(seen);
    g_rmdir(directory);
    g_assert_cmpint(status, ==, 0);
}

int
main(int argc, char **argv)
{
    self = argv[0];
    if (argc == 5 && g_str_equal(argv[1], "--compare"))
        return compare(argv + 2);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/replay/every-cell-is-as-the-operator-saw-it", test_random_seeks);
    return g_test_run();
}
