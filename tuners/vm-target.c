/* Which VM and which of its threads a knob "vm/NAME/..." is about. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tuners/vm-target.h"

#include "host/parse.h"
#include "model/i18n.h"
#include "model/text.h"

#include <string.h>

/* How many VMs an error names. */
#define MAX_NAMED 8
#define SHOWN_CHARS 60
/* Field 22 of stat, counted from the one behind the last ')', which is the third. */
#define START_TICKS_FIELD (22 - 3)

static const HvThreadRole roles[] = {
    [HV_VM_VCPU] = HV_THREAD_VCPU,
    [HV_VM_EMULATOR] = HV_THREAD_EMULATOR,
    [HV_VM_IOTHREAD] = HV_THREAD_IOTHREAD,
    [HV_VM_VHOST] = HV_THREAD_VHOST,
};
static const char *const thread_words[] = {
    [HV_VM_VCPU] = N_("vCPUs"),
    [HV_VM_EMULATOR] = N_("emulator threads"),
    [HV_VM_IOTHREAD] = N_("iothreads"),
    [HV_VM_VHOST] = N_("vhost threads"),
};

void
hv_vm_target_clear(HvVmTarget *target)
{
    g_clear_pointer(&target->list, hv_guest_list_unref);
    g_clear_pointer(&target->threads, g_ptr_array_unref);
}

HvThreadRole
hv_vm_role(HvVmThreads kind)
{
    return roles[kind];
}

gboolean
hv_vm_is_numbered(HvVmThreads kind)
{
    return kind == HV_VM_VCPU || kind == HV_VM_IOTHREAD;
}

static gboolean
no_such_vm(const HvGuestList *list, const char *name, GError **error)
{
    g_autoptr(GString) others = g_string_new(NULL);
    g_autofree char *path = hv_knob_path("vm", name, NULL);

    for (guint i = 0; i < list->n_guests && i < MAX_NAMED; i++) {
        g_autofree char *shown = hv_text_printable(list->guests[i]->name, SHOWN_CHARS);

        g_string_append_printf(others, "%s%s", i ? ", " : "", shown);
    }
    if (list->n_guests > MAX_NAMED)
        g_string_append(others, ", …");
    if (list->n_guests == 0)
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT, _("%s: no such VM (no VM is running)"),
                    path);
    else
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT, _("%s: no such VM (there are: %s)"), path,
                    others->str);
    return FALSE;
}

static gboolean
is_thread_of(const HvVmTarget *target, const HvThread *thread)
{
    if (thread->role != roles[target->kind])
        return FALSE;
    if (target->kind ==
        HV_VM_EMULATOR) /* its knob is read and written through the main thread */
        return thread->tid == target->guest->pid;
    return !hv_vm_is_numbered(target->kind) || thread->index == target->index;
}

/* Names what there is in its place: "web1 has vCPUs 0-1". */
static gboolean
no_such_thread(const HvVmTarget *target, const HvKnob *knob, GError **error)
{
    g_autoptr(HvSet) present = hv_set_new();
    g_autofree char *numbers = NULL;
    g_autofree char *vm = hv_text_printable(target->guest->name, SHOWN_CHARS);
    g_autofree char *path = g_path_get_dirname(knob->path);
    const char *words = _(thread_words[target->kind]);

    for (guint i = 0; i < target->guest->n_threads; i++) {
        if (target->guest->threads[i].role == roles[target->kind])
            hv_set_add(present, target->guest->threads[i].index);
    }
    numbers = hv_set_to_text(present);
    if (!hv_vm_is_numbered(target->kind) || hv_set_is_empty(present))
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT, _("%s: %s has no %s"), path, vm, words);
    else
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT, _("%s: %s has %s %s"), path, vm, words,
                    numbers);
    return FALSE;
}

/* Only the kernel's spelling of a number names a thread: "00" is not "0". */
static gboolean
parse_index(const char *text, guint *index)
{
    guint64 number;

    if (!hv_parse_u64(text, HV_SET_MAX, &number, NULL) || (text[0] == '0' && text[1]))
        return FALSE;
    *index = (guint)number;
    return TRUE;
}

gboolean
hv_vm_find_guest(HvHost *host, const char *name, HvVmTarget *target, GError **error)
{
    target->list = hv_host_guests_peek(host);
    target->threads = g_ptr_array_new();
    target->guest = hv_guest_list_find(target->list, name);
    return target->guest || no_such_vm(target->list, name, error);
}

void
hv_vm_list_memory(HvHost *host, const char *last, GPtrArray *paths)
{
    g_autoptr(HvGuestList) list = hv_host_guests_peek(host);

    for (guint i = 0; i < list->n_guests; i++)
        g_ptr_array_add(paths, hv_knob_path("vm", list->guests[i]->name, "memory", last, NULL));
}

gboolean
hv_vm_find(HvHost *host, const HvKnob *knob, HvVmThreads kind, HvVmTarget *target,
           GError **error)
{
    const HvGuest *guest;

    target->kind = kind;
    if (!hv_vm_find_guest(host, knob->segments[1], target, error))
        return FALSE;
    guest = target->guest;
    if (target->list->remote || guest->pid == 0) {
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                    _("%s: its process is not on this machine: what the kernel makes of a pin "
                      "cannot be read"),
                    knob->path);
        return FALSE;
    }
    if (hv_vm_is_numbered(target->kind) && !parse_index(knob->segments[3], &target->index))
        return no_such_thread(target, knob, error);
    for (guint i = 0; i < guest->n_threads; i++) {
        if (is_thread_of(target, &guest->threads[i]))
            g_ptr_array_add(target->threads, &guest->threads[i]);
    }
    return target->threads->len > 0 || no_such_thread(target, knob, error);
}

/* Field 22 of the thread's stat, to know it again: numbers of threads are reused. */
static gboolean
read_start_ticks(HvHost *host, int pid, const HvThread *thread, guint64 *start_ticks,
                 GError **error)
{
    g_autofree char *path = thread->kernel
                                ? g_strdup_printf("proc/%d/stat", thread->tid)
                                : g_strdup_printf("proc/%d/task/%d/stat", pid, thread->tid);
    g_autofree char *text = hv_host_read_text(host, path, 4096, error);
    char *at = text ? strrchr(text, ')') : NULL;
    char *word = NULL;

    if (!text)
        return FALSE;
    at = at ? at + 1 : text + strlen(text);
    for (guint i = 0; i <= START_TICKS_FIELD; i++)
        word = hv_next_word(&at);
    if (word && hv_parse_u64(word, G_MAXUINT64, start_ticks, error))
        return TRUE;
    g_clear_error(error);
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("%s: no start time"), path);
    return FALSE;
}

gboolean
hv_vm_check_alive(HvHost *host, const HvVmTarget *target, const HvThread *thread,
                  const char *path, HvError code, GError **error)
{
    g_autoptr(GError) why = NULL;
    guint64 start_ticks = 0;

    if (read_start_ticks(host, target->guest->pid, thread, &start_ticks, &why) &&
        start_ticks == thread->start_ticks)
        return TRUE;
    if (why && !g_error_matches(why, HV_ERROR, HV_ERROR_ABSENT)) {
        g_propagate_prefixed_error(error, g_steal_pointer(&why), "%s: ", path);
        return FALSE;
    }
    g_set_error(error, HV_ERROR, (gint)code, _("%s: its thread %d has ended"), path,
                thread->tid);
    return FALSE;
}
