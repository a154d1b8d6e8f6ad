/* The list of VMs and the calls on libvirt, with a real libvirtd that is stopped, killed and
 * started again. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/host.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

/* Run by tests/host/guests.sh inside tests/host/libvirt-env.sh; alone it skips. */

#define NS_PER_MS G_GINT64_CONSTANT(1000000)
#define PATIENCE_MS 15000
#define N_REPETITIONS 50

static HvHost *host;

/* ---- the environment ---- */

static gboolean
spawn(const char *const *argv, char **output)
{
    int status = -1;
    g_autofree char *text = NULL;
    gboolean ok = g_spawn_sync(NULL, (char **)(gpointer)(guintptr)argv, NULL,
                               G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
                               &text, NULL, &status, NULL);

    if (output)
        *output = g_steal_pointer(&text);
    return ok && g_spawn_check_wait_status(status, NULL);
}

static void
env(const char *verb, const char *argument)
{
    const char *const argv[] = { g_getenv("LIBVIRT_ENV"), verb, argument, NULL };

    g_assert_true(spawn(argv, NULL));
}

static int
env_pid(const char *verb, const char *argument)
{
    const char *const argv[] = { g_getenv("LIBVIRT_ENV"), verb, argument, NULL };
    g_autofree char *output = NULL;

    g_assert_true(spawn(argv, &output));
    return (int)g_ascii_strtoll(output, NULL, 10);
}

static void
virsh(const char *verb, const char *name, const char *option, const char *value)
{
    const char *const argv[] = { "virsh", "-q",  "-c", "qemu:///system", verb, name,
                                 option,  value, NULL };

    g_assert_true(spawn(argv, NULL));
}

static void
wait_ms(gint64 ms)
{
    (void)hv_host_wait_until(host, hv_host_monotonic_ns(host) + ms * NS_PER_MS, -1);
}

/* Ticks of 100 ms until the claim holds. Returns how long it took. */
static gint64
wait_for(gboolean (*holds)(const HvGuestList *list, gconstpointer data), gconstpointer data)
{
    gint64 begin = hv_host_monotonic_ns(host), now;

    for (;;) {
        g_autoptr(HvGuestList) list = hv_host_guests(host);

        now = hv_host_monotonic_ns(host);
        if (holds(list, data))
            return (now - begin) / NS_PER_MS;
        g_assert_cmpint(now - begin, <, PATIENCE_MS * NS_PER_MS);
        wait_ms(100);
    }
}

static gboolean
is_there(const HvGuestList *list, gconstpointer name)
{
    return hv_guest_list_find(list, name) != NULL;
}

static gboolean
is_gone(const HvGuestList *list, gconstpointer name)
{
    return !is_there(list, name);
}

static gboolean
is_known(const HvGuestList *list, gconstpointer name)
{
    const HvGuest *guest = hv_guest_list_find(list, name);

    return guest && guest->domain_id >= 0 && guest->pid && guest->state == HV_GUEST_RUNNING;
}

static gboolean
is_connected(const HvGuestList *list, gconstpointer unused G_GNUC_UNUSED)
{
    return list->libvirt_connected && !list->libvirt_silent_since_ns;
}

static gboolean
is_silent(const HvGuestList *list, gconstpointer unused G_GNUC_UNUSED)
{
    return list->libvirt_silent_since_ns != 0;
}

static gboolean
is_disconnected(const HvGuestList *list, gconstpointer unused G_GNUC_UNUSED)
{
    return !list->libvirt_connected;
}

static gboolean
does_not_answer(const HvGuestList *list, gconstpointer name)
{
    const HvGuest *guest = hv_guest_list_find(list, name);

    return guest && guest->not_answering_since_ns;
}

static gboolean
answers(const HvGuestList *list, gconstpointer name)
{
    const HvGuest *guest = hv_guest_list_find(list, name);

    return guest && !guest->not_answering_since_ns;
}

static gboolean
has_two_vcpus(const HvGuestList *list, gconstpointer name)
{
    const HvGuest *guest = hv_guest_list_find(list, name);

    return guest && guest->n_vcpus == 2 && hv_guest_thread(guest, HV_THREAD_VCPU, 1);
}

static guint
count_in(const char *directory)
{
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    guint n = 0;

    while (dir && g_dir_read_name(dir))
        n++;
    return n;
}

