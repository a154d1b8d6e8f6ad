/* What tells a VM's process and threads: comm, command line, stat, cgroup; bytes that any user
 * may have written. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/guest-parse.h"

#include "host/parse.h"
#include "model/error.h"

#include <string.h>

/* Longer values are nobody's name; they would only fill the screen. */
#define MAX_NAME_BYTES 4096
#define MAX_INDEX 65535

/* The kernel cuts a comm after 15 bytes, so that a prefix is all there is to see. */
static const struct {
    const char *prefix;
    gboolean whole;
    HvVmm vmm;
} programs[] = {
    { "qemu-system-", FALSE, HV_VMM_QEMU },
    { "qemu-kvm", TRUE, HV_VMM_QEMU },
    { "kvm", TRUE, HV_VMM_QEMU },
    { "firecracker", FALSE, HV_VMM_OTHER },
    { "cloud-hyperviso", TRUE, HV_VMM_OTHER },
    { "crosvm", TRUE, HV_VMM_OTHER },
    { "lkvm", TRUE, HV_VMM_OTHER },
};

HvVmm
hv_guest_parse_vmm(const char *comm)
{
    for (guint i = 0; i < G_N_ELEMENTS(programs); i++)
        if (programs[i].whole ? g_str_equal(comm, programs[i].prefix)
                              : g_str_has_prefix(comm, programs[i].prefix))
            return programs[i].vmm;
    return HV_VMM_NONE;
}

static const struct {
    const char *prefix, *suffix;
    HvThreadRole role;
    gboolean tcg;
} thread_names[] = {
    { "CPU ", "/KVM", HV_THREAD_VCPU, FALSE },
    { "CPU ", "/TCG", HV_THREAD_VCPU, TRUE },
    { "fc_vcpu ", "", HV_THREAD_VCPU, FALSE },
    { "vcpu", "", HV_THREAD_VCPU, FALSE },
    { "crosvm_vcpu", "", HV_THREAD_VCPU, FALSE },
    { "kvm-vcpu-", "", HV_THREAD_VCPU, FALSE },
    { "IO iothread", "", HV_THREAD_IOTHREAD, FALSE },
    { "vhost-", "", HV_THREAD_VHOST, FALSE },
};

void
hv_guest_parse_comm(const char *comm, HvThreadRole *role, guint *index, gboolean *tcg)
{
    *role = HV_THREAD_WORKER;
    *index = 0;
    *tcg = FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(thread_names); i++) {
        gsize length = strlen(thread_names[i].prefix);
        g_autofree char *copy = NULL;
        guint64 number;
        char *rest;

        if (strncmp(comm, thread_names[i].prefix, length) != 0)
            continue;
        rest = copy = g_strdup(comm + length);
        if (!hv_scan_u64(&rest, &number) || !g_str_equal(rest, thread_names[i].suffix))
            continue;
        if (number > (thread_names[i].role == HV_THREAD_VHOST ? G_MAXINT : MAX_INDEX))
            continue;
        *role = thread_names[i].role;
        *index = (guint)number;
        *tcg = thread_names[i].tcg;
        return;
    }
}

/* Field numbers of proc(5). */
enum { PPID = 4, N_THREADS = 20, START_TICKS = 22, GUEST_TICKS = 43 };

gboolean
hv_guest_parse_stat(char *text, HvProcStat *stat, GError **error)
{
    char *at = strrchr(text, ')');
    const char *comm = strchr(text, '(');
    guint64 values[GUEST_TICKS + 1] = { 0 };
    gboolean ok =
        at && comm && comm < at && at[1] == ' ' && g_ascii_isalpha(at[2]) && at[3] == ' ';
    const gsize comm_length = ok ? (gsize)(at - comm) - 1 : 0;
    char state = ok ? at[2] : '?';

    at = ok ? at + 4 : at;
    for (int field = PPID; ok && field <= GUEST_TICKS; field++) {
        at += *at == '-'; /* tpgid, nice */
        if (!hv_scan_u64(&at, &values[field])) {
            ok = field > START_TICKS;
            break;
        }
        at += *at == ' ';
    }
    if (!ok || values[PPID] > G_MAXINT || values[N_THREADS] > G_MAXINT) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    "stat has no state, parent or start time");
        return FALSE;
    }
    *stat = (HvProcStat){ .state = state,
                          .ppid = (int)values[PPID],
                          .n_threads = (guint)values[N_THREADS],
                          .start_ticks = values[START_TICKS],
                          .guest_ticks = values[GUEST_TICKS] };
    memcpy(stat->comm, comm + 1, MIN(comm_length, sizeof stat->comm - 1));
    return TRUE;
}

