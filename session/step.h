/* One step on the host: is it still as planned, write it and read it back, put it back. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "session/knobs.h"

/** hv_step_check: CONFLICT when the value, the guest or the persistent form is no longer what
 * step @index of @plan was planned on; with @plan->force the step takes over what is there now.
 * The actuator's thread, as below. */
gboolean hv_step_check(const HvSessionParts *parts, HvPlan *plan, guint index,
                       const HvKnob *knob, GError **error);
/** hv_step_write: writes live, then persistent form, and reads both back into the step. Its
 * state becomes DONE, DIFFERS, FAILED or UNKNOWN; TRUE only for DONE. */
gboolean hv_step_write(const HvSessionParts *parts, const HvActOptions *options, HvPlan *plan,
                       guint index, const HvKnob *knob, GError **error);
/** hv_step_put_back: makes both parts again what they were before; TRUE when they are, also
 * where nothing had been written. CONFLICT when somebody else changed them meanwhile. Leaves
 * the step's state alone. */
gboolean hv_step_put_back(const HvSessionParts *parts, const HvPlan *plan, guint index,
                          const HvKnob *knob, GError **error);
