/* The filter: what its words match, and what they do not. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "model/sink.h"
#include "tui/grid.h"

enum { VM, UUID, STATE, HOME, NODES, CPU, WAIT, MEMORY, LIBVIRT };
static const HvColumn vm_columns[] = {
    [VM] = { "vm", HV_KIND_KEY, HV_UNIT_NONE, "" },
    [UUID] = { "uuid", HV_KIND_TEXT, HV_UNIT_NONE, "" },
    [STATE] = { "state", HV_KIND_TEXT, HV_UNIT_NONE, "" },
    [HOME] = { "home_node", HV_KIND_U64, HV_UNIT_NONE, "" },
    [NODES] = { "nodes", HV_KIND_SET, HV_UNIT_NONE, "" },
    [CPU] = { "cpu_ratio", HV_KIND_F64, HV_UNIT_RATIO, "" },
    [WAIT] = { "wait_max_ratio", HV_KIND_F64, HV_UNIT_RATIO, "" },
    [MEMORY] = { "memory_bytes", HV_KIND_U64, HV_UNIT_BYTES, "" },
    [LIBVIRT] = { "in_libvirt", HV_KIND_BOOL, HV_UNIT_NONE, "" },
    { 0 },
};
static const HvSchema vm_schema = { .name = "vms", .columns = vm_columns };

typedef struct {
    const char *vm, *uuid, *state;
    int home; /* -1: not known */
    const char *nodes;
    double cpu, wait; /* below 0: not known */
    guint64 memory_bytes;
} Row;

static const Row few[] = {
    { "web-10", "aaaa1111-00db", "running", 0, "0", 0.881, 0.094, G_GUINT64_CONSTANT(1) << 30 },
    { "redis-1", "bbbb2222-00fa", "running", 1, "0-1", 4.12, 0.012,
      G_GUINT64_CONSTANT(8) << 30 },
    { "web-2", "cccc3333-0000", "paused", -1, "1", -1, -1, G_GUINT64_CONSTANT(4) << 30 },
    { "idle-9", "dddd4444-0000", "running", 0, "0", 0.002, 0.012, G_GUINT64_CONSTANT(2) << 30 },
    { NULL },
};

static void
put_row(HvSink *sink, const Row *row)
{
    hv_row(sink, row->vm);
    hv_text(sink, UUID, row->uuid);
    hv_text(sink, STATE, row->state);
    if (row->home >= 0)
        hv_u64(sink, HOME, (guint64)row->home);
    hv_text(sink, NODES, row->nodes);
    if (row->cpu >= 0)
        hv_f64(sink, CPU, row->cpu);
    if (row->wait >= 0)
        hv_f64(sink, WAIT, row->wait);
    hv_u64(sink, MEMORY, row->memory_bytes);
    hv_bool(sink, LIBVIRT, row->home != 0);
}

static void
test_filter_words(void)
{
    static const struct {
        const char *filter, *expected; /* as in few: web-10, redis-1, web-2, idle-9 */
    } cases[] = {
        { "", "1111" },
        { "   ", "1111" },
        { "WEB", "1010" },
        { "web paus", "0010" },
        { "!web", "0101" },
        { "!", "1111" },
        { "db", "0000" }, /* not in uuids by chance */
        { "aaaa1111", "1000" },
        { "uuid:aaaa1111-00DB", "1000" },
        { "state:running", "1101" },
        { "state:run", "0000" },
        { "state:", "1111" },
        { "!state:", "1111" },
        { "!state:running", "0010" },
        { "node:1", "0110" },
        { "node:0", "1101" },
        { "nodes:0-1", "0100" },
        { "home:0", "1001" },
        { "node:x", "0000" },
        { "idle", "0001" },
        { "!idle", "1110" }, /* not known is not idle */
        { "cpu>50", "1100" },
        { "cpu>412%", "0000" },
        { "cpu>=412", "0100" },
        { "cpu<1", "0001" },
        { "wait>5", "1000" },
        { "wait_max<=1.2", "0101" },
        { "wait_max_ratio>1 !redis", "1001" },
        { "memory>2G", "0110" },
        { "mem>=2g", "0111" },
        { "mem:8G", "0100" },
        { "memory>", "1111" },
        { "memory>lots", "0000" },
        { "in_libvirt:yes", "0110" },
        { "in_libvirt:off", "1001" },
        { "nonsense>5", "0000" }, /* plain text that nobody has */
        { "虚", "0000" },
    };
    g_autoptr(HvStore) store = hv_store_new(&vm_schema);
    HvSink *sink = hv_sink_begin(&store, 1, 1);
    for (guint row = 0; few[row].vm; row++)
        put_row(sink, &few[row]);
    hv_sink_end(sink, TRUE);
    const HvTable *table = hv_store_table(store);

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        char matches[5] = "";

        for (guint row = 0; row < 4; row++) {
            const int at = hv_table_find(table, few[row].vm);
            matches[row] = hv_filter_matches(cases[i].filter, table, (guint)at) ? '1' : '0';
        }
        if (strcmp(matches, cases[i].expected) != 0)
            g_test_message("filter \"%s\"", cases[i].filter);
        g_assert_cmpstr(matches, ==, cases[i].expected);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/filter/words match what they say", test_filter_words);
    return g_test_run();
}
