/* How sysfs tells an event's terms, and which bits of perf_event_attr they go to. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host.h"

#define HV_PMU_MAX_TERMS 8

/* A file of format/: "config:0-7,32-35". */
typedef struct {
    guint which;  /* 0 config, 1 config1 */
    guint64 mask; /* its bits; the value's lowest goes to the lowest of them */
} HvPmuField;

/* One term of an event: "umask=0x0f". */
typedef struct {
    char name[24];
    guint64 value;
} HvPmuTerm;

/** hv_pmu_field_parse: MALFORMED for anything but configN and ranges of bits 0-63; ABSENT for
 * config2 and above. Any thread, as all below. Source: kernel
 * Documentation/ABI/testing/sysfs-bus-event_source-devices-format. */
gboolean hv_pmu_field_parse(const char *text, HvPmuField *field, GError **error);
/** hv_pmu_field_put: sets the field of @event; MALFORMED when @value has more bits than the
 * field. */
gboolean hv_pmu_field_put(const HvPmuField *field, guint64 value, HvCounterEvent *event,
                          GError **error);
/** hv_pmu_terms_parse: "event=0x04,umask=0x0f"; a term without a value is 1. @n: how many.
 * MALFORMED for more than HV_PMU_MAX_TERMS. Source: …/sysfs-bus-event_source-devices-events. */
gboolean hv_pmu_terms_parse(const char *text, HvPmuTerm terms[HV_PMU_MAX_TERMS], guint *n,
                            GError **error);
/** hv_pmu_encode: @terms by the files of @device ("sys/bus/event_source/devices/uncore_imc_0"),
 * its type included; reads sysfs. */
gboolean hv_pmu_encode(HvHost *host, const char *device, const char *terms,
                       HvCounterEvent *event, GError **error);
