/* In which control group of resctrl the threads of a VM are. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <unistd.h>

#include "host/parse.h"
#include "model/i18n.h"
#include "model/plan.h"
#include "model/text.h"
#include "tuners/resctrl-members.h"
#include "tuners/vm-definition.h"
#include "tuners/vm-target.h"

#define NOT_THE_DEFAULT "default/"  /* as resctrl's parts call such a directory */
#define ESCAPED_DEFAULT "%64efault" /* as a value is written */
#define MAX_ROUNDS 16               /* of looking for threads that have come */
#define SHOWN_CHARS 60

enum { WHOLE, VCPU, REST };

static const HvKnobFamily knobs[] = {
    [WHOLE] = { .path = "vm/*/group",
                .type = HV_TYPE_WORD,
                .help = N_("control group of resctrl in which all threads of the VM are"),
                .risk =
                    N_("lines that it has stay where they are, and count for the former group"),
                .undo = HV_UNDO_EXACT },
    [VCPU] = { .path = "vm/*/vcpu/*/group",
               .type = HV_TYPE_WORD,
               .help = N_("control group of resctrl in which this vCPU is"),
               .undo = HV_UNDO_EXACT },
    [REST] = { .path = "vm/*/emulator/group",
               .type = HV_TYPE_WORD,
               .help =
                   N_("control group of resctrl in which the VM's other threads are: QEMU's "
                      "main thread, iothreads, helpers"),
               .undo = HV_UNDO_EXACT },
    { 0 },
};

static guint
part_of(const HvKnob *knob)
{
    return (guint)(knob->family - knobs);
}

static const char *
word_of_group(const char *group)
{
    return strcmp(group, NOT_THE_DEFAULT) == 0 ? ESCAPED_DEFAULT : group;
}

static const char *
group_of_word(const char *word)
{
    return strcmp(word, ESCAPED_DEFAULT) == 0 ? NOT_THE_DEFAULT : word;
}

/* ---- list ---- */

static void
list_guest(const HvGuest *guest, guint part, GPtrArray *paths)
{
    if (guest->pid == 0)
        return;
    if (part != VCPU) {
        g_ptr_array_add(
            paths, part == WHOLE ? hv_knob_path("vm", guest->name, "group", NULL)
                                 : hv_knob_path("vm", guest->name, "emulator", "group", NULL));
        return;
    }
    for (guint i = 0; i < guest->n_threads; i++) {
        char number[16];

        if (guest->threads[i].role != HV_THREAD_VCPU)
            continue;
        g_snprintf(number, sizeof number, "%u", guest->threads[i].index);
        g_ptr_array_add(paths, hv_knob_path("vm", guest->name, "vcpu", number, "group", NULL));
    }
}

static gboolean
list_knobs(HvHost *host, const HvKnobFamily *family, GPtrArray *paths,
           GError **error G_GNUC_UNUSED)
{
    g_autoptr(HvGuestList) list = hv_host_guests_peek(host);

    if (!hv_control_mounted(host, NULL)) /* without resctrl there are none */
        return TRUE;
    for (guint i = 0; !list->remote && i < list->n_guests; i++)
        list_guest(list->guests[i], (guint)(family - knobs), paths);
    return TRUE;
}

/* ---- threads ---- */

static gboolean
find(HvHost *host, const HvKnob *knob, HvVmTarget *target, GError **error)
{
    return hv_vm_find(host, knob, part_of(knob) == VCPU ? HV_VM_VCPU : HV_VM_EMULATOR, target,
                      error);
}

/* int tids of the knob's threads, as the process has them now. */
static GArray *
threads_of(HvHost *host, const HvKnob *knob, const HvVmTarget *target, GError **error)
{
    const HvThread *first = target->threads->pdata[0];
    GArray *tids;
    guint index;

    if (!hv_vm_check_alive(host, target, first, knob->path, HV_ERROR_ABSENT, error))
        return NULL;
    if (part_of(knob) == VCPU) {
        tids = g_array_new(FALSE, FALSE, sizeof(int));
        g_array_append_val(tids, first->tid);
        return tids;
    }
    tids = hv_members_threads(host, target->guest, error);
    if (!tids)
        g_prefix_error(error, "%s: ", knob->path);
    for (guint i = tids && part_of(knob) == REST ? tids->len : 0; i > 0; i--)
        if (hv_members_is_vcpu(target->guest, g_array_index(tids, int, i - 1), &index))
            g_array_remove_index_fast(tids, i - 1);
    return tids;
}

static const char *
group_of(GHashTable *map, int tid)
{
    const char *group = g_hash_table_lookup(map, GINT_TO_POINTER(tid));

    return group ? group : HV_CONTROL_DEFAULT;
}

