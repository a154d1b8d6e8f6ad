/* Whether resctrl is mounted: mounted when asked for, and unmounted only by the undo of that.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "host/parse.h"
#include "model/i18n.h"
#include "model/plan.h"
#include "tuners/resctrl.h"

#define MOUNT_MS 10000
#define SHOWN_CHARS 60

static const char *const words[] = { "mounted", "absent", NULL };
static const HvKnobFamily knobs[] = {
    { .path = "host/resctrl",
      .type = HV_TYPE_WORD,
      .words = words,
      .help = N_("resctrl, through which caches and bandwidth are measured and shared out"),
      .undo = HV_UNDO_EXACT },
    { 0 },
};

static gboolean
is_mounted(const HvValue *value)
{
    return g_strcmp0(value->text, words[0]) == 0;
}

static gboolean
read_knob(HvHost *host, const HvKnob *knob, HvValue *value, GError **error)
{
    g_autofree char *filesystems = NULL;

    if (hv_host_exists(host, HV_RESCTRL_DIR "/info"))
        return hv_value_parse(value, HV_TYPE_WORD, words, words[0], error);
    filesystems = hv_host_read_text(host, "proc/filesystems", 65536, NULL);
    if (filesystems && strstr(filesystems, "\tresctrl\n"))
        return hv_value_parse(value, HV_TYPE_WORD, words, words[1], error);
    g_set_error(
        error, HV_ERROR, HV_ERROR_ABSENT,
        _("%s: this kernel offers no resctrl: the cpu has neither RDT nor QoS, or it was "
          "built or started without"),
        knob->path);
    return FALSE;
}

/* ---- would it be taken ---- */

/* In a container's namespace a mount is seen by nobody else, and gone with it. */
static gboolean
check_namespace(HvHost *host, GError **error)
{
    g_autofree char *own = hv_host_readlink(host, "proc/self/ns/mnt", NULL);
    g_autofree char *first = hv_host_readlink(host, "proc/1/ns/mnt", NULL);

    if (!own || !first || strcmp(own, first) == 0)
        return TRUE;
    g_set_error_literal(error, HV_ERROR, HV_ERROR_REFUSED,
                        _("hvtune runs in a mount namespace of its own: mount it on the host: "
                          "mount -t resctrl resctrl /sys/fs/resctrl"));
    return FALSE;
}

/* An unmount destroys all groups, whosever they are. */
static gboolean
check_unused(HvHost *host, GError **error)
{
    g_auto(GStrv) names = hv_control_names(host, error);
    g_auto(GStrv) monitors = hv_host_list(host, HV_RESCTRL_DIR "/mon_groups", NULL);
    const char *found = names && names[0] ? names[1] : NULL;

    if (!names)
        return FALSE;
    for (guint i = 0; !found && monitors && monitors[i]; i++)
        found = hv_monitoring_is_ours(monitors[i]) ? NULL : monitors[i];
    if (!found)
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                _("group %s is there: unmounting resctrl would destroy it: remove it first"),
                found);
    return FALSE;
}

static gboolean
check_knob(HvHost *host, const HvKnob *knob G_GNUC_UNUSED, const HvValue *after,
           const HvPlan *plan, GError **error)
{
    if (is_mounted(after))
        return check_namespace(host, error);
    if (!hv_host_exists(host, HV_RESCTRL_DIR "/info"))
        return TRUE;
    if (plan->kind == HV_PLAN_SET) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_REFUSED,
                            _("hvtune unmounts only what it mounted itself, by undo"));
        return FALSE;
    }
    return check_unused(host, error);
}

/* ---- writing ---- */

static gboolean
run(HvHost *host, const char *const *argv, GError **error)
{
    g_autofree char *output = NULL;
    int status = 0;

    if (!hv_host_run_change(host, argv, MOUNT_MS, &output, &status, error))
        return FALSE;
    if (status == 0)
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED, _("%s ended with status %d: %s"), argv[0],
                status, hv_chomp(output));
    return FALSE;
}

static gboolean
write_knob(HvHost *host, const HvKnob *knob G_GNUC_UNUSED, const HvValue *after, GError **error)
{
    static const char *const mount[] = {
        "mount", "-t", "resctrl", "resctrl", "/" HV_RESCTRL_DIR, NULL
    };
    static const char *const unmount[] = { "umount", "/" HV_RESCTRL_DIR, NULL };

    if (is_mounted(after))
        return run(host, mount, error);
    return check_unused(host, error) && run(host, unmount, error);
}

static char *
shell_line(HvHost *host G_GNUC_UNUSED, const HvKnob *knob G_GNUC_UNUSED, const HvValue *after,
           gboolean persist G_GNUC_UNUSED)
{
    return g_strdup(is_mounted(after) ? "mount -t resctrl resctrl /" HV_RESCTRL_DIR
                                      : "umount /" HV_RESCTRL_DIR);
}

static char *
remark(HvHost *host G_GNUC_UNUSED, const HvKnob *knob G_GNUC_UNUSED,
       const HvValue *before G_GNUC_UNUSED, const HvValue *after)
{
    return is_mounted(after)
               ? g_strdup(_("until the next start of the host; undo unmounts it, unless "
                            "somebody has made groups by then"))
               : NULL;
}

const HvTuner hv_tuner_host_resctrl = {
    .name = "host-resctrl",
    .source = "kernel Documentation/arch/x86/resctrl.rst; mount(8)",
    .knobs = knobs,
    .read = read_knob,
    .check = check_knob,
    .write = write_knob,
    .shell_line = shell_line,
    .remark = remark,
};
