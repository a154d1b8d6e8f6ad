/* Who else uses the processors' counters behind the kernel's back: programs that write to
 * /dev/cpu/N/msr. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/counter-users.h"

#include "host/parse.h"
#include "model/i18n.h"

#define PERIOD_NS G_GINT64_CONSTANT(60000000000)
#define DEADLINE_MS 5000
#define MAX_NAMED 4

/* Looking through the descriptors of all processes would take too long: these are known to do
 * it. */
static const char *const programs[] = { "pcm", "pqos", "rdtset", "likwid", "intel_cmt" };

struct HvCounterUsers {
    HvLane *lane;
    gint64 due_ns;
    char *clause; /* or NULL */
};

static gboolean
is_suspect(const char *comm)
{
    for (guint i = 0; i < G_N_ELEMENTS(programs); i++)
        if (g_str_has_prefix(comm, programs[i]))
            return TRUE;
    return FALSE;
}

static gboolean
has_msr_open(HvHost *host, const char *pid)
{
    g_autofree char *directory = g_strdup_printf("proc/%s/fd", pid);
    g_auto(GStrv) names = hv_host_list(host, directory, NULL);

    for (char **name = names; name && *name; name++) {
        g_autofree char *path = g_strdup_printf("%s/%s", directory, *name);
        g_autofree char *target = hv_host_readlink(host, path, NULL);

        if (target && g_str_has_prefix(target, "/dev/cpu/") && g_str_has_suffix(target, "/msr"))
            return TRUE;
    }
    return FALSE;
}

char *
hv_counter_users_find(HvHost *host)
{
    g_auto(GStrv) names = hv_host_list(host, "proc", NULL);
    GString *found = g_string_new(NULL);
    guint n = 0;

    for (char **name = names; name && *name && n < MAX_NAMED; name++) {
        g_autofree char *path = g_strdup_printf("proc/%s/comm", *name);
        g_autofree char *comm = NULL;

        if (!g_ascii_isdigit(**name))
            continue;
        comm = hv_host_read_text(host, path, 0, NULL);
        if (!comm || !is_suspect(hv_chomp(comm)) || !has_msr_open(host, *name))
            continue;
        g_string_append_printf(found, "%s%s (%s)", n++ > 0 ? ", " : "", comm, *name);
    }
    return g_string_free(found, FALSE);
}

static gpointer
run(HvHost *host, gpointer request G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
    return hv_counter_users_find(host);
}

static const HvLaneClass lane_class = {
    .name = "counter-users",
    .what = "/proc/PID/fd",
    .run = run,
    .free_answer = g_free,
};

HvCounterUsers *
hv_counter_users_new(HvHost *host)
{
    HvCounterUsers *users = g_new0(HvCounterUsers, 1);

    users->lane = hv_lane_new(host, &lane_class);
    return users;
}

void
hv_counter_users_free(HvCounterUsers *users)
{
    if (!users)
        return;
    hv_lane_free(users->lane);
    g_free(users->clause);
    g_free(users);
}

const char *
hv_counter_users_look(HvCounterUsers *users, gint64 now_ns)
{
    gpointer answer = NULL;

    if (now_ns >= users->due_ns && !hv_lane_is_busy(users->lane)) {
        users->due_ns = now_ns + PERIOD_NS;
        hv_lane_begin(users->lane, NULL, DEADLINE_MS, NULL); /* the next turn tries again */
    }
    if (hv_lane_end(users->lane, &answer, NULL)) {
        g_autofree char *names = answer;

        g_clear_pointer(&users->clause, g_free);
        if (names && *names)
            users->clause =
                g_strdup_printf(_("others use the counters too, past the kernel: %s"), names);
    }
    return users->clause;
}
