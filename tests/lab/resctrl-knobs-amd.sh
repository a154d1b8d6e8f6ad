#!/bin/bash
# Knobs of real resctrl, AMD: groups, ways, bandwidth, membership; refused, made, killed, taken back.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"
in_lab amd resctrl-knobs.sh
