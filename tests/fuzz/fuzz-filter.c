/* Any text as a filter, on a table with a column of every kind: an answer, and the same for its
 * negation's negation. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <string.h>

#include "model/sink.h"
#include "tui/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const HvColumn columns[] = {
    { .name = "vm", .kind = HV_KIND_KEY },
    { .name = "node", .kind = HV_KIND_ID },
    { .name = "uuid", .kind = HV_KIND_TEXT },
    { .name = "nodes", .kind = HV_KIND_SET },
    { .name = "online", .kind = HV_KIND_BOOL },
    { .name = "memory_bytes", .kind = HV_KIND_U64, .unit = HV_UNIT_BYTES },
    { .name = "cpu_ratio", .kind = HV_KIND_F64, .unit = HV_UNIT_RATIO },
    { .name = "wait_ratio", .kind = HV_KIND_F64, .unit = HV_UNIT_RATIO },
    { 0 },
};
static const HvSchema schema = { .name = "vms", .columns = columns };

static HvStore *
one_row(void)
{
    HvStore *store = hv_store_new(&schema);
    HvSink *sink = hv_sink_begin(&store, 1, 1);

    hv_row(sink, "web-虚", "3");
    hv_text(sink, 2, "0123abcd-0000");
    hv_text(sink, 3, "0-3,8");
    hv_bool(sink, 4, TRUE);
    hv_u64(sink, 5, 1 << 30);
    hv_f64(sink, 6, 0.5);
    hv_sink_end(sink, TRUE);
    return store;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *filter = g_strndup((const char *)data, size);
    g_autoptr(HvStore) store = one_row();
    const gboolean matches = hv_filter_matches(filter, hv_store_table(store), 0);
    g_autofree char *twice = g_strconcat(filter, " ", filter, NULL);

    g_assert_cmpint(hv_filter_matches(twice, hv_store_table(store), 0), ==, matches);
    return 0;
}
