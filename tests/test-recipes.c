/* What recipes draft on the simulated machine, and what they refuse. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "host/host.h"
#include "host/sim/sim.h"
#include "model/recipe.h"
#include "session/session.h"

#define S G_GINT64_CONSTANT(1000000000)

static gint64
monotonic_ns(gpointer host)
{
    return hv_host_monotonic_ns(host);
}

static gint64
realtime_ns(gpointer host)
{
    return hv_host_realtime_ns(host);
}

static gboolean
wait_until(gpointer host, gint64 until_ns, int wake_fd)
{
    return hv_host_wait_until(host, until_ns, wake_fd);
}

/* One look at a scenario; kept for all tests of it. */
typedef struct {
    const char *scenario, *variant;
    HvHost *host;
    HvSnapshot *snapshot;
} Demo;

static Demo redis = { .scenario = "redis" }, training = { .scenario = "training" },
            noisy = { .scenario = "noisy" },
            noisy_amd = { .scenario = "noisy", .variant = "amd" },
            storm = { .scenario = "irq-storm" };

static void
demo_open(Demo *demo)
{
    const HvSimOptions sim = { .scenario = demo->scenario,
                               .variant = demo->variant,
                               .seed = 1 };
    const HvHostOptions options = { .demo = &sim,
                                    .policy = { .may_monitor = TRUE, .may_count = TRUE } };
    g_autoptr(HvSampler) sampler = NULL;
    HvSessionParts parts = {
        .probes = hv_probes,
        .derives = hv_derives,
        .interval_ns = S,
        .topology = hv_host_topology,
    };

    if (demo->host)
        return;
    demo->host = hv_host_new(&options, NULL);
    g_assert_nonnull(demo->host);
    parts.host = demo->host;
    parts.clock = (HvClock){ demo->host, monotonic_ns, realtime_ns, wait_until };
    sampler = hv_sampler_new(&parts);
    for (guint i = 0; i < 2; i++) {
        hv_snapshot_unref(demo->snapshot);
        demo->snapshot = hv_sampler_tick(sampler);
        hv_host_wait_until(demo->host, hv_host_monotonic_ns(demo->host) + S, -1);
    }
}

static void
demo_close(Demo *demo)
{
    hv_snapshot_unref(demo->snapshot);
    hv_host_free(demo->host);
}