/* The value of @key among comma-separated options; a comma in a value is doubled. @bare: a
 * value without a key is it. */
static char *
option_value(const char *options, const char *key, gboolean bare)
{
    gsize length = strlen(key);

    for (const char *at = options; *at;) {
        g_autoptr(GString) option = g_string_new(NULL);

        for (; *at && (*at != ',' || at[1] == ','); at++) {
            if (*at == ',')
                at++;
            if (option->len < MAX_NAME_BYTES)
                g_string_append_c(option, *at);
        }
        if (*at)
            at++;
        if (strncmp(option->str, key, length) == 0 && option->str[length] == '=')
            return g_strdup(option->str + length + 1);
        if (bare && !strchr(option->str, '='))
            return g_strdup(option->str);
        bare = FALSE; /* only the first may lack its key */
    }
    return NULL;
}

static void
take(char **place, char *value)
{
    if (!value)
        return;
    g_free(*place);
    *place = value;
}

static void
read_name(HvGuestArgs *args, const char *value)
{
    char *guest = option_value(value, "guest", FALSE);

    take(&args->name, guest);
    if (!guest)
        take(&args->short_name, option_value(value, "guest", TRUE));
}

static void
read_uuid(HvGuestArgs *args, const char *value)
{
    if (g_uuid_string_is_valid(value))
        take(&args->uuid, g_ascii_strdown(value, -1));
}

static void
read_smp(HvGuestArgs *args, const char *value)
{
    g_autofree char *text = option_value(value, "cpus", TRUE);
    guint64 number;

    if (text && hv_parse_u64(text, MAX_INDEX, &number, NULL))
        args->n_vcpus = (guint)number;
}

/* "64", "4G", "size=65536k"; a bare number is MiB. */
static void
read_memory(HvGuestArgs *args, const char *value)
{
    static const char units[] = "KMGT";
    g_autofree char *text = option_value(value, "size", TRUE);
    char *rest = text;
    guint64 number;
    const char *unit;
    guint shift = 20;

    if (!text || !hv_scan_u64(&rest, &number))
        return;
    unit = *rest ? strchr(units, g_ascii_toupper(*rest)) : NULL;
    if (unit)
        shift = 10 * ((guint)(unit - units) + 1);
    if (number <= G_MAXUINT64 >> shift)
        args->memory_bytes = number << shift;
}

static void
read_machine(HvGuestArgs *args, const char *value)
{
    g_autofree char *type = option_value(value, "type", TRUE);
    g_autofree char *accel = option_value(value, "accel", FALSE);

    args->no_machine = type && g_str_equal(type, "none");
    if (accel)
        args->tcg = g_str_equal(accel, "tcg");
}

static void
read_accel(HvGuestArgs *args, const char *value)
{
    g_autofree char *accel = option_value(value, "accel", TRUE);

    if (accel)
        args->tcg = g_str_equal(accel, "tcg");
}

static const struct {
    const char *option;
    void (*read)(HvGuestArgs *args, const char *value);
} options[] = {
    { "name", read_name },   { "uuid", read_uuid },       { "smp", read_smp },
    { "m", read_memory },    { "machine", read_machine }, { "M", read_machine },
    { "accel", read_accel },
};

/* NUL ends an argument. A capture without any NUL has them on lines. */
static char **
split_args(const char *bytes, gsize size)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
    char separator = memchr(bytes, '\0', size) ? '\0' : '\n';

    for (gsize start = 0; start < size;) {
        const char *end = memchr(bytes + start, separator, size - start);
        gsize length = end ? (gsize)(end - (bytes + start)) : size - start;

        g_ptr_array_add(list, g_strndup(bytes + start, length));
        start += length + 1;
    }
    g_ptr_array_add(list, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&list), FALSE);
}

void
hv_guest_parse_args(const char *bytes, gsize size, HvGuestArgs *args)
{
    g_auto(GStrv) list = size ? split_args(bytes, size) : g_new0(char *, 1);

    for (guint i = 0; list[i] && list[i + 1]; i++) {
        const char *option = list[i];

        if (option[0] != '-')
            continue;
        option += option[1] == '-' ? 2 : 1;
        for (guint k = 0; k < G_N_ELEMENTS(options); k++)
            if (g_str_equal(option, options[k].option)) {
                options[k].read(
                    args, list[++i]); /* its value is not an option, whatever it looks like */
                break;
            }
    }
}

