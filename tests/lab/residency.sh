#!/bin/bash
# Where domains' memory is on two nodes: by control group, by numa_maps, after pages were moved.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"
in_lab intel residency.sh
