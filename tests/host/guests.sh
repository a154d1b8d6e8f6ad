#!/bin/sh
# The list of VMs and the calls on libvirt: tests/test-guests-libvirt inside a libvirtd of its own.
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu
here=$(cd "$(dirname "$0")" && pwd)
program=${HVTUNE_TEST_GUESTS_LIBVIRT:-tests/test-guests-libvirt}
[ -w /dev/kvm ] || {
	echo "1..0 # SKIP no usable /dev/kvm"
	exit 0
}
status=0
reason=$("$here/libvirt-env.sh" true 2>&1) || status=$?
[ $status != 77 ] || {
	echo "1..0 # SKIP $reason"
	exit 0
}
exec "$here/libvirt-env.sh" "$program" --tap
