/* What every probe includes: the probe type and the door. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host.h"
#include "host/parse.h"
#include "model/probe.h"
