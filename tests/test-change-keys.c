/* Keys that end in a change: where could it go, cache, interrupts, a plan's own keys. What is
 * asked for, and that nothing is asked for too early. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "tests/screens-changed.h"

static HvDesk *
traffic(void)
{
    HvDesk *desk = hv_test_desk_new(HV_SCENE_TRAFFIC);

    hv_test_desk_draw(desk);
    return desk;
}

static const HvIntent *
asked(const HvDesk *desk, HvIntentVerb verb)
{
    const HvIntent *intent = hv_test_desk_asked(desk, verb);

    g_assert_nonnull(intent);
    return intent;
}

static void
assert_wish(const HvDesk *desk, guint index, const char *knob, const char *value)
{
    const HvIntent *intent = asked(desk, HV_INTENT_PLAN);
    const HvWish *wish;

    g_assert_cmpuint(index, <, intent->wishes->len);
    wish = g_ptr_array_index(intent->wishes, index);
    g_assert_cmpstr(wish->knob, ==, knob);
    g_assert_cmpstr(wish->value, ==, value);
}

/* ---- where could it go ---- */

static void
test_move(void)
{
    g_autoptr(HvDesk) desk = traffic();
    const HvIntent *intent;

    hv_test_desk_type(desk, "v");
    intent = asked(desk, HV_INTENT_CHOICES);
    g_assert_cmpstr(intent->recipe, ==, "move");
    g_assert_cmpstr(intent->arguments[0], ==, "redis-1");
    hv_test_answer_choices(desk);
    g_assert_true(hv_test_desk_shows(desk, "S1: vCPUs to the memory"));
    hv_test_desk_key(desk, HV_KEY_ENTER);
    intent = asked(desk, HV_INTENT_RECIPE);
    g_assert_cmpstr(intent->arguments[1], ==, "1");
    hv_test_answer_plan(desk, hv_test_move_plan());
    g_assert_true(hv_test_desk_shows(desk, "move redis-1 to node 1"));
    g_assert_null(hv_test_desk_asked(desk, HV_INTENT_APPLY));
    hv_test_desk_key(desk, HV_KEY_ENTER);
    g_assert_cmpuint(asked(desk, HV_INTENT_APPLY)->confirm_s, ==, 0);
}

static void
test_refused_way(void)
{
    g_autoptr(HvDesk) desk = traffic();
    guint n;

    hv_test_show_refused_choice(desk);
    n = desk->intents->len;
    g_assert_true(hv_test_desk_shows(desk, "1.2G are free there"));
    hv_test_desk_key(desk, HV_KEY_ENTER);
    g_assert_cmpuint(desk->intents->len, ==, n);
    hv_test_desk_type(desk, "k");
    hv_test_desk_key(desk, HV_KEY_ENTER);
    g_assert_cmpstr(asked(desk, HV_INTENT_RECIPE)->arguments[1], ==, "0");
    hv_test_refuse(desk, HV_ERROR_REFUSED, "redis-1: a libvirt job runs");
    g_assert_true(hv_test_desk_shows(desk, "a libvirt job runs"));
}

static void
test_move_tagged(void)
{
    g_autoptr(HvDesk) desk = traffic();

    hv_test_desk_type(desk, "N");
    hv_test_desk_type(desk, "  ");
    hv_test_desk_type(desk, "v");
    g_assert_true(hv_test_desk_shows(desk, "(1 of 2)"));
    g_assert_cmpstr(asked(desk, HV_INTENT_CHOICES)->arguments[0], ==, "redis-1");
    hv_test_answer_choices(desk);
    hv_test_desk_key(desk, HV_KEY_ENTER);
    hv_test_answer_plan(desk, hv_test_plan(1));
    hv_test_desk_key(desk, HV_KEY_ESCAPE);
    g_assert_cmpstr(asked(desk, HV_INTENT_CHOICES)->arguments[0], ==, "trainer-a");
    g_assert_true(hv_test_desk_shows(desk, "(2 of 2)"));
    hv_test_answer_choices(desk);
    hv_test_desk_key(desk, HV_KEY_ENTER);
    hv_test_answer_plan(desk, hv_test_plan(1));
    hv_test_desk_key(desk, HV_KEY_ESCAPE);
    g_assert_false(hv_test_desk_shows(desk, "could"));
}

/* ---- a plan's keys ---- */

static void
open_plan(HvDesk *desk, HvPlan *take_plan)
{
    hv_test_show_choices(desk);
    hv_test_desk_key(desk, HV_KEY_ENTER);
    hv_test_answer_plan(desk, take_plan);
    hv_test_desk_draw(desk);
}

