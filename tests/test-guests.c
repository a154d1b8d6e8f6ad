/* The list of VMs from captured and invented processes, without libvirt. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/guests-private.h"

#include "tests/support.h"

#include <string.h>

#define STEP_NS G_GINT64_CONSTANT(6000000000)
#define UUID_A "56473369-b84d-48ed-86ef-ce31dddbdbf0"
#define UUID_B "b1d2983f-b64b-4dbf-83fb-8a1a4b3f74a2"

typedef struct {
    HvTestTree *tree; /* NULL: a captured one */
    HvHost *host;
    HvGuestEvents *events;
    HvLibvirt *libvirt;
    HvProcScan *scan;
    HvGuestList *list;
    gint64 now_ns;
} Fixture;

static void
open_root(Fixture *fixture, const char *root)
{
    const HvHostOptions options = { .root = root };
    g_autoptr(GError) error = NULL;

    fixture->host = hv_host_new(&options, &error);
    g_assert_no_error(error);
    fixture->events = hv_guest_events_new();
    fixture->libvirt = hv_libvirt_new(fixture->host, fixture->events);
    fixture->scan = hv_proc_scan_new(fixture->host);
}

/* Six seconds later: every look is due. */
static const HvGuestList *
look(Fixture *fixture)
{
    gboolean unfinished;
    HvGuestList *list;

    if (!fixture->host)
        open_root(fixture, fixture->tree->path);
    fixture->now_ns += STEP_NS;
    (void)hv_proc_scan_refresh(fixture->scan, fixture->now_ns, FALSE);
    list = hv_guests_merge(fixture->scan, fixture->libvirt, fixture->list, &unfinished);
    g_assert_false(unfinished);
    hv_guest_list_unref(fixture->list);
    fixture->list = list;
    return list;
}

static void
fixture_clear(Fixture *fixture)
{
    hv_guest_list_unref(fixture->list);
    hv_proc_scan_free(fixture->scan);
    hv_libvirt_free(fixture->libvirt);
    hv_guest_events_free(fixture->events);
    hv_host_free(fixture->host);
    hv_test_tree_free(fixture->tree);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Fixture, fixture_clear)

/* ---- invented processes ---- */

/* In place, as the kernel's files change: what was opened before must see it. */
static void
write_stat(const HvTestTree *tree, const char *directory, int pid, const char *comm, int ppid,
           guint n_threads, guint64 start_ticks, char state)
{
    g_autofree char *place = g_build_filename(tree->path, directory, NULL);
    g_autofree char *path = g_build_filename(place, "stat", NULL);
    g_autofree char *text = g_strdup_printf(
        "%d (%s) %c %d 1 1 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 %u 0 %" G_GUINT64_FORMAT
        " 1000 10 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 3 0 0 0 0 0 0\n",
        pid, comm, state, ppid, n_threads, start_ticks);

    g_assert_cmpint(g_mkdir_with_parents(place, 0755), ==, 0);
    g_assert_true(
        g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_NONE, 0644, NULL));
}

static void
add_thread(const HvTestTree *tree, int pid, int tid, const char *comm)
{
    g_autofree char *directory = g_strdup_printf("proc/%d/task/%d", pid, tid);
    g_autofree char *path = g_strconcat(directory, "/comm", NULL);

    hv_test_tree_printf(tree, path, "%s\n", comm);
    write_stat(tree, directory, tid, comm, 1, 1, (guint64)(1000 + tid), 'S');
}

static void
set_state(const HvTestTree *tree, int pid, const char *comm, int ppid, guint n_threads,
          guint64 start_ticks, char state)
{
    g_autofree char *directory = g_strdup_printf("proc/%d", pid);
    g_autofree char *main_thread = g_strdup_printf("%s/task/%d", directory, pid);

    write_stat(tree, directory, pid, comm, ppid, n_threads, start_ticks, state);
    write_stat(tree, main_thread, pid, comm, ppid, n_threads, start_ticks, state);
}

