/* try: a crossover trial: old, new, new, old …, each pair compared, then kept or taken back. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <signal.h>
#include <string.h>

#include "advice/effect.h"
#include "app/change.h"
#include "app/effect-run.h"
#include "host/host.h"
#include "model/i18n.h"
#include "model/text.h"

#define S_NS G_GINT64_CONSTANT(1000000000)
#define SETTLING_PART 4   /* a quarter of each turn is left out, */
#define LEAST_SETTLING 3  /* samples */
#define WORSE_FACTOR 1.25 /* a watch: the trial ends */
#define PSI_FACTOR 2      /* likewise */
#define LEAST_PSI_RATIO 0.05
#define LEAST_TO_STOP 4 /* samples before it may end */
#define SHOWN_CHARS 80
#define LEAST_WAIT_RATIO 0.02 /* less than that is not worth a change */
#define MOST_SHOWN_RATIO 99
#define MARGIN_S 15 /* the guard waits that much longer than two turns */

typedef struct {
    HvApp *app;
    const HvOptions *options;
    HvOutput *output;
    GPtrArray *wishes;
    char *vm;    /* of the plan's steps, or NULL */
    char *watch; /* or NULL: the VM's worst wait */
    gboolean more_is_better;
    guint64 id;                /* of the plan that stands, 0: the old state */
    double old_level, old_psi; /* of the last turn of the old state; NAN: none yet */
    gboolean has_console;
    const char *stopped; /* why the trial ended early, or NULL */
} Trial;

/* ---- what is measured ---- */

static double
read_cell(const HvSnapshot *snapshot, const char *table_name, const char *key,
          const char *column)
{
    const HvTable *table = hv_snapshot_table(snapshot, table_name);
    const int row = !table ? -1 : key ? hv_table_find(table, key) : 0;
    double value = (double)NAN;

    if (row >= 0 && (guint)row < hv_table_n_rows(table))
        hv_table_f64(table, (guint)row, hv_table_column(table, column), &value);
    return value;
}

static double
read_number(const Trial *trial, const HvSnapshot *snapshot)
{
    g_autofree char *key = hv_knob_escape(trial->watch ? trial->watch : trial->vm);

    return trial->watch ? read_cell(snapshot, "watches", key, "value")
                        : read_cell(snapshot, "vms", key, "wait_max_ratio");
}

static guint
likeness(const char *watch, const char *vm)
{
    guint n = 0;

    while (vm && watch[n] && watch[n] == vm[n])
        n++;
    return n;
}

/* The watch that is most like the VM's name. */
static void
choose_number(Trial *trial, const HvSnapshot *snapshot)
{
    const HvTable *table = hv_snapshot_table(snapshot, "watches");

    for (guint row = 0; table && row < hv_table_n_rows(table); row++) {
        const char *name = hv_table_text(table, row, hv_table_column(table, "watch"));

        if (!name ||
            (trial->watch && likeness(name, trial->vm) <= likeness(trial->watch, trial->vm)))
            continue;
        g_free(trial->watch);
        trial->watch = g_strdup(name);
    }
    trial->more_is_better = trial->watch && g_str_has_suffix(trial->watch, "_per_s");
}

/* ---- one state and the other ---- */

/* Also where it failed or was stopped: what was made until then is to be taken back. */
static gboolean
may_stand(const HvPlan *plan)
{
    return plan->state == HV_PLAN_APPLIED || plan->state == HV_PLAN_PARTLY ||
           plan->state == HV_PLAN_UNKNOWN;
}

/* Whoever is killed meanwhile is taken back by the guard; a demo has none. Taking back is done
 * to its end, whatever was asked to stop. */
