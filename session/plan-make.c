/* From wishes to a plan: globs resolved, values read and checked, nothing written. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/error.h"
#include "model/i18n.h"
#include "model/text.h"
#include "session/knob-list.h"
#include "session/knobs.h"

#define SHOWN_CHARS 80

/* A plan in the making. */
typedef struct {
    const HvSessionParts *parts;
    const HvActOptions *options;
    HvPlan *plan;
    GHashTable *wished; /* path → HvValue that was wished for it */
} Making;

static void
free_value(gpointer value)
{
    hv_value_clear(value);
    g_free(value);
}

/* The knobs that @glob stands for: all of them, or none where one cannot be told. */
static GPtrArray *
expand(const HvSessionParts *parts, const char *glob, GError **error)
{
    g_autoptr(GPtrArray) paths = NULL;
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify)g_error_free);
    g_autofree char *shown = hv_text_printable(glob, SHOWN_CHARS);

    if (!hv_knob_is_glob(glob)) {
        paths = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(paths, g_strdup(glob));
        return g_steal_pointer(&paths);
    }
    paths = hv_knobs_matching(parts->host, parts->tuners, glob, errors);
    if (errors->len > 0) {
        g_propagate_prefixed_error(error, g_ptr_array_steal_index(errors, 0), "%s: ", shown);
        return NULL;
    }
    if (paths->len == 0) {
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT, _("%s: no knob matches"), shown);
        return NULL;
    }
    return g_steal_pointer(&paths);
}

static gboolean
is_number(HvType type)
{
    return type == HV_TYPE_U64 || type == HV_TYPE_SIZE || type == HV_TYPE_PERCENT ||
           type == HV_TYPE_LIMIT;
}

static gboolean
check_range(const HvKnobFamily *family, const HvValue *value, GError **error)
{
    if (!is_number(family->type) || value->none ||
        (value->number >= family->min && (family->max == 0 || value->number <= family->max)))
        return TRUE;
    if (family->max == 0)
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("%" G_GUINT64_FORMAT " is less than %" G_GUINT64_FORMAT), value->number,
                    family->min);
    else
        g_set_error(
            error, HV_ERROR, HV_ERROR_MALFORMED,
            _("%" G_GUINT64_FORMAT " is not from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT),
            value->number, family->min, family->max);
    return FALSE;
}

static gboolean
parse_value(const Making *making, const HvKnob *knob, const char *text, HvValue *value,
            GError **error)
{
    const HvKnobFamily *family = knob->family;
    const HvTuner *tuner = knob->tuner;
    g_auto(HvValue) parsed = { 0 };
    const gboolean is_read =
        tuner->parse
            ? tuner->parse(making->parts->host, knob, text, making->plan, &parsed, error)
            : hv_value_parse(&parsed, family->type, family->words, text, error);

    if (!is_read || !check_range(family, &parsed, error)) {
        hv_session_prefix(error, knob->path);
        return FALSE;
    }
    hv_value_copy(value, &parsed);
    return TRUE;
}

/* What only a recipe may change, since it does more around it. */
static gboolean
may_wish(const Making *making, const HvKnob *knob, GError **error)
{
    if (!knob->family->only_by || making->plan->recipe)
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                _("%s: is changed by its recipe alone: hvtune recipe %s"), knob->path,
                knob->family->only_by);
    return FALSE;
}

/* Whether @path was wished for before: FALSE with @error when for another value. */
static gboolean
note_wish(Making *making, const char *path, const HvValue *value, gboolean *again,
          GError **error)
{
    HvValue *former = g_hash_table_lookup(making->wished, path);
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;

    *again = former != NULL;
    if (!former) {
        former = g_new0(HvValue, 1);
        hv_value_copy(former, value);
        g_hash_table_insert(making->wished, g_strdup(path), former);
        return TRUE;
    }
    if (hv_value_equal(former, value))
        return TRUE;
    if (making->plan->recipe) { /* a guest is stopped, and started again further on */
        *again = FALSE;
        hv_value_copy(former, value);
        return TRUE;
    }
    first = hv_value_to_text(former);
    second = hv_value_to_text(value);
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("%s: wished to be both %s and %s"), path,
                first, second);
    return FALSE;
}

/* "8 ways, 67 %, 32M; devices fill 2 of these ways too": the value's other forms, then what its
 * tuner has to say. NULL: nothing. */
