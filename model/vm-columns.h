/* What the tables "vm_counters" and "vms" have in common: columns of one name and help. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/i18n.h"
#include "model/table.h"

/* Columns that are equal in both, for enumerators of these names in the file that includes
 * this. */
#define HV_VM_COLUMNS                                                                          \
    [VM] = { .name = "vm",                                                                     \
             .kind = HV_KIND_KEY,                                                              \
             .unit = HV_UNIT_NONE,                                                             \
             .help = N_("name of the VM") },                                                   \
    [UUID] = { .name = "uuid",                                                                 \
               .kind = HV_KIND_TEXT,                                                           \
               .unit = HV_UNIT_NONE,                                                           \
               .help = N_("its uuid") },                                                       \
    [STATE] = { .name = "state",                                                               \
                .kind = HV_KIND_TEXT,                                                          \
                .unit = HV_UNIT_NONE,                                                          \
                .help = N_("running, paused, … as libvirt says") },                            \
    [STATE_REASON] = { .name = "state_reason",                                                 \
                       .kind = HV_KIND_TEXT,                                                   \
                       .unit = HV_UNIT_NONE,                                                   \
                       .help = N_("why it is in that state") },                                \
    [PID] = { .name = "pid",                                                                   \
              .kind = HV_KIND_U64,                                                             \
              .unit = HV_UNIT_NONE,                                                            \
              .help = N_("its process") },                                                     \
    [N_VCPUS] = { .name = "n_vcpus",                                                           \
                  .kind = HV_KIND_U64,                                                         \
                  .unit = HV_UNIT_COUNT,                                                       \
                  .help = N_("vCPUs it has") },                                                \
    [MEMORY_BYTES] = { .name = "memory_bytes",                                                 \
                       .kind = HV_KIND_U64,                                                    \
                       .unit = HV_UNIT_BYTES,                                                  \
                       .help = N_("memory it is given") },                                     \
    [OWNER] = { .name = "owner",                                                               \
                .kind = HV_KIND_TEXT,                                                          \
                .unit = HV_UNIT_NONE,                                                          \
                .help = N_("who runs it: a hint from OpenStack or KubeVirt") },                \
    [LAUNCH_SECURITY] = { .name = "launch_security",                                           \
                          .kind = HV_KIND_TEXT,                                                \
                          .unit = HV_UNIT_NONE,                                                \
                          .help = N_("its memory is encrypted by this") },                     \
    [JOB] = { .name = "job",                                                                   \
              .kind = HV_KIND_TEXT,                                                            \
              .unit = HV_UNIT_NONE,                                                            \
              .help = N_("migration, backup or block job under way") },                        \
    [IN_LIBVIRT] = { .name = "in_libvirt",                                                     \
                     .kind = HV_KIND_BOOL,                                                     \
                     .unit = HV_UNIT_NONE,                                                     \
                     .help = N_("libvirt knows it") },                                         \
    [TCG] = { .name = "tcg",                                                                   \
              .kind = HV_KIND_BOOL,                                                            \
              .unit = HV_UNIT_NONE,                                                            \
              .help = N_("emulated, without KVM") },                                           \
    [AGE_S] = { .name = "age_s",                                                               \
                .kind = HV_KIND_F64,                                                           \
                .unit = HV_UNIT_S,                                                             \
                .help = N_("time since its process started or arrived") },                     \
    [NOT_ANSWERING_S] = { .name = "not_answering_s",                                           \
                          .kind = HV_KIND_F64,                                                 \
                          .unit = HV_UNIT_S,                                                   \
                          .help = N_("for how long QEMU has not answered") },                  \
    [RESIDENT_BYTES] = { .name = "resident_bytes",                                             \
                         .kind = HV_KIND_U64,                                                  \
                         .unit = HV_UNIT_BYTES,                                                \
                         .help =                                                               \
                             N_("memory of its process that is there, huge pages included") }, \
    [EMULATOR_CPUS] = { .name = "emulator_cpus",                                               \
                        .kind = HV_KIND_SET,                                                   \
                        .unit = HV_UNIT_NONE,                                                  \
                        .help = N_("cpus that QEMU's main thread may run on") },               \
    [SWAP_BYTES] = { .name = "swap_bytes",                                                     \
                     .kind = HV_KIND_U64,                                                      \
                     .unit = HV_UNIT_BYTES,                                                    \
                     .help = N_("memory of its process that is swapped out") }

/* Rates in "vm_counters", copied as numbers to "vms": all but the kind. */
#define HV_VM_EMULATOR_RATIO                                                                   \
    .name = "emulator_ratio", .unit = HV_UNIT_RATIO,                                           \
    .help = N_("cpus used by QEMU's own threads, iothreads included")
#define HV_VM_VHOST_RATIO                                                                      \
    .name = "vhost_ratio", .unit = HV_UNIT_RATIO, .help = N_("cpus used by its vhost threads")
#define HV_VM_PSI_CPU_RATIO                                                                    \
    .name = "psi_cpu_some_ratio", .unit = HV_UNIT_RATIO,                                       \
    .help = N_("share of time in which a thread of it waited for a cpu")
#define HV_VM_PSI_MEMORY_RATIO                                                                 \
    .name = "psi_memory_some_ratio", .unit = HV_UNIT_RATIO,                                    \
    .help = N_("share of time in which a thread of it waited for memory")
#define HV_VM_PSI_IO_RATIO                                                                     \
    .name = "psi_io_some_ratio", .unit = HV_UNIT_RATIO,                                        \
    .help = N_("share of time in which a thread of it waited for I/O")
#define HV_VM_MAJOR_FAULTS_PER_S                                                               \
    .name = "major_faults_per_s", .unit = HV_UNIT_PER_S,                                       \
    .help = N_("page faults that had to read from a disk")
#define HV_VM_TAP_DROPS_PER_S                                                                  \
    .name = "tap_drops_per_s", .unit = HV_UNIT_PER_S,                                          \
    .help = N_("packets dropped at its tap devices")
