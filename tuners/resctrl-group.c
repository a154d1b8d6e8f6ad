/* Control groups of resctrl: made, and removed once their members have left. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "host/parse.h"
#include "model/i18n.h"
#include "model/plan.h"
#include "model/text.h"
#include "tuners/resctrl-members.h"

#define MAX_NAME_BYTES 255
#define SHOWN_CHARS 60
#define MAX_NAMED 8
/* RMIDs rest in limbo until few lines of them are left: seen to be 1.7 s. */
#define LIMBO_TRIES 4
#define LIMBO_WAIT_NS G_GINT64_CONSTANT(600000000)

static const char *const words[] = { "present", "absent", NULL };
static const HvKnobFamily knobs[] = {
    { .path = "resctrl/*",
      .type = HV_TYPE_WORD,
      .words = words,
      .help = N_("whether there is a control group of this name, with ways and bandwidth of "
                 "its own"),
      .undo = HV_UNDO_EXACT },
    { 0 },
};

static gboolean
is_present(const HvValue *value)
{
    return g_strcmp0(value->text, words[0]) == 0;
}

static gboolean
list_knobs(HvHost *host, const HvKnobFamily *family G_GNUC_UNUSED, GPtrArray *paths,
           GError **error G_GNUC_UNUSED)
{
    g_auto(GStrv) names = hv_control_names(host, NULL); /* without resctrl there are none */

    for (guint i = 0; names && names[i]; i++)
        g_ptr_array_add(paths, hv_knob_path("resctrl", names[i], NULL));
    return TRUE;
}

/* ---- names ---- */

static gboolean
check_name(HvHost *host, const char *group, GError **error)
{
    static const char *const taken[] = { "info", "mon_groups", "mon_data", ".", "..", NULL };
    g_autofree char *path = hv_control_path(group, "");
    g_autofree char *shown = hv_text_printable(group, SHOWN_CHARS);
    const char *why = NULL;

    if (g_strv_contains(taken, group))
        why = _("resctrl itself has that name");
    else if (strchr(group, '\n') || (strchr(group, '/') && !g_str_has_suffix(path, "default")))
        why = _("a group's name has no newline and no slash");
    else if (strlen(group) > MAX_NAME_BYTES)
        why = _("a group's name has at most 255 bytes");
    else if (hv_host_exists(host, path) && !hv_control_exists(host, group))
        why = _("resctrl has a file of that name");
    if (!why)
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("%s cannot be a group: %s"), shown, why);
    return FALSE;
}

static gboolean
read_knob(HvHost *host, const HvKnob *knob, HvValue *value, GError **error)
{
    const char *group = knob->segments[1];
    const gboolean there = hv_control_mounted(host, error);

    if (!there || !check_name(host, group, error)) {
        g_prefix_error(error, "%s: ", knob->path);
        return FALSE;
    }
    return hv_value_parse(value, HV_TYPE_WORD, words,
                          words[hv_control_exists(host, group) ? 0 : 1], error);
}

/* ---- may it be made ---- */

/* The least of all resources that are allocated: a group takes a class of each. FALSE: not
 * told. */
static gboolean
count_classes(HvHost *host, guint64 *n_classes)
{
    g_auto(GStrv) infos = hv_host_list(host, HV_RESCTRL_DIR "/info", NULL);
    gboolean is_told = FALSE;

    for (guint i = 0; infos && infos[i]; i++) {
        guint64 n;

        if (!hv_control_info(host, infos[i], "num_closids", FALSE, &n))
            continue;
        *n_classes = is_told ? MIN(*n_classes, n) : n;
        is_told = TRUE;
    }
    return is_told;
}

