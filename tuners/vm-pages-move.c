/* Moving a VM's pages to other nodes: in batches, no faster than is asked, as long as nobody
 * says stop. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tuners/vm-pages-move.h"

#include "host/guest-memory.h"
#include "host/parse.h"
#include "host/survey.h"
#include "model/i18n.h"
#include "model/text.h"
#include "tuners/vm-room.h"
#include "tuners/vm-strain.h"

#include <errno.h>
#include <math.h>

#define NS_PER_S G_GINT64_CONSTANT(1000000000)
#define NS_PER_MS (NS_PER_S / 1000)
/* A call of 4 MiB in small pages keeps the process's lock for some milliseconds. */
#define BATCH_SMALL 1024u
#define BATCH_HUGE 1u
#define HUGE_BYTES (2u << 20)
#define N_PASSES 3u
#define BETWEEN_PASSES_NS (200 * NS_PER_MS)
#define TELL_NS (100 * NS_PER_MS)
#define WATCH_NS NS_PER_S
/* It is not waited for less, and what was missed is not made up for longer. */
#define LEAST_WAIT_NS (5 * NS_PER_MS)
#define MOST_LATE_NS (100 * NS_PER_MS)
#define RATE_EACH (G_GUINT64_CONSTANT(256) << 20)
#define RATE_BATCHED (G_GUINT64_CONSTANT(1) << 30)
/* Under strain the rate goes down to this part of it at most. */
#define SLOWEST 16u
#define MAX_NODES 1024u

/* One move. */
typedef struct {
    HvHost *host;
    const HvGuest *guest;
    const HvSet *nodes;
    const HvProgress *progress;
    const char *path;
    GArray *ranges; /* of HvGuestRange */
    HvVmStrain *strain;
    guint64 huge_bytes;
    guint64 rate, most_rate; /* bytes/s */
    gint64 begun_ns, due_ns, told_ns, watched_ns;
    guint64 to_move_bytes, moved_bytes;
    guint64 left_bytes;            /* of this pass: asked for, and not moved */
    int left_errno;                /* of one of them */
    guint64 free_bytes[MAX_NODES]; /* of @nodes, when it was looked at last */
    gboolean is_stopped;
    void *pages[BATCH_SMALL];
    int targets[BATCH_SMALL], status[BATCH_SMALL];
} Move;

static void
move_free(Move *move)
{
    if (!move)
        return;
    g_clear_pointer(&move->ranges, g_array_unref);
    hv_vm_strain_free(move->strain);
    g_free(move);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Move, move_free)

guint64
hv_vm_pages_rate(HvHost *host)
{
    g_autofree char *release = hv_host_read_text(host, "proc/sys/kernel/osrelease", 256, NULL);
    char *at = release;
    guint64 major = 0, minor = 0;

    if (!release || !hv_scan_u64(&at, &major) || *at != '.')
        return RATE_EACH;
    at++;
    if (!hv_scan_u64(&at, &minor))
        return RATE_EACH;
    return major > 6 || (major == 6 && minor >= 3) ? RATE_BATCHED : RATE_EACH;
}

/* ---- telling, waiting ---- */

static gboolean
stopped(Move *move, GError **error)
{
    char moved[16], all[16];

    move->is_stopped = TRUE;
    hv_text_bytes(moved, sizeof moved, (double)move->moved_bytes);
    hv_text_bytes(all, sizeof all, (double)move->to_move_bytes);
    g_set_error(error, HV_ERROR, HV_ERROR_FAILED,
                _("%s: stopped after %s of %s: what has moved stays there"), move->path, moved,
                all);
    return FALSE;
}

/* "3.1G of 16G on node 1, 210 MB/s, 48 s left" */
static char *
describe(const Move *move, gint64 now_ns)
{
    const double seconds = (double)(now_ns - move->begun_ns) / (double)NS_PER_S;
    const double per_s = seconds > 0 ? (double)move->moved_bytes / seconds : 0;
    const guint64 left = move->to_move_bytes - MIN(move->to_move_bytes, move->moved_bytes);
    g_autofree char *nodes = hv_set_to_text(move->nodes);
    char moved[16], all[16], time[24];

    hv_text_bytes(moved, sizeof moved, (double)move->moved_bytes);
    hv_text_bytes(all, sizeof all, (double)move->to_move_bytes);
    if (per_s <= 0)
        return g_strdup_printf(_("%s of %s on node %s"), moved, all, nodes);
    hv_text_duration(time, sizeof time, (gint64)((double)left / per_s * (double)NS_PER_S));
    return g_strdup_printf(_("%s of %s on node %s, %.0f MB/s, %s left"), moved, all, nodes,
                           per_s / 1e6, time);
}

