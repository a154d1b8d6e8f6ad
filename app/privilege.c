/* What a program that root runs must mind: identities, environment, files of others, and its
 * manners on a sick host. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <malloc.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "model/i18n.h"

#define MAX_CPUS 8192         /* the most that any x86 kernel is built for */
#define MAX_FILES 65536       /* three per vCPU, and room to spare */
#define N_FILES_EXPECTED 8192 /* of some 300 VMs; 64 KiB of the kernel's */
#define OOM_SCORE_ADJ "-500"  /* others first, but not spared at any price */

gboolean
hv_privilege_check(GError **error)
{
    uid_t uid, effective_uid, saved_uid;
    gid_t gid, effective_gid, saved_gid;

    if (getresuid(&uid, &effective_uid, &saved_uid) ||
        getresgid(&gid, &effective_gid, &saved_gid))
        return hv_error_set_errno(error, errno, "getresuid");
    if (uid == effective_uid && uid == saved_uid && gid == effective_gid && gid == saved_gid)
        return TRUE;
    g_set_error_literal(
        error, HV_ERROR, HV_ERROR_REFUSED,
        _("real and effective ids differ: hvtune does not run setuid or setgid: "
          "remove the bit and use sudo"));
    return FALSE;
}

static gboolean
is_callers(const char *name)
{
    static const char *const prefixes[] = { "XDG_", "LIBVIRT_", "HWLOC_", "LIBPFM_",
                                            "TERMINFO" };

    for (guint i = 0; i < G_N_ELEMENTS(prefixes); i++) {
        if (g_str_has_prefix(name, prefixes[i]))
            return TRUE;
    }
    return FALSE;
}

char *
hv_privilege_clean(void)
{
    g_auto(GStrv) names = g_listenv();
    g_autoptr(GString) dropped = g_string_new(NULL);

    if (geteuid() != 0 || (!getenv("SUDO_UID") && !getenv("DOAS_USER")))
        return NULL;
    for (char **name = names; *name; name++) {
        if (!is_callers(*name))
            continue;
        g_unsetenv(*name);
        g_string_append_printf(dropped, "%s%s", dropped->len ? " " : "", *name);
    }
    if (!dropped->len)
        return NULL;
    return g_strdup_printf(_("%s: ignored, since they came through sudo"), dropped->str);
}

static gboolean
is_safe_inode(const char *path, GError **error)
{
    struct stat status;

    if (lstat(path, &status))
        return hv_error_set_errno(error, errno, path);
    if (status.st_uid == 0 && !(status.st_mode & (S_IWGRP | S_IWOTH)))
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_DENIED,
                status.st_uid ? _("%s: not owned by root") : _("%s: can be written by others"),
                path);
    return FALSE;
}

gboolean
hv_privilege_file_is_safe(const char *path, GError **error)
{
    g_autofree char *at = realpath(path, NULL);

    if (!at)
        return hv_error_set_errno(error, errno, path);
    while (geteuid() == 0) {
        char *parent = g_path_get_dirname(at);
        const gboolean is_top = g_str_equal(parent, at);
        const gboolean is_safe = is_safe_inode(at, error);

        g_free(at);
        at = parent;
        if (!is_safe || is_top)
            return is_safe;
    }
    return TRUE;
}

static gboolean
has_capability(guint capability)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

    return syscall(SYS_capget, &header, data) == 0 &&
           (data[capability / 32].effective & (1U << (capability % 32)));
}

/* Only the system's own libvirt has a socket whose rights can be looked at; of others the first
 * call will tell. */
gboolean
hv_privilege_may_change(const char *connect_uri)
{
    if (geteuid() == 0 || has_capability(CAP_SYS_NICE))
        return TRUE;
    if (connect_uri && !g_str_has_prefix(connect_uri, "qemu:///system"))
        return TRUE;
    return access("/run/libvirt/libvirt-sock", R_OK | W_OK) == 0 ||
           access("/run/libvirt/virtqemud-sock", R_OK | W_OK) == 0;
}

/* A table of descriptors that grows in a process with threads waits for the whole machine (an
 * RCU grace period, some 10 ms) at each doubling; while there are none it does not, and it
 * never shrinks. Source: expand_fdtable() in fs/file.c. */
static void
make_room_for_files(guint64 n_files)
{
    const int fd =
        fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, (int)MIN(n_files, N_FILES_EXPECTED) - 1);

    if (fd >= 0)
        close(fd);
}

void
hv_privilege_limits(void)
{
    struct rlimit files;

    umask(077);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < MAX_FILES) {
        files.rlim_cur = MIN(files.rlim_max, MAX_FILES);
        setrlimit(RLIMIT_NOFILE, &files); /* with fewer, the probes that lack one say so */
    }
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur > 0)
        make_room_for_files(files.rlim_cur);
    mallopt(M_ARENA_MAX, 2); /* an arena per thread would be most of our private memory */
}

/* The present affinity, as far as it is on housekeeping cpus; nothing is done where that leaves
 * none. */
static void
keep_to(const HvSet *housekeeping)
{
    const gsize size = CPU_ALLOC_SIZE(MAX_CPUS);
    g_autofree cpu_set_t *mask = g_malloc0(size);

    if (sched_getaffinity(0, size, mask))
        return;
    for (guint cpu = 0; cpu < MAX_CPUS; cpu++) {
        if (CPU_ISSET_S(cpu, size, mask) && !hv_set_has(housekeeping, cpu))
            CPU_CLR_S(cpu, size, mask);
    }
    if (CPU_COUNT_S(size, mask))
        sched_setaffinity(0, size, mask);
}

static void
spare_from_oom_killer(void)
{
    const int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return;
    if (write(fd, OOM_SCORE_ADJ, strlen(OOM_SCORE_ADJ)) < 0)
        g_debug("oom_score_adj: %s", g_strerror(errno));
    close(fd);
}

void
hv_privilege_endure(const HvSet *housekeeping)
{
    if (geteuid() != 0)
        return;
    if (housekeeping && !hv_set_is_empty(housekeeping))
        keep_to(housekeeping);
    spare_from_oom_killer();
    /* only pages that have been touched: stacks and arenas of which most is never used stay as
     * they are */
    mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}
