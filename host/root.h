/* A directory that stands for "/": the machine's own, or a captured tree's. Reading only. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host-private.h"

/* Also the state (HvHost.data) of a machine that reads through the functions below. */
typedef struct {
    int fd;                  /* O_PATH; -1: there are no files */
    gboolean confined;       /* no link leads out of it */
    gboolean resctrl_beside; /* "resctrl" at the top stands for sys/fs/resctrl */
} HvRoot;

/** hv_root_open_fd: a descriptor for @path, or -errno. Any thread, as all below. */
int hv_root_open_fd(const HvRoot *root, const char *path, int flags);

/* The reading half of HvFileOps; @data is a HvRoot. */
int hv_root_open(gpointer data, const char *path, GError **error);
gssize hv_root_pread(gpointer data, int handle, char *buffer, gsize size, gsize offset);
void hv_root_close(gpointer data, int handle);
GPtrArray *hv_root_list(gpointer data, const char *path, GError **error);
gboolean hv_root_exists(gpointer data, const char *path);
char *hv_root_readlink(gpointer data, const char *path, GError **error);