static gboolean
put(Trial *trial, gboolean wants_new, GError **error)
{
    const HvSessionParts *parts = hv_app_parts(trial->app);
    g_autoptr(HvPlan) plan = NULL;
    const gint64 begun_ns = hv_host_monotonic_ns(parts->host);
    gboolean is_applied;
    HvActOptions act;

    if (wants_new == (trial->id != 0))
        return TRUE;
    hv_app_act_options(trial->app, trial->options, &act);
    act.confirm_s = 0;
    if (!wants_new)
        act.stop = NULL;
    else if (!hv_host_is_simulated(parts->host))
        act.confirm_s = (guint)(2 * trial->options->each_ns / S_NS) + MARGIN_S;
    plan = wants_new ? hv_plan_make(parts, trial->wishes, &act, error)
                     : hv_plan_make_undo(parts, trial->id, &act, error);
    is_applied = plan && hv_plan_apply(parts, plan, &act, error);
    if (plan && wants_new && may_stand(plan))
        trial->id = plan->id;
    if (!is_applied)
        return FALSE;
    if (!wants_new)
        trial->id = 0;
    if (!trial->has_console) /* a console's session sees it in the journal */
        hv_effect_tell(trial->app, plan, begun_ns);
    return TRUE;
}

static gboolean
is_worse(const Trial *trial, double level)
{
    return trial->more_is_better ? level * WORSE_FACTOR < trial->old_level
                                 : level > WORSE_FACTOR * trial->old_level;
}

static void
check_harm(Trial *trial, const double *values, const double *psi, guint n)
{
    const double level = hv_effect_median(values, n), pressure = hv_effect_median(psi, n);

    if (!trial->id || n < LEAST_TO_STOP)
        return;
    if (trial->watch && is_worse(trial, level))
        trial->stopped = N_("the watch got worse by more than 25 %");
    else if (pressure > LEAST_PSI_RATIO && pressure > PSI_FACTOR * trial->old_psi)
        trial->stopped = N_("pressure on the cpus doubled");
}

/* The next sample: our own, or the one that the console shows next. NULL when it is to end. */
static HvSnapshot *
next_sample(Trial *trial)
{
    HvHost *host = hv_app_parts(trial->app)->host;
    g_autoptr(HvSnapshot) shown = hv_app_shown(trial->app);
    const guint64 last = shown ? shown->tick : 0;

    if (!shown) {
        hv_host_wait_until(host, hv_host_monotonic_ns(host) + S_NS, -1);
        return hv_sampler_tick(hv_app_sampler(trial->app, NULL));
    }
    while (shown->tick == last && !hv_app_shall_stop(trial->app)) {
        hv_host_wait_until(host, hv_host_monotonic_ns(host) + S_NS / 10, -1);
        hv_snapshot_unref(shown);
        shown = hv_app_shown(trial->app);
    }
    return g_steal_pointer(&shown);
}

/* A turn in the present state: its median, NAN where the trial ended. */
static double
take_turn(Trial *trial)
{
    const guint n = (guint)(trial->options->each_ns / S_NS);
    const guint settling = MIN(MAX(n / SETTLING_PART, LEAST_SETTLING), n - 1);
    g_autofree double *values = g_new(double, n), *psi = g_new(double, n);
    double level;

    for (guint i = 0; i < n && !trial->stopped; i++) {
        g_autoptr(HvSnapshot) snapshot = next_sample(trial);

        values[i] = read_number(trial, snapshot);
        psi[i] = read_cell(snapshot, "host", NULL, "psi_cpu_some_ratio");
        if (i >= settling)
            check_harm(trial, values + settling, psi + settling, i - settling + 1);
        if (hv_app_shall_stop(trial->app))
            trial->stopped = hv_app_is_stopping() ? N_("a signal") : N_("you asked for it");
    }
    if (trial->stopped)
        return (double)NAN;
    level = hv_effect_median(values + settling, n - settling);
    if (!trial->id) {
        trial->old_level = level;
        trial->old_psi = hv_effect_median(psi + settling, n - settling);
    }
    return level;
}

/* ---- the answer ---- */

static void
say_number(const Trial *trial, const double *olds, const double *news, guint n, double ratio,
           double low, double high, gboolean is_sure)
{
    const double old_level = hv_effect_median(olds, n), new_level = hv_effect_median(news, n);
    const gboolean is_little = !trial->watch && MAX(old_level, new_level) < LEAST_WAIT_RATIO;
    g_autofree char *text =
        g_strdup_printf("%s %.3g → %.3g (%+.0f %%, between %+.0f and %+.0f %%, %s)",
                        trial->watch ? trial->watch : "wait_max_ratio", old_level, new_level,
                        ratio * 100, low * 100, MIN(high, MOST_SHOWN_RATIO) * 100,
                        is_little  ? "no visible change: too little to matter"
                        : !is_sure ? "no visible change"
                        : (ratio > 0) == trial->more_is_better ? "sure"
                                                               : "sure: worse");

    hv_effect_append(trial->output->out, text, trial->options->ascii);
}

