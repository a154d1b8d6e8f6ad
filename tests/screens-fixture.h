/* A host made by hand for the tests of the console: its tables from text, a backend that remembers what was asked. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/sink.h"
#include "tui/console.h"

#define HV_TEST_NOW_NS (G_GINT64_CONSTANT(5000) * 1000000000)

/* What the host is like. */
typedef enum {
    HV_SCENE_EMPTY,  /* no sample yet */
    HV_SCENE_NOBODY, /* no VM, libvirt absent */
    HV_SCENE_FIRST,  /* one sample: no rates */
    HV_SCENE_BUSY,   /* all there is */
    HV_SCENE_GONE,   /* as BUSY, but web-1 has gone */
    HV_SCENE_REMOTE, /* the libvirt is another machine's */
    HV_SCENE_TRAFFIC, /* VMs that reach across sockets, resctrl, links, findings */
    HV_SCENE_BLIND,   /* the same by place: no resctrl, no PMU */
    HV_SCENE_WIDE,    /* eight nodes */
    HV_SCENE_CHANGED, /* as TRAFFIC, after changes: one that reverts soon, one contested, with effects */
} HvScene;

/* A console, its backend, and all that the backend was asked. */
typedef struct {
    HvBackend backend;
    HvConsole *console;
    HvTheme *theme;
    GPtrArray *stores;
    GPtrArray *histories;
    GPtrArray *intents;   /* of HvIntent, without those that only say what is on screen */
    GPtrArray *interests; /* of HvIntent: those */
    gint64 now_ns;
} HvDesk;

HvDesk *hv_test_desk_new(HvScene scene);
void hv_test_desk_free(HvDesk *desk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvDesk, hv_test_desk_free)
/** hv_test_desk_show: what the host is like from now on. */
void hv_test_desk_show(HvDesk *desk, HvScene scene);
/** hv_test_desk_key: FALSE when the console wants to quit. hv_test_desk_type: a key per character. */
gboolean hv_test_desk_key(HvDesk *desk, guint key);
void hv_test_desk_type(HvDesk *desk, const char *text);
/** hv_test_desk_mouse: a press at a cell. */
gboolean hv_test_desk_mouse(HvDesk *desk, HvMouseAction action, int x, int y);
/** hv_test_desk_draw: as the terminal would, before a key can be pressed. */
void hv_test_desk_draw(HvDesk *desk);
/** hv_test_desk_text: the screen as text at 80x24, or of that size. (transfer full) */
char *hv_test_desk_text(HvDesk *desk);
char *hv_test_desk_text_of_size(HvDesk *desk, int columns, int rows);
/** hv_test_desk_shows: whether @text is on the 80x24 screen. */
gboolean hv_test_desk_shows(HvDesk *desk, const char *text);
/** hv_test_desk_asked: the newest intent if it is of that kind, else NULL. */
const HvIntent *hv_test_desk_asked(const HvDesk *desk, HvIntentVerb verb);
/** hv_test_plan: a plan of @n steps on web-1, as the session would make it. */
HvPlan *hv_test_plan(guint n);
