/* What the files of log/log.h share. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "log/writer.h"

/** hv_log_ref, hv_log_unref: for a thread of its own that reads a ring. */
HvLog *hv_log_ref(HvLog *log);
void hv_log_unref(HvLog *log);
