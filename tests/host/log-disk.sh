#!/bin/bash
# Disks that fill up or turn read-only under a recording: mounted by the test for itself.
# SPDX-License-Identifier: GPL-2.0-or-later
HVTUNE_MOUNTS=1 exec tests/test-log-disk
