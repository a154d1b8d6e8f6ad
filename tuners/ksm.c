/* Whether the kernel merges equal pages of VMs, and taking merged ones apart. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/parse.h"
#include "model/i18n.h"
#include "model/plan.h"
#include "tuners/mode-file.h"

#define DIRECTORY "sys/kernel/mm/ksm"
#define MIB_SHIFT 20
/* The kernel's page; x86 has no other. */
#define PAGE_BYTES 4096u

/* The kernel's numbers: 0 stops and leaves pages merged, 1 runs, 2 stops and takes them apart.
 */
enum { OFF, ON, UNMERGED };
static const char *const words[] = {
    [OFF] = "off", [ON] = "on", [UNMERGED] = "unmerged", NULL
};

static const HvKnobFamily knobs[] = {
    { .path = "host/ksm",
      .type = HV_TYPE_WORD,
      .words = words,
      .help = N_("merging of equal pages; off leaves merged pages merged, unmerged takes them "
                 "apart"),
      .risk = N_("merged pages lie on any node, and each write to one copies it") },
    { 0 },
};

static gboolean
read_knob(HvHost *host, const HvKnob *knob, HvValue *value, GError **error)
{
    return hv_mode_read(host, DIRECTORY "/run", knob, value, error);
}

/* What taking apart would allocate: each place but one of every merged page. */
static gboolean
read_shared(HvHost *host, guint64 *bytes, GError **error)
{
    guint64 n_pages = 0;

    if (!hv_host_read_u64_file(host, DIRECTORY "/pages_sharing", &n_pages, error))
        return FALSE;
    *bytes = n_pages * PAGE_BYTES;
    return TRUE;
}

static gboolean
read_available(HvHost *host, guint64 *bytes, GError **error)
{
    g_autofree char *text = hv_host_read_text(host, "proc/meminfo", 0, error);

    return text && hv_colon_u64(text, "MemAvailable", bytes, error);
}

static gboolean
check_knob(HvHost *host, const HvKnob *knob, const HvValue *after,
           const HvPlan *plan G_GNUC_UNUSED, GError **error)
{
    guint64 shared = 0, available = 0;

    if (hv_mode_number(knob, after) != UNMERGED)
        return TRUE;
    if (!read_shared(host, &shared, error) || !read_available(host, &available, error)) {
        g_prefix_error(error, "%s: ", knob->path);
        return FALSE;
    }
    if (shared <= available)
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                _("%s: taking apart needs %" G_GUINT64_FORMAT " MiB and %" G_GUINT64_FORMAT
                  " MiB are available: VMs would be killed; free memory first, or set off"),
                knob->path, shared >> MIB_SHIFT, available >> MIB_SHIFT);
    return FALSE;
}

static gboolean
write_knob(HvHost *host, const HvKnob *knob, const HvValue *after, GError **error)
{
    return hv_mode_write(host, DIRECTORY "/run", knob, after, error);
}

static char *
shell_line(HvHost *host G_GNUC_UNUSED, const HvKnob *knob, const HvValue *after,
           gboolean persist G_GNUC_UNUSED)
{
    return g_strdup_printf("echo %" G_GUINT64_FORMAT " >/" DIRECTORY "/run",
                           hv_mode_number(knob, after));
}

static char *
remark(HvHost *host, const HvKnob *knob, const HvValue *before G_GNUC_UNUSED,
       const HvValue *after)
{
    guint64 shared = 0;

    if (!read_shared(host, &shared, NULL) || shared == 0)
        return NULL;
    if (hv_mode_number(knob, after) == UNMERGED)
        return g_strdup_printf(_("%" G_GUINT64_FORMAT " MiB more are used at once, within each "
                                 "VM's own limit; to merge them again takes the scanner hours"),
                               shared >> MIB_SHIFT);
    if (hv_mode_number(knob, after) == OFF)
        return g_strdup_printf(
            _("%" G_GUINT64_FORMAT " MiB stay saved by pages that stay merged"),
            shared >> MIB_SHIFT);
    return NULL;
}

/* What was merged is not merged again by setting it back, and no timer may do that. */
static void
grade(HvHost *host G_GNUC_UNUSED, const HvKnob *knob, const HvValue *before G_GNUC_UNUSED,
      const HvValue *after, HvUndo *undo, HvStepClass *step_class)
{
    if (hv_mode_number(knob, after) != UNMERGED)
        return;
    *undo = HV_UNDO_NEAR;
    *step_class = HV_STEP_ONE_WAY;
}

const HvTuner hv_tuner_ksm = {
    .name = "ksm",
    .source = "kernel Documentation/admin-guide/mm/ksm.rst",
    .knobs = knobs,
    .read = read_knob,
    .check = check_knob,
    .write = write_knob,
    .shell_line = shell_line,
    .remark = remark,
    .grade = grade,
};
