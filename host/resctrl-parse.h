/* What resctrl's files say: schemata, size, mon_data, info, the mount, the names of groups. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host.h"

/* One domain of a line of schemata or size. Texts lie in the text that was parsed. */
typedef struct {
    const char *resource; /* "L3", "L3CODE", "MB" … */
    guint domain;
    const char *value;   /* as the kernel prints it, without blanks */
    gboolean is_cache;   /* its value is a mask in hex; else a limit in decimal */
    gboolean has_number; /* FALSE for a resource of a kernel that we do not know */
    guint64 number;      /* mask, limit, or bytes of a size */
} HvResctrlDomain;

typedef void (*HvResctrlEach)(const HvResctrlDomain *domain, gpointer data);

/** hv_resctrl_is_cache: whether @resource is a cache: its values are masks. */
gboolean hv_resctrl_is_cache(const char *resource);
/**
 * hv_schemata_parse:
 * @text: of schemata; cut up in place
 * @each: called for each domain, in the order of the text
 *
 * Returns: FALSE with MALFORMED, naming the part; what precedes it was told. Any thread, as all
 * below. Source: kernel Documentation/arch/x86/resctrl.rst, "Resource allocation rules".
 */
gboolean hv_schemata_parse(char *text, HvResctrlEach each, gpointer data, GError **error);
/** hv_resctrl_size_parse: the same for "size", where all numbers are decimal. */
gboolean hv_resctrl_size_parse(char *text, HvResctrlEach each, gpointer data, GError **error);

/**
 * hv_mon_value_parse:
 * @text: of a file below mon_data
 * @value: set when the mark has a value
 * @why: set when it has none; static text
 *
 * Returns: MEASURED; UNAVAILABLE: the hardware has no value ("Unavailable"); FAILED: "Error" or
 * something that is no answer; ABSENT: "Unassigned". Never allocates.
 */
HvMark hv_mon_value_parse(const char *text, guint64 *value, const char **why);

/** hv_resctrl_least: the smallest number of "0=32;1=30"; MALFORMED. @text is not changed. */
gboolean hv_resctrl_least(const char *text, guint64 *least, GError **error);
/** hv_bit_usage_parse: the fewest unused bits that a domain of "0=XXSS00;1=SSSSSS" has;
 * MALFORMED, also for a letter that resctrl.rst does not know. @text is not changed. */
gboolean hv_bit_usage_parse(const char *text, guint *n_unused, GError **error);
/** hv_resctrl_chosen: the word in brackets of "[mbm_event]\ndefault", cut out in place; NULL
 * without one. */
const char *hv_resctrl_chosen(char *text);
/** hv_resctrl_mount_parse: where proc/mounts has resctrl, and with which options; cut up in
 * place. FALSE: nowhere. */
gboolean hv_resctrl_mount_parse(char *text, const char **mount, const char **options);
/** hv_resctrl_has_option: whether comma-separated @options contain the word @option. */
gboolean hv_resctrl_has_option(const char *options, const char *option);

typedef enum {
    HV_RESCTRL_DEFAULT,
    HV_RESCTRL_LIBVIRT,
    HV_RESCTRL_HVTUNE,
    HV_RESCTRL_CONTAINER,
    HV_RESCTRL_UNKNOWN,
} HvResctrlOwner;

/** hv_resctrl_owner_name: "default", "libvirt", … stable words. */
const char *hv_resctrl_owner_name(HvResctrlOwner owner);
/**
 * hv_resctrl_owner:
 * @name: of a control group's directory
 * @domain_id: libvirt's number of the domain, of "qemu-7-web1-vcpus_0-3"; else -1
 *
 * Source: libvirt src/conf/domain_conf.c (cachetune), virDomainGenerateMachineName; the names
 * that containerd, CRI-O, docker, podman and goresctrl give.
 */
HvResctrlOwner hv_resctrl_owner(const char *name, int *domain_id);
