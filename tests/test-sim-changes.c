/* What changes on the simulated machine: pins, definitions, the kernel's files, pages. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "host/parse.h"
#include "tests/sim-host.h"

#define S G_GINT64_CONSTANT(1000000000)

/* ---- pins ---- */

static guint
cpu_of(HvHost *host, const HvGuest *guest, const HvThread *thread)
{
    g_autofree char *path = g_strdup_printf("proc/%d/task/%d/stat", guest->pid, thread->tid);
    g_autofree char *text = hv_test_read(host, path);
    char *rest = strrchr(text, ')') + 1;
    guint64 cpu = 0;

    for (guint field = 3; field < 39; field++)
        (void)hv_next_word(&rest);
    rest = hv_skip_blanks(rest);
    g_assert_true(hv_scan_u64(&rest, &cpu));
    return (guint)cpu;
}

static HvGuestRequest
pin(const char *vm, guint vcpu, const char *cpus)
{
    return (HvGuestRequest){
        .verb = HV_GUEST_PIN_VCPU, .vm = vm, .index = vcpu, .cpus = cpus, .n_host_cpus = 128
    };
}

static void
keep_event(const HvGuestEvent *event, gpointer data)
{
    char **told = data;

    g_free(*told);
    *told = g_strjoin(" ", event->vm, event->kind, event->text, NULL);
}

static void
test_pin(void)
{
    HvHost *host = hv_test_redis();
    g_autoptr(HvGuestList) list = hv_host_guests(host);
    const HvGuest *guest = hv_guest_list_find(list, "redis-1");
    const HvThread *thread = hv_guest_thread(guest, HV_THREAD_VCPU, 3);
    HvGuestRequest request = pin("redis-1", 3, "40-41");
    g_autoptr(HvGuestList) later = NULL;
    g_autoptr(HvSet) cpus = hv_set_new();
    g_autoptr(GError) error = NULL;
    g_autofree char *after = NULL, *group = NULL, *effective = NULL, *told = NULL;

    request.uuid = guest->uuid;
    g_assert_true(hv_host_get_affinity(host, thread->tid, cpus, &error));
    g_assert_false(hv_set_has(cpus, 40));
    g_assert_cmpuint(cpu_of(host, guest, thread), <, 32);
    g_assert_true(hv_host_guest_request(host, &request, 1000, NULL, &error));
    g_assert_no_error(error);
    (void)hv_host_wait_until(host, hv_host_monotonic_ns(host) + S, -1);
    g_assert_true(hv_host_get_affinity(host, thread->tid, cpus, &error));
    after = hv_set_to_text(cpus);
    g_assert_cmpstr(after, ==, "40-41");
    g_assert_cmpuint(cpu_of(host, guest, thread) / 2, ==, 20);
    group = g_strconcat(guest->cgroup, "/libvirt/vcpu3/cpuset.cpus.effective", NULL);
    effective = hv_test_read(host, group);
    g_assert_cmpstr(effective, ==, "40-41");
    g_assert_true(hv_host_guest_events(host, 0, keep_event, &told));
    g_assert_cmpstr(told, ==, "redis-1 pin vcpupin3 = 40-41");
    later = hv_host_guests(host);
    g_assert_cmpuint(later->generation, >, list->generation);
    g_assert_cmpuint(later->layout, ==, list->layout);
    g_assert_cmpstr(hv_guest_list_find(later, "redis-1")->vcpu_pins[3], ==, "40-41");
    hv_host_free(host);
}

static void
assert_refused(HvHost *host, const HvGuestRequest *request, HvError code, const char *words)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(hv_host_guest_request(host, request, 1000, NULL, &error));
    g_assert_error(error, HV_ERROR, (gint)code);
    if (!strstr(error->message, words))
        g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, words));
}

