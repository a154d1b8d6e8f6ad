/* One rule run over tables written down as text. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "advice/findings.h"
#include "tests/text-table.h"

/* Zeroed: nothing has run. */
typedef struct {
    HvTestTables tables;
    HvFindings *findings;
    const HvRule *rules[2];
    HvStore *store;
    HvTable *table; /* what the last run said, borrowed */
} HvTestRule;

/** hv_test_rule_run: runs @rule over the tables. Returns: how many findings there are. */
guint hv_test_rule_run(HvTestRule *run, const HvRule *rule);
/** hv_test_rule_again: forgets the tables, and what was found in them. */
void hv_test_rule_again(HvTestRule *run);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HvTestRule, hv_test_rule_again)
/** hv_test_rule_cost, _evidence, _remedy, _quality: of the finding "RULE/VM/WHAT", NULL: of the
 * first. */
double hv_test_rule_cost(const HvTestRule *run, const char *key);
const char *hv_test_rule_evidence(const HvTestRule *run, const char *key);
const char *hv_test_rule_remedy(const HvTestRule *run, const char *key);
const char *hv_test_rule_quality(const HvTestRule *run, const char *key);
/** hv_test_cores: makes cores of @n_threads cpus that follow each other in number. */
void hv_test_cores(HvTopology *topology, guint n_threads);
