/* The simulated machine behind the door: it opens, it closes, its files, its topology, its
 * commands. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/machine-private.h"

#include "host/sim/xml.h"
#include "host/topology-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

/* ---- files ---- */

static int
open_file(gpointer data, const char *path, GError **error)
{
    HvSimMachine *machine = data;
    int handle;

    g_mutex_lock(&machine->lock);
    handle = hv_sim_fs_open(machine->fs, path);
    g_mutex_unlock(&machine->lock);
    if (handle >= 0)
        return handle;
    if (error) /* who only tries does not pay for words */
        hv_error_set_errno(error, -handle, path);
    return -1;
}

static gssize
pread_file(gpointer data, int handle, char *buffer, gsize size, gsize offset)
{
    HvSimMachine *machine = data;
    gssize n;

    g_mutex_lock(&machine->lock);
    n = hv_sim_fs_pread(machine->fs, handle, buffer, size, offset);
    g_mutex_unlock(&machine->lock);
    return n;
}

static void
close_file(gpointer data, int handle)
{
    HvSimMachine *machine = data;

    g_mutex_lock(&machine->lock);
    hv_sim_fs_close(machine->fs, handle);
    g_mutex_unlock(&machine->lock);
}

static GPtrArray *
list_directory(gpointer data, const char *path, GError **error)
{
    HvSimMachine *machine = data;
    GPtrArray *names;
    int errnum;

    g_mutex_lock(&machine->lock);
    names = hv_sim_fs_list(machine->fs, path, &errnum);
    g_mutex_unlock(&machine->lock);
    if (!names)
        hv_error_set_errno(error, errnum, path);
    return names;
}

static gboolean
exists(gpointer data, const char *path)
{
    HvSimMachine *machine = data;
    gboolean is_there;

    g_mutex_lock(&machine->lock);
    is_there = hv_sim_fs_exists(machine->fs, path);
    g_mutex_unlock(&machine->lock);
    return is_there;
}

static char *
read_link(gpointer data, const char *path, GError **error)
{
    HvSimMachine *machine = data;
    char *target;
    int errnum;

    g_mutex_lock(&machine->lock);
    target = hv_sim_fs_readlink(machine->fs, path, &errnum);
    g_mutex_unlock(&machine->lock);
    if (!target)
        hv_error_set_errno(error, errnum, path);
    return target;
}

/* A change happens at the present time of the clock, not at that of the last tick. */
static gboolean
change(HvSimMachine *machine, int (*make)(HvSimFs *fs, const char *path, const char *text),
       const char *path, const char *text, GError **error)
{
    int result;

    g_mutex_lock(&machine->lock);
    hv_sim_machine_advance(machine);
    result = make(machine->fs, path, text);
    g_mutex_unlock(&machine->lock);
    return result >= 0 || hv_error_set_errno(error, -result, path);
}

static gboolean
write_file(gpointer data, const char *path, const char *text, GError **error)
{
    return change(data, hv_sim_fs_write, path, text, error);
}

static int
make_directory(HvSimFs *fs, const char *path, const char *text G_GNUC_UNUSED)
{
    return hv_sim_fs_mkdir(fs, path);
}

static int
remove_directory(HvSimFs *fs, const char *path, const char *text G_GNUC_UNUSED)
{
    return hv_sim_fs_rmdir(fs, path);
}

static gboolean
rename_file(gpointer data, const char *from, const char *to, GError **error)
{
    return change(data, hv_sim_fs_rename, from, to, error);
}

static gboolean
mkdir_file(gpointer data, const char *path, GError **error)
{
    return change(data, make_directory, path, NULL, error);
}

static gboolean
rmdir_file(gpointer data, const char *path, GError **error)
{
    return change(data, remove_directory, path, NULL, error);
}

/* ---- locks ---- */

/* Behind each path stands an empty file of the real kernel: its flock(2) is the one that is
 * meant. Returns: a descriptor opened anew, or -errno. */
