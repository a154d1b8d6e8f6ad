/* On which nodes a VM may have memory: its cpusets, through libvirt's <numatune> where it has
 * one. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/guest-xml.h"
#include "host/parse.h"
#include "model/i18n.h"
#include "model/plan.h"
#include "model/text.h"
#include "tuners/vm-definition.h"
#include "tuners/vm-pages-move.h"
#include "tuners/vm-room.h"
#include "tuners/vm-target.h"

#include <string.h>

/* The kernel walks the memory once for each group whose list changes, before it copies. */
#define WALK_S_PER_GIB 0.004
#define GIB (1u << 30)
#define NS_PER_S 1e9
/* Orchestrators give a call on libvirt up after so long. */
#define MOST_S 30.0
#define DEADLINE_S 60u
#define MODE_RESTRICTIVE "restrictive"

static const HvKnobFamily knobs[] = {
    { .path = "vm/*/memory/nodes",
      .type = HV_TYPE_NODES,
      .help = N_("nodes that its threads may have memory on (cpuset.mems)"),
      .risk = N_("new memory comes from these nodes only: when they are full the VM is killed "
                 "while others have room"),
      .undo = HV_UNDO_EXACT,
      .persists = TRUE },
    { 0 },
};

static gboolean
list_knobs(HvHost *host, const HvKnobFamily *family G_GNUC_UNUSED, GPtrArray *paths,
           GError **error G_GNUC_UNUSED)
{
    hv_vm_list_memory(host, "nodes", paths);
    return TRUE;
}

static gboolean
read_knob(HvHost *host, const HvKnob *knob, HvValue *value, GError **error)
{
    g_auto(HvVmTarget) target = { 0 };
    gboolean mixed = FALSE;
    HvSet *allowed;

    if (!hv_vm_find_guest(host, knob->segments[1], &target, error))
        return FALSE;
    allowed = hv_vm_mems_allowed(host, target.guest, knob->path, &mixed, error);
    if (!allowed)
        return FALSE;
    hv_value_take_set(value, HV_TYPE_NODES, allowed);
    value->mixed = mixed;
    return TRUE;
}

static gboolean
refuse(GError **error, const HvKnob *knob, const char *why)
{
    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED, "%s: %s", knob->path, why);
    return FALSE;
}

/* ---- libvirt's rules ---- */

/* "restrictive 0-1", or "" without <numatune>. */
static char *
read_numatune(HvHost *host, const HvKnob *knob, const HvGuest *guest, gboolean persistent,
              GError **error)
{
    const HvGuestRequest request = { .verb = HV_GUEST_NUMATUNE_READ,
                                     .vm = guest->name,
                                     .uuid = *guest->uuid ? guest->uuid : NULL,
                                     .persistent = persistent };
    char *answer = NULL;

    if (!hv_host_guest_request(host, &request, HV_VM_DEADLINE_MS, &answer, error))
        g_prefix_error(error, "%s: ", knob->path);
    return answer;
}

/* Of a running VM libvirt changes the nodes only in mode restrictive, and the mode never. */
static gboolean
check_mode(const HvKnob *knob, const char *numatune, GError **error)
{
    g_autofree char *mode = g_strndup(numatune, strcspn(numatune, " "));
    g_autofree char *why = NULL;

    if (!*numatune || strcmp(mode, MODE_RESTRICTIVE) == 0)
        return TRUE;
    why = g_strdup_printf(
        _("its <numatune> has mode %s: libvirt changes the nodes of a running VM only in mode "
          "restrictive, which it must be started with"),
        mode);
    return refuse(error, knob, why);
}

/* ---- a control group of its own ---- */

/* Its cpuset.mems where libvirt does not keep it: FALSE, with the reason, where there is none
 * that is this VM's alone. */
static gboolean
find_own_group(HvHost *host, const HvKnob *knob, const HvGuest *guest, char **path,
               GError **error)
{
    g_autofree char *file = g_strdup_printf("%s/cpuset.mems", guest->cgroup);
    g_autofree char *procs_path = g_strdup_printf("%s/cgroup.procs", guest->cgroup);
    g_autofree char *procs =
        *guest->cgroup ? hv_host_read_text(host, procs_path, 0, NULL) : NULL;
    char *rest = procs;
    guint64 pid;

    if (!guest->cgroup_v2)
        return refuse(error, knob,
                      _("libvirt does not know this VM, and it has no cgroup v2 of its own"));
    while (rest && *(rest = hv_skip_blanks(rest)) && hv_scan_u64(&rest, &pid)) {
        if (pid != (guint64)guest->pid)
            return refuse(error, knob,
                          _("libvirt does not know this VM, and others share its cgroup"));
        rest += *rest == '\n';
    }
    if (!procs || !hv_host_exists(host, file))
        return refuse(error, knob,
                      _("libvirt does not know this VM, and its cgroup has no cpuset.mems"));
    *path = g_steal_pointer(&file);
    return TRUE;
}

