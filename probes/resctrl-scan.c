/* Reading all of resctrl but its counters: directories, schemata, and which thread is where. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/resctrl-layout.h"

#include <string.h>

#include "host/monitoring.h"
#include "host/parse.h"
#include "model/i18n.h"

#define MAX_TASKS_BYTES (32u << 20)
#define MAX_STRANGERS 64 /* threads of a group that no list knows, looked for one by one */
#define FNV_PRIME G_GUINT64_CONSTANT(1099511628211)

static const char *const info_files[HV_INFO_N_FILES] = {
    [HV_INFO_CBM_MASK] = "cbm_mask",
    [HV_INFO_MIN_CBM_BITS] = "min_cbm_bits",
    [HV_INFO_SHAREABLE_BITS] = "shareable_bits",
    [HV_INFO_BIT_USAGE] = "bit_usage",
    [HV_INFO_SPARSE_MASKS] = "sparse_masks",
    [HV_INFO_NUM_CLOSIDS] = "num_closids",
    [HV_INFO_MIN_BANDWIDTH] = "min_bandwidth",
    [HV_INFO_BANDWIDTH_GRAN] = "bandwidth_gran",
    [HV_INFO_DELAY_LINEAR] = "delay_linear",
    [HV_INFO_THROTTLE_MODE] = "thread_throttle_mode",
    [HV_INFO_NUM_RMIDS] = "num_rmids",
    [HV_INFO_MON_FEATURES] = "mon_features",
    [HV_INFO_MAX_THRESHOLD] = "max_threshold_occupancy",
    [HV_INFO_ASSIGN_MODE] = "mbm_assign_mode",
    [HV_INFO_NUM_COUNTERS] = "num_mbm_cntrs",
    [HV_INFO_FREE_COUNTERS] = "available_mbm_cntrs",
};

/* A thread of a guest. */
typedef struct {
    guint guest;
    HvLayoutVcpu *vcpu; /* or NULL: another thread of its process */
} Owner;

/* What the tasks of one group are. */
typedef struct {
    guint64 n;
    gboolean is_mixed; /* threads of several guests, or of something that is no guest */
    int guest;         /* -1: none */
    guint n_vcpus;     /* threads that are a vCPU's */
    guint n_strangers;
    int strangers[MAX_STRANGERS];
} Tasks;

typedef struct {
    HvHost *host;
    const HvGuestList *guests;
    HvResctrlLayout *layout;
    GHashTable *threads; /* of Owner, by tid */
    guint *n_in_group;   /* vCPU threads of each guest in the control group being read */
    GArray *tasks;       /* of Tasks: of each control group */
} Scan;

/* ---- reading ---- */

static void
add_to_digest(HvResctrlLayout *layout, const char *text)
{
    for (const char *byte = text ? text : "?"; *byte; byte++)
        layout->digest = (layout->digest ^ (guchar)*byte) * FNV_PRIME;
    layout->digest = (layout->digest ^ 0xff) * FNV_PRIME;
}

/* A text below resctrl's root, without its last newline; NULL when it cannot be read. */
static char *
read_file(const Scan *scan, const char *path, const char *name, gsize max)
{
    g_autofree char *full = g_strconcat(HV_RESCTRL_DIR "/", path, name, NULL);
    char *text = hv_host_read_text(scan->host, full, max, NULL);

    return text ? hv_chomp(text) : NULL;
}

static char *
read_counted(const Scan *scan, const char *path, const char *name)
{
    char *text = read_file(scan, path, name, MAX_TASKS_BYTES);

    add_to_digest(scan->layout, text);
    return text;
}

static void
read_info(const Scan *scan, const char *resource)
{
    g_autofree char *path = g_strdup_printf("info/%s/", resource);
    HvLayoutInfo *info = g_new0(HvLayoutInfo, 1);
    char **mode = &info->text[HV_INFO_ASSIGN_MODE];
    const char *chosen;

    info->resource = g_strdup(resource);
    for (guint i = 0; i < HV_INFO_N_FILES; i++)
        info->text[i] = read_counted(scan, path, info_files[i]);
    if (info->text[HV_INFO_MON_FEATURES])
        g_strdelimit(info->text[HV_INFO_MON_FEATURES], "\n", ' ');
    chosen = *mode ? hv_resctrl_chosen(*mode) : NULL;
    if (chosen) {
        char *word = g_strdup(chosen);

        g_free(*mode);
        *mode = word;
    }
    info->has_unused = info->text[HV_INFO_BIT_USAGE] &&
                       hv_bit_usage_parse(info->text[HV_INFO_BIT_USAGE], &info->n_unused, NULL);
    g_ptr_array_add(scan->layout->infos, info);
}

