/* irqbalance: whether it runs, and which interrupts it leaves alone. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/irqbalance.h"

#include "host/parse.h"
#include "model/i18n.h"
#include "model/plan.h"
#include "tuners/irq-number.h"
#include "tuners/tuner.h"

#include <string.h>

#define UNIT "irqbalance.service"
#define SERVICE_KNOB "host/irqbalance"
/* Its look at all interrupts of a large host takes up to a second, in which it answers nobody.
 */
#define ASK_MS 5000
#define SYSTEMCTL_MS 20000
/* How long after a start its process may take to have its name. */
#define START_MS 2000
#define POLL_NS (50 * G_GINT64_CONSTANT(1000000))

enum { SERVICE, BALANCED };
static const char *const words[] = { "running", "stopped", NULL };

static const HvKnobFamily knobs[] = {
    [SERVICE] = { .path = SERVICE_KNOB,
                  .type = HV_TYPE_WORD,
                  .words = words,
                  .help = N_("irqbalance, which moves interrupts about: running or stopped"),
                  .risk = N_("without it new interrupts stay where the kernel puts them") },
    [BALANCED] = { .path = "irq/*/balanced",
                   .type = HV_TYPE_SWITCH,
                   .help =
                       N_("whether irqbalance moves this interrupt; off: it was told not to"),
                   .risk = N_("irqbalance then places all others anew"),
                   .undo = HV_UNDO_EXACT,
                   .named_only = TRUE },
    { 0 },
};

static gboolean
is_service(const HvKnob *knob)
{
    return knob->family == &knobs[SERVICE];
}

static gboolean
list_knobs(HvHost *host, const HvKnobFamily *family, GPtrArray *paths, GError **error)
{
    g_auto(HvIrqbalance) irqbalance = { 0 };

    /* without it, or without its socket, there is nothing to tell it */
    if (!hv_irqbalance_find(host, &irqbalance) || !irqbalance.socket)
        return TRUE;
    return hv_irq_list(host, family, paths, error);
}

/* ---- one interrupt ---- */

typedef struct {
    HvIrqbalance irqbalance;
    guint irq;
    HvSet *banned;
} Ban;

static void
clear_ban(Ban *ban)
{
    hv_irqbalance_clear(&ban->irqbalance);
    hv_set_free(ban->banned);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Ban, clear_ban)

static gboolean
find_ban(HvHost *host, const HvKnob *knob, Ban *ban, GError **error)
{
    guint64 period_s;

    if (!hv_irq_number(host, knob, &ban->irq, error))
        return FALSE;
    if (!hv_irqbalance_find(host, &ban->irqbalance)) {
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT, _("%s: irqbalance does not run"),
                    knob->path);
        return FALSE;
    }
    ban->banned = hv_set_new();
    if (hv_irqbalance_read(host, &ban->irqbalance, ASK_MS, ban->banned, &period_s, error))
        return TRUE;
    g_prefix_error(error, "%s: ", knob->path);
    return FALSE;
}

/* Its list is replaced as a whole: what others had it leave alone stays in it. */
static void
change_list(const Ban *ban, const HvValue *after)
{
    if (after->number)
        hv_set_remove(ban->banned, ban->irq);
    else
        hv_set_add(ban->banned, ban->irq);
}

static gboolean
check_ban(HvHost *host, const HvKnob *knob, const HvValue *after, GError **error)
{
    g_auto(Ban) ban = { 0 };

    if (!find_ban(host, knob, &ban, error))
        return FALSE;
    change_list(&ban, after);
    if (hv_irqbalance_can_ban(ban.banned, error))
        return TRUE;
    g_prefix_error(error, "%s: ", knob->path);
    return FALSE;
}

static gboolean
write_ban(HvHost *host, const HvKnob *knob, const HvValue *after, GError **error)
{
    g_auto(Ban) ban = { 0 };

    if (!find_ban(host, knob, &ban, error))
        return FALSE;
    change_list(&ban, after);
    if (hv_irqbalance_ban(host, &ban.irqbalance, ASK_MS, ban.banned, error))
        return TRUE;
    g_prefix_error(error, "%s: ", knob->path);
    return FALSE;
}

