/* Reading where each VM's memory is: by its control group, and where that does not tell, by its
 * process, on a budget. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/residency-private.h"

#define S_NS G_GINT64_CONSTANT(1000000000)
/* What nobody looks at is read when it would grow older than this. */
#define OLDEST_NS (19 * S_NS / 2)
#define N_TURNS 10 /* parts in which the unseen are read */
/* How far the group may be from the process and still tell: whichever is more. */
#define TOLERATED_BYTES (32u << 20)
#define TOLERATED_PARTS 50 /* a fiftieth of the VM's memory */
/* How often a process is looked into: of a VM in view, of another. */
#define SURVEY_SEEN_NS (5 * S_NS)
#define SURVEY_UNSEEN_NS (60 * S_NS)
#define SURVEY_HUNG_NS (600 * S_NS) /* of one that did not come back */
#define SURVEY_DEADLINE_MS 10000
/* At most 2 % of the time: after a job, 49 times as long passes. */
#define SURVEY_REST 49
#define SURVEY_MOST_NS (S_NS / 5)
#define SURVEY_MOST_GUESTS 64u

/* ---- the list ---- */

void
hv_residency_vm_free(HvResidency *probe, HvVmMemory *vm)
{
    hv_memory_group_clear(&probe->keep, &vm->group);
    hv_survey_free(vm->survey);
    g_clear_error(&vm->survey_error);
    g_array_unref(vm->rows);
    g_free(vm);
}

static HvVmMemory *
vm_new(HvResidency *probe, const HvGuest *guest)
{
    HvVmMemory *vm = g_new0(HvVmMemory, 1);

    vm->pid = guest->pid;
    vm->start_ticks = guest->start_ticks;
    vm->turn = probe->n_born++ % N_TURNS;
    vm->numa_maps_ns = -1;
    vm->rows = g_array_new(FALSE, FALSE, sizeof(HvMemoryRow));
    return vm;
}

static void
forget_rows(HvVmMemory *vm)
{
    for (guint i = 0; i < vm->rows->len; i++)
        g_array_index(vm->rows, HvMemoryRow, i).has_row = FALSE;
}

/* The VM of the last list that this process is, taken out of @former; else a new one. */
static HvVmMemory *
adopt(HvResidency *probe, GHashTable *former, const HvGuest *guest)
{
    HvVmMemory *vm =
        guest->pid ? g_hash_table_lookup(former, GINT_TO_POINTER(guest->pid)) : NULL;

    if (vm && vm->start_ticks == guest->start_ticks)
        g_hash_table_steal(former, GINT_TO_POINTER(guest->pid));
    else
        vm = vm_new(probe, guest);
    vm->guest = guest;
    forget_rows(vm); /* it may have another name now */
    hv_memory_group_set(&probe->keep, &vm->group, guest);
    return vm;
}

/* Takes @take_list. */
static void
reconcile(HvResidency *probe, HvGuestList *take_list)
{
    g_autoptr(HvGuestList) former_list G_GNUC_UNUSED = probe->list;
    g_autoptr(GHashTable) former = g_hash_table_new(NULL, NULL);
    GHashTableIter iter;
    gpointer left;

    for (guint i = 0; i < probe->vms->len; i++) {
        HvVmMemory *vm = probe->vms->pdata[i];

        if (!vm->pid || g_hash_table_contains(former, GINT_TO_POINTER(vm->pid)))
            hv_residency_vm_free(probe, vm);
        else
            g_hash_table_insert(former, GINT_TO_POINTER(vm->pid), vm);
    }
    g_ptr_array_set_size(probe->vms, 0);
    probe->list = take_list;
    for (guint i = 0; i < take_list->n_guests; i++)
        g_ptr_array_add(probe->vms, adopt(probe, former, take_list->guests[i]));
    g_hash_table_iter_init(&iter, former);
    while (g_hash_table_iter_next(&iter, NULL, &left))
        hv_residency_vm_free(probe, left);
}

