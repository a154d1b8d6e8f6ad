/* Windows over a screen: help, texts, choices, affinity, plans. Each has its own keys; the uppermost gets them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/console.h"

typedef struct HvDialog HvDialog;

/* What a kind of dialog does. All but @draw may be NULL. */
typedef struct {
    void (*draw)(HvDialog *dialog, HvConsole *console, HvCanvas *canvas);
    /* TRUE: done with it; else Escape, Backspace and q close it, and other keys are dropped */
    gboolean (*event)(HvDialog *dialog, HvConsole *console, const HvEvent *event);
    /* TRUE: the answer was for it. Borrowed, but @plan and @error may be stolen. */
    gboolean (*answer)(HvDialog *dialog, HvConsole *console, HvAnswer *answer);
    void (*free)(HvDialog *dialog);
    /* the window that stood on it has gone */
    void (*uncovered)(HvDialog *dialog, HvConsole *console);
    /* what @draw depends on, as lines; and a window that draws the same, of lines from anybody, or NULL. Both or none. */
    const char *name;
    void (*save)(const HvDialog *dialog, HvViewOut *out);
    HvDialog *(*load)(HvConsole *console, HvViewIn *in);
} HvDialogClass;

/* The beginning of each dialog. Owned by the console once open. */
struct HvDialog {
    const HvDialogClass *class;
    const HvBinding *bindings; /* what its foot tells; may change with its state */
    gboolean is_over; /* to be closed as soon as its function returns */
    gboolean is_picture; /* was loaded: gets only what moves and scrolls, and asks for nothing */
};

/* Those that can be saved. */
extern const HvDialogClass hv_dialog_text_class, hv_dialog_choice_class, hv_dialog_ask_class, hv_dialog_menu_class,
    hv_dialog_conflict_class, hv_dialog_affinity_class, hv_dialog_move_class, hv_dialog_plan_class;

typedef void (*HvChosen)(gpointer data, HvConsole *console, guint index);
typedef void (*HvTyped)(gpointer data, HvConsole *console, const char *text);

/** hv_dialog_open: puts it on top; the console frees it. UI thread, as all below. */
void hv_dialog_open(HvConsole *console, HvDialog *take_dialog);
/** hv_dialog_draw, hv_dialog_event: of the uppermost; FALSE where there is none. */
gboolean hv_dialog_draw(HvConsole *console, HvCanvas *canvas);
gboolean hv_dialog_event(HvConsole *console, const HvEvent *event);
/** hv_dialog_answer: offers an answer to all, the uppermost first. TRUE: one of them wanted it. */
gboolean hv_dialog_answer(HvConsole *console, HvAnswer *answer);
void hv_dialog_free(HvDialog *dialog);

/* The inside of a window: where to draw. */
typedef struct {
    int x, y, width, height;
} HvFrame;
/** hv_dialog_frame: a window of at most @width × @height, as large as the canvas allows, in its middle, cleared, with
 * @title in its edge and the keys of @dialog at its foot, for which @height has one row; it grows where they take more.
 * Returns its inside without that foot. */
HvFrame hv_dialog_frame(const HvDialog *dialog, HvCanvas *canvas, const char *title, int width, int height);
/** hv_dialog_lines: @lines (of char *) from @offset in @frame. Returns @offset so corrected that the last page is full. */
guint hv_dialog_lines(const HvFrame *frame, HvCanvas *canvas, const GPtrArray *lines, guint offset);
/** hv_dialog_scroll: moves @offset by the keys that move. TRUE when @event was one. */
gboolean hv_dialog_scroll(const HvEvent *event, guint *offset, guint page);

/** hv_dialog_wrap: @text broken at blanks into lines (char *, owned) of at most @width columns where it can be. */
GPtrArray *hv_dialog_wrap(const char *text, int width);
/** hv_dialog_text: a text to read. @take_lines: of char *, with g_free as free function. */
void hv_dialog_text(HvConsole *console, const char *title, GPtrArray *take_lines);
/** hv_dialog_choose: one of @take_names (at least one), calls @chosen at Enter. */
void hv_dialog_choose(HvConsole *console, const char *title, char **take_names, guint current, HvChosen chosen,
                      gpointer data);
/** hv_dialog_ask: a line is typed, with @help below it and @text to begin with; calls @typed at Enter. @data outlives it. */
void hv_dialog_ask(HvConsole *console, const char *title, const char *help, const char *text, HvTyped typed,
                   gpointer data);
/** hv_dialog_help: keys of the screen, common keys, keys of the other screens. */
void hv_dialog_help(HvConsole *console);
/** hv_dialog_settings: themes, mono, ASCII. */
void hv_dialog_settings(HvConsole *console);
/** hv_dialog_affinity: cpus for the selected vCPU, or for threads of all targets. */
void hv_dialog_affinity(HvConsole *console);
/** hv_dialog_move: where could the selected VM, or each of the tagged ones, go? @at_once: the best way becomes a plan at once. */
void hv_dialog_move(HvConsole *console, gboolean at_once);
/** hv_dialog_cache: cache and bandwidth of the selected or the tagged VMs. hv_dialog_irq: where the interrupt @irq may
 * go. hv_dialog_irqs: interrupts of the selected VM. */
void hv_dialog_cache(HvConsole *console);
void hv_dialog_irq(HvConsole *console, const char *irq);
void hv_dialog_irqs(HvConsole *console);
/** hv_dialog_plan: shows @take_plan, applies it at Enter. */
void hv_dialog_plan(HvConsole *console, HvPlan *take_plan);
/** hv_dialog_conflict: somebody else changed what @id would take back: offers to go on (@redo: to make it again). */
void hv_dialog_conflict(HvConsole *console, guint64 id, gboolean redo, const GError *error);
