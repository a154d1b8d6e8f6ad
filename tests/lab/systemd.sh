#!/bin/bash
# Domains where a server has them: in scopes below machine.slice, made by systemd-machined.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"
in_lab intel systemd.sh --systemd
