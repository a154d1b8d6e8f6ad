/* On which nodes the memory of a VM is: read from its pages, changed by moving them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "model/plan.h"
#include "model/text.h"
#include "tuners/vm-definition.h"
#include "tuners/vm-pages-move.h"
#include "tuners/vm-room.h"
#include "tuners/vm-target.h"

#define NS_PER_S 1e9

static const HvKnobFamily knobs[] = {
    { .path = "vm/*/memory/pages",
      .type = HV_TYPE_NODES,
      .help =
          N_("the fewest nodes that hold over 95 % of its resident memory; setting it moves "
             "what lies elsewhere"),
      .risk = N_("while pages move, who touches one waits for it: it gets slower first"),
      .undo = HV_UNDO_NEAR,
      .step_class = HV_STEP_SLOW,
      .named_only = TRUE },
    { 0 },
};

static gboolean
list_knobs(HvHost *host, const HvKnobFamily *family G_GNUC_UNUSED, GPtrArray *paths,
           GError **error G_GNUC_UNUSED)
{
    hv_vm_list_memory(host, "pages", paths);
    return TRUE;
}

static gboolean
read_knob(HvHost *host, const HvKnob *knob, HvValue *value, GError **error)
{
    g_auto(HvVmTarget) target = { 0 };
    g_auto(HvVmPages) pages = { 0 };

    if (!hv_vm_find_guest(host, knob->segments[1], &target, error) ||
        !hv_vm_pages_read(host, target.guest, knob->path, &pages, error))
        return FALSE;
    if (pages.bytes == 0) {
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT, _("%s: it has no memory yet"),
                    knob->path);
        return FALSE;
    }
    hv_value_take_set(value, HV_TYPE_NODES, hv_vm_pages_nodes(&pages));
    return TRUE;
}

/* move_pages(2) goes nowhere that the VM's own cpuset forbids, whoever calls it. */
static gboolean
check_allowed(HvHost *host, const HvKnob *knob, const HvGuest *guest, const HvSet *nodes,
              const HvPlan *plan, GError **error)
{
    g_autofree char *path = hv_knob_path("vm", guest->name, "memory", "nodes", NULL);
    const HvValue *expected = plan ? hv_plan_expected(plan, path) : NULL;
    gboolean mixed = FALSE;
    g_autoptr(HvSet) allowed = expected && expected->set
                                   ? hv_set_copy(expected->set)
                                   : hv_vm_mems_allowed(host, guest, knob->path, &mixed, error);
    g_autofree char *list = NULL;

    if (!allowed || hv_set_is_subset(nodes, allowed))
        return allowed != NULL;
    list = hv_set_to_text(allowed);
    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                _("%s: the VM may have memory on node %s only: first %s"), knob->path, list,
                path);
    return FALSE;
}

/* Everything but where it may be: @pages as they are now. */
static gboolean
check_move(HvHost *host, const HvKnob *knob, const HvVmTarget *target, const HvVmPages *pages,
           const HvSet *nodes, GError **error)
{
    if (hv_vm_pages_are_on(pages, nodes))
        return TRUE;
    return hv_vm_check_movable(host, target->guest, knob->path, error) &&
           hv_vm_check_cells(target->guest, knob->path, error) &&
           hv_vm_check_no_job(target->guest, knob->path, error) &&
           hv_vm_check_room(host, target->list, target->guest, pages, nodes, knob->path, error);
}

static gboolean
check_knob(HvHost *host, const HvKnob *knob, const HvValue *after, const HvPlan *plan,
           GError **error)
{
    g_auto(HvVmTarget) target = { 0 };
    g_auto(HvVmPages) pages = { 0 };

    return hv_vm_find_guest(host, knob->segments[1], &target, error) &&
           hv_vm_check_nodes(host, after->set, knob->path, error) &&
           hv_vm_pages_read(host, target.guest, knob->path, &pages, error) &&
           check_move(host, knob, &target, &pages, after->set, error) &&
           check_allowed(host, knob, target.guest, after->set, plan, error);
}

