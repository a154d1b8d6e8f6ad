/* Which VM and which of its threads a knob "vm/NAME/..." is about. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tuners/tuner.h"

/* Threads that have a knob together. */
typedef enum { HV_VM_VCPU, HV_VM_EMULATOR, HV_VM_IOTHREAD, HV_VM_VHOST } HvVmThreads;

/* The VM and the threads behind a knob, for the time of one call. */
typedef struct {
    HvGuestList *list;
    const HvGuest *guest;
    HvVmThreads kind;
    guint index;        /* of the vCPU or iothread */
    GPtrArray *threads; /* of const HvThread, borrowed from the list */
} HvVmTarget;

void hv_vm_target_clear(HvVmTarget *target);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HvVmTarget, hv_vm_target_clear)

/** hv_vm_is_numbered: one knob for each thread, with its number in the path's fourth segment.
 * Any thread, as all below. */
gboolean hv_vm_is_numbered(HvVmThreads kind);
HvThreadRole hv_vm_role(HvVmThreads kind);
/** hv_vm_find_guest: only the VM; ABSENT names those that are there. */
gboolean hv_vm_find_guest(HvHost *host, const char *name, HvVmTarget *target, GError **error);
/** hv_vm_list_memory: adds "vm/NAME/memory/@last" for every VM to @paths. */
void hv_vm_list_memory(HvHost *host, const char *last, GPtrArray *paths);
/** hv_vm_find: the VM and at least one thread. ABSENT says what there is; REFUSED: its process
 * is on another machine. */
gboolean hv_vm_find(HvHost *host, const HvKnob *knob, HvVmThreads kind, HvVmTarget *target,
                    GError **error);
/** hv_vm_check_alive: fails with @code, after "@path: ", when the thread has ended or another
 * has its number now. */
gboolean hv_vm_check_alive(HvHost *host, const HvVmTarget *target, const HvThread *thread,
                           const char *path, HvError code, GError **error);
