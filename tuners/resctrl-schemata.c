/* What a control group has of each cache, and of memory bandwidth. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "host/parse.h"
#include "model/i18n.h"
#include "model/plan.h"
#include "model/text.h"
#include "tuners/resctrl-rules.h"

#define MAX_DOMAIN 1048575
#define MAX_NAMED 16
#define SHOWN_CHARS 60
#define MEASURE_NS G_GINT64_CONSTANT(100000000)
/* Where a cache has more ways, the host itself and all that is in no group keep two. */
#define FEW_WAYS 4
#define LEAST_OF_DEFAULT 2

#define MASK_FAMILY(word, text)                                                                \
    {                                                                                          \
        .path = "resctrl/*/" word "/*", .type = HV_TYPE_MASK, .help = text,                    \
        .risk = N_("a mask holds back fills only: old lines stay until others fill the ways"), \
        .undo = HV_UNDO_EXACT                                                                  \
    }
#define LIMIT_FAMILY(word, text)                                                               \
    {                                                                                          \
        .path = "resctrl/*/" word "/*", .type = HV_TYPE_U64, .help = text,                     \
        .risk = N_("what it limits waits longer for memory"), .undo = HV_UNDO_EXACT            \
    }

static const HvKnobFamily knobs[] = {
    MASK_FAMILY("l3", N_("ways of an L3 that the group may fill: mask, 8w, 75% or 24M")),
    MASK_FAMILY("l3code", N_("ways of an L3 that the group's code may fill, with cdp")),
    MASK_FAMILY("l3data", N_("ways of an L3 that the group's data may fill, with cdp")),
    MASK_FAMILY("l2", N_("ways of an L2 that the group may fill: mask, 8w, 75% or 1M")),
    MASK_FAMILY("l2code", N_("ways of an L2 that the group's code may fill, with cdpl2")),
    MASK_FAMILY("l2data", N_("ways of an L2 that the group's data may fill, with cdpl2")),
    LIMIT_FAMILY("mb", N_("limit of the group's memory bandwidth, in the kernel's unit: "
                          "percent, MB/s or 1/8 GB/s")),
    LIMIT_FAMILY("smba", N_("limit of the group's bandwidth to slow memory, in 1/8 GB/s")),
    { 0 },
};

/* What a knob is about. */
typedef struct {
    const char *group;
    char resource[8]; /* "L3CODE" */
    guint domain;
    gboolean is_cache;
} Target;

static void
name_resource(Target *target, const char *word)
{
    g_strlcpy(target->resource, word, sizeof target->resource);
    for (char *at = target->resource; *at; at++)
        *at = g_ascii_toupper(*at);
    target->is_cache = hv_resctrl_is_cache(target->resource);
}

/* The domains of the resource, from the default group, that has all: "0, 1". */
static gboolean
no_such_domain(HvHost *host, const HvKnob *knob, const Target *target, GError **error)
{
    g_autoptr(HvControlGroup) all =
        hv_control_read(host, HV_CONTROL_DEFAULT, knob->path, error);
    g_autoptr(GString) shown = g_string_new(NULL);
    guint n = 0;

    if (!all)
        return FALSE;
    for (guint i = 0; i < all->shares->len; i++) {
        const HvControlShare *share = &g_array_index(all->shares, HvControlShare, i);

        if (strcmp(share->resource, target->resource) == 0 && n++ < MAX_NAMED)
            g_string_append_printf(shown, "%s%u", shown->len ? ", " : "", share->domain);
    }
    g_set_error(error, HV_ERROR, HV_ERROR_ABSENT,
                _("%s: no such domain of %s, or it is offline (there are: %s%s)"), knob->path,
                target->resource, *shown->str ? shown->str : "-", n > MAX_NAMED ? ", …" : "");
    return FALSE;
}

static gboolean
check_resource(HvHost *host, const HvKnob *knob, const Target *target, GError **error)
{
    HvWayRules ways;
    HvMbRules limits;
    const gboolean good = target->is_cache
                              ? hv_rules_of_ways(host, target->resource, &ways, error)
                              : hv_rules_of_bandwidth(host, target->resource, &limits, error);

    if (!good)
        g_prefix_error(error, "%s: ", knob->path);
    return good;
}

