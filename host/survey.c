/* Looking into a VM's process for its memory: numa_maps, or asking for some of its pages. What
 * may take long. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/survey.h"

#include <errno.h>
#include <string.h>

#include "host/guest-memory.h"
#include "model/i18n.h"

#define MAX_CMDLINE_BYTES (256u << 10)
#define MAX_MAPS_BYTES (16u << 20)
#define N_SAMPLES 2000 /* 0.3 us each; the error of a share is 2 % then, nearly always */
/* A numa_maps that takes longer, holding up whoever wants to map memory, is not read. */
#define MOST_NUMA_MAPS_NS G_GINT64_CONSTANT(50000000)
/* Of memory in small pages; where it is in large ones it takes far less. */
#define NUMA_MAPS_NS_PER_GIB 4000000u

void
hv_survey_free(gpointer data)
{
    HvSurvey *survey = data;

    if (!survey)
        return;
    g_array_unref(survey->parts);
    g_clear_error(&survey->error);
    g_free(survey);
}

void
hv_survey_answer_free(gpointer data)
{
    HvSurveyAnswer *answer = data;

    g_ptr_array_unref(answer->surveys);
    g_free(answer);
}

/* NULs are part of it. NULL without one: other sources tell less then, that is all. */
static GArray *
read_backends(HvHost *host, int pid)
{
    g_autofree char *path = g_strdup_printf("proc/%d/cmdline", pid);
    g_autoptr(HvFile) file = hv_file_open(host, path, NULL);
    g_autofree char *bytes = g_malloc(MAX_CMDLINE_BYTES);
    const gssize size = file ? hv_file_read(file, bytes, MAX_CMDLINE_BYTES, NULL) : -1;
    GArray *backends = hv_guest_backends_new();

    if (size > 0)
        hv_guest_backends_parse(bytes, (gsize)size, backends);
    return backends;
}

static GArray *
read_ranges(HvHost *host, int pid, const GArray *backends, GError **error)
{
    g_autofree char *path = g_strdup_printf("proc/%d/maps", pid);
    g_autofree char *text = hv_host_read_text(host, path, MAX_MAPS_BYTES, error);
    g_autoptr(GArray) ranges = g_array_new(FALSE, FALSE, sizeof(HvGuestRange));

    if (!text || !hv_guest_ranges_find(text, backends, ranges, error))
        return NULL;
    return g_steal_pointer(&ranges);
}

GArray *
hv_survey_ranges(HvHost *host, int pid, GError **error)
{
    g_autoptr(GArray) backends = read_backends(host, pid);

    return read_ranges(host, pid, backends, error);
}

static const HvGuestRange *
range_of(const GArray *ranges, guint64 address)
{
    for (guint i = 0; i < ranges->len; i++) {
        const HvGuestRange *range = &g_array_index(ranges, HvGuestRange, i);

        if (address >= range->start && address - range->start < range->bytes)
            return range;
    }
    return NULL;
}

static gboolean
add_numa_maps(char *text, const GArray *ranges, gboolean only_guest, GArray *parts,
              GError **error)
{
    g_autofree HvNumaMapping *mapping = g_new(HvNumaMapping, 1);
    GError *wrong = NULL;

    while (hv_numa_maps_next(&text, mapping, &wrong)) {
        const HvGuestRange *range = range_of(ranges, mapping->address);

        for (guint i = 0; i < mapping->n_nodes && (range || !only_guest); i++)
            hv_numa_add(parts, range ? range->cell : -1, mapping->nodes[i].node,
                        mapping->page_bytes, mapping->nodes[i].bytes);
    }
    if (wrong)
        g_propagate_error(error, wrong);
    return !wrong;
}