/* @cmdline: arguments on lines. */
static void
add_process(const HvTestTree *tree, int pid, guint64 start_ticks, const char *comm, int ppid,
            const char *cmdline)
{
    g_autofree char *comm_path = g_strdup_printf("proc/%d/comm", pid);
    g_autofree char *cmdline_path = g_strdup_printf("proc/%d/cmdline", pid);

    hv_test_tree_printf(tree, comm_path, "%s\n", comm);
    hv_test_tree_write(tree, cmdline_path, cmdline);
    add_thread(tree, pid, pid, comm);
    set_state(tree, pid, comm, ppid, 4, start_ticks, 'S');
}

static void
add_qemu(const HvTestTree *tree, int pid, guint64 start_ticks, const char *name,
         const char *uuid)
{
    g_autofree char *cmdline = g_strdup_printf(
        "/bin/qemu-system-x86_64\n-name\nguest=%s,debug-threads=on\n-S\n-uuid\n%s\n", name,
        uuid);

    add_process(tree, pid, start_ticks, "qemu-system-x86", 1, cmdline);
    add_thread(tree, pid, pid + 1, "CPU 0/KVM");
    add_thread(tree, pid, pid + 2, "CPU 1/KVM");
}

static void
remove_process(const HvTestTree *tree, int pid)
{
    HvTestTree *process = g_new(HvTestTree, 1);

    process->path = g_strdup_printf("%s/proc/%d", tree->path, pid);
    hv_test_tree_free(process);
}

/* ---- claims ---- */

static void
test_captured(gconstpointer data)
{
    g_auto(Fixture) fixture = { 0 };
    g_autofree char *root = hv_test_shared_path(data);
    const HvGuestList *list;
    const HvGuest *guest;

    if (!root) {
        g_test_skip(HV_TEST_NO_SHARED);
        return;
    }
    open_root(&fixture, root);
    list = look(&fixture);
    g_assert_cmpuint(list->n_guests, ==, 2);
    g_assert_cmpstr(list->guests[0]->name, ==, "batch");
    guest = hv_guest_list_find(list, "web");
    g_assert_nonnull(guest);
    g_assert_cmpuint(strlen(guest->uuid), ==, 36);
    g_assert_cmpuint(guest->n_vcpus, ==, 2);
    g_assert_cmpuint(guest->memory_bytes, ==, 64 << 20);
    g_assert_cmpint(guest->tcg, ==, strstr(data, "intel") != NULL);
    g_assert_cmpint(hv_guest_thread(guest, HV_THREAD_VCPU, 1)->tid, >, 0);
    g_assert_cmpuint(hv_guest_thread(guest, HV_THREAD_VCPU, 1)->start_ticks, >, 0);
    g_assert_cmpint(hv_guest_thread(guest, HV_THREAD_EMULATOR, 0)->tid, ==, guest->pid);
    g_assert_cmpstr(guest->cgroup, ==, "sys/fs/cgroup/machine/qemu-1-web.libvirt-qemu");
    g_assert_true(guest->cgroup_v2);
    g_assert_cmpint(guest->seen_since_ns, >, 0);
    g_assert_cmpint(guest->state, ==, HV_GUEST_UNKNOWN);
}

static void
test_nothing_changed_is_the_same_list(void)
{
    g_auto(Fixture) fixture = { .tree = hv_test_tree_new() };
    const HvGuestList *first;
    guint64 generation;

    add_qemu(fixture.tree, 100, 5000, "web", UUID_A);
    first = look(&fixture);
    generation = first->generation;
    g_assert_true(look(&fixture) == first);
    add_thread(fixture.tree, 100, 150, "worker");
    set_state(fixture.tree, 100, "qemu-system-x86", 1, 5, 5000, 'S');
    g_assert_cmpuint(look(&fixture)->generation, ==, generation + 1);
}

