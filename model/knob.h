/* Knobs: all that can be changed is a path with a typed value; and the tuners that own them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/probe.h"
#include "model/value.h"

/* How well a change can be taken back. */
typedef enum { HV_UNDO_EXACT, HV_UNDO_NEAR, HV_UNDO_NONE } HvUndo;
/* Whether a step may be reverted by a timer (semantics, section 3). */
typedef enum { HV_STEP_INSTANT, HV_STEP_SLOW, HV_STEP_ONE_WAY } HvStepClass;

/* A family of knobs: a path in which "*" stands for one name or number. A list ends with a NULL
 * path. */
typedef struct {
    const char *path; /* "vm/ * /vcpu/ * /cpus" (without the blanks) */
    HvType type;
    HvUnit unit;
    guint64 min, max;         /* for numbers; max 0: none */
    const char *const *words; /* for WORD */
    const char *help;         /* one sentence for people: N_("...") */
    const char *shell_line;   /* what a person would type; {1} {2} the starred segments, {after}
                               * the value, each quoted as a shell word; NULL where the tuner's
                               * shell_line function says it */
    const char *risk;         /* what it may do to the guest, one clause, or NULL: N_("...") */
    HvUndo undo;
    HvStepClass step_class;
    gboolean persists;   /* has a persistent form (--persist) */
    gboolean named_only; /* printed by `get` only when named without a glob */
    /* the recipe that alone changes it ("apicv on|off --outage"), or NULL: a wish for it is
     * refused and names it */
    const char *only_by;
} HvKnobFamily;

/* One knob. @segments are decoded, NULL-terminated; @path is in its escaped form. Owned by
 * whoever made it. */
typedef struct {
    const struct HvTuner *tuner;
    const HvKnobFamily *family;
    char *path;
    char **segments;
} HvKnob;

/* Who a knob belongs to, so that an undo acts only on the same guest. Zeroed: the host itself.
 */
typedef struct {
    char *guest_name;
    char *guest_uuid; /* "" for a guest without one */
    int pid;
    guint64 start_ticks; /* of the process, field 22 of stat */
} HvSubject;

/* How a slow write tells how far it is, asks whether to go on, and is told how fast it may go.
 * Lives for one write. */
typedef struct {
    /* @done_ratio: 0-1, NAN unknown; @text: one clause for people ("3.1 of 16G on node 1, 210
     * MB/s"). FALSE: stop now, leave what is done and return FALSE with HV_ERROR_FAILED. Waits
     * for nothing. */
    gboolean (*tell)(gpointer data, double done_ratio, const char *text);
    gpointer data;
    guint64 rate_bytes_per_s; /* as asked for; 0: the tuner's own */
} HvProgress;

typedef struct HvPlan HvPlan; /* model/plan.h */

/* Owns families of knobs. Registered in Makefile.am (tuner_sources). The functions run on the
 * actuator's thread or a one-shot command's main thread; those that can hang take a deadline of
 * their own through the host's workers. */
