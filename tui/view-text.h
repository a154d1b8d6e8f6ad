/* What is on screen as lines NAME=VALUE, and back: names are made of parts, as "desk.list.sort". */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

#define HV_VIEW_MAX 65536 /* bytes; lines beyond are left out */

/* Lines being written, and lines that were read. Opaque. */
typedef struct HvViewOut HvViewOut;
typedef struct HvViewIn HvViewIn;

/** hv_view_out_new: empty; hv_view_out_free accepts NULL. UI thread, as all below. */
HvViewOut *hv_view_out_new(void);
void hv_view_out_free(HvViewOut *out);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvViewOut, hv_view_out_free)
/** hv_view_out_begin: forgets all lines and parts. hv_view_out_text: the lines so far, borrowed until the next one. */
void hv_view_out_begin(HvViewOut *out);
const char *hv_view_out_text(const HvViewOut *out);
/** hv_view_out_n_left: how many bytes there is room for. */
gsize hv_view_out_n_left(const HvViewOut *out);
/** hv_view_out_enter: names begin with @name and a dot from now on. hv_view_out_leave: without it again. */
void hv_view_out_enter(HvViewOut *out, const char *name);
void hv_view_out_leave(HvViewOut *out);
/** hv_view_out_shorten: of the part @name (borrowed) the names filter, sort, scroll and cursor stand alone: it is the
 * screen in view. hv_view_in_shorten: they are looked for there. */
void hv_view_out_shorten(HvViewOut *out, const char *name);
/** hv_view_put: @text, any bytes; NULL is left out. hv_view_put_number, hv_view_put_flag: 0 and FALSE are left out. */
void hv_view_put(HvViewOut *out, const char *name, const char *text);
void hv_view_put_number(HvViewOut *out, const char *name, gint64 number);
void hv_view_put_flag(HvViewOut *out, const char *name, gboolean flag);
/** hv_view_put_fields: one line of @n texts (NULL as empty). */
void hv_view_put_fields(HvViewOut *out, const char *name, const char *const *fields, guint n);
/** hv_view_put_all: a line for each of @texts (of char *; NULL: none). hv_view_put_set: for each key of @set, in
 * their order. */
void hv_view_put_all(HvViewOut *out, const char *name, const GPtrArray *texts);
void hv_view_put_set(HvViewOut *out, const char *name, GHashTable *set);

/** hv_view_in_new: reads @text, from anybody: what is no such line, or stands behind HV_VIEW_MAX bytes, is passed over. */
HvViewIn *hv_view_in_new(const char *text);
void hv_view_in_free(HvViewIn *in);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvViewIn, hv_view_in_free)
/** hv_view_in_enter, hv_view_in_leave: as above. */
void hv_view_in_enter(HvViewIn *in, const char *name);
void hv_view_in_leave(HvViewIn *in);
void hv_view_in_shorten(HvViewIn *in, const char *name);
/** hv_view_is_short: the line @name of the parts @within ("desk.") stands alone when @shortened is that part. Any thread. */
gboolean hv_view_is_short(const char *within, const char *shortened, const char *name);
/** hv_view_n: how many lines have that name. hv_view_nth: the value of the @index-th, unescaped: any bytes but NUL,
 * (transfer full); NULL: there is none. hv_view_get: of the first. */
guint hv_view_n(const HvViewIn *in, const char *name);
char *hv_view_nth(const HvViewIn *in, const char *name, guint index);
char *hv_view_get(const HvViewIn *in, const char *name);
/** hv_view_number: 0, or what is next to it from @min to @max, without a number in there. hv_view_flag: TRUE for 1. */
gint64 hv_view_number(const HvViewIn *in, const char *name, gint64 min, gint64 max);
gboolean hv_view_flag(const HvViewIn *in, const char *name);
/** hv_view_fields: the @index-th line in exactly @n texts, NULL-terminated, what is missing empty. (transfer full) */
char **hv_view_fields(const HvViewIn *in, const char *name, guint index, guint n);
/** hv_view_all: all values, of char *, with g_free as free function. (transfer full). hv_view_take_set: makes them
 * the keys (char *, freed by the table) of @set. */
GPtrArray *hv_view_all(const HvViewIn *in, const char *name);
void hv_view_take_set(const HvViewIn *in, const char *name, GHashTable *set);
