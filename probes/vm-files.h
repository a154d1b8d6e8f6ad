/* The files of one VM's process, cgroup, debugfs and taps, kept open, and what they say. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host.h"

typedef enum {
    HV_VM_RESIDENT_BYTES,
    HV_VM_SWAP_BYTES,
    HV_VM_MAJOR_FAULTS,
    HV_VM_EMULATOR_NS,
    HV_VM_VHOST_NS,
    HV_VM_THROTTLED_NS,
    HV_VM_N_PERIODS,
    HV_VM_N_THROTTLED,
    HV_VM_HALT_POLL_NS,
    HV_VM_PSI_CPU_NS,
    HV_VM_PSI_MEMORY_NS,
    HV_VM_PSI_IO_NS,
    HV_VM_TAP_DROPS,
    HV_VM_N_NUMBERS,
} HvVmNumberId;

/* A number, or why there is none: @error, else @why (static). */
typedef struct {
    gboolean has_value;
    guint64 value;
    const GError *error;
    const char *why;
} HvVmNumber;

/* What was read last. Instants are monotonic ns, 0 never. */
typedef struct {
    HvVmNumber numbers[HV_VM_N_NUMBERS];
    const char *emulator_cpus; /* that its main thread may run on; NULL: not known */
    gint64 read_ns;      /* of all but those below */
    gint64 process_ns;   /* of what its process tells (memory, faults), and of its tap devices */
    gint64 throttled_ns; /* of THROTTLED_NS, N_PERIODS, N_THROTTLED: read each time while a limit is in
                            force */
    gint64 halt_poll_ns; /* of HALT_POLL_NS */
} HvVmReading;

/* What all VMs share: descriptors, a buffer, the list of VMs in debugfs. One thread. Opaque. */
typedef struct HvVmReader HvVmReader;
/* The files of one VM. Opaque. */
typedef struct HvVmFiles HvVmFiles;

/** hv_vm_reader_new, _free. */
HvVmReader *hv_vm_reader_new(HvHost *host);
void hv_vm_reader_free(HvVmReader *reader);
/** hv_vm_reader_relist: looks again which VMs debugfs knows; when VMs came or went. */
void hv_vm_reader_relist(HvVmReader *reader);
/** hv_vm_reader_note: a line for people when descriptors are short, else NULL; static. */
const char *hv_vm_reader_note(const HvVmReader *reader);

/** hv_vm_files_renew: the files of @guest, made of @take_files (NULL: none yet) as far as it is
 * the same process. */
HvVmFiles *hv_vm_files_renew(HvVmReader *reader, HvVmFiles *take_files, const HvGuest *guest);
void hv_vm_files_free(HvVmReader *reader, HvVmFiles *files);
/** hv_vm_files_read: reads what is due, all of it where @regard is close; else in turns, none older than
 * 10 s. The result is good until the next call for @files. In the steady state nothing is
 * allocated. */
const HvVmReading *hv_vm_files_read(HvVmReader *reader, HvVmFiles *files, HvRegard regard,
                                    gint64 now_ns);