static void
test_confirm(void)
{
    g_autoptr(HvDesk) desk = traffic();

    hv_test_show_armed_plan(desk);
    g_assert_cmpuint(asked(desk, HV_INTENT_APPLY)->confirm_s, ==, 30);
    g_assert_true(hv_test_desk_shows(desk, "plan 17 reverts in 24 s"));
    desk->now_ns += G_GINT64_CONSTANT(20000000000);
    g_assert_true(hv_test_desk_shows(desk, "plan 17 reverts in 4 s"));
    hv_test_desk_key(desk, HV_KEY_ENTER);
    g_assert_true(hv_test_desk_shows(desk, "plan 17 reverts in 4 s: K keeps it"));
    hv_test_desk_type(desk, "7K");
    g_assert_cmpuint(asked(desk, HV_INTENT_CONFIRM)->id, ==, 17);
    hv_test_desk_show(desk, HV_SCENE_BUSY); /* nothing there is known to be armed */
}

static void
test_one_way_is_not_timed(void)
{
    g_autoptr(HvDesk) desk = traffic();
    HvPlan *plan = hv_test_plan(2);

    hv_plan_step(plan, 1)->step_class = HV_STEP_ONE_WAY;
    open_plan(desk, plan);
    hv_test_desk_type(desk, "!");
    g_assert_null(hv_test_desk_asked(desk, HV_INTENT_APPLY));
    g_assert_true(hv_test_desk_shows(desk, "vm/web-1/vcpu/1/cpus goes one way only"));
}

static void
test_trial(void)
{
    g_autoptr(HvDesk) desk = traffic();

    open_plan(desk, hv_test_move_plan());
    hv_test_desk_type(desk, "T");
    g_assert_null(hv_test_desk_asked(desk, HV_INTENT_TRY));
    g_assert_true(hv_test_desk_shows(desk, "memory/pages is slow"));
    hv_test_desk_key(desk, HV_KEY_ESCAPE);
    open_plan(desk, hv_test_plan(2));
    hv_test_desk_type(desk, "T");
    g_assert_nonnull(asked(desk, HV_INTENT_TRY)->plan);
    hv_test_say(desk, "redis_p99_ms: 7 % less, 4 to 10 %: kept");
    g_assert_true(hv_test_desk_shows(desk, "7 % less"));
}

static void
test_write(void)
{
    g_autoptr(HvDesk) desk = traffic();

    open_plan(desk, hv_test_plan(2));
    hv_test_desk_type(desk, "w");
    hv_test_desk_key(desk, HV_KEY_CTRL + 'u');
    hv_test_desk_type(desk, "quiet.sh"); /* a "q" does not close it */
    hv_test_desk_key(desk, HV_KEY_ENTER);
    g_assert_cmpstr(asked(desk, HV_INTENT_WRITE)->line, ==, "quiet.sh");
    g_assert_cmpuint(hv_plan_n_steps(asked(desk, HV_INTENT_WRITE)->plan), ==, 2);
    hv_test_refuse(desk, HV_ERROR_CONFLICT, "quiet.sh: is there already");
    g_assert_true(hv_test_desk_shows(desk, "is there already"));
    hv_test_desk_key(desk, HV_KEY_ENTER); /* the plan is as it was */
    asked(desk, HV_INTENT_APPLY);
}

static void
test_stop(void)
{
    g_autoptr(HvDesk) desk = traffic();

    hv_test_show_running_plan(desk);
    g_assert_true(hv_test_desk_shows(desk, "42 %  6.7 of 16G on node 1"));
    hv_test_desk_key(desk, HV_KEY_ESCAPE);
    g_assert_cmpuint(asked(desk, HV_INTENT_STOP)->id, ==, 17);
    g_assert_true(hv_test_desk_shows(desk, "stopping"));
    hv_test_desk_key(desk, HV_KEY_ESCAPE);
    g_assert_false(hv_test_desk_shows(desk, "stopping"));
}

/* ---- masks ---- */

static void
open_cache(HvDesk *desk)
{
    g_assert_true(hv_console_go(desk->console, "cache"));
    hv_test_desk_draw(desk);
}

static void
test_masks(void)
{
    g_autoptr(HvDesk) desk = traffic();

    open_cache(desk);
    hv_test_show_cache_edit(desk);
    g_assert_true(hv_test_desk_shows(desk, "3 wishes, nothing is changed yet"));
    g_assert_cmpuint(desk->intents->len, ==, 0);
    hv_test_desk_key(desk, HV_KEY_ENTER);
    g_assert_cmpuint(asked(desk, HV_INTENT_PLAN)->wishes->len, ==, 3);
    assert_wish(desk, 0, "resctrl/qemu-3-web/mb/0", "40"); /* what shrinks goes first */
    assert_wish(desk, 1, "resctrl/gold/l3/0", "1ff");
    assert_wish(desk, 2, "resctrl/qemu-3-web/l3/0", "180");
}

