/* What resctrl holds at one look: its parts, their counts, and what follows from them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/resctrl-layout.h"

#include <string.h>

#include "host/monitoring.h"
#include "host/parse.h"
#include "model/i18n.h"

#define FNV_START G_GUINT64_CONSTANT(14695981039346656037)

const char *const hv_mon_event_files[HV_EVENT_N] = {
    [HV_EVENT_OCCUPANCY] = "llc_occupancy",
    [HV_EVENT_TOTAL] = "mbm_total_bytes",
    [HV_EVENT_LOCAL] = "mbm_local_bytes",
};

/* ---- making and freeing ---- */

static void
free_info(gpointer data)
{
    HvLayoutInfo *info = data;

    g_free(info->resource);
    for (guint i = 0; i < HV_INFO_N_FILES; i++)
        g_free(info->text[i]);
    g_free(info);
}

static void
clear_share(gpointer data)
{
    HvLayoutShare *share = data;

    g_free(share->resource);
    g_free(share->value);
}

static void
free_group(gpointer data)
{
    HvLayoutGroup *group = data;

    g_free(group->name);
    g_free(group->path);
    g_free(group->vm);
    g_free(group->mode);
    g_free(group->cpus);
    g_array_unref(group->shares);
    g_free(group->shares_why);
    g_free(group);
}

static void
free_mon(gpointer data)
{
    HvLayoutMon *mon = data;

    g_free(mon->name);
    g_free(mon->path);
    g_free(mon->vm);
    g_free(mon);
}

static void
free_vcpu(gpointer data)
{
    HvLayoutVcpu *vcpu = data;

    g_free(vcpu->vm);
    g_free(vcpu);
}

HvResctrlLayout *
hv_resctrl_layout_new(void)
{
    HvResctrlLayout *layout = g_new0(HvResctrlLayout, 1);

    g_atomic_ref_count_init(&layout->refs);
    layout->digest = FNV_START;
    layout->infos = g_ptr_array_new_with_free_func(free_info);
    layout->groups = g_ptr_array_new_with_free_func(free_group);
    layout->mons = g_ptr_array_new_with_free_func(free_mon);
    layout->vcpus = g_ptr_array_new_with_free_func(free_vcpu);
    layout->llcs = g_array_new(FALSE, FALSE, sizeof(HvLayoutLlc));
    return layout;
}

void
hv_resctrl_layout_add_group(HvResctrlLayout *layout, HvLayoutGroup *take_group)
{
    take_group->shares = g_array_new(FALSE, FALSE, sizeof(HvLayoutShare));
    g_array_set_clear_func(take_group->shares, clear_share);
    g_ptr_array_add(layout->groups, take_group);
}

HvResctrlLayout *
hv_resctrl_layout_ref(HvResctrlLayout *layout)
{
    if (layout)
        g_atomic_ref_count_inc(&layout->refs);
    return layout;
}

void
hv_resctrl_layout_unref(HvResctrlLayout *layout)
{
    if (!layout || !g_atomic_ref_count_dec(&layout->refs))
        return;
    g_free(layout->mount);
    g_free(layout->options);
    g_ptr_array_unref(layout->infos);
    g_ptr_array_unref(layout->groups);
    g_ptr_array_unref(layout->mons);
    g_ptr_array_unref(layout->vcpus);
    g_array_unref(layout->llcs);
    g_free(layout);
}

guint
hv_resctrl_layout_add_gone(HvResctrlLayout *layout, guint group, const char *name,
                           const char *vm)
{
    const HvLayoutGroup *in = layout->groups->pdata[group];
    HvLayoutMon *mon = g_new0(HvLayoutMon, 1);

    mon->group = group;
    mon->name = g_strdup(name);
    mon->path = g_strconcat(in->path, "mon_groups/", name, "/", NULL);
    mon->vm = g_strdup(vm);
    mon->is_ours = mon->is_gone = TRUE;
    g_ptr_array_add(layout->mons, mon);
    return layout->mons->len - 1;
}

