/* Playing a log: any sample with its past is what was seen live, wherever one comes from. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/player.h"

#include <glib/gstdio.h>
#include <math.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "log/writer.h"
#include "model/error.h"
#include "tests/log-demo.h"

#define N_SAMPLES 130
#define N_PAST 60

/* One demo and its recording, for all tests. */
static HvLogDemo demo;
static GPtrArray *live; /* of HvSnapshot */
static HvPlayerParts parts;
static const HvSchema **known;

static void
free_snapshot(gpointer snapshot)
{
    hv_snapshot_unref(snapshot);
}

static HvLogOptions
options_of(const char *path)
{
    return (HvLogOptions){ .path = path,
                           .schemas = hv_log_demo_schemas(&demo),
                           .hostname = "host9",
                           .timezone = "UTC+02:00",
                           .version = "1",
                           .interval_ns = HV_DEMO_S };
}

static const HvSnapshot *
at(guint i)
{
    return live->pdata[i];
}

/* A log of samples @first up to @end. Zeroed: none. */
typedef struct {
    char *path;
    HvLogWriter *writer;
    HvPlayer *player;
} Log;

static void
log_clear(Log *log)
{
    if (log->player)
        hv_player_free(log->player);
    hv_log_writer_free(log->writer);
    if (log->path)
        g_unlink(log->path);
    g_free(log->path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Log, log_clear)

static void
log_add(Log *log, guint first, guint end)
{
    g_autoptr(GError) error = NULL;

    for (guint i = first; i < end; i++)
        hv_log_writer_sample(log->writer, at(i), 0, NULL);
    hv_log_writer_commit(log->writer, &error);
    g_assert_no_error(error);
}

static void
log_open(Log *log, guint first, guint end)
{
    g_autofree char *name =
        g_strdup_printf("hvtune-player-%u-%u.hvlog", (guint)getpid(), g_random_int());
    g_autoptr(GError) error = NULL;
    HvLogOptions options;

    log->path = g_build_filename(g_get_tmp_dir(), name, NULL);
    options = options_of(log->path);
    log->writer = hv_log_writer_new(&options, &error);
    g_assert_no_error(error);
    log_add(log, first, end);
}

static void
log_play(Log *log)
{
    g_autoptr(GError) error = NULL;

    log->player = hv_player_open(log->path, &parts, &error);
    g_assert_no_error(error);
}

static void
same_past(const HvSnapshot *a, const HvSnapshot *b, guint n)
{
    for (const HvHistoryColumn *column = hv_log_demo_history; column->table; column++) {
        const HvTable *table = hv_snapshot_table(a, column->table);

        for (guint row = 0; row < hv_table_n_rows(table); row++) {
            const char *key = hv_table_row_key(table, row);
            float left[N_PAST], right[N_PAST];

            g_assert_true(hv_history_read(a->history, column->table, column->column, key,
                                          a->tick, left, n));
            g_assert_true(hv_history_read(b->history, column->table, column->column, key,
                                          b->tick, right, n));
            for (guint i = 0; i < n; i++)
                g_assert_true(left[i] == right[i] || (isnan(left[i]) && isnan(right[i])));
        }
    }
}

/* What @player, of a log from sample @first on, shows at the time of the @i-th one is what was
 * seen then. */
static void
check_from(HvPlayer *player, guint first, guint i)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HvSnapshot) snapshot = hv_player_at(player, at(i)->time_ns + 999, &error);

    g_assert_no_error(error);
    g_assert_cmpint(snapshot->time_ns, ==, at(i)->time_ns);
    g_assert_cmpint(snapshot->monotonic_ns, ==, at(i)->monotonic_ns);
    g_assert_cmpuint(snapshot->tick, ==, at(i)->tick);
    g_assert_cmpint(snapshot->interval_ns, ==, at(i)->interval_ns);
    hv_log_same_snapshot(at(i), snapshot);
    same_past(at(i), snapshot, MIN(i + 1 - first, N_PAST));
}

static void
check_at(HvPlayer *player, guint i)
{
    check_from(player, 0, i);
}