static void
test_roles(void)
{
    g_auto(Fixture) fixture = { .tree = hv_test_tree_new() };
    const HvGuest *guest;

    add_qemu(fixture.tree, 100, 5000, "web", UUID_A);
    add_thread(fixture.tree, 100, 110, "CPU 10/KVM");
    add_thread(fixture.tree, 100, 111, "IO iothread2");
    add_thread(fixture.tree, 100, 112, "IO mon_iothread");
    add_thread(fixture.tree, 100, 113, "vhost-100");
    add_thread(fixture.tree, 100, 114, "CPU 1/KVM"); /* no VM has two of them, */
    add_thread(fixture.tree, 100, 115, "CPU 1/KVM"); /* nor three */
    add_process(fixture.tree, 90, 4000, "vhost-100", 2, "");
    add_process(fixture.tree, 91, 4000, "vhost-100", 1,
                "fake\n"); /* a process may call itself so */
    guest = hv_guest_list_find(look(&fixture), "web");
    g_assert_cmpuint(guest->n_vcpus, ==, 3);
    g_assert_cmpint(guest->threads[2].tid, ==, 110);
    g_assert_cmpuint(guest->threads[2].index, ==, 10);
    g_assert_cmpint(hv_guest_thread(guest, HV_THREAD_IOTHREAD, 2)->tid, ==, 111);
    g_assert_cmpint(hv_guest_thread(guest, HV_THREAD_VHOST, 0)->tid, ==, 90);
    g_assert_true(hv_guest_thread(guest, HV_THREAD_VHOST, 0)->kernel);
    g_assert_cmpint(hv_guest_thread(guest, HV_THREAD_VHOST, 1)->tid, ==, 113);
    g_assert_null(hv_guest_thread(guest, HV_THREAD_VHOST, 2));
    g_assert_cmpuint(guest->n_threads, ==, 10);
}

static void
test_hotplug(void)
{
    g_auto(Fixture) fixture = { .tree = hv_test_tree_new() };

    add_qemu(fixture.tree, 100, 5000, "web", UUID_A);
    g_assert_cmpuint(look(&fixture)->guests[0]->n_vcpus, ==, 2);
    add_thread(fixture.tree, 100, 120, "CPU 2/KVM");
    set_state(fixture.tree, 100, "qemu-system-x86", 1, 5, 5000, 'S');
    g_assert_cmpuint(look(&fixture)->guests[0]->n_vcpus, ==, 3);
}

static void
test_pid_reuse(void)
{
    g_auto(Fixture) fixture = { .tree = hv_test_tree_new() };
    const HvGuestList *list;

    add_qemu(fixture.tree, 100, 5000, "old", UUID_A);
    g_assert_nonnull(hv_guest_list_find(look(&fixture), "old"));
    add_qemu(fixture.tree, 100, 9000, "new", UUID_B);
    (void)look(&fixture);
    list = look(&fixture);
    g_assert_null(hv_guest_list_find(list, "old"));
    g_assert_cmpuint(hv_guest_list_find(list, "new")->start_ticks, ==, 9000);
    add_process(fixture.tree, 100, 9500, "bash", 1, "bash\n");
    g_assert_cmpuint(look(&fixture)->n_guests, ==, 0);
}

/* A kernel thread of a VM may end, and its pid become a VM's own before anybody looks. */
static void
test_reused_vhost(void)
{
    g_auto(Fixture) fixture = { .tree = hv_test_tree_new() };

    add_qemu(fixture.tree, 100, 5000, "web", UUID_A);
    add_process(fixture.tree, 90, 4000, "vhost-100", 2, "");
    g_assert_nonnull(hv_guest_thread(look(&fixture)->guests[0], HV_THREAD_VHOST, 0));
    add_qemu(fixture.tree, 90, 6000, "db", UUID_B);
    for (guint i = 0; i < 129; i++)
        (void)look(&fixture);
    g_assert_nonnull(hv_guest_list_find(fixture.list, "db"));
    add_thread(fixture.tree, 100, 103, "CPU 2/KVM");
    set_state(fixture.tree, 100, "qemu-system-x86", 1, 5, 5000, 'S');
    g_assert_null(
        hv_guest_thread(hv_guest_list_find(look(&fixture), "web"), HV_THREAD_VHOST, 0));
}

