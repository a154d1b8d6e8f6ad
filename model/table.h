/* Everything seen is a table: columnar, rows matched by key, every cell marked. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

/* How good a cell is. Zeroed memory is absent: unknown is never zero. */
typedef enum {
    HV_MARK_ABSENT,      /* this host has no such thing, or nothing is known yet */
    HV_MARK_MEASURED,    /* a straight measurement */
    HV_MARK_ESTIMATED,   /* shown with ≈ */
    HV_MARK_SCALED,      /* shown with ~ (multiplexed counters) */
    HV_MARK_UNAVAILABLE, /* the kernel answered "Unavailable"; shown as ? */
    HV_MARK_DENIED,      /* there, but not for this user */
    HV_MARK_FAILED,      /* was there; the last read failed */
} HvMark;

typedef enum {
    HV_KIND_KEY,     /* text; part of the row's identity */
    HV_KIND_ID,      /* unsigned number (cpu, node, tid); part of the row's identity */
    HV_KIND_TEXT,    /* text */
    HV_KIND_SET,     /* text that is a cpu or node list */
    HV_KIND_BOOL,    /* 0 or 1 */
    HV_KIND_COUNTER, /* guint64 that only grows */
    HV_KIND_U64,     /* guint64: sizes, identities, instants in ns */
    HV_KIND_F64,     /* double */
    HV_KIND_RATE,    /* double: change of the counter @of since the table's last sample; the model fills it */
} HvKind;

typedef enum {
    HV_UNIT_NONE,
    HV_UNIT_BYTES,
    HV_UNIT_BYTES_PER_S,
    HV_UNIT_NS,
    HV_UNIT_US,
    HV_UNIT_MS,
    HV_UNIT_S,
    HV_UNIT_RATIO, /* 0-1 */
    HV_UNIT_PCT,   /* 0-100 */
    HV_UNIT_HZ,
    HV_UNIT_COUNT,
    HV_UNIT_PER_S,
} HvUnit;

/* One column. Key columns (KEY, ID) come first. A schema's columns end with a nameless one.
 * RATE: (value now - value before) ÷ time between the two samples. The unit decides the scale:
 * RATIO for an NS counter is ns per ns; PER_S and BYTES_PER_S are per second.
 * A counter that went back, or has no value in either sample, makes the rate absent. */
typedef struct {
    const char *name; /* with its unit: "wait_ratio", "memory_bytes" */
    HvKind kind;
    HvUnit unit;
    const char *help; /* one sentence for people: N_("...") */
    guint of;         /* RATE: index of the COUNTER column */
    guint at;         /* RATE: 0, or index of the U64 column with the instant (monotonic ns) at which the
                       * counter of this row was read, for sources that take turns; while it stands still
                       * the former rate is kept */
    gboolean hidden;  /* left out of "all columns" in text; JSON has it */
} HvColumn;

typedef struct {
    const char *name;
    const HvColumn *columns;
    gboolean raw; /* an input of derived tables: named in JSON only when asked for */
} HvSchema;

typedef union {
    guint64 u64;      /* BOOL, COUNTER, U64, ID */
    double f64;       /* F64, RATE */
    const char *text; /* KEY, TEXT, SET; and for a mark without a value: the reason, or NULL */
} HvCell;

/* A table that has been filled: immutable, shared by an atomic count. Opaque. */
typedef struct HvTable HvTable;

/** hv_mark_has_value: TRUE for MEASURED, ESTIMATED and SCALED. Any thread, as all below. */
static inline gboolean
hv_mark_has_value(HvMark mark)
{
    return mark == HV_MARK_MEASURED || mark == HV_MARK_ESTIMATED || mark == HV_MARK_SCALED;
}
/** hv_kind_is_key: TRUE for KEY and ID. hv_kind_is_text: TRUE for KEY, TEXT and SET. */
gboolean hv_kind_is_key(HvKind kind);
static inline gboolean
hv_kind_is_text(HvKind kind)
{
    return kind == HV_KIND_KEY || kind == HV_KIND_TEXT || kind == HV_KIND_SET;
}
/** hv_schema_n_columns, hv_schema_n_keys: how many columns; how many of them are the key. */
guint hv_schema_n_columns(const HvSchema *schema);
guint hv_schema_n_keys(const HvSchema *schema);
/** hv_schema_find: index of the column @name, or -1. */
int hv_schema_find(const HvSchema *schema, const char *name);

/** hv_table_ref, hv_table_unref: NULL is allowed; the last unref gives the memory back to its store's pool. */
HvTable *hv_table_ref(HvTable *table);
void hv_table_unref(HvTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvTable, hv_table_unref)

/** hv_table_schema: borrowed, static. hv_table_n_rows: the rows of the last sample. */
const HvSchema *hv_table_schema(const HvTable *table);
guint hv_table_n_rows(const HvTable *table);
/** hv_table_sampled_ns: monotonic ns at which the sample began; 0: never sampled. */
gint64 hv_table_sampled_ns(const HvTable *table);
/** hv_table_why: why there is nothing in the whole table, or NULL. */
const char *hv_table_why(const HvTable *table);
/** hv_table_column: index of the column @name, or -1; look it up once, not per cell. NULL table gives -1. */
int hv_table_column(const HvTable *table, const char *name);

/** hv_table_row_id: the stable interned number of @row; equal in every sample that holds the row. */
guint32 hv_table_row_id(const HvTable *table, guint row);
/** hv_table_row_key: the key columns joined by "/", each escaped as in knob paths; borrowed from @table. */
const char *hv_table_row_key(const HvTable *table, guint row);
/** hv_table_find: the row whose joined key is @key, or -1. hv_table_row_of_id: the row of @id, or -1. */
int hv_table_find(const HvTable *table, const char *key);
int hv_table_row_of_id(const HvTable *table, guint32 id);

/** hv_table_mark: the mark of a cell; a column of -1 is ABSENT. @row is one that there is: a table may have none, and
 * hv_table_find() may say -1. @table NULL only with a column of -1. The same holds for all below. */
HvMark hv_table_mark(const HvTable *table, guint row, int column);
/** hv_table_u64, hv_table_f64, hv_table_text: the value, or FALSE/NULL without one (or of another kind).
 * f64 reads every number (u64 converted). @column -1: no value. Texts are borrowed from @table. */
gboolean hv_table_u64(const HvTable *table, guint row, int column, guint64 *value);
gboolean hv_table_f64(const HvTable *table, guint row, int column, double *value);
const char *hv_table_text(const HvTable *table, guint row, int column);
/** hv_table_reason: why a cell has no value, one clause for people; never NULL for a cell without one. */
const char *hv_table_reason(const HvTable *table, guint row, int column);
/** hv_table_cell: the raw cell and its mark, for copying; borrowed. */
HvMark hv_table_cell(const HvTable *table, guint row, int column, HvCell *cell);