/* Groups after the steps of @plan: those there are, and those it makes. */
static guint
count_groups(HvHost *host, char **names, const HvPlan *plan)
{
    guint n = 0;

    for (guint i = 0; names[i]; i++)
        n += hv_control_will_be(host, names[i], plan) ? 1 : 0;
    for (guint i = 0; plan && i < hv_plan_n_steps(plan); i++) {
        const HvStep *step = hv_plan_step(plan, i);
        const char *name = g_str_has_prefix(step->knob, "resctrl/") ? step->knob + 8 : "/";
        g_autofree char *group = strchr(name, '/') ? NULL : hv_knob_unescape(name, NULL);

        n += group && is_present(&step->after) && !hv_control_exists(host, group) ? 1 : 0;
    }
    return n;
}

static gboolean
check_class_left(HvHost *host, const HvPlan *plan, GError **error)
{
    g_auto(GStrv) names = hv_control_names(host, error);
    g_autoptr(GString) shown = g_string_new(NULL);
    guint64 n_classes;

    if (!names)
        return FALSE;
    if (!count_classes(host, &n_classes) || count_groups(host, names, plan) < n_classes)
        return TRUE;
    for (guint i = 0; names[i] && i < MAX_NAMED; i++) {
        g_autofree char *name = hv_text_printable(names[i], SHOWN_CHARS);

        g_string_append_printf(shown, "%s%s", i ? ", " : "", name);
    }
    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                _("all %" G_GUINT64_FORMAT " classes (CLOSIDs) of this host are in use (%s%s): "
                  "remove a group first"),
                n_classes, shown->str, g_strv_length(names) > MAX_NAMED ? ", …" : "");
    return FALSE;
}

/* ---- may it go ---- */

/* An undo removes what it made; threads that others have put into it meanwhile are not ours to
 * move. */
static gboolean
check_members(HvHost *host, const char *group, const HvPlan *plan, GError **error)
{
    const guint n = hv_members_left(host, group, plan);

    if (n == 0 || plan->kind == HV_PLAN_SET)
        return TRUE;
    g_set_error(
        error, HV_ERROR, HV_ERROR_REFUSED,
        _("%u threads that this entry did not put there are in the group now: move them "
          "first, or let them fall to the default group with --force"),
        n);
    return FALSE;
}

static gboolean
check_removal(HvHost *host, const char *group, const HvPlan *plan, GError **error)
{
    g_autoptr(HvControlGroup) found = NULL;

    if (strcmp(group, HV_CONTROL_DEFAULT) == 0) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_REFUSED,
                            _("the default group is resctrl itself: it cannot be removed"));
        return FALSE;
    }
    if (!hv_control_exists(host, group))
        return TRUE;
    found = hv_control_read(host, group, group, error);
    if (!found)
        return FALSE;
    if (hv_control_is_locked(found)) {
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                    _("the group is %s: a region of memory is locked in its ways"),
                    found->mode);
        return FALSE;
    }
    return hv_control_check_owner(group, plan, error) &&
           check_members(host, group, plan, error);
}

static gboolean
check_knob(HvHost *host, const HvKnob *knob, const HvValue *after, const HvPlan *plan,
           GError **error)
{
    const char *group = knob->segments[1];

    if (!hv_control_mounted(host, error) || !check_name(host, group, error))
        return FALSE;
    if (!is_present(after))
        return check_removal(host, group, plan, error);
    return hv_control_will_be(host, group, plan) || check_class_left(host, plan, error);
}

/* First its members go to the default group, then it gives back its shares: each of these steps
 * can be undone exactly, which an rmdir cannot. */
static gboolean
unfold(HvHost *host, const HvKnob *knob, const HvValue *after, const HvPlan *plan,
       GPtrArray *wishes, GError **error G_GNUC_UNUSED)
{
    const char *group = knob->segments[1];
    g_autoptr(HvControlGroup) found = NULL;

    if (is_present(after) || strcmp(group, HV_CONTROL_DEFAULT) == 0 ||
        (plan && plan->by_glob)) /* its check says no */
        return TRUE;
    found = hv_control_read(host, group, knob->path, NULL);
    if (!found || hv_control_is_locked(found)) /* likewise; or there is nothing to remove */
        return TRUE;
    hv_members_leave(host, group, wishes);
    hv_members_give_back(host, found, wishes);
    g_ptr_array_add(wishes, hv_wish_new(knob->path, after->text));
    return TRUE;
}