static void
read_mount(const Scan *scan)
{
    g_autofree char *text = hv_host_read_text(scan->host, "proc/mounts", 0, NULL);
    const char *mount, *options;

    if (!text || !hv_resctrl_mount_parse(text, &mount, &options))
        return;
    scan->layout->mount = g_strdup(mount);
    scan->layout->options = g_strdup(options);
    add_to_digest(scan->layout, options);
}

/* ---- shares ---- */

static void
add_share(const HvResctrlDomain *domain, gpointer data)
{
    const HvLayoutShare share = {
        .resource = g_strdup(domain->resource),
        .domain = domain->domain,
        .value = g_strdup(domain->value),
        .is_cache = domain->is_cache,
        .has_number = domain->has_number,
        .number = domain->number,
    };

    g_array_append_val((GArray *)data, share);
}

static void
add_size(const HvResctrlDomain *domain, gpointer data)
{
    GArray *shares = data;

    for (guint i = 0; domain->is_cache && i < shares->len; i++) {
        HvLayoutShare *share = &g_array_index(shares, HvLayoutShare, i);

        if (share->domain != domain->domain || strcmp(share->resource, domain->resource) != 0)
            continue;
        share->has_size = domain->has_number;
        share->size_bytes = domain->number;
        return;
    }
}

static void
read_shares(const Scan *scan, HvLayoutGroup *group)
{
    g_autofree char *schemata = read_counted(scan, group->path, "schemata");
    g_autofree char *size = read_counted(scan, group->path, "size");
    g_autoptr(GError) error = NULL;

    if (!schemata) {
        group->shares_why = g_strdup(N_("schemata cannot be read"));
        return;
    }
    if (!hv_schemata_parse(schemata, add_share, group->shares, &error))
        group->shares_why = g_strdup(error->message);
    if (size)
        (void)hv_resctrl_size_parse(size, add_size, group->shares,
                                    NULL); /* what fails has none */
}

/* ---- whose threads ---- */

static void
index_threads(const Scan *scan)
{
    for (guint i = 0; i < scan->guests->n_guests; i++) {
        const HvGuest *guest = scan->guests->guests[i];

        for (guint j = 0; j < guest->n_threads; j++) {
            const HvThread *thread = &guest->threads[j];
            Owner *owner = g_new0(Owner, 1);

            owner->guest = i;
            if (thread->role == HV_THREAD_VCPU) {
                HvLayoutVcpu *vcpu = g_new0(HvLayoutVcpu, 1);

                *vcpu = (HvLayoutVcpu){ .guest = i,
                                        .vm = g_strdup(guest->name),
                                        .vcpu = thread->index,
                                        .tid = thread->tid,
                                        .mon = -1 };
                g_ptr_array_add(scan->layout->vcpus, vcpu);
                owner->vcpu = vcpu;
                add_to_digest(scan->layout, guest->name);
                scan->layout->digest ^= (guint64)thread->tid * FNV_PRIME;
            }
            g_hash_table_insert(scan->threads, GINT_TO_POINTER(thread->tid), owner);
        }
    }
}

static void
note_owner(Tasks *tasks, const Owner *owner)
{
    if (tasks->guest >= 0 && (guint)tasks->guest != owner->guest)
        tasks->is_mixed = TRUE;
    tasks->guest = (int)owner->guest;
    tasks->n_vcpus += owner->vcpu != NULL;
}

/* Threads that are not in the list may yet be of the same process: QEMU's workers come and go.
 */
static void
judge_strangers(const Scan *scan, Tasks *tasks)
{
    if (tasks->is_mixed || tasks->guest < 0 || tasks->n_strangers == 0)
        return;
    if (tasks->n_strangers > MAX_STRANGERS)
        tasks->is_mixed = TRUE;
    for (guint i = 0; i < MIN(tasks->n_strangers, MAX_STRANGERS) && !tasks->is_mixed; i++) {
        g_autofree char *own = g_strdup_printf(
            "proc/%d/task/%d", scan->guests->guests[tasks->guest]->pid, tasks->strangers[i]);
        g_autofree char *any = g_strdup_printf("proc/%d", tasks->strangers[i]);

        if (!hv_host_exists(scan->host, own) && hv_host_exists(scan->host, any))
            tasks->is_mixed = TRUE;
    }
}

