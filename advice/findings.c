/* What is wrong, since when, what it costs and what would mend it: the rules, run over
 * snapshots. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "advice/findings.h"

#include <math.h>

#include "model/i18n.h"

#define NS_PER_S 1000000000.0
#define LEAST_PERIOD_NS                                                                        \
    G_GINT64_CONSTANT(950000000) /* a second, for clocks that are a bit early */
#define LONGEST_GAP_NS G_GINT64_CONSTANT(3500000000)  /* 3 s, and the same */
#define FULL_WINDOW_NS G_GINT64_CONSTANT(29500000000) /* 30 s, and the same */
#define FOLDED_COST 0.02
#define COST_MEAN_S 10.0

enum {
    FINDING,
    VM,
    WHAT,
    SEVERITY,
    COST_RATIO,
    EVIDENCE,
    REMEDY,
    KEY,
    WINDOW_S,
    QUALITY,
    FOLDED,
    SINCE_NS,
};

static const HvColumn columns[] = {
    [FINDING] = { .name = "finding",
                  .kind = HV_KIND_KEY,
                  .unit = HV_UNIT_NONE,
                  .help = N_("the rule that found it") },
    [VM] = { .name = "vm",
             .kind = HV_KIND_KEY,
             .unit = HV_UNIT_NONE,
             .help = N_("VM that it is about; empty: the host") },
    [WHAT] = { .name = "what",
               .kind = HV_KIND_KEY,
               .unit = HV_UNIT_NONE,
               .help = N_("which part of it, where one rule finds several") },
    [SEVERITY] = { .name = "severity",
                   .kind = HV_KIND_TEXT,
                   .unit = HV_UNIT_NONE,
                   .help = N_("note, maybe, warning or serious") },
    [COST_RATIO] = { .name = "cost_ratio",
                     .kind = HV_KIND_F64,
                     .unit = HV_UNIT_RATIO,
                     .help = N_("share of the VM's time that it costs, estimated") },
    [EVIDENCE] = { .name = "evidence",
                   .kind = HV_KIND_TEXT,
                   .unit = HV_UNIT_NONE,
                   .help = N_("what was seen") },
    [REMEDY] = { .name = "remedy",
                 .kind = HV_KIND_TEXT,
                 .unit = HV_UNIT_NONE,
                 .help = N_("what would mend it") },
    [KEY] = { .name = "key",
              .kind = HV_KIND_TEXT,
              .unit = HV_UNIT_NONE,
              .help = N_("the console's key for that") },
    [WINDOW_S] = { .name = "window_s",
                   .kind = HV_KIND_F64,
                   .unit = HV_UNIT_S,
                   .help = N_("for how long it has been seen") },
    [QUALITY] = { .name = "quality",
                  .kind = HV_KIND_TEXT,
                  .unit = HV_UNIT_NONE,
                  .help = N_("measured, scaled or estimated: its weakest number") },
    [FOLDED] = { .name = "folded",
                 .kind = HV_KIND_BOOL,
                 .unit = HV_UNIT_NONE,
                 .help = N_("costs less than 2 %: shown on demand") },
    [SINCE_NS] = { .name = "since_ns",
                   .kind = HV_KIND_U64,
                   .unit = HV_UNIT_NS,
                   .help = N_("since when it has been seen, since 1970"),
                   .hidden = TRUE },
    { 0 },
};
const HvSchema hv_findings_schema = { .name = "findings", .columns = columns };

/* One thing that a rule says again and again. */
typedef struct {
    const HvRule *rule;
    char *vm, *what; /* "" without */
    char *evidence, *remedy;
    double cost_ratio; /* mean; NAN: unknown */
    HvMark quality;
    char key;
    gboolean serious, note;
    gint64 since_ns, seen_ns; /* monotonic */
    gint64 since_time_ns;     /* since 1970 */
    guint32 row;
    gboolean has_row;
} Finding;

struct HvFindings {
    const HvRule *const *rules;
    GHashTable *known; /* set of Finding, owned, by rule, VM and what */
    GPtrArray *order;  /* the same, borrowed: as they are shown */
    gint64 run_ns;     /* of the last run; 0 none */
};

