/* Looking into a VM's process for its memory: numa_maps, or asking for some of its pages. What
 * may take long. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/lane.h"
#include "host/numa-stat.h"

/* One VM to look into. Owns nothing. */
typedef struct {
    int pid;
    guint64 start_ticks;
    gboolean
        is_blind; /* its control groups do not tell: its memory is to be read in any case */
    gboolean only_guest; /* its guest's memory alone, without QEMU's own */
    gint64 numa_maps_ns; /* what reading its numa_maps took the last time; -1: not known */
    guint round;         /* other pages are asked for in each */
} HvSurveyGuest;

/* Several, one after the other, until @most_ns have passed; at least one. */
typedef struct {
    guint n_guests;
    gint64 most_ns;
    HvSurveyGuest guests[];
} HvSurveyRequest;

typedef enum {
    HV_SURVEY_GLANCE,    /* only how many cells it has: more is not needed */
    HV_SURVEY_NUMA_MAPS, /* every page */
    HV_SURVEY_SAMPLE,    /* of some thousand pages: an estimate */
    HV_SURVEY_FAILED,    /* see @error */
} HvSurveyKind;

/* What was found in one. Owns what it refers to. */
typedef struct {
    int pid;
    guint64 start_ticks;
    HvSurveyKind kind;
    guint n_cells; /* cells of the guest that its memory is made for; 0 and 1: it has none apart
                    */
    GArray *parts; /* of HvNumaPart */
    gint64 read_ns;      /* monotonic */
    gint64 numa_maps_ns; /* what that took; -1: not read */
    GError *error;
} HvSurvey;

/** hv_survey_free: accepts NULL. */
void hv_survey_free(gpointer survey);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvSurvey, hv_survey_free)

/* Of one finished job. */
typedef struct {
    GPtrArray *surveys; /* of HvSurvey, in the order asked for; fewer when the time was over */
    gint64 took_ns;
} HvSurveyAnswer;

void hv_survey_answer_free(gpointer answer);

/* For a lane: the request is a HvSurveyRequest (g_free), the answer a HvSurveyAnswer. */
extern const HvLaneClass hv_survey_lane;

/** hv_survey_one: looks into one VM now, waiting for at most @deadline_ms (TIMEOUT). NULL with
 * the survey's error. (transfer full) hv_survey_ranges: of HvGuestRange, (transfer full): what
 * of the process's addresses is its guest's memory; may hang with a process that does. Not the
 * sampler's, not the UI's thread. */
HvSurvey *hv_survey_one(HvHost *host, const HvSurveyGuest *guest, guint deadline_ms,
                        GError **error);
GArray *hv_survey_ranges(HvHost *host, int pid, GError **error);