static void
test_edges(void)
{
    g_autoptr(HvDesk) desk = traffic();

    open_cache(desk);
    hv_test_desk_type(desk, "gjjjj"); /* gold: ff */
    hv_test_desk_type(desk, "o");
    hv_test_desk_key(desk, HV_KEY_RIGHT); /* there is no way 12 to the right of way 0 */
    g_assert_true(hv_test_desk_shows(desk, "the cache ends here"));
    hv_test_desk_key(desk, HV_KEY_LEFT);
    g_assert_true(hv_test_desk_shows(desk, "mask ff → fe"));
    hv_test_desk_key(desk, HV_KEY_RIGHT); /* as it was: no wish is left */
    hv_test_desk_key(desk, HV_KEY_ENTER);
    g_assert_true(hv_test_desk_shows(desk, "nothing is wished for"));
    hv_test_desk_type(desk, "o");
    for (guint i = 0; i < 12; i++)
        hv_test_desk_key(desk, HV_KEY_RIGHT);
    g_assert_true(hv_test_desk_shows(desk, "a mask has at least 1"));
    hv_test_desk_key(desk, HV_KEY_ESCAPE);
    g_assert_true(hv_test_desk_shows(desk, "of the cache")); /* the foot is as before */
    hv_test_desk_key(desk, HV_KEY_ENTER);
    g_assert_null(hv_test_desk_asked(desk, HV_INTENT_PLAN));
}

static void
test_rows_without_masks(void)
{
    g_autoptr(HvDesk) desk = traffic();

    open_cache(desk);
    hv_test_desk_type(desk, "g");
    hv_test_desk_key(desk, HV_KEY_LEFT);
    g_assert_true(hv_test_desk_shows(desk, "hardware uses these ways"));
    hv_test_desk_type(desk, "jj");
    hv_test_desk_key(desk, HV_KEY_LEFT);
    g_assert_true(hv_test_desk_shows(desk, "c gives redis-1 a share of its own"));
    hv_test_desk_type(desk, "k+");
    g_assert_true(hv_test_desk_shows(desk, "that is all of the bandwidth"));
    hv_test_desk_type(desk, "d");
    g_assert_true(hv_test_desk_shows(desk, "L3 1"));
    g_assert_cmpuint(desk->intents->len, ==, 0);
}

/* ---- c and i ---- */

static void
test_share(void)
{
    g_autoptr(HvDesk) desk = traffic();
    const HvIntent *intent;

    hv_test_desk_type(desk, "c");
    hv_test_desk_key(desk, HV_KEY_ENTER);
    hv_test_desk_key(desk, HV_KEY_CTRL + 'u');
    hv_test_desk_type(desk, "60");
    hv_test_desk_key(desk, HV_KEY_ENTER);
    intent = asked(desk, HV_INTENT_RECIPE);
    g_assert_cmpstr(intent->recipe, ==, "share");
    g_assert_cmpstr(intent->arguments[0], ==, "redis-1");
    g_assert_cmpstr(intent->arguments[1], ==, "60%");
    hv_test_refuse(desk, HV_ERROR_REFUSED, "share: no class is left");
    g_assert_true(hv_test_desk_shows(desk, "no class is left"));
    hv_test_desk_type(desk, "j");
    hv_test_desk_key(desk, HV_KEY_ENTER);
    hv_test_desk_key(desk, HV_KEY_ENTER);
    g_assert_cmpstr(asked(desk, HV_INTENT_RECIPE)->recipe, ==, "throttle");
    hv_test_answer_plan(desk, hv_test_plan(1));
    g_assert_true(hv_test_desk_shows(desk, "Enter apply"));
    hv_test_desk_key(desk, HV_KEY_ESCAPE);
    g_assert_false(hv_test_desk_shows(desk, "cache and bandwidth of"));
}

static void
test_groups(void)
{
    g_autoptr(HvDesk) desk = traffic();

    hv_test_desk_type(desk, "cjj");
    hv_test_desk_key(desk, HV_KEY_ENTER);
    g_assert_true(hv_test_desk_shows(desk, "qemu-3-web (of libvirt)"));
    hv_test_desk_type(desk, "j");
    hv_test_desk_key(desk, HV_KEY_ENTER);
    assert_wish(desk, 0, "vm/redis-1/group", "gold");
    hv_test_desk_type(desk, "j");
    hv_test_desk_key(desk, HV_KEY_ENTER);
    hv_test_desk_key(desk, HV_KEY_ENTER);
    assert_wish(desk, 0, "resctrl/hvtune-redis-1", "present");
    assert_wish(desk, 1, "vm/redis-1/group", "hvtune-redis-1");
}

static void
test_tagged_share_says_why_not(void)
{
    g_autoptr(HvDesk) desk = traffic();

    hv_test_desk_type(desk, "  c");
    g_assert_true(hv_test_desk_shows(desk, "one VM at a time"));
    hv_test_desk_key(desk, HV_KEY_ENTER);
    g_assert_cmpuint(desk->intents->len, ==, 0);
}