/* One rule's run. */
struct HvRuleOut {
    HvFindings *findings;
    const HvRule *rule;
    const HvSnapshot *snapshot;
};

static guint
hash(gconstpointer data)
{
    const Finding *finding = data;

    return (g_direct_hash(finding->rule) * 31 + g_str_hash(finding->vm)) * 31 +
           g_str_hash(finding->what);
}

static gboolean
equal(gconstpointer a, gconstpointer b)
{
    const Finding *one = a, *other = b;

    return one->rule == other->rule && g_str_equal(one->vm, other->vm) &&
           g_str_equal(one->what, other->what);
}

static void
free_finding(gpointer data)
{
    Finding *finding = data;

    g_free(finding->vm);
    g_free(finding->what);
    g_free(finding->evidence);
    g_free(finding->remedy);
    g_free(finding);
}

HvFindings *
hv_findings_new(const HvRule *const *rules)
{
    HvFindings *findings = g_new0(HvFindings, 1);

    findings->rules = rules;
    findings->known = g_hash_table_new_full(hash, equal, free_finding, NULL);
    findings->order = g_ptr_array_new();
    return findings;
}

void
hv_findings_free(HvFindings *findings)
{
    if (!findings)
        return;
    g_ptr_array_unref(findings->order);
    g_hash_table_unref(findings->known);
    g_free(findings);
}

/* ---- what is said ---- */

static void
set_text(char **text, const char *to)
{
    if (g_strcmp0(*text, to) == 0)
        return;
    g_free(*text);
    *text = g_strdup(to);
}

/* The numbers that show it are of the time since the last run: that is when it began. */
static Finding *
appear(const HvRuleOut *out, const char *vm, const char *what)
{
    HvFindings *findings = out->findings;
    const HvSnapshot *snapshot = out->snapshot;
    Finding *finding = g_new0(Finding, 1);

    finding->rule = out->rule;
    finding->vm = g_strdup(vm);
    finding->what = g_strdup(what);
    finding->since_ns = findings->run_ns ? findings->run_ns : snapshot->monotonic_ns;
    finding->since_time_ns = snapshot->time_ns - (snapshot->monotonic_ns - finding->since_ns);
    finding->cost_ratio = (double)NAN;
    g_hash_table_add(findings->known, finding);
    g_ptr_array_add(findings->order, finding);
    return finding;
}

static Finding *
find(const HvRuleOut *out, const char *vm, const char *what)
{
    const Finding wanted = { .rule = out->rule,
                             .vm = (char *)(guintptr)vm, /* only looked at */
                             .what = (char *)(guintptr)what };
    Finding *found = g_hash_table_lookup(out->findings->known, &wanted);

    return found ? found : appear(out, vm, what);
}

static double
mean_cost(double former, double cost, double elapsed_s)
{
    if (isnan(former) || isnan(cost))
        return cost;
    return cost + (former - cost) * exp(-elapsed_s / COST_MEAN_S);
}

void
hv_rule_say(HvRuleOut *out, const HvRuleFinding *said)
{
    const gint64 now_ns = out->snapshot->monotonic_ns;
    Finding *finding = find(out, said->vm ? said->vm : "", said->what ? said->what : "");

    finding->cost_ratio = mean_cost(finding->cost_ratio, said->cost_ratio,
                                    (double)(now_ns - finding->seen_ns) / NS_PER_S);
    finding->seen_ns = now_ns;
    finding->quality = said->quality;
    finding->key = said->key;
    finding->serious = said->serious;
    finding->note = said->note;
    set_text(&finding->evidence, said->evidence);
    set_text(&finding->remedy, said->remedy);
}

/* ---- what holds, and in which order ---- */

static gboolean
is_folded(const Finding *finding)
{
    return finding->cost_ratio < FOLDED_COST; /* not when it is unknown */
}

/* One of unknown cost stands where being worth a line begins. */
static double
rank(const Finding *finding)
{
    return isnan(finding->cost_ratio) ? FOLDED_COST : finding->cost_ratio;
}

