/* Where the memory of a VM is, and what of it cannot be elsewhere. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tuners/vm-where.h"

#include "host/parse.h"
#include "host/survey.h"
#include "model/i18n.h"
#include "model/text.h"
#include "tuners/vm-target.h"

#include <string.h>

/* numa_maps is read where that takes 50 ms at most; a process that hangs is not waited for. */
#define SURVEY_MS 5000
#define MAX_STATUS_BYTES (64u << 10)
/* Of resident memory that is pinned: a guest that is passed a device has nearly all, virtio
 * with io_uring some. */
#define MUCH_PINNED 0.5

void
hv_vm_pages_clear(HvVmPages *pages)
{
    g_clear_pointer(&pages->parts, g_array_unref);
    pages->bytes = 0;
}

static gboolean
check_local(const HvGuest *guest, const char *path, GError **error)
{
    if (guest->pid > 0)
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                _("%s: its process is not on this machine: where its memory is cannot be read"),
                path);
    return FALSE;
}

gboolean
hv_vm_pages_read(HvHost *host, const HvGuest *guest, const char *path, HvVmPages *pages,
                 GError **error)
{
    const HvSurveyGuest wanted = { .pid = guest->pid,
                                   .start_ticks = guest->start_ticks,
                                   .is_blind = TRUE,
                                   .only_guest = TRUE,
                                   .numa_maps_ns = -1 };
    g_autoptr(HvSurvey) survey = NULL;

    if (!check_local(guest, path, error))
        return FALSE;
    survey = hv_survey_one(host, &wanted, SURVEY_MS, error);
    if (!survey) {
        g_prefix_error(error, "%s: ", path);
        return FALSE;
    }
    hv_vm_pages_clear(pages);
    pages->parts = g_array_ref(survey->parts);
    pages->bytes = hv_numa_sum(survey->parts);
    return TRUE;
}

static const HvNumaPart *
part_at(const HvVmPages *pages, guint i)
{
    return &g_array_index(pages->parts, HvNumaPart, i);
}

guint64
hv_vm_pages_outside(const HvVmPages *pages, const HvSet *nodes, guint64 page_bytes)
{
    guint64 bytes = 0;

    for (guint i = 0; i < pages->parts->len; i++) {
        const HvNumaPart *part = part_at(pages, i);

        if (!hv_set_has(nodes, part->node) && (!page_bytes || part->page_bytes == page_bytes))
            bytes += part->bytes;
    }
    return bytes;
}

gboolean
hv_vm_pages_are_on(const HvVmPages *pages, const HvSet *nodes)
{
    return (double)hv_vm_pages_outside(pages, nodes, 0) <=
           (double)pages->bytes * (1 - HV_VM_PAGES_MOVED_RATIO);
}

static guint64
bytes_on(const HvVmPages *pages, guint node)
{
    guint64 bytes = 0;

    for (guint i = 0; i < pages->parts->len; i++)
        bytes += part_at(pages, i)->node == node ? part_at(pages, i)->bytes : 0;
    return bytes;
}

/* The fullest node that @nodes lacks; there is one. */
static guint
fullest_outside(const HvVmPages *pages, const HvSet *nodes)
{
    guint best = 0;
    guint64 most = 0;

    for (guint i = 0; i < pages->parts->len; i++) {
        const guint node = part_at(pages, i)->node;
        const guint64 bytes = hv_set_has(nodes, node) ? 0 : bytes_on(pages, node);

        if (bytes > most || (bytes == most && bytes && node < best)) {
            most = bytes;
            best = node;
        }
    }
    return best;
}

HvSet *
hv_vm_pages_nodes(const HvVmPages *pages)
{
    HvSet *nodes = hv_set_new();

    while (pages->bytes && (double)hv_vm_pages_outside(pages, nodes, 0) >
                               (double)pages->bytes * (1 - HV_VM_PAGES_AT_RATIO))
        hv_set_add(nodes, fullest_outside(pages, nodes));
    return nodes;
}

guint64
hv_vm_pages_huge_bytes(const HvVmPages *pages)
{
    guint64 largest = 0;

    for (guint i = 0; i < pages->parts->len; i++)
        if (part_at(pages, i)->page_bytes > HV_NUMA_SMALL_PAGE_BYTES)
            largest = MAX(largest, part_at(pages, i)->page_bytes);
    return largest;
}

/* ---- what its threads may use ---- */

static char *
find_value(const char *status, const char *name)
{
    const char *at = strstr(status, name);
    const gsize n = at ? strcspn(at + strlen(name), "\n") : 0;

    return at ? g_strstrip(g_strndup(at + strlen(name), n)) : NULL;
}

