/* What a screen is, and what it may use: the snapshot in view, the selection, the frame's helpers. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/backend.h"
#include "tui/canvas.h"
#include "tui/input.h"
#include "tui/view-text.h"

typedef struct HvConsole HvConsole; /* the frame: tui/console.h */

/* What a key does when its screen has no code for it. */
typedef enum {
    HV_DO_NOTHING,
    HV_DO_EVENT,     /* goes to the screen's event function */
    HV_DO_SCREEN,    /* @screen */
    HV_DO_HELP, HV_DO_BACK, HV_DO_QUIT,
    HV_DO_VM_PAGE, HV_DO_SHEET, HV_DO_AFFINITY, HV_DO_UNDO, HV_DO_REDO,
    HV_DO_FILTER, HV_DO_NEXT_MATCH, HV_DO_PREVIOUS_MATCH, HV_DO_SORT, HV_DO_SORT_BY, HV_DO_REVERSE, HV_DO_TAG, HV_DO_UNTAG,
    HV_DO_COMMAND, HV_DO_FREEZE, HV_DO_MONO, HV_DO_REPAINT, HV_DO_SETTINGS, HV_DO_NEXT_SCREEN, HV_DO_PREVIOUS_SCREEN,
    HV_DO_MOVE,      /* where could the VM go? */
    HV_DO_CACHE,     /* cache and bandwidth of the VM */
    HV_DO_IRQS,      /* interrupts: of the VM */
    HV_DO_CONFIRM,   /* keeps the change that would revert */
    HV_DO_PAST,      /* the timeline's: tui/timeline.h */
    HV_DO_RECORD,    /* recording on, off */
    HV_DO_NOTE,      /* a mark with a note */
    HV_DO_EDIT,      /* a dialog for @knob */
    HV_DO_NOT_YET,   /* a key of a later version: says "not in this version" */
} HvVerb;

typedef struct {
    HvVerb verb;
    const char *knob;
    const char *screen;
    const char *column; /* SORT_BY */
} HvAction;

/* One key of a screen. A list ends with key 0. Footers, help and manual come from these. */
typedef struct {
    guint key;
    const char *name;  /* one word for the footer, N_("affinity"); NULL: not in the footer */
    const char *help;  /* one line for the help, N_("..."); NULL: hidden (a second key for the same) */
    HvAction action;
} HvBinding;

/* What a screen draws from. Borrowed for the call. */
typedef struct {
    const HvSnapshot *now;     /* never NULL (an empty one at first) */
    HvConsole *console;
    const char *vm;            /* key of the selected VM, or NULL */
    GHashTable *tagged;        /* set of VM keys */
    const char *filter;        /* "" when none */
    gint64 now_ns;             /* monotonic: for ages */
    gboolean frozen;
    const HvBackend *backend;
    int vcpu;                  /* the selected one of @vm; -1: the VM as a whole */
} HvView;

/* A screen. Registered in Makefile.am (screen_sources); its key comes from its definition. */
typedef struct {
    const char *name;     /* "desk": for `shot`, `:` */
    const char *title;    /* N_("Desk") */
    guint number;         /* 1…8: its digit key; 0: reached otherwise */
    const char *help;     /* one sentence: N_("...") */
    const HvBinding *bindings;
    const char *const *tables; /* what it shows, NULL-terminated; NULL: all */
    gpointer (*create)(void);  /* state, or NULL for none */
    void (*destroy)(gpointer state);
    /* draws the rows between header and footer: the canvas is clipped and (0, top) to (columns, bottom) is its own */
    void (*draw)(gpointer state, const HvView *view, HvCanvas *canvas, int top, int bottom);
    /* TRUE: done with it. Gets keys before the common ones only where its bindings name them, all mouse events in its area. */
    gboolean (*event)(gpointer state, const HvView *view, const HvEvent *event);
    /* what @draw depends on beside the view, into lines; and from lines of anybody: then the next @draw draws the same */
    void (*save)(gpointer state, HvViewOut *out);
    void (*load)(gpointer state, const HvViewIn *in);
} HvScreen;

extern const HvScreen *const hv_screens[]; /* NULL-terminated; generated */