/* Indices of what counts each VM, by the VM's name. (transfer full) */
static GHashTable *
index_by_vm(const HvResctrlLayout *layout)
{
    GHashTable *by_vm =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_array_unref);

    for (guint i = 0; i < layout->mons->len; i++) {
        const HvLayoutMon *mon = layout->mons->pdata[i];
        GArray *indices = mon->vm ? g_hash_table_lookup(by_vm, mon->vm) : NULL;

        if (!mon->vm)
            continue;
        if (!indices) {
            indices = g_array_new(FALSE, FALSE, sizeof(guint));
            g_hash_table_insert(by_vm, mon->vm, indices);
        }
        g_array_append_val(indices, i);
    }
    return by_vm;
}

/* A group's own sum, or our group whose turn is over, counts only who is in no other. */
static int
find_counter(const HvResctrlLayout *layout, const HvLayoutVcpu *vcpu, const GArray *indices)
{
    int found = -1;

    for (guint i = 0; indices && i < indices->len; i++) {
        const guint index = g_array_index(indices, guint, i);
        const HvLayoutMon *mon = layout->mons->pdata[index];

        if (mon->group != vcpu->group)
            continue;
        if (vcpu->mon == (int)index)
            return (int)index;
        if (!*mon->name || (mon->is_gone && vcpu->mon < 0))
            found = (int)index;
    }
    return found;
}

void
hv_resctrl_layout_settle(HvResctrlLayout *layout)
{
    g_autoptr(GHashTable) by_vm = index_by_vm(layout);

    for (guint i = 0; i < layout->vcpus->len; i++) {
        HvLayoutVcpu *vcpu = layout->vcpus->pdata[i];

        vcpu->counted = find_counter(layout, vcpu, g_hash_table_lookup(by_vm, vcpu->vm));
    }
}

/* ---- info ---- */

static gboolean
read_info(const HvLayoutInfo *info, HvInfoFile file, guint64 *value)
{
    if (!info->text[file])
        return FALSE;
    if (file == HV_INFO_NUM_COUNTERS || file == HV_INFO_FREE_COUNTERS)
        return hv_resctrl_least(info->text[file], value, NULL);
    return hv_parse_u64(info->text[file], G_MAXUINT64, value, NULL);
}

gboolean
hv_resctrl_layout_info(const HvResctrlLayout *layout, const char *resource, HvInfoFile file,
                       guint64 *value)
{
    gboolean is_found = FALSE;

    for (guint i = 0; i < layout->infos->len; i++) {
        const HvLayoutInfo *info = layout->infos->pdata[i];
        guint64 number;

        if ((resource && strcmp(info->resource, resource) != 0) ||
            !read_info(info, file, &number))
            continue;
        *value = is_found ? MIN(*value, number) : number;
        is_found = TRUE;
    }
    return is_found;
}

static const HvLayoutInfo *
find_info(const HvResctrlLayout *layout, const char *resource)
{
    for (guint i = 0; i < layout->infos->len; i++) {
        const HvLayoutInfo *info = layout->infos->pdata[i];

        if (strcmp(info->resource, resource) == 0)
            return info;
    }
    return NULL;
}

gboolean
hv_resctrl_layout_counters(const HvResctrlLayout *layout, guint64 *all, guint64 *left)
{
    const HvLayoutInfo *info = find_info(layout, "L3_MON");

    return info && info->text[HV_INFO_ASSIGN_MODE] &&
           strcmp(info->text[HV_INFO_ASSIGN_MODE], "mbm_event") == 0 &&
           read_info(info, HV_INFO_NUM_COUNTERS, all) &&
           read_info(info, HV_INFO_FREE_COUNTERS, left);
}

/* With mba_MBps a limit that is none reads 4294967295; AMD's smallest limit is 0, Intel's never
 * is. */
const char *
hv_resctrl_layout_mb_unit(const HvResctrlLayout *layout)
{
    const HvLayoutGroup *group = layout->groups->len > 0 ? layout->groups->pdata[0] : NULL;
    guint64 least = 0, limit = 0;
    gboolean has_limit = FALSE;

    for (guint i = 0; group && i < group->shares->len; i++) {
        const HvLayoutShare *share = &g_array_index(group->shares, HvLayoutShare, i);

        if (strcmp(share->resource, "MB") != 0 || !share->has_number)
            continue;
        limit = MAX(limit, share->number);
        has_limit = TRUE;
    }
    if (!has_limit && !find_info(layout, "MB"))
        return NULL;
    if (hv_resctrl_has_option(layout->options, "mba_MBps") || limit == G_MAXUINT32)
        return "MB/s";
    if (hv_resctrl_layout_info(layout, "MB", HV_INFO_MIN_BANDWIDTH, &least) ? least == 0
                                                                            : limit > 100)
        return "1/8 GB/s";
    return "percent";
}

