/* The host's disks and network cards: the worst latency, the packets dropped. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/host-io.h"

#include <string.h>

#include "host/parse.h"

#define MAX_NAME 64
#define MAX_THINGS 4096u /* that are remembered; more are left out */

/* A disk or a card. */
typedef struct {
    char name[MAX_NAME];
    gboolean counts; /* a whole disk, a real card */
    gboolean has_last;
    guint64 n_ios, busy_ms;
} Thing;

struct HvHostIo {
    HvHost *host;
    GArray *disks; /* of Thing */
    GArray *nics;
    guint n_looks;
};

gboolean
hv_disk_line_parse(char *line, HvDiskLine *disk)
{
    enum {
        READS,
        READ_MERGES,
        READ_SECTORS,
        READ_MS,
        WRITES,
        WRITE_MERGES,
        WRITE_SECTORS,
        WRITE_MS,
        N
    };
    guint64 numbers[N];
    const char *name;

    if (!hv_next_word(&line) || !hv_next_word(&line) || !(name = hv_next_word(&line)))
        return FALSE;
    for (guint i = 0; i < N; i++) {
        line = hv_skip_blanks(line);
        if (!hv_scan_u64(&line, &numbers[i]))
            return FALSE;
    }
    *disk = (HvDiskLine){
        .name = name,
        .n_ios = numbers[READS] + numbers[WRITES],
        .busy_ms = numbers[READ_MS] + numbers[WRITE_MS],
    };
    return TRUE;
}

gboolean
hv_nic_line_parse(char *line, HvNicLine *nic)
{
    enum { RX_DROPS = 3, TX_DROPS = 11, N };
    guint64 numbers[N];
    char *name = hv_skip_blanks(line), *at = strchr(name, ':');

    if (!at || at == name)
        return FALSE;
    *at++ = '\0';
    for (guint i = 0; i < N; i++) {
        at = hv_skip_blanks(at);
        if (!hv_scan_u64(&at, &numbers[i]))
            return FALSE;
    }
    *nic = (HvNicLine){ .name = name, .n_drops = numbers[RX_DROPS] + numbers[TX_DROPS] };
    return TRUE;
}

HvHostIo *
hv_host_io_new(HvHost *host)
{
    HvHostIo *io = g_new0(HvHostIo, 1);

    io->host = host;
    io->disks = g_array_new(FALSE, TRUE, sizeof(Thing));
    io->nics = g_array_new(FALSE, TRUE, sizeof(Thing));
    return io;
}

void
hv_host_io_free(HvHostIo *io)
{
    g_array_unref(io->disks);
    g_array_unref(io->nics);
    g_free(io);
}

/* The thing of that name; lines come in the same order each time, so @guess is mostly right.
 * NULL: too many. */
static Thing *
find_thing(GArray *things, guint guess, const char *name, gboolean *is_new)
{
    Thing *thing;

    *is_new = FALSE;
    if (guess < things->len && strcmp(g_array_index(things, Thing, guess).name, name) == 0)
        return &g_array_index(things, Thing, guess);
    for (guint i = 0; i < things->len; i++)
        if (strcmp(g_array_index(things, Thing, i).name, name) == 0)
            return &g_array_index(things, Thing, i);
    if (things->len >= MAX_THINGS || strlen(name) >= MAX_NAME)
        return NULL;
    g_array_set_size(things, things->len + 1);
    thing = &g_array_index(things, Thing, things->len - 1);
    g_strlcpy(thing->name, name, sizeof thing->name);
    *is_new = TRUE;
    return thing;
}

/* sysfs has whole disks only, with "!" for the "/" of "cciss/c0d0". */
static gboolean
is_whole_disk(HvHost *host, const char *name)
{
    g_autofree char *path = g_strdup_printf("sys/block/%s", name);

    if (g_str_has_prefix(name, "loop") || g_str_has_prefix(name, "ram"))
        return FALSE;
    g_strdelimit(path + strlen("sys/block/"), "/", '!');
    return hv_host_exists(host, path) || !hv_host_exists(host, "sys/block");
}

const char *
hv_host_io_disks(HvHostIo *io, char *text, double *latency_ms)
{
    const Thing *worst = NULL;
    guint n = 0;

    *latency_ms = 0;
    for (char *line; (line = hv_next_line(&text)); n++) {
        HvDiskLine disk;
        gboolean is_new;
        Thing *thing;

        if (!hv_disk_line_parse(line, &disk) ||
            !(thing = find_thing(io->disks, n, disk.name, &is_new)))
            continue;
        if (is_new)
            thing->counts = is_whole_disk(io->host, disk.name);
        if (thing->counts && thing->has_last && disk.n_ios > thing->n_ios &&
            disk.busy_ms >= thing->busy_ms) {
            const double mean_ms =
                (double)(disk.busy_ms - thing->busy_ms) / (double)(disk.n_ios - thing->n_ios);

            if (!worst || mean_ms > *latency_ms) {
                worst = thing;
                *latency_ms = mean_ms;
            }
        }
        thing->has_last = TRUE;
        thing->n_ios = disk.n_ios;
        thing->busy_ms = disk.busy_ms;
    }
    io->n_looks++;
    return worst ? worst->name : NULL;
}

gboolean
hv_host_io_is_first(const HvHostIo *io)
{
    return io->n_looks == 0;
}

static gboolean
is_card(HvHost *host, const char *name)
{
    g_autofree char *path = g_strdup_printf("sys/class/net/%s/device", name);

    return hv_host_exists(host, path);
}

gboolean
hv_host_io_nics(HvHostIo *io, char *text, guint64 *n_drops)
{
    gboolean has_card = FALSE;
    guint n = 0;

    *n_drops = 0;
    for (char *line; (line = hv_next_line(&text));) {
        HvNicLine nic;
        gboolean is_new;
        Thing *thing;

        if (!hv_nic_line_parse(line, &nic) ||
            !(thing = find_thing(io->nics, n++, nic.name, &is_new)))
            continue;
        if (is_new)
            thing->counts = is_card(io->host, nic.name);
        if (!thing->counts)
            continue;
        has_card = TRUE;
        *n_drops += nic.n_drops;
    }
    return has_card;
}
