/* Traffic by node: from the node of the cpus to the node of the memory. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/derive/traffic-read.h"

/* One VM's, or the host's. Both indices are node numbers below the input's n_nodes. */
typedef struct {
    gboolean has_bytes; /* FALSE: only shares, by place, and @why there are no bytes */
    const char *why;
    double sum; /* of all amounts */
    /* bytes per second, or shares */
    double amounts[HV_TRAFFIC_MAX_NODES][HV_TRAFFIC_MAX_NODES];
    /* of each amount: ABSENT where there is none; UNAVAILABLE where some of it may belong, but
     * nothing tells how much */
    HvMark marks[HV_TRAFFIC_MAX_NODES][HV_TRAFFIC_MAX_NODES];
} HvFlows;

/** hv_flows_of_vm: by the best source that knows bytes, else shares by place; FALSE: nothing is
 * known. Any thread, as below. */
gboolean hv_flows_of_vm(const HvTrafficInput *input, const char *vm, HvFlows *flows);
/** hv_flows_of_host: sums of all control groups, the default one included; FALSE with
 * @flows->why when resctrl does not tell. */
gboolean hv_flows_of_host(const HvTrafficInput *input, HvFlows *flows);
