/* Steps, plans, outcomes: one wish becomes one plan, journalled and taken back whole. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/knob.h"

typedef enum { HV_PLAN_SET, HV_PLAN_UNDO, HV_PLAN_REDO } HvPlanKind;

/* What became of a step. */
typedef enum {
    HV_OUTCOME_PLANNED,    /* not begun */
    HV_OUTCOME_BEGUN,      /* journalled, perhaps written: unknown until the host is read */
    HV_OUTCOME_DONE,       /* written, read back, as wished */
    HV_OUTCOME_DIFFERS,    /* written, but the host made something else of it */
    HV_OUTCOME_FAILED,     /* refused; the host is as before */
    HV_OUTCOME_UNKNOWN,    /* no answer */
    HV_OUTCOME_TAKEN_BACK, /* done, then put back because a later step failed */
    HV_OUTCOME_SKIPPED, /* not begun, since an earlier one failed or hvtune was asked to stop */
} HvOutcomeState;

typedef enum {
    HV_PLAN_NEW,
    HV_PLAN_APPLYING,
    HV_PLAN_APPLIED,
    HV_PLAN_REFUSED, /* failed as a whole; the host is as before */
    HV_PLAN_PARTLY,  /* some steps stand, some do not: each step says which */
    HV_PLAN_UNKNOWN,
} HvPlanState;

/* One step. Owns all its texts. */
typedef struct {
    char *knob;            /* path */
    HvValue before, after; /* after: what the kernel is expected to make of the wish */
    HvValue found;         /* what was read back; NOTHING until then */
    HvUndo undo;
    HvStepClass step_class;
    char *shell_line;
    char *risk;   /* or NULL */
    char *remark; /* or NULL */
    HvSubject subject;
    gboolean is_expected; /* before is what an earlier step of the plan will make; what is found
                             then takes its place */
    double progress_ratio; /* of a slow step while it is BEGUN, 0-1; NAN unknown */
    char *progress;        /* in words, or NULL */
    gboolean persist;      /* also written to the persistent definition */
    char *persist_before;  /* opaque; may hold secrets; NULL without persist */
    char *persist_after;
    HvOutcomeState state;
    char *error; /* why it failed, or NULL */
} HvStep;

/* Whether a plan reverts by itself (semantics, section 3). */
typedef enum {
    HV_CONFIRM_NONE,      /* it stays */
    HV_CONFIRM_ARMED,     /* its guard waits for the deadline */
    HV_CONFIRM_CONFIRMED, /* somebody confirmed it */
    HV_CONFIRM_REVERTED,  /* it was taken back, by undone_by: mostly for want of confirmation */
    HV_CONFIRM_KEPT, /* the deadline passed and it was not taken back: the summary says why */
} HvConfirm;

/* A plan. Shared between threads only by handing it over whole. */
struct HvPlan {
    guint64 id; /* of the journal entry; 0 until journalled */
    HvPlanKind kind;
    guint64 of;  /* the plan that an undo or redo concerns; else 0 */
    char *title; /* "set vm/web1/vcpu/0/cpus" */
    gboolean persist, force;
    gboolean by_glob; /* while it is made: the wish at hand is a glob: it names nobody */
    GPtrArray *steps; /* of HvStep */
    GPtrArray *notes; /* of char *: room, neighbours, policy, doubts: for people */
    HvPlanState state;
    gint64 time_ns;                   /* since 1970, when journalled */
    guint64 undone_by;                /* id of the undo that took it back, or 0 */
    char *machine_id, *boot_id, *who; /* who: "root on pts/3"; may be NULL before journalling */
    char *summary;                    /* one line for people after the end, or NULL */
    char *recipe;                     /* the recipe that made it ("move"), or NULL */
    char *vm; /* the VM that it is meant to help, as in tables, or NULL: that of its steps */
    HvConfirm confirm;
    guint confirm_s;    /* the time to confirm, from the end of its last step; 0: none */
    gint64 deadline_ns; /* CLOCK_BOOTTIME, when ARMED and the last step has ended; else 0 */
    char *
        effect; /* what it did, a line for each metric, main one first; NULL: not known (yet) */
};

/* A wish: this knob shall have this value. */
typedef struct {
    char *knob;  /* path, or glob */
    char *value; /* text form */
} HvWish;

/** hv_step_new, hv_step_free, hv_step_copy: any thread, as all below. */
HvStep *hv_step_new(const char *knob);
HvStep *hv_step_copy(const HvStep *step);
void hv_step_free(HvStep *step);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvStep, hv_step_free)
HvPlan *hv_plan_new(HvPlanKind kind, const char *title);
HvPlan *hv_plan_copy(const HvPlan *plan);
void hv_plan_free(HvPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvPlan, hv_plan_free)
HvStep *hv_plan_step(const HvPlan *plan, guint index);
guint hv_plan_n_steps(const HvPlan *plan);
/** hv_plan_count_steps: how many of its steps are in that state. */
guint hv_plan_count_steps(const HvPlan *plan, HvOutcomeState state);
/** hv_plan_undo_of: the weakest exactness over the steps. */
HvUndo hv_plan_undo_of(const HvPlan *plan);
/** hv_plan_class_of: ONE_WAY if any step is, else SLOW if any is. */
HvStepClass hv_plan_class_of(const HvPlan *plan);
/** hv_plan_pages_moved: most of what its slow steps were to move has moved: then its instant steps
 * stay, so that vCPUs and memory end together. FALSE without a slow step that was made. */
gboolean hv_plan_pages_moved(const HvPlan *plan);
/** hv_plan_expected: what @knob will be after the plan's steps: borrowed, or NULL where none
 * concerns it. */
const HvValue *hv_plan_expected(const HvPlan *plan, const char *knob);
/** hv_wish_parse: "KNOB=VALUE" at the first "="; MALFORMED without one. (transfer full) */
HvWish *hv_wish_parse(const char *text, GError **error);
HvWish *hv_wish_new(const char *knob, const char *value);
void hv_wish_free(HvWish *wish);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvWish, hv_wish_free)
/** hv_outcome_name, hv_plan_state_name, hv_undo_name: stable words ("done", "applied",
 * "exact"), untranslated. */
const char *hv_outcome_name(HvOutcomeState state);
const char *hv_plan_state_name(HvPlanState state);
const char *hv_undo_name(HvUndo undo);
const char *hv_plan_kind_name(HvPlanKind kind);
/** hv_outcome_parse, hv_plan_state_parse: the reverse; FALSE for an unknown word. */
gboolean hv_outcome_parse(const char *word, HvOutcomeState *state);
gboolean hv_plan_state_parse(const char *word, HvPlanState *state);
gboolean hv_plan_kind_parse(const char *word, HvPlanKind *kind);
const char *hv_confirm_name(HvConfirm confirm);
gboolean hv_confirm_parse(const char *word, HvConfirm *confirm);
/** hv_step_class_name: "instant", "slow", "one-way". */
const char *hv_step_class_name(HvStepClass step_class);