static gboolean
find(HvHost *host, const HvKnob *knob, Target *target, GError **error)
{
    guint64 domain;

    target->group = knob->segments[1];
    name_resource(target, knob->segments[2]);
    if (!check_resource(host, knob, target, error))
        return FALSE;
    if (!hv_parse_u64(knob->segments[3], MAX_DOMAIN, &domain, NULL) ||
        (knob->segments[3][0] == '0' && knob->segments[3][1]))
        return no_such_domain(host, knob, target, error);
    target->domain = (guint)domain;
    return TRUE;
}

/* ---- list and read ---- */

static gboolean
list_knobs(HvHost *host, const HvKnobFamily *family, GPtrArray *paths,
           GError **error G_GNUC_UNUSED)
{
    g_auto(GStrv) parts = g_strsplit(family->path, "/", -1);
    g_autoptr(GPtrArray) groups = hv_control_read_all(host, NULL); /* none without resctrl */

    for (guint i = 0; groups && i < groups->len; i++) {
        const HvControlGroup *group = groups->pdata[i];

        for (guint j = 0; j < group->shares->len; j++) {
            const HvControlShare *share = &g_array_index(group->shares, HvControlShare, j);
            g_autofree char *number = g_strdup_printf("%u", share->domain);

            if (g_ascii_strcasecmp(share->resource, parts[2]) == 0)
                g_ptr_array_add(paths,
                                hv_knob_path("resctrl", group->name, parts[2], number, NULL));
        }
    }
    return TRUE;
}

static gboolean
read_knob(HvHost *host, const HvKnob *knob, HvValue *value, GError **error)
{
    Target target;
    g_autoptr(HvControlGroup) group = NULL;
    const HvControlShare *share;

    if (!find(host, knob, &target, error))
        return FALSE;
    group = hv_control_read(host, target.group, knob->path, error);
    if (!group)
        return FALSE;
    share = hv_control_share(group, target.resource, target.domain);
    if (!share)
        return no_such_domain(host, knob, &target, error);
    hv_value_set_number(value, knob->family->type, share->number);
    return TRUE;
}

static gboolean
expect(HvHost *host, const HvKnob *knob, const HvPlan *plan, HvValue *value, GError **error)
{
    Target target;
    guint64 first;

    if (!find(host, knob, &target, error))
        return FALSE;
    if (!hv_control_will_be(host, target.group, plan) ||
        !hv_rules_first(host, target.group, target.resource, target.domain, &first))
        return no_such_domain(host, knob, &target, error);
    hv_value_set_number(value, knob->family->type, first);
    return TRUE;
}

/* ---- what is wished ---- */

/* A number before one letter: "8w", "75%". */
static gboolean
number_before(const char *text, char letter, guint64 max, guint64 *number)
{
    const gsize length = strlen(text);
    g_autofree char *digits = NULL;

    if (length < 2 || text[length - 1] != letter)
        return FALSE;
    digits = g_strndup(text, length - 1);
    return hv_parse_u64(digits, max, number, NULL);
}

/* From the size that any group has of some of its ways; 0: not told. */
static guint64
bytes_per_way(HvHost *host, const Target *target)
{
    g_autoptr(GPtrArray) groups = hv_control_read_all(host, NULL);

    for (guint i = 0; groups && i < groups->len; i++) {
        const HvControlShare *share =
            hv_control_share(groups->pdata[i], target->resource, target->domain);

        if (share && share->number && share->size_bytes)
            return share->size_bytes / hv_rules_count(share->number);
    }
    return 0;
}

/* How many ways @text asks for; FALSE: none, it is a mask. */
static gboolean
asks_for_ways(HvHost *host, const Target *target, const HvWayRules *rules, const char *text,
              guint64 *n)
{
    const gsize length = strlen(text);
    const char last = length > 1 ? text[length - 1] : '\0';
    g_auto(HvValue) size = { 0 };
    guint64 number, way;

    if (number_before(text, 'w', G_MAXUINT, n))
        return TRUE;
    if (number_before(text, '%', G_MAXUINT, &number)) {
        *n = (number * rules->n_ways + 99) / 100;
        return TRUE;
    }
    if (!last || !strchr("KMGT", last) ||
        !hv_value_parse(&size, HV_TYPE_SIZE, NULL, text, NULL))
        return FALSE;
    way = bytes_per_way(host, target);
    if (way == 0)
        return FALSE;
    *n = size.number / way + (size.number % way ? 1 : 0);
    return TRUE;
}