static char *
affinity(const char *name, guint vcpu)
{
    g_autoptr(HvGuestList) list = hv_host_guests(host);
    const HvGuest *guest = hv_guest_list_find(list, name);
    g_autoptr(HvSet) cpus = hv_set_new();

    g_assert_nonnull(guest);
    g_assert_true(hv_host_get_affinity(host, hv_guest_thread(guest, HV_THREAD_VCPU, vcpu)->tid,
                                       cpus, NULL));
    return hv_set_to_text(cpus);
}

static gboolean
pin(guint vcpu, const char *cpus, guint deadline_ms, GError **error)
{
    const HvGuestRequest request = { .verb = HV_GUEST_PIN_VCPU,
                                     .vm = "hvtest-a",
                                     .index = vcpu,
                                     .cpus = cpus,
                                     .n_host_cpus = (guint)g_get_num_processors() };

    return hv_host_guest_request(host, &request, deadline_ms, NULL, error);
}

/* ---- claims ---- */

static void
test_appears_and_vanishes(void)
{
    gint64 ms;

    env("domain", "hvtest-b");
    ms = wait_for(is_there, "hvtest-b");
    g_assert_cmpint(ms, <, 1000);
    (void)wait_for(is_known, "hvtest-b");
    virsh("destroy", "hvtest-b", NULL, NULL);
    ms = wait_for(is_gone, "hvtest-b");
    g_assert_cmpint(ms, <, 1000);
}

static void
test_pin(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *cpus = NULL;

    if (g_get_num_processors() < 2) {
        g_test_skip("one cpu");
        return;
    }
    g_assert_true(pin(0, "1", 5000, &error));
    g_assert_no_error(error);
    cpus = affinity("hvtest-a", 0);
    g_assert_cmpstr(cpus, ==, "1");
    g_assert_true(pin(0, "0-1", 5000, &error));
    g_assert_no_error(error);
}

static void
test_definition_comes_back(void)
{
    HvGuestRequest request = { .verb = HV_GUEST_XML_INACTIVE, .vm = "hvtest-a" };
    g_autofree char *before = NULL, *changed = NULL, *after = NULL;
    g_autoptr(GError) error = NULL;
    HvGuestRequest pinned = { .verb = HV_GUEST_PIN_VCPU,
                              .vm = "hvtest-a",
                              .cpus = "0",
                              .n_host_cpus = (guint)g_get_num_processors(),
                              .persistent = TRUE };

    g_assert_true(hv_host_guest_request(host, &request, 5000, &before, &error));
    g_assert_null(strstr(before, "vcpupin"));
    g_assert_true(hv_host_guest_request(host, &pinned, 5000, NULL, &error));
    g_assert_true(hv_host_guest_request(host, &request, 5000, &changed, &error));
    g_assert_nonnull(strstr(changed, "vcpupin"));
    pinned = (HvGuestRequest){ .verb = HV_GUEST_DEFINE, .vm = "hvtest-a", .xml = before };
    g_assert_true(hv_host_guest_request(host, &pinned, 5000, NULL, &error));
    g_assert_no_error(error);
    g_assert_true(hv_host_guest_request(host, &request, 5000, &after, &error));
    g_assert_cmpstr(after, ==, before);
}

static void
test_wrong_requests(void)
{
    static const struct {
        HvGuestRequest request;
        HvError code;
    } cases[] = {
        { { .verb = HV_GUEST_PIN_VCPU, .vm = "nobody", .cpus = "0" }, HV_ERROR_ABSENT },
        { { .verb = HV_GUEST_PIN_VCPU,
            .vm = "hvtest-a",
            .uuid = "00000000-0000-0000-0000-000000000000",
            .cpus = "0" },
          HV_ERROR_CONFLICT },
        { { .verb = HV_GUEST_PIN_VCPU, .vm = "hvtest-a", .index = 99, .cpus = "0" },
          HV_ERROR_REFUSED },
        { { .verb = HV_GUEST_PIN_IOTHREAD, .vm = "hvtest-a", .index = 5, .cpus = "0" },
          HV_ERROR_REFUSED },
        { { .verb = HV_GUEST_PIN_VCPU, .vm = "hvtest-a", .cpus = "" }, HV_ERROR_MALFORMED },
        { { .verb = HV_GUEST_PIN_VCPU, .vm = "hvtest-a", .cpus = "4000" }, HV_ERROR_MALFORMED },
        { { .verb = HV_GUEST_PIN_VCPU, .vm = "hvtest-a", .cpus = "1-0" }, HV_ERROR_MALFORMED },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        HvGuestRequest request = cases[i].request;

        request.n_host_cpus = (guint)g_get_num_processors();
        g_assert_false(hv_host_guest_request(host, &request, 5000, NULL, &error));
        g_assert_error(error, HV_ERROR, (gint)cases[i].code);
    }
}