typedef struct HvTuner {
    const char *name;
    const char *source;
    const HvKnobFamily *knobs;
    /* Adds the path (char *, owned by @paths) of every knob of @family here. NULL: the path has
     * no star. */
    gboolean (*list)(HvHost *host, const HvKnobFamily *family, GPtrArray *paths,
                     GError **error);
    /* The live value, from the kernel. ABSENT names what is not there ("vm/web9: no such VM").
     */
    gboolean (*read)(HvHost *host, const HvKnob *knob, HvValue *value, GError **error);
    /* Optional: the value that @text asks for where that depends on the host ("75%" of the
     * ways, 33 that the kernel makes 40); NULL: hv_value_parse(). @plan: as for check.
     * MALFORMED. */
    gboolean (*parse)(HvHost *host, const HvKnob *knob, const char *text,
                      const HvPlan *plan, HvValue *value, GError **error);
    /* Optional: what the knob will be when the steps that @plan has so far are made, where one
     * of them makes it (a group's masks when the group is made by the plan). Asked only when
     * read says ABSENT. */
    gboolean (*expect)(HvHost *host, const HvKnob *knob, const HvPlan *plan,
                       HvValue *value, GError **error);
    /* Optional: the wishes that stand for this one, in order, where it takes more than one step
     * to be undone exactly (a group's members leave before the group does); one of them may be
     * for @knob itself. Adds HvWish to @wishes; none: it stands for itself. */
    gboolean (*unfold)(HvHost *host, const HvKnob *knob, const HvValue *after,
                       const HvPlan *plan, GPtrArray *wishes, GError **error);
    /* Would the kernel and our rules take it, after the steps that @plan has so far? Run for
     * every step before anything is written. REFUSED, MALFORMED. */
    gboolean (*check)(HvHost *host, const HvKnob *knob, const HvValue *after,
                      const HvPlan *plan, GError **error);
    gboolean (*write)(HvHost *host, const HvKnob *knob, const HvValue *after, GError **error);
    /* Instead of write, for what takes longer than a few seconds. */
    gboolean (*write_slowly)(HvHost *host, const HvKnob *knob, const HvValue *after,
                             const HvProgress *progress, GError **error);
    /* Optional: whether @found, as read back, is what @wanted asked for, where that is less than
     * being equal to it (all pages on one of two nodes); NULL: hv_value_equal(). */
    gboolean (*is_met)(const HvKnob *knob, const HvValue *found, const HvValue *wanted);
    /* Optional, of slow knobs: the share (0-1) of what a step moves that is where @before
     * says, in @ratio. A plan that expires goes back only while that is most of it. */
    gboolean (*still_there)(HvHost *host, const HvKnob *knob, const HvValue *before,
                            double *ratio, GError **error);
    /* Persistent form: an opaque text that restores it exactly; may hold secrets. */
    gboolean (*persist_read)(HvHost *host, const HvKnob *knob, char **state, GError **error);
    gboolean (*persist_write)(HvHost *host, const HvKnob *knob, const HvValue *after,
                              GError **error);
    /* Puts @before back if the present state equals @after, else CONFLICT (or with @force
     * anyway). */
    gboolean (*persist_restore)(HvHost *host, const HvKnob *knob, const char *before,
                                const char *after, gboolean force, GError **error);
    /* Optional: whether @state, a persistent form, holds @after for @knob; NULL: cannot be
     * told. */
    gboolean (*persist_holds)(const HvKnob *knob, const char *state, const HvValue *after);
    /* Optional: TRUE when no earlier write of @knob can still be on its way, so that what is
     * read from now on stays; NULL: a write is over when it returns, or with its process. */
    gboolean (*is_quiet)(HvHost *host, const HvKnob *knob, GError **error);
    /* Optional: for a step that stands, about once a second: brings in what has come since and
     * belongs to it (a VM's new threads), unless somebody else made @value something else. */
    void (*keep)(HvHost *host, const HvKnob *knob, const HvValue *value);
    gboolean (*subject)(HvHost *host, const HvKnob *knob, HvSubject *subject, GError **error);
    /* Optional: the shell line and a remark for the plan ("leaves a trace ..."), both owned by
     * the caller. */
    char *(*shell_line)(HvHost *host, const HvKnob *knob, const HvValue *after,
                        gboolean persist);
    char *(*remark)(HvHost *host, const HvKnob *knob, const HvValue *before,
                    const HvValue *after);
    /* Optional: the value in its other forms, for people: "8 ways, 67 %, 28 MiB"; or NULL.
     * (transfer full) */
    char *(*forms)(HvHost *host, const HvKnob *knob, const HvValue *value);
    /* Optional: exactness and class of this very change, where they are not the family's, which
     * they are filled with. */
    void (*grade)(HvHost *host, const HvKnob *knob, const HvValue *before, const HvValue *after,
                  HvUndo *undo, HvStepClass *step_class);
} HvTuner;

extern const HvTuner *const hv_tuners[]; /* NULL-terminated; generated */

/** hv_knob_escape: bytes of @name other than A-Za-z0-9._+@:- as %XX; the caller owns it. Any
 * thread, as below. */
char *hv_knob_escape(const char *name);
/** hv_knob_unescape: the reverse; NULL with MALFORMED for a broken %XX, a NUL or a slash-free
 * rule broken. */
char *hv_knob_unescape(const char *segment, GError **error);
/** hv_knob_path: joins decoded segments (NULL-terminated arguments) into a path; the caller
 * owns it. */
char *hv_knob_path(const char *first, ...) G_GNUC_NULL_TERMINATED;
/** hv_knob_glob_match: "*" stops at "/", "**" does not; any other byte stands for itself. */
gboolean hv_knob_glob_match(const char *glob, const char *path);
/** hv_knob_is_glob: TRUE when it holds a star. */
gboolean hv_knob_is_glob(const char *text);
/** hv_knob_parse: finds the family of @path among @tuners (NULL-terminated). ABSENT when there
 * is none: the message names the nearest families. (transfer full) */
HvKnob *hv_knob_parse(const HvTuner *const *tuners, const char *path, GError **error);
HvKnob *hv_knob_copy(const HvKnob *knob);
void hv_knob_free(HvKnob *knob);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvKnob, hv_knob_free)
/** hv_subject_clear: frees what it owns. hv_subject_copy: deep. */
void hv_subject_clear(HvSubject *subject);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HvSubject, hv_subject_clear)
void hv_subject_copy(HvSubject *to, const HvSubject *from);
/** hv_shell_quote: @word as one POSIX shell word, printable; bytes that are not printable come
 * as $'\\x..'. */
char *hv_shell_quote(const char *word);
/** hv_knob_shell_line: fills the family's template. (transfer full), NULL when it has none. */
char *hv_knob_shell_line(const HvKnob *knob, const HvValue *after);