static int
open_lock(HvSimMachine *machine, const char *path)
{
    int kept = GPOINTER_TO_INT(g_hash_table_lookup(machine->locks, path)) - 1, fd;
    char name[32];

    if (!hv_sim_fs_exists(machine->fs, path))
        return -ENOENT;
    if (kept < 0) {
        kept = memfd_create("hvtune-demo-lock", MFD_CLOEXEC);
        if (kept < 0)
            return -errno;
        g_hash_table_insert(machine->locks, g_strdup(path), GINT_TO_POINTER(kept + 1));
    }
    g_snprintf(name, sizeof name, "/proc/self/fd/%d", kept);
    fd = open(name, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static int
try_lock(gpointer data, const char *path, gboolean exclusive, GError **error)
{
    HvSimMachine *machine = data;
    int fd;

    g_mutex_lock(&machine->lock);
    fd = open_lock(machine, path);
    g_mutex_unlock(&machine->lock);
    return hv_host_flock(fd, path, exclusive, error);
}

const HvFileOps hv_sim_file_ops = {
    .open = open_file,
    .pread = pread_file,
    .close = close_file,
    .list = list_directory,
    .exists = exists,
    .readlink = read_link,
    .write = write_file,
    .mkdir = mkdir_file,
    .rmdir = rmdir_file,
    .rename = rename_file,
    .try_lock = try_lock,
};

/* ---- topology ---- */

static HvTopology *
read_topology(gpointer data, GError **error)
{
    const HvTopologySource source = { &hv_sim_file_ops, data };
    HvTopology *topology = hv_topology_from_sysfs(&source, error);

    if (topology)
        hv_topology_add_devices(topology, &source);
    return topology;
}

static void
read_stamp(gpointer data, char *buffer, gsize size)
{
    const HvTopologySource source = { &hv_sim_file_ops, data };

    if (hv_source_read(&source, "sys/devices/system/cpu/online", buffer, size) < 0)
        *buffer = '\0';
}

const HvTopologyOps hv_sim_topology_ops = { .quick = read_topology, .stamp = read_stamp };

/* ---- commands ---- */

/* "sim-watch NAME", by itself or as a shell is given it. */
static const char *
watch_name(const char *const *argv)
{
    static const char command[] = "sim-watch";
    const char *line = argv[0];

    if (g_strcmp0(line, command) == 0)
        return argv[1];
    if (g_strcmp0(line, "/bin/sh") == 0 && g_strcmp0(argv[1], "-c") == 0 && argv[2] &&
        g_str_has_prefix(argv[2], command) && argv[2][strlen(command)] == ' ')
        return argv[2] + strlen(command) + 1;
    return NULL;
}

static const HvSimWatch *
find_watch(const HvSimWorld *world, const char *name)
{
    for (guint i = 0; i < world->watches->len; i++) {
        const HvSimWatch *watch = world->watches->pdata[i];

        if (strcmp(watch->name, name) == 0)
            return watch;
    }
    return NULL;
}

static gboolean
run(gpointer data, const char *const *argv, guint deadline_ms G_GNUC_UNUSED, char **output,
    int *status, GError **error)
{
    HvSimMachine *machine = data;
    const char *name = watch_name(argv);
    const HvSimWatch *watch;

    if (hv_sim_systemctl(machine, argv, output, status) ||
        hv_sim_module_command(machine, argv, output, status) ||
        hv_sim_mount(machine, argv, output, status))
        return TRUE;
    if (!name) {
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT,
                    "%s: no such command on the simulated machine", argv[0]);
        return FALSE;
    }
    g_mutex_lock(&machine->lock);
    watch = find_watch(machine->world, name);
    *status = watch ? 0 : 1;
    *output = watch ? g_strdup_printf("%.4g\n", watch->value(machine->world, watch->vm))
                    : g_strdup_printf("sim-watch: no number is called %s\n", name);
    g_mutex_unlock(&machine->lock);
    return TRUE;
}

const HvCommandOps hv_sim_command_ops = { .run = run };

/* ---- opening and closing ---- */

static void
close_lock(gpointer fd)
{
    (void)close(GPOINTER_TO_INT(fd) - 1);
}

static void
free_definition(gpointer xml)
{
    hv_sim_xml_free(xml);
}

static void
free_machine(gpointer data)
{
    HvSimMachine *machine = data;

    hv_guest_list_unref(machine->guests);
    g_hash_table_unref(machine->definitions);
    g_hash_table_unref(machine->locks);
    hv_sim_resctrl_free(machine->resctrl);
    hv_sim_fs_free(machine->fs);
    hv_world_free(machine->world);
    g_mutex_clear(&machine->lock);
    g_free(machine);
}

static void
add_files(HvSimMachine *machine)
{
    machine->fs = hv_sim_fs_new();
    hv_sim_files_proc(machine->fs, machine->world);
    hv_sim_files_sys(machine->fs, machine->world);
    hv_sim_files_cgroup(machine->fs, machine->world);
    hv_sim_files_events(machine->fs, machine->world);
    hv_sim_files_irqbalance(machine->fs, machine->world);
    if (machine->world->geometry.unmounted)
        hv_sim_fs_dir(machine->fs, "sys/fs/resctrl", NULL, NULL, NULL);
    else
        machine->resctrl = hv_sim_resctrl_new(machine->world, machine->fs);
}

/* What the scenario wants watched, behind what was asked for. */
static void
add_watches(HvHost *host, const HvSimWorld *world)
{
    g_autoptr(GStrvBuilder) watches = g_strv_builder_new();

    for (char **watch = host->watches; watch && *watch; watch++)
        g_strv_builder_add(watches, *watch);
    for (guint i = 0; i < world->watches->len; i++) {
        const char *name = ((const HvSimWatch *)world->watches->pdata[i])->name;
        g_autofree char *watch = g_strdup_printf("%s=sim-watch %s", name, name);

        g_strv_builder_add(watches, watch);
    }
    g_strfreev(host->watches);
    host->watches = g_strv_builder_end(watches);
}

static const HvMachine sim_machine = {
    .files = &hv_sim_file_ops,
    .threads = &hv_sim_thread_ops,
    .counters = &hv_sim_counters,
    .topology = &hv_sim_topology_ops,
    .commands = &hv_sim_command_ops,
    .sockets = &hv_sim_socket_ops,
    .clock = &hv_sim_clock_ops,
    .guests = &hv_sim_guest_ops,
    .free = free_machine,
};

gboolean
hv_sim_open(HvHost *host, const HvSimOptions *options, GError **error)
{
    HvSimWorld *world = hv_world_new(options->scenario, options->variant, options->seed, error);
    HvSimMachine *machine;

    if (!world)
        return FALSE;
    machine = g_new0(HvSimMachine, 1);
    g_mutex_init(&machine->lock);
    machine->world = world;
    machine->speed = options->speed;
    machine->clock_ns = world->now_ns;
    machine->history_end_ns =
        world->now_ns +
        (options->history_ns > 0 ? options->history_ns : hv_world_history_ns(world));
    machine->locks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, close_lock);
    machine->definitions =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_definition);
    add_files(machine);
    machine->guests = hv_sim_guests(world, NULL);
    machine->guests_layout = world->layout;
    machine->guests_change = world->change;
    host->machine = &sim_machine;
    host->data = machine;
    host->root = g_strdup_printf("demo %s", world->scenario);
    host->simulated = TRUE;
    add_watches(host, world);
    return TRUE;
}