static void
test_read_only(void)
{
    const HvHostOptions options = { .read_only = TRUE };
    g_autoptr(HvHost) reader = hv_host_new(&options, NULL);
    HvGuestRequest request = {
        .verb = HV_GUEST_PIN_VCPU, .vm = "hvtest-a", .cpus = "0", .n_host_cpus = 1
    };
    g_autoptr(GError) error = NULL;
    g_autofree char *answer = NULL;

    g_assert_false(hv_host_guest_request(reader, &request, 5000, NULL, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_DENIED);
    request.verb = HV_GUEST_CONTROL;
    g_assert_true(hv_host_guest_request(reader, &request, 5000, &answer, NULL));
    g_assert_cmpstr(answer, ==, "ok");
}

static void
test_hotplug(void)
{
    static const char xml[] =
        "<domain type='kvm'><name>hvtest-plug</name><memory unit='MiB'>64</memory>"
        "<vcpu placement='static' current='1'>3</vcpu><os><type arch='x86_64'>hvm</type></os>"
        "<features><acpi/><apic/></features><devices><controller type='usb' model='none'/>"
        "<memballoon model='none'/></devices></domain>";
    g_autofree char *path = g_build_filename(g_get_tmp_dir(), "hvtune-test-plug.xml", NULL);

    g_assert_true(g_file_set_contents(path, xml, -1, NULL));
    virsh("create", path, NULL, NULL);
    (void)wait_for(is_known, "hvtest-plug");
    virsh("setvcpus", "hvtest-plug", "--live", "2");
    g_assert_cmpint(wait_for(has_two_vcpus, "hvtest-plug"), <, 2500);
    virsh("destroy", "hvtest-plug", NULL, NULL);
    (void)wait_for(is_gone, "hvtest-plug");
    (void)g_unlink(path);
}

/* libvirtd is stopped while nothing, then while many changes are asked of it: none of them
 * happens late. */
static void
test_libvirtd_stopped(void)
{
    int libvirtd = env_pid("libvirtd-pid", NULL);
    guint n_threads, n_files;
    g_autofree char *before = affinity("hvtest-a", 1), *after = NULL;

    (void)pin(1, before, 5000, NULL); /* the actions' thread and connection exist from now on */
    n_threads = count_in("/proc/self/task");
    n_files = count_in("/proc/self/fd");
    g_assert_cmpint(kill(libvirtd, SIGSTOP), ==, 0);
    for (guint i = 0; i < N_REPETITIONS; i++) {
        g_autoptr(HvGuestList) list = hv_host_guests(host);
        g_autoptr(GError) refused = NULL;

        g_assert_nonnull(hv_guest_list_find(list, "hvtest-a"));
        g_assert_false(pin(1, "0", 50, &refused));
        g_assert_cmpuint(count_in("/proc/self/task"), <=, n_threads + 4);
    }
    (void)wait_for(is_silent, NULL);
    g_assert_cmpint(kill(libvirtd, SIGCONT), ==, 0);
    (void)wait_for(is_connected, NULL);
    for (guint i = 0; i < 100 && !pin(0, "0-1", 5000, NULL); i++)
        wait_ms(100);
    after = affinity("hvtest-a", 1);
    g_assert_cmpstr(after, ==, before);
    g_assert_cmpuint(count_in("/proc/self/task"), <=, n_threads + 1);
    g_assert_cmpuint(count_in("/proc/self/fd"), <=, n_files + 4);
}

static void
test_libvirtd_killed(void)
{
    guint n_threads = count_in("/proc/self/task");

    for (guint i = 0; i < 3; i++) {
        env("kill-libvirtd", NULL);
        (void)wait_for(is_disconnected, NULL);
        (void)wait_for(is_there, "hvtest-a");
        env("start-libvirtd", NULL);
        (void)wait_for(is_connected, NULL);
        (void)wait_for(is_known, "hvtest-a");
    }
    g_assert_cmpuint(count_in("/proc/self/task"), <=, n_threads + 1);
    for (guint i = 0; i < 20 && !pin(0, "0-1", 5000, NULL); i++)
        wait_ms(100);
    g_assert_true(pin(0, "0-1", 5000, NULL));
}

/* Five calls that need QEMU's monitor; they end when QEMU goes on. */
static void
queue_calls(GPid *pids, guint n)
{
    const char *const argv[] = { "virsh", "-q", "domstats", "--vcpu", "hvtest-a", NULL };

    for (guint i = 0; i < n; i++)
        g_assert_true(g_spawn_async(NULL, (char **)(gpointer)(guintptr)argv, NULL,
                                    G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD |
                                        G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                                    NULL, NULL, &pids[i], NULL));
}

static gboolean
others_are_fresh(const HvGuestList *list)
{
    const HvGuest *other = hv_guest_list_find(list, "hvtest-c");

    return other && !other->not_answering_since_ns && list->libvirt_connected;
}

static void
test_qemu_stopped(void)
{
    int qemu = env_pid("pid", "hvtest-a");
    GPid pids[5];
    const HvGuestRequest control = { .verb = HV_GUEST_CONTROL, .vm = "hvtest-a" };
    g_autofree char *answer = NULL;
    g_autoptr(GError) error = NULL;

    env("domain", "hvtest-c");
    (void)wait_for(is_known, "hvtest-c");
    g_assert_cmpint(kill(qemu, SIGSTOP), ==, 0);
    queue_calls(pids, G_N_ELEMENTS(pids));
    (void)wait_for(does_not_answer, "hvtest-a");
    wait_ms(4000); /* so long that libvirt itself calls it occupied */
    for (guint i = 0; i < 10; i++) {
        g_autoptr(HvGuestList) list = hv_host_guests(host);

        g_assert_true(others_are_fresh(list));
        wait_ms(100);
    }
    g_assert_true(hv_host_guest_request(host, &control, 5000, &answer, NULL));
    g_assert_nonnull(strstr(answer, "occupied"));
    g_assert_false(pin(0, "0", 1000, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_REFUSED);
    g_assert_cmpint(kill(qemu, SIGCONT), ==, 0);
    (void)wait_for(answers, "hvtest-a");
    for (guint i = 0; i < G_N_ELEMENTS(pids); i++)
        g_spawn_close_pid(pids[i]);
    g_assert_true(pin(0, "0-1", 5000, NULL));
    virsh("destroy", "hvtest-c", NULL, NULL);
}

static void
see_event(const HvGuestEvent *event, gpointer data)
{
    GHashTable *seen = data;

    g_hash_table_add(seen, g_strconcat(event->vm, " ", event->kind, NULL));
}

static void
test_events(void)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    g_assert_true(hv_host_guest_events(host, 0, see_event, seen));
    g_assert_true(g_hash_table_contains(seen, "hvtest-b started"));
    g_assert_true(g_hash_table_contains(seen, "hvtest-b stopped"));
    g_assert_true(g_hash_table_contains(seen, "hvtest-a pin"));
    g_assert_true(g_hash_table_contains(seen, "hvtest-a not answering"));
    g_assert_true(g_hash_table_contains(seen, " connection"));
}

static gboolean
open_host(void)
{
    const HvHostOptions options = { 0 };

    host = hv_host_new(&options, NULL);
    hv_host_guests_start(host);
    hv_host_guests_wait(host, 5000);
    return host != NULL;
}

int
main(int argc, char **argv)
{
    int status;

    g_test_init(&argc, &argv, NULL);
    if (!g_getenv("LIBVIRT_ENV")) {
        g_print("1..0 # SKIP no libvirtd of its own: tests/host/guests.sh\n");
        return 0;
    }
    env("domain", "hvtest-a");
    g_assert_true(open_host());
    (void)wait_for(is_known, "hvtest-a");
    g_test_add_func("/libvirt/vm-appears-and-vanishes-within-a-second",
                    test_appears_and_vanishes);
    g_test_add_func("/libvirt/pin-reaches-the-thread", test_pin);
    g_test_add_func("/libvirt/definition-comes-back-exactly", test_definition_comes_back);
    g_test_add_func("/libvirt/wrong-requests-are-named", test_wrong_requests);
    g_test_add_func("/libvirt/read-only-asks-but-never-changes", test_read_only);
    g_test_add_func("/libvirt/hotplugged-vcpu-is-seen", test_hotplug);
    g_test_add_func("/libvirt/stopped-daemon-costs-four-threads-and-changes-nothing-late",
                    test_libvirtd_stopped);
    g_test_add_func("/libvirt/killed-daemon-is-found-again", test_libvirtd_killed);
    g_test_add_func("/libvirt/stopped-qemu-disturbs-nobody-else", test_qemu_stopped);
    g_test_add_func("/libvirt/events-were-told", test_events);
    status = g_test_run();
    hv_host_free(host);
    return status;
}