static gboolean
present_or_expected(HvHost *host, const HvKnob *knob, const HvPlan *plan, guint64 *number)
{
    const HvValue *planned = plan ? hv_plan_expected(plan, knob->path) : NULL;
    g_auto(HvValue) value = { 0 };

    if (planned)
        *number = planned->number;
    else if (read_knob(host, knob, &value, NULL) || expect(host, knob, plan, &value, NULL))
        *number = value.number;
    else
        return FALSE;
    return TRUE;
}

static gboolean
parse_mask(HvHost *host, const HvKnob *knob, const Target *target, const char *text,
           const HvPlan *plan, HvValue *value, GError **error)
{
    HvWayRules rules;
    guint64 n, present = 0;

    if (!hv_rules_of_ways(host, target->resource, &rules, error))
        return FALSE;
    if (!asks_for_ways(host, target, &rules, text, &n)) {
        if (hv_value_parse(value, HV_TYPE_MASK, NULL, text, NULL))
            return TRUE;
        g_autofree char *shown = hv_text_printable(text, SHOWN_CHARS);

        g_set_error(
            error, HV_ERROR, HV_ERROR_MALFORMED,
            _("\"%s\" is no mask in hex, nor ways (8w), percent (75%%) or a size (24M)"),
            shown);
        return FALSE;
    }
    if (n == 0 || n > rules.n_ways) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("%s: %s has %u ways, 1 to %u of them"), text, target->resource,
                    rules.n_ways, rules.n_ways);
        return FALSE;
    }
    (void)present_or_expected(host, knob, plan, &present); /* or else from the first way on */
    hv_value_set_number(value, knob->family->type, hv_rules_choose(&rules, present, (guint)n));
    return TRUE;
}

static gboolean
refuse_percent(const HvMbRules *rules, const char *text, GError **error)
{
    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                rules->unit == HV_MB_EIGHTHS
                    ? _("%s: this kernel limits bandwidth in eighths of GB/s, not in percent: "
                        "160 is 20 GB/s")
                    : _("%s: this kernel limits bandwidth in MB/s (mba_MBps), not in percent"),
                text);
    return FALSE;
}

static gboolean
parse_limit(HvHost *host, const Target *target, const char *text, HvValue *value,
            const HvKnob *knob, GError **error)
{
    HvMbRules rules;
    g_auto(HvValue) parsed = { 0 };
    guint64 number, step;

    if (!hv_rules_of_bandwidth(host, target->resource, &rules, error))
        return FALSE;
    step = MAX(rules.step, 1);
    if (number_before(text, '%', G_MAXUINT32, &number)) {
        if (rules.unit != HV_MB_PERCENT)
            return refuse_percent(&rules, text, error);
    } else if (!hv_value_parse(&parsed, HV_TYPE_U64, NULL, text, error)) {
        return FALSE;
    } else {
        number = parsed.number;
    }
    if (number > G_MAXUINT32 || (rules.most && number > rules.most)) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("%s is out of range: %s goes from %" G_GUINT64_FORMAT
                      " to %" G_GUINT64_FORMAT " (%s)"),
                    text, target->resource, rules.least, rules.most ? rules.most : G_MAXUINT32,
                    hv_rules_mb_unit(rules.unit));
        return FALSE;
    }
    /* as the kernel rounds, and only what is in range */
    if (number >= rules.least && number != G_MAXUINT32)
        number = (number + step - 1) / step * step;
    hv_value_set_number(value, knob->family->type,
                        rules.most ? MIN(number, MAX(rules.most, rules.least)) : number);
    return TRUE;
}

static gboolean
parse_knob(HvHost *host, const HvKnob *knob, const char *text, const HvPlan *plan,
           HvValue *value, GError **error)
{
    Target target;

    if (!find(host, knob, &target, error))
        return FALSE;
    return target.is_cache ? parse_mask(host, knob, &target, text, plan, value, error)
                           : parse_limit(host, &target, text, value, knob, error);
}

/* ---- would it be taken ---- */

