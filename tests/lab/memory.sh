#!/bin/bash
# A domain's memory moved between two real nodes, bound there, and taken back.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"
in_lab intel memory.sh