static void
test_interrupt(void)
{
    g_autoptr(HvDesk) desk = hv_test_desk_new(HV_SCENE_BUSY);

    hv_test_desk_type(desk, "5ji");
    g_assert_true(hv_test_desk_shows(desk, "interrupt 25"));
    hv_test_desk_key(desk, HV_KEY_ENTER);
    g_assert_true(hv_test_desk_shows(desk, "node 1, its device's"));
    hv_test_desk_key(desk, HV_KEY_ENTER);
    assert_wish(desk, 0, "irq/25/cpus", "8-14"); /* of node 1, 15 is offline */
    hv_test_desk_type(desk, "j");
    hv_test_desk_key(desk, HV_KEY_ENTER);
    hv_test_desk_type(desk, "3");
    hv_test_desk_key(desk, HV_KEY_ENTER);
    assert_wish(desk, 0, "irq/25/cpus", "3");
}

static void
test_interrupts_of_vm(void)
{
    g_autoptr(HvDesk) desk = traffic();

    hv_test_desk_type(desk, "i");
    hv_test_desk_key(desk, HV_KEY_ENTER);
    g_assert_cmpstr(asked(desk, HV_INTENT_RECIPE)->recipe, ==, "interrupts-home");
    g_assert_cmpstr(asked(desk, HV_INTENT_RECIPE)->arguments[0], ==, "redis-1");
}

/* ---- what changes left ---- */

static void
test_contested(void)
{
    g_autoptr(HvDesk) desk = hv_test_desk_new(HV_SCENE_CHANGED);

    g_assert_true(hv_test_desk_shows(desk, "irq/24/cpus: left at 8, is 0-7 since 12 s"));
    g_assert_true(hv_test_desk_shows(desk, "redis_p99_ms 11.9"));
    hv_test_desk_type(desk, "7o");
    g_assert_cmpuint(desk->intents->len, ==, 0); /* 17 is as it was left */
    hv_test_desk_type(desk, "jo");
    assert_wish(desk, 0, "irq/24/cpus", "8");
}

static void
test_finding(void)
{
    g_autoptr(HvDesk) desk = traffic();

    hv_test_desk_type(desk, "ff");
    g_assert_cmpstr(hv_console_view(desk->console)->vm, ==, "web-3");
    hv_test_desk_key(desk, HV_KEY_ENTER);
    g_assert_true(hv_test_desk_shows(desk, "affinity of web-3"));
    hv_test_desk_key(desk, HV_KEY_ESCAPE);
    hv_test_desk_type(desk, "ff"); /* behind the last one: the list */
    hv_test_desk_key(desk, HV_KEY_ENTER);
    g_assert_false(hv_test_desk_shows(desk, "affinity of"));
}

static void
test_read_only(void)
{
    for (const char *key = "vci"; *key; key++) {
        g_autoptr(HvDesk) desk = traffic();

        desk->backend.read_only_why = "--read-only";
        hv_test_desk_key(desk, (guint)*key);
        g_assert_true(hv_test_desk_shows(desk, "nothing can be changed here: --read-only"));
        g_assert_cmpuint(desk->intents->len, ==, 0);
    }
}

static const struct {
    const char *name;
    void (*test)(void);
} tests[] = {
    { "v, Enter, Enter moves a VM the best way, and not before", test_move },
    { "a refused way stays, with its reason, and is not asked for", test_refused_way },
    { "tagged VMs are asked about one after the other", test_move_tagged },
    { "! applies until confirmed, counts down, and K confirms", test_confirm },
    { "a step that goes one way is refused a timer", test_one_way_is_not_timed },
    { "T asks for a trial, but not of what is slow", test_trial },
    { "w writes the plan, and leaves it as it was", test_write },
    { "Escape asks a running plan to stop, then closes it", test_stop },
    { "edits of masks and bandwidth become one plan, what shrinks first", test_masks },
    { "an edge stops at the cache's end and at the last way; Escape drops", test_edges },
    { "rows without a mask say why", test_rows_without_masks },
    { "c shares and throttles by recipe; a refusal can be mended", test_share },
    { "c puts a VM into a group, or into a new one", test_groups },
    { "a share of several VMs is refused with a reason", test_tagged_share_says_why_not },
    { "i sends an interrupt to a node's online cpus, or to those typed", test_interrupt },
    { "i elsewhere brings a VM's interrupts home", test_interrupts_of_vm },
    { "what is contested is told, and o puts it back", test_contested },
    { "f goes through the findings, and Enter plans the cure", test_finding },
    { "read-only asks for nothing and says why", test_read_only },
};

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *name = g_strdup_printf("/change-keys/%s", tests[i].name);

        g_test_add_func(name, tests[i].test);
    }
    return g_test_run();
}
