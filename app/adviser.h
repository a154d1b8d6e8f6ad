/* Advice as the session calls it: findings, and what changes did. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "session/session.h"

extern const HvAdviser hv_app_adviser;
extern const HvMeter hv_app_meter;
