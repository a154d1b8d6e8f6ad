/* Fuzzes the IOMMU's table of interrupts: a device that it names as posted never moves. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>

#include "host/irq-facts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(HvIrqPosting) posting = hv_irq_posting_parse(text);
    const HvPosted posted = hv_irq_posted(posting, "0000:81:00.0");

    g_assert_cmpint(hv_irq_hold(posting, "vfio-msix[0](0000:81:00.0)") == HV_IRQ_MOVES, ==,
                    posted == HV_POSTED_NO);
    return 0;
}