static gboolean
check_mask(HvHost *host, const Target *target, guint64 mask, const HvPlan *plan, GError **error)
{
    HvWayRules rules;

    if (!hv_rules_of_ways(host, target->resource, &rules, error) ||
        !hv_rules_check_mask(&rules, target->resource, mask, error))
        return FALSE;
    if (strcmp(target->group, HV_CONTROL_DEFAULT) == 0 && rules.n_ways > FEW_WAYS &&
        hv_rules_count(mask) < LEAST_OF_DEFAULT) {
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                    _("hvtune leaves the default group at least %d of %u ways: the host itself "
                      "runs in it"),
                    LEAST_OF_DEFAULT, rules.n_ways);
        return FALSE;
    }
    return hv_rules_check_overlap(host, &rules, target->group, target->resource, target->domain,
                                  mask, plan, error);
}

static gboolean
check_limit(HvHost *host, const Target *target, guint64 limit, GError **error)
{
    HvMbRules rules;

    if (!hv_rules_of_bandwidth(host, target->resource, &rules, error))
        return FALSE;
    if (limit >= rules.least && (!rules.most || limit <= rules.most))
        return TRUE;
    g_set_error(
        error, HV_ERROR, HV_ERROR_REFUSED,
        limit < rules.least ? _("%" G_GUINT64_FORMAT " is less than the least that there is, "
                                "%" G_GUINT64_FORMAT " %s (min_bandwidth)")
                            : _("%" G_GUINT64_FORMAT " is more than %" G_GUINT64_FORMAT " %s"),
        limit, limit < rules.least ? rules.least : rules.most, hv_rules_mb_unit(rules.unit));
    return FALSE;
}

static gboolean
check_group(HvHost *host, const HvKnob *knob, const Target *target, const HvPlan *plan,
            GError **error)
{
    g_autoptr(HvControlGroup) group = NULL;

    if (!hv_control_will_be(host, target->group, plan)) {
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED, _("an earlier step removes the group"));
        return FALSE;
    }
    if (!hv_control_exists(host, target->group))
        return TRUE; /* an earlier step makes it */
    group = hv_control_read(host, target->group, knob->path, error);
    if (!group)
        return FALSE;
    if (hv_control_is_locked(group)) {
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                    _("the group is %s: a region of memory is locked in its ways"),
                    group->mode);
        return FALSE;
    }
    return hv_control_check_owner(target->group, plan, error);
}

static gboolean
check_knob(HvHost *host, const HvKnob *knob, const HvValue *after, const HvPlan *plan,
           GError **error)
{
    Target target;

    if (!find(host, knob, &target, error) || !check_group(host, knob, &target, plan, error))
        return FALSE;
    return target.is_cache ? check_mask(host, &target, after->number, plan, error)
                           : check_limit(host, &target, after->number, error);
}

/* ---- writing ---- */

static char *
line_of(const HvKnob *knob, const HvValue *after)
{
    Target target;

    name_resource(&target, knob->segments[2]);
    return target.is_cache ? g_strdup_printf("%s:%s=%" G_GINT64_MODIFIER "x", target.resource,
                                             knob->segments[3], after->number)
                           : g_strdup_printf("%s:%s=%" G_GUINT64_FORMAT, target.resource,
                                             knob->segments[3], after->number);
}

/* Only what changes, in one write with a newline: that is one command. */
static gboolean
write_knob(HvHost *host, const HvKnob *knob, const HvValue *after, GError **error)
{
    g_autofree char *path = hv_control_path(knob->segments[1], "schemata");
    g_autofree char *line = line_of(knob, after);
    g_autofree char *text = g_strconcat(line, "\n", NULL);

    return hv_control_change(host, hv_host_write, path, text, error);
}

/* Kernels differ in whether they round MB/s up to the granularity. */
static gboolean
is_met(const HvKnob *knob, const HvValue *found, const HvValue *wanted)
{
    return hv_value_equal(found, wanted) ||
           (knob->family->type == HV_TYPE_U64 && found->number > wanted->number &&
            found->number - wanted->number < 10);
}

/* ---- what it means ---- */

