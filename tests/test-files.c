/* Tests of the door's files: trees that cannot be left, files that change, faults. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/host-private.h"
#include "host/resolve.h"
#include "host/root.h"
#include "tests/support.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

static HvHost *
open_tree(const HvTestTree *tree)
{
    g_autoptr(GError) error = NULL;
    HvHost *host = hv_host_new(&(HvHostOptions){ .root = tree->path }, &error);

    g_assert_no_error(error);
    return host;
}

static HvHost *
open_live(const char *fault)
{
    g_autoptr(GError) error = NULL;
    HvHost *host = hv_host_new(&(HvHostOptions){ .fault = fault }, &error);

    g_assert_no_error(error);
    return host;
}

static void
test_root_that_is_no_tree_is_refused(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autofree char *missing = g_build_filename(tree->path, "nothing", NULL);
    g_autofree char *odd = g_build_filename(tree->path, "sys", NULL);
    g_autoptr(GError) absent = NULL, malformed = NULL;

    g_assert_null(hv_host_new(&(HvHostOptions){ .root = missing }, &absent));
    g_assert_error(absent, HV_ERROR, HV_ERROR_ABSENT);
    g_assert_null(hv_host_new(&(HvHostOptions){ .root = odd }, &malformed));
    g_assert_error(malformed, HV_ERROR, HV_ERROR_MALFORMED);
}

static void
test_file_is_read_again_from_its_start(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autoptr(HvHost) host = NULL;
    g_autoptr(HvFile) file = NULL;
    g_autofree char *path = g_build_filename(tree->path, "proc/stat", NULL);
    char buffer[8];
    FILE *again;

    hv_test_tree_write(tree, "proc/stat", "one\n");
    host = open_tree(tree);
    file = hv_file_open(host, "proc/stat", NULL);
    g_assert_cmpint(hv_file_read(file, buffer, sizeof buffer, NULL), ==, 4);
    g_assert_cmpstr(buffer, ==, "one\n");
    again = g_fopen(path, "w"); /* in place: the same file, as the kernel's are */
    g_assert_cmpint(fputs("something longer", again), >=, 0);
    g_assert_cmpint(fclose(again), ==, 0);
    g_assert_cmpint(hv_file_read(file, buffer, sizeof buffer, NULL), ==, 7);
    g_assert_cmpstr(buffer, ==, "somethi");
}

