#!/bin/bash
# Two sockets with emulated domains (TCG threads), cgroup v2, no systemd.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"
in_lab intel two-sockets.sh