/* Room may have gone since the plan was made. */
static gboolean
write_slowly(HvHost *host, const HvKnob *knob, const HvValue *after, const HvProgress *progress,
             GError **error)
{
    g_auto(HvVmTarget) target = { 0 };
    g_auto(HvVmPages) pages = { 0 };

    if (!hv_vm_find_guest(host, knob->segments[1], &target, error) ||
        !hv_vm_pages_read(host, target.guest, knob->path, &pages, error))
        return FALSE;
    if (hv_vm_pages_are_on(&pages, after->set))
        return TRUE;
    return check_move(host, knob, &target, &pages, after->set, error) &&
           check_allowed(host, knob, target.guest, after->set, NULL, error) &&
           hv_vm_pages_move(host, target.guest, &pages, after->set, progress, knob->path,
                            error);
}

/* All of it is on some of the nodes: that is what was asked for. */
static gboolean
is_met(const HvKnob *knob G_GNUC_UNUSED, const HvValue *found, const HvValue *wanted)
{
    return found->set && wanted->set && hv_set_is_subset(found->set, wanted->set);
}

/* What numactl's tool does, at once and without a limit. */
static char *
shell_line(HvHost *host, const HvKnob *knob, const HvValue *after,
           gboolean persist G_GNUC_UNUSED)
{
    g_auto(HvVmTarget) target = { 0 };
    g_autoptr(HvSet) from = hv_vm_nodes_with_memory(host, NULL);
    g_autofree char *from_text = NULL, *to_text = NULL;

    if (!from || !hv_vm_find_guest(host, knob->segments[1], &target, NULL))
        return NULL;
    hv_set_subtract(from, after->set);
    from_text = hv_set_to_text(from);
    to_text = hv_set_to_text(after->set);
    return *from_text
               ? g_strdup_printf("migratepages %d %s %s", target.guest->pid, from_text, to_text)
               : NULL;
}

/* Unless it is bound, the kernel's balancing moves hot pages after whoever runs elsewhere. */
static gboolean
may_walk_back(HvHost *host, const HvKnob *knob, const HvGuest *guest, const HvValue *after)
{
    guint64 balancing = 0;
    gboolean mixed = FALSE;
    g_autoptr(HvSet) allowed = NULL;

    if (!hv_host_read_u64_file(host, "proc/sys/kernel/numa_balancing", &balancing, NULL) ||
        !balancing)
        return FALSE;
    allowed = hv_vm_mems_allowed(host, guest, knob->path, &mixed, NULL);
    return allowed && !hv_set_is_subset(allowed, after->set);
}

static char *
remark(HvHost *host, const HvKnob *knob, const HvValue *before, const HvValue *after)
{
    g_auto(HvVmTarget) target = { 0 };
    g_auto(HvVmPages) pages = { 0 };
    const guint64 per_s = hv_vm_pages_rate(host);
    g_autoptr(GString) text = NULL;
    char bytes[16], rate[16], time[24];
    guint64 outside;

    if (!hv_vm_find_guest(host, knob->segments[1], &target, NULL) ||
        !hv_vm_pages_read(host, target.guest, knob->path, &pages, NULL))
        return NULL;
    outside = hv_vm_pages_outside(&pages, after->set, 0);
    hv_text_bytes(bytes, sizeof bytes, (double)outside);
    hv_text_bytes(rate, sizeof rate, (double)per_s);
    hv_text_duration(time, sizeof time, (gint64)((double)outside / (double)per_s * NS_PER_S));
    text = g_string_new(NULL);
    g_string_printf(text, _("%s to move, at up to %s/s: %s or more"), bytes, rate, time);
    if (hv_set_count(before->set) > 1)
        g_string_append(text, _("; it is spread now: undo leaves it where it will be"));
    if (may_walk_back(host, knob, target.guest, after))
        g_string_append(text, _("; NUMA balancing is on: pages may walk back unless "
                                "memory/nodes binds them"));
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void
grade(HvHost *host G_GNUC_UNUSED, const HvKnob *knob G_GNUC_UNUSED, const HvValue *before,
      const HvValue *after G_GNUC_UNUSED, HvUndo *undo, HvStepClass *step_class G_GNUC_UNUSED)
{
    if (before->set && hv_set_count(before->set) > 1)
        *undo = HV_UNDO_NONE;
}

const HvTuner hv_tuner_vm_pages = {
    .name = "vm-pages",
    .source = "move_pages(2); kernel Documentation/mm/page_migration.rst",
    .knobs = knobs,
    .list = list_knobs,
    .read = read_knob,
    .check = check_knob,
    .write_slowly = write_slowly,
    .is_met = is_met,
    .still_there = hv_vm_still_there,
    .subject = hv_vm_subject,
    .shell_line = shell_line,
    .remark = remark,
    .grade = grade,
};