/* Whether the new state is better, for sure. */
static gboolean
judge(const Trial *trial, const double *olds, const double *news, guint n)
{
    g_autofree double *differences = g_new(double, MAX(n, 1));
    double ratio, low, high;
    gboolean is_sure;
    guint n_known = 0;

    for (guint i = 0; i < n; i++)
        if (olds[i] > 0 && news[i] > 0)
            differences[n_known++] = log(news[i] / olds[i]);
    if (!hv_effect_pairs(differences, n_known, &ratio, &low, &high)) {
        g_string_append(trial->output->out, _("too early to say: fewer than two pairs\n"));
        return FALSE;
    }
    is_sure = (low > 0 || high < 0) && fabs(ratio) > HV_EFFECT_LEAST_RATIO &&
              (trial->watch ||
               MAX(hv_effect_median(olds, n), hv_effect_median(news, n)) >= LEAST_WAIT_RATIO);
    say_number(trial, olds, news, n, ratio, low, high, is_sure);
    return is_sure && (ratio > 0) == trial->more_is_better;
}

/* The first error is the one that counts. */
static int
give_up(Trial *trial)
{
    if (trial->id && put(trial, FALSE, NULL))
        g_string_append(trial->output->out, _("taken back: all is as before\n"));
    return -1;
}

static int
end_trial(Trial *trial, gboolean is_better, GError **error)
{
    HvJournal *journal = hv_app_journal(trial->app, NULL);

    if (trial->stopped)
        g_string_append_printf(trial->output->out, _("stopped: %s\n"), _(trial->stopped));
    if (!put(trial, is_better && !trial->stopped, error))
        return give_up(trial);
    if (!trial->id) {
        g_string_append(trial->output->out, _("taken back: all is as before\n"));
        return is_better || !trial->stopped ? 0 : 1;
    }
    if (!hv_host_is_simulated(hv_app_parts(trial->app)->host) &&
        !hv_journal_set_confirm(journal, trial->id, HV_CONFIRM_CONFIRMED, 0, error))
        return -1;
    g_string_append_printf(trial->output->out,
                           _("kept: plan %" G_GUINT64_FORMAT "; hvtune undo %" G_GUINT64_FORMAT
                             " takes it back\n"),
                           trial->id, trial->id);
    return 0;
}

static int
run_rounds(Trial *trial, GError **error)
{
    const guint n = (guint)trial->options->rounds;
    g_autofree double *olds = g_new(double, n), *news = g_new(double, n);
    guint done = 0;

    for (; done < n && !trial->stopped; done++)
        for (guint turn = 0; turn < 2 && !trial->stopped; turn++) {
            const gboolean is_new = (done + turn) % 2 == 1; /* old new, new old, … */

            if (!put(trial, is_new, error))
                return give_up(trial);
            (is_new ? news : olds)[done] = take_turn(trial);
        }
    return end_trial(trial, judge(trial, olds, news, trial->stopped ? done - 1 : done), error);
}

/* ---- the command ---- */

/* Lines of KNOB = VALUE; # begins a comment. */
static gboolean
read_plan(const char *path, GPtrArray *wishes, GError **error)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        g_autofree char *shown = hv_text_printable(path, SHOWN_CHARS);

        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("try: \"%s\" is neither KNOB=VALUE nor a file that can be read"), shown);
        return FALSE;
    }
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        HvWish *wish;

        g_strstrip(*line);
        if (!**line || **line == '#')
            continue;
        wish = hv_wish_parse(*line, error);
        if (!wish)
            return FALSE;
        g_strstrip(wish->knob);
        g_strstrip(wish->value);
        g_ptr_array_add(wishes, wish);
    }
    return TRUE;
}

