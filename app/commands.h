/* The sub-commands: one table that dispatch, help and completion are made from. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "app/wiring.h"

/* Where a sub-command's text goes. */
typedef struct {
    GString *out;       /* for stdout, or the answer in a console */
    GString *notes;     /* for stderr: whole lines */
    gboolean is_direct; /* hv_output_flush() writes to stdout and stderr */
} HvOutput;

/* A sub-command; app/cmd-NAME.c defines hv_command_NAME and app/commands.c lists it. */
typedef struct {
    const char *name;
    const char *usage;        /* what stands behind its name: "[--json] [TABLE…]" */
    const char *help;         /* one line: N_("...") */
    const char *details;      /* for its own --help: N_("..."), or NULL */
    gboolean reads;           /* of a recording it can say as much: --from, --at */
    gboolean names_recording; /* its first argument is what --from gives others */
    gboolean is_hidden;       /* hvtune's own: neither in help nor in completion */
    HvOption options;         /* bits beside HV_OPTIONS_COMMON */
    /* Optional: what its --help says beside that, between details and options; @options may be
     * NULL. */
    void (*append_help)(const HvOptions *options, GString *help);
    /* The exit status; -1: that of @error (hv_app_status_of()). An @error is printed as one
     * line. */
    int (*run)(HvApp *app, const HvOptions *options, HvOutput *output, GError **error);
} HvCommand;

extern const HvCommand *const hv_commands[]; /* NULL-terminated */
extern const char *const hv_command_names[]; /* NULL-terminated, without hidden ones */

/** hv_command_append_words: for append_help: @words (NULL-terminated) below @heading, as many
 * as fit on a line. */
void hv_command_append_words(GString *help, const char *heading, const char *const *words);
/** hv_command_find: by name, or NULL. */
const HvCommand *hv_command_find(const char *name);
/** hv_command_help: of hvtune itself (NULL) or of one sub-command. @options: of the line, or
 * NULL. (transfer full) */
char *hv_command_help(const HvCommand *command, const HvOptions *options);
/** hv_command_run: what @options say: help, version or a sub-command. Prints into @output;
 * returns the exit status. */
int hv_command_run(HvApp *app, const HvOptions *options, HvOutput *output);
/** hv_command_run_line: a line as in `do` and behind `:`; words as a shell would split them.
 * @base: of the hvtune line. */
int hv_command_run_line(HvApp *app, const HvOptions *base, const char *line, HvOutput *output);
/** hv_command_accepts: FALSE with MALFORMED for an unknown sub-command or an option that it
 * does not take. */
gboolean hv_command_accepts(const HvOptions *options, GError **error);

/** hv_output_new: a direct one writes when flushed. hv_output_free: does not flush. */
HvOutput *hv_output_new(gboolean is_direct);
void hv_output_free(HvOutput *output);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvOutput, hv_output_free)
/** hv_output_flush: writes and empties a direct output; others keep what they have. FALSE with
 * @error when stdout takes no more; a reader that has gone is no error. */
gboolean hv_output_flush(HvOutput *output, GError **error);
/** hv_output_note: adds the line "hvtune: …" for stderr, printable. */
void hv_output_note(HvOutput *output, const char *text);
