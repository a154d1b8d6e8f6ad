/* What tells a VM's process and threads: comm, command line, stat, cgroup; bytes that any user
 * may have written. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/guests.h"

typedef enum {
    HV_VMM_NONE,
    HV_VMM_QEMU,
    HV_VMM_OTHER, /* Firecracker, Cloud Hypervisor, crosvm, kvmtool */
} HvVmm;

/** hv_guest_parse_vmm: which program a process with this comm is. Any thread, as all below. */
HvVmm hv_guest_parse_vmm(const char *comm);

/**
 * hv_guest_parse_comm:
 * @comm: of a thread of a VM that is not its main one: "CPU 3/KVM", "CPU 3/TCG", "fc_vcpu 3",
 * "vcpu3", "IO iothread1", "vhost-4711"
 * @role: HV_THREAD_WORKER when it is none of these
 * @index: the number, at most 65535; for a vhost thread the pid in its name
 * @tcg: TRUE for an emulated vCPU
 */
void hv_guest_parse_comm(const char *comm, HvThreadRole *role, guint *index, gboolean *tcg);

/* A kernel worker's has up to 63 bytes, all others' 15. */
#define HV_COMM_BYTES 64

/* Of /proc/PID/stat. */
typedef struct {
    char comm[HV_COMM_BYTES]; /* as in its comm file, without the newline there */
    char state;               /* R, S, D, T, Z … */
    int ppid;
    guint n_threads;
    guint64 start_ticks;
    guint64 guest_ticks; /* time in guests; 0 also where the line ends before */
} HvProcStat;

/** hv_guest_parse_stat: behind the last ')', since a comm may contain anything. MALFORMED.
 * @text is not changed. Source: proc(5). */
gboolean hv_guest_parse_stat(char *text, HvProcStat *stat, GError **error);

/* What QEMU was told. */
typedef struct {
    char *name;           /* of "-name guest=", or NULL */
    char *short_name;     /* of "-name X", or NULL */
    char *uuid;           /* of "-uuid", lower case, or NULL */
    guint n_vcpus;        /* of "-smp", 0 unknown */
    guint64 memory_bytes; /* of "-m", 0 unknown */
    gboolean tcg;         /* "-accel tcg" */
    gboolean no_machine;  /* "-machine none": libvirt asks what this QEMU can do; no VM */
} HvGuestArgs;

/** hv_guest_parse_args: @bytes of /proc/PID/cmdline, @size of them; arguments end with NUL, or
 * with a newline where a capture turned them so. Later options win, as in QEMU. @args must be
 * zeroed; hv_guest_args_clear() frees what it holds. */
void hv_guest_parse_args(const char *bytes, gsize size, HvGuestArgs *args);
void hv_guest_args_clear(HvGuestArgs *args);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HvGuestArgs, hv_guest_args_clear)

/* Where the controllers are mounted, relative to "/"; NULL: nowhere. */
typedef struct {
    char *unified, *cpu, *memory;
} HvCgroupMounts;

/** hv_guest_parse_mounts: from /proc/mounts, which it cuts up. @mounts must be zeroed. */
void hv_guest_parse_mounts(char *text, HvCgroupMounts *mounts);
void hv_cgroup_mounts_clear(HvCgroupMounts *mounts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HvCgroupMounts, hv_cgroup_mounts_clear)

typedef struct {
    char *path; /* of the cpu controller or of v2, relative to "/", above libvirt's emulator and
                   vcpuN; or NULL */
    char *memory; /* v1: of the memory controller; v2: the same; or NULL */
    char *
        pressure; /* of the v2 hierarchy, also where the controllers are those of v1; or NULL */
    gboolean v2;
    gboolean whole; /* libvirt made this group for the VM: nobody else is in it */
} HvGuestCgroup;

/** hv_guest_parse_cgroup: @text of /proc/PID/cgroup, which it cuts up. @cgroup must be zeroed.
 */
void hv_guest_parse_cgroup(char *text, const HvCgroupMounts *mounts, HvGuestCgroup *cgroup);
void hv_guest_cgroup_clear(HvGuestCgroup *cgroup);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HvGuestCgroup, hv_guest_cgroup_clear)
