/* What the tables "node_memory" and "nodes" have in common: columns of one name and help. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/i18n.h"
#include "model/table.h"

/* Columns that are equal in both, for enumerators of these names in the file that includes
 * this. */
#define HV_NODE_COLUMNS                                                                        \
    [NODE] = { .name = "node",                                                                 \
               .kind = HV_KIND_ID,                                                             \
               .unit = HV_UNIT_NONE,                                                           \
               .help = N_("number of the memory node") },                                      \
    [TOTAL_BYTES] = { .name = "memory_total_bytes",                                            \
                      .kind = HV_KIND_U64,                                                     \
                      .unit = HV_UNIT_BYTES,                                                   \
                      .help = N_("memory that it has") },                                      \
    [FREE_BYTES] = { .name = "memory_free_bytes",                                              \
                     .kind = HV_KIND_U64,                                                      \
                     .unit = HV_UNIT_BYTES,                                                    \
                     .help = N_("memory that is free") },                                      \
    [HUGE_2M_TOTAL] = { .name = "hugepages_2m_total",                                          \
                        .kind = HV_KIND_U64,                                                   \
                        .unit = HV_UNIT_COUNT,                                                 \
                        .help = N_("huge pages of 2 MiB") },                                   \
    [HUGE_2M_FREE] = { .name = "hugepages_2m_free",                                            \
                       .kind = HV_KIND_U64,                                                    \
                       .unit = HV_UNIT_COUNT,                                                  \
                       .help = N_("of them free") },                                           \
    [HUGE_1G_TOTAL] = { .name = "hugepages_1g_total",                                          \
                        .kind = HV_KIND_U64,                                                   \
                        .unit = HV_UNIT_COUNT,                                                 \
                        .help = N_("huge pages of 1 GiB") },                                   \
    [HUGE_1G_FREE] = { .name = "hugepages_1g_free",                                            \
                       .kind = HV_KIND_U64,                                                    \
                       .unit = HV_UNIT_COUNT,                                                  \
                       .help = N_("of them free") }

/* Rates in "node_memory", copied as numbers to "nodes": all but the kind. */
#define HV_NODE_LOCAL_PER_S                                                                    \
    .name = "local_allocations_per_s", .unit = HV_UNIT_PER_S,                                  \
    .help = N_("pages given to tasks that ran on this node")
#define HV_NODE_REMOTE_PER_S                                                                   \
    .name = "remote_allocations_per_s", .unit = HV_UNIT_PER_S,                                 \
    .help = N_("pages given to tasks that ran on other nodes")