/* ---- the service ---- */

static gboolean
run_systemctl(HvHost *host, const char *verb, GError **error)
{
    const char *const argv[] = { "systemctl", verb, UNIT, NULL };
    g_autofree char *output = NULL;
    int status = 0;

    if (!hv_host_run_change(host, argv, SYSTEMCTL_MS, &output, &status, error))
        return FALSE;
    if (status == 0)
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED, "systemctl %s %s: %s", verb, UNIT,
                hv_chomp(output));
    return FALSE;
}

/* "LoadState=loaded\nActiveState=active\n" */
static gboolean
ask_systemd(HvHost *host, char **output, GError **error)
{
    const char *const argv[] = { "systemctl", "show", "--property=LoadState,ActiveState", UNIT,
                                 NULL };
    int status = 0;

    if (!hv_host_run(host, argv, SYSTEMCTL_MS, output, &status, error))
        return FALSE;
    if (status == 0)
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_FAILED, "systemctl show %s: %s", UNIT,
                hv_chomp(*output));
    return FALSE;
}

static gboolean
refuse(GError **error, const char *reason)
{
    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED, SERVICE_KNOB ": %s", reason);
    return FALSE;
}

/* One that was started by hand has options that nobody knows: to kill it could not be taken
 * back. */
static gboolean
check_service(HvHost *host, GError **error)
{
    g_auto(HvIrqbalance) irqbalance = { 0 };
    g_autofree char *state = NULL;
    g_autofree char *reason = NULL;
    const gboolean runs = hv_irqbalance_find(host, &irqbalance);

    if (!hv_host_exists(host, "run/systemd/system")) {
        reason = runs ? g_strdup_printf(_("systemd does not run here: stop it yourself with "
                                          "`kill %d`, or leave it be and set "
                                          "irq/N/balanced=off"),
                                        irqbalance.pid)
                      : g_strdup(_("systemd does not run here: start irqbalance yourself"));
        return refuse(error, reason);
    }
    if (!ask_systemd(host, &state, error)) {
        g_prefix_error(error, SERVICE_KNOB ": ");
        return FALSE;
    }
    if (!strstr(state, "LoadState=loaded"))
        return refuse(error, _("systemd has no " UNIT));
    if (!runs || strstr(state, "ActiveState=active"))
        return TRUE;
    reason = g_strdup_printf(_("process %d was not started by systemd: stop it yourself with "
                               "`kill %d`, or set irq/N/balanced=off"),
                             irqbalance.pid, irqbalance.pid);
    return refuse(error, reason);
}

static gboolean
wait_for_process(HvHost *host, GError **error)
{
    const gint64 deadline_ns = hv_host_monotonic_ns(host) + START_MS * (gint64)1000000;
    g_auto(HvIrqbalance) irqbalance = { 0 };

    while (!hv_irqbalance_find(host, &irqbalance)) {
        const gint64 now_ns = hv_host_monotonic_ns(host);

        if (now_ns >= deadline_ns)
            return refuse(error, _("it was started and has ended by itself, as it does on a "
                                   "host with one cpu or in a container"));
        (void)hv_host_wait_until(host, now_ns + POLL_NS, -1);
    }
    return TRUE;
}

static gboolean
write_service(HvHost *host, const HvValue *after, GError **error)
{
    const gboolean start = strcmp(after->text, "running") == 0;

    return run_systemctl(host, start ? "start" : "stop", error) &&
           (!start || wait_for_process(host, error));
}

/* What it was told through its socket, which it forgets when it ends. */
static HvSet *
read_bans(HvHost *host)
{
    g_auto(HvIrqbalance) irqbalance = { 0 };
    HvSet *banned = hv_set_new();
    guint64 period_s;

    if (hv_irqbalance_find(host, &irqbalance) && irqbalance.socket)
        (void)hv_irqbalance_read(host, &irqbalance, ASK_MS, banned, &period_s, NULL);
    return banned; /* empty when it does not say */
}