/* Without the controller there is nothing that libvirt could write. */
static gboolean
check_controller(HvHost *host, const HvKnob *knob, const HvGuest *guest, GError **error)
{
    g_autofree char *path = g_strdup_printf("%s/cgroup.controllers", guest->cgroup);
    g_autofree char *text =
        guest->cgroup_v2 && *guest->cgroup ? hv_host_read_text(host, path, 0, NULL) : NULL;

    return !text || strstr(text, "cpuset") ||
           refuse(error, knob, _("the cpuset controller is not enabled for its cgroup"));
}

static gboolean
check_way(HvHost *host, const HvKnob *knob, const HvGuest *guest, GError **error)
{
    g_autofree char *numatune = NULL, *file = NULL;

    if (!guest->in_libvirt)
        return find_own_group(host, knob, guest, &file, error);
    if (!check_controller(host, knob, guest, error))
        return FALSE;
    numatune = read_numatune(host, knob, guest, FALSE, error);
    return numatune && check_mode(knob, numatune, error);
}

/* ---- what the kernel will copy ---- */

static guint
count_groups(const HvGuest *guest)
{
    guint n = 1; /* the emulator's */

    for (guint i = 0; i < guest->n_threads; i++)
        n += guest->threads[i].role == HV_THREAD_VCPU ||
             guest->threads[i].role == HV_THREAD_IOTHREAD;
    return n;
}

/* How long libvirt will hold the VM's job. */
static double
expected_s(HvHost *host, const HvGuest *guest, const HvVmPages *pages, guint64 outside_bytes)
{
    const double walk_s =
        (double)pages->bytes / GIB * WALK_S_PER_GIB * (double)count_groups(guest);

    return walk_s + (double)outside_bytes / (double)hv_vm_pages_rate(host);
}

static gboolean
check_time(HvHost *host, const HvKnob *knob, const HvGuest *guest, const HvVmPages *pages,
           const HvSet *nodes, GError **error)
{
    const guint64 outside = hv_vm_pages_outside(pages, nodes, 0);
    const double seconds = expected_s(host, guest, pages, outside);
    g_autofree char *list = NULL, *sibling = NULL, *why = NULL;
    char bytes[16];

    if (seconds <= MOST_S)
        return TRUE;
    list = hv_set_to_text(nodes);
    sibling = hv_knob_path("vm", guest->name, "memory", "pages", NULL);
    hv_text_bytes(bytes, sizeof bytes, (double)outside);
    why = g_strdup_printf(_("%s of its memory is elsewhere: the VM's job would be held for "
                            "about %.0f s, longer than orchestrators wait (%.0f s): first "
                            "%s=%s"),
                          bytes, seconds, MOST_S, sibling, list);
    return refuse(error, knob, why);
}

/* Pages that an earlier step of the plan brings there are looked at again when this one is
 * made. */
static gboolean
check_pages(HvHost *host, const HvKnob *knob, const HvVmTarget *target, const HvSet *nodes,
            const HvPlan *plan, GError **error)
{
    g_auto(HvVmPages) pages = { 0 };
    g_autofree char *sibling = hv_knob_path("vm", target->guest->name, "memory", "pages", NULL);
    const HvValue *expected = plan ? hv_plan_expected(plan, sibling) : NULL;

    if (expected && expected->set && hv_set_is_subset(expected->set, nodes))
        return TRUE;
    if (!hv_vm_pages_read(host, target->guest, knob->path, &pages, error))
        return FALSE;
    if (!hv_vm_pages_are_on(&pages, nodes) &&
        (!hv_vm_check_movable(host, target->guest, knob->path, error) ||
         !hv_vm_check_cells(target->guest, knob->path, error)))
        return FALSE;
    return hv_vm_check_room(host, target->list, target->guest, &pages, nodes, knob->path,
                            error) &&
           check_time(host, knob, target->guest, &pages, nodes, error);
}