static void
test_vanished(void)
{
    g_auto(Fixture) fixture = { .tree = hv_test_tree_new() };

    add_qemu(fixture.tree, 100, 5000, "web", UUID_A);
    add_qemu(fixture.tree, 200, 5000, "db", UUID_B);
    g_assert_cmpuint(look(&fixture)->n_guests, ==, 2);
    remove_process(fixture.tree, 100);
    g_assert_cmpuint(look(&fixture)->n_guests, ==, 1);
    g_assert_cmpstr(fixture.list->guests[0]->name, ==, "db");
}

static void
test_becomes_qemu_later(void)
{
    g_auto(Fixture) fixture = { .tree = hv_test_tree_new() };

    add_process(fixture.tree, 7, 10, "bash", 1, "bash\n");
    g_assert_cmpuint(look(&fixture)->n_guests, ==, 0);
    add_process(fixture.tree, 100, 5000, "rpc-worker", 1,
                "libvirtd\n"); /* forked, not yet QEMU */
    g_assert_cmpuint(look(&fixture)->n_guests, ==, 0);
    add_qemu(fixture.tree, 100, 5000, "web", UUID_A);
    for (guint i = 0; i < 128 && look(&fixture)->n_guests == 0; i++)
        continue;
    g_assert_cmpuint(fixture.list->n_guests, ==, 1);
}

static void
test_stopped(void)
{
    g_auto(Fixture) fixture = { .tree = hv_test_tree_new() };
    const HvGuest *guest;

    add_qemu(fixture.tree, 100, 5000, "web", UUID_A);
    (void)look(&fixture);
    set_state(fixture.tree, 100, "qemu-system-x86", 1, 4, 5000, 'T');
    guest = look(&fixture)->guests[0];
    g_assert_cmpint(guest->not_answering_since_ns, ==, fixture.now_ns);
    g_assert_cmpstr(guest->state_reason, ==, "stopped (SIGSTOP)");
    set_state(fixture.tree, 100, "qemu-system-x86", 1, 4, 5000, 'S');
    g_assert_cmpint(look(&fixture)->guests[0]->not_answering_since_ns, ==, 0);
    set_state(fixture.tree, 100, "qemu-system-x86", 1, 4, 5000, 'Z');
    g_assert_cmpuint(look(&fixture)->n_guests, ==, 0);
}

static void
test_what_is_no_vm(void)
{
    g_auto(Fixture) fixture = { .tree = hv_test_tree_new() };

    /* libvirt asks what QEMU can do */
    add_process(fixture.tree, 100, 5000, "qemu-system-x86", 1,
                "qemu-system-x86_64\n-S\n-no-user-config\n-nodefaults\n-nographic\n-"
                "machine\nnone,accel=kvm:tcg\n");
    hv_test_tree_symlink(fixture.tree, "proc/100/fd/3", "anon_inode:kvm-vm");
    /* has only opened /dev/kvm */
    add_process(fixture.tree, 200, 5000, "libvirtd", 1, "libvirtd\n");
    hv_test_tree_symlink(fixture.tree, "proc/200/fd/3", "/dev/kvm");
    add_process(fixture.tree, 300, 5000, "qemu-img", 1, "qemu-img\nconvert\n");
    add_process(fixture.tree, 400, 5000, "firecracker", 1, "firecracker\n--version\n");
    add_process(fixture.tree, 500, 5000, "qemu-system-x86", 1,
                "qemu-system-x86_64\n--version\n");
    g_assert_cmpuint(look(&fixture)->n_guests, ==, 0);
}

/* Whoever reads a command line waits for the memory map of its process, and a QEMU that is
 * stuck may hold that: so that of a VM is read once, and that of what is none soon no more. */
