/* Any text as a view: a console that draws, whose own view is lines that make another one draw
 * the same. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <string.h>

#include "tests/screens-fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_cells(const HvCanvas *canvas)
{
    for (int i = 0; i < canvas->columns * canvas->rows; i++) {
        const HvCanvasCell *cell = &canvas->cells[i];

        g_assert_cmpuint(cell->role, <, HV_N_ROLES);
        g_assert_true(g_utf8_validate(cell->text, -1, NULL));
        for (const char *at = cell->text; *at; at++)
            g_assert_true((guchar)*at >= 0x20 && *at != 0x7f);
    }
}

static void
restore_and_draw(HvDesk *desk, const char *view, HvCanvas *canvas)
{
    hv_console_restore_view(desk->console, view);
    canvas->ascii = FALSE;
    hv_console_draw(desk->console, canvas);
    check_cells(canvas);
}

/* What is drawn is the same again, from what was saved of it. */
static void
check_again(HvDesk *desk, const HvCanvas *canvas)
{
    g_autofree char *view = hv_console_save_view(desk->console);
    g_autoptr(HvCanvas) again = hv_canvas_new(canvas->columns, canvas->rows, FALSE);

    g_assert_true(g_utf8_validate(view, -1, NULL));
    g_assert_cmpuint(strlen(view), <=, HV_VIEW_MAX);
    restore_and_draw(desk, view, again);
}

/* The machine is made once; the console is a new one each time. */
static HvDesk *
fresh_desk(void)
{
    static HvDesk *desk;
    const HvConsoleOptions options = { .version = "0.1" };
    g_autoptr(HvSnapshot) now = NULL;

    if (!desk) {
        desk = hv_test_desk_new(HV_SCENE_CHANGED);
        return desk;
    }
    now =
        hv_snapshot_ref((HvSnapshot *)(gpointer)(guintptr)hv_console_view(desk->console)->now);
    hv_console_free(desk->console);
    g_ptr_array_set_size(desk->intents, 0);
    g_ptr_array_set_size(desk->interests, 0);
    desk->console = hv_console_new(&desk->backend, &options);
    hv_console_show(desk->console, g_steal_pointer(&now));
    return desk;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *view = g_strndup((const char *)data, size);
    HvDesk *desk = fresh_desk();
    g_autoptr(HvCanvas) canvas = hv_canvas_new(80, 24, FALSE);

    restore_and_draw(desk, view, canvas);
    check_again(desk, canvas);
    for (const char *key = "\t$jG\033G"; *key; key++) {
        const HvEvent event = { .kind = HV_EVENT_KEY, .key = (guint)*key };

        hv_console_event(desk->console, &event);
    }
    canvas->ascii = FALSE;
    hv_console_draw(desk->console, canvas);
    check_cells(canvas);
    return 0;
}