static char *
shell_line(HvHost *host G_GNUC_UNUSED, const HvKnob *knob, const HvValue *after,
           gboolean persist G_GNUC_UNUSED)
{
    g_autofree char *path = hv_control_path(knob->segments[1], "schemata");
    g_autofree char *full = g_strconcat("/", path, NULL);
    g_autofree char *quoted = hv_shell_quote(full);
    g_autofree char *line = line_of(knob, after);
    g_autofree char *word = hv_shell_quote(line);

    return g_strdup_printf("echo %s >%s", word, quoted);
}

static char *
mask_forms(HvHost *host, const Target *target, guint64 mask)
{
    const guint64 way = bytes_per_way(host, target);
    const guint n = hv_rules_count(mask);
    HvWayRules rules;
    char size[16];

    if (!hv_rules_of_ways(host, target->resource, &rules, NULL) || rules.n_ways == 0)
        return NULL;
    hv_text_bytes(size, sizeof size, (double)way * n);
    return way ? g_strdup_printf(_("%u ways, %u %%, %s"), n,
                                 (100 * n + rules.n_ways / 2) / rules.n_ways, size)
               : g_strdup_printf(_("%u ways, %u %%"), n,
                                 (100 * n + rules.n_ways / 2) / rules.n_ways);
}

static char *
limit_forms(HvHost *host, const Target *target, guint64 limit)
{
    HvMbRules rules;

    if (!hv_rules_of_bandwidth(host, target->resource, &rules, NULL))
        return NULL;
    if (rules.most && limit == rules.most)
        return g_strdup(_("no limit"));
    if (rules.unit == HV_MB_EIGHTHS)
        return g_strdup_printf(_("%.3g GB/s"), (double)limit / 8);
    return g_strdup_printf("%" G_GUINT64_FORMAT " %s", limit, hv_rules_mb_unit(rules.unit));
}

static char *
forms(HvHost *host, const HvKnob *knob, const HvValue *value)
{
    Target target;

    if (!find(host, knob, &target, NULL))
        return NULL;
    return target.is_cache ? mask_forms(host, &target, value->number)
                           : limit_forms(host, &target, value->number);
}

/* What the group moves now: a limit above that changes nothing. NULL where nothing counts it.
 */
static char *
achieved(HvHost *host, const Target *target)
{
    g_autofree char *file =
        g_strdup_printf("mon_data/mon_L3_%02u/mbm_total_bytes", target->domain);
    g_autofree char *path = hv_control_path(target->group, file);
    const gint64 begin_ns = hv_host_monotonic_ns(host);
    guint64 before, after;
    char rate[16];

    if (strcmp(target->resource, "MB") != 0 ||
        !hv_host_read_u64_file(host, path, &before, NULL))
        return NULL;
    (void)hv_host_wait_until(host, begin_ns + MEASURE_NS, -1);
    const gint64 passed_ns = hv_host_monotonic_ns(host) - begin_ns;

    if (!hv_host_read_u64_file(host, path, &after, NULL) || after < before || passed_ns <= 0)
        return NULL;
    hv_text_bytes(rate, sizeof rate, (double)(after - before) * 1e9 / (double)passed_ns);
    return g_strdup_printf(_("the group moves %sB/s there now"), rate);
}

static char *
remark(HvHost *host, const HvKnob *knob, const HvValue *before G_GNUC_UNUSED,
       const HvValue *after)
{
    Target target;
    HvWayRules rules;
    char *owner = hv_control_owner_remark(knob->segments[1]);

    if (owner || !find(host, knob, &target, NULL))
        return owner;
    if (!target.is_cache)
        return achieved(host, &target);
    if (!hv_rules_of_ways(host, target.resource, &rules, NULL))
        return NULL;
    if (after->number & rules.hardware)
        return g_strdup_printf(
            _("devices fill %u of these ways too (mask %" G_GINT64_MODIFIER "x)"),
            hv_rules_count(after->number & rules.hardware), after->number & rules.hardware);
    return NULL;
}

const HvTuner hv_tuner_resctrl_schemata = {
    .name = "resctrl-schemata",
    .source = "kernel Documentation/arch/x86/resctrl.rst",
    .knobs = knobs,
    .list = list_knobs,
    .read = read_knob,
    .parse = parse_knob,
    .expect = expect,
    .check = check_knob,
    .write = write_knob,
    .is_met = is_met,
    .shell_line = shell_line,
    .forms = forms,
    .remark = remark,
};