/* ---- check, write ---- */

/* Who may have memory on more nodes than before needs no room. */
static gboolean
check_nodes(HvHost *host, const HvKnob *knob, const HvVmTarget *target, const HvSet *nodes,
            const HvPlan *plan, GError **error)
{
    gboolean mixed = FALSE;
    g_autoptr(HvSet) allowed = NULL;

    if (!hv_vm_check_nodes(host, nodes, knob->path, error))
        return FALSE;
    allowed = hv_vm_mems_allowed(host, target->guest, knob->path, &mixed, error);
    if (!allowed)
        return FALSE;
    return hv_set_is_subset(allowed, nodes) ||
           check_pages(host, knob, target, nodes, plan, error);
}

static gboolean
check_knob(HvHost *host, const HvKnob *knob, const HvValue *after, const HvPlan *plan,
           GError **error)
{
    g_auto(HvVmTarget) target = { 0 };

    return hv_vm_find_guest(host, knob->segments[1], &target, error) &&
           check_way(host, knob, target.guest, error) &&
           hv_vm_check_no_job(target.guest, knob->path, error) &&
           check_nodes(host, knob, &target, after->set, plan, error);
}

/* A first one with its mode: libvirt would make it strict, and no change would be possible
 * after. */
static gboolean
write_numatune(HvHost *host, const HvKnob *knob, const HvGuest *guest, const HvSet *nodes,
               gboolean persistent, GError **error)
{
    g_autofree char *before = read_numatune(host, knob, guest, persistent, error);
    g_autofree char *list = hv_set_to_text(nodes);
    const HvGuestRequest request = { .verb = HV_GUEST_NUMATUNE,
                                     .vm = guest->name,
                                     .uuid = *guest->uuid ? guest->uuid : NULL,
                                     .nodes = list,
                                     .restrictive = before && !*before,
                                     .persistent = persistent };

    if (!before || (!persistent && !check_mode(knob, before, error)))
        return FALSE;
    if (hv_host_guest_request(host, &request, DEADLINE_S * 1000, NULL, error))
        return TRUE;
    g_prefix_error(error, "%s: ", knob->path);
    return FALSE;
}

static gboolean
write_group(HvHost *host, const HvKnob *knob, const HvGuest *guest, const HvSet *nodes,
            GError **error)
{
    g_autofree char *list = hv_set_to_text(nodes);
    g_autofree char *file = NULL;

    if (!find_own_group(host, knob, guest, &file, error))
        return FALSE;
    if (hv_host_write(host, file, list, error))
        return TRUE;
    g_prefix_error(error, "%s: ", knob->path);
    return FALSE;
}

/* Room may have gone since the plan was made: a group without any is killed. */
static gboolean
write_knob(HvHost *host, const HvKnob *knob, const HvValue *after, GError **error)
{
    g_auto(HvVmTarget) target = { 0 };

    if (!hv_vm_find_guest(host, knob->segments[1], &target, error) ||
        !hv_vm_check_no_job(target.guest, knob->path, error) ||
        !check_nodes(host, knob, &target, after->set, NULL, error))
        return FALSE;
    return target.guest->in_libvirt
               ? write_numatune(host, knob, target.guest, after->set, FALSE, error)
               : write_group(host, knob, target.guest, after->set, error);
}

static gboolean
persist_write(HvHost *host, const HvKnob *knob, const HvValue *after, GError **error)
{
    g_auto(HvVmTarget) target = { 0 };

    return hv_vm_find_guest(host, knob->segments[1], &target, error) &&
           write_numatune(host, knob, target.guest, after->set, TRUE, error);
}

static gboolean
persist_holds(const HvKnob *knob G_GNUC_UNUSED, const char *state, const HvValue *after)
{
    g_autoptr(HvGuestXml) xml = hv_guest_xml_parse(state, NULL); /* unreadable: not ours */
    g_autoptr(HvSet) nodes =
        xml && xml->memory_nodes ? hv_set_parse(xml->memory_nodes, NULL) : NULL;

    return nodes && after->set && hv_set_equal(nodes, after->set);
}

/* ---- what people are told ---- */

