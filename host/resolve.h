/* Opening paths below a directory that no link may lead out of. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

/** hv_resolve_in_root: opens @path (relative or absolute) as if @root_fd were "/": absolute
 * links and ".." stay below it. Returns: a descriptor, or -errno. Any thread. Source:
 * openat2(2), RESOLVE_IN_ROOT. */
int hv_resolve_in_root(int root_fd, const char *path, int flags);
/** hv_resolve_by_steps: the same one component at a time, for kernels and sandboxes without
 * openat2. */
int hv_resolve_by_steps(int root_fd, const char *path, int flags);
