/* Any bytes from a terminal: they become sensible events, cut up in any way, and nothing is
 * kept for ever. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <string.h>

#include "model/text.h"
#include "tui/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static gsize
take_events(HvInput *input, gboolean timed_out)
{
    HvEvent event;
    gsize n = 0;

    for (; hv_input_next(input, timed_out, &event); n++) {
        g_assert_true(event.kind == HV_EVENT_KEY || event.kind == HV_EVENT_MOUSE ||
                      event.kind == HV_EVENT_PASTE);
        if (event.kind == HV_EVENT_KEY)
            g_assert_true(*hv_key_name(event.key));
        if (event.kind == HV_EVENT_MOUSE)
            g_assert_true(event.x >= 0 && event.y >= 0);
        if (event.kind == HV_EVENT_PASTE)
            g_assert_true(hv_text_is_printable(event.paste));
    }
    return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(HvInput) input = hv_input_new();
    const gsize step = size ? data[0] % 16 + 1U : 1;
    gsize n_events = 0;

    hv_input_add_sequence(input, "\033[1Q", HV_KEY_F1);
    for (gsize at = 0; at < size; at += step) {
        hv_input_feed(input, (const char *)data + at, MIN(step, size - at));
        n_events += take_events(input, FALSE);
    }
    for (guint i = 0; i < 100; i++)
        n_events += take_events(input, TRUE);
    g_assert_cmpuint(n_events, <=, size);
    g_assert_false(hv_input_is_pending(input));
    return 0;
}