/* ---- read ---- */

static gint
by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* @groups: those of its threads. Several are told apart from several others by their names. */
static void
set_word(HvValue *value, GPtrArray *groups)
{
    hv_value_clear(value);
    value->type = HV_TYPE_WORD;
    value->mixed = groups->len > 1;
    g_ptr_array_sort(groups, by_name);
    g_ptr_array_add(groups, NULL);
    value->text = g_strjoinv("+", (char **)groups->pdata);
}

static gboolean
read_knob(HvHost *host, const HvKnob *knob, HvValue *value, GError **error)
{
    g_auto(HvVmTarget) target = { 0 };
    g_autoptr(GHashTable) map = NULL;
    g_autoptr(GArray) tids = NULL;
    g_autoptr(GPtrArray) groups = g_ptr_array_new_with_free_func(g_free);

    if (!find(host, knob, &target, error))
        return FALSE;
    map = hv_members_map(host, error);
    if (!map) {
        g_prefix_error(error, "%s: ", knob->path);
        return FALSE;
    }
    tids = threads_of(host, knob, &target, error);
    if (!tids)
        return FALSE;
    for (guint i = 0; i < tids->len; i++) {
        const char *word = word_of_group(group_of(map, g_array_index(tids, int, i)));

        if (!g_ptr_array_find_with_equal_func(groups, word, g_str_equal, NULL))
            g_ptr_array_add(groups, g_strdup(word));
    }
    set_word(value, groups);
    return TRUE;
}

/* A VM that lives in several groups becomes a step for each part that changes, each of which
 * knows where it was. */
static gboolean
unfold(HvHost *host, const HvKnob *knob, const HvValue *after, const HvPlan *plan G_GNUC_UNUSED,
       GPtrArray *wishes, GError **error)
{
    const char *vm = knob->segments[1];
    g_auto(HvVmTarget) target = { 0 };
    g_auto(HvValue) present = { 0 };
    g_autofree char *rest = NULL;

    if (part_of(knob) != WHOLE || !read_knob(host, knob, &present, NULL) || !present.mixed)
        return TRUE;
    if (!find(host, knob, &target, error))
        return FALSE;
    for (guint i = 0; i < target.guest->n_threads; i++) {
        const HvThread *thread = &target.guest->threads[i];
        g_autofree char *number = g_strdup_printf("%u", thread->index);
        g_autofree char *path = hv_knob_path("vm", vm, "vcpu", number, "group", NULL);

        if (thread->role == HV_THREAD_VCPU)
            g_ptr_array_add(wishes, hv_wish_new(path, after->text));
    }
    rest = hv_knob_path("vm", vm, "emulator", "group", NULL);
    g_ptr_array_add(wishes, hv_wish_new(rest, after->text));
    return TRUE;
}

/* ---- check ---- */

static gboolean
check_parts(HvHost *host, const HvKnob *knob, const HvPlan *plan, GError **error)
{
    g_auto(HvValue) present = { 0 };

    if (!read_knob(host, knob, &present, error))
        return FALSE;
    if (!present.mixed || (plan && plan->force))
        return TRUE;
    g_set_error_literal(error, HV_ERROR, HV_ERROR_REFUSED,
                        _("these threads are in several groups, which undo could not bring "
                          "back (--force moves them all the same)"));
    return FALSE;
}

static gboolean
check_knob(HvHost *host, const HvKnob *knob, const HvValue *after, const HvPlan *plan,
           GError **error)
{
    const char *name = group_of_word(after->text);
    g_autoptr(HvControlGroup) group = NULL;

    if (!hv_control_will_be(host, name, plan)) {
        if (hv_control_exists(host, name)) {
            g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                        _("an earlier step removes group %s"), after->text);
            return FALSE;
        }
        g_clear_pointer(&group, hv_control_free);
        return hv_control_read(host, name, knob->path, error) != NULL;
    }
    if (part_of(knob) == REST && !check_parts(host, knob, plan, error))
        return FALSE;
    if (!hv_control_exists(host, name))
        return TRUE; /* an earlier step makes it */
    group = hv_control_read(host, name, knob->path, error);
    if (!group)
        return FALSE;
    if (!hv_control_is_locked(group))
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                _("group %s is %s: no thread can be put into it"), after->text, group->mode);
    return FALSE;
}

/* ---- write ---- */