static void
test_refusals(void)
{
    HvHost *host = hv_test_redis();
    HvGuestRequest request = pin("redis-1", 8, "0");

    assert_refused(host, &request, HV_ERROR_REFUSED,
                   "vcpu 8 is out of range of live cpu count 8");
    request = pin("nobody", 0, "0");
    assert_refused(host, &request, HV_ERROR_ABSENT, "Domain not found");
    request = pin("pid-4711", 0, "0");
    assert_refused(host, &request, HV_ERROR_ABSENT, "Domain not found");
    request = pin("redis-1", 0, "");
    assert_refused(host, &request, HV_ERROR_MALFORMED, "no list of cpus");
    request = pin("redis-1", 0, "200");
    request.n_host_cpus = 256;
    assert_refused(host, &request, HV_ERROR_REFUSED, "Numerical result out of range");
    request = pin("ci-5", 0, "0");
    request.persistent = TRUE;
    assert_refused(host, &request, HV_ERROR_REFUSED,
                   "transient domains do not have any persistent config");
    request = pin("redis-1", 0, "0");
    request.uuid = "00000000-0000-0000-0000-000000000000";
    assert_refused(host, &request, HV_ERROR_CONFLICT, "another VM has this name");
    hv_host_free(host);
}

static char *
ask(HvHost *host, HvGuestVerb verb, const char *vm)
{
    const HvGuestRequest request = { .verb = verb, .vm = vm };
    g_autoptr(GError) error = NULL;
    char *answer = NULL;

    g_assert_true(hv_host_guest_request(host, &request, 1000, &answer, &error));
    g_assert_no_error(error);
    return answer;
}

static void
test_definition(void)
{
    HvHost *host = hv_test_redis();
    g_autofree char *before = ask(host, HV_GUEST_XML_INACTIVE, "batch-7"), *after = NULL,
                    *again = NULL, *live = NULL,
                    *control = ask(host, HV_GUEST_CONTROL, "batch-7");
    HvGuestRequest request = pin("batch-7", 2, "5");
    g_autoptr(GError) error = NULL;

    request.persistent = TRUE;
    g_assert_true(hv_host_guest_request(host, &request, 1000, NULL, &error));
    after = ask(host, HV_GUEST_XML_INACTIVE, "batch-7");
    live = ask(host, HV_GUEST_XML_LIVE, "batch-7");
    g_assert_null(strstr(before, "<vcpupin"));
    g_assert_nonnull(strstr(after, "<vcpupin vcpu='2' cpuset='5'/>"));
    g_assert_null(strstr(live, "<vcpupin"));
    g_assert_cmpstr(control, ==, "ok");
    request = (HvGuestRequest){ .verb = HV_GUEST_DEFINE, .vm = "batch-7", .xml = before };
    g_assert_true(hv_host_guest_request(host, &request, 1000, NULL, &error));
    again = ask(host, HV_GUEST_XML_INACTIVE, "batch-7");
    g_assert_cmpstr(again, ==, before);
    request.xml = "<domain><name>batch-7</name>";
    assert_refused(host, &request, HV_ERROR_MALFORMED, "");
    hv_host_free(host);
}

static void
test_doors(void)
{
    HvHost *host = hv_test_demo("redis", 1, 0, TRUE, NULL);
    HvGuestRequest request = pin("redis-1", 3, "40");
    g_autofree char *xml = ask(host, HV_GUEST_XML_LIVE, "redis-1");

    assert_refused(host, &request, HV_ERROR_DENIED, "read-only");
    hv_host_free(host);
    host = hv_test_demo("redis", 1, 0, FALSE, "fail-write:1");
    assert_refused(host, &request, HV_ERROR_REFUSED, "fault injected");
    hv_host_free(host);
    host = hv_test_demo("redis", 1, 0, FALSE, "lost-answer:1");
    assert_refused(host, &request, HV_ERROR_TIMEOUT, "no answer");
    hv_host_free(host);
}

/* ---- writes as the kernel takes them ---- */

static void
assert_write(HvHost *host, const char *path, const char *text, const char *reads)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *after = NULL;

    g_assert_true(hv_host_write(host, path, text, &error));
    g_assert_no_error(error);
    after = hv_test_read(host, path);
    g_assert_cmpstr(after, ==, reads);
}

static void
assert_no_write(HvHost *host, const char *path, const char *text, int errnum)
{
    g_autofree char *before = hv_test_read(host, path), *after = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_false(hv_host_write(host, path, text, &error));
    g_assert_nonnull(strstr(error->message, g_strerror(errnum)));
    after = hv_test_read(host, path);
    g_assert_cmpstr(after, ==, before);
}

