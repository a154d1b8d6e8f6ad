/* One frame under zstd, and back: from anybody, so bounded before memory is asked for. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/file-schema.h"
#include "log/file.h"
#include "model/error.h"
#include "model/i18n.h"

#include <zstd.h>

#define LEVEL 1 /* a frame of deltas: higher ones cost time and gain a few percent */

static void
free_packer(gpointer packer)
{
    ZSTD_freeCCtx(packer);
}

static void
free_unpacker(gpointer unpacker)
{
    ZSTD_freeDCtx(unpacker);
}

/* Kept per thread: a context is some hundred KiB, made and touched anew it costs more than
 * packing. */
static GPrivate packers = G_PRIVATE_INIT(free_packer);
static GPrivate unpackers = G_PRIVATE_INIT(free_unpacker);

static ZSTD_CCtx *
get_packer(void)
{
    ZSTD_CCtx *packer = g_private_get(&packers);

    if (packer)
        return packer;
    packer = ZSTD_createCCtx();
    if (!packer)
        return NULL;
    ZSTD_CCtx_setParameter(packer, ZSTD_c_compressionLevel, LEVEL);
    ZSTD_CCtx_setParameter(packer, ZSTD_c_checksumFlag, 1); /* a flipped bit is found */
    g_private_set(&packers, packer);
    return packer;
}

static ZSTD_DCtx *
get_unpacker(void)
{
    ZSTD_DCtx *unpacker = g_private_get(&unpackers);

    if (!unpacker) {
        unpacker = ZSTD_createDCtx();
        g_private_set(&unpackers, unpacker);
    }
    return unpacker;
}

static gboolean
fail(GError **error, HvError code, const char *why)
{
    g_set_error(error, HV_ERROR, (int)code, "%s", why);
    return FALSE;
}

gboolean
hv_log_pack(const GByteArray *frame, GByteArray *out, GError **error)
{
    ZSTD_CCtx *packer = get_packer();
    gsize size;

    if (!packer || frame->len > HV_FRAME_MAX_BYTES)
        return fail(error, HV_ERROR_FAILED, _("the sample is too large for a log"));
    g_byte_array_set_size(out, (guint)ZSTD_compressBound(frame->len));
    size = ZSTD_compress2(packer, out->data, out->len, frame->data, frame->len);
    g_byte_array_set_size(out, ZSTD_isError(size) ? 0 : (guint)size);
    if (ZSTD_isError(size) || size > HV_LOG_MAX_CELL_BYTES)
        return fail(error, HV_ERROR_FAILED, _("the sample is too large for a log"));
    return TRUE;
}

gboolean
hv_log_unpack(const guint8 *bytes, gsize n_bytes, gsize max_bytes, GByteArray *out,
              GError **error)
{
    const unsigned long long claimed = ZSTD_getFrameContentSize(bytes, n_bytes);
    ZSTD_DCtx *unpacker = get_unpacker();
    gsize size;

    g_byte_array_set_size(out, 0);
    if (claimed == ZSTD_CONTENTSIZE_ERROR || claimed == ZSTD_CONTENTSIZE_UNKNOWN)
        return fail(error, HV_ERROR_MALFORMED, _("is not packed as a log's samples are"));
    if (claimed > max_bytes || claimed > HV_FRAME_MAX_BYTES)
        return fail(error, HV_ERROR_MALFORMED, _("would unpack to more than a sample has"));
    if (!unpacker)
        return fail(error, HV_ERROR_FAILED, _("no memory for unpacking a sample"));
    if (ZSTD_findFrameCompressedSize(bytes, n_bytes) != n_bytes)
        return fail(error, HV_ERROR_MALFORMED, _("has bytes beside its packed sample"));
    g_byte_array_set_size(out, (guint)claimed);
    size = ZSTD_decompressDCtx(unpacker, out->data, out->len, bytes, n_bytes);
    if (!ZSTD_isError(size) && size == claimed)
        return TRUE;
    g_byte_array_set_size(out, 0);
    return fail(error, HV_ERROR_MALFORMED, _("is damaged: its checksum differs"));
}
