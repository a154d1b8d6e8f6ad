#!/bin/bash
# Monitoring groups on real resctrl, AMD: shared, leased, gone without a trace, and their numbers.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"
in_lab amd monitoring.sh --cpu x-rdt-clock=on