static void
test_writes(void)
{
    HvHost *host = hv_test_redis();
    g_autoptr(HvGuestList) list = hv_host_guests(host);
    const HvGuest *guest = hv_guest_list_find(list, "redis-1");
    g_autofree char *cpus = g_strconcat(guest->cgroup, "/libvirt/vcpu0/cpuset.cpus", NULL),
                    *max = g_strconcat(guest->cgroup, "/libvirt/vcpu0/cpu.max", NULL),
                    *weight = g_strconcat(guest->cgroup, "/cpu.weight", NULL),
                    *limit = g_strconcat(guest->cgroup, "/memory.max", NULL);

    assert_write(host, cpus, "24-27,30\n", "24-27,30");
    assert_no_write(host, cpus, "24-\n", EINVAL);
    assert_no_write(host, cpus, "500\n", ERANGE);
    assert_write(host, max, "50000\n", "50000 100000");
    assert_write(host, max, "max 20000\n", "max 20000");
    assert_no_write(host, max, "10\n", EINVAL);
    assert_write(host, weight, "300\n", "300");
    assert_no_write(host, weight, "10001\n", ERANGE);
    assert_write(host, limit, "80G\n", "85899345920");
    assert_write(host, limit, "max\n", "max");
    assert_write(host, "sys/module/kvm/parameters/halt_poll_ns", "0\n", "0");
    assert_no_write(host, "sys/module/kvm/parameters/halt_poll_ns", "x\n", EINVAL);
    assert_write(host, "proc/sys/kernel/numa_balancing", "1\n", "1");
    assert_no_write(host, "proc/sys/kernel/osrelease", "1\n", EACCES);
    hv_host_free(host);
}

/* eth0 has interrupts that go where one says, nvme0 such that the kernel manages. */
static char *
irq_path(HvHost *host, const char *name)
{
    g_autofree char *text = hv_test_read(host, "proc/interrupts");
    char *rest = text;

    for (char *line; (line = hv_next_line(&rest));)
        if (strstr(line, name))
            return g_strdup_printf("proc/irq/%s/smp_affinity_list",
                                   hv_next_word(&line)) /* "24:" */;
    g_assert_not_reached();
    return NULL;
}

static void
test_irqs(void)
{
    HvHost *host = hv_test_redis();
    g_autofree char *own = irq_path(host, "eth0-TxRx-0"), *managed = irq_path(host, "nvme0q");

    (void)g_strdelimit(own, ":", '/');
    (void)g_strdelimit(managed, ":", '/');
    assert_write(host, own, "40\n", "40");
    assert_no_write(host, own, "900\n", ERANGE);
    assert_no_write(host, managed, "1\n", EIO);
    hv_host_free(host);
}

static void
test_offline(void)
{
    HvHost *host = hv_test_redis();
    g_autoptr(HvTopology) before = hv_host_topology(host, NULL), after = NULL;

    g_assert_true(hv_set_has(before->online, 127));
    assert_write(host, "sys/devices/system/cpu/cpu127/online", "0", "0");
    (void)hv_host_wait_until(host, hv_host_monotonic_ns(host) + S, -1);
    after = hv_host_topology(host, NULL);
    g_assert_cmpuint(after->generation, >, before->generation);
    g_assert_false(hv_set_has(after->online, 127));
    g_assert_false(
        hv_host_exists(host, "sys/devices/system/cpu/cpu127/topology/physical_package_id"));
    assert_write(host, "sys/devices/system/cpu/cpu127/online", "1", "1");
    g_assert_true(
        hv_host_exists(host, "sys/devices/system/cpu/cpu127/topology/physical_package_id"));
    hv_host_free(host);
}

/* ---- pages ---- */

