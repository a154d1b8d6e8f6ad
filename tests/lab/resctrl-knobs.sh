#!/bin/bash
# Knobs of real resctrl, Intel: groups, ways, bandwidth, membership; refused, made, killed, taken back.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"
in_lab intel resctrl-knobs.sh
