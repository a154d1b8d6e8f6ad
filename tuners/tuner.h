/* What every tuner includes: the knob types and the door. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host.h"
#include "model/knob.h"
