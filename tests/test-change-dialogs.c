/* Dialogs that end in a change: affinity, plan, undo, conflict. Nothing is changed without
 * Enter in a plan. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "model/error.h"
#include "tests/screens-fixture.h"

static HvDesk *
busy(void)
{
    return hv_test_desk_new(HV_SCENE_BUSY);
}

static void
answer_plan(HvDesk *desk, guint64 serial, guint n_steps)
{
    HvAnswer *answer = hv_answer_new(HV_ANSWER_PLAN, serial);

    answer->plan = hv_test_plan(n_steps);
    hv_console_answer(desk->console, answer);
}

static void
refuse(HvDesk *desk, guint64 serial, HvError code, const char *message)
{
    HvAnswer *answer = hv_answer_new(HV_ANSWER_REFUSED, serial);

    answer->error = g_error_new_literal(HV_ERROR, (gint)code, message);
    hv_console_answer(desk->console, answer);
}

static const HvWish *
wish(const HvIntent *intent, guint index)
{
    g_assert_nonnull(intent);
    g_assert_cmpuint(index, <, intent->wishes->len);
    return g_ptr_array_index(intent->wishes, index);
}

static void
test_affinity_of_vcpu(void)
{
    g_autoptr(HvDesk) desk = busy();
    const HvIntent *asked;

    hv_console_select_vm(desk->console, "web-1");
    hv_test_desk_type(desk, "ejjja8,9");
    g_assert_true(hv_test_desk_shows(desk, "vCPU 2"));
    g_assert_cmpuint(desk->intents->len, ==, 0);
    hv_test_desk_key(desk, HV_KEY_ENTER);
    asked = hv_test_desk_asked(desk, HV_INTENT_PLAN);
    g_assert_cmpstr(wish(asked, 0)->knob, ==, "vm/web-1/vcpu/2/cpus");
    g_assert_cmpstr(wish(asked, 0)->value, ==, "8-9");
    g_assert_false(asked->persist);
}

static void
test_affinity_is_of_the_cursor(void)
{
    g_autoptr(HvDesk) desk = busy();

    hv_console_select_vm(desk->console, "web-1");
    hv_test_desk_key(desk, HV_KEY_ENTER);
    hv_test_desk_type(desk, "jjj"); /* vCPU 2 on the VM's page */
    hv_test_desk_type(desk, "a");
    g_assert_true(hv_test_desk_shows(desk, "\u2039 vCPU 2"));
    hv_test_desk_key(desk, HV_KEY_ESCAPE);
    hv_test_desk_type(desk, "qa"); /* the Desk's row is the whole VM */
    g_assert_true(hv_test_desk_shows(desk, "\u2039 all vCPUs"));
    hv_test_desk_key(desk, HV_KEY_ESCAPE);
    hv_test_desk_type(desk, "ejj"); /* vCPU 1 on the Desk */
    hv_test_desk_key(desk, HV_KEY_ENTER);
    hv_test_desk_type(desk, "a");
    g_assert_true(hv_test_desk_shows(desk, "\u2039 vCPU 1"));
}

static void
test_affinity_threads(void)
{
    static const char *const knobs[] = { "vm/web-1/vcpu/*/cpus", "vm/web-1/emulator/cpus",
                                         "vm/web-1/iothread/*/cpus", "vm/web-1/vhost/cpus" };

    for (guint i = 0; i < G_N_ELEMENTS(knobs); i++) {
        g_autoptr(HvDesk) desk = busy();
        const HvIntent *asked;

        hv_console_select_vm(desk->console, "web-1");
        hv_test_desk_type(desk, "a");
        for (guint step = 0; step < i; step++)
            hv_test_desk_key(desk, HV_KEY_TAB);
        hv_test_desk_type(desk, "p4");
        hv_test_desk_key(desk, HV_KEY_ENTER);
        asked = hv_test_desk_asked(desk, HV_INTENT_PLAN);
        g_assert_cmpstr(wish(asked, 0)->knob, ==, knobs[i]);
        g_assert_cmpint(asked->persist, ==, i < 3); /* vhost has no persistent form */
    }
}

