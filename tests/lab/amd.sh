#!/bin/bash
# Two sockets with real KVM domains (kvm_amd, its debugfs), cgroup v2, no systemd.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"
in_lab amd two-sockets.sh
