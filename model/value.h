/* Typed values of knobs, and their one text form. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/set.h"

typedef enum {
    HV_TYPE_NOTHING, /* zeroed: no value */
    HV_TYPE_CPUS,    /* set: "0-3,8" */
    HV_TYPE_NODES,   /* set */
    HV_TYPE_U64,     /* number */
    HV_TYPE_SIZE,    /* bytes: "24M"; K M G T are binary */
    HV_TYPE_PERCENT, /* "75%" */
    HV_TYPE_LIMIT,   /* number or "none" */
    HV_TYPE_SWITCH,  /* "on" or "off": number 1 or 0 */
    HV_TYPE_WORD,    /* one of the family's words, or any word where the family has none */
    HV_TYPE_MASK,    /* number, as bits: hex without 0x */
} HvType;

/* A value. Zeroed means none. set is owned (CPUS, NODES), text is owned (WORD). */
typedef struct {
    HvType type;
    guint64 number;
    gboolean none;  /* LIMIT: no limit */
    gboolean mixed; /* several threads differ; the set is their union */
    HvSet *set;
    char *text;
} HvValue;

/** hv_value_clear: frees what it owns, zeroes it. Any thread, as all below. */
void hv_value_clear(HvValue *value);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HvValue, hv_value_clear)
/** hv_value_copy: @to, cleared first, becomes equal to @from. */
void hv_value_copy(HvValue *to, const HvValue *from);
/** hv_value_set_number, hv_value_set_word: @value, cleared first, becomes one of @type, or the
 * word @word; copied. */
void hv_value_set_number(HvValue *value, HvType type, guint64 number);
void hv_value_set_word(HvValue *value, const char *word);
/** hv_value_take_set: @value becomes a set value of @type that owns @take_set. */
void hv_value_take_set(HvValue *value, HvType type, HvSet *take_set);
/** hv_value_equal: by meaning, not by spelling; a mixed value equals nothing but another mixed
 * one of the same union. */
gboolean hv_value_equal(const HvValue *a, const HvValue *b);
/** hv_value_to_text: the text form, the caller owns it: "0-3,8", "24M" only when exact, "none",
 * "on", "75%"; a mixed set ends with " (mixed)"; NOTHING is "-". */
char *hv_value_to_text(const HvValue *value);
/** hv_value_parse: the reverse, for a family's type. An empty set is MALFORMED, as is anything
 * trailing.
 * @words: NULL-terminated, for WORD. @value is untouched on failure. */
gboolean hv_value_parse(HvValue *value, HvType type, const char *const *words, const char *text,
                        GError **error);