/* The address and the nodes of the largest mapping of numa_maps. */
static guint64
largest_mapping(HvHost *host, int pid, guint64 *on_node)
{
    g_autofree char *path = g_strdup_printf("proc/%d/numa_maps", pid),
                    *text = hv_test_read(host, path);
    guint64 largest = 0, address = 0;
    char *rest = text;

    for (char *line; (line = hv_next_line(&rest));) {
        guint64 n[2] = { 0 };

        (void)hv_field_u64(line, "N0", G_MAXUINT64, &n[0], NULL);
        (void)hv_field_u64(line, "N1", G_MAXUINT64, &n[1], NULL);
        if (n[0] + n[1] <= largest)
            continue;
        largest = n[0] + n[1];
        memcpy(on_node, n, sizeof n);
        g_assert_true(hv_parse_hex(hv_next_word(&line), G_MAXUINT64, &address, NULL));
    }
    return address;
}

static void
test_pages(void)
{
    HvHost *host = hv_test_redis();
    g_autoptr(HvGuestList) list = hv_host_guests(host);
    const HvGuest *guest = hv_guest_list_find(list, "redis-1");
    guint64 before[2], after[2], address = largest_mapping(host, guest->pid, before);
    const gulong n = 512;
    g_autofree void **pages = g_new(void *, n);
    g_autofree int *nodes = g_new0(int, n), *status = g_new(int, n);
    g_autoptr(GError) error = NULL;
    guint n_here = 0;

    for (gulong i = 0; i < n; i++)
        pages[i] = GSIZE_TO_POINTER(address + i * (2u << 20));
    g_assert_true(hv_host_query_pages(host, guest->pid, n, pages, status, &error));
    for (gulong i = 0; i < n; i++)
        n_here += status[i] == 1;
    g_assert_cmpuint(n_here, >, n / 2);
    g_assert_true(hv_host_move_pages(host, guest->pid, n, pages, nodes, status, &error));
    g_assert_no_error(error);
    (void)hv_host_wait_until(host, hv_host_monotonic_ns(host) + 5 * S, -1);
    (void)largest_mapping(host, guest->pid, after);
    g_assert_cmpuint(after[0], >, before[0]);
    g_assert_cmpuint(after[0] + after[1], ==, before[0] + before[1]);
    nodes[0] = 7;
    g_assert_false(hv_host_move_pages(host, guest->pid, 1, pages, nodes, status, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_ABSENT);
    g_clear_error(&error);
    g_assert_false(hv_host_query_pages(host, 1 << 22, 1, pages, status, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_ABSENT);
    hv_host_free(host);
}

/* What numa_maps says of guest RAM, and memory.numa_stat with it, within what is QEMU's own. */
static void
test_residency_agrees(void)
{
    HvHost *host = hv_test_redis();
    g_autoptr(HvGuestList) list = hv_host_guests(host);
    const HvGuest *guest = hv_guest_list_find(list, "db-1");
    g_autofree char *path = g_strconcat(guest->cgroup, "/memory.numa_stat", NULL),
                    *text = hv_test_read(host, path);
    char *rest = text, *line = hv_next_line(&rest);
    guint64 mapped[2], charged;

    (void)largest_mapping(host, guest->pid, mapped);
    g_assert_true(g_str_has_prefix(line, "anon "));
    for (guint node = 0; node < 2; node++) {
        g_assert_true(hv_field_u64(line, node ? "N1" : "N0", G_MAXUINT64, &charged, NULL));
        g_assert_cmpuint(charged, >=, mapped[node] * 4096);
        g_assert_cmpuint(charged - mapped[node] * 4096, <=, 32u << 20);
    }
    hv_host_free(host);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sim/changes/a-pin-moves-its-thread", test_pin);
    g_test_add_func("/sim/changes/libvirt-refuses-in-its-own-words", test_refusals);
    g_test_add_func("/sim/changes/a-definition-is-changed-apart-and-comes-back",
                    test_definition);
    g_test_add_func("/sim/changes/read-only-and-faults-hold-for-it", test_doors);
    g_test_add_func("/sim/changes/writes-are-taken-as-the-kernel-takes-them", test_writes);
    g_test_add_func("/sim/changes/managed-interrupts-stay", test_irqs);
    g_test_add_func("/sim/changes/a-cpu-goes-off-and-comes-back", test_offline);
    g_test_add_func("/sim/changes/pages-move-and-numa-maps-follow", test_pages);
    g_test_add_func("/sim/changes/numa-stat-agrees-with-numa-maps", test_residency_agrees);
    return g_test_run();
}
