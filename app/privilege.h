/* What a program that root runs must mind: identities, environment, files of others, and its
 * manners on a sick host. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/error.h"
#include "model/set.h"

/** hv_privilege_check: FALSE with REFUSED where real and effective ids differ: hvtune never
 * runs setuid or setgid. */
gboolean hv_privilege_check(GError **error);
/** hv_privilege_clean: as root through sudo or doas, drops the caller's XDG_*, LIBVIRT_*,
 * HWLOC_*, LIBPFM_* and TERMINFO*. Returns: one line that names them, or NULL when there were
 * none; the caller owns it. Before threads are started. */
char *hv_privilege_clean(void);
/** hv_privilege_file_is_safe: TRUE unless we are root and the file, or a directory above it,
 * belongs to another or can be written by others; then @error (DENIED) says which. A missing
 * file is ABSENT. */
gboolean hv_privilege_file_is_safe(const char *path, GError **error);
/** hv_privilege_may_change: TRUE for root, with CAP_SYS_NICE, or where libvirt's read-write
 * socket can be written. */
gboolean hv_privilege_may_change(const char *connect_uri);
/** hv_privilege_limits: umask, open files, arenas. Before threads are started. */
void hv_privilege_limits(void);
/** hv_privilege_endure: as root, for a console that must live on a host in trouble: working set
 * locked, spared by the OOM killer, only on @housekeeping cpus (NULL or empty: any). What
 * cannot be had is done without. Before threads are started. */
void hv_privilege_endure(const HvSet *housekeeping);
