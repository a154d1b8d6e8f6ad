/* Tests of when a topology is made anew, with a machine that is only its table of functions. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/host-private.h"

static struct {
    GMutex lock;
    GCond changed;
    const char *online; /* the stamp */
    guint n_quick, n_load;
    guint n_released; /* loads that may finish */
    guint n_done;
    gboolean fail_load;
    gint64 now_ns;
} fake;

static HvTopology *
make(const char *source)
{
    HvTopology *topology = hv_topology_new();

    topology->source = g_strdup(source);
    topology->cpus = g_new0(HvTopoCpu, 1);
    topology->n_cpus = 1;
    topology->cpus[0].online = TRUE;
    hv_topology_link(topology);
    return topology;
}

static HvTopology *
quick(gpointer data G_GNUC_UNUSED, GError **error)
{
    fake.n_quick++;
    if (!fake.online[0]) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_ABSENT, "no cpus");
        return NULL;
    }
    return make("quick");
}

static HvTopology *
load(const char *stamp, GError **error)
{
    HvTopology *topology;
    gboolean fail;
    guint number;

    g_mutex_lock(&fake.lock);
    number = ++fake.n_load;
    g_cond_broadcast(&fake.changed);
    while (fake.n_released < number)
        g_cond_wait(&fake.changed, &fake.lock);
    fail = fake.fail_load;
    fake.n_done++;
    g_cond_broadcast(&fake.changed);
    g_mutex_unlock(&fake.lock);
    if (fail) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_FAILED, "no");
        return NULL;
    }
    topology = make(stamp);
    topology->devices = g_new0(HvTopoDevice, 1);
    topology->n_devices = 1;
    topology->devices[0] =
        (HvTopoDevice){ .name = g_strdup("eth0"), .node = -1, .nodes = hv_set_new() };
    return topology;
}

static void
stamp(gpointer data G_GNUC_UNUSED, char *buffer, gsize size)
{
    g_strlcpy(buffer, fake.online, size);
}

static gint64
now_ns(gpointer data G_GNUC_UNUSED)
{
    return fake.now_ns;
}

static const HvTopologyOps ops = { .quick = quick, .load = load, .stamp = stamp };
static const HvClockOps clock_ops = { .monotonic_ns = now_ns };
static const HvMachine machine = { .topology = &ops, .clock = &clock_ops };

static void
begin(HvHost *host)
{
    fake.online = "0";
    fake.n_quick = fake.n_load = fake.n_released = fake.n_done = 0;
    fake.fail_load = FALSE;
    *host = (HvHost){ .machine = &machine };
    host->topology = hv_topology_cache_new(host);
}

static void
release(guint n)
{
    g_mutex_lock(&fake.lock);
    fake.n_released = n;
    g_cond_broadcast(&fake.changed);
    g_mutex_unlock(&fake.lock);
}

static void
wait_for_loads(guint n)
{
    g_mutex_lock(&fake.lock);
    while (fake.n_load < n)
        g_cond_wait(&fake.changed, &fake.lock);
    g_mutex_unlock(&fake.lock);
}

/* Ends a test: no worker of it may run into the next. */
static void
end(HvHost *host, guint n_loads)
{
    hv_topology_cache_free(host->topology);
    release(n_loads);
    g_mutex_lock(&fake.lock);
    while (fake.n_done < n_loads)
        g_cond_wait(&fake.changed, &fake.lock);
    g_mutex_unlock(&fake.lock);
}

static void
assert_source(HvHost *host, gboolean wait, const char *source)
{
    g_autoptr(HvTopology) topology =
        wait ? hv_host_wait_topology(host, 10000, NULL) : hv_host_topology(host, NULL);

    g_assert_cmpstr(topology->source, ==, source);
}

static void
test_quick_one_stays_until_the_whole_one_is_there(void)
{
    HvHost host;

    begin(&host);
    assert_source(&host, FALSE, "quick");
    assert_source(&host, FALSE, "quick");
    release(1);
    assert_source(&host, TRUE, "0");
    g_assert_cmpuint(fake.n_quick, ==, 1);
    g_assert_cmpuint(fake.n_load, ==, 1);
    end(&host, 1);
}

static void
test_deadline_gives_the_quick_one(void)
{
    HvHost host;
    g_autoptr(HvTopology) topology = NULL;

    begin(&host);
    topology = hv_host_wait_topology(&host, 1, NULL);
    g_assert_cmpstr(topology->source, ==, "quick");
    end(&host, 1);
}

static void
test_failed_load_leaves_the_quick_one(void)
{
    HvHost host;

    begin(&host);
    fake.fail_load = TRUE;
    release(1);
    assert_source(&host, TRUE, "quick");
    end(&host, 1);
}

static void
test_change_of_cpus_makes_it_anew_and_keeps_devices(void)
{
    HvHost host;
    g_autoptr(HvTopology) before = NULL, after = NULL;

    begin(&host);
    release(1);
    before = hv_host_wait_topology(&host, 10000, NULL);
    fake.online = "0-1";
    fake.now_ns += G_GINT64_CONSTANT(1000000000);
    after = hv_host_topology(&host, NULL);
    g_assert_cmpstr(after->source, ==, "quick");
    g_assert_cmpuint(after->generation, >, before->generation);
    g_assert_cmpuint(after->n_devices, ==, 1);
    g_assert_cmpstr(after->devices[0].name, ==, "eth0");
    release(2);
    assert_source(&host, TRUE, "0-1");
    end(&host, 2);
}

static void
test_late_answer_to_an_older_question_is_dropped(void)
{
    HvHost host;

    begin(&host);
    assert_source(&host, FALSE, "quick");
    wait_for_loads(1);
    fake.online = "0-1";
    fake.now_ns += G_GINT64_CONSTANT(1000000000);
    assert_source(&host, FALSE, "quick");
    wait_for_loads(2);
    release(2);
    assert_source(&host, TRUE, "0-1");
    assert_source(&host, FALSE, "0-1");
    end(&host, 2);
}

static void
test_worker_may_outlive_its_host(void)
{
    HvHost host;

    begin(&host);
    assert_source(&host, FALSE, "quick");
    wait_for_loads(1);
    end(&host, 1);
}

static void
test_machine_without_cpus_says_why(void)
{
    HvHost host;
    g_autoptr(GError) error = NULL;

    begin(&host);
    fake.online = "";
    release(1);
    fake.fail_load = TRUE;
    g_assert_null(hv_host_wait_topology(&host, 10000, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_ABSENT);
    g_assert_cmpstr(error->message, ==, "no cpus");
    end(&host, 1);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/topology-cache/quick-one-stays-until-the-whole-one-is-there",
                    test_quick_one_stays_until_the_whole_one_is_there);
    g_test_add_func("/topology-cache/deadline-gives-the-quick-one",
                    test_deadline_gives_the_quick_one);
    g_test_add_func("/topology-cache/failed-load-leaves-the-quick-one",
                    test_failed_load_leaves_the_quick_one);
    g_test_add_func("/topology-cache/change-of-cpus-makes-it-anew-and-keeps-devices",
                    test_change_of_cpus_makes_it_anew_and_keeps_devices);
    g_test_add_func("/topology-cache/late-answer-to-an-older-question-is-dropped",
                    test_late_answer_to_an_older_question_is_dropped);
    g_test_add_func("/topology-cache/worker-may-outlive-its-host",
                    test_worker_may_outlive_its_host);
    g_test_add_func("/topology-cache/machine-without-cpus-says-why",
                    test_machine_without_cpus_says_why);
    return g_test_run();
}
