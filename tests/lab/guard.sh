#!/bin/bash
# A plan that reverts unless confirmed, where systemd is PID 1: its guard is a transient unit and outlives the login.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"
in_lab intel guard.sh --systemd