static gboolean
read_wishes(const HvOptions *options, GPtrArray *wishes, GError **error)
{
    for (guint i = 0; i < options->arguments->len; i++) {
        const char *word = options->arguments->pdata[i];
        HvWish *wish;

        if (!strchr(word, '=')) {
            if (!read_plan(word, wishes, error))
                return FALSE;
            continue;
        }
        wish = hv_wish_parse(word, error);
        if (!wish)
            return FALSE;
        g_ptr_array_add(wishes, wish);
    }
    if (!wishes->len)
        g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED,
                            _("try: no KNOB=VALUE or file of them given: see hvtune try "
                              "--help"));
    return wishes->len > 0;
}

static char *
vm_of(const HvPlan *plan)
{
    const char *knob = hv_plan_step(plan, 0)->knob;
    const char *name = g_str_has_prefix(knob, "vm/") ? knob + strlen("vm/") : NULL;
    g_autofree char *segment = name ? g_strndup(name, strcspn(name, "/")) : NULL;

    return segment ? hv_knob_unescape(segment, NULL) : NULL;
}

/* FALSE with @error for what cannot go to and fro. */
static gboolean
check_plan(Trial *trial, GError **error)
{
    HvActOptions act;
    g_autoptr(HvPlan) plan = NULL;

    hv_app_act_options(trial->app, trial->options, &act);
    plan = hv_plan_make(hv_app_parts(trial->app), trial->wishes, &act, error);
    if (!plan)
        return FALSE;
    if (!hv_plan_n_steps(plan) || hv_plan_class_of(plan) != HV_STEP_INSTANT) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_REFUSED,
                            hv_plan_n_steps(plan)
                                ? _("try: a step is not instant, so it cannot go to and fro: "
                                    "hvtune set --effect measures it once")
                                : _("try: nothing to change: it is so already"));
        return FALSE;
    }
    trial->vm = vm_of(plan);
    return TRUE;
}

static gboolean
check_number(Trial *trial, GError **error)
{
    g_autoptr(HvSnapshot) snapshot = hv_app_shown(trial->app);
    gint64 since_ns;

    if (!snapshot)
        snapshot = hv_sampler_tick(hv_app_sampler(trial->app, &since_ns));
    choose_number(trial, snapshot);
    if (!trial->watch && !trial->vm)
        g_set_error_literal(error, HV_ERROR, HV_ERROR_REFUSED,
                            _("try: nothing to judge by: give a number with --watch"));
    return trial->watch || trial->vm;
}

static void
on_signal(int number G_GNUC_UNUSED)
{
    hv_app_stop();
}

static int
run(HvApp *app, const HvOptions *options, HvOutput *output, GError **error)
{
    g_autoptr(GPtrArray) wishes = g_ptr_array_new_with_free_func((GDestroyNotify)hv_wish_free);
    g_autoptr(HvSnapshot) console = hv_app_shown(app);
    Trial trial = { .app = app,
                    .options = options,
                    .output = output,
                    .wishes = wishes,
                    .has_console = console != NULL,
                    .old_level = (double)NAN,
                    .old_psi = (double)NAN };
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP }; /* a console's are its own */
    const struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
    int status = -1;

    if (!read_wishes(options, wishes, error) || !hv_change_check(app, options, error))
        return -1;
    hv_change_begin(app, options, output);
    if (check_plan(&trial, error) && check_number(&trial, error)) {
        for (guint i = 0; !console && i < G_N_ELEMENTS(signals); i++)
            sigaction(signals[i], &action, NULL);
        status = run_rounds(&trial, error);
    }
    g_free(trial.vm);
    g_free(trial.watch);
    return status;
}

extern const HvCommand hv_command_try;
const HvCommand hv_command_try = {
    .name = "try",
    .usage = "[--rounds NUMBER] [--each DURATION] PLAN|KNOB=VALUE…",
    .help = N_("crossover trial: old, new, new, old…, then the answer"),
    .details = N_(
        "PLAN is a file of lines KNOB = VALUE. Instant steps only. A quarter of each turn is "
        "left out, pairs are\n"
        "compared. What is better for sure is kept, else all is taken back; also when a "
        "watch worsens by 25 %,\n"
        "when pressure on the cpus doubles, on a signal, and by a guard when hvtune is "
        "killed."),
    .options = HV_OPTION_ROUNDS | HV_OPTION_EACH | HV_OPTION_FORCE,
    .run = run,
};
