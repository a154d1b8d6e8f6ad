/* A simulated resctrl in a tiny world without physics: two L3s of four cpus each, a VM of four
 * threads. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/sim/fs.h"
#include "host/sim/world.h"

#include <errno.h>

#define MIB (G_GUINT64_CONSTANT(1) << 20)
#define SECOND_NS G_GINT64_CONSTANT(1000000000)
#define N_CPUS 8u
#define N_THREADS 4u
#define FIRST_TID 1000

typedef struct {
    HvSimWorld *world;
    HvSimFs *fs;
    HvSimResctrl *resctrl;
    HvSimVm vm;
    HvSimThread threads[N_THREADS]; /* FIRST_TID and so on */
    HvSimThread writer;             /* hvtune itself, tid 77 */
} HvTestResctrl;

/** hv_test_intel, hv_test_amd: 12 ways, 16 and 8 CLOSIDs, 64 RMIDs; 16 ways, 16 CLOSIDs, 64
 * RMIDs; kernel 6.1. */
HvSimGeometry hv_test_intel(void);
HvSimGeometry hv_test_amd(void);
HvTestResctrl *hv_test_resctrl_new(HvSimGeometry geometry);
void hv_test_resctrl_free(HvTestResctrl *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvTestResctrl, hv_test_resctrl_free)
/** hv_test_resctrl_add_thread: makes it one of the VM's (@list its threads) or of the host's.
 */
void hv_test_resctrl_add_thread(HvTestResctrl *self, HvSimThread *thread, int tid,
                                GPtrArray *list);

/* Names are below sys/fs/resctrl. */

/** hv_test_resctrl_text: of a file, or "errno N"; good until the next call but one. */
const char *hv_test_resctrl_text(HvTestResctrl *self, const char *name);
/** hv_test_resctrl_write, _make, _remove: 0 or -errno. */
int hv_test_resctrl_write(HvTestResctrl *self, const char *name, const char *text);
int hv_test_resctrl_make(HvTestResctrl *self, const char *name);
int hv_test_resctrl_remove(HvTestResctrl *self, const char *name);
/** hv_test_resctrl_pass: time passes, in steps. */
void hv_test_resctrl_pass(HvTestResctrl *self, gint64 ns);

#define assert_says(self, name, text)                                                          \
    g_assert_cmpstr(hv_test_resctrl_text(self, name), ==, text)
#define assert_written(self, name, text)                                                       \
    g_assert_cmpint(hv_test_resctrl_write(self, name, text), ==, 0)
/* What is to be refused, and the words in info/last_cmd_status then. */
#define assert_refused(self, name, text, errnum, words)                                        \
    do {                                                                                       \
        g_assert_cmpint(hv_test_resctrl_write(self, name, text), ==, -(errnum));               \
        assert_says(self, "info/last_cmd_status", words);                                      \
    } while (0)