static HvSet *
mems_of_thread(HvHost *host, const HvGuest *guest, int tid, GError **error)
{
    g_autofree char *path = g_strdup_printf("proc/%d/task/%d/status", guest->pid, tid);
    g_autofree char *status = hv_host_read_text(host, path, MAX_STATUS_BYTES, error);
    g_autofree char *list = status ? find_value(status, "Mems_allowed_list:") : NULL;

    if (status && !list)
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT, _("%s: no Mems_allowed_list"), path);
    return list ? hv_set_parse(list, error) : NULL;
}

HvSet *
hv_vm_mems_allowed(HvHost *host, const HvGuest *guest, const char *path, gboolean *mixed,
                   GError **error)
{
    g_autoptr(HvSet) all = NULL;

    *mixed = FALSE;
    if (!check_local(guest, path, error))
        return NULL;
    all = mems_of_thread(host, guest, guest->pid, error);
    for (guint i = 0; all && i < guest->n_threads; i++) {
        g_autoptr(HvSet) one = NULL;

        if (guest->threads[i].role != HV_THREAD_VCPU)
            continue;
        one = mems_of_thread(host, guest, guest->threads[i].tid, NULL); /* it has ended then */
        *mixed |= one && !hv_set_equal(one, all);
        if (one)
            hv_set_union(all, one);
    }
    if (!all)
        g_prefix_error(error, "%s: ", path);
    return g_steal_pointer(&all);
}

/* ---- what cannot move ---- */

static gboolean
refuse(GError **error, const char *path, const char *why)
{
    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED, "%s: %s", path, why);
    return FALSE;
}

/* Whoever pins it, the kernel counts it. */
static gboolean
check_pinned(HvHost *host, const HvGuest *guest, const char *path, GError **error)
{
    g_autofree char *file = g_strdup_printf("proc/%d/status", guest->pid);
    g_autofree char *status = hv_host_read_text(host, file, MAX_STATUS_BYTES, NULL);
    guint64 pinned = 0, resident = 0, huge = 0;

    if (!status || !hv_colon_u64(status, "VmPin", &pinned, NULL) ||
        !hv_colon_u64(status, "VmRSS", &resident, NULL))
        return TRUE;                                         /* moving will tell */
    (void)hv_colon_u64(status, "HugetlbPages", &huge, NULL); /* a kernel without has none */
    return (double)pinned <= MUCH_PINNED * (double)(resident + huge) ||
           refuse(error, path, _("most of its memory is pinned (VmPin): it cannot move"));
}

gboolean
hv_vm_check_movable(HvHost *host, const HvGuest *guest, const char *path, GError **error)
{
    g_autofree char *why = NULL;

    if (guest->passthrough && *guest->passthrough)
        why = g_strdup_printf(
            _("all its memory is pinned for the passed-through device %s: it cannot move"),
            *guest->passthrough);
    else if (guest->launch_security && *guest->launch_security)
        why = g_strdup_printf(_("its memory is encrypted (%s) and cannot move"),
                              guest->launch_security);
    return why ? refuse(error, path, why) : check_pinned(host, guest, path, error);
}

gboolean
hv_vm_check_cells(const HvGuest *guest, const char *path, GError **error)
{
    const guint n_cells = guest->cell_cpus ? g_strv_length(guest->cell_cpus) : 0;
    g_autofree char *why = NULL;

    if (n_cells < 2)
        return TRUE;
    why = g_strdup_printf(_("the VM has %u NUMA cells, its guest counts on their being apart, "
                            "and undo could not part them again: hvtune recipe move %s/cell/0 "
                            "NODE brings the vCPUs of a cell to its memory"),
                          n_cells, guest->name);
    return refuse(error, path, why);
}

gboolean
hv_vm_check_no_job(const HvGuest *guest, const char *path, GError **error)
{
    g_autofree char *job = NULL;
    g_autofree char *why = NULL;

    if (!guest->job || !*guest->job)
        return TRUE;
    job = hv_text_printable(guest->job, 40);
    why = g_strdup_printf(_("a job of libvirt's is under way (%s): after it"), job);
    return refuse(error, path, why);
}

gboolean
hv_vm_still_there(HvHost *host, const HvKnob *knob, const HvValue *before, double *ratio,
                  GError **error)
{
    g_auto(HvVmTarget) target = { 0 };
    g_auto(HvVmPages) pages = { 0 };

    if (!hv_vm_find_guest(host, knob->segments[1], &target, error) ||
        !hv_vm_pages_read(host, target.guest, knob->path, &pages, error))
        return FALSE;
    *ratio = pages.bytes
                 ? 1 - (double)hv_vm_pages_outside(&pages, before->set, 0) / (double)pages.bytes
                 : 1;
    return TRUE;
}