static void
test_command_line_is_not_read_again(void)
{
    g_auto(Fixture) fixture = { .tree = hv_test_tree_new() };

    add_process(fixture.tree, 7, 10, "bash", 1, "bash\n");
    add_process(fixture.tree, 500, 5000, "qemu-system-x86", 1, "qemu-system-x86_64\n-S\n");
    add_qemu(fixture.tree, 600, 6000, "web", UUID_A);
    for (guint i = 0; i < 129; i++)
        g_assert_cmpuint(look(&fixture)->n_guests, ==, 1);
    hv_test_tree_write(fixture.tree, "proc/500/cmdline",
                       "qemu-system-x86_64\n-name\nguest=b\n");
    hv_test_tree_write(fixture.tree, "proc/600/cmdline",
                       "qemu-system-x86_64\n-name\nguest=b\n");
    for (guint i = 0; i < 130; i++)
        g_assert_cmpuint(look(&fixture)->n_guests, ==, 1);
    g_assert_cmpstr(fixture.list->guests[0]->name, ==, "web");
    set_state(fixture.tree, 500, "qemu-system-x86", 1, 4, 7000, 'S');
    for (guint i = 0; i < 128 && look(&fixture)->n_guests == 1; i++)
        continue; /* another process bears the pid now */
    g_assert_cmpuint(fixture.list->n_guests, ==, 2);
}

static void
test_foreign(void)
{
    g_auto(Fixture) fixture = { .tree = hv_test_tree_new() };
    const HvGuestList *list;

    add_process(fixture.tree, 100, 5000, "firecracker", 1, "firecracker\n--id\nx\n");
    add_thread(fixture.tree, 100, 101, "fc_vcpu 0");
    add_thread(fixture.tree, 100, 102, "fc_vcpu 1");
    add_process(fixture.tree, 200, 5000, "cloud-hyperviso", 1, "cloud-hypervisor\n");
    add_thread(fixture.tree, 200, 201, "vcpu0");
    add_process(fixture.tree, 300, 5000, "qemu-system-x86", 1,
                "qemu-system-x86_64\n-name\nsandbox-1\n");
    add_thread(fixture.tree, 300, 301, "CPU 0/KVM");
    add_process(fixture.tree, 400, 5000, "own-vmm", 1, "own-vmm\n");
    hv_test_tree_symlink(fixture.tree, "proc/400/fd/0", "/dev/null");
    hv_test_tree_symlink(fixture.tree, "proc/400/fd/5", "anon_inode:kvm-vm");
    list = look(&fixture);
    g_assert_cmpuint(list->n_guests, ==, 4);
    g_assert_cmpuint(hv_guest_list_find(list, "pid-100")->n_vcpus, ==, 2);
    g_assert_cmpuint(hv_guest_list_find(list, "pid-200")->n_vcpus, ==, 1);
    g_assert_cmpstr(hv_guest_list_find(list, "pid-300")->owner, ==, "-name sandbox-1");
    g_assert_cmpint(hv_guest_list_find(list, "pid-400")->pid, ==, 400);
    g_assert_false(hv_guest_list_find(list, "pid-400")->in_libvirt);
}

static void
test_nameless_vcpus(void)
{
    g_auto(Fixture) fixture = { .tree = hv_test_tree_new() };
    const HvGuest *guest;

    add_process(fixture.tree, 100, 5000, "qemu-system-x86", 1,
                "qemu-system-x86_64\n-accel\nkvm\n");
    add_thread(fixture.tree, 100, 101, "qemu-system-x86");
    add_thread(fixture.tree, 100, 102, "qemu-system-x86");
    add_thread(fixture.tree, 100, 103, "qemu-system-x86");
    add_thread(fixture.tree, 100, 104, "kvm-nx-lpage-re");
    hv_test_tree_symlink(fixture.tree, "proc/100/fd/3", "anon_inode:kvm-vm");
    hv_test_tree_symlink(fixture.tree, "proc/100/fd/9", "anon_inode:kvm-vcpu:1");
    hv_test_tree_symlink(fixture.tree, "proc/100/fd/10", "anon_inode:kvm-vcpu:0");
    hv_test_tree_write(fixture.tree, "proc/100/task/101/syscall",
                       "202 0x5640078997a8 0x0 0x0\n");
    hv_test_tree_write(fixture.tree, "proc/100/task/102/syscall", "16 0xa 0xae80 0x0\n");
    hv_test_tree_write(fixture.tree, "proc/100/task/103/syscall", "16 0x9 0xae80 0x0\n");
    hv_test_tree_write(fixture.tree, "proc/100/task/104/syscall", "16 0x9 0xae80 0x0\n");
    guest = hv_guest_list_find(look(&fixture), "pid-100");
    g_assert_nonnull(guest);
    g_assert_cmpuint(guest->n_vcpus, ==, 2);
    g_assert_cmpint(hv_guest_thread(guest, HV_THREAD_VCPU, 0)->tid, ==, 102);
    g_assert_cmpint(hv_guest_thread(guest, HV_THREAD_VCPU, 1)->tid, ==, 103);
}