static char *
make_remark(HvHost *host, const HvKnob *knob, const HvStep *step)
{
    const HvTuner *tuner = knob->tuner;
    g_autofree char *forms = tuner->forms ? tuner->forms(host, knob, &step->after) : NULL;
    g_autofree char *remark =
        tuner->remark ? tuner->remark(host, knob, &step->before, &step->after) : NULL;

    if (forms && remark)
        return g_strdup_printf("%s; %s", forms, remark);
    return forms ? g_steal_pointer(&forms) : g_steal_pointer(&remark);
}

/* What a person is told about a step before it is made. */
static void
describe(const Making *making, const HvKnob *knob, HvStep *step)
{
    const HvTuner *tuner = knob->tuner;
    HvHost *host = making->parts->host;

    step->undo = knob->family->undo;
    step->step_class = knob->family->step_class;
    if (tuner->grade)
        tuner->grade(host, knob, &step->before, &step->after, &step->undo, &step->step_class);
    step->risk = knob->family->risk ? g_strdup(_(knob->family->risk)) : NULL;
    step->shell_line = tuner->shell_line
                           ? tuner->shell_line(host, knob, &step->after, step->persist)
                           : hv_knob_shell_line(knob, &step->after);
    step->remark = make_remark(host, knob, step);
    if (!step->before.mixed || !step->before.set)
        return;
    step->undo = MAX(step->undo, HV_UNDO_NEAR);
    g_free(step->remark);
    step->remark = g_strdup(_("its threads differ now: undo gives them all the union"));
}

static gboolean
fill_step(const Making *making, const HvKnob *knob, HvStep *step, GError **error)
{
    HvHost *host = making->parts->host;

    step->persist = making->options->persist;
    if (!hv_session_read_or_expect(making->parts, knob, making->plan, &step->before,
                                   &step->is_expected, error))
        return FALSE;
    hv_session_follow(making->plan, step);
    if (knob->tuner->check &&
        !knob->tuner->check(host, knob, &step->after, making->plan, error)) {
        hv_session_prefix(error, knob->path);
        return FALSE;
    }
    if (!hv_session_read_subject(making->parts, knob, &step->subject, error))
        return FALSE;
    if (step->persist)
        step->persist_before = hv_session_read_persist(making->parts, knob, error);
    return !step->persist || step->persist_before;
}

static gboolean
add_step(Making *making, const char *path, const char *value, GError **error)
{
    g_autoptr(HvKnob) knob = hv_session_knob(making->parts, path, error);
    g_autoptr(HvStep) step = NULL;
    gboolean again = FALSE;

    if (!knob)
        return FALSE;
    step = hv_step_new(knob->path);
    if (!may_wish(making, knob, error) ||
        !parse_value(making, knob, value, &step->after, error) ||
        !note_wish(making, knob->path, &step->after, &again, error))
        return FALSE;
    if (again)
        return TRUE;
    if (!fill_step(making, knob, step, error))
        return FALSE;
    if (hv_value_equal(&step->before, &step->after) && !step->persist) {
        g_autofree char *present = hv_value_to_text(&step->before);

        g_ptr_array_add(making->plan->notes,
                        g_strdup_printf(_("%s is %s already"), knob->path, present));
        return TRUE;
    }
    describe(making, knob, step);
    g_ptr_array_add(making->plan->steps, g_steal_pointer(&step));
    return TRUE;
}

static void
free_wish(gpointer wish)
{
    hv_wish_free(wish);
}

/* The wishes that stand for one; none: it stands for itself. */
static gboolean
unfold(const Making *making, const char *path, const char *value, GPtrArray *wishes,
       GError **error)
{
    g_autoptr(HvKnob) knob = hv_session_knob(making->parts, path, error);
    g_auto(HvValue) after = { 0 };

    if (!knob)
        return FALSE;
    if (!knob->tuner->unfold)
        return TRUE;
    if (!parse_value(making, knob, value, &after, error))
        return FALSE;
    if (knob->tuner->unfold(making->parts->host, knob, &after, making->plan, wishes, error))
        return TRUE;
    hv_session_prefix(error, knob->path);
    return FALSE;
}

static gboolean
add_steps(Making *making, const char *path, const char *value, GError **error)
{
    g_autoptr(GPtrArray) wishes = g_ptr_array_new_with_free_func(free_wish);

    if (!unfold(making, path, value, wishes, error))
        return FALSE;
    for (guint i = 0; i < wishes->len; i++) {
        const HvWish *wish = wishes->pdata[i];

        if (!add_step(making, wish->knob, wish->value, error))
            return FALSE;
    }
    return wishes->len > 0 || add_step(making, path, value, error);
}