static gboolean
read_numa_maps(HvHost *host, const GArray *ranges, gboolean only_guest, HvSurvey *survey,
               GError **error)
{
    g_autofree char *path = g_strdup_printf("proc/%d/numa_maps", survey->pid);
    const gint64 begin_ns = hv_host_monotonic_ns(host);
    g_autofree char *text = hv_host_read_text(host, path, MAX_MAPS_BYTES, error);

    if (!text || !add_numa_maps(text, ranges, only_guest, survey->parts, error)) {
        g_prefix_error(error, "%s: ", path);
        return FALSE;
    }
    survey->read_ns = hv_host_monotonic_ns(host);
    survey->numa_maps_ns = survey->read_ns - begin_ns;
    survey->kind = HV_SURVEY_NUMA_MAPS;
    return TRUE;
}

/* ---- some of the pages ---- */

typedef struct {
    void *pages[N_SAMPLES];
    int status[N_SAMPLES];
    guint n;
} Sample;

/* One page of each of @n equal stretches, anywhere in it. */
static void
choose_pages(const HvGuestRange *range, guint n, GRand *random, Sample *sample)
{
    const double stretch = (double)range->bytes / n;

    sample->n = n;
    for (guint i = 0; i < n; i++) {
        const guint64 offset = (guint64)((i + g_rand_double(random)) * stretch);
        const guint64 page = (range->start + MIN(offset, range->bytes - 1)) /
                             HV_NUMA_SMALL_PAGE_BYTES * HV_NUMA_SMALL_PAGE_BYTES;

        sample->pages[i] = GSIZE_TO_POINTER((gsize)page);
    }
}

/* Each page stands for its stretch. One that is not there is no memory (ENOENT), and neither is
 * the page of zeros (EFAULT). */
static gboolean
add_sample(const HvGuestRange *range, const Sample *sample, GArray *parts, GError **error)
{
    const guint64 each = range->bytes / sample->n;

    for (guint i = 0; i < sample->n; i++) {
        const int status = sample->status[i];

        if (status >= 0 && status < (int)HV_NUMA_MAX_NODES)
            hv_numa_add(parts, range->cell, (guint)status, 0, each);
        else if (status != -ENOENT && status != -EFAULT)
            return hv_error_set_errno(error, -status, "move_pages");
    }
    return TRUE;
}

static guint64
sum_ranges(const GArray *ranges)
{
    guint64 sum = 0;

    for (guint i = 0; i < ranges->len; i++)
        sum += g_array_index(ranges, HvGuestRange, i).bytes;
    return sum;
}

static gboolean
read_sample(HvHost *host, const GArray *ranges, guint round, HvSurvey *survey, GError **error)
{
    g_autoptr(GRand) random = g_rand_new_with_seed((guint32)survey->pid + round);
    g_autofree Sample *sample = g_new(Sample, 1);
    const guint64 bytes = sum_ranges(ranges);

    for (guint i = 0; i < ranges->len; i++) {
        const HvGuestRange *range = &g_array_index(ranges, HvGuestRange, i);
        const double share = (double)range->bytes / (double)bytes;

        choose_pages(range, (guint)CLAMP(share * N_SAMPLES, 1, N_SAMPLES), random, sample);
        if (!hv_host_query_pages(host, survey->pid, sample->n, sample->pages, sample->status,
                                 error) ||
            !add_sample(range, sample, survey->parts, error))
            return FALSE;
    }
    survey->kind = HV_SURVEY_SAMPLE;
    survey->read_ns = hv_host_monotonic_ns(host);
    return TRUE;
}

/* ---- which ---- */

static gint64
expected_ns(const HvSurveyGuest *guest, const GArray *ranges)
{
    guint64 small_bytes = 0;

    if (guest->numa_maps_ns >= 0)
        return guest->numa_maps_ns;
    for (guint i = 0; i < ranges->len; i++) {
        const HvGuestRange *range = &g_array_index(ranges, HvGuestRange, i);

        small_bytes += range->is_huge ? 0 : range->bytes;
    }
    return (gint64)((double)small_bytes / (1u << 30) * NUMA_MAPS_NS_PER_GIB);
}

