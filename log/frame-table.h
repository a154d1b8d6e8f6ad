/* What stands before a table of a frame. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "log/frame.h"

/* Below a table's number, which is counted from 1 and moved up by two bits; 0 ends a frame. */
enum {
    HV_HEAD_WHOLE = 1, /* by itself, with rates */
    HV_HEAD_SAME = 2,  /* nothing follows: it was not sampled anew */
};

/* Behind the time of its sample. */
enum {
    HV_TABLE_WHY = 1,  /* why it is empty follows */
    HV_TABLE_ROWS = 2, /* its rows are not those of before */
};

/** hv_frame_is_instant: @column has the times at which rows of @schema were read. */
gboolean hv_frame_is_instant(const HvFrameSchema *schema, guint column);