static gboolean
add_wish(Making *making, const HvWish *wish, GError **error)
{
    g_autoptr(GPtrArray) paths = expand(making->parts, wish->knob, error);

    making->plan->by_glob = hv_knob_is_glob(wish->knob);
    for (guint i = 0; paths && i < paths->len; i++) {
        if (!add_steps(making, paths->pdata[i], wish->value, error))
            return FALSE;
    }
    return paths != NULL;
}

/* A word of the journal, not translated. */
static char *
make_title(const GPtrArray *wishes)
{
    const HvWish *first = wishes->len > 0 ? wishes->pdata[0] : NULL;
    g_autofree char *shown = hv_text_printable(first ? first->knob : "", SHOWN_CHARS);

    return wishes->len > 1 ? g_strdup_printf("set %s and %u more", shown, wishes->len - 1)
                           : g_strdup_printf("set %s", shown);
}

static HvPlan *
new_plan(const char *title, const HvActOptions *options)
{
    HvPlan *plan = hv_plan_new(HV_PLAN_SET, title);

    plan->persist = options->persist;
    plan->force = options->force;
    plan->confirm_s = options->confirm_s;
    plan->who = g_strdup(options->who);
    plan->machine_id = g_strdup(options->machine_id);
    plan->boot_id = g_strdup(options->boot_id);
    return plan;
}

static gboolean
add_wishes(const HvSessionParts *parts, const HvActOptions *options, HvPlan *plan,
           GPtrArray *wishes, GError **error)
{
    g_autoptr(GHashTable) wished =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_value);
    Making making = { .parts = parts, .options = options, .plan = plan, .wished = wished };

    for (guint i = 0; i < wishes->len; i++) {
        if (!add_wish(&making, wishes->pdata[i], error))
            return FALSE;
    }
    return TRUE;
}

HvPlan *
hv_plan_make(const HvSessionParts *parts, GPtrArray *wishes, const HvActOptions *options,
             GError **error)
{
    g_autofree char *title = make_title(wishes);
    g_autoptr(HvPlan) plan = new_plan(title, options);

    return add_wishes(parts, options, plan, wishes, error) ? g_steal_pointer(&plan) : NULL;
}

/* ---- recipes ---- */

static const HvRecipe *
find_recipe(const HvSessionParts *parts, const char *name, GError **error)
{
    const HvRecipe *recipe = hv_recipe_find(parts->recipes, name);
    g_autofree char *shown = recipe ? NULL : hv_text_printable(name, SHOWN_CHARS);

    if (!recipe)
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("recipe: no recipe %s: see hvtune recipe --help"), shown);
    return recipe;
}

static HvRecipeCall
recipe_call(const HvSessionParts *parts, const char *const *arguments,
            const HvSnapshot *snapshot, const HvActOptions *options)
{
    return (HvRecipeCall){
        .host = parts->host,
        .snapshot = snapshot,
        .arguments = arguments,
        .force = options->force,
        .outage = options->outage,
    };
}

HvPlan *
hv_plan_make_recipe(const HvSessionParts *parts, const char *name, const char *const *arguments,
                    const HvSnapshot *snapshot, const HvActOptions *options, GError **error)
{
    const HvRecipe *recipe = find_recipe(parts, name, error);
    const HvRecipeCall call = recipe_call(parts, arguments, snapshot, options);
    g_auto(HvRecipeDraft) draft = { 0 };
    g_autoptr(HvPlan) plan = NULL;

    hv_recipe_draft_init(&draft);
    if (!recipe || !hv_recipe_check_arguments(recipe, arguments, error) ||
        !recipe->draft(&call, &draft, error))
        return NULL;
    plan = new_plan(draft.title, options);
    plan->recipe = g_strdup(name);
    plan->vm = g_strdup(draft.vm);
    if (!add_wishes(parts, options, plan, draft.wishes, error))
        return NULL;
    g_ptr_array_extend_and_steal(plan->notes, g_steal_pointer(&draft.notes));
    return g_steal_pointer(&plan);
}

GPtrArray *
hv_plan_choices(const HvSessionParts *parts, const char *name, const char *const *arguments,
                const HvSnapshot *snapshot, const HvActOptions *options, GError **error)
{
    const HvRecipe *recipe = find_recipe(parts, name, error);
    const HvRecipeCall call = recipe_call(parts, arguments, snapshot, options);
    g_autoptr(GPtrArray) choices =
        g_ptr_array_new_with_free_func((GDestroyNotify)hv_recipe_choice_free);

    if (!recipe)
        return NULL;
    if (!recipe->choose) {
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT, _("recipe %s: has no choices"), name);
        return NULL;
    }
    if (!hv_recipe_check_arguments(recipe, arguments, error) ||
        !recipe->choose(&call, choices, error))
        return NULL;
    return g_steal_pointer(&choices);
}
