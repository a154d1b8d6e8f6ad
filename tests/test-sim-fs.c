/* The simulated machine's tree of files: ways, handles, parts of texts, writes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/fs.h"

#include <errno.h>
#include <string.h>

static char words[][8] = { "group", "says", "again" };

typedef struct {
    HvSimFs *fs;
    guint number;
    char last[64]; /* what was written */
} Owner;

static int
read_number(gpointer owner, gpointer data, HvSimText *out)
{
    const Owner *self = owner;

    hv_sim_text(out, data);
    hv_sim_text(out, " ");
    hv_sim_u64(out, self->number);
    hv_sim_printf(out, " %s\n", "end");
    return 0;
}

static int
write_number(gpointer owner, gpointer data G_GNUC_UNUSED, const char *text, gsize length)
{
    Owner *self = owner;

    if (length == 0)
        return -EINVAL;
    g_strlcpy(self->last, text, sizeof self->last);
    return 0;
}

static const HvSimFileClass number_class = { .read = read_number, .write = write_number };
static const HvSimFileClass write_only = { .write = write_number };

static int
make_group(gpointer owner, gpointer data G_GNUC_UNUSED, const char *name)
{
    Owner *self = owner;

    if (strcmp(name, "bad") == 0)
        return -EINVAL;
    hv_sim_fs_filef(self->fs, &number_class, self, words[0], "groups/%s/tasks", name);
    return 0;
}

static int
remove_group(gpointer owner, gpointer data G_GNUC_UNUSED, const char *name)
{
    Owner *self = owner;
    g_autofree char *path = g_strconcat("groups/", name, NULL);

    hv_sim_fs_remove(self->fs, path);
    return 0;
}

static const HvSimDirClass group_class = { .mkdir = make_group, .rmdir = remove_group };

static HvSimFs *
make_fs(Owner *owner)
{
    HvSimFs *fs = hv_sim_fs_new();

    *owner = (Owner){ .fs = fs, .number = 4711 };
    hv_sim_fs_file(fs, "proc/a/number", &number_class, owner, words[1]);
    hv_sim_fs_file(fs, "proc/a/order", &write_only, owner, NULL);
    hv_sim_fs_textf(fs, "fixed\n", "proc/%s/text", "a");
    hv_sim_fs_dir(fs, "groups", &group_class, owner, NULL);
    hv_sim_fs_link(fs, "devices/eth0/device", "../../bus/pci/0000:81:00.0");
    hv_sim_fs_text(fs, "bus/pci/0000:81:00.0/class", "0x020000\n");
    hv_sim_fs_link(fs, "class", "/bus/pci");
    hv_sim_fs_link(fs, "round", "about");
    hv_sim_fs_link(fs, "about", "round");
    return fs;
}

static void
assert_reads(HvSimFs *fs, const char *path, const char *expected)
{
    char text[256];
    int handle = hv_sim_fs_open(fs, path);
    gssize n;

    g_assert_cmpint(handle, >=, 0);
    n = hv_sim_fs_pread(fs, handle, text, sizeof text - 1, 0);
    g_assert_cmpint(n, >=, 0);
    text[n] = '\0';
    g_assert_cmpstr(text, ==, expected);
    hv_sim_fs_close(fs, handle);
}

static void
test_parts(void)
{
    static const char whole[] = "says 4711 end\n";
    const gsize length = sizeof whole - 1;
    Owner owner;
    HvSimFs *fs = make_fs(&owner);
    int handle = hv_sim_fs_open(fs, "proc/a/number");

    for (gsize offset = 0; offset <= length + 1; offset++) {
        for (gsize size = 1; size <= length + 1; size++) {
            char text[32] = "-------------------------------";
            gsize wanted = offset < length ? MIN(size, length - offset) : 0;

            g_assert_cmpint(hv_sim_fs_pread(fs, handle, text, size, offset), ==,
                            (gssize)wanted);
            g_assert_cmpint(memcmp(text, whole + MIN(offset, length), wanted), ==, 0);
            g_assert_cmpint(text[wanted], ==, '-');
        }
    }
    hv_sim_fs_close(fs, handle);
    hv_sim_fs_free(fs);
}

static void
test_links(void)
{
    Owner owner;
    HvSimFs *fs = make_fs(&owner);
    g_autofree char *target = NULL;
    int errnum = 0;

    assert_reads(fs, "devices/eth0/device/class", "0x020000\n");
    assert_reads(fs, "/class//0000:81:00.0/./class", "0x020000\n");
    assert_reads(fs, "devices/../proc/a/text", "fixed\n");
    g_assert_cmpint(hv_sim_fs_open(fs, "round"), ==, -ELOOP);
    g_assert_false(hv_sim_fs_exists(fs, "about"));
    g_assert_true(hv_sim_fs_exists(fs, "devices/eth0/device"));
    target = hv_sim_fs_readlink(fs, "devices/eth0/device", &errnum);
    g_assert_cmpstr(target, ==, "../../bus/pci/0000:81:00.0");
    g_assert_null(hv_sim_fs_readlink(fs, "proc/a/text", &errnum));
    g_assert_cmpint(errnum, ==, EINVAL);
    g_assert_null(hv_sim_fs_readlink(fs, "proc/b", &errnum));
    g_assert_cmpint(errnum, ==, ENOENT);
    hv_sim_fs_free(fs);
}