/* Every page where that is cheap; some of them where it is not; every page after all where
 * asking for some is refused. */
static gboolean
read_memory(HvHost *host, const HvSurveyGuest *guest, const GArray *backends, HvSurvey *survey,
            GError **error)
{
    g_autoptr(GArray) ranges = read_ranges(host, guest->pid, backends, error);
    g_autoptr(GError) refused = NULL;

    if (!ranges)
        return FALSE;
    if (ranges->len == 0 && guest->only_guest) {
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT,
                    _("process %d: which of its memory is the guest's cannot be told"),
                    guest->pid);
        return FALSE;
    }
    if (ranges->len == 0 || expected_ns(guest, ranges) <= MOST_NUMA_MAPS_NS) {
        if (read_numa_maps(host, ranges, guest->only_guest, survey, &refused))
            return TRUE;
    } else if (read_sample(host, ranges, guest->round, survey, &refused)) {
        return TRUE;
    } else {
        g_array_set_size(survey->parts, 0);
        if (read_numa_maps(host, ranges, guest->only_guest, survey, NULL))
            return TRUE;
    }
    g_propagate_error(error, g_steal_pointer(&refused));
    return FALSE;
}

static HvSurvey *
look_at(HvHost *host, const HvSurveyGuest *guest)
{
    g_autoptr(GArray) backends = read_backends(host, guest->pid);
    HvSurvey *survey = g_new0(HvSurvey, 1);

    survey->pid = guest->pid;
    survey->start_ticks = guest->start_ticks;
    survey->parts = g_array_new(FALSE, FALSE, sizeof(HvNumaPart));
    survey->n_cells = hv_guest_backends_cells(backends);
    survey->numa_maps_ns = -1;
    survey->read_ns = hv_host_monotonic_ns(host);
    if ((guest->is_blind || survey->n_cells > 1) &&
        !read_memory(host, guest, backends, survey, &survey->error))
        survey->kind = HV_SURVEY_FAILED;
    return survey;
}

static gpointer
run(HvHost *host, gpointer data, GError **error G_GNUC_UNUSED)
{
    const HvSurveyRequest *request = data;
    const gint64 begin_ns = hv_host_monotonic_ns(host);
    HvSurveyAnswer *answer = g_new0(HvSurveyAnswer, 1);

    answer->surveys = g_ptr_array_new_with_free_func(hv_survey_free);
    for (guint i = 0; i < request->n_guests; i++) {
        g_ptr_array_add(answer->surveys, look_at(host, &request->guests[i]));
        answer->took_ns = hv_host_monotonic_ns(host) - begin_ns;
        if (answer->took_ns > request->most_ns)
            break;
    }
    return answer;
}

const HvLaneClass hv_survey_lane = {
    .name = "hv-numa-maps",
    .what = "/proc/PID/numa_maps",
    .run = run,
    .free_request = g_free,
    .free_answer = hv_survey_answer_free,
};

HvSurvey *
hv_survey_one(HvHost *host, const HvSurveyGuest *guest, guint deadline_ms, GError **error)
{
    g_autoptr(HvLane) lane = hv_lane_new(host, &hv_survey_lane);
    HvSurveyRequest *request = g_malloc0(sizeof *request + sizeof *guest);
    g_autoptr(HvSurvey) survey = NULL;
    gpointer answer = NULL;

    request->n_guests = 1;
    request->guests[0] = *guest;
    if (!hv_lane_begin(lane, request, deadline_ms, error))
        return NULL;
    while (!hv_lane_end(lane, &answer, error))
        (void)hv_lane_wait(lane, deadline_ms);
    if (!answer)
        return NULL;
    survey = g_ptr_array_steal_index(((HvSurveyAnswer *)answer)->surveys, 0);
    hv_survey_answer_free(answer);
    if (survey->kind != HV_SURVEY_FAILED)
        return g_steal_pointer(&survey);
    g_propagate_error(error, g_steal_pointer(&survey->error));
    return NULL;
}
