/* One sample as bytes, and back: what changed since the sample before, of the tables that are
 * recorded and not what is made of them. Format: doc/hvlog.md. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/snapshot.h"

/* A recorded table's schema, as the log itself describes it. Owned by whoever holds the array.
 */
typedef struct {
    char *name;
    guint n_columns;
    struct {
        char *name;
        HvKind kind;
        HvUnit unit;
        guint of, at;
    } * columns;
} HvFrameSchema;

/** hv_frame_schemas_of: what @schemas (NULL-terminated) are to a log, in this order: a table is
 * called by its number in frames. hv_frame_schemas_free: of HvFrameSchema. (transfer full) */
GPtrArray *hv_frame_schemas_of(const HvSchema *const *schemas);

/* Makes frames; remembers the sample before. One thread. Opaque. */
typedef struct HvFrameEncoder HvFrameEncoder;
/** hv_frame_encoder_new: @schemas (NULL-terminated, borrowed) are recorded; others of a
 * snapshot are left out. */
HvFrameEncoder *hv_frame_encoder_new(const HvSchema *const *schemas);
void hv_frame_encoder_free(HvFrameEncoder *encoder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvFrameEncoder, hv_frame_encoder_free)
/**
 * hv_frame_encode:
 * @is_full: it can be decoded without any other: has every cell, those of RATE columns too
 * @out: emptied, gets the frame, not compressed
 *
 * A frame that is not full has, of each table that was sampled anew, the rows that came and
 * went (order kept) and the cells that changed: counters and instants by the change of their
 * change, other numbers by the change (doubles: by the bits' xor), texts when other; RATE cells
 * are not in it: the reader computes them as the sampler did. A table that was away, or that
 * another sampler filled, is in it with all its cells. Steady state allocates nothing.
 */
void hv_frame_encode(HvFrameEncoder *encoder, const HvSnapshot *snapshot, gboolean is_full,
                     GByteArray *out);

/* Reads frames in their order, from a full one on. One thread. Opaque. */
typedef struct HvFrameDecoder HvFrameDecoder;
/** hv_frame_decoder_new: @stored: of HvFrameSchema, what the log says; @known: the program's
 * own schemas (NULL-terminated, borrowed): stored columns go to those of the same name and kind
 * there, columns that are not stored are absent with a reason; tables that are not known are
 * left out. */
HvFrameDecoder *hv_frame_decoder_new(const GPtrArray *stored, const HvSchema *const *known);
void hv_frame_decoder_free(HvFrameDecoder *decoder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvFrameDecoder, hv_frame_decoder_free)
/**
 * hv_frame_decode:
 * @bytes: a frame, not compressed, from anybody: bounded by HV_FRAME_MAX_BYTES, its claims are
 * checked before memory is asked for
 * @snapshot: gets the tables; time, tick and topology are the caller's
 *
 * Returns: FALSE with MALFORMED for what is no frame, or not full where none came before; then
 * only a full one goes on.
 */
gboolean hv_frame_decode(HvFrameDecoder *decoder, const guint8 *bytes, gsize n_bytes,
                         HvSnapshot *snapshot, GError **error);

#define HV_FRAME_MAX_BYTES (64u << 20) /* of one, not compressed */
#define HV_FRAMES_PER_FULL 30          /* a full one, then deltas */
