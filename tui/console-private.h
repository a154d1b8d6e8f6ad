/* The inside of the console, shared by its own files and the dialogs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/dialog.h"
#include "tui/line.h"

#define HV_CONSOLE_MIN_COLUMNS 40
#define HV_CONSOLE_MIN_ROWS 10
#define HV_SAID_NS (5 * G_GINT64_CONSTANT(1000000000))

typedef enum { HV_PROMPT_NONE, HV_PROMPT_FILTER, HV_PROMPT_COMMAND } HvPrompt;

/* Something on the frame that can be clicked. */
typedef struct {
    int x, width;
    guint key; /* pressed when clicked */
} HvHotSpot;

struct HvConsole {
    const HvBackend *backend;
    const HvTheme *theme;
    HvTheme *own_theme; /* chosen in the settings */
    gboolean mono, ascii, mouse;
    gboolean draws_ascii; /* of the canvas last drawn on */
    gboolean quit, suspend, repaint;
    char *version;

    HvSnapshot *now;    /* in view */
    HvSnapshot *latest; /* the newest: another one while frozen */
    gboolean frozen;

    guint screen;       /* index in hv_screens */
    GArray *back;       /* of guint: screens to go back to */
    gpointer *states;   /* one per screen */
    GPtrArray *filters; /* char *, one per screen */

    char *vm; /* selected */
    int vcpu; /* of it, or -1 */
    gboolean is_guess; /* nobody chose it, and none was known to be the worst */
    GHashTable *tagged;
    GHashTable *seen;       /* VMs on screen in this draw */
    GHashTable *interested; /* as last submitted */
    char *picked_vm;
    int picked_vcpu;

    HvPrompt prompt;
    HvLine line;
    char *filter_before; /* what Escape goes back to */
    GPtrArray *completions;
    guint completion;
    char *completed_line; /* what was typed before the first Tab */
    GPtrArray *typed;     /* former commands, char * */
    guint typed_at;

    char *said;
    HvRole said_role;
    gint64 said_until_ns;

    GPtrArray *dialogs;   /* of HvDialog *, uppermost last */
    guint64 serial;       /* of the newest intent */
    guint64 asked_serial; /* of the plan, undo or redo asked for; 0: none */
    guint64 asked_id;     /* of the undo or redo */
    HvIntentVerb asked_verb; /* PLAN, UNDO or REDO */

    guint64 armed_id;      /* a change that reverts unless confirmed; 0: none */
    gint64 armed_until_ns; /* since boot: when it does; 0: not known */
    gboolean is_orphaned;  /* its guard is gone: nobody reverts it */

    gboolean is_recording, has_bad_disk, is_read_only, is_past; /* as the header says */
    char *told_view;  /* as last submitted */
    gboolean follows; /* a replay, and the picture is the operator's */
    gboolean is_own_view, hides_timeline, is_past_shown; /* of a replay: the viewer left the operator's view */
    guint64 view_serial;  /* of the view that was taken over */
    guint asks_above;     /* a time is being typed: dialogs there were with it; 0: none */
    int timeline_left, timeline_right; /* columns of its line */
    gint64 drawn_ns;  /* since 1970: the clock of the last draw */
    char *vm_before; /* selected as the last draw began, where that draw selected another; or NULL */
    int vcpu_before;
    HvViewOut *out; /* the lines of the view */

    HvView view;
    int columns, rows; /* of the last draw */
    GArray *tabs;      /* of HvHotSpot, on row 1 */
    GArray *foot;      /* of HvHotSpot, on the last row */
};

extern const HvBinding hv_common_bindings[];

/** hv_console_screen: the one in view. hv_console_find_screen: its index, or -1. UI thread, as all below. */
const HvScreen *hv_console_screen(const HvConsole *console);
int hv_console_find_screen(const char *name);
/** hv_console_screen_of_number: the screen of a digit key, or NULL. */
const HvScreen *hv_console_screen_of_number(guint number);
/** hv_console_show_screen: switches, remembering where from if @index is no top screen. */
void hv_console_show_screen(HvConsole *console, guint index);
gboolean hv_console_back(HvConsole *console);
/** hv_console_draw_frame: header, tabs and last row. */
void hv_console_draw_frame(HvConsole *console, HvCanvas *canvas);
/** hv_console_submit: gives the intent its serial and hands it over. Returns the serial. */
guint64 hv_console_submit(HvConsole *console, HvIntent *take_intent);
/** hv_console_say_error: the message in red. hv_console_refuse_read_only: says why when nothing may be changed; TRUE then. */
void hv_console_say_error(HvConsole *console, const GError *error);
gboolean hv_console_refuse_read_only(HvConsole *console);
/** hv_console_ask_again: repeats the undo or redo @id by force. */
void hv_console_ask_again(HvConsole *console, guint64 id, gboolean redo);
/** hv_console_now_ns: monotonic. */
gint64 hv_console_now_ns(const HvConsole *console);
/** hv_prompt_open, hv_prompt_event, hv_prompt_draw: the line at the foot for filters and commands. */
void hv_prompt_open(HvConsole *console, HvPrompt prompt, const char *text);
void hv_prompt_event(HvConsole *console, const HvEvent *event);
void hv_prompt_draw(HvConsole *console, HvCanvas *canvas);
void hv_prompt_close(HvConsole *console);
/** hv_console_freeze: holds the picture, or shows the newest again. */
void hv_console_freeze(HvConsole *console, gboolean frozen);
/** hv_binding_keys: "F1 ? h": @binding and those behind it that do the same; @n_bindings: how many. (transfer full) */
char *hv_binding_keys(const HvBinding *binding, guint *n_bindings);
/** hv_console_look_for_armed: looks in the snapshot in view for a change that will revert. hv_console_armed_text:
 * "plan 17 reverts in 24 s", @with_key ": K keeps it"; (transfer full), NULL where there is none.  hv_console_note_armed: until a snapshot has it, an armed @plan counts. */
void hv_console_look_for_armed(HvConsole *console);
char *hv_console_armed_text(const HvConsole *console, gboolean with_key);
void hv_console_note_armed(HvConsole *console, const HvPlan *plan);
/** hv_prompt_save, hv_prompt_load: the line at the foot, as lines of the view and back. */
void hv_prompt_save(const HvConsole *console, HvViewOut *out);
void hv_prompt_load(HvConsole *console, HvViewIn *in);
/** hv_dialog_save_all: the windows, the lowest first. hv_dialog_load_all: those instead of what is open, as pictures. */
void hv_dialog_save_all(const HvConsole *console, HvViewOut *out);
void hv_dialog_load_all(HvConsole *console, HvViewIn *in);
/** hv_console_target_names: the names of hv_console_targets(); (transfer full), or NULL after saying why nothing can be
 * changed: read-only, or no VM is selected. */
GPtrArray *hv_console_target_names(HvConsole *console);
/** hv_console_look_at_recording: what the header says of it, before a draw. hv_console_record: on or off.
 * hv_console_note: asks for the text of a mark. hv_console_tell_view: after a draw: what the picture depends on. */
void hv_console_look_at_recording(HvConsole *console, const HvTimeline *timeline);
void hv_console_record(HvConsole *console);
void hv_console_note(HvConsole *console);
void hv_console_tell_view(HvConsole *console);