static void
test_odd_names(void)
{
    g_auto(Fixture) fixture = { .tree = hv_test_tree_new() };
    static const char bytes[] =
        "qemu\0-name\0guest=a\nb\033[31m,,c,debug-threads=on\0-uuid\0" UUID_A;
    const HvGuestList *list;
    g_autofree char *path = NULL;

    add_qemu(fixture.tree, 100, 5000, "$(reboot)", UUID_B);
    add_qemu(fixture.tree, 200, 5000, "x", UUID_A);
    path = g_build_filename(fixture.tree->path, "proc/200/cmdline", NULL);
    g_assert_true(g_file_set_contents(path, bytes, sizeof bytes, NULL));
    add_qemu(fixture.tree, 300, 5000, "", UUID_B);
    add_qemu(fixture.tree, 400, 5000, "../../etc/passwd", UUID_B);
    list = look(&fixture);
    g_assert_nonnull(hv_guest_list_find(list, "$(reboot)"));
    g_assert_nonnull(hv_guest_list_find(list, "a\nb\033[31m,c"));
    g_assert_nonnull(hv_guest_list_find(list, "pid-300"));
    g_assert_nonnull(hv_guest_list_find(list, "../../etc/passwd"));
}

static void
test_impostors(void)
{
    g_auto(Fixture) fixture = { .tree = hv_test_tree_new() };
    const HvGuestList *list;

    add_qemu(fixture.tree, 100, 5000, "web", UUID_A);
    hv_test_tree_write(fixture.tree, "run/libvirt/qemu/web.pid", "100\n");
    add_qemu(fixture.tree, 50, 4000, "web", UUID_A); /* calls itself so, and is older */
    add_qemu(fixture.tree, 60, 4000, "pid-50", UUID_B);
    list = look(&fixture);
    g_assert_cmpuint(list->n_guests, ==, 3);
    g_assert_cmpint(hv_guest_list_find(list, "web")->pid, ==, 100);
    g_assert_true(hv_guest_list_find(list, "web")->in_libvirt);
    g_assert_cmpint(hv_guest_list_find(list, "pid-50")->pid, ==, 60);
    g_assert_cmpint(hv_guest_list_find(list, "pid-50.2")->pid, ==, 50);
    g_assert_false(hv_guest_list_find(list, "pid-50.2")->in_libvirt);
}

static const char status_format[] =
    "<domstatus state='paused' reason='ioerror' pid='%d'><vcpus><vcpu id='0' pid='%d'/></vcpus>"
    "<qemuCaps><flag name='kvm'/></qemuCaps><domain type='kvm' id='1'><name>%s</name>"
    "<uuid>" UUID_A "</uuid><memory>131072</memory><vcpu>2</vcpu><cputune>"
    "<vcpupin vcpu='0' cpuset='1'/></cputune><devices><interface type='bridge'>"
    "<target dev='vnet0'/></interface></devices></domain></domstatus>";

