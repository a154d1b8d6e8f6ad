/* Filling tables: the store keeps row numbers and memory between samples, the sink takes the cells. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/table.h"

/* What a probe, or a derivation, writes into. Valid only during one sample. Opaque. */
typedef struct HvSink HvSink;
/* The memory behind one table: interned keys, a pool of tables, the last sample. One thread. Opaque. */
typedef struct HvStore HvStore;

/** hv_store_new: an empty store for @schema (static); hv_store_free accepts NULL; tables that are still
 * referenced outlive it. Owner's thread, as all below. */
HvStore *hv_store_new(const HvSchema *schema);
void hv_store_free(HvStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvStore, hv_store_free)
/** hv_store_table: the last finished sample, borrowed; never NULL (before the first: no rows, sampled_ns 0). */
HvTable *hv_store_table(HvStore *store);
/** hv_store_schema: as given. */
const HvSchema *hv_store_schema(const HvStore *store);

/**
 * hv_sink_begin:
 * @stores: one per schema of the probe, in the order of its `.schemas`
 * @n_stores: at least 1
 * @now_ns: monotonic ns of this sample
 *
 * Opens a sample on all of them. In the steady state (no new key, no changed text) nothing from here to
 * hv_sink_end() allocates.
 * Returns: (transfer full): ends with hv_sink_end().
 */
HvSink *hv_sink_begin(HvStore *const *stores, guint n_stores, gint64 now_ns);
/**
 * hv_sink_end:
 * @keep: TRUE publishes the rows emitted; FALSE drops the sample, the stores keep their last one
 *
 * Fills RATE columns from the former sample, by row number. Rows that were not emitted are gone: their number
 * may be given to another key two samples later.
 */
void hv_sink_end(HvSink *sink, gboolean keep);

/** hv_sink_now_ns: as given to hv_sink_begin(). */
gint64 hv_sink_now_ns(const HvSink *sink);
/** hv_sink_table: rows from here on go to the @index-th schema; a sink begins with 0. */
void hv_sink_table(HvSink *sink, guint index);
/** hv_sink_why: says why the current table is empty (denied, absent, failed): one clause; copied. */
void hv_sink_why(HvSink *sink, const char *why);
/** hv_sink_set_interest, hv_sink_wants: which VMs somebody looks at, by name; a sink without
 * an interest wants all. @interest is borrowed until the sink ends: a set of const char *, or NULL.
 * hv_sink_has_interest: whether somebody looks at certain VMs, as a console does. */
void hv_sink_set_interest(HvSink *sink, GHashTable *interest);
gboolean hv_sink_wants(const HvSink *sink, const char *vm);
gboolean hv_sink_has_interest(const HvSink *sink);
/* How closely somebody looks at a VM. */
typedef enum {
    HV_REGARD_NONE,
    HV_REGARD_SEEN,  /* one of many: what changes slowly may be HV_SEEN_NS old */
    HV_REGARD_CLOSE, /* one of few, or all are asked for */
} HvRegard;
#define HV_SEEN_NS (3 * G_GINT64_CONSTANT(1000000000))
/** hv_sink_regard: how closely at @vm. */
HvRegard hv_sink_regard(const HvSink *sink, const char *vm);

/**
 * hv_row:
 * Begins a row of the current table. One text per key column in order (numbers of ID columns in decimal; see
 * hv_row_key()); an empty text is an absent cell. A key emitted twice in one sample continues the same row.
 * Returns: the row's number: good for hv_row_again() in the next sample.
 */
#define hv_row(sink, ...) hv_row_keys((sink), (const char *const[]){ __VA_ARGS__ })
guint32 hv_row_keys(HvSink *sink, const char *const *keys);
/** hv_row_u64: the same for a table whose only key column is an ID. hv_row_text_u64: for a KEY and an ID. */
guint32 hv_row_u64(HvSink *sink, guint64 id);
guint32 hv_row_text_u64(HvSink *sink, const char *key, guint64 id);
/** hv_row_again: begins the row of a number returned in the last sample of this table, without interning.
 * FALSE, and no row, when that number is no longer good. */
gboolean hv_row_again(HvSink *sink, guint32 row_id);

/** hv_u64, hv_f64, hv_text, hv_bool: sets a cell of the current row, MEASURED. Texts are copied; NULL is absent. */
void hv_u64(HvSink *sink, guint column, guint64 value);
void hv_f64(HvSink *sink, guint column, double value);
void hv_text(HvSink *sink, guint column, const char *value);
void hv_bool(HvSink *sink, guint column, gboolean value);
/** hv_mark: changes the mark of a cell that has a value (ESTIMATED, SCALED). */
void hv_mark(HvSink *sink, guint column, HvMark mark);
/** hv_none: sets a cell without a value; @mark is ABSENT, DENIED, FAILED or UNAVAILABLE, @why one clause (copied). */
void hv_none(HvSink *sink, guint column, HvMark mark, const char *why);
/** hv_none_error: the same with mark and reason from @error (borrowed). */
void hv_none_error(HvSink *sink, guint column, const GError *error);
/** hv_copy: sets a cell from a cell of another table: value, mark and reason. @from_column may be -1 (absent). */
void hv_copy(HvSink *sink, guint column, const HvTable *from, guint from_row, int from_column);
/** hv_sink_get_f64: reads back a number set earlier in the current row; FALSE without a value. */
gboolean hv_sink_get_f64(const HvSink *sink, guint column, double *value);
