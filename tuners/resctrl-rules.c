/* What resctrl takes: masks of a cache's ways, and limits of bandwidth. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tuners/resctrl-rules.h"

#include <string.h>

#include "host/parse.h"
#include "model/i18n.h"
#include "model/plan.h"
#include "model/text.h"

#define FULL_PERCENT 100
#define CPUINFO_BYTES 2048 /* the vendor stands in the first lines */
#define SHOWN_CHARS 60
/* AMD's largest limit is a power of two from here on, and means none. */
#define LEAST_UNLIMITED 2048

guint
hv_rules_count(guint64 mask)
{
    return (guint)__builtin_popcountll(mask);
}

const char *
hv_rules_peer(const char *resource)
{
    static const char *const pairs[][2] = { { "L3CODE", "L3DATA" }, { "L2CODE", "L2DATA" } };

    for (guint i = 0; i < G_N_ELEMENTS(pairs); i++)
        for (guint j = 0; j < 2; j++)
            if (strcmp(resource, pairs[i][j]) == 0)
                return pairs[i][1 - j];
    return NULL;
}

/* ---- what this host has ---- */

/* "L3, MB": what is allocated here. */
static char *
allocated(HvHost *host)
{
    g_auto(GStrv) infos = hv_host_list(host, HV_RESCTRL_DIR "/info", NULL);
    GString *names = g_string_new(NULL);

    for (guint i = 0; infos && infos[i]; i++) {
        guint64 n;

        if (hv_control_info(host, infos[i], "num_closids", FALSE, &n))
            g_string_append_printf(names, "%s%s", names->len ? ", " : "", infos[i]);
    }
    return g_string_free(names, FALSE);
}

static gboolean
no_such_resource(HvHost *host, const char *resource, GError **error)
{
    const char level = resource[0] == 'L' ? resource[1] : '3';
    const gboolean is_part = hv_rules_peer(resource) != NULL;
    g_autofree char *whole = g_strdup_printf("info/L%c", level);
    g_autofree char *code = g_strdup_printf("info/L%cCODE", level);
    g_autofree char *whole_path = g_strconcat(HV_RESCTRL_DIR "/", whole, "/cbm_mask", NULL);
    g_autofree char *code_path = g_strconcat(HV_RESCTRL_DIR "/", code, "/cbm_mask", NULL);
    g_autofree char *names = allocated(host);

    if (!hv_control_mounted(host, error))
        return FALSE;
    if (resource[0] == 'L' && !is_part && hv_host_exists(host, code_path))
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT,
                    _("resctrl is mounted with cdp: code and data have masks of their own: "
                      "say l%ccode or l%cdata"),
                    level, level);
    else if (is_part && hv_host_exists(host, whole_path))
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT,
                    _("resctrl is not mounted with cdp: code and data have one mask: say l%c"),
                    level);
    else
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT,
                    _("this host does not allocate %s (it does: %s)"), resource,
                    *names ? names : "-");
    return FALSE;
}

/* Kernels without the file sparse_masks want one piece, but for AMD's. */
static gboolean
is_amd(HvHost *host)
{
    char text[CPUINFO_BYTES];
    g_autoptr(HvFile) file = hv_file_open(host, "proc/cpuinfo", NULL);

    return file && hv_file_read(file, text, sizeof text, NULL) > 0 &&
           (strstr(text, "AuthenticAMD") || strstr(text, "HygonGenuine"));
}

gboolean
hv_rules_of_ways(HvHost *host, const char *resource, HvWayRules *rules, GError **error)
{
    guint64 number;

    *rules = (HvWayRules){ .min_bits = 1 };
    if (!hv_control_info(host, resource, "cbm_mask", TRUE, &rules->full))
        return no_such_resource(host, resource, error);
    rules->n_ways = hv_rules_count(rules->full);
    if (hv_control_info(host, resource, "min_cbm_bits", FALSE, &number))
        rules->min_bits = (guint)MIN(number, 64);
    if (!hv_control_info(host, resource, "shareable_bits", TRUE, &rules->hardware))
        rules->hardware = 0;
    if (hv_control_info(host, resource, "sparse_masks", FALSE, &number))
        rules->sparse = number != 0;
    else
        rules->sparse = rules->min_bits == 0 || is_amd(host);
    return TRUE;
}

/* ---- masks ---- */

static gboolean
is_one_run(guint64 mask)
{
    const guint64 lowest = mask & -mask;

    return ((mask + lowest) & mask) == 0;
}

