/* What a rule is: it looks at a snapshot and says what is wrong, what it costs and what would mend it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/snapshot.h"

/* One thing that a rule sees in one snapshot; texts are copied by hv_rule_say(). */
typedef struct {
    const char *vm;       /* NULL: the host */
    const char *what;     /* tells several findings of one rule and VM apart: "vcpu 3"; NULL: there is one */
    double cost_ratio;    /* estimated, of the VM's time, 0-1; NAN: unknown */
    HvMark quality;       /* of the weakest number it rests on: MEASURED, SCALED or ESTIMATED */
    const char *evidence; /* one clause with figures, translated: "83 % of its 3.1 GB/s come from node 1, …" */
    const char *remedy;   /* one clause, translated: "v moves it to node 1" */
    char key;             /* the console's key for the remedy, 0: none */
    gboolean serious;     /* worse than a warning once it is sure */
    gboolean note;        /* worth knowing, but nothing is wrong: never more than a note */
} HvRuleFinding;

/* Where a rule puts what it sees. Opaque; advice/findings.c. */
typedef struct HvRuleOut HvRuleOut;

/** hv_rule_say: any number of times in run(). Sampler's thread. */
void hv_rule_say(HvRuleOut *out, const HvRuleFinding *finding);

/* Registered in Makefile.am (rule_sources); advice/rules/NAME.c defines hv_rule_NAME. */
typedef struct {
    const char *name;            /* "remote-memory" */
    const char *help;            /* one sentence for people: N_("...") */
    gboolean always;             /* needs no evidence over time */
    const char *const *inputs;   /* tables that it reads, NULL-terminated */
    /* Pure: reads the snapshot and its history. Called once a second at most. */
    void (*run)(const HvSnapshot *snapshot, HvRuleOut *out);
} HvRule;

extern const HvRule *const hv_rules[]; /* NULL-terminated; generated */
