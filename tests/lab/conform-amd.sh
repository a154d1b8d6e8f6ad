#!/bin/bash
# The simulated kernel answers as the real one of the lab does: AMD.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"
programs=(tests/conform)
files=("$here"/../conformance/script*)
in_lab amd conform.sh
