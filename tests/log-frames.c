/* Frames for the tests of recording that need none of the encoder's: the tick, and bytes that
 * do not pack well. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/frame.h"
#include "log/schema-text.h"
#include "log/topology.h"

#define N_BYTES 3000

struct HvFrameEncoder {
    GRand *rand;
};

static HvFrameSchema *
schema_of(const HvSchema *schema)
{
    HvFrameSchema *copy = g_new0(HvFrameSchema, 1);

    copy->name = g_strdup(schema->name);
    copy->n_columns = hv_schema_n_columns(schema);
    copy->columns = g_malloc0(copy->n_columns * sizeof copy->columns[0]);
    for (guint i = 0; i < copy->n_columns; i++) {
        copy->columns[i].name = g_strdup(schema->columns[i].name);
        copy->columns[i].kind = schema->columns[i].kind;
        copy->columns[i].unit = schema->columns[i].unit;
        copy->columns[i].of = schema->columns[i].of;
        copy->columns[i].at = schema->columns[i].at;
    }
    return copy;
}

GPtrArray *
hv_frame_schemas_of(const HvSchema *const *schemas)
{
    GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)hv_log_schema_free);

    for (; *schemas; schemas++)
        g_ptr_array_add(all, schema_of(*schemas));
    return all;
}

HvFrameEncoder *
hv_frame_encoder_new(const HvSchema *const *schemas G_GNUC_UNUSED)
{
    HvFrameEncoder *encoder = g_new0(HvFrameEncoder, 1);

    encoder->rand = g_rand_new_with_seed(1);
    return encoder;
}

void
hv_frame_encoder_free(HvFrameEncoder *encoder)
{
    if (!encoder)
        return;
    g_rand_free(encoder->rand);
    g_free(encoder);
}

void
hv_frame_encode(HvFrameEncoder *encoder, const HvSnapshot *snapshot, gboolean is_full,
                GByteArray *out)
{
    g_byte_array_set_size(out, N_BYTES);
    for (guint i = 0; i < N_BYTES; i++)
        out->data[i] = (guint8)g_rand_int_range(encoder->rand, 0, is_full ? 256 : 16);
    out->data[0] = (guint8)snapshot->tick;
}

gboolean
hv_topology_rows_put(sqlite3 *db, gint64 id, gint64 time_ns,
                     const HvTopology *topology G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
    g_autofree char *sql =
        g_strdup_printf("INSERT INTO topologies VALUES(%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT
                        ", 'test', NULL, 1, NULL, NULL)",
                        id, time_ns);

    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
}
