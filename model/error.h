/* The one error domain; its codes say what a caller can do about it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

#define HV_ERROR (hv_error_quark())

typedef enum {
    HV_ERROR_ABSENT,    /* this host has no such thing: hide it */
    HV_ERROR_DENIED,    /* there, but not for this user: say which privilege */
    HV_ERROR_MALFORMED, /* unreadable bytes or bad input: report it */
    HV_ERROR_CONFLICT,  /* somebody else changed it */
    HV_ERROR_REFUSED,   /* the kernel, libvirt or a rule of ours said no */
    HV_ERROR_TIMEOUT,   /* no answer by the deadline: the outcome is unknown */
    HV_ERROR_FAILED,    /* anything else */
} HvError;

/** hv_error_quark: the domain of every GError that hvtune makes. Any thread. */
GQuark hv_error_quark(void);

/**
 * hv_error_set_errno:
 * @error: set with the code that fits @errnum: ENOENT, ESRCH, ENODEV, ENXIO, ENOSYS ABSENT; EACCES,
 *   EPERM DENIED; EBUSY, EINVAL, ENOSPC, ERANGE, EIO REFUSED; ETIMEDOUT TIMEOUT; the rest FAILED
 * @errnum: an errno value
 * @what: the object, as "proc/12/stat"; the message is "@what: strerror"
 *
 * Returns: FALSE always, so that a caller can return it. Any thread.
 */
gboolean hv_error_set_errno(GError **error, int errnum, const char *what);