static void
refresh(HvResidency *probe)
{
    HvGuestList *list = hv_host_guests(probe->host);

    if (probe->list && probe->list->generation == list->generation)
        hv_guest_list_unref(list);
    else
        reconcile(probe, list);
}

/* ---- by control group ---- */

/* The two are not counted at one instant, so what was found wanting must come quite close to be
 * believed again. */
static gboolean
is_blind(const HvVmMemory *vm)
{
    const guint64 memory = MAX(vm->guest->memory_bytes, vm->group.process_bytes);
    const guint64 tolerated = MAX(TOLERATED_BYTES, memory / TOLERATED_PARTS);
    const guint64 difference = (guint64)ABS(hv_memory_group_difference(&vm->group));

    if (!vm->group.has_parts)
        return TRUE;
    return difference > (vm->is_blind ? tolerated / 2 : tolerated);
}

static void
read_group(HvResidency *probe, HvVmMemory *vm, HvRegard regard, gint64 now_ns)
{
    const gboolean out_of_turn =
        regard == HV_REGARD_CLOSE || vm->group.read_ns == 0 || regard > vm->last_regard;
    const gint64 age_ns = regard == HV_REGARD_SEEN ? HV_SEEN_NS : OLDEST_NS;

    vm->last_regard = regard;
    if (!vm->pid || (!out_of_turn && now_ns < vm->due_ns))
        return;
    hv_memory_group_read(&probe->keep, &vm->group, probe->buffer, sizeof probe->buffer, now_ns);
    vm->is_blind = is_blind(vm);
    vm->due_ns = now_ns + (out_of_turn ? age_ns * (vm->turn + 1) / N_TURNS : age_ns);
}

/* ---- by process ---- */

static HvVmMemory *
find_process(HvResidency *probe, int pid)
{
    for (guint i = 0; i < probe->vms->len; i++) {
        HvVmMemory *vm = probe->vms->pdata[i];

        if (vm->pid == pid)
            return vm;
    }
    return NULL;
}

static gint64
survey_interval_ns(const HvVmMemory *vm)
{
    if (g_error_matches(vm->survey_error, HV_ERROR, HV_ERROR_TIMEOUT))
        return SURVEY_HUNG_NS;
    return vm->is_wanted ? SURVEY_SEEN_NS : SURVEY_UNSEEN_NS;
}

/* A glance is enough where the group tells of all. */
static gboolean
needs_survey(const HvVmMemory *vm, gint64 now_ns)
{
    if (!vm->pid)
        return FALSE;
    if (!vm->surveyed_ns)
        return TRUE;
    if (vm->survey && vm->survey->kind == HV_SURVEY_GLANCE && !vm->survey_error)
        return vm->is_blind;
    return (vm->is_blind || !vm->survey || vm->survey->n_cells > 1) &&
           now_ns - vm->surveyed_ns >= survey_interval_ns(vm);
}

static void
add_guests(HvResidency *probe, HvSurveyRequest *request, guint n_most, gboolean wanted,
           gint64 now_ns)
{
    const guint first = probe->next;

    for (guint i = 0; i < probe->vms->len && request->n_guests < n_most; i++) {
        const guint at = (first + i) % probe->vms->len;
        HvVmMemory *vm = probe->vms->pdata[at];

        if (!vm->is_wanted != !wanted || !needs_survey(vm, now_ns))
            continue;
        request->guests[request->n_guests++] =
            (HvSurveyGuest){ .pid = vm->pid,
                             .start_ticks = vm->start_ticks,
                             .is_blind = vm->is_blind,
                             .numa_maps_ns = vm->numa_maps_ns,
                             .round = vm->round++ };
        if (!wanted)
            probe->next = at + 1;
    }
}