static void
test_any_sample_is_shown_with_a_minute_of_its_past(void)
{
    static const guint places[] = { 70, 0, 129, 29, 30, 31, 100, 99, 98, 128, 1, 59, 60, 61 };
    g_auto(Log) log = { 0 };

    log_open(&log, 0, N_SAMPLES);
    log_play(&log);
    for (guint i = 0; i < G_N_ELEMENTS(places) && !g_test_failed(); i++)
        check_at(log.player, places[i]);
}

static void
test_going_on_shows_what_a_leap_does(void)
{
    g_auto(Log) log = { 0 };

    log_open(&log, 0, N_SAMPLES);
    log_play(&log);
    for (guint i = 50; i < N_SAMPLES && !g_test_failed(); i++)
        check_at(log.player, i);
}

static void
test_the_machine_is_that_of_the_recording(void)
{
    g_auto(Log) log = { 0 };
    g_autoptr(HvSnapshot) snapshot = NULL;
    const HvTopology *was = at(5)->topology;

    log_open(&log, 0, 10);
    log_play(&log);
    snapshot = hv_player_at(log.player, at(5)->time_ns, NULL);
    g_assert_cmpuint(snapshot->topology->n_cpus, ==, was->n_cpus);
    g_assert_cmpuint(snapshot->topology->n_nodes, ==, was->n_nodes);
    g_assert_cmpuint(snapshot->topology->n_llcs, ==, was->n_llcs);
    g_assert_cmpuint(snapshot->topology->n_cores, ==, was->n_cores);
    g_assert_cmpuint(snapshot->topology->n_devices, ==, was->n_devices);
    g_assert_false(snapshot->topology->this_system);
    for (guint i = 0; i < was->n_cpus; i++) {
        g_assert_cmpint(snapshot->topology->cpus[i].node, ==, was->cpus[i].node);
        g_assert_cmpint(snapshot->topology->cpus[i].llc, ==, was->cpus[i].llc);
        g_assert_cmpint(snapshot->topology->cpus[i].core, ==, was->cpus[i].core);
        g_assert_cmpuint(snapshot->topology->cpus[i].sibling_rank, ==,
                         was->cpus[i].sibling_rank);
    }
    for (guint i = 0; i < was->n_nodes * was->n_nodes; i++)
        g_assert_cmpuint(snapshot->topology->distances[i], ==, was->distances[i]);
}

static void
assert_outside(HvPlayer *player, gint64 time_ns)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(hv_player_at(player, time_ns, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_ABSENT);
    g_assert_nonnull(strstr(error->message, "outside the recording, which is from 20"));
}

static void
test_times_before_and_behind_are_outside(void)
{
    g_auto(Log) log = { 0 };
    gint64 first_ns, last_ns;

    log_open(&log, 10, 20);
    log_play(&log);
    g_assert_true(hv_player_range(log.player, &first_ns, &last_ns));
    g_assert_cmpint(first_ns, ==, at(10)->time_ns);
    g_assert_cmpint(last_ns, ==, at(19)->time_ns);
    assert_outside(log.player, first_ns - 1);
    assert_outside(log.player, last_ns + 10 * HV_DEMO_S);
    check_from(log.player, 10, 19);
}

