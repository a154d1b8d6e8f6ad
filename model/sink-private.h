/* What a sink is made of, for the files that open samples and set cells only. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/sink.h"
#include "model/table-private.h"

#define HV_SINK_NO_ROW G_MAXUINT32

struct HvSink {
    HvStore **stores;
    guint n_stores;
    guint n_reserved;
    gboolean is_open;
    gint64 now_ns;
    HvStore *store;        /* the current one */
    HvTable *table;        /* what is being filled of it */
    const HvTable *former; /* its last sample */
    guint32 id;            /* number of the current row, or HV_SINK_NO_ROW */
    guint row;
    int former_row; /* the same row of the last sample, -1: new */
    GHashTable *interest;
};