/* One thread in a write: kernels up to 6.6 take no more. One that has ended has no group. */
static gboolean
move_thread(HvHost *host, const char *tasks, int tid, GError **error)
{
    g_autofree char *text = g_strdup_printf("%d\n", tid);
    g_autoptr(GError) why = NULL;

    g_assert(tid > 0); /* 0 would move the writer */
    if (hv_host_write(host, tasks, text, &why) ||
        (g_error_matches(why, HV_ERROR, HV_ERROR_ABSENT) && hv_host_exists(host, tasks)))
        return TRUE;
    if (!g_error_matches(why, HV_ERROR, HV_ERROR_ABSENT))
        hv_control_add_words(host, NULL, why);
    g_propagate_error(error, g_steal_pointer(&why));
    return FALSE;
}

/* Moves those that are elsewhere; @n_moved: how many there were. */
static gboolean
move_all(HvHost *host, const HvKnob *knob, const HvVmTarget *target, const char *group,
         guint *n_moved, GError **error)
{
    g_autofree char *tasks = hv_control_path(group, "tasks");
    g_autoptr(GHashTable) map = hv_members_map(host, error);
    g_autoptr(GArray) tids = map ? threads_of(host, knob, target, error) : NULL;

    *n_moved = 0;
    for (guint i = 0; tids && i < tids->len; i++) {
        const int tid = g_array_index(tids, int, i);

        if (strcmp(group_of(map, tid), group) == 0)
            continue;
        if (!move_thread(host, tasks, tid, error))
            return FALSE;
        (*n_moved)++;
    }
    return tids != NULL;
}

/* A thread's children begin in its group, so that the second look finds those that came during
 * the first, and a later one nobody. */
static gboolean
move_until_none(HvHost *host, const HvKnob *knob, const HvVmTarget *target, const char *group,
                GError **error)
{
    guint n_moved = 1;

    for (guint i = 0; n_moved > 0 && i < MAX_ROUNDS; i++)
        if (!move_all(host, knob, target, group, &n_moved, error))
            return FALSE;
    if (n_moved == 0)
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_FAILED,
                _("%s: its threads come faster than they can be moved"), knob->path);
    return FALSE;
}

/* hvtune's monitoring group of the VM goes along, and with it what was counted, where the
 * kernel can do that (6.5 and later); elsewhere it is made anew by whoever looks. */
static void
bring_monitor(HvHost *host, const HvVmTarget *target, const char *group)
{
    g_autofree char *name = hv_monitoring_name(target->guest);
    g_autofree char *file = g_strconcat("mon_groups/", name, NULL);
    g_autofree char *to = hv_control_path(group, file);
    g_auto(GStrv) groups = hv_control_names(host, NULL);

    for (guint i = 0; groups && groups[i] && !hv_host_exists(host, to); i++) {
        g_autofree char *from = hv_control_path(groups[i], file);

        if (hv_host_exists(host, from) && hv_host_rename(host, from, to, NULL))
            return;
    }
}

static gboolean
write_knob(HvHost *host, const HvKnob *knob, const HvValue *after, GError **error)
{
    g_auto(HvVmTarget) target = { 0 };
    int lock;
    gboolean good;

    if (!find(host, knob, &target, error))
        return FALSE;
    lock = hv_control_lock(host, error);
    if (lock < 0)
        return FALSE;
    if (part_of(knob) == WHOLE)
        bring_monitor(host, &target, group_of_word(after->text));
    good = move_until_none(host, knob, &target, group_of_word(after->text), error);
    (void)close(lock);
    return good;
}

/* Those that a VM does not do without are where we put them: nobody has moved it. */
static gboolean
is_still_there(HvHost *host, const HvKnob *knob, const HvVmTarget *target, const char *group)
{
    g_autoptr(GHashTable) map = hv_members_map(host, NULL);
    const HvGuest *guest = target->guest;

    for (guint i = 0; map && i < guest->n_threads; i++) {
        const HvThread *thread = &guest->threads[i];
        const gboolean is_one = thread->tid == guest->pid ||
                                (part_of(knob) == WHOLE && thread->role == HV_THREAD_VCPU);

        if (is_one && strcmp(group_of(map, thread->tid), group) != 0)
            return FALSE;
    }
    return map != NULL;
}

/* Threads that began elsewhere: the child of one that was being moved just then. */
static void
keep(HvHost *host, const HvKnob *knob, const HvValue *value)
{
    g_auto(HvVmTarget) target = { 0 };
    const char *group = group_of_word(value->text);
    const gboolean is_due = part_of(knob) != VCPU && find(host, knob, &target, NULL) &&
                            is_still_there(host, knob, &target, group);
    const int lock = is_due ? hv_control_lock(host, NULL) : -1;

    if (lock < 0)
        return;
    (void)move_until_none(host, knob, &target, group, NULL); /* else at the next turn */
    (void)close(lock);
}