static void
test_affinity_of_tagged(void)
{
    g_autoptr(HvDesk) desk = busy();
    const HvIntent *asked;

    hv_test_desk_type(desk, "  ");
    hv_test_desk_type(desk, "a1");
    hv_test_desk_key(desk, HV_KEY_ENTER);
    asked = hv_test_desk_asked(desk, HV_INTENT_PLAN);
    g_assert_cmpuint(asked->wishes->len, ==, 2);
    hv_test_desk_key(desk, HV_KEY_ESCAPE);
    hv_test_desk_type(desk, "U");
    g_assert_false(hv_test_desk_shows(desk, "tagged"));
}

static void
test_affinity_of_hostile_name(void)
{
    g_autoptr(HvDesk) desk = busy();
    const HvIntent *asked;

    hv_test_desk_type(desk, "/reboot");
    hv_test_desk_key(desk, HV_KEY_ENTER);
    hv_test_desk_type(desk, "a1");
    hv_test_desk_key(desk, HV_KEY_ENTER);
    asked = hv_test_desk_asked(desk, HV_INTENT_PLAN);
    g_assert_cmpstr(wish(asked, 0)->knob, ==,
                    "vm/%E7%BD%91%E9%A1%B5%1B%5B31m%24%28reboot%29/vcpu/*/cpus");
}

static void
test_wrong_lists(void)
{
    static const struct {
        const char *typed, *said;
    } wrong[] = { { "", "an empty list" },
                  { "15", "offline: cpu 15" },
                  { "99", "this host has no cpu 99" },
                  { "3-1", "3-1" } };

    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(HvDesk) desk = busy();

        hv_test_desk_type(desk, "a");
        hv_test_desk_type(desk, wrong[i].typed);
        hv_test_desk_key(desk, HV_KEY_ENTER);
        g_assert_true(hv_test_desk_shows(desk, wrong[i].said));
        g_assert_cmpuint(desk->intents->len, ==, 0);
    }
}

static void
test_refused_list_can_be_mended(void)
{
    g_autoptr(HvDesk) desk = busy();

    hv_test_desk_type(desk, "a4");
    hv_test_desk_key(desk, HV_KEY_ENTER);
    refuse(desk, hv_test_desk_asked(desk, HV_INTENT_PLAN)->serial, HV_ERROR_REFUSED,
           "cpu 4: outside the cpuset");
    g_assert_true(hv_test_desk_shows(desk, "outside the cpuset"));
    hv_test_desk_key(desk, HV_KEY_BACKSPACE);
    hv_test_desk_type(desk, "5");
    hv_test_desk_key(desk, HV_KEY_ENTER);
    g_assert_cmpstr(wish(hv_test_desk_asked(desk, HV_INTENT_PLAN), 0)->value, ==, "5");
}

static void
test_pick_up(void)
{
    g_autoptr(HvDesk) desk = busy();
    const char *vm;
    int vcpu;

    hv_console_go(desk->console, "interrupts");
    hv_console_select_vcpu(desk->console, "web-1", 1);
    hv_test_desk_type(desk, "am");
    g_assert_true(hv_console_picked(desk->console, &vm, &vcpu));
    g_assert_cmpstr(vm, ==, "web-1");
    g_assert_cmpint(vcpu, ==, 1);
    g_assert_cmpuint(desk->intents->len, ==, 0);
}

static void
open_plan(HvDesk *desk, guint n_steps)
{
    hv_test_desk_type(desk, "a8");
    hv_test_desk_key(desk, HV_KEY_ENTER);
    answer_plan(desk, hv_test_desk_asked(desk, HV_INTENT_PLAN)->serial, n_steps);
}