/* Reads the tasks of a group, and notes of each vCPU that it is there: in @mon, or -1: in the
 * control group @group. */
static void
place_threads(const Scan *scan, char *text, guint group, int mon, Tasks *tasks)
{
    *tasks = (Tasks){ .guest = -1 };
    for (char *line; (line = hv_next_line(&text));) {
        const Owner *owner;
        guint64 tid;

        if (!hv_parse_u64(line, G_MAXINT, &tid, NULL))
            continue;
        tasks->n++;
        owner = g_hash_table_lookup(scan->threads, GINT_TO_POINTER((int)tid));
        if (!owner) {
            if (tasks->n_strangers < MAX_STRANGERS)
                tasks->strangers[tasks->n_strangers] = (int)tid;
            tasks->n_strangers++;
            continue;
        }
        note_owner(tasks, owner);
        if (owner->vcpu && mon >= 0)
            owner->vcpu->mon = mon;
        else if (owner->vcpu)
            owner->vcpu->group = group;
    }
    judge_strangers(scan, tasks);
}

static guint64
count_lines(const char *text)
{
    guint64 n = *text ? 1 : 0;

    for (const char *at = text; (at = strchr(at, '\n')); at++)
        n++;
    return n;
}

/* ---- groups ---- */

static HvLayoutMon *
add_mon(const Scan *scan, guint group, const char *name)
{
    const HvLayoutGroup *in = scan->layout->groups->pdata[group];
    HvLayoutMon *mon = g_new0(HvLayoutMon, 1);

    mon->group = group;
    mon->name = g_strdup(name);
    mon->path =
        *name ? g_strconcat(in->path, "mon_groups/", name, "/", NULL) : g_strdup(in->path);
    mon->is_ours = hv_monitoring_is_ours(name);
    g_ptr_array_add(scan->layout->mons, mon);
    add_to_digest(scan->layout, mon->path);
    return mon;
}

static void
set_vm(const Scan *scan, HvLayoutMon *mon, const Tasks *tasks)
{
    if (tasks->guest < 0 || tasks->is_mixed || tasks->n_vcpus == 0)
        return;
    mon->vm = g_strdup(scan->guests->guests[tasks->guest]->name);
    add_to_digest(scan->layout, mon->vm);
    mon->whole = tasks->n_vcpus == scan->n_in_group[tasks->guest];
}

static void
count_in_group(const Scan *scan, guint group)
{
    memset(scan->n_in_group, 0, sizeof *scan->n_in_group * scan->guests->n_guests);
    for (guint i = 0; i < scan->layout->vcpus->len; i++) {
        const HvLayoutVcpu *vcpu = scan->layout->vcpus->pdata[i];

        if (vcpu->group == group)
            scan->n_in_group[vcpu->guest]++;
    }
}

static void
read_mons(const Scan *scan, guint group)
{
    const HvLayoutGroup *in = scan->layout->groups->pdata[group];
    g_autofree char *directory = g_strconcat(HV_RESCTRL_DIR "/", in->path, "mon_groups", NULL);
    g_auto(GStrv) names = hv_host_list(scan->host, directory, NULL);

    for (guint i = 0; names && names[i]; i++) {
        HvLayoutMon *mon = add_mon(scan, group, names[i]);
        g_autofree char *text = read_counted(scan, mon->path, "tasks");
        Tasks tasks;

        if (!text)
            continue;
        place_threads(scan, text, group, (int)scan->layout->mons->len - 1, &tasks);
        set_vm(scan, mon, &tasks);
    }
}

static void
find_vm(const Scan *scan, HvLayoutGroup *group, int domain_id)
{
    for (guint i = 0; domain_id >= 0 && i < scan->guests->n_guests; i++) {
        const HvGuest *guest = scan->guests->guests[i];

        if (guest->domain_id == domain_id) {
            group->vm = g_strdup(guest->name);
            return;
        }
    }
}

/* @directory: "" for the default group. Monitoring groups are read when all threads are placed
 * in control groups. */
