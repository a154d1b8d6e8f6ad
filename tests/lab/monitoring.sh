#!/bin/bash
# Monitoring groups on real resctrl, Intel: shared, leased, gone without a trace, and their numbers.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"
in_lab intel monitoring.sh --cpu x-rdt-clock=on