static gboolean
tell(Move *move, gint64 now_ns, GError **error)
{
    const double ratio = move->to_move_bytes
                             ? (double)move->moved_bytes / (double)move->to_move_bytes
                             : (double)NAN;
    g_autofree char *text = NULL;

    if (!move->progress || (now_ns - move->told_ns < TELL_NS && move->told_ns))
        return TRUE;
    move->told_ns = now_ns;
    text = describe(move, now_ns);
    return move->progress->tell(move->progress->data, MIN(ratio, 1), text) ||
           stopped(move, error);
}

/* Half as fast while the VM suffers, and faster again by and by when it does not. */
static void
watch(Move *move, gint64 now_ns)
{
    if (now_ns - move->watched_ns < WATCH_NS)
        return;
    move->watched_ns = now_ns;
    move->rate = hv_vm_strain_grew(move->strain)
                     ? MAX(move->rate / 2, MAX(move->most_rate / SLOWEST, 1))
                     : MIN(move->rate + move->rate / 2, move->most_rate);
}

/* Before each batch: tells, and waits until the rate allows it. */
static gboolean
pace(Move *move, GError **error)
{
    gint64 now_ns = hv_host_monotonic_ns(move->host);

    watch(move, now_ns);
    if (!tell(move, now_ns, error))
        return FALSE;
    move->due_ns = MAX(move->due_ns, now_ns - MOST_LATE_NS);
    while (move->due_ns - now_ns >= LEAST_WAIT_NS) { /* in pieces, so that stop is heard */
        (void)hv_host_wait_until(move->host, MIN(move->due_ns, now_ns + TELL_NS), -1);
        now_ns = hv_host_monotonic_ns(move->host);
        if (!tell(move, now_ns, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
wait_for(Move *move, gint64 span_ns, GError **error)
{
    move->due_ns = hv_host_monotonic_ns(move->host) + span_ns;
    return pace(move, error);
}

/* ---- batches ---- */

static gboolean
look_at_room(Move *move, GError **error)
{
    HV_SET_FOREACH(node, move->nodes)
    if ((guint)node < MAX_NODES &&
        !hv_vm_node_free(move->host, (guint)node, &move->free_bytes[node], error))
        return FALSE;
    return TRUE;
}

static guint
roomiest(const Move *move)
{
    guint best = (guint)hv_set_next(move->nodes, -1);

    HV_SET_FOREACH(node, move->nodes)
    if ((guint)node < MAX_NODES && move->free_bytes[node] > move->free_bytes[best])
        best = (guint)node;
    return best;
}

/* Of the @n pages that were asked for, those that are elsewhere come first. Returns: how many.
 */
static guint
choose(Move *move, guint n)
{
    guint n_wrong = 0;

    for (guint i = 0; i < n; i++)
        if (move->status[i] >= 0 && !hv_set_has(move->nodes, (guint)move->status[i]))
            move->pages[n_wrong++] = move->pages[i];
    return n_wrong;
}

static void
count(Move *move, guint n, guint64 page_bytes, guint node)
{
    guint64 moved = 0;

    for (guint i = 0; i < n; i++) {
        if (move->status[i] == (int)node) {
            moved += page_bytes;
            continue;
        }
        move->left_bytes += page_bytes;
        move->left_errno = move->status[i] < 0 ? -move->status[i] : EBUSY;
    }
    move->moved_bytes += moved;
    move->free_bytes[node] -= MIN(move->free_bytes[node], moved);
    move->due_ns += (gint64)((double)moved / (double)move->rate * (double)NS_PER_S);
}

/* Where the @n pages are; asked again where some are there and only marked by the kernel. */
static gboolean
query(Move *move, guint n, GError **error)
{
    const int pid = move->guest->pid;

    return hv_host_query_pages(move->host, pid, n, move->pages, move->status, error) &&
           (hv_host_unmark_pages(move->host, pid, n, move->pages, move->status) == 0 ||
            hv_host_query_pages(move->host, pid, n, move->pages, move->status, error));
}

static gboolean
move_batch(Move *move, guint n, guint64 page_bytes, GError **error)
{
    guint node;

    if (!query(move, n, error))
        return FALSE;
    n = choose(move, n);
    if (n == 0)
        return TRUE;
    if (!pace(move, error))
        return FALSE;
    node = roomiest(move);
    for (guint i = 0; i < n; i++)
        move->targets[i] = (int)node;
    if (!hv_host_move_pages(move->host, move->guest->pid, n, move->pages, move->targets,
                            move->status, error))
        return FALSE;
    count(move, n, page_bytes, node);
    return TRUE;
}

static gboolean
move_range(Move *move, const HvGuestRange *range, GError **error)
{
    const guint64 page_bytes = range->is_huge ? move->huge_bytes : HV_NUMA_SMALL_PAGE_BYTES;
    const guint n_batch = range->is_huge ? BATCH_HUGE : BATCH_SMALL;

    for (guint64 done = 0; done < range->bytes;) {
        guint n = 0;

        for (; n < n_batch && done < range->bytes; done += page_bytes)
            move->pages[n++] = GSIZE_TO_POINTER((gsize)(range->start + done));
        if (!move_batch(move, n, page_bytes, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
move_all(Move *move, GError **error)
{
    move->left_bytes = 0;
    if (!look_at_room(move, error))
        return FALSE;
    for (guint i = 0; i < move->ranges->len; i++)
        if (!move_range(move, &g_array_index(move->ranges, HvGuestRange, i), error))
            return FALSE;
    return TRUE;
}

/* ---- the whole ---- */

static Move *
move_new(HvHost *host, const HvGuest *guest, const HvVmPages *pages, const HvSet *nodes,
         const HvProgress *progress, const char *path)
{
    Move *move = g_new0(Move, 1);
    const guint64 huge_bytes = hv_vm_pages_huge_bytes(pages);

    move->host = host;
    move->guest = guest;
    move->nodes = nodes;
    move->progress = progress;
    move->path = path;
    move->huge_bytes = huge_bytes ? huge_bytes : HUGE_BYTES;
    move->most_rate = progress && progress->rate_bytes_per_s ? progress->rate_bytes_per_s
                                                             : hv_vm_pages_rate(host);
    move->rate = move->most_rate;
    move->to_move_bytes = hv_vm_pages_outside(pages, nodes, 0);
    move->begun_ns = move->watched_ns = hv_host_monotonic_ns(host);
    move->strain = hv_vm_strain_new(host, guest);
    return move;
}

/* A second without moves says how the VM is by itself. */
static gboolean
begin(Move *move, GError **error)
{
    move->ranges = hv_survey_ranges(move->host, move->guest->pid, error);
    if (!move->ranges || !wait_for(move, WATCH_NS, error))
        return FALSE;
    hv_vm_strain_settle(move->strain);
    move->begun_ns = move->watched_ns = hv_host_monotonic_ns(move->host);
    return TRUE;
}

/* Success is where the pages are, not what the calls said. */
static gboolean
verify(const Move *move, GError **error)
{
    g_auto(HvVmPages) pages = { 0 };
    char outside[16], all[16];

    if (!hv_vm_pages_read(move->host, move->guest, move->path, &pages, error))
        return FALSE;
    if (hv_vm_pages_are_on(&pages, move->nodes))
        return TRUE;
    hv_text_bytes(outside, sizeof outside, (double)hv_vm_pages_outside(&pages, move->nodes, 0));
    hv_text_bytes(all, sizeof all, (double)pages.bytes);
    g_set_error(error, HV_ERROR, HV_ERROR_FAILED, _("%s: %s of %s did not move: %s"),
                move->path, outside, all,
                move->left_bytes ? g_strerror(move->left_errno)
                                 : _("somebody moves it back, or it is new"));
    return FALSE;
}

gboolean
hv_vm_pages_move(HvHost *host, const HvGuest *guest, const HvVmPages *pages, const HvSet *nodes,
                 const HvProgress *progress, const char *path, GError **error)
{
    g_autoptr(Move) move = move_new(host, guest, pages, nodes, progress, path);
    gboolean good = begin(move, error);

    for (guint pass = 0; good && pass < N_PASSES; pass++) {
        good = move_all(move, error);
        if (!good || move->left_bytes == 0)
            break;
        good = pass + 1 == N_PASSES || wait_for(move, BETWEEN_PASSES_NS, error);
    }
    if (!good) {
        if (error && *error && !move->is_stopped)
            g_prefix_error(error, "%s: ", path);
        return FALSE;
    }
    return verify(move, error);
}
