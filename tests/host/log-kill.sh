#!/bin/bash
# A recorder killed at 200 random moments: each log opens and has all but the last second.
# SPDX-License-Identifier: GPL-2.0-or-later
HVTUNE_KILLS=200 exec tests/test-log-kill
