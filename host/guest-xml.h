/* What hvtune takes from a domain's XML, or from libvirt's own status file around it. Hostile
 * input is expected. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/guests.h"

/* One vCPU thread that a status file names. */
typedef struct {
    guint index;
    int tid;
} HvGuestXmlVcpu;

/* A domain as its XML says. Immutable once parsed; shared by an atomic count. Numbers are 0,
 * texts "" where not given. */
typedef struct {
    gatomicrefcount refs;
    char *name, *uuid;
    gboolean tcg;  /* type='qemu' */
    guint n_vcpus; /* current ones */
    guint64 memory_bytes;
    char **vcpu_pins;   /* by vCPU index: its own pin, else the cpus of all, else "";
                           NULL-terminated, or NULL: none */
    char *emulator_pin; /* or NULL */
    char *
        *iothread_pins; /* by iothread number, "" where none; NULL-terminated, or NULL: none */
    char *memory_nodes; /* of <numatune>'s <memory>, or NULL */
    char **cell_cpus;   /* vCPUs of each guest NUMA cell, "" none; NULL-terminated, or NULL: no
                           cells */
    char **passthrough; /* PCI addresses */
    char **tap_names;
    char *owner;
    char *launch_security;
    guint apic; /* HvApicFacts, KNOWN among them */
    /* of a status file only */
    gboolean is_status;
    int pid;
    HvGuestState state;
    const char *reason; /* static, "" */
    HvGuestXmlVcpu *vcpus;
    guint n_vcpu_threads;
} HvGuestXml;

/** hv_guest_xml_parse: <domain> or <domstatus>. MALFORMED names what is wrong; deeper than 64
 * elements, more than 4096 vCPUs or 1024 devices are wrong. Any thread. Source: libvirt
 * formatdomain.html; status files: domain_conf.c. */
HvGuestXml *hv_guest_xml_parse(const char *text, GError **error);
HvGuestXml *hv_guest_xml_ref(HvGuestXml *xml);
/** hv_guest_xml_unref: NULL is allowed. */
void hv_guest_xml_unref(HvGuestXml *xml);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvGuestXml, hv_guest_xml_unref)

/** hv_guest_apic_facts: HvApicFacts of one element; @path: of element names below <domain>,
 * "features/ioapic"; its attributes as GMarkup gives them. (host/guest-apic.c) */
guint hv_guest_apic_facts(const char *path, const char **names, const char **values);

/** hv_guest_state_from_libvirt: virDomainState and its reason as numbers. Returns: the reason
 * for people, static, "". */
const char *hv_guest_state_from_libvirt(int state, int reason, HvGuestState *out);
/** hv_guest_state_from_words: the same from a status file's words ("paused", "ioerror"). */
const char *hv_guest_state_from_words(const char *state, const char *reason, HvGuestState *out);
/** hv_guest_unit_bytes: bytes of libvirt's unit ("MiB", "GB"); NULL or an unknown one is its
 * default, KiB. */
guint64 hv_guest_unit_bytes(const char *unit);