static void
test_an_empty_log_has_no_range(void)
{
    g_auto(Log) log = { 0 };
    g_autoptr(GError) error = NULL;
    gint64 first_ns, last_ns;

    log_open(&log, 0, 0);
    log_play(&log);
    g_assert_false(hv_player_range(log.player, &first_ns, &last_ns));
    g_assert_null(hv_player_at(log.player, at(0)->time_ns, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_ABSENT);
}

static void
test_steps_are_held_at_the_ends(void)
{
    g_auto(Log) log = { 0 };

    log_open(&log, 0, 20);
    log_play(&log);
    g_assert_cmpint(hv_player_beside(log.player, at(7)->time_ns + 5, 0), ==, at(7)->time_ns);
    g_assert_cmpint(hv_player_beside(log.player, at(7)->time_ns + 5, 1), ==, at(8)->time_ns);
    g_assert_cmpint(hv_player_beside(log.player, at(7)->time_ns, -1), ==, at(6)->time_ns);
    g_assert_cmpint(hv_player_beside(log.player, at(7)->time_ns, 10), ==, at(17)->time_ns);
    g_assert_cmpint(hv_player_beside(log.player, at(7)->time_ns, 100), ==, at(19)->time_ns);
    g_assert_cmpint(hv_player_beside(log.player, at(7)->time_ns, -100), ==, at(0)->time_ns);
    g_assert_cmpint(hv_player_beside(log.player, 0, 1), >=, at(0)->time_ns);
}

static void
test_a_log_that_grows_is_followed(void)
{
    g_auto(Log) log = { 0 };
    gint64 first_ns, last_ns;

    log_open(&log, 0, 20);
    log_play(&log);
    check_at(log.player, 19);
    g_assert_false(hv_player_refresh(log.player));
    log_add(&log, 20, 25);
    g_assert_true(hv_player_refresh(log.player));
    g_assert_false(hv_player_refresh(log.player));
    hv_player_range(log.player, &first_ns, &last_ns);
    g_assert_cmpint(last_ns, ==, at(24)->time_ns);
    check_at(log.player, 24);
    check_at(log.player, 3);
}

static void
test_what_is_behind_a_gap_has_only_a_past_from_there(void)
{
    g_auto(Log) log = { 0 };
    g_autoptr(HvSnapshot) snapshot = NULL;

    log_open(&log, 0, 40);
    hv_log_writer_sample(log.writer, at(80), at(40)->time_ns, "paused");
    log_add(&log, 81, 90);
    log_play(&log);
    snapshot = hv_player_at(log.player, at(85)->time_ns, NULL);
    hv_log_same_snapshot(at(85), snapshot);
    same_past(at(85), snapshot, 6);
    g_assert_cmpint(hv_player_beside(log.player, at(80)->time_ns, -1), ==, at(39)->time_ns);
    check_at(log.player, 39);
}

static gint64
time_of(HvPlayer *player, const char *text, gint64 now_ns)
{
    g_autoptr(GError) error = NULL;
    gint64 time_ns = 0;

    hv_player_time(player, text, now_ns, &time_ns, &error);
    g_assert_no_error(error);
    return time_ns;
}

static char *
clock_of(HvPlayer *player, gint64 time_ns, const char *format)
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(time_ns / HV_DEMO_S);
    g_autoptr(GDateTime) there = g_date_time_to_timezone(utc, hv_player_zone(player));

    return g_date_time_format(there, format);
}