static char *
text_of(const HvRecipeDraft *draft)
{
    g_autoptr(GString) text = g_string_new(NULL);

    g_string_append_printf(text, "[%s] %s\n", draft->title, draft->vm ? draft->vm : "-");
    for (guint i = 0; i < draft->wishes->len; i++) {
        const HvWish *wish = draft->wishes->pdata[i];

        g_string_append_printf(text, "%s=%s\n", wish->knob, wish->value);
    }
    for (guint i = 0; i < draft->notes->len; i++)
        g_string_append_printf(text, "note: %s\n", (const char *)draft->notes->pdata[i]);
    g_test_message("%s", text->str);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* @line: "move redis-1 1"; the draft as text, or "CODE: MESSAGE" of its error. */
static char *
draft(Demo *demo, const char *line, gboolean force)
{
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    const HvRecipe *recipe = hv_recipe_find(hv_recipes, words[0]);
    g_auto(HvRecipeDraft) made = { 0 };
    g_autoptr(GError) error = NULL;
    HvRecipeCall call = { .force = force };

    g_assert_nonnull(recipe);
    demo_open(demo);
    hv_recipe_draft_init(&made);
    call.host = demo->host;
    call.snapshot = demo->snapshot;
    call.arguments = (const char *const *)words + 1;
    if (hv_recipe_check_arguments(recipe, call.arguments, &error) &&
        recipe->draft(&call, &made, &error)) {
        g_assert_no_error(error);
        return text_of(&made);
    }
    g_assert_nonnull(error);
    g_assert_cmpint((int)error->domain, ==, (int)HV_ERROR);
    g_assert_null(strchr(error->message, '\n'));
    g_test_message("%s", error->message);
    return g_strdup_printf("%s: %s",
                           error->code == HV_ERROR_REFUSED     ? "refused"
                           : error->code == HV_ERROR_MALFORMED ? "malformed"
                           : error->code == HV_ERROR_ABSENT    ? "absent"
                                                               : "other",
                           error->message);
}

/* Each of @parts (NULL-terminated arguments) stands in the answer, in this order. */
static void
assert_drafts(Demo *demo, const char *line, gboolean force, ...)
{
    g_autofree char *text = draft(demo, line, force);
    const char *at = text;
    va_list parts;

    va_start(parts, force);
    for (const char *part; (part = va_arg(parts, const char *));) {
        const char *found = strstr(at, part);

        if (!found)
            g_error("%s: \"%s\" is not (any more) in: %s", line, part, text);
        at = found + strlen(part);
    }
    va_end(parts);
}

static void
assert_without(Demo *demo, const char *line, const char *part)
{
    g_autofree char *text = draft(demo, line, FALSE);

    if (strstr(text, part))
        g_error("%s: \"%s\" is in: %s", line, part, text);
}

/* ---- move ---- */

static void
test_vcpus_go_to_whole_free_cores_where_the_memory_is(void)
{
    assert_drafts(&redis, "move redis-1 1", FALSE, "[move redis-1 to node 1] redis-1\n",
                  "vm/redis-1/vcpu/0/cpus=52\n", "vm/redis-1/vcpu/7/cpus=59\n",
                  "vm/redis-1/emulator/cpus=62-63,126-127\n",
                  "vm/redis-1/iothread/1/cpus=62-63,126-127\n",
                  "% of its memory is on node 1 already", NULL);
    assert_without(&redis, "move redis-1 1", "memory/");
}

/* 4 cores to a cache there. */
static void
test_vcpus_sit_in_as_few_caches_as_can_be(void)
{
    g_autofree char *text = draft(&noisy_amd, "move dev-1 0", FALSE);
    guint n_vcpus = 0;
    int llc = -1;

    for (const char *at = text; (at = strstr(at, "/vcpu/"));) {
        const HvTopoCpu *cpu;

        at = strstr(at, "cpus=") + strlen("cpus=");
        cpu = hv_topology_cpu(noisy_amd.snapshot->topology,
                              (guint)g_ascii_strtoull(at, NULL, 10));
        g_assert_true(llc < 0 || cpu->llc == llc);
        llc = cpu->llc;
        n_vcpus++;
    }
    g_assert_cmpuint(n_vcpus, ==, 4);
}

static void
test_vhost_threads_in_the_emulators_cgroup_are_not_moved_twice(void)
{
    assert_without(&redis, "move redis-1 1", "vhost");
}

static void
test_without_a_node_the_ways_are_compared(void)
{
    assert_drafts(&redis, "move redis-1", FALSE, "[move redis-1 to node 1]",
                  "note: chosen: S1: vCPUs to the memory: milliseconds, ≈2 % remote then, undo "
                  "exact",
                  "note: instead: S0: memory to the vCPUs: ≈", NULL);
}

static void
test_memory_moves_after_the_vcpus_and_only_what_lies_elsewhere(void)
{
    assert_drafts(&redis, "move batch-7 1", FALSE,
                  "vm/batch-7/vcpu/0/cpus=", "vm/batch-7/vcpu/7/cpus=",
                  "vm/batch-7/emulator/cpus=", "vm/batch-7/memory/pages=1\n",
                  "it floated over cpus 0-127", "of memory is moved to node 1", NULL);
    assert_drafts(&redis, "move redis-1 0", FALSE, "]", "vm/redis-1/memory/pages=0\n", NULL);
    assert_without(&redis, "move redis-1 0", "vcpu/");
}

static void
test_what_floats_gets_no_cpus_that_others_are_pinned_to(void)
{
    /* 32-51 and their siblings are db-1's, sap-1's, mail-2's, ci-5's and win-2's */
    assert_drafts(&redis, "move batch-7 1", FALSE, "vm/batch-7/vcpu/0/cpus=52-63,116-127\n",
                  NULL);
}

static void
test_passthrough_holds_memory_but_not_vcpus(void)
{
    assert_drafts(&redis, "move fw-1 1", FALSE, "refused: ", "its memory cannot move",
                  "VFIO holds all of it", "hvtune recipe move fw-1 0", NULL);
    assert_drafts(&redis, "move fw-1 0", FALSE, "[move fw-1 to node 0]", NULL);
    assert_without(&redis, "move fw-1 0", "refused");
}

static void
test_a_guest_of_two_cells_is_moved_cell_by_cell(void)
{
    assert_drafts(&redis, "move sap-1 1", FALSE, "refused: ", "has 2 NUMA cells",
                  "hvtune recipe move sap-1/cell/0 NODE", NULL);
    assert_drafts(&redis, "move sap-1", FALSE, "refused: ", "has 2 NUMA cells", NULL);
    assert_drafts(&redis, "move sap-1/cell/7 1", FALSE, "absent: ", NULL);
    assert_without(&redis, "move sap-1/cell/0 0", "vcpu/8/");
}

static void
test_a_full_node_refuses_and_names_who_is_there(void)
{
    assert_drafts(&redis, "move mail-2 0", FALSE, "refused: ", "needs 4 whole cores on node 0",
                  "fw-1", "redis-1", "trainer-a", "swap", NULL);
    assert_drafts(&redis, "move trainer-a 1", FALSE, "refused: ", "huge pages of 2.0M",
                  "nr_hugepages", NULL);
}

static void
test_no_recipe_takes_more_than_it_says(void)
{
    static const char *const words[] = { "a", "b", "c", "d", "e", NULL };

    for (const HvRecipe *const *recipe = hv_recipes; *recipe; recipe++) {
        const guint n_words = G_N_ELEMENTS(words) - 1;
        g_autoptr(GError) error = NULL;

        g_assert_cmpuint((*recipe)->min_arguments, <=, (*recipe)->max_arguments);
        g_assert_cmpuint((*recipe)->max_arguments, <, n_words);
        g_assert_false(hv_recipe_check_arguments(*recipe, words, &error));
        g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
        g_clear_error(&error);
        g_assert_true(hv_recipe_check_arguments(
            *recipe, words + n_words - (*recipe)->max_arguments, &error));
        g_assert_no_error(error);
    }
}

static void
test_a_recipe_without_arguments_takes_none(void)
{
    static const char *const none[] = { NULL }, *const one[] = { "web-1", NULL };
    const HvRecipe calm = { .name = "calm" };
    g_autoptr(GError) error = NULL;

    g_assert_true(hv_recipe_check_arguments(&calm, none, &error));
    g_assert_true(hv_recipe_check_arguments(&calm, NULL, &error));
    g_assert_false(hv_recipe_check_arguments(&calm, one, &error));
    g_assert_cmpstr(error->message, ==, "recipe calm: takes no argument");
}

static void
test_wrong_arguments_are_told(void)
{
    assert_drafts(&redis, "move", FALSE, "malformed: recipe move: needs VM", NULL);
    assert_drafts(&redis, "move redis-1 1 2", FALSE, "malformed: ", NULL);
    assert_drafts(&redis, "move redis-1 7", FALSE, "malformed: 7: no node", "0, 1", NULL);
    assert_drafts(&redis, "move redis-1 x", FALSE, "malformed: x: no node", NULL);
    assert_drafts(&redis, "move redis%2D1 1", FALSE, "] redis-1\n", NULL);
    assert_drafts(&redis, "move redis-9 1", FALSE,
                  "absent: redis-9: no such VM (there are: ", NULL);
    assert_drafts(&redis, "swap redis-1 redis-1", FALSE, "malformed: ", NULL);
    assert_drafts(&training, "share ps-1 75", FALSE, "malformed: 75: ", "75%", NULL);
    assert_drafts(&training, "share ps-1 0%", FALSE, "malformed: ", NULL);
    assert_drafts(&noisy, "throttle scan-1 x", FALSE, "malformed: ", NULL);
    assert_drafts(&noisy, "throttle scan-1 101%", FALSE, "malformed: ", NULL);
}

/* ---- where could it go? ---- */

static gboolean
has_fact(const HvRecipeChoice *choice, const char *head)
{
    for (guint i = 0; i < choice->facts->len; i++)
        if (g_str_has_prefix(choice->facts->pdata[i], head))
            return TRUE;
    return FALSE;
}

static GPtrArray *
choices_of(const char *vm)
{
    const HvRecipe *recipe = hv_recipe_find(hv_recipes, "move");
    const char *arguments[] = { vm, NULL };
    GPtrArray *choices = g_ptr_array_new_with_free_func((GDestroyNotify)hv_recipe_choice_free);
    g_autoptr(GError) error = NULL;
    HvRecipeCall call = { .arguments = arguments };

    demo_open(&redis);
    call.host = redis.host;
    call.snapshot = redis.snapshot;
    g_assert_true(recipe->choose(&call, choices, &error));
    g_assert_no_error(error);
    return choices;
}

static void
test_every_node_is_a_choice_with_its_facts(void)
{
    static const char *const heads[] = {
        "free cores: ",     "free memory: ",   "free huge pages of 2M: ",
        "memory traffic: ", "link headroom: ", "on sibling threads: ",
        "remote then: ",    "time: ",          "undo: "
    };
    g_autoptr(GPtrArray) choices = choices_of("redis-1");
    const HvRecipeChoice *first, *second;

    g_assert_cmpuint(choices->len, ==, 2);
    first = choices->pdata[0];
    second = choices->pdata[1];
    g_assert_cmpstr(first->title, ==, "S1: vCPUs to the memory");
    g_assert_cmpstr(first->arguments[0], ==, "redis-1");
    g_assert_cmpstr(first->arguments[1], ==, "1");
    g_assert_true(first->is_best);
    g_assert_null(first->why_not);
    g_assert_cmpstr(second->title, ==, "S0: memory to the vCPUs");
    g_assert_false(second->is_best);
    for (guint i = 0; i < G_N_ELEMENTS(heads); i++)
        g_assert_true(has_fact(first, heads[i]));
}

static void
test_refused_choices_come_last_with_the_reason(void)
{
    g_autoptr(GPtrArray) choices = choices_of("fw-1");

    for (guint i = 0; i < choices->len; i++) {
        const HvRecipeChoice *choice = choices->pdata[i];

        g_assert_false(choice->is_best);
        g_assert_nonnull(choice->why_not);
        g_assert_true(has_fact(choice, "its device 0000:b1:00.0: on "));
    }
}

/* ---- swap, isolate ---- */

static void
test_two_vms_of_one_node_swap_their_cpus(void)
{
    assert_drafts(&redis, "swap web-3 web-4", FALSE, "vm/web-3/vcpu/0/cpus=12\n",
                  "vm/web-4/vcpu/3/cpus=11\n", NULL);
    assert_drafts(&redis, "swap web-3 trainer-a", FALSE, "refused: ", "4 vCPUs", "trainer-a 16",
                  NULL);
}

static void
test_two_vms_of_two_nodes_swap_as_a_move_each(void)
{
    assert_drafts(&storm, "swap db-1 lb-1", FALSE, "vm/db-1/vcpu/0/cpus=4\n",
                  "vm/lb-1/vcpu/0/cpus=32\n", "db-1 goes to node 0", "lb-1 goes to node 1",
                  NULL);
    assert_drafts(&redis, "swap fw-1 mail-2", FALSE, "refused: fw-1: its memory cannot move",
                  NULL);
    assert_drafts(&redis, "swap batch-7 mail-2", FALSE, "refused: batch-7: ", NULL);
}

static void
test_an_isolated_vm_keeps_its_cores_and_others_leave_them(void)
{
    assert_drafts(&redis, "isolate redis-1", FALSE, "[isolate redis-1] redis-1\n",
                  "vm/batch-7/vcpu/0/cpus=0-23,32-87,96-127\n",
                  "vm/batch-7/emulator/cpus=0-23,32-87,96-127\n", "vm/old-3/vcpu/0/cpus=0-23\n",
                  "system.slice AllowedCPUs=0-23,32-87,96-127", NULL);
    assert_without(&redis, "isolate redis-1", "vm/redis-1/vcpu");
}

static void
test_isolation_without_room_is_refused(void)
{
    assert_drafts(&redis, "isolate web-3", FALSE, "refused: web-3: needs 4 whole cores", NULL);
    assert_drafts(&redis, "isolate batch-7", FALSE,
                  "refused: ", "hvtune recipe move batch-7 gathers them first", NULL);
}

/* ---- share, throttle ---- */

static void
test_both_sides_of_a_cache_are_planned(void)
{
    /* devices write to the two highest ways: they stay with the others */
    assert_drafts(&training, "share ps-1 75%", FALSE, "resctrl/hvtune-ps-1=present\n",
                  "resctrl/hvtune-ps-1/l3/0=1ff\n", "resctrl/default/l3/0=e00\n",
                  "vm/ps-1/group=hvtune-ps-1\n", "12 → 3 ways", "worker-1, worker-2",
                  "cachetune", NULL);
    assert_without(&training, "share ps-1 75%", "l3/1=");
}

static void
test_two_ways_stay_with_the_default_group(void)
{
    assert_drafts(&training, "share ps-1 83%", FALSE, "resctrl/hvtune-ps-1/l3/0=3ff\n",
                  "resctrl/default/l3/0=c00\n", NULL);
    assert_drafts(&training, "share ps-1 95%", FALSE, "refused: ", "at most 83%", NULL);
}

static void
test_who_shares_cores_is_named(void)
{
    assert_drafts(&noisy, "throttle scan-1 20%", FALSE, "resctrl/hvtune-scan-1=present\n",
                  "resctrl/hvtune-scan-1/mb/0=20\n", "vm/scan-1/group=hvtune-scan-1\n",
                  "api-2 on its sibling", NULL);
}

static void
test_percent_is_refused_where_the_unit_is_another(void)
{
    assert_drafts(&noisy_amd, "throttle scan-1 30%", FALSE, "refused: ", "1/8 GB/s", NULL);
    assert_drafts(&noisy_amd, "throttle scan-1 160", FALSE,
                  "present\nresctrl/hvtune-scan-1/mb/1=160\n", "/mb/3=160\n", NULL);
}

/* ---- interrupts-home ---- */

static void
test_a_shared_cards_interrupts_are_only_named(void)
{
    assert_without(&storm, "interrupts-home lb-1", "irq/");
    assert_drafts(&storm, "interrupts-home lb-1", FALSE, "note: interrupts 24, 25,", "--force",
                  NULL);
}

static void
test_irqbalance_is_told_before_an_interrupt_moves(void)
{
    assert_drafts(&storm, "interrupts-home lb-1", TRUE, "irq/24/balanced=off\n",
                  "irq/24/cpus=", "irq/39/balanced=off\n", "irq/39/cpus=", NULL);
}

static void
test_an_own_devices_interrupts_go_home(void)
{
    assert_drafts(&redis, "interrupts-home fw-1", TRUE, "irq/104/balanced=off\n",
                  "irq/104/cpus=", NULL);
    assert_without(&redis, "interrupts-home fw-1", "irq/24/");
    assert_drafts(&redis, "interrupts-home fw-1", FALSE, "refused: ", "104, 105, 106, 107 (",
                  "--force", NULL);
}

int
main(int argc, char **argv)
{
    int failed;

    g_test_init(&argc, &argv, NULL);
#define ADD(path, function) g_test_add_func("/recipes/" path, function)
    ADD("vcpus-go-to-whole-free-cores-where-the-memory-is",
        test_vcpus_go_to_whole_free_cores_where_the_memory_is);
    ADD("vcpus-sit-in-as-few-caches-as-can-be", test_vcpus_sit_in_as_few_caches_as_can_be);
    ADD("vhost-threads-in-the-emulators-cgroup-are-not-moved-twice",
        test_vhost_threads_in_the_emulators_cgroup_are_not_moved_twice);
    ADD("without-a-node-the-ways-are-compared", test_without_a_node_the_ways_are_compared);
    ADD("memory-moves-after-the-vcpus-and-only-what-lies-elsewhere",
        test_memory_moves_after_the_vcpus_and_only_what_lies_elsewhere);
    ADD("what-floats-gets-no-cpus-that-others-are-pinned-to",
        test_what_floats_gets_no_cpus_that_others_are_pinned_to);
    ADD("passthrough-holds-memory-but-not-vcpus", test_passthrough_holds_memory_but_not_vcpus);
    ADD("a-guest-of-two-cells-is-moved-cell-by-cell",
        test_a_guest_of_two_cells_is_moved_cell_by_cell);
    ADD("a-full-node-refuses-and-names-who-is-there",
        test_a_full_node_refuses_and_names_who_is_there);
    ADD("no-recipe-takes-more-than-it-says", test_no_recipe_takes_more_than_it_says);
    ADD("a-recipe-without-arguments-takes-none", test_a_recipe_without_arguments_takes_none);
    ADD("wrong-arguments-are-told", test_wrong_arguments_are_told);
    ADD("every-node-is-a-choice-with-its-facts", test_every_node_is_a_choice_with_its_facts);
    ADD("refused-choices-come-last-with-the-reason",
        test_refused_choices_come_last_with_the_reason);
    ADD("two-vms-of-one-node-swap-their-cpus", test_two_vms_of_one_node_swap_their_cpus);
    ADD("two-vms-of-two-nodes-swap-as-a-move-each",
        test_two_vms_of_two_nodes_swap_as_a_move_each);
    ADD("an-isolated-vm-keeps-its-cores-and-others-leave-them",
        test_an_isolated_vm_keeps_its_cores_and_others_leave_them);
    ADD("isolation-without-room-is-refused", test_isolation_without_room_is_refused);
    ADD("both-sides-of-a-cache-are-planned", test_both_sides_of_a_cache_are_planned);
    ADD("two-ways-stay-with-the-default-group", test_two_ways_stay_with_the_default_group);
    ADD("who-shares-cores-is-named", test_who_shares_cores_is_named);
    ADD("percent-is-refused-where-the-unit-is-another",
        test_percent_is_refused_where_the_unit_is_another);
    ADD("a-shared-cards-interrupts-are-only-named",
        test_a_shared_cards_interrupts_are_only_named);
    ADD("irqbalance-is-told-before-an-interrupt-moves",
        test_irqbalance_is_told_before_an_interrupt_moves);
    ADD("an-own-devices-interrupts-go-home", test_an_own_devices_interrupts_go_home);
#undef ADD
    failed = g_test_run();
    for (guint i = 0; i < 5; i++)
        demo_close((Demo *[]){ &redis, &training, &noisy, &noisy_amd, &storm }[i]);
    return failed;
}
