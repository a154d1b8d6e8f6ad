/* The console: event loop, header, tabs, footer, dialogs, and the screens in between. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/screen.h"
#include "tui/theme.h"

typedef struct {
    const char *screen;     /* name of the first one; NULL: desk */
    const HvTheme *theme;
    gboolean mono, ascii, mouse;
    const char *version;
} HvConsoleOptions;

/** hv_console_new: a console without a terminal: for shot and tests. hv_console_free accepts NULL. UI thread, as all below. */
HvConsole *hv_console_new(const HvBackend *backend, const HvConsoleOptions *options);
void hv_console_free(HvConsole *console);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvConsole, hv_console_free)
/** hv_console_run: opens the terminal and runs until the person quits or a signal ends it. Returns the exit status; @signal_fd is a
 * signalfd with SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT (blocked before threads were started). */
int hv_console_run(HvConsole *console, int signal_fd, GError **error);
/** hv_console_show: makes @take_snapshot the one in view (unless frozen). */
void hv_console_show(HvConsole *console, HvSnapshot *take_snapshot);
/** hv_console_draw: the whole frame onto @canvas, of any size (too small: says so). */
void hv_console_draw(HvConsole *console, HvCanvas *canvas);
/** hv_console_event: one event, as from the terminal. FALSE: quit was asked for. */
gboolean hv_console_event(HvConsole *console, const HvEvent *event);
/** hv_console_answer: hands over an answer of the backend. */
void hv_console_answer(HvConsole *console, HvAnswer *take_answer);

/* ---- for screens and dialogs ---- */
/** hv_console_go: switches to the screen of that name. hv_console_say: a line at the foot for 5 s; printf. */
gboolean hv_console_go(HvConsole *console, const char *screen);
void hv_console_say(HvConsole *console, HvRole role, const char *format, ...) G_GNUC_PRINTF(3, 4);
/** hv_console_select_vm: @vm (a key of table "vms") is the selected one on every screen. */
void hv_console_select_vm(HvConsole *console, const char *vm);
/** hv_console_do: carries out an action as if its key had been pressed. */
gboolean hv_console_do(HvConsole *console, const HvAction *action);
/** hv_console_plan: asks for a plan of these wishes (of HvWish; ownership taken); its dialog opens when it is there. */
void hv_console_plan(HvConsole *console, GPtrArray *take_wishes, gboolean persist);
/** hv_console_undo, hv_console_redo: asks for the plan that undoes or redoes @id (0: the newest). */
void hv_console_undo(HvConsole *console, guint64 id);
void hv_console_redo(HvConsole *console, guint64 id);
/** hv_console_confirm: asks that change @id (0: the newest) be kept and not revert. */
void hv_console_confirm(HvConsole *console, guint64 id);
/** hv_console_targets: the tagged VMs, or the selected one: keys, NULL-terminated. (transfer container) */
const char **hv_console_targets(HvConsole *console);
/** hv_console_view: the view as the screens get it. */
const HvView *hv_console_view(HvConsole *console);
/** hv_console_pick: picks vCPU @vcpu of the VM named @vm (its name, no key) up, to be put down on the Map. hv_console_picked: what is held, borrowed until
 * the next event; FALSE when nothing; @vm and @vcpu may be NULL. hv_console_drop: lets go of it; asks for nothing. */
void hv_console_pick(HvConsole *console, const char *vm, int vcpu);
gboolean hv_console_picked(HvConsole *console, const char **vm, int *vcpu);
void hv_console_drop(HvConsole *console);
/** hv_console_select_vcpu: that vCPU of @vm is the selected one; -1: the VM as a whole, as hv_console_select_vm() does. */
void hv_console_select_vcpu(HvConsole *console, const char *vm, int vcpu);
/** hv_console_see: called while drawing: this VM is on screen, so its slow numbers are wanted. */
void hv_console_see(HvConsole *console, const char *vm);

/** hv_console_save_view: what the operator's picture depends on beside the snapshot and the clock: screen, size, theme,
 * glyphs, colours, locale, selection, tags, and of each screen its sort, filter, scroll and cursor, open dialogs, the
 * prompt: lines of NAME=VALUE, escaped. (transfer full) hv_console_restore_view: makes the console so; what it does not
 * know is left as it is. To be saved after a draw, and restored when the snapshot has been shown. A window comes back as
 * a picture: it can be read, scrolled and closed, but does nothing. @view may come from anybody. */
char *hv_console_save_view(HvConsole *console);
void hv_console_restore_view(HvConsole *console, const char *view);
/** hv_view_sample_ns: of a view that is frozen: the time (since 1970) of the sample it shows, which is to be in view
 * (hv_console_show()) before it is restored; else 0: the newest one. */
gint64 hv_view_sample_ns(const char *view);
