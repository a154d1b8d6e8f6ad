/* Where on a node a VM could run: whole cores that are nobody's, and who is on the others. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tuners/recipes/scene.h"

/* How vCPUs are pinned now, which is how they stay. */
typedef enum {
    HV_PINS_ONE,     /* each to a cpu of its own */
    HV_PINS_SET,     /* all to a few cpus */
    HV_PINS_FLOATING /* to so many that nobody chose them */
} HvPins;

/* Whose cpus are whose. 3 KiB: lives on the stack. */
typedef struct {
    HvMask vcpus;   /* other VMs' pinned vCPUs are on them */
    HvMask helpers; /* other VMs' emulators, pinned to few cpus, are on them */
    HvMask barred;  /* isolated or nohz_full; but not where the VM was already */
} HvRoom;

/* Which cpus the VM's threads get on a node. */
typedef struct {
    HvPins pins;
    guint n_vcpus;
    guint *vcpu_cpu; /* PINS_ONE: by the walk's index; owned */
    HvMask vcpus;    /* all of them; each vCPU's set where they are not pinned one by one */
    HvMask helpers;  /* for emulator, iothreads and vhost threads that had cpus of their own */
    gboolean is_packed; /* two vCPUs share a core that had one each */
} HvSeats;

/** hv_room_read: looks at all VMs but @scene's and the one called @except (NULL: none). The
 * actuator's thread, as below. */
void hv_room_read(HvRoom *room, const HvScene *scene, const char *except);
/** hv_room_house: cpus of @node for threads that are no vCPUs: where other VMs' emulators are
 * already, else @n_cpus in whole cores out of @cores, which loses them, else whatever no vCPU
 * is pinned to; empty where there is nothing. */
void hv_room_house(const HvRoom *room, const HvScene *scene, int node, HvMask *cores,
                   guint n_cpus, HvMask *house);
/** hv_room_free_cores: whole cores (their numbers) of @node where nobody is pinned. */
void hv_room_free_cores(const HvRoom *room, const HvScene *scene, int node, HvMask *cores);
/** hv_room_who: names of the VMs that are pinned to cpus of @cores or of @node: "db-1, web-3".
 * (transfer full) */
char *hv_room_who(const HvScene *scene, const HvMask *cpus);
/** hv_room_pins: how the VM's vCPUs are pinned now. */
HvPins hv_room_pins(const HvScene *scene);
/** hv_room_is_chosen: so few cpus, for @n_threads, that somebody chose them. */
gboolean hv_room_is_chosen(const HvMask *cpus, guint n_threads);
/** hv_room_seat: chooses cpus of @node, pinned as @pins says. REFUSED says what is missing, and
 * who has it. */
gboolean hv_room_seat(const HvRoom *room, const HvScene *scene, int node, HvPins pins,
                      HvSeats *seats, GError **error);
void hv_seats_clear(HvSeats *seats);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HvSeats, hv_seats_clear)
/** hv_seats_vcpu: cpus of the @i-th vCPU. (transfer full) */
char *hv_seats_vcpu(const HvSeats *seats, guint i);
