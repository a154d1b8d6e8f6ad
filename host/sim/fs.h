/* The simulated machine's files: a tree of paths whose texts are made when they are read. Only for host/sim/. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/error.h"

/* Where a file's text goes: straight into the reader's buffer, the part that was asked for. Never allocates. */
typedef struct {
    char *buffer;
    gsize size;     /* of @buffer */
    gsize skip;     /* bytes of the text that lie before the part asked for */
    gsize length;   /* of the whole text so far */
} HvSimText;

/** hv_sim_text: appends. hv_sim_printf: formatted, at most 255 bytes a call. hv_sim_u64: a decimal number, quickly. */
void hv_sim_text(HvSimText *out, const char *text);
void hv_sim_printf(HvSimText *out, const char *format, ...) G_GNUC_PRINTF(2, 3);
void hv_sim_u64(HvSimText *out, guint64 value);
/** hv_sim_bytes: @length bytes, also NUL. */
void hv_sim_bytes(HvSimText *out, const char *bytes, gsize length);

/* What a file does. All are called with the machine locked. @owner and @data are as given to hv_sim_fs_file(). */
typedef struct {
    /* NULL: EACCES. 0, or -errno when reading fails */
    int (*read)(gpointer owner, gpointer data, HvSimText *out);
    /* NULL: EACCES. 0 or -errno. @text is NUL-terminated, @length bytes, as it was written */
    int (*write)(gpointer owner, gpointer data, const char *text, gsize length);
} HvSimFileClass;

/* What a directory does beyond listing. NULL: EPERM. */
typedef struct {
    int (*mkdir)(gpointer owner, gpointer data, const char *name);
    /* removes the directory @name in it */
    int (*rmdir)(gpointer owner, gpointer data, const char *name);
    /* moves the directory @name in it to another directory of its class, with @to_data, as @to_name */
    int (*rename)(gpointer owner, gpointer data, const char *name, gpointer to_data, const char *to_name);
} HvSimDirClass;

typedef struct HvSimFs HvSimFs;

/** hv_sim_fs_new, hv_sim_fs_free: one thread at a time, as all below; the machine's lock sees to it. */
HvSimFs *hv_sim_fs_new(void);
void hv_sim_fs_free(HvSimFs *fs);
/** hv_sim_fs_file: makes the file @path ("proc/stat") and its directories; @file_class is static, @data is borrowed. */
void hv_sim_fs_file(HvSimFs *fs, const char *path, const HvSimFileClass *file_class, gpointer owner, gpointer data);
/** hv_sim_fs_filef: the same with a formatted path. */
void hv_sim_fs_filef(HvSimFs *fs, const HvSimFileClass *file_class, gpointer owner, gpointer data,
                     const char *format, ...) G_GNUC_PRINTF(5, 6);
/** hv_sim_fs_text: a file that always says @text (copied); nothing can be written to it. */
void hv_sim_fs_text(HvSimFs *fs, const char *path, const char *text);
void hv_sim_fs_textf(HvSimFs *fs, const char *text, const char *format, ...) G_GNUC_PRINTF(3, 4);
/** hv_sim_fs_dir: makes the directory; @dir_class (static) may be NULL. hv_sim_fs_link: a symbolic link. */
void hv_sim_fs_dir(HvSimFs *fs, const char *path, const HvSimDirClass *dir_class, gpointer owner, gpointer data);
void hv_sim_fs_link(HvSimFs *fs, const char *path, const char *target);
/** hv_sim_fs_remove: the file, or the directory with all in it; open handles on them answer ENODEV from then on. */
void hv_sim_fs_remove(HvSimFs *fs, const char *path);
/** hv_sim_fs_own: @take_data, which files were given, lives as long as the tree. Returns: it. */
gpointer hv_sim_fs_own(HvSimFs *fs, gpointer take_data, GDestroyNotify free_data);
/** hv_sim_fs_exists. */
gboolean hv_sim_fs_exists(HvSimFs *fs, const char *path);

/* ---- as the door's table of functions needs them: handles, 0 or -errno ---- */
int hv_sim_fs_open(HvSimFs *fs, const char *path); /* follows links */
gssize hv_sim_fs_pread(HvSimFs *fs, int handle, char *buffer, gsize size, gsize offset);
void hv_sim_fs_close(HvSimFs *fs, int handle);
GPtrArray *hv_sim_fs_list(HvSimFs *fs, const char *path, int *errnum); /* of char *, transfer full */
char *hv_sim_fs_readlink(HvSimFs *fs, const char *path, int *errnum);
int hv_sim_fs_write(HvSimFs *fs, const char *path, const char *text);
int hv_sim_fs_mkdir(HvSimFs *fs, const char *path);
int hv_sim_fs_rmdir(HvSimFs *fs, const char *path);
int hv_sim_fs_rename(HvSimFs *fs, const char *from, const char *to);