static void
read_group(const Scan *scan, const char *directory)
{
    HvLayoutGroup *group = g_new0(HvLayoutGroup, 1);
    const guint index = scan->layout->groups->len;
    g_autofree char *text = NULL;
    Tasks tasks = { .guest = -1 };
    int domain_id = -1;

    group->name = !*directory                         ? g_strdup("default")
                  : strcmp(directory, "default") == 0 ? g_strdup("default/")
                                                      : g_strdup(directory);
    group->path = *directory ? g_strconcat(directory, "/", NULL) : g_strdup("");
    group->owner = *directory ? hv_resctrl_owner(directory, &domain_id) : HV_RESCTRL_DEFAULT;
    find_vm(scan, group, domain_id);
    hv_resctrl_layout_add_group(scan->layout, group);
    add_to_digest(scan->layout, directory);
    group->mode = read_counted(scan, group->path, "mode");
    group->cpus = read_counted(scan, group->path, "cpus_list");
    read_shares(scan, group);
    text = *directory ? read_counted(scan, group->path, "tasks")
                      : read_file(scan, group->path, "tasks", MAX_TASKS_BYTES);
    group->has_tasks = text != NULL;
    group->n_tasks = text ? count_lines(text) : 0;
    if (text && *directory)
        place_threads(scan, text, index, -1, &tasks);
    g_array_append_val(scan->tasks, tasks);
}

/* A control group that only one guest's threads are in counts that guest. */
static void
add_sum(const Scan *scan, guint group)
{
    HvLayoutMon *mon = add_mon(scan, group, "");

    count_in_group(scan, group);
    set_vm(scan, mon, &g_array_index(scan->tasks, Tasks, group));
}

static void
read_groups(const Scan *scan)
{
    g_auto(GStrv) names = hv_host_list(scan->host, HV_RESCTRL_DIR, NULL);

    read_group(scan, "");
    for (guint i = 0; names && names[i]; i++) {
        g_autofree char *tasks = g_strconcat(HV_RESCTRL_DIR "/", names[i], "/tasks", NULL);

        if (hv_host_exists(scan->host, tasks))
            read_group(scan, names[i]);
    }
    for (guint i = 0; i < scan->layout->groups->len; i++) {
        add_sum(scan, i);
        read_mons(scan, i);
    }
}

/* ---- caches ---- */

static int
compare_llcs(gconstpointer a, gconstpointer b)
{
    const HvLayoutLlc *left = a, *right = b;

    return left->domain < right->domain ? -1 : left->domain > right->domain;
}

/* The domains that are counted; with sub-NUMA clusters their parts are in mon_sub_L3_… below,
 * and the sum is what counts here. */
static void
read_llcs(const Scan *scan)
{
    g_auto(GStrv) names = hv_host_list(scan->host, HV_RESCTRL_DIR "/mon_data", NULL);

    for (guint i = 0; names && names[i]; i++) {
        HvLayoutLlc llc = { 0 };
        guint64 domain;

        add_to_digest(scan->layout, names[i]);
        if (!g_str_has_prefix(names[i], "mon_L3_") ||
            !hv_parse_u64(names[i] + strlen("mon_L3_"), HV_SET_MAX, &domain, NULL))
            continue;
        llc.domain = (guint)domain;
        llc.size_bytes = hv_resctrl_layout_cache_bytes(scan->layout, llc.domain);
        g_array_append_val(scan->layout->llcs, llc);
    }
    g_array_sort(scan->layout->llcs, compare_llcs);
}

static void
read_all(HvHost *host, const HvGuestList *guests, char *const *resources,
         HvResctrlLayout *layout)
{
    const Scan scan = {
        .host = host,
        .guests = guests,
        .layout = layout,
        .threads = g_hash_table_new_full(NULL, NULL, NULL, g_free),
        .n_in_group = g_new0(guint, guests->n_guests + 1),
        .tasks = g_array_new(FALSE, FALSE, sizeof(Tasks)),
    };

    read_mount(&scan);
    for (guint i = 0; resources[i]; i++) {
        if (strcmp(resources[i], "last_cmd_status") != 0)
            read_info(&scan, resources[i]);
    }
    index_threads(&scan);
    read_groups(&scan);
    read_llcs(&scan);
    g_hash_table_unref(scan.threads);
    g_free(scan.n_in_group);
    g_array_unref(scan.tasks);
}

HvResctrlLayout *
hv_resctrl_layout_read(HvHost *host, const HvGuestList *guests, GError **error)
{
    g_autoptr(GError) failed = NULL;
    g_auto(GStrv) resources = hv_host_list(host, HV_RESCTRL_DIR "/info", &failed);
    HvResctrlLayout *layout;

    if (!resources) {
        const char *cure;

        if (g_error_matches(failed, HV_ERROR, HV_ERROR_ABSENT))
            hv_resctrl_why_absent(host, &cure, error);
        else
            g_propagate_error(error, g_steal_pointer(&failed));
        return NULL;
    }
    layout = hv_resctrl_layout_new();
    read_all(host, guests, resources, layout);
    return layout;
}