gboolean
hv_rules_check_mask(const HvWayRules *rules, const char *resource, guint64 mask, GError **error)
{
    if (mask & ~rules->full)
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                    _("mask %" G_GINT64_MODIFIER "x is out of range: %s has %u ways "
                      "(cbm_mask %" G_GINT64_MODIFIER "x)"),
                    mask, resource, rules->n_ways, rules->full);
    else if (hv_rules_count(mask) < rules->min_bits)
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                    _("mask %" G_GINT64_MODIFIER "x has too few ways: %s needs at least %u "
                      "(min_cbm_bits)"),
                    mask, resource, rules->min_bits);
    else if (!rules->sparse && !is_one_run(mask))
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                    _("mask %" G_GINT64_MODIFIER
                      "x has holes: on this cpu the ways of %s stand "
                      "together"),
                    mask, resource);
    else
        return TRUE;
    return FALSE;
}

/* What @group will have of @resource once @plan is made; 0 where that is nothing. */
static guint64
mask_after(const HvControlGroup *group, const char *resource, guint domain, const HvPlan *plan)
{
    const HvControlShare *share = hv_control_share(group, resource, domain);
    g_autofree char *word = g_ascii_strdown(resource, -1);
    g_autofree char *number = g_strdup_printf("%u", domain);
    g_autofree char *knob = hv_knob_path("resctrl", group->name, word, number, NULL);
    const HvValue *expected = plan ? hv_plan_expected(plan, knob) : NULL;

    if (expected)
        return expected->number;
    return share ? share->number : 0;
}

static guint64
both_after(const HvControlGroup *group, const char *resource, guint domain, const HvPlan *plan)
{
    const char *peer = hv_rules_peer(resource);

    return mask_after(group, resource, domain, plan) |
           (peer ? mask_after(group, peer, domain, plan) : 0);
}

static gboolean
is_mode(const HvControlGroup *group, const char *mode)
{
    return g_strcmp0(group->mode, mode) == 0;
}

static const HvControlGroup *
find_group(const GPtrArray *groups, const char *name)
{
    for (guint i = 0; i < groups->len; i++) {
        const HvControlGroup *group = groups->pdata[i];

        if (strcmp(group->name, name) == 0)
            return group;
    }
    return NULL;
}

static gboolean
refuse_overlap(guint64 common, const char *other, const char *what, GError **error)
{
    g_autofree char *shown = hv_text_printable(other, SHOWN_CHARS);

    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                _("ways %" G_GINT64_MODIFIER "x belong to group %s too, %s"), common, shown,
                what);
    return FALSE;
}

gboolean
hv_rules_check_overlap(HvHost *host, const HvWayRules *rules, const char *group,
                       const char *resource, guint domain, guint64 mask, const HvPlan *plan,
                       GError **error)
{
    g_autoptr(GPtrArray) groups = hv_control_read_all(host, error);
    const HvControlGroup *own = groups ? find_group(groups, group) : NULL;
    const gboolean is_exclusive = own && is_mode(own, "exclusive");

    if (!groups)
        return FALSE;
    if (is_exclusive && (mask & rules->hardware)) {
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                    _("the group is exclusive, and devices fill ways %" G_GINT64_MODIFIER "x"),
                    mask & rules->hardware);
        return FALSE;
    }
    for (guint i = 0; i < groups->len; i++) {
        const HvControlGroup *other = groups->pdata[i];
        const guint64 common = mask & both_after(other, resource, domain, plan);

        if (other == own || common == 0 || !hv_control_will_be(host, other->name, plan))
            continue;
        if (hv_control_is_locked(other))
            return refuse_overlap(common, other->name, _("which holds a locked region"), error);
        if (is_mode(other, "exclusive"))
            return refuse_overlap(common, other->name, _("which is exclusive"), error);
        if (is_exclusive)
            return refuse_overlap(common, other->name, _("and this group is exclusive"), error);
    }
    return TRUE;
}

/* ---- choosing ---- */

static int
lowest(guint64 mask)
{
    return mask ? __builtin_ctzll(mask) : 0;
}

static int
highest(guint64 mask)
{
    return mask ? 63 - __builtin_clzll(mask) : -1;
}

/* How little it suits: an edge kept comes first, then ways that devices do not fill, then to be
 * near. */
static guint
cost_of(const HvWayRules *rules, guint64 present, guint64 mask)
{
    const gboolean keeps_edge =
        present && (lowest(mask) == lowest(present) || highest(mask) == highest(present));
    const guint far = (guint)ABS(lowest(mask) - lowest(present));

    return (keeps_edge ? 0 : 1u << 16) + (hv_rules_count(mask & rules->hardware) << 8) + far;
}

