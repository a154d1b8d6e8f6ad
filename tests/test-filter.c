/* The filter: what its words match, and what they do not. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "tests/vm-table.h"
#include "tui/filter.h"

static void
test_filter_words(void)
{
    static const struct {
        const char *filter, *expected; /* as in hv_test_vms: web-10, redis-1, web-2, idle-9 */
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
    g_autoptr(HvStore) store = hv_store_new(&hv_test_vms_schema);
    HvSink *sink = hv_sink_begin(&store, 1, 1);
    for (guint row = 0; hv_test_vms[row].vm; row++)
        hv_test_put_vm(sink, &hv_test_vms[row]);
    hv_sink_end(sink, TRUE);
    const HvTable *table = hv_store_table(store);

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        char matches[5] = "";

        for (guint row = 0; row < 4; row++) {
            const int at = hv_table_find(table, hv_test_vms[row].vm);
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