static void
test_plan_applies_at_enter(void)
{
    g_autoptr(HvDesk) desk = busy();
    HvAnswer *answer;
    guint64 serial;

    open_plan(desk, 1);
    g_assert_true(hv_test_desk_shows(desk, "vm/web-1/vcpu/0/cpus"));
    g_assert_null(hv_test_desk_asked(desk, HV_INTENT_APPLY));
    hv_test_desk_key(desk, HV_KEY_ENTER);
    g_assert_nonnull(hv_test_desk_asked(desk, HV_INTENT_APPLY));
    serial = hv_test_desk_asked(desk, HV_INTENT_APPLY)->serial;
    hv_test_desk_key(desk, HV_KEY_ENTER); /* a second Enter does not apply twice */
    g_assert_cmpuint(desk->intents->len, ==, 2);
    answer = hv_answer_new(HV_ANSWER_OUTCOME, serial);
    answer->plan = hv_test_plan(1);
    answer->plan->state = HV_PLAN_APPLIED;
    hv_plan_step(answer->plan, 0)->state = HV_OUTCOME_DONE;
    answer->plan->summary = g_strdup("plan 15 applied");
    hv_console_answer(desk->console, answer);
    g_assert_true(hv_test_desk_shows(desk, "plan 15 applied"));
    hv_test_desk_type(desk, "j");
    g_assert_false(hv_test_desk_shows(desk, "knob"));
}

static void
test_plan_can_be_left(void)
{
    static const guint keys[] = { HV_KEY_ESCAPE, 'q', HV_KEY_BACKSPACE };

    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_autoptr(HvDesk) desk = busy();

        open_plan(desk, 2);
        g_assert_true(hv_test_desk_key(desk, keys[i]));
        g_assert_false(hv_test_desk_shows(desk, "knob"));
        g_assert_null(hv_test_desk_asked(desk, HV_INTENT_APPLY));
    }
}

static void
test_shell_lines(void)
{
    g_autoptr(HvDesk) desk = busy();

    open_plan(desk, 3);
    g_assert_true(hv_test_desk_shows(desk, "virsh vcpupin web-1 0 8 --live"));
    g_assert_false(hv_test_desk_shows(desk, "virsh vcpupin web-1 2 8 --live"));
    hv_test_desk_type(desk, "$");
    g_assert_true(hv_test_desk_shows(desk, "virsh vcpupin web-1 2 8 --live"));
}

static void
test_old_plan_is_dropped(void)
{
    g_autoptr(HvDesk) desk = busy();
    guint64 serial;

    hv_test_desk_type(desk, "u");
    serial = hv_test_desk_asked(desk, HV_INTENT_UNDO)->serial;
    hv_test_desk_type(desk, "u");
    answer_plan(desk, serial, 1);
    g_assert_false(hv_test_desk_shows(desk, "knob"));
}

static void
test_refused_apply(void)
{
    g_autoptr(HvDesk) desk = busy();

    open_plan(desk, 1);
    hv_test_desk_key(desk, HV_KEY_ENTER);
    refuse(desk, hv_test_desk_asked(desk, HV_INTENT_APPLY)->serial, HV_ERROR_CONFLICT,
           "pid 812 set it to 0-7 since");
    g_assert_true(hv_test_desk_shows(desk, "pid 812 set it"));
    hv_test_desk_type(desk, "f");
    g_assert_true(hv_test_desk_asked(desk, HV_INTENT_APPLY)->force);
}

static void
test_undo(void)
{
    g_autoptr(HvDesk) desk = busy();

    hv_test_desk_type(desk, "u");
    g_assert_cmpuint(hv_test_desk_asked(desk, HV_INTENT_UNDO)->id, ==, 0);
    refuse(desk, hv_test_desk_asked(desk, HV_INTENT_UNDO)->serial, HV_ERROR_CONFLICT,
           "is 0-7 now: somebody else changed it");
    g_assert_true(hv_test_desk_shows(desk, "somebody else changed it"));
    g_assert_false(hv_test_desk_asked(desk, HV_INTENT_UNDO)->force);
    hv_test_desk_type(desk, "f");
    g_assert_true(hv_test_desk_asked(desk, HV_INTENT_UNDO)->force);
}

static void
test_journal_keys(void)
{
    g_autoptr(HvDesk) desk = busy();

    hv_test_desk_type(desk, "7u");
    g_assert_cmpuint(hv_test_desk_asked(desk, HV_INTENT_UNDO)->id, ==, 13);
    hv_test_desk_type(desk, "jj");
    hv_test_desk_type(desk, "y");
    g_assert_cmpuint(hv_test_desk_asked(desk, HV_INTENT_REDO)->id, ==, 11);
}