static gboolean
is_before(const Finding *a, const Finding *b)
{
    if (is_folded(a) != is_folded(b))
        return is_folded(b);
    if (rank(a) > rank(b) || rank(a) < rank(b))
        return rank(a) > rank(b);
    return a->serious && !b->serious;
}

static void
forget_past(HvFindings *findings, gint64 now_ns)
{
    guint n_kept = 0;

    for (guint i = 0; i < findings->order->len; i++) {
        Finding *finding = findings->order->pdata[i];
        const gint64 gap_ns = now_ns - finding->seen_ns;

        if (gap_ns > (finding->rule->always ? 0 : LONGEST_GAP_NS))
            g_hash_table_remove(findings->known, finding);
        else
            findings->order->pdata[n_kept++] = finding;
    }
    g_ptr_array_set_size(findings->order, (int)n_kept);
}

/* By insertion: costs change little from one run to the next, and nothing is allocated. */
static void
sort(GPtrArray *order)
{
    for (guint i = 1; i < order->len; i++) {
        gpointer finding = order->pdata[i];
        guint at = i;

        for (; at > 0 && is_before(finding, order->pdata[at - 1]); at--)
            order->pdata[at] = order->pdata[at - 1];
        order->pdata[at] = finding;
    }
}

/* ---- the table ---- */

static const char *
severity_of(const Finding *finding, gint64 window_ns)
{
    if (finding->note || is_folded(finding))
        return "note";
    if (finding->quality == HV_MARK_ESTIMATED)
        return "maybe";
    if (!finding->rule->always && window_ns < FULL_WINDOW_NS)
        return "maybe";
    return finding->serious ? "serious" : "warning";
}

static const char *
quality_name(HvMark quality)
{
    if (quality == HV_MARK_MEASURED)
        return "measured";
    return quality == HV_MARK_SCALED ? "scaled" : "estimated";
}

static void
emit_key(HvSink *out, const Finding *finding)
{
    const char key[] = { finding->key, '\0' };

    if (finding->key)
        hv_text(out, KEY, key);
    else
        hv_none(out, KEY, HV_MARK_ABSENT, N_("no key mends it"));
}

static void
emit(HvSink *out, Finding *finding, gint64 now_ns)
{
    const gint64 window_ns = now_ns - finding->since_ns;

    if (!finding->has_row || !hv_row_again(out, finding->row)) {
        finding->row = hv_row(out, finding->rule->name, finding->vm, finding->what);
        finding->has_row = TRUE;
    }
    hv_text(out, SEVERITY, severity_of(finding, window_ns));
    if (isnan(finding->cost_ratio)) {
        hv_none(out, COST_RATIO, HV_MARK_ABSENT, N_("its cost is not known"));
    } else {
        hv_f64(out, COST_RATIO, finding->cost_ratio);
        hv_mark(out, COST_RATIO, HV_MARK_ESTIMATED);
    }
    hv_text(out, EVIDENCE, finding->evidence);
    hv_text(out, REMEDY, finding->remedy);
    emit_key(out, finding);
    hv_f64(out, WINDOW_S, (double)window_ns / NS_PER_S);
    hv_text(out, QUALITY, quality_name(finding->quality));
    hv_bool(out, FOLDED, is_folded(finding));
    hv_u64(out, SINCE_NS, (guint64)finding->since_time_ns);
}

gboolean
hv_findings_run(HvFindings *findings, const HvSnapshot *snapshot, HvSink *out)
{
    const gint64 now_ns = snapshot->monotonic_ns;

    if (findings->run_ns && now_ns - findings->run_ns < LEAST_PERIOD_NS)
        return FALSE;
    for (const HvRule *const *rule = findings->rules; *rule; rule++) {
        HvRuleOut rule_out = { .findings = findings, .rule = *rule, .snapshot = snapshot };

        (*rule)->run(snapshot, &rule_out);
    }
    findings->run_ns = now_ns;
    forget_past(findings, now_ns);
    sort(findings->order);
    for (guint i = 0; i < findings->order->len; i++)
        emit(out, findings->order->pdata[i], now_ns);
    return TRUE;
}