static void
test_status_files(void)
{
    g_auto(Fixture) fixture = { .tree = hv_test_tree_new() };
    const HvGuestList *list;
    const HvGuest *guest;

    add_qemu(fixture.tree, 100, 5000, "web", UUID_A);
    hv_test_tree_printf(fixture.tree, "run/libvirt/qemu/web.xml", status_format, 100, 101,
                        "web");
    hv_test_tree_write(fixture.tree, "etc/libvirt/qemu/web.xml", "<domain/>");
    hv_test_tree_printf(fixture.tree, "run/libvirt/qemu/alone.xml", status_format, 900, 901,
                        "alone");
    add_qemu(fixture.tree, 200, 5000, "db", UUID_B);
    hv_test_tree_printf(fixture.tree, "run/libvirt/qemu/db.xml", status_format, 201, 202,
                        "db"); /* of an older run */
    hv_test_tree_write(fixture.tree, "run/libvirt/qemu/bad.xml", "<domstatus");
    list = look(&fixture);
    g_assert_cmpuint(list->n_guests, ==, 3);
    guest = hv_guest_list_find(list, "web");
    g_assert_true(guest->in_libvirt && guest->persistent);
    g_assert_cmpint(guest->state, ==, HV_GUEST_PAUSED);
    g_assert_cmpstr(guest->state_reason, ==, "I/O error");
    g_assert_cmpstr(guest->vcpu_pins[0], ==, "1");
    g_assert_cmpstr(guest->vcpu_pins[1], ==, "");
    g_assert_cmpstr(guest->tap_names[0], ==, "vnet0");
    g_assert_cmpuint(guest->memory_bytes, ==, 128 << 20);
    g_assert_cmpint(hv_guest_list_find(list, "alone")->threads[0].tid, ==, 901);
    g_assert_false(hv_guest_list_find(list, "db")->in_libvirt);
}

static void
test_cgroup(gconstpointer data)
{
    static const char mounts[] = "cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n"
                                 "cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0\n"
                                 "cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n";
    const char *const *wanted = data; /* of proc, cpu, memory, procs, pressure */
    g_auto(Fixture) fixture = { .tree = hv_test_tree_new() };
    const HvGuest *guest;

    hv_test_tree_write(fixture.tree, "proc/mounts", mounts);
    add_qemu(fixture.tree, 100, 5000, "web", UUID_A);
    hv_test_tree_write(fixture.tree, "proc/100/cgroup", wanted[0]);
    if (wanted[3])
        hv_test_tree_write(fixture.tree, wanted[3], "100\n");
    guest = look(&fixture)->guests[0];
    g_assert_cmpstr(guest->cgroup, ==, wanted[1]);
    g_assert_cmpstr(guest->cgroup_memory, ==, wanted[2]);
    g_assert_cmpstr(guest->cgroup_pressure, ==, wanted[4]);
}

/* As when the process has no descriptor left to read it with. */
static void
test_cgroup_stays(void)
{
    g_auto(Fixture) fixture = { .tree = hv_test_tree_new() };

    hv_test_tree_write(fixture.tree, "proc/mounts", "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n");
    add_qemu(fixture.tree, 100, 5000, "web", UUID_A);
    hv_test_tree_write(fixture.tree, "proc/100/cgroup",
                       "0::/machine/qemu-1-web.libvirt-qemu/emulator\n");
    g_assert_cmpstr(look(&fixture)->guests[0]->cgroup, !=, "");
    hv_test_tree_remove(fixture.tree, "proc/100/cgroup");
    add_thread(fixture.tree, 100, 103, "CPU 2/KVM"); /* both are read anew */
    set_state(fixture.tree, 100, "qemu-system-x86", 1, 5, 5000, 'S');
    g_assert_cmpuint(look(&fixture)->guests[0]->n_vcpus, ==, 3);
    g_assert_cmpstr(fixture.list->guests[0]->cgroup, ==,
                    "sys/fs/cgroup/machine/qemu-1-web.libvirt-qemu");
}

