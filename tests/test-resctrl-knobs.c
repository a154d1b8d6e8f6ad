/* Groups, shares and members of resctrl on simulated machines: made, failed at each write,
 * taken back. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <unistd.h>

#include "host/monitoring.h"
#include "model/error.h"
#include "session/contested.h"
#include "tests/resctrl-bench.h"
#include "tests/sim-host.h"

#define MADE "resctrl/gold=present resctrl/gold/l3/0=8w resctrl/gold/mb/0=33 vm/ps-1/group=gold"

/* ---- made and taken back ---- */

static void
test_made_and_taken_back(void)
{
    static const char *const variants[] = { NULL, "kernel=6.12", "rmids=8" };

    for (guint i = 0; i < G_N_ELEMENTS(variants); i++) {
        g_auto(Bench) bench;
        g_autofree char *before = NULL;
        g_autofree char *made = NULL;

        bench_begin(&bench, variants[i], NULL);
        before = bench_digest(&bench);
        bench_assert_set(&bench, MADE);
        bench_assert_read(&bench, "resctrl/gold/l3/0", "ff");
        bench_assert_read(&bench, "resctrl/gold/mb/0", "40");
        bench_assert_read(&bench, "vm/ps-1/group", "gold");
        bench_assert_read(&bench, "vm/ps-1/vcpu/3/group", "gold");
        bench_assert_read(&bench, "vm/ps-1/emulator/group", "gold");
        made = bench_digest(&bench);
        bench_assert_undone(&bench);
        bench_assert_digest(&bench, before);
        g_autoptr(HvPlan) redo = hv_plan_make_redo(&bench.parts, 0, &bench.options, NULL);

        g_assert_nonnull(redo);
        g_assert_true(bench_apply(&bench, redo, NULL));
        bench_assert_digest(&bench, made);
    }
}

static void
test_amd_and_cdp(void)
{
    static const struct {
        const char *variant, *wishes;
    } cases[] = {
        { "amd", "resctrl/gold=present resctrl/gold/l3/3=5 resctrl/gold/mb/3=160 "
                 "resctrl/gold/l3/4=0 vm/ps-1/group=gold" },
        { "cdp", "resctrl/gold=present resctrl/gold/l3code/0=3 resctrl/gold/l3data/1=50% "
                 "vm/ps-1/group=gold" },
        { "amd,cdp", "resctrl/gold=present resctrl/gold/l3data/7=f0f vm/ps-1/group=gold" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Bench) bench;
        g_autofree char *before = NULL;

        bench_begin(&bench, cases[i].variant, NULL);
        before = bench_digest(&bench);
        bench_assert_set(&bench, cases[i].wishes);
        bench_assert_set(&bench, "resctrl/gold=absent");
        bench_assert_digest(&bench, before);
        bench_assert_undone(&bench);
        bench_assert_undone(&bench);
        bench_assert_digest(&bench, before);
    }
}

/* An rmdir could not be taken back; these steps can. */
static void
test_removal_is_exact(void)
{
    g_auto(Bench) bench;
    g_autofree char *before = NULL;
    g_autoptr(HvPlan) plan = NULL;

    bench_begin(&bench, NULL, NULL);
    bench_assert_set(&bench, MADE);
    bench_assert_set(&bench, "vm/ps-1/vcpu/2/group=default");
    bench_assert_read(&bench, "vm/ps-1/group", "mixed");
    before = bench_digest(&bench);
    plan = bench_plan_of(&bench, "resctrl/gold=absent", NULL);
    g_assert_cmpint(hv_plan_undo_of(plan), ==, HV_UNDO_EXACT);
    bench_assert_set(&bench, "resctrl/gold=absent");
    bench_assert_read(&bench, "resctrl/gold", "absent");
    bench_assert_undone(&bench);
    bench_assert_digest(&bench, before);
    bench_assert_set(&bench, "vm/ps-1/group=default"); /* out of two groups into one */
    bench_assert_read(&bench, "vm/ps-1/group", "default");
    bench_assert_undone(&bench);
    bench_assert_digest(&bench, before);
}

static void
test_removal_says_what_is_lost(void)
{
    g_auto(Bench) bench;
    g_autofree char *tasks = NULL;
    g_autofree char *first = NULL;

    bench_begin(&bench, NULL, NULL);
    bench_make_as_root(&bench, "theirs");
    tasks = hv_test_read(bench.host, HV_RESCTRL_DIR "/tasks");
    first = g_strndup(tasks, strcspn(tasks, "\n")); /* a thread of the host */
    bench_write_as_root(&bench, "theirs/tasks", first);
    g_autoptr(HvPlan) plan = bench_plan_of(&bench, "resctrl/theirs=absent", NULL);

    g_assert_nonnull(plan);
    g_assert_cmpint(hv_plan_undo_of(plan), ==, HV_UNDO_NEAR);
    g_assert_nonnull(strstr(hv_plan_step(plan, 0)->remark, "1 threads"));
}