/* ---- making and removing ---- */

static gboolean
make_directory(HvHost *host, const char *path, const char *text G_GNUC_UNUSED, GError **error)
{
    return hv_host_mkdir(host, path, error);
}

static gboolean
remove_directory(HvHost *host, const char *path, const char *text G_GNUC_UNUSED, GError **error)
{
    return hv_host_rmdir(host, path, error);
}

static gboolean
make_group(HvHost *host, const char *path, GError **error)
{
    for (guint i = 1;; i++) {
        g_autoptr(GError) why = NULL;

        if (hv_control_change(host, make_directory, path, NULL, &why))
            return TRUE;
        if (!hv_monitoring_is_limbo(why) || i == LIMBO_TRIES) {
            g_propagate_error(error, g_steal_pointer(&why));
            return FALSE;
        }
        (void)hv_host_wait_until(host, hv_host_monotonic_ns(host) + LIMBO_WAIT_NS, -1);
    }
}

static gboolean
write_knob(HvHost *host, const HvKnob *knob, const HvValue *after, GError **error)
{
    const char *group = knob->segments[1];
    g_autofree char *path = hv_control_path(group, "");

    if (hv_control_exists(host, group) == is_present(after))
        return TRUE;
    return is_present(after) ? make_group(host, path, error)
                             : hv_control_change(host, remove_directory, path, NULL, error);
}

/* ---- what it means ---- */

static char *
shell_line(HvHost *host G_GNUC_UNUSED, const HvKnob *knob, const HvValue *after,
           gboolean persist G_GNUC_UNUSED)
{
    g_autofree char *path = hv_control_path(knob->segments[1], "");
    g_autofree char *full = g_strconcat("/", path, NULL);
    g_autofree char *quoted = hv_shell_quote(full);

    return g_strdup_printf("%s %s", is_present(after) ? "mkdir" : "rmdir", quoted);
}

static char *
remark(HvHost *host, const HvKnob *knob, const HvValue *before G_GNUC_UNUSED,
       const HvValue *after)
{
    const char *group = knob->segments[1];
    HvLeftBehind left;

    if (is_present(after))
        return g_strdup(_("begins with all ways that no other group has to itself, and without "
                          "a bandwidth limit"));
    hv_members_look(host, group, &left);
    if (left.n_strangers > 0)
        return g_strdup_printf(
            _("%u threads of no VM are in it: they fall to the default group, "
              "and undo does not bring them back"),
            left.n_strangers);
    if (left.has_mode)
        return g_strdup(_("undo makes it shareable, not exclusive"));
    if (left.has_cpus)
        return g_strdup(_("its cpus fall to the default group, and undo does not bring them "
                          "back"));
    if (left.n_monitors > 0)
        return g_strdup_printf(_("%u monitoring groups of others go with it"), left.n_monitors);
    return hv_control_owner_remark(group);
}

static void
grade(HvHost *host, const HvKnob *knob, const HvValue *before G_GNUC_UNUSED,
      const HvValue *after, HvUndo *undo, HvStepClass *step_class G_GNUC_UNUSED)
{
    HvLeftBehind left;

    if (is_present(after))
        return;
    hv_members_look(host, knob->segments[1], &left);
    if (left.n_strangers > 0 || left.has_mode || left.has_cpus || left.n_monitors > 0)
        *undo = HV_UNDO_NEAR;
}

const HvTuner hv_tuner_resctrl_group = {
    .name = "resctrl-group",
    .source = "kernel Documentation/arch/x86/resctrl.rst",
    .knobs = knobs,
    .list = list_knobs,
    .read = read_knob,
    .unfold = unfold,
    .check = check_knob,
    .write = write_knob,
    .shell_line = shell_line,
    .remark = remark,
    .grade = grade,
};