static void
test_times_are_of_the_recording_hosts_zone(void)
{
    g_auto(Log) log = { 0 };
    const gint64 second_ns = at(77)->time_ns / HV_DEMO_S * HV_DEMO_S;
    g_autofree char *clock = NULL, *early = NULL, *half = NULL;
    g_autoptr(GError) error = NULL;
    gint64 time_ns;

    log_open(&log, 0, N_SAMPLES);
    log_play(&log);
    clock = clock_of(log.player, second_ns, "%T");
    g_assert_cmpint(g_time_zone_get_offset(hv_player_zone(log.player), 0), ==, 7200);
    /* what a screen showed while its clock said so: the last sample of that second */
    g_assert_cmpint(time_of(log.player, clock, 0), ==, second_ns + HV_DEMO_S - 1);
    half = g_strconcat(clock, ".25", NULL);
    g_assert_cmpint(time_of(log.player, half, 0), ==, second_ns + HV_DEMO_S / 4);
    early = clock_of(log.player, second_ns, "%FT%T+02:00");
    g_assert_cmpint(time_of(log.player, early, 0), ==, second_ns + HV_DEMO_S - 1);
    g_assert_cmpint(time_of(log.player, "+4s", 0), ==, at(0)->time_ns + 4 * HV_DEMO_S);
    g_assert_cmpint(time_of(log.player, "-1m", 0), ==,
                    at(N_SAMPLES - 1)->time_ns - 60 * HV_DEMO_S);
    g_assert_cmpint(time_of(log.player, "-1m", 100 * HV_DEMO_S), ==, 40 * HV_DEMO_S);
    g_assert_false(hv_player_time(log.player, "14:02:11.", 0, &time_ns, NULL));
    g_assert_false(hv_player_time(log.player, "soon", 0, &time_ns, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
    g_assert_cmpstr(hv_player_meta(log.player, "hostname"), ==, "host9");
    g_assert_null(hv_player_meta(log.player, "nothing"));
}

static void
test_a_clock_time_later_than_the_end_is_yesterdays(void)
{
    g_auto(Log) log = { 0 };
    g_autofree char *later = NULL;

    log_open(&log, 0, 10);
    log_play(&log);
    later = clock_of(log.player, at(9)->time_ns + 3600 * HV_DEMO_S, "%T");
    g_assert_cmpint(time_of(log.player, later, 0), <=, at(9)->time_ns);
}

static const HvTimeMark *
mark_of(HvPlayer *player, HvTimeMarkKind kind)
{
    const GPtrArray *marks = hv_player_marks(player);

    for (guint i = 0; i < marks->len; i++) {
        const HvTimeMark *mark = marks->pdata[i];

        g_assert_true(i == 0 ||
                      ((const HvTimeMark *)marks->pdata[i - 1])->time_ns <= mark->time_ns);
        if (mark->kind == kind)
            return mark;
    }
    return NULL;
}

static void
test_notes_and_gaps_are_marks(void)
{
    g_auto(Log) log = { 0 };
    const HvTimeMark *mark;

    log_open(&log, 0, 20);
    hv_log_writer_note(log.writer, at(3)->time_ns, "redis-1", "here\033[2J it began");
    hv_log_writer_sample(log.writer, at(30), at(20)->time_ns, "paused");
    log_add(&log, 31, 32);
    log_play(&log);
    mark = mark_of(log.player, HV_TIME_MARK_NOTE);
    g_assert_cmpint(mark->time_ns, ==, at(3)->time_ns);
    g_assert_cmpstr(mark->vm, ==, "redis-1");
    g_assert_nonnull(strstr(mark->text, "it began"));
    g_assert_null(strchr(mark->text, '\033'));
    mark = mark_of(log.player, HV_TIME_MARK_GAP);
    g_assert_cmpint(mark->time_ns, ==, at(20)->time_ns);
    g_assert_cmpint(mark->until_ns, >, mark->time_ns);
    g_assert_null(mark_of(log.player, HV_TIME_MARK_CHANGE));
    hv_log_writer_note(log.writer, at(31)->time_ns, NULL, "another");
    log_add(&log, 32, 33);
    g_assert_true(hv_player_refresh(log.player));
    g_assert_cmpuint(hv_player_marks(log.player)->len, ==, 3);
}

static void
test_views_and_knobs_are_those_of_the_time(void)
{
    g_auto(Log) log = { 0 };
    g_autofree char *early = NULL, *late = NULL;
    g_autoptr(GPtrArray) lines = NULL;
    g_autoptr(GArray) read_ns = g_array_new(FALSE, FALSE, sizeof(gint64));

    log_open(&log, 0, 20);
    hv_log_writer_view(log.writer, at(5)->time_ns, "screen=desk\n");
    hv_log_writer_view(log.writer, at(9)->time_ns, "screen=map\n");
    hv_log_writer_knob(log.writer, at(2)->time_ns, "host/a", "1", NULL);
    hv_log_writer_knob(log.writer, at(4)->time_ns, "host/b", NULL, "denied");
    hv_log_writer_knob(log.writer, at(6)->time_ns, "host/a", "2", NULL);
    hv_log_writer_knob(log.writer, at(15)->time_ns, "host/a", "3", NULL);
    log_add(&log, 20, 21);
    log_play(&log);
    g_assert_null(hv_player_view(log.player, at(4)->time_ns));
    early = hv_player_view(log.player, at(8)->time_ns);
    late = hv_player_view(log.player, at(19)->time_ns);
    g_assert_cmpstr(early, ==, "screen=desk\n");
    g_assert_cmpstr(late, ==, "screen=map\n");
    lines = hv_player_knob_lines(log.player, at(10)->time_ns, read_ns);
    g_assert_cmpuint(lines->len, ==, 1);
    g_assert_cmpstr(lines->pdata[0], ==, "host/a = 2");
    g_assert_cmpint(g_array_index(read_ns, gint64, 0), ==, at(6)->time_ns);
}

static void
test_a_ring_is_played_as_a_file_is(void)
{
    HvLogOptions options = options_of(NULL);
    g_autoptr(GError) error = NULL;
    HvLog *ring = hv_log_open(&options, &error);
    HvLogState state = { 0 };
    HvPlayer *player;

    g_assert_no_error(error);
    hv_log_push(ring, (HvSnapshot *)(guintptr)at(0));
    while (state.n_frames == 0) /* the first is committed at once */
    {
        hv_log_state(ring, &state);
        g_thread_yield();
    }
    player = hv_player_open_ring(ring, &parts, &error);
    g_assert_no_error(error);
    check_at(player, 0);
    g_assert_null(hv_player_file(player));
    hv_player_free(player);
    g_assert_true(hv_log_close(ring, 5000, NULL));
}

static void
test_a_frame_that_is_none_is_said_to_be(void)
{
    g_auto(Log) log = { 0 };
    g_autoptr(GError) error = NULL;

    log_open(&log, 0, 40);
    g_assert_cmpint(sqlite3_exec(hv_log_writer_db(log.writer),
                                 "UPDATE frames SET data = x'00112233' WHERE seq = 35", NULL,
                                 NULL, NULL),
                    ==, SQLITE_OK);
    log_play(&log);
    g_assert_null(hv_player_at(log.player, at(36)->time_ns, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
    check_at(log.player, 20);
}

static void
record(void)
{
    hv_log_demo_open(&demo, "redis");
    live = g_ptr_array_new_with_free_func(free_snapshot);
    for (guint i = 0; i < N_SAMPLES; i++)
        g_ptr_array_add(live, hv_log_demo_next(&demo));
    known = hv_log_demo_known(&demo);
    parts = (HvPlayerParts){ known, hv_derives, hv_log_demo_history };
}

#define ADD(name, test) g_test_add_func("/player/" name, test)

int
main(int argc, char **argv)
{
    int status;

    g_test_init(&argc, &argv, NULL);
    record();
    ADD("any-sample-is-shown-with-a-minute-of-its-past",
        test_any_sample_is_shown_with_a_minute_of_its_past);
    ADD("going-on-shows-what-a-leap-does", test_going_on_shows_what_a_leap_does);
    ADD("the-machine-is-that-of-the-recording", test_the_machine_is_that_of_the_recording);
    ADD("times-before-and-behind-are-outside", test_times_before_and_behind_are_outside);
    ADD("an-empty-log-has-no-range", test_an_empty_log_has_no_range);
    ADD("steps-are-held-at-the-ends", test_steps_are_held_at_the_ends);
    ADD("a-log-that-grows-is-followed", test_a_log_that_grows_is_followed);
    ADD("what-is-behind-a-gap-has-only-a-past-from-there",
        test_what_is_behind_a_gap_has_only_a_past_from_there);
    ADD("times-are-of-the-recording-hosts-zone", test_times_are_of_the_recording_hosts_zone);
    ADD("a-clock-time-later-than-the-end-is-yesterdays",
        test_a_clock_time_later_than_the_end_is_yesterdays);
    ADD("notes-and-gaps-are-marks", test_notes_and_gaps_are_marks);
    ADD("views-and-knobs-are-those-of-the-time", test_views_and_knobs_are_those_of_the_time);
    ADD("a-ring-is-played-as-a-file-is", test_a_ring_is_played_as_a_file_is);
    ADD("a-frame-that-is-none-is-said-to-be", test_a_frame_that_is_none_is_said_to_be);
    status = g_test_run();
    g_free(known);
    g_ptr_array_unref(live);
    hv_log_demo_clear(&demo);
    return status;
}
