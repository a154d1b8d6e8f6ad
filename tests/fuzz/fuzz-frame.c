/* Any bytes as frames: they are refused in one line, or every cell of their tables can be read.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <string.h>

#include "log/frame.h"
#include "tests/frame-tables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
touch_table(const HvTable *table)
{
    const HvSchema *schema = hv_table_schema(table);

    for (guint row = 0; row < hv_table_n_rows(table); row++) {
        g_assert_cmpint(hv_table_find(table, hv_table_row_key(table, row)), ==, (int)row);
        for (guint i = 0; schema->columns[i].name; i++) {
            const HvMark mark = hv_table_mark(table, row, (int)i);

            g_assert_cmpint(mark, <=, HV_MARK_FAILED);
            if (!hv_mark_has_value(mark))
                g_assert_true(g_utf8_strlen(hv_table_reason(table, row, (int)i), -1) >= 0);
            else if (hv_kind_is_text(schema->columns[i].kind))
                g_assert_nonnull(hv_table_text(table, row, (int)i));
        }
    }
}

/* Frames stand behind their length in two bytes. */
static void
play(HvFrameDecoder *decoder, const uint8_t *data, size_t size)
{
    while (size >= 2) {
        const size_t told = (size_t)data[0] | (size_t)data[1] << 8;
        const size_t n = MIN(told, size - 2);
        g_autoptr(HvSnapshot) snapshot = hv_snapshot_new();
        g_autoptr(GError) error = NULL;

        if (!hv_frame_decode(decoder, data + 2, n, snapshot, &error))
            g_assert_true(error && !strchr(error->message, '\n'));
        for (guint i = 0; i < snapshot->n_tables; i++)
            touch_table(snapshot->tables[i]);
        data += 2 + n;
        size -= 2 + n;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GPtrArray) stored = hv_frame_schemas_of(hv_frame_tables());
    g_autoptr(HvFrameDecoder) as_stored = hv_frame_decoder_new(stored, hv_frame_tables());
    g_autoptr(HvFrameDecoder) as_other = hv_frame_decoder_new(stored, hv_frame_tables_narrow());

    play(as_stored, data, size);
    play(as_other, data, size);
    return 0;
}