static char *
shell_line(HvHost *host, const HvKnob *knob, const HvValue *after, gboolean persist)
{
    g_auto(HvVmTarget) target = { 0 };
    g_autofree char *list = after->set ? hv_set_to_text(after->set) : g_strdup("");
    g_autofree char *numatune = NULL, *file = NULL, *domain = NULL, *option = NULL;
    const char *name;

    if (!hv_vm_find_guest(host, knob->segments[1], &target, NULL))
        return NULL;
    if (!target.guest->in_libvirt)
        return find_own_group(host, knob, target.guest, &file, NULL)
                   ? g_strdup_printf("echo %s >/%s", list, file)
                   : NULL;
    numatune = read_numatune(host, knob, target.guest, FALSE, NULL);
    name = hv_vm_virsh_name(target.guest);
    option = g_strconcat(*name == '-' ? "--domain=" : "", name, NULL);
    domain = hv_shell_quote(option);
    return g_strdup_printf("virsh numatune %s%s --nodeset %s --live%s", domain,
                           numatune && *numatune ? "" : " --mode " MODE_RESTRICTIVE, list,
                           persist ? " --config" : "");
}

static void
add_time(HvHost *host, const HvKnob *knob, const HvGuest *guest, const HvSet *nodes,
         GString *text)
{
    g_auto(HvVmPages) pages = { 0 };
    double seconds;

    if (!hv_vm_pages_read(host, guest, knob->path, &pages, NULL))
        return;
    /* what is elsewhere is the business of the pages' own step */
    seconds = expected_s(host, guest, &pages, 0);
    if (seconds >= 1)
        g_string_append_printf(text, _("libvirt holds the VM's job for about %.0f s"), seconds);
    if (!hv_vm_pages_are_on(&pages, nodes)) {
        char bytes[16];

        hv_text_bytes(bytes, sizeof bytes, (double)hv_vm_pages_outside(&pages, nodes, 0));
        g_string_append_printf(text,
                               _("%s%s lies elsewhere, and moves with it if it is still "
                                 "there then"),
                               text->len ? "; " : "", bytes);
    }
}

static char *
remark(HvHost *host, const HvKnob *knob, const HvValue *before G_GNUC_UNUSED,
       const HvValue *after)
{
    g_auto(HvVmTarget) target = { 0 };
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *numatune = NULL;

    if (!hv_vm_find_guest(host, knob->segments[1], &target, NULL))
        return NULL;
    add_time(host, knob, target.guest, after->set, text);
    numatune = target.guest->in_libvirt ? read_numatune(host, knob, target.guest, FALSE, NULL)
                                        : g_strdup("");
    if (numatune && !*numatune)
        g_string_append_printf(
            text, "%s%s", text->len ? "; " : "",
            target.guest->in_libvirt
                ? _("leaves a trace: after undo libvirt's live definition has a <numatune> of "
                    "mode restrictive, and cpuset.mems names all nodes where it named none")
                : _("leaves a trace: after undo cpuset.mems names all nodes where it named "
                    "none"));
    return text->len ? g_string_free(g_steal_pointer(&text), FALSE) : NULL;
}

/* Where pages go along, they do not come back along. */
static void
grade(HvHost *host, const HvKnob *knob, const HvValue *before G_GNUC_UNUSED,
      const HvValue *after, HvUndo *undo, HvStepClass *step_class)
{
    g_auto(HvVmTarget) target = { 0 };
    g_auto(HvVmPages) pages = { 0 };

    if (!after->set || !hv_vm_find_guest(host, knob->segments[1], &target, NULL) ||
        !hv_vm_pages_read(host, target.guest, knob->path, &pages, NULL) ||
        hv_vm_pages_are_on(&pages, after->set))
        return;
    *undo = HV_UNDO_NEAR;
    *step_class = HV_STEP_SLOW;
}

const HvTuner hv_tuner_vm_memory = {
    .name = "vm-memory",
    .source =
        "libvirt virDomainSetNumaParameters; kernel Documentation/admin-guide/cgroup-v2.rst",
    .knobs = knobs,
    .list = list_knobs,
    .read = read_knob,
    .check = check_knob,
    .write = write_knob,
    .still_there = hv_vm_still_there,
    .persist_read = hv_vm_persist_read,
    .persist_write = persist_write,
    .persist_restore = hv_vm_persist_restore,
    .persist_holds = persist_holds,
    .is_quiet = hv_vm_is_quiet,
    .subject = hv_vm_subject,
    .shell_line = shell_line,
    .remark = remark,
    .grade = grade,
};