static char *
remark_service(HvHost *host, const HvValue *after)
{
    g_autoptr(HvSet) banned = read_bans(host);
    g_autofree char *list = hv_set_to_text(banned);

    if (strcmp(after->text, "running") == 0)
        return g_strdup(_("within 10 s it places all interrupts anew"));
    if (!*list)
        return g_strdup(_("until it is started again, at the latest by the next boot; "
                          "`systemctl disable " UNIT "` is for good"));
    return g_strdup_printf(_("it forgets that it was told to leave alone interrupts %s; until "
                             "it is started again, at the latest by the next boot"),
                           list);
}

/* ---- both ---- */

static gboolean
read_knob(HvHost *host, const HvKnob *knob, HvValue *value, GError **error)
{
    g_auto(HvIrqbalance) irqbalance = { 0 };
    g_auto(Ban) ban = { 0 };

    if (is_service(knob)) {
        hv_value_set_word(value, words[hv_irqbalance_find(host, &irqbalance) ? 0 : 1]);
        return TRUE;
    }
    if (!find_ban(host, knob, &ban, error))
        return FALSE;
    hv_value_set_number(value, HV_TYPE_SWITCH, hv_set_has(ban.banned, ban.irq) ? 0 : 1);
    return TRUE;
}

static gboolean
check_knob(HvHost *host, const HvKnob *knob, const HvValue *after,
           const HvPlan *plan G_GNUC_UNUSED, GError **error)
{
    return is_service(knob) ? check_service(host, error) : check_ban(host, knob, after, error);
}

static gboolean
write_knob(HvHost *host, const HvKnob *knob, const HvValue *after, GError **error)
{
    if (!is_service(knob))
        return write_ban(host, knob, after, error);
    if (write_service(host, after, error))
        return TRUE;
    g_prefix_error(error, SERVICE_KNOB ": ");
    return FALSE;
}

static char *
shell_line(HvHost *host, const HvKnob *knob, const HvValue *after,
           gboolean persist G_GNUC_UNUSED)
{
    g_auto(Ban) ban = { 0 };
    g_autofree char *list = NULL;

    if (is_service(knob))
        return g_strdup_printf("systemctl %s " UNIT,
                               strcmp(after->text, "running") == 0 ? "start" : "stop");
    if (!find_ban(host, knob, &ban, NULL)) /* no irqbalance, no line: the plan says why */
        return NULL;
    change_list(&ban, after);
    list = hv_set_is_empty(ban.banned) ? g_strdup("NONE") : hv_set_to_text(ban.banned);
    g_strdelimit(list, ",", ' ');
    return g_strdup_printf("printf 'settings ban irqs %s' | socat -t5 - UNIX-CONNECT:/%s", list,
                           ban.irqbalance.socket);
}

static char *
remark(HvHost *host, const HvKnob *knob, const HvValue *before G_GNUC_UNUSED,
       const HvValue *after)
{
    if (is_service(knob))
        return remark_service(host, after);
    if (after->number)
        return g_strdup(_("within 10 s irqbalance may move it"));
    return g_strdup_printf(_("until irqbalance ends; for good: IRQBALANCE_ARGS=--banirq=%s in "
                             "/etc/default/irqbalance or /etc/sysconfig/irqbalance"),
                           knob->segments[1]);
}

static void
grade(HvHost *host, const HvKnob *knob, const HvValue *before G_GNUC_UNUSED,
      const HvValue *after G_GNUC_UNUSED, HvUndo *undo, HvStepClass *step_class G_GNUC_UNUSED)
{
    g_autoptr(HvSet) banned = is_service(knob) ? read_bans(host) : NULL;

    if (banned && !hv_set_is_empty(banned))
        *undo = HV_UNDO_NEAR;
}

const HvTuner hv_tuner_irqbalance = {
    .name = "irqbalance",
    .source = "irqbalance(1), irqbalance 1.9.2's socket; systemctl(1)",
    .knobs = knobs,
    .list = list_knobs,
    .read = read_knob,
    .check = check_knob,
    .write = write_knob,
    .shell_line = shell_line,
    .remark = remark,
    .grade = grade,
};