/* ---- the size of a cache ---- */

static guint
count_bits(guint64 mask)
{
    guint n = 0;

    for (; mask; mask &= mask - 1)
        n++;
    return n;
}

guint
hv_resctrl_layout_n_ways(const HvResctrlLayout *layout, const char *resource)
{
    const HvLayoutInfo *info = find_info(layout, resource);
    guint64 mask;

    return info && info->text[HV_INFO_CBM_MASK] &&
                   hv_parse_hex(info->text[HV_INFO_CBM_MASK], G_MAXUINT64, &mask, NULL)
               ? count_bits(mask)
               : 0;
}

/* 0 where this share does not tell. */
static guint64
whole_cache(const HvResctrlLayout *layout, const HvLayoutShare *share)
{
    const guint n_own = share->is_cache && share->has_size ? count_bits(share->number) : 0;

    return n_own > 0
               ? share->size_bytes / n_own * hv_resctrl_layout_n_ways(layout, share->resource)
               : 0;
}

guint64
hv_resctrl_layout_cache_bytes(const HvResctrlLayout *layout, guint domain)
{
    guint64 whole = 0;

    for (guint i = 0; i < layout->groups->len; i++) {
        const HvLayoutGroup *group = layout->groups->pdata[i];

        for (guint j = 0; j < group->shares->len; j++) {
            const HvLayoutShare *share = &g_array_index(group->shares, HvLayoutShare, j);

            if (share->domain == domain && g_str_has_prefix(share->resource, "L3"))
                whole = MAX(whole, whole_cache(layout, share));
        }
    }
    return whole;
}

/* ---- why it is not there ---- */

static gboolean
has_word(const char *text, const char *word)
{
    const gsize length = strlen(word);

    for (const char *at = text; at && (at = strstr(at, word)); at += length) {
        if ((at == text || g_ascii_isspace(at[-1])) &&
            (at[length] == '\0' || g_ascii_isspace(at[length])))
            return TRUE;
    }
    return FALSE;
}

/* The first processor's flags, cut out of @cpuinfo; NULL: not x86, or not there. */
static char *
read_flags(HvHost *host)
{
    g_autofree char *cpuinfo = hv_host_read_text(host, "proc/cpuinfo", 32 << 20, NULL);
    const char *flags = cpuinfo ? strstr(cpuinfo, "\nflags") : NULL;

    return flags ? g_strndup(flags + 1, strcspn(flags + 1, "\n")) : NULL;
}

static gboolean
cpu_can(HvHost *host, gboolean *is_known)
{
    static const char *const signs[] = { "rdt_a", "cat_l3", "cat_l2", "cqm", "cqm_llc", "mba" };
    g_autofree char *flags = read_flags(host);

    *is_known = flags != NULL;
    for (guint i = 0; flags && i < G_N_ELEMENTS(signs); i++) {
        if (has_word(flags, signs[i]))
            return TRUE;
    }
    return FALSE;
}

void
hv_resctrl_why_absent(HvHost *host, const char **cure, GError **error)
{
    g_autofree char *filesystems = hv_host_read_text(host, "proc/filesystems", 65536, NULL);
    gboolean is_known;
    const char *why;

    *cure = NULL;
    if (filesystems && has_word(filesystems, "resctrl")) {
        why = N_("resctrl is not mounted");
        *cure = N_("mount -t resctrl resctrl /sys/fs/resctrl");
    } else if (cpu_can(host, &is_known)) {
        why = N_("the cpu has RDT or QoS, but this kernel offers no resctrl");
        *cure = N_("boot a kernel with CONFIG_X86_CPU_RESCTRL, without rdt=! on its command "
                   "line");
    } else if (is_known) {
        why = N_("this cpu has neither RDT nor QoS monitoring or allocation");
    } else {
        why = N_("there is no resctrl here");
    }
    g_set_error_literal(error, HV_ERROR, HV_ERROR_ABSENT, why);
}