void
hv_guest_args_clear(HvGuestArgs *args)
{
    g_free(args->name);
    g_free(args->short_name);
    g_free(args->uuid);
    memset(args, 0, sizeof *args);
}

/* "sys/fs/cgroup/cpu" of a mount point "/sys/fs/cgroup/cpu"; the first mount wins. */
static void
keep_mount(char **place, const char *point)
{
    if (!*place && point[0] == '/' && point[1])
        *place = g_strdup(point + 1);
}

static gboolean
has_word(const char *list, const char *word)
{
    g_auto(GStrv) words = g_strsplit(list, ",", -1);

    return g_strv_contains((const char *const *)words, word);
}

void
hv_guest_parse_mounts(char *text, HvCgroupMounts *mounts)
{
    for (char *line; (line = hv_next_line(&text));) {
        const char *device = hv_next_word(&line), *point = hv_next_word(&line);
        const char *type = hv_next_word(&line), *flags = hv_next_word(&line);

        if (!device || !point || !type || !flags)
            continue;
        if (g_str_equal(type, "cgroup2"))
            keep_mount(&mounts->unified, point);
        if (!g_str_equal(type, "cgroup"))
            continue;
        if (has_word(flags, "cpu"))
            keep_mount(&mounts->cpu, point);
        if (has_word(flags, "memory"))
            keep_mount(&mounts->memory, point);
    }
}

void
hv_cgroup_mounts_clear(HvCgroupMounts *mounts)
{
    g_free(mounts->unified);
    g_free(mounts->cpu);
    g_free(mounts->memory);
    memset(mounts, 0, sizeof *mounts);
}

/* libvirt puts the main thread into ".../emulator", on v2 with systemd into
 * ".../libvirt/emulator". */
static gboolean
strip_to_vm(char *path)
{
    gboolean stripped = FALSE;
    const char *last;

    if (g_str_has_suffix(path, "/emulator")) {
        path[strlen(path) - strlen("/emulator")] = '\0';
        stripped = TRUE;
    }
    if (g_str_has_suffix(path, "/libvirt")) {
        path[strlen(path) - strlen("/libvirt")] = '\0';
        stripped = TRUE;
    }
    last = strrchr(path, '/');
    last = last ? last + 1 : path;
    return stripped || g_str_has_suffix(last, ".libvirt-qemu") ||
           g_str_has_prefix(last, "machine-qemu");
}

/* A group above our own view ("/..") or the root group is not the VM's. */
static char *
join_group(const char *mount, const char *path, gboolean *whole)
{
    g_autofree char *copy = g_strdup(path);

    *whole = FALSE;
    if (!mount || path[0] != '/' || !path[1] || strstr(path, "/.."))
        return NULL;
    *whole = strip_to_vm(copy);
    return copy[0] ? g_strconcat(mount, copy, NULL) : NULL;
}

void
hv_guest_parse_cgroup(char *text, const HvCgroupMounts *mounts, HvGuestCgroup *cgroup)
{
    const char *unified = NULL, *cpu = NULL, *memory = NULL;
    gboolean memory_whole = FALSE, pressure_whole;

    for (char *line; (line = hv_next_line(&text));) {
        char *controllers = strchr(line, ':'),
             *path = controllers ? strchr(controllers + 1, ':') : NULL;

        if (!path)
            continue;
        *controllers++ = '\0';
        *path++ = '\0';
        if (g_str_equal(line, "0") && !*controllers)
            unified = path;
        else if (has_word(controllers, "cpu"))
            cpu = path;
        if (has_word(controllers, "memory"))
            memory = path;
    }
    cgroup->v2 = !(cpu && mounts->cpu);
    cgroup->pressure = unified ? join_group(mounts->unified, unified, &cgroup->whole) : NULL;
    if (cgroup->v2) {
        cgroup->path = g_strdup(cgroup->pressure);
        cgroup->memory = g_strdup(cgroup->pressure);
        return;
    }
    pressure_whole = cgroup->whole;
    cgroup->path = join_group(mounts->cpu, cpu, &cgroup->whole);
    cgroup->memory = memory ? join_group(mounts->memory, memory, &memory_whole) : NULL;
    if (!memory_whole && cgroup->whole)
        g_clear_pointer(&cgroup->memory, g_free);
    if (!pressure_whole && cgroup->whole)
        g_clear_pointer(&cgroup->pressure, g_free);
}

void
hv_guest_cgroup_clear(HvGuestCgroup *cgroup)
{
    g_free(cgroup->path);
    g_free(cgroup->memory);
    g_free(cgroup->pressure);
    memset(cgroup, 0, sizeof *cgroup);
}