guint64
hv_rules_choose(const HvWayRules *rules, guint64 present, guint n)
{
    const guint64 run = n >= 64 ? G_MAXUINT64 : (G_GUINT64_CONSTANT(1) << n) - 1;
    guint64 best = 0;

    for (guint at = 0; at + n <= rules->n_ways; at++) {
        const guint64 mask = run << at;

        if (best == 0 || cost_of(rules, present, mask) < cost_of(rules, present, best))
            best = mask;
    }
    return best;
}

/* ---- a new group ---- */

static guint64
first_run(guint64 mask)
{
    const guint64 low = mask & -mask;

    return mask & ~(mask + low);
}

static gboolean
first_mask(HvHost *host, const GPtrArray *groups, const char *group, const char *resource,
           guint domain, guint64 *value)
{
    HvWayRules rules;
    guint64 used, shared;

    if (!hv_rules_of_ways(host, resource, &rules, NULL))
        return FALSE;
    used = shared = rules.hardware;
    for (guint i = 0; i < groups->len; i++) {
        const HvControlGroup *other = groups->pdata[i];
        const guint64 mask = both_after(other, resource, domain, NULL);

        if (strcmp(other->name, group) == 0)
            continue;
        used |= mask;
        if (!other->mode || is_mode(other, "shareable"))
            shared |= mask;
    }
    *value = first_run(shared | (rules.full & ~used));
    return TRUE;
}

/* The largest that any group has, of all domains. */
static guint64
largest_limit(const GPtrArray *groups, const char *resource)
{
    guint64 most = 0;

    for (guint i = 0; i < groups->len; i++) {
        const GArray *shares = ((const HvControlGroup *)groups->pdata[i])->shares;

        for (guint j = 0; j < shares->len; j++) {
            const HvControlShare *share = &g_array_index(shares, HvControlShare, j);

            if (strcmp(share->resource, resource) == 0)
                most = MAX(most, share->number);
        }
    }
    return most;
}

gboolean
hv_rules_first(HvHost *host, const char *group, const char *resource, guint domain,
               guint64 *value)
{
    g_autoptr(GPtrArray) groups = hv_control_read_all(host, NULL);
    HvMbRules rules;

    if (!groups || !hv_control_share(groups->pdata[0], resource, domain))
        return FALSE;
    if (hv_resctrl_is_cache(resource))
        return first_mask(host, groups, group, resource, domain, value);
    if (!hv_rules_of_bandwidth(host, resource, &rules, NULL))
        return FALSE;
    *value = rules.unit == HV_MB_MBPS ? G_MAXUINT32
             : rules.most             ? rules.most
                                      : largest_limit(groups, resource);
    return TRUE;
}

/* ---- bandwidth ---- */

const char *
hv_rules_mb_unit(HvMbUnit unit)
{
    static const char *const names[] = {
        [HV_MB_PERCENT] = "percent", [HV_MB_MBPS] = "MB/s", [HV_MB_EIGHTHS] = "1/8 GB/s"
    };

    return names[unit];
}

static gboolean
has_mbps(HvHost *host)
{
    g_autofree char *mounts = hv_host_read_text(host, "proc/mounts", 0, NULL);
    const char *mount, *options;

    return mounts && hv_resctrl_mount_parse(mounts, &mount, &options) &&
           hv_resctrl_has_option(options, "mba_MBps");
}

/* With mba_MBps a limit that is none reads 4294967295; AMD's smallest limit is 0, Intel's never
 * is. */
gboolean
hv_rules_of_bandwidth(HvHost *host, const char *resource, HvMbRules *rules, GError **error)
{
    g_autoptr(GPtrArray) groups = hv_control_read_all(host, error);
    guint64 least, most;

    *rules = (HvMbRules){ .unit = HV_MB_PERCENT };
    if (!groups)
        return FALSE;
    if (!hv_control_info(host, resource, "min_bandwidth", FALSE, &least))
        return no_such_resource(host, resource, error);
    if (!hv_control_info(host, resource, "bandwidth_gran", FALSE, &rules->step))
        rules->step = 1;
    rules->least = least;
    most = largest_limit(groups, resource);
    if (has_mbps(host) || most == G_MAXUINT32) {
        rules->unit = HV_MB_MBPS;
        rules->least = 0;
        rules->most = G_MAXUINT32;
    } else if (least == 0) {
        rules->unit = HV_MB_EIGHTHS;
        rules->most = most >= LEAST_UNLIMITED && (most & (most - 1)) == 0 ? most : 0;
    } else {
        rules->most = FULL_PERCENT;
    }
    return TRUE;
}