static void
test_errors(void)
{
    Owner owner;
    HvSimFs *fs = make_fs(&owner);
    char byte;
    int handle = hv_sim_fs_open(fs, "proc/a");

    g_assert_cmpint(hv_sim_fs_pread(fs, handle, &byte, 1, 0), ==, -EISDIR);
    hv_sim_fs_close(fs, handle);
    g_assert_cmpint(hv_sim_fs_pread(fs, handle, &byte, 1, 0), ==, -EBADF);
    g_assert_cmpint(hv_sim_fs_pread(fs, -1, &byte, 1, 0), ==, -EBADF);
    g_assert_cmpint(hv_sim_fs_open(fs, "proc/a/text/more"), ==, -ENOTDIR);
    g_assert_cmpint(hv_sim_fs_open(fs, "proc/b/text"), ==, -ENOENT);
    g_assert_cmpint(hv_sim_fs_open(fs, "proc/a/order"), ==, -EACCES);
    g_assert_cmpint(hv_sim_fs_write(fs, "proc/a", "1"), ==, -EISDIR);
    g_assert_cmpint(hv_sim_fs_write(fs, "proc/a/text", "1"), ==, -EACCES);
    g_assert_cmpint(hv_sim_fs_write(fs, "proc/a/none", "1"), ==, -ENOENT);
    g_assert_cmpint(hv_sim_fs_write(fs, "proc/a/order", ""), ==, -EINVAL);
    g_assert_cmpint(hv_sim_fs_write(fs, "proc/a/order", "go\n"), ==, 0);
    g_assert_cmpstr(owner.last, ==, "go\n");
    hv_sim_fs_free(fs);
}

static void
test_list(void)
{
    Owner owner;
    HvSimFs *fs = make_fs(&owner);
    int errnum = 0;
    GPtrArray *names = hv_sim_fs_list(fs, "proc/a", &errnum);

    g_assert_cmpuint(names->len, ==, 3);
    g_assert_cmpstr(names->pdata[0], ==, "number");
    g_assert_cmpstr(names->pdata[2], ==, "text");
    g_ptr_array_unref(names);
    names = hv_sim_fs_list(fs, "class", &errnum);
    g_assert_cmpstr(names->pdata[0], ==, "0000:81:00.0");
    g_ptr_array_unref(names);
    names = hv_sim_fs_list(fs, "", &errnum);
    g_assert_cmpuint(names->len, ==, 7);
    g_ptr_array_unref(names);
    g_assert_null(hv_sim_fs_list(fs, "proc/a/text", &errnum));
    g_assert_cmpint(errnum, ==, ENOTDIR);
    g_assert_null(hv_sim_fs_list(fs, "nowhere", &errnum));
    g_assert_cmpint(errnum, ==, ENOENT);
    hv_sim_fs_free(fs);
}

static void
test_directories(void)
{
    Owner owner;
    HvSimFs *fs = make_fs(&owner);

    g_assert_cmpint(hv_sim_fs_mkdir(fs, "groups/bad"), ==, -EINVAL);
    g_assert_cmpint(hv_sim_fs_mkdir(fs, "groups/gold"), ==, 0);
    g_assert_cmpint(hv_sim_fs_mkdir(fs, "groups/gold"), ==, -EEXIST);
    g_assert_cmpint(hv_sim_fs_mkdir(fs, "proc/gold"), ==, -EPERM);
    g_assert_cmpint(hv_sim_fs_mkdir(fs, "nowhere/gold"), ==, -ENOENT);
    assert_reads(fs, "groups/gold/tasks", "group 4711 end\n");
    g_assert_cmpint(hv_sim_fs_rmdir(fs, "groups/gold/tasks"), ==, -ENOTDIR);
    g_assert_cmpint(hv_sim_fs_rmdir(fs, "proc/a"), ==, -EPERM);
    g_assert_cmpint(hv_sim_fs_rmdir(fs, "groups/gold"), ==, 0);
    g_assert_cmpint(hv_sim_fs_rmdir(fs, "groups/gold"), ==, -ENOENT);
    g_assert_false(hv_sim_fs_exists(fs, "groups/gold/tasks"));
    hv_sim_fs_free(fs);
}

static void
test_gone(void)
{
    Owner owner;
    HvSimFs *fs = make_fs(&owner);
    int old = hv_sim_fs_open(fs, "proc/a/number"), other;
    char text[32];

    hv_sim_fs_remove(fs, "proc/a");
    g_assert_cmpint(hv_sim_fs_pread(fs, old, text, sizeof text, 0), ==, -ENODEV);
    hv_sim_fs_file(fs, "proc/a/number", &number_class, &owner, words[2]);
    g_assert_cmpint(hv_sim_fs_pread(fs, old, text, sizeof text, 0), ==, -ENODEV);
    other = hv_sim_fs_open(fs, "proc/a/number");
    g_assert_cmpint(other, !=, old);
    g_assert_cmpint(hv_sim_fs_pread(fs, other, text, 5, 0), ==, 5);
    hv_sim_fs_close(fs, old);
    g_assert_cmpint(hv_sim_fs_open(fs, "proc/a/number"), ==, old);
    hv_sim_fs_free(fs);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sim/fs/any-part-of-a-text-is-what-it-is-in-the-whole", test_parts);
    g_test_add_func("/sim/fs/links-lead-on-from-where-they-are", test_links);
    g_test_add_func("/sim/fs/errors-are-the-kernel-s", test_errors);
    g_test_add_func("/sim/fs/directories-list-what-is-in-them", test_list);
    g_test_add_func("/sim/fs/their-class-makes-and-removes-directories", test_directories);
    g_test_add_func("/sim/fs/what-has-gone-answers-enodev-though-it-came-again", test_gone);
    return g_test_run();
}