static void
test_gone_groups_are_noted(void)
{
    g_auto(Bench) bench;
    g_autofree char *before = NULL;
    HvActOptions options;
    g_autoptr(HvPlan) plan = NULL;
    g_autoptr(GError) error = NULL;

    bench_begin(&bench, NULL, NULL);
    before = bench_digest(&bench);
    bench_assert_set(&bench, "resctrl/gold=present resctrl/gold/l3/0=8w");
    g_assert_true(hv_host_rmdir(bench.host, HV_RESCTRL_DIR "/gold", NULL));
    options = bench.options;
    options.force = TRUE; /* somebody else changed it */
    plan = hv_plan_make_undo(&bench.parts, 0, &options, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(hv_plan_n_steps(plan), ==, 0);
    g_assert_cmpuint(plan->notes->len, >=, 1);
    bench_assert_digest(&bench, before);
}

static void
test_undo_leaves_others_threads(void)
{
    g_auto(Bench) bench;
    g_autoptr(HvPlan) plan = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *tasks = NULL;
    g_autofree char *first = NULL;

    bench_begin(&bench, NULL, NULL);
    bench_assert_set(&bench, "resctrl/gold=present");
    tasks = hv_test_read(bench.host, HV_RESCTRL_DIR "/tasks");
    first = g_strndup(tasks, strcspn(tasks, "\n"));
    bench_write_as_root(&bench, "gold/tasks", first);
    plan = hv_plan_make_undo(&bench.parts, 0, &bench.options, &error);
    g_assert_null(plan);
    g_assert_error(error, HV_ERROR, HV_ERROR_REFUSED);
}

static void
test_mount(void)
{
    g_auto(Bench) bench;

    bench_begin(&bench, "unmounted", NULL);
    bench_assert_read(&bench, "host/resctrl", "absent");
    bench_assert_refused(&bench, "resctrl/gold=present", "host/resctrl=mounted");
    bench_assert_refused(&bench, "vm/ps-1/group=gold", "host/resctrl=mounted");
    bench_assert_set(&bench, "host/resctrl=mounted");
    bench_assert_read(&bench, "host/resctrl", "mounted");
    bench_make_as_root(&bench, "theirs");
    g_autoptr(GError) error = NULL;
    g_autoptr(HvPlan) plan = hv_plan_make_undo(&bench.parts, 0, &bench.options, &error);

    g_assert_null(plan);
    g_assert_nonnull(strstr(error->message, "theirs"));
    g_assert_true(hv_host_rmdir(bench.host, HV_RESCTRL_DIR "/theirs", NULL));
    bench_assert_refused(&bench, "host/resctrl=absent", "by undo");
    bench_assert_undone(&bench);
    bench_assert_read(&bench, "host/resctrl", "absent");
}

/* ---- refused by the kernel ---- */

static void
test_kernels_words_are_shown(void)
{
    g_auto(Bench) bench;
    g_autoptr(HvPlan) plan = NULL;
    g_autoptr(GError) error = NULL;

    bench_begin(&bench, NULL, NULL);
    bench_make_as_root(&bench, "gold");
    bench_make_as_root(&bench, "other");
    plan = bench_plan_of(&bench, "resctrl/gold/l3/0=ff", NULL);
    bench_write_as_root(&bench, "schemata", "L3:0=00f;1=00f\n"); /* meanwhile */
    bench_write_as_root(&bench, "gold/schemata", "L3:1=00f\n");
    bench_write_as_root(&bench, "other/schemata", "L3:0=0f0;1=0f0\n");
    bench_write_as_root(&bench, "gold/schemata", "L3:0=00f\n");
    bench_write_as_root(&bench, "other/mode", "exclusive\n");
    plan->force = TRUE;
    g_assert_false(bench_apply(&bench, plan, &error));
    g_assert_nonnull(
        strstr(error->message, "the kernel says \"Overlaps with exclusive group\""));
}

/* ---- failures ---- */

static void
test_each_failed_write_leaves_all_as_before(void)
{
    guint n_failed = 0;

    for (guint fail_at = 1;; fail_at++) {
        g_autofree char *fault = g_strdup_printf("fail-write:%u", fail_at);
        g_auto(Bench) bench;
        g_autofree char *before = NULL;
        g_autoptr(HvPlan) plan = NULL;
        gboolean good;

        bench_begin(&bench, NULL, fault);
        before = bench_digest(&bench);
        plan = bench_plan_of(&bench, MADE, NULL);
        good = bench_apply(&bench, plan, NULL);
        if (good)
            break;
        n_failed++;
        g_assert_cmpint(plan->state, ==, HV_PLAN_REFUSED);
        bench_assert_digest(&bench, before);
    }
    g_assert_cmpuint(n_failed, >=, 4);
}

static void
test_a_held_lock_is_no_lost_answer(void)
{
    g_auto(Bench) bench;
    g_autoptr(HvPlan) plan = NULL;
    g_autoptr(GError) error = NULL;
    int lock;

    bench_begin(&bench, NULL, NULL);
    plan = bench_plan_of(&bench, "resctrl/gold=present", NULL);
    lock = hv_host_lock(bench.host, HV_RESCTRL_DIR, TRUE, 0, NULL);
    g_assert_cmpint(lock, >=, 0);
    g_assert_false(bench_apply(&bench, plan, &error));
    (void)close(lock);
    g_assert_cmpint(plan->state, ==, HV_PLAN_REFUSED);
    g_assert_nonnull(strstr(error->message, "lock"));
}

static void
test_the_directory_default_is_not_the_root(void)
{
    g_auto(Bench) bench;

    bench_begin(&bench, NULL, NULL);
    bench_assert_set(&bench, "resctrl/%64efault=present vm/ps-1/group=%64efault");
    g_assert_true(hv_host_exists(bench.host, HV_RESCTRL_DIR "/default/tasks"));
    bench_assert_read(&bench, "vm/ps-1/group", "%64efault");
    bench_assert_undone(&bench);
    g_assert_false(hv_host_exists(bench.host, HV_RESCTRL_DIR "/default"));
    bench_assert_read(&bench, "vm/ps-1/group", "default");
}

static void
test_leaving_a_strangers_monitor_is_said(void)
{
    g_auto(Bench) bench;
    g_autoptr(HvGuestList) list = NULL;
    g_autoptr(HvPlan) plan = NULL;
    g_autofree char *tid = NULL;

    bench_begin(&bench, NULL, NULL);
    list = hv_host_guests_peek(bench.host);
    tid = g_strdup_printf("%d\n", hv_guest_list_find(list, "ps-1")->threads[0].tid);
    bench_make_as_root(&bench, "gold");
    bench_make_as_root(&bench, "mon_groups/watched");
    bench_write_as_root(&bench, "mon_groups/watched/tasks", tid);
    plan = bench_plan_of(&bench, "vm/ps-1/group=gold", NULL);
    g_assert_nonnull(strstr(hv_plan_step(plan, 0)->remark, "watched"));
    g_assert_cmpint(hv_plan_undo_of(plan), ==, HV_UNDO_NEAR);
}

/* ---- threads and counters ---- */

static const HvGuest *
guest_of(const Bench *bench, const char *vm, HvGuestList **list)
{
    *list = hv_host_guests_peek(bench->host);
    return hv_guest_list_find(*list, vm);
}

static void
test_a_monitor_goes_along(void)
{
    static const char *const variants[] = { "kernel=6.12", "kernel=6.1" };

    for (guint i = 0; i < G_N_ELEMENTS(variants); i++) {
        g_auto(Bench) bench;
        g_autoptr(HvGuestList) list = NULL;
        g_autofree char *name = NULL;
        g_autofree char *group = NULL;
        g_autofree char *tasks = NULL;
        g_autofree char *tid = NULL;
        g_autofree char *moved = NULL;
        const HvGuest *guest;

        bench_begin(&bench, variants[i], NULL);
        guest = guest_of(&bench, "ps-1", &list);
        name = hv_monitoring_name(guest);
        tid = g_strdup_printf("%d", guest->threads[0].tid);
        group = g_strconcat("mon_groups/", name, NULL);
        tasks = g_strconcat(group, "/tasks", NULL);
        bench_make_as_root(&bench, group);
        bench_write_as_root(&bench, tasks, tid);
        bench_assert_set(&bench, MADE);
        bench_assert_read(&bench, "vm/ps-1/group", "gold");
        moved = g_strconcat(HV_RESCTRL_DIR "/gold/", tasks, NULL);
        g_assert_cmpint(hv_host_exists(bench.host, moved), ==, i == 0);
        if (i == 0) {
            g_autofree char *text = hv_test_read(bench.host, moved);

            g_assert_cmpstr(text, ==, tid);
        }
        bench_assert_undone(&bench);
        bench_assert_read(&bench, "vm/ps-1/group", "default");
    }
}

static void
test_threads_that_come_are_brought_in(void)
{
    g_auto(Bench) bench;
    g_autoptr(HvGuestList) list = NULL;
    g_autoptr(HvKnob) knob = hv_knob_parse(hv_tuners, "vm/redis-1/group", NULL);
    g_auto(HvValue) gold = { .type = HV_TYPE_WORD, .text = g_strdup("gold") };
    const HvGuest *guest;
    g_autofree char *vcpu = NULL;

    bench_begin_in(&bench, "redis", NULL, NULL);
    bench_assert_set(&bench, "resctrl/gold=present vm/redis-1/group=gold");
    guest = guest_of(&bench, "redis-1", &list);
    vcpu = g_strdup_printf("%d", guest->threads[0].tid);
    for (guint i = 0; i < guest->n_threads; i++) {
        g_autofree char *tid = g_strdup_printf("%d", guest->threads[i].tid);

        if (guest->threads[i].role != HV_THREAD_VCPU && guest->threads[i].tid != guest->pid)
            bench_write_as_root(&bench, "tasks", tid);
    }
    bench_assert_read(&bench, "vm/redis-1/group", "mixed");
    knob->tuner->keep(bench.host, knob, &gold);
    bench_assert_read(&bench, "vm/redis-1/group", "gold");
    bench_write_as_root(&bench, "tasks", vcpu); /* somebody else's will */
    knob->tuner->keep(bench.host, knob, &gold);
    bench_assert_read(&bench, "vm/redis-1/group", "mixed");
}

/* What the session looks at in its idle turns: nobody else has been at it. */
static void
test_our_own_parts_are_not_contested(void)
{
    g_auto(Bench) bench;
    g_autoptr(HvContested) contested = NULL;
    g_autoptr(GPtrArray) plans = NULL;
    g_autofree char *said = NULL;

    bench_begin(&bench, NULL, NULL);
    bench.parts.machine_id = bench.options.machine_id;
    bench.parts.boot_id = bench.options.boot_id;
    bench_assert_set(&bench, MADE);
    bench_assert_set(&bench, "vm/ps-1/vcpu/2/group=default");
    contested = hv_contested_new(&bench.parts);
    plans = hv_journal_read(bench.journal, 0, NULL);
    g_assert_cmpuint(hv_contested_watch(contested, plans), ==, 4);
    g_assert_false(hv_contested_look(contested));
    bench_write_as_root(&bench, "gold/schemata", "MB:0=70\n");
    g_assert_true(hv_contested_look(contested));
    said = hv_contested_describe(contested, 1, "resctrl/gold/mb/0");
    g_assert_nonnull(strstr(said, "70"));
}

#define ADD(name, function) g_test_add_func("/resctrl-knobs/" name, function)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("a-plan-is-made-taken-back-and-made-again", test_made_and_taken_back);
    ADD("amd-and-cdp-have-their-own-knobs", test_amd_and_cdp);
    ADD("a-removed-group-comes-back-with-shares-and-members", test_removal_is_exact);
    ADD("what-a-removal-loses-is-said", test_removal_says_what_is_lost);
    ADD("groups-that-have-gone-are-noted", test_gone_groups_are_noted);
    ADD("undo-leaves-threads-of-others-where-they-are", test_undo_leaves_others_threads);
    ADD("resctrl-is-mounted-and-unmounted-by-undo-alone", test_mount);
    ADD("the-kernels-words-are-shown", test_kernels_words_are_shown);
    ADD("each-failed-write-leaves-all-as-before", test_each_failed_write_leaves_all_as_before);
    ADD("a-held-lock-is-no-lost-answer", test_a_held_lock_is_no_lost_answer);
    ADD("a-directory-called-default-is-not-the-root",
        test_the_directory_default_is_not_the_root);
    ADD("leaving-a-strangers-monitor-is-said", test_leaving_a_strangers_monitor_is_said);
    ADD("hvtunes-monitoring-group-goes-along", test_a_monitor_goes_along);
    ADD("threads-that-come-are-brought-in", test_threads_that_come_are_brought_in);
    ADD("our-own-parts-are-not-contested", test_our_own_parts_are_not_contested);
    return g_test_run();
}