/* NULL: none needs it. */
static HvSurveyRequest *
make_request(HvResidency *probe, gint64 now_ns)
{
    const guint n_most = probe->is_careful ? 1 : SURVEY_MOST_GUESTS;
    HvSurveyRequest *request;
    guint n_needing = 0;

    for (guint i = 0; i < probe->vms->len; i++)
        n_needing += needs_survey(probe->vms->pdata[i], now_ns) ? 1 : 0;
    if (n_needing == 0)
        return NULL;
    request = g_malloc0(sizeof *request + n_most * sizeof *request->guests);
    request->most_ns = SURVEY_MOST_NS;
    add_guests(probe, request, n_most, TRUE, now_ns);
    add_guests(probe, request, n_most, FALSE, now_ns);
    return request;
}

/* The first of a job that came to nothing has to do with it, most likely. */
static void
note_failure(HvResidency *probe, GError *take_error, gint64 now_ns)
{
    HvVmMemory *vm = find_process(probe, probe->surveyed_pid);

    if (!vm) {
        g_error_free(take_error);
        return;
    }
    g_clear_error(&vm->survey_error);
    vm->survey_error = take_error;
    vm->surveyed_ns = now_ns;
}

static void
keep_survey(HvVmMemory *vm, HvSurvey *take_survey, gint64 now_ns)
{
    g_clear_error(&vm->survey_error);
    vm->survey_error = g_steal_pointer(&take_survey->error);
    vm->surveyed_ns = now_ns;
    if (take_survey->numa_maps_ns >= 0)
        vm->numa_maps_ns = take_survey->numa_maps_ns;
    hv_survey_free(vm->survey);
    vm->survey = take_survey;
}

static void
keep_answer(HvResidency *probe, HvSurveyAnswer *take_answer, gint64 now_ns)
{
    while (take_answer->surveys->len > 0) {
        HvSurvey *survey = g_ptr_array_steal_index_fast(take_answer->surveys, 0);
        HvVmMemory *vm = find_process(probe, survey->pid);

        if (vm && vm->start_ticks == survey->start_ticks)
            keep_survey(vm, survey, now_ns);
        else
            hv_survey_free(survey);
    }
    hv_survey_answer_free(take_answer);
}

/* Picks up what is done. */
static void
end_survey(HvResidency *probe, gint64 now_ns)
{
    gpointer answer = NULL;
    GError *error = NULL;

    if (!hv_lane_end(probe->lane, &answer, &error))
        return;
    probe->is_careful = !answer;
    probe->survey_from_ns = now_ns + (answer ? SURVEY_REST * ((HvSurveyAnswer *)answer)->took_ns
                                             : SURVEY_UNSEEN_NS);
    if (answer)
        keep_answer(probe, answer, now_ns);
    else
        note_failure(probe, error, now_ns);
}

/* Behind a tree or a demo a job is done when it is begun, so all that is needed is known at
 * once. */
static void
look_into_processes(HvResidency *probe, gint64 now_ns)
{
    HvSurveyRequest *request;

    end_survey(probe, now_ns);
    while (!hv_lane_is_busy(probe->lane) && now_ns >= probe->survey_from_ns &&
           (request = make_request(probe, now_ns))) {
        GError *error = NULL;

        probe->surveyed_pid = request->guests[0].pid;
        if (!hv_lane_begin(probe->lane, request, SURVEY_DEADLINE_MS, &error)) {
            probe->survey_from_ns = now_ns + SURVEY_UNSEEN_NS;
            note_failure(probe, error, now_ns);
            return;
        }
        end_survey(probe, now_ns);
    }
}

void
hv_residency_read(HvResidency *probe, const HvSink *sink)
{
    const gint64 now_ns = hv_sink_now_ns(sink);

    refresh(probe);
    for (guint i = 0; i < probe->vms->len; i++) {
        HvVmMemory *vm = probe->vms->pdata[i];

        vm->is_wanted = hv_sink_wants(sink, vm->guest->name);
        read_group(probe, vm, hv_sink_regard(sink, vm->guest->name), now_ns);
    }
    look_into_processes(probe, now_ns);
}