static void
test_read_only(void)
{
    for (const char *key = "au"; *key; key++) {
        g_autoptr(HvDesk) desk = busy();

        desk->backend.read_only_why = "--read-only";
        hv_test_desk_key(desk, (guint)*key);
        g_assert_true(hv_test_desk_shows(desk, "nothing can be changed here: --read-only"));
        g_assert_true(hv_test_desk_shows(desk, "READ-ONLY"));
        g_assert_cmpuint(desk->intents->len, ==, 0);
    }
}

static void
test_undo_of_nothing_is_noted(void)
{
    g_autoptr(HvDesk) desk = busy();
    HvAnswer *answer;

    hv_console_undo(desk->console, 2);
    answer = hv_answer_new(HV_ANSWER_PLAN, hv_test_desk_asked(desk, HV_INTENT_UNDO)->serial);
    answer->plan = hv_plan_new(HV_PLAN_UNDO, "undo 2: set k");
    hv_console_answer(desk->console, answer);
    g_assert_true(hv_test_desk_shows(desk, "nothing is left to take back"));
    hv_test_desk_key(desk, 'T'); /* there is nothing to try */
    g_assert_null(hv_test_desk_asked(desk, HV_INTENT_TRY));
    hv_test_desk_key(desk, HV_KEY_ENTER);
    g_assert_nonnull(hv_test_desk_asked(desk, HV_INTENT_APPLY));
}

/* There is nothing to force: f would ask for the undo of the newest change. */
static void
test_refused_plan_offers_no_undo(void)
{
    g_autoptr(HvDesk) desk = busy();
    GPtrArray *wishes = g_ptr_array_new_with_free_func((GDestroyNotify)hv_wish_free);

    g_ptr_array_add(wishes, hv_wish_new("vm/web-1/vcpu/0/cpus", "8"));
    hv_console_plan(desk->console, wishes, FALSE);
    refuse(desk, hv_test_desk_asked(desk, HV_INTENT_PLAN)->serial, HV_ERROR_CONFLICT,
           "vm/web-1: was started anew");
    g_assert_true(hv_test_desk_shows(desk, "vm/web-1: was started anew"));
    hv_test_desk_key(desk, 'f');
    g_assert_null(hv_test_desk_asked(desk, HV_INTENT_UNDO));
}

static void
test_no_key_changes_the_host(void)
{
    for (guint key = ' '; key < 0x7f; key++) {
        g_autoptr(HvDesk) desk = busy();

        for (guint times = 0; times < 3; times++) {
            hv_test_desk_key(desk, key);
            g_assert_null(hv_test_desk_asked(desk, HV_INTENT_APPLY));
        }
    }
}

static const struct {
    const char *name;
    void (*test)(void);
} tests[] = {
    { "a on a vCPU asks for a plan for that vCPU", test_affinity_of_vcpu },
    { "a is always about the row under the cursor", test_affinity_is_of_the_cursor },
    { "Tab goes through the other threads; vhost never persists", test_affinity_threads },
    { "a change applies to all tagged VMs, U untags", test_affinity_of_tagged },
    { "a hostile name is escaped in the knob", test_affinity_of_hostile_name },
    { "empty, offline, absent and backward lists ask for nothing", test_wrong_lists },
    { "a list that was refused can be mended", test_refused_list_can_be_mended },
    { "m picks the vCPU up for the Map", test_pick_up },
    { "a plan is applied at Enter, once", test_plan_applies_at_enter },
    { "a plan can be left without being applied", test_plan_can_be_left },
    { "$ shows all shell lines", test_shell_lines },
    { "a plan that was asked for before the last one is dropped", test_old_plan_is_dropped },
    { "a conflict at apply offers force", test_refused_apply },
    { "undo asks, and a conflict offers force", test_undo },
    { "a conflict while planning offers nothing to force", test_refused_plan_offers_no_undo },
    { "an undo of which nothing is left is noted at Enter", test_undo_of_nothing_is_noted },
    { "u and y on the Journal act on the row's change", test_journal_keys },
    { "read-only asks for nothing and says why", test_read_only },
    { "no key by itself changes the host", test_no_key_changes_the_host },
};

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *name = g_strdup_printf("/change-dialogs/%s", tests[i].name);

        g_test_add_func(name, tests[i].test);
    }
    return g_test_run();
}
