/* Plans for resctrl on simulated machines, and what is there then. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host.h"
#include "session/session.h"

typedef struct {
    HvHost *host;
    HvJournal *journal;
    HvSessionParts parts;
    HvActOptions options;
} Bench;

/** bench_begin_in: a demo; bench_begin: the demo "training"; @variant: "amd,cdp", NULL: none;
 * @fault as in --fault, or NULL. */
void bench_begin_in(Bench *bench, const char *scenario, const char *variant, const char *fault);
void bench_begin(Bench *bench, const char *variant, const char *fault);
void bench_end(Bench *bench);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Bench, bench_end)
/** bench_plan_of: @texts: "KNOB=VALUE", blanks between them; NULL with @error. bench_apply: as
 * hv_plan_apply(). */
HvPlan *bench_plan_of(const Bench *bench, const char *texts, GError **error);
gboolean bench_apply(const Bench *bench, HvPlan *plan, GError **error);
/** bench_assert_set: the plan is made and applied. bench_assert_undone: the newest plan is
 * taken back. */
void bench_assert_set(const Bench *bench, const char *texts);
void bench_assert_undone(const Bench *bench);
/** bench_assert_refused: no plan is made, for a reason that has @word in it. */
void bench_assert_refused(const Bench *bench, const char *texts, const char *word);
/** bench_assert_parsed: what the last step of the plan would write. */
void bench_assert_parsed(const Bench *bench, const char *wish, const char *wanted);
/** bench_write_as_root, bench_make_as_root: below sys/fs/resctrl, behind hvtune's back. */
void bench_write_as_root(const Bench *bench, const char *file, const char *text);
void bench_make_as_root(const Bench *bench, const char *group);
/** bench_digest: every group's shares, mode, cpus and tasks, as the kernel's files say it.
 * (transfer full) */
char *bench_digest(const Bench *bench);
void bench_assert_digest(const Bench *bench, const char *wanted);
void bench_assert_read(const Bench *bench, const char *path, const char *wanted);