static const char *const cgroup_v1[] = {
    "5:memory:/machine/qemu-1-web.libvirt-qemu\n3:cpu,cpuacct:/machine/qemu-1-web.libvirt-qemu/"
    "emulator\n0::/x\n",
    "sys/fs/cgroup/cpu,cpuacct/machine/qemu-1-web.libvirt-qemu",
    "sys/fs/cgroup/memory/machine/qemu-1-web.libvirt-qemu",
    NULL,
    "",
};
static const char *const cgroup_both[] = {
    "3:cpu:/machine/qemu-1-web.libvirt-qemu/emulator\n"
    "0::/machine/qemu-1-web.libvirt-qemu/emulator\n",
    "sys/fs/cgroup/cpu,cpuacct/machine/qemu-1-web.libvirt-qemu",
    "",
    NULL,
    "sys/fs/cgroup/unified/machine/qemu-1-web.libvirt-qemu",
};
static const char *const cgroup_v2[] = {
    "0::/machine.slice/machine-qemu\\x2d1\\x2dweb.scope/libvirt/emulator\n",
    "sys/fs/cgroup/unified/machine.slice/machine-qemu\\x2d1\\x2dweb.scope",
    "sys/fs/cgroup/unified/machine.slice/machine-qemu\\x2d1\\x2dweb.scope",
    NULL,
    "sys/fs/cgroup/unified/machine.slice/machine-qemu\\x2d1\\x2dweb.scope",
};
static const char *const cgroup_shared[] = { "0::/user.slice/session-1.scope\n", "", "", NULL,
                                             "" };
static const char *const cgroup_root[] = { "0::/\n", "", "", NULL, "" };
static const char *const cgroup_outside[] = {
    "0::/../../machine/qemu-1-x.libvirt-qemu/emulator\n", "", "", NULL, ""
};
static const char *const cgroup_alone[] = { "0::/fc/vm1\n", "sys/fs/cgroup/unified/fc/vm1",
                                            "sys/fs/cgroup/unified/fc/vm1",
                                            "sys/fs/cgroup/unified/fc/vm1/cgroup.procs",
                                            "sys/fs/cgroup/unified/fc/vm1" };

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/guests/captured-intel-is-emulated", "lab/capture/intel-2s",
                         test_captured);
    g_test_add_data_func("/guests/captured-amd-has-kvm", "lab/capture/amd-2s", test_captured);
    g_test_add_func("/guests/nothing-changed-is-the-same-list",
                    test_nothing_changed_is_the_same_list);
    g_test_add_func("/guests/threads-have-roles", test_roles);
    g_test_add_func("/guests/hotplugged-vcpu-appears", test_hotplug);
    g_test_add_func("/guests/reused-pid-is-another-vm", test_pid_reuse);
    g_test_add_func("/guests/reused-pid-of-a-vhost-is-another-process", test_reused_vhost);
    g_test_add_func("/guests/vanished-process-is-gone", test_vanished);
    g_test_add_func("/guests/process-becomes-qemu-later", test_becomes_qemu_later);
    g_test_add_func("/guests/stopped-qemu-does-not-answer", test_stopped);
    g_test_add_func("/guests/probing-qemu-and-openers-are-no-vms", test_what_is_no_vm);
    g_test_add_func("/guests/command-line-is-not-read-again",
                    test_command_line_is_not_read_again);
    g_test_add_func("/guests/foreign-vmms-are-named-by-pid", test_foreign);
    g_test_add_func("/guests/nameless-vcpus-are-found", test_nameless_vcpus);
    g_test_add_func("/guests/odd-names-are-kept", test_odd_names);
    g_test_add_func("/guests/impostors-lose-their-name", test_impostors);
    g_test_add_func("/guests/status-files-tell-without-libvirt", test_status_files);
    g_test_add_func("/guests/cgroup-that-cannot-be-read-again-stays", test_cgroup_stays);
    g_test_add_data_func("/guests/cgroup-v1", cgroup_v1, test_cgroup);
    g_test_add_data_func("/guests/cgroup-of-both-versions-has-pressure", cgroup_both,
                         test_cgroup);
    g_test_add_data_func("/guests/cgroup-v2-with-systemd", cgroup_v2, test_cgroup);
    g_test_add_data_func("/guests/cgroup-of-others-is-not-the-vms", cgroup_shared, test_cgroup);
    g_test_add_data_func("/guests/cgroup-root-is-not-the-vms", cgroup_root, test_cgroup);
    g_test_add_data_func("/guests/cgroup-outside-our-view-is-unknown", cgroup_outside,
                         test_cgroup);
    g_test_add_data_func("/guests/cgroup-of-its-own-is-the-vms", cgroup_alone, test_cgroup);
    return g_test_run();
}