static void
test_files_share_a_buffer_that_grows(void)
{
    static const char *const names[] = { "cpu", "memory", "io" };
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autoptr(HvHost) host = NULL;
    g_autoptr(HvFiles) files = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *large = g_strnfill(300000, 'x');

    hv_test_tree_write(tree, "proc/pressure/cpu", "small");
    hv_test_tree_write(tree, "proc/pressure/io", large);
    host = open_tree(tree);
    files = hv_files_open(host, "proc/pressure/%s", names, G_N_ELEMENTS(names), &error);
    g_assert_no_error(error);
    g_assert_cmpstr(hv_files_read(files, 0, NULL), ==, "small");
    g_assert_cmpstr(hv_files_read(files, 2, NULL), ==, large);
    g_assert_cmpstr(hv_files_read(files, 0, NULL), ==, "small");
    g_assert_null(hv_files_read(files, 1, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_ABSENT);
}

static void
test_files_fail_only_when_all_do(void)
{
    static const char *const names[] = { "cpu", "memory" };
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autoptr(HvHost) host = open_tree(tree);
    g_autoptr(HvFiles) files = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_null(hv_files_open(host, "proc/pressure/%s", names, 2, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_ABSENT);
    files = hv_files_open(host, "", NULL, 0, NULL);
    g_assert_nonnull(files);
    hv_test_tree_write(tree, "proc/late", "came");
    g_assert_cmpuint(hv_files_add(files, "proc/late"), ==, 0);
    g_assert_cmpstr(hv_files_read(files, 0, NULL), ==, "came");
}

static void
test_what_has_gone_is_absent(void)
{
    g_autoptr(HvHost) host = open_live(NULL);
    g_autoptr(HvFile) file = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *path = NULL;
    char buffer[512];
    pid_t pid = fork();

    g_assert_cmpint(pid, >=, 0);
    if (pid == 0) {
        pause();
        _exit(0);
    }
    path = g_strdup_printf("proc/%d/stat", (int)pid);
    file = hv_file_open(host, path, &error);
    g_assert_no_error(error);
    g_assert_cmpint(hv_file_read(file, buffer, sizeof buffer, &error), >, 0);
    g_assert_cmpint(kill(pid, SIGKILL), ==, 0);
    g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
    g_assert_cmpint(hv_file_read(file, buffer, sizeof buffer, &error), ==, -1);
    g_assert_error(error, HV_ERROR, HV_ERROR_ABSENT);
}

static void
test_long_kernel_file_is_read_whole(void)
{
    g_autoptr(HvHost) host = open_live(NULL);
    g_autofree char *ours = hv_host_read_text(host, "proc/kallsyms", 64u << 20, NULL),
                    *plain = NULL;
    gsize length = 0;

    if (!ours || !g_file_get_contents("/proc/kallsyms", &plain, &length, NULL) ||
        length < 65536) {
        g_test_skip("proc/kallsyms is not here");
        return;
    }
    g_assert_cmpuint(strlen(ours), ==, length);
}

static void
test_text_has_a_bound(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autoptr(HvHost) host = open_tree(tree);
    g_autofree char *large = g_strnfill(5000, 'x'), *text = NULL;
    g_autoptr(GError) error = NULL, small = NULL;

    hv_test_tree_write(tree, "proc/large", large);
    g_assert_null(hv_host_read_text(host, "proc/large", 4999, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
    g_assert_null(hv_host_read_text(host, "proc/large", 16, &small));
    g_assert_error(small, HV_ERROR, HV_ERROR_MALFORMED);
    text = hv_host_read_text(host, "proc/large", 5000, NULL);
    g_assert_cmpstr(text, ==, large);
}

static void
test_number_file_holds_one_number(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autoptr(HvHost) host = open_tree(tree);
    g_autoptr(GError) error = NULL;
    guint64 value = 0;

    hv_test_tree_write(tree, "sys/good", "42\n");
    hv_test_tree_write(tree, "sys/bad", "max\n");
    g_assert_true(hv_host_read_u64_file(host, "sys/good", &value, NULL));
    g_assert_cmpuint(value, ==, 42);
    g_assert_false(hv_host_read_u64_file(host, "sys/bad", &value, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
    g_assert_nonnull(strstr(error->message, "sys/bad"));
}

static void
test_list_sorts_numbers_by_number(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autoptr(HvHost) host = open_tree(tree);
    g_auto(GStrv) names = NULL;
    g_autofree char *joined = NULL;

    hv_test_tree_mkdir(tree, "proc/10");
    hv_test_tree_mkdir(tree, "proc/9");
    hv_test_tree_mkdir(tree, "proc/self");
    hv_test_tree_mkdir(tree, "proc/100");
    names = hv_host_list(host, "proc", NULL);
    joined = g_strjoinv(" ", names);
    g_assert_cmpstr(joined, ==, "9 10 100 self");
}

static void
test_resctrl_of_a_tree_stands_for_sys_fs_resctrl(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autoptr(HvHost) host = NULL;
    g_autofree char *text = NULL;

    hv_test_tree_write(tree, "resctrl/schemata", "L3:0=ff\n");
    host = open_tree(tree);
    text = hv_host_read_text(host, "sys/fs/resctrl/schemata", 0, NULL);
    g_assert_cmpstr(text, ==, "L3:0=ff\n");
    g_assert_true(hv_host_exists(host, "sys/fs/resctrl"));
    g_assert_false(hv_host_exists(host, "sys/fs/resctrl-not"));
}

/* ---- links ---- */

static int
read_at(int (*resolve)(int, const char *, int), int root_fd, const char *path, char *buffer,
        gsize size)
{
    hv_autofd fd = resolve(root_fd, path, O_RDONLY);
    ssize_t n;

    if (fd < 0)
        return fd;
    n = read(fd, buffer, size - 1);
    if (n < 0)
        return -errno;
    buffer[n] = '\0';
    return 0;
}

static void
check_links(int (*resolve)(int, const char *, int))
{
    g_autoptr(HvTestTree) outside = hv_test_tree_new(), tree = hv_test_tree_new();
    g_autofree char *secret = g_build_filename(outside->path, "secret", NULL);
    g_autofree char *deep = g_strconcat("../../../../../../../../../..", secret, NULL);
    hv_autofd root_fd = open(tree->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    char text[64];

    hv_test_tree_write(outside, "secret", "outside");
    hv_test_tree_write(tree, "sys/devices/a/value", "inside");
    hv_test_tree_symlink(tree, "sys/absolute", secret);
    hv_test_tree_symlink(tree, "sys/climbs", deep);
    hv_test_tree_symlink(tree, "sys/bus/a", "../devices/a");
    hv_test_tree_symlink(tree, "sys/class/a", "/sys/devices/a");
    hv_test_tree_symlink(tree, "sys/loop", "loop");
    hv_test_tree_symlink(tree, "sys/self", "/proc/self/root");
    hv_test_tree_write(tree, "sys/bus/as-text", "../devices/a\n");
    hv_test_tree_printf(tree, "sys/text-climbs", "%s", deep);

    g_assert_cmpint(read_at(resolve, root_fd, "sys/absolute", text, sizeof text), ==, -ENOENT);
    g_assert_cmpint(read_at(resolve, root_fd, "sys/climbs", text, sizeof text), ==, -ENOENT);
    g_assert_cmpint(read_at(resolve, root_fd, deep, text, sizeof text), ==, -ENOENT);
    g_assert_cmpint(read_at(resolve, root_fd, secret, text, sizeof text), ==, -ENOENT);
    g_assert_cmpint(read_at(resolve, root_fd, "sys/self/etc/passwd", text, sizeof text), ==,
                    -ENOENT);
    g_assert_cmpint(read_at(resolve, root_fd, "sys/loop", text, sizeof text), ==, -ELOOP);
    g_assert_cmpint(read_at(resolve, root_fd, "sys/loop/x", text, sizeof text), ==, -ELOOP);
    g_assert_cmpint(read_at(resolve, root_fd, "sys/text-climbs/x", text, sizeof text), ==,
                    -ENOENT);
    g_assert_cmpint(read_at(resolve, root_fd, "sys/bus/as-text/value", text, sizeof text), ==,
                    0);
    g_assert_cmpstr(text, ==, "inside");
    g_assert_cmpint(read_at(resolve, root_fd, "sys/devices/a/value/x", text, sizeof text), ==,
                    -ENOTDIR);
    g_assert_cmpint(read_at(resolve, root_fd, "sys/bus/a/value", text, sizeof text), ==, 0);
    g_assert_cmpstr(text, ==, "inside");
    g_assert_cmpint(read_at(resolve, root_fd, "/sys/class/a/../a/./value", text, sizeof text),
                    ==, 0);
    g_assert_cmpstr(text, ==, "inside");
    g_assert_cmpint(read_at(resolve, root_fd, "../../sys/class/a/value", text, sizeof text), ==,
                    0);
}

static void
test_no_link_leads_out_of_a_tree(void)
{
    check_links(hv_resolve_in_root);
}

static void
test_no_link_leads_out_where_the_kernel_cannot_help(void)
{
    check_links(hv_resolve_by_steps);
}

static void
test_link_itself_is_read_not_followed(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autoptr(HvHost) host = open_tree(tree);
    g_autofree char *target = NULL;
    g_autoptr(GError) error = NULL;

    hv_test_tree_symlink(tree, "sys/driver", "/nowhere/vfio-pci");
    hv_test_tree_write(tree, "sys/plain", "");
    target = hv_host_readlink(host, "sys/driver", &error);
    g_assert_cmpstr(target, ==, "/nowhere/vfio-pci");
    g_assert_null(hv_host_readlink(host, "sys/plain", &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_REFUSED);
}

static void
test_fifo_in_a_tree_does_not_hang(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autoptr(HvHost) host = open_tree(tree);
    g_autofree char *path = g_build_filename(tree->path, "proc/stat", NULL);
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(mkfifo(path, 0600), ==, 0);
    g_assert_null(hv_file_open(host, "proc/stat", &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
}

/* ---- writes ---- */

static void
test_captured_tree_cannot_be_changed(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autoptr(HvHost) host = open_tree(tree);
    g_autoptr(GError) written = NULL, made = NULL, locked = NULL;
    g_autofree char *text = NULL;

    hv_test_tree_write(tree, "proc/irq/1/smp_affinity_list", "0\n");
    g_assert_false(hv_host_write(host, "proc/irq/1/smp_affinity_list", "1", &written));
    g_assert_error(written, HV_ERROR, HV_ERROR_DENIED);
    g_assert_false(hv_host_mkdir(host, "sys/x", &made));
    g_assert_error(made, HV_ERROR, HV_ERROR_DENIED);
    g_assert_cmpint(hv_host_lock(host, "sys", FALSE, 0, &locked), ==, -1);
    g_assert_error(locked, HV_ERROR, HV_ERROR_DENIED);
    text = hv_host_read_text(host, "proc/irq/1/smp_affinity_list", 0, NULL);
    g_assert_cmpstr(text, ==, "0\n");
    g_assert_true(hv_host_is_read_only(host));
    g_assert_false(hv_host_is_live(host));
}

/* Through the live door, into a private directory. */
typedef struct {
    HvTestTree *tree;
    char *file, *directory; /* as the door wants them */
} Target;

static Target
make_target(void)
{
    Target target = { .tree = hv_test_tree_new() };

    hv_test_tree_write(target.tree, "file", "before");
    target.file = g_build_filename(target.tree->path + 1, "file", NULL);
    target.directory = g_build_filename(target.tree->path + 1, "made", NULL);
    return target;
}

static void
clear_target(Target *target)
{
    hv_test_tree_free(target->tree);
    g_free(target->file);
    g_free(target->directory);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Target, clear_target)

static void
assert_content(HvHost *host, const Target *target, const char *expected)
{
    g_autofree char *text = hv_host_read_text(host, target->file, 0, NULL);

    g_assert_cmpstr(text, ==, expected);
}

static void
test_read_only_writes_nothing(void)
{
    g_auto(Target) target = make_target();
    g_autoptr(HvHost) host = hv_host_new(&(HvHostOptions){ .read_only = TRUE }, NULL);
    g_autoptr(GError) error = NULL;

    g_assert_false(hv_host_write(host, target.file, "after!", &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_DENIED);
    assert_content(host, &target, "before");
}

static void
test_the_nth_write_fails_alone(void)
{
    g_auto(Target) target = make_target();
    g_autoptr(HvHost) host = open_live("fail-write:2");
    g_autoptr(GError) error = NULL;

    g_assert_true(hv_host_write(host, target.file, "first!", NULL));
    g_assert_false(hv_host_mkdir(host, target.directory, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_REFUSED);
    g_assert_false(hv_host_exists(host, target.directory));
    g_assert_true(hv_host_mkdir(host, target.directory, NULL));
    g_assert_true(hv_host_rmdir(host, target.directory, NULL));
    assert_content(host, &target, "first!");
}

static void
test_lost_answer_is_a_timeout_after_the_write(void)
{
    g_auto(Target) target = make_target();
    g_autoptr(HvHost) host = open_live("lost-answer:1");
    g_autoptr(GError) error = NULL;

    g_assert_false(hv_host_write(host, target.file, "after!", &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_TIMEOUT);
    assert_content(host, &target, "after!");
}

static void
write_and_die(const Target *target, const char *fault)
{
    pid_t pid = fork();
    int status;

    g_assert_cmpint(pid, >=, 0);
    if (pid == 0) {
        HvHost *host = open_live(fault);

        (void)hv_host_write(host, target->file, "after!", NULL);
        _exit(0);
    }
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_true(WIFSIGNALED(status));
    g_assert_cmpint(WTERMSIG(status), ==, SIGKILL);
}

static void
test_killed_before_or_after_the_write(void)
{
    g_auto(Target) target = make_target();
    g_autoptr(HvHost) host = open_live(NULL);

    write_and_die(&target, "kill-write:1");
    assert_content(host, &target, "before");
    write_and_die(&target, "kill-after-write:1");
    assert_content(host, &target, "after!");
}

static void
test_writes_are_counted(void)
{
    g_auto(Target) target = make_target();
    g_autofree char *count = g_build_filename(target.tree->path, "count", NULL), *text = NULL;
    g_autofree char *fault = g_strdup_printf("fail-write:3,count-writes:%s", count);
    HvHost *host = open_live(fault);

    g_assert_true(hv_host_write(host, target.file, "1", NULL));
    g_assert_true(hv_host_write(host, target.file, "2", NULL));
    g_assert_false(hv_host_write(host, target.file, "3", NULL));
    hv_host_free(host);
    g_assert_true(g_file_get_contents(count, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "3\n");
}

static gpointer
let_go(gpointer path)
{
    return GINT_TO_POINTER(g_mkdir(path, 0700));
}

static void
test_a_write_is_held_until_a_file_is_there(void)
{
    g_auto(Target) target = make_target();
    g_autofree char *path = g_build_filename("/", target.directory, NULL);
    g_autofree char *fault = g_strdup_printf("hold-write:1,until:%s", path);
    g_autoptr(HvHost) host = open_live(fault);
    GThread *other = g_thread_new("other", let_go, path);

    g_assert_true(hv_host_write(host, target.file, "after!", NULL));
    g_assert_true(hv_host_exists(host, target.directory));
    g_thread_join(other);
}

static void
test_unknown_fault_is_refused(void)
{
    static const char *const wrong[] = { "explode:1",     "fail-write:",    "fail-write:x",
                                         "count-writes:", "fail-write:1,,", "hold-write:1" };

    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(hv_host_new(&(HvHostOptions){ .fault = wrong[i] }, &error));
        g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
    }
}

static void
test_lock_is_waited_for_until_the_deadline(void)
{
    g_auto(Target) target = make_target();
    g_autofree char *path = g_build_filename(target.tree->path, "file", NULL);
    g_autoptr(HvHost) host = open_live(NULL);
    g_autoptr(GError) error = NULL;
    int other = open(path, O_RDONLY | O_CLOEXEC), ours;

    g_assert_cmpint(flock(other, LOCK_EX), ==, 0);
    g_assert_cmpint(hv_host_lock(host, target.file, TRUE, 30, &error), ==, -1);
    g_assert_error(error, HV_ERROR, HV_ERROR_TIMEOUT);
    g_assert_cmpint(close(other), ==, 0);
    ours = hv_host_lock(host, target.file, TRUE, 30, NULL);
    g_assert_cmpint(ours, >=, 0);
    g_assert_cmpint(close(ours), ==, 0);
}

static void
test_slow_read_takes_its_time(void)
{
    g_auto(Target) target = make_target();
    g_autoptr(HvHost) host = open_live("slow-read:20");
    gint64 began_ns = hv_host_monotonic_ns(host);

    assert_content(host, &target, "before");
    g_assert_cmpint(hv_host_monotonic_ns(host) - began_ns, >=, 20000000);
}

static void
test_waiting_ends_when_woken(void)
{
    g_autoptr(HvHost) host = open_live(NULL);
    int fds[2];

    g_assert_cmpint(pipe(fds), ==, 0);
    g_assert_false(hv_host_wait_until(host, hv_host_monotonic_ns(host) + 1000000, fds[0]));
    g_assert_cmpint(write(fds[1], "x", 1), ==, 1);
    g_assert_true(hv_host_wait_until(host, G_MAXINT64, fds[0]));
    g_assert_true(
        hv_host_wait_until(host, 0, fds[0])); /* a deadline that has passed still looks */
    g_assert_cmpint(close(fds[0]) + close(fds[1]), ==, 0);
}

static void
test_ids_are_empty_where_they_cannot_be_read(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autoptr(HvHost) host = NULL;

    hv_test_tree_write(tree, "etc/machine-id", "0123456789abcdef0123456789abcdef\n");
    host = open_tree(tree);
    g_assert_cmpstr(hv_host_machine_id(host), ==, "0123456789abcdef0123456789abcdef");
    g_assert_cmpstr(hv_host_boot_id(host), ==, "");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/files/root-that-is-no-tree-is-refused",
                    test_root_that_is_no_tree_is_refused);
    g_test_add_func("/files/file-is-read-again-from-its-start",
                    test_file_is_read_again_from_its_start);
    g_test_add_func("/files/files-share-a-buffer-that-grows",
                    test_files_share_a_buffer_that_grows);
    g_test_add_func("/files/files-fail-only-when-all-do", test_files_fail_only_when_all_do);
    g_test_add_func("/files/what-has-gone-is-absent", test_what_has_gone_is_absent);
    g_test_add_func("/files/long-kernel-file-is-read-whole",
                    test_long_kernel_file_is_read_whole);
    g_test_add_func("/files/text-has-a-bound", test_text_has_a_bound);
    g_test_add_func("/files/number-file-holds-one-number", test_number_file_holds_one_number);
    g_test_add_func("/files/list-sorts-numbers-by-number", test_list_sorts_numbers_by_number);
    g_test_add_func("/files/resctrl-of-a-tree-stands-for-sys-fs-resctrl",
                    test_resctrl_of_a_tree_stands_for_sys_fs_resctrl);
    g_test_add_func("/files/no-link-leads-out-of-a-tree", test_no_link_leads_out_of_a_tree);
    g_test_add_func("/files/no-link-leads-out-where-the-kernel-cannot-help",
                    test_no_link_leads_out_where_the_kernel_cannot_help);
    g_test_add_func("/files/link-itself-is-read-not-followed",
                    test_link_itself_is_read_not_followed);
    g_test_add_func("/files/fifo-in-a-tree-does-not-hang", test_fifo_in_a_tree_does_not_hang);
    g_test_add_func("/files/captured-tree-cannot-be-changed",
                    test_captured_tree_cannot_be_changed);
    g_test_add_func("/files/read-only-writes-nothing", test_read_only_writes_nothing);
    g_test_add_func("/files/the-nth-write-fails-alone", test_the_nth_write_fails_alone);
    g_test_add_func("/files/lost-answer-is-a-timeout-after-the-write",
                    test_lost_answer_is_a_timeout_after_the_write);
    g_test_add_func("/files/killed-before-or-after-the-write",
                    test_killed_before_or_after_the_write);
    g_test_add_func("/files/a-write-is-held", test_a_write_is_held_until_a_file_is_there);
    g_test_add_func("/files/writes-are-counted", test_writes_are_counted);
    g_test_add_func("/files/unknown-fault-is-refused", test_unknown_fault_is_refused);
    g_test_add_func("/files/lock-is-waited-for-until-the-deadline",
                    test_lock_is_waited_for_until_the_deadline);
    g_test_add_func("/files/slow-read-takes-its-time", test_slow_read_takes_its_time);
    g_test_add_func("/files/waiting-ends-when-woken", test_waiting_ends_when_woken);
    g_test_add_func("/files/ids-are-empty-where-they-cannot-be-read",
                    test_ids_are_empty_where_they_cannot_be_read);
    return g_test_run();
}
