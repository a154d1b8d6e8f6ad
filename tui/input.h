/* Bytes from a terminal made into events: keys, mouse, resize. Pure; the terminal gives it its key sequences. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

enum { /* keys that are no character; above Unicode */
    HV_KEY_UP = 0x110001, HV_KEY_DOWN, HV_KEY_LEFT, HV_KEY_RIGHT, HV_KEY_HOME, HV_KEY_END, HV_KEY_PAGE_UP,
    HV_KEY_PAGE_DOWN, HV_KEY_INSERT, HV_KEY_DELETE, HV_KEY_BACKSPACE, HV_KEY_TAB, HV_KEY_BACKTAB, HV_KEY_ENTER,
    HV_KEY_ESCAPE, HV_KEY_F1, HV_KEY_F2, HV_KEY_F3, HV_KEY_F4, HV_KEY_F5, HV_KEY_F6, HV_KEY_F7, HV_KEY_F8, HV_KEY_F9,
    HV_KEY_F10, HV_KEY_F11, HV_KEY_F12, HV_KEY_SHIFT_LEFT, HV_KEY_SHIFT_RIGHT, HV_KEY_SHIFT_UP, HV_KEY_SHIFT_DOWN,
    HV_KEY_CTRL = 0x120000, /* + 'a'…'z': HV_KEY_CTRL + 'c' */
};

typedef enum { HV_EVENT_NONE, HV_EVENT_KEY, HV_EVENT_MOUSE, HV_EVENT_PASTE, HV_EVENT_RESIZE, HV_EVENT_SNAPSHOT, HV_EVENT_ANSWER } HvEventKind;
typedef enum { HV_MOUSE_PRESS, HV_MOUSE_RELEASE, HV_MOUSE_DRAG, HV_MOUSE_WHEEL_UP, HV_MOUSE_WHEEL_DOWN } HvMouseAction;

typedef struct {
    HvEventKind kind;
    guint key;             /* a Unicode character or HV_KEY_… */
    HvMouseAction mouse;
    int x, y;              /* from 0 */
    const char *paste;     /* PASTE: printable UTF-8, borrowed until the next event */
} HvEvent;

/* Decoder with the bytes not yet understood. Opaque. */
typedef struct HvInput HvInput;
HvInput *hv_input_new(void);
void hv_input_free(HvInput *input);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvInput, hv_input_free)
/** hv_input_add_sequence: the terminal sends @bytes for @key (from terminfo); the xterm ones are known from the start. */
void hv_input_add_sequence(HvInput *input, const char *bytes, guint key);
/** hv_input_feed: adds bytes; at most 64 KiB are kept. */
void hv_input_feed(HvInput *input, const char *bytes, gsize n);
/** hv_input_next: the next event. @timed_out: nothing came for 25 ms, so that a lone ESC is Escape. FALSE: more bytes are needed. */
gboolean hv_input_next(HvInput *input, gboolean timed_out, HvEvent *event);
/** hv_input_is_pending: TRUE while an unfinished sequence waits. */
gboolean hv_input_is_pending(const HvInput *input);
/** hv_key_name: "F1", "Enter", "PgUp", "v", "Ctrl-L" for people; static or interned. */
const char *hv_key_name(guint key);
