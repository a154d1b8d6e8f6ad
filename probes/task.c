/* What procfs says of one thread: stat, schedstat, status. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/task.h"

#include <string.h>
#include <unistd.h>

#include "host/parse.h"
#include "model/error.h"

#define NS_PER_S 1000000000u
#define LAST_FIELD 43 /* guest_time */

guint64
hv_ticks_to_ns(guint64 ticks)
{
    static gsize ns_per_tick;

    if (g_once_init_enter(&ns_per_tick)) {
        const long hz = sysconf(_SC_CLK_TCK);

        g_once_init_leave(&ns_per_tick, (gsize)(NS_PER_S / (hz > 0 ? hz : 100)));
    }
    return ticks > G_MAXUINT64 / ns_per_tick ? G_MAXUINT64 : ticks * ns_per_tick;
}

/* The number at *@text, and the blanks before it; some fields are negative, and none of those
 * is wanted. */
static gboolean
next_number(char **text, guint64 *value)
{
    *text = hv_skip_blanks(*text);
    if (**text == '-')
        (*text)++;
    return hv_scan_u64(text, value);
}

gboolean
hv_task_stat_parse(char *text, HvTaskStat *stat, GError **error)
{
    guint64 fields[LAST_FIELD + 1];
    char *at = strrchr(text, ')');
    char state;

    if (!at || at[1] != ' ' || !g_ascii_isalpha(at[2])) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED,
                            "stat: no state behind the name");
        return FALSE;
    }
    state = at[2];
    at += 3;
    for (guint i = 4; i <= LAST_FIELD; i++) {
        if (!next_number(&at, &fields[i])) {
            g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, "stat: field %u is no number", i);
            return FALSE;
        }
    }
    *stat = (HvTaskStat){
        .state = state,
        .major_faults = fields[12],
        .user_ns = hv_ticks_to_ns(fields[14]),
        .system_ns = hv_ticks_to_ns(fields[15]),
        .start_ticks = fields[22],
        .cpu = fields[39],
        .guest_ns = hv_ticks_to_ns(fields[43]),
    };
    return TRUE;
}

gboolean
hv_schedstat_parse(char *text, HvSchedstat *schedstat, GError **error)
{
    HvSchedstat found;

    if (!next_number(&text, &found.run_ns) || !next_number(&text, &found.wait_ns) ||
        !next_number(&text, &found.timeslices)) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED,
                            "schedstat: not three numbers");
        return FALSE;
    }
    *schedstat = found;
    return TRUE;
}

/* The text behind "NAME:" when @line begins so, else NULL. */
static char *
behind(char *line, const char *name)
{
    const gsize length = strlen(name);

    return strncmp(line, name, length) == 0 && line[length] == ':'
               ? hv_skip_blanks(line + length + 1)
               : NULL;
}

static void
add_number(char *line, const char *name, guint64 unit, guint64 *sum, gboolean *has)
{
    char *text = behind(line, name);
    guint64 number;

    if (!text || !hv_scan_u64(&text, &number) || number > (G_MAXUINT64 - *sum) / unit)
        return;
    *sum += number * unit;
    *has = TRUE;
}

void
hv_task_status_parse(char *text, HvTaskStatus *status)
{
    gboolean has_hugetlb = FALSE;

    *status = (HvTaskStatus){ 0 };
    for (char *line; (line = hv_next_line(&text));) {
        switch (*line) {
        case 'V':
            add_number(line, "VmRSS", 1024, &status->resident_bytes, &status->has_resident);
            add_number(line, "VmSwap", 1024, &status->swap_bytes, &status->has_swap);
            break;
        case 'H':
            add_number(line, "HugetlbPages", 1024, &status->resident_bytes, &has_hugetlb);
            break;
        case 'C':
            if (behind(line, "Cpus_allowed_list"))
                status->cpus_allowed = hv_chomp(behind(line, "Cpus_allowed_list"));
            break;
        case 'v':
            add_number(line, "voluntary_ctxt_switches", 1, &status->switches,
                       &status->has_switches);
            break;
        case 'n':
            add_number(line, "nonvoluntary_ctxt_switches", 1, &status->switches,
                       &status->has_switches);
            break;
        default:
            break;
        }
    }
}

const char *
hv_task_state_name(char state)
{
    static const struct {
        char letter;
        const char *name;
    } names[] = {
        { 'R', "running" }, { 'S', "sleeping" }, { 'D', "blocked" }, { 'T', "stopped" },
        { 't', "traced" },  { 'Z', "zombie" },   { 'X', "dead" },    { 'x', "dead" },
        { 'I', "idle" },    { 'P', "parked" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        if (names[i].letter == state)
            return names[i].name;
    return NULL;
}
