/* What the console is given by those who know the host: snapshots, answers to intents. Values
 * only. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/recipe.h"
#include "model/timeline.h"

typedef enum {
    HV_INTENT_PLAN,  /* make a plan of wishes; answered by PLAN or REFUSED */
    HV_INTENT_APPLY, /* apply a plan; answered by PROGRESS…, then OUTCOME or REFUSED */
    HV_INTENT_UNDO,  /* make the plan that undoes entry @id (0: the newest); answered by PLAN or
                        REFUSED */
    HV_INTENT_REDO,  /* likewise */
    HV_INTENT_COMMAND,  /* a line of the command language; answered by TEXT or REFUSED */
    HV_INTENT_INTEREST, /* these VMs are on screen (may be none); not answered */
    HV_INTENT_RECIPE,   /* make a plan of recipe @recipe with @arguments; answered by PLAN or
                           REFUSED */
    HV_INTENT_CHOICES,  /* the ways recipe @recipe has with @arguments; answered by CHOICES or
                           REFUSED */
    HV_INTENT_CONFIRM,  /* keep what plan @id (0: the newest armed) made; answered by TEXT or
                           REFUSED */
    HV_INTENT_TRY,      /* crossover trial of @plan; answered by PROGRESS…, TEXT or REFUSED */
    HV_INTENT_STOP,     /* stop the plan that is being applied after, or a slow step within, its
                           running step; not answered: the plan's own outcome says it */
    HV_INTENT_SEEK, /* the past of the time @line (TIME as on the command line; NULL: @time_ns); a live console
                       whose past was not in view shows it from then on */
    HV_INTENT_STEP, /* the @n-th sample from the one in view; negative: back */
    HV_INTENT_PLAY, /* at @speed; 0: pause */
    HV_INTENT_NOW,  /* a live console: back to the present; a replay: to the end, and follow it */
    HV_INTENT_COMPARE, /* the time in view with that of @line (NULL: @time_ns); TEXT or REFUSED */
    HV_INTENT_RECORD, /* on, into the file @line (NULL: one named after host and time); @n 0: off, 1: on,
                         2: write what the ring holds and leave it at that; TEXT or REFUSED */
    HV_INTENT_NOTE,   /* a mark with the text @line, of VM @vm or NULL; TEXT or REFUSED */
    HV_INTENT_VIEW,   /* the screen is as @line says (hv_console_save_view()); not answered */
    HV_INTENT_WRITE, /* write @plan to the file @line: as shell lines when that ends with ".sh";
                        TEXT or REFUSED */
} HvIntentVerb;

/* A wish of the person at the screen. */
typedef struct {
    HvIntentVerb verb;
    guint64 serial;    /* copied into every answer */
    GPtrArray *wishes; /* of HvWish; PLAN */
    HvPlan *plan;      /* APPLY, TRY, WRITE; owned */
    guint confirm_s;   /* APPLY: revert unless confirmed within; 0: it stays */
    char *recipe;      /* RECIPE, CHOICES; owned, as the next */
    char **arguments;
    guint64 id;
    gboolean force, persist;
    char *line;     /* COMMAND and those that say so */
    char *vm;       /* NOTE; owned */
    int n;          /* STEP, RECORD */
    double speed;   /* PLAY */
    gint64 time_ns; /* SEEK, NOTE, VIEW: since 1970 */
    GPtrArray *vms; /* of char *; INTEREST: NULL: all */
} HvIntent;

typedef enum {
    HV_ANSWER_PLAN,
    HV_ANSWER_PROGRESS,
    HV_ANSWER_OUTCOME,
    HV_ANSWER_REFUSED,
    HV_ANSWER_TEXT,
    HV_ANSWER_CHOICES,
} HvAnswerKind;

typedef struct {
    HvAnswerKind kind;
    guint64 serial;
    HvPlan *plan;       /* PLAN, PROGRESS, OUTCOME; owned */
    GError *error;      /* REFUSED; owned */
    char *text;         /* TEXT; owned */
    int status;         /* TEXT: the exit status of the sub-command */
    GPtrArray *choices; /* CHOICES: of HvRecipeChoice; owned */
} HvAnswer;

/* How the console reaches the rest. None of these ever waits. UI thread. */
typedef struct {
    gpointer data;
    int wake_fd; /* readable when a snapshot or an answer is there */
    HvSnapshot *(*take_snapshot)(
        gpointer data);                      /* the newest one not yet taken (owned), or NULL */
    HvAnswer *(*take_answer)(gpointer data); /* owned, or NULL */
    void (*submit)(gpointer data, HvIntent *take_intent);
    void (*drain_wake)(gpointer data); /* empties @wake_fd */
    GPtrArray *(*complete)(gpointer data,
                           const char *line); /* completions of a command line: char *, owned */
    gint64 (*monotonic_ns)(gpointer data);
    gint64 (*realtime_ns)(gpointer data);
    gint64 (*boottime_ns)(gpointer data); /* what deadlines count; may be NULL */
    /* where the console stands in its past; NULL, or FALSE: it has none */
    gboolean (*timeline)(gpointer data, HvTimeline *timeline);
    const char *read_only_why; /* why nothing can be changed here, or NULL */
    const char *const *command_names;
    const HvRecipe *const *recipes; /* NULL-terminated; may be NULL */
} HvBackend;

/** hv_intent_new, hv_intent_free, hv_answer_new, hv_answer_free: own what hangs on them. Any
 * thread. */
HvIntent *hv_intent_new(HvIntentVerb verb);
void hv_intent_free(HvIntent *intent);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvIntent, hv_intent_free)
HvAnswer *hv_answer_new(HvAnswerKind kind, guint64 serial);
void hv_answer_free(HvAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvAnswer, hv_answer_free)
