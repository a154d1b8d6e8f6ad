/* Process groups that must not outlive us, whatever we die of. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

/** hv_leash_hold: from now on @group is killed when this process ends, even by SIGKILL: a small
 * guard process sees to it. hv_leash_release: no more, as it has ended. Never wait. Any thread.
 */
void hv_leash_hold(pid_t group);
void hv_leash_release(pid_t group);