/* ---- what it means ---- */

static char *
shell_line(HvHost *host, const HvKnob *knob, const HvValue *after,
           gboolean persist G_GNUC_UNUSED)
{
    g_auto(HvVmTarget) target = { 0 };
    g_autofree char *path = hv_control_path(group_of_word(after->text), "tasks");
    g_autofree char *full = g_strconcat("/", path, NULL);
    g_autofree char *quoted = hv_shell_quote(full);

    if (!find(host, knob, &target, NULL)) /* no VM, no line: the plan says why */
        return NULL;
    if (part_of(knob) == VCPU)
        return g_strdup_printf("echo %d >%s", ((const HvThread *)target.threads->pdata[0])->tid,
                               quoted);
    return g_strdup_printf("for t in /proc/%d/task/*; do echo ${t##*/} >%s; done",
                           target.guest->pid, quoted);
}

typedef struct {
    GHashTable *tids; /* the knob's threads */
    GString *names;   /* of monitoring groups of others that they are in */
} Watched;

static void
look_at_monitor(HvHost *host, const char *group, const char *name, Watched *watched)
{
    g_autofree char *file = g_strconcat("mon_groups/", name, "/tasks", NULL);
    g_autofree char *path = hv_control_path(group, file);
    g_autofree char *text = hv_host_read_text(host, path, 0, NULL);
    char *rest = text;

    for (char *line; rest && (line = hv_next_line(&rest));) {
        guint64 tid;

        if (!hv_parse_u64(line, G_MAXINT, &tid, NULL) ||
            !g_hash_table_contains(watched->tids, GINT_TO_POINTER((int)tid)))
            continue;
        g_string_append_printf(watched->names, "%s%s", watched->names->len ? ", " : "", name);
        return;
    }
}

/* Whoever leaves a control group leaves its monitoring groups too. */
static char *
name_monitors(HvHost *host, const HvKnob *knob, const char *to)
{
    g_auto(HvVmTarget) target = { 0 };
    g_autoptr(GArray) tids =
        find(host, knob, &target, NULL) ? threads_of(host, knob, &target, NULL) : NULL;
    g_auto(GStrv) groups = hv_control_names(host, NULL);
    Watched watched = { g_hash_table_new(NULL, NULL), g_string_new(NULL) };

    for (guint i = 0; tids && i < tids->len; i++)
        g_hash_table_add(watched.tids, GINT_TO_POINTER(g_array_index(tids, int, i)));
    for (guint i = 0; groups && groups[i]; i++) {
        g_autofree char *path = hv_control_path(groups[i], "mon_groups");
        g_auto(GStrv) names =
            strcmp(groups[i], to) != 0 ? hv_host_list(host, path, NULL) : NULL;

        for (guint j = 0; names && names[j]; j++)
            if (!hv_monitoring_is_ours(names[j]))
                look_at_monitor(host, groups[i], names[j], &watched);
    }
    g_hash_table_unref(watched.tids);
    return g_string_free(watched.names, FALSE);
}

static char *
remark(HvHost *host, const HvKnob *knob, const HvValue *before, const HvValue *after)
{
    g_autofree char *names = name_monitors(host, knob, group_of_word(after->text));
    g_autofree char *shown = hv_text_printable(names, SHOWN_CHARS);
    int domain_id;

    if (*names)
        return g_strdup_printf(_("leaves somebody's monitoring group (%s), which then counts "
                                 "nothing of it; undo does not put it back into that"),
                               shown);
    if (before->text && hv_resctrl_owner(before->text, &domain_id) == HV_RESCTRL_LIBVIRT)
        return g_strdup(_("libvirt put it into its group (<cachetune>), and does so again only "
                          "at the VM's next start"));
    return NULL;
}

static void
grade(HvHost *host, const HvKnob *knob, const HvValue *before, const HvValue *after,
      HvUndo *undo, HvStepClass *step_class G_GNUC_UNUSED)
{
    g_autofree char *names = name_monitors(host, knob, group_of_word(after->text));

    if (*names)
        *undo = HV_UNDO_NEAR;
    if (before->mixed)
        *undo = HV_UNDO_NONE;
}

const HvTuner hv_tuner_vm_group = {
    .name = "vm-group",
    .source = "kernel Documentation/arch/x86/resctrl.rst",
    .knobs = knobs,
    .list = list_knobs,
    .read = read_knob,
    .unfold = unfold,
    .check = check_knob,
    .write = write_knob,
    .keep = keep,
    .subject = hv_vm_subject,
    .shell_line = shell_line,
    .remark = remark,
    .grade = grade,
};
