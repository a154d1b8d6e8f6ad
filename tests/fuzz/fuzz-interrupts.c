/* Fuzzes /proc/interrupts: no count may be lost or made up, no text read beyond its end. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>

#include "host/interrupt-lines.h"
#include "host/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define N_SLOTS 4u

static void
check_line(char *text, const guint *slots, guint n_columns)
{
    guint64 sums[N_SLOTS] = { 0 };
    HvInterruptLine line;
    g_autofree char *pci = NULL;

    if (!hv_interrupts_line(text, slots, n_columns, sums, &line))
        return;
    g_assert_cmpuint(line.n_cells, >, 0);
    g_assert_cmpuint(line.n_cells, <=, n_columns);
    if (line.is_whole)
        g_assert_cmpuint(sums[0] + sums[1] + sums[2] + sums[3], ==, 0);
    pci = hv_interrupts_pci(line.rest);
    hv_interrupts_is_of_device(hv_interrupts_name(line.label, line.rest), "nvme0n1");
    hv_interrupts_managed(hv_interrupts_name(line.label, line.rest));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(GArray) cpus = g_array_new(FALSE, FALSE, sizeof(guint));
    char *at = text, *header = hv_next_line(&at);
    g_autofree guint *slots = NULL;

    if (!header || !hv_interrupts_header(header, cpus, NULL))
        return 0;
    g_assert_cmpuint(cpus->len, >, 0);
    slots = g_new(guint, cpus->len);
    for (guint i = 0; i < cpus->len; i++)
        slots[i] = i % N_SLOTS;
    for (char *line; (line = hv_next_line(&at));)
        check_line(line, slots, cpus->len);
    return 0;
}
