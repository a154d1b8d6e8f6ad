/* The simulated resctrl's files schemata and size. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/resctrl-private.h"

#include "host/sim/kernel-text.h"

#include <errno.h>
#include <string.h>

/* The kernel leaves room for "L3CODE" where the cache could be split, mounted so or not. */
#define NAME_WIDTH 6

/* ---- reading ---- */

/* As wide as the widest value of any resource. */
static int
data_width(const HvSimResctrl *resctrl)
{
    guint mask_digits = (resctrl->world->geometry.n_ways + 3) / 4;
    guint mb_digits = resctrl->world->geometry.vendor == HV_SIM_AMD ? 4 : 3;

    return (int)MAX(mask_digits, mb_digits);
}

static int
read_schemata(gpointer owner, gpointer data, HvSimText *out)
{
    HvSimResctrl *resctrl = owner;
    const HvResctrlGroup *group = data;
    int width = data_width(resctrl);

    hv_resctrl_look(resctrl);
    for (guint i = 0; i < resctrl->n_schemas; i++) {
        const HvResctrlSchema *schema = &resctrl->schemas[i];
        const char *separator = "";

        hv_sim_printf(out, "%*s:", NAME_WIDTH, schema->name);
        for (guint l3 = 0; l3 < resctrl->world->n_l3; l3++) {
            guint32 value = hv_resctrl_get(resctrl, schema, group->closid, l3);

            if (!resctrl->l3_online[l3])
                continue;
            if (schema->control == HV_RESCTRL_MB)
                hv_sim_printf(out, "%s%u=%*u", separator, l3, width, value);
            else
                hv_sim_printf(out, "%s%u=%0*x", separator, l3, width, value);
            separator = ";";
        }
        hv_sim_text(out, "\n");
    }
    return 0;
}

static int
read_size(gpointer owner, gpointer data, HvSimText *out)
{
    HvSimResctrl *resctrl = owner;
    const HvResctrlGroup *group = data;
    const HvSimGeometry *geometry = &resctrl->world->geometry;

    hv_resctrl_look(resctrl);
    for (guint i = 0; i < resctrl->n_schemas; i++) {
        const HvResctrlSchema *schema = &resctrl->schemas[i];
        const char *separator = "";

        hv_sim_printf(out, "%*s:", NAME_WIDTH, schema->name);
        for (guint l3 = 0; l3 < resctrl->world->n_l3; l3++) {
            guint64 size = hv_resctrl_get(resctrl, schema, group->closid, l3);

            if (!resctrl->l3_online[l3])
                continue;
            if (schema->control != HV_RESCTRL_MB)
                size = geometry->l3_bytes / geometry->n_ways *
                       (guint)__builtin_popcount((guint32)size);
            hv_sim_printf(out, "%s%u=%" G_GUINT64_FORMAT, separator, l3, size);
            separator = ";";
        }
        hv_sim_text(out, "\n");
    }
    return 0;
}

/* ---- values ---- */

static gboolean
parse_mb(HvSimResctrl *resctrl, const char *text, guint32 *value)
{
    guint64 number;

    if (hv_kernel_u64(text, 10, G_MAXUINT32, &number) < 0) {
        hv_resctrl_say(resctrl, "Invalid MB value %s\n", text);
        return FALSE;
    }
    if (number < resctrl->min_mb || number > resctrl->default_mb) {
        hv_resctrl_say(resctrl, "MB value %u out of range [%u,%u]\n", (guint)number,
                       resctrl->min_mb, resctrl->default_mb);
        return FALSE;
    }
    *value = ((guint32)number + resctrl->mb_step - 1) / resctrl->mb_step * resctrl->mb_step;
    return TRUE;
}

/* Whether the ones of @mask stand together. */
static gboolean
is_one_run(guint32 mask)
{
    guint64 lowest = mask & -mask;

    return ((mask + lowest) & mask) == 0;
}

static gboolean
parse_mask(HvSimResctrl *resctrl, const char *text, guint32 *value)
{
    guint64 mask;

    if (hv_kernel_u64(text, 16, G_MAXUINT64, &mask) < 0) {
        hv_resctrl_say(resctrl, "Non-hex character in the mask %s\n", text);
        return FALSE;
    }
    if ((resctrl->min_bits > 0 && mask == 0) || mask > resctrl->full_mask) {
        hv_resctrl_say(resctrl, "Mask out of range\n");
        return FALSE;
    }
    if (!resctrl->sparse && !is_one_run((guint32)mask)) {
        hv_resctrl_say(resctrl, "The mask %" G_GINT64_MODIFIER "x has non-consecutive 1-bits\n",
                       mask);
        return FALSE;
    }
    *value = (guint32)mask;
    return TRUE;
}

static gboolean
may_have(HvSimResctrl *resctrl, const HvResctrlGroup *group, const HvResctrlSchema *schema,
         guint l3, guint32 mask)
{
    if (hv_resctrl_overlaps(resctrl, schema, l3, mask, group->closid, TRUE)) {
        hv_resctrl_say(resctrl, "Overlaps with exclusive group\n");
        return FALSE;
    }
    if (group->mode == HV_RESCTRL_EXCLUSIVE &&
        hv_resctrl_overlaps(resctrl, schema, l3, mask, group->closid, FALSE)) {
        hv_resctrl_say(resctrl, "Overlaps with other group\n");
        return FALSE;
    }
    return TRUE;
}

/* ---- writing ---- */

/* What a write would change, before all of it is known to be right. */
typedef struct {
    gboolean has[HV_SIM_MAX_L3];
    guint32 value[HV_SIM_MAX_L3];
} Staged;

static gboolean
stage(HvSimResctrl *resctrl, const HvResctrlGroup *group, const HvResctrlSchema *schema,
      guint l3, const char *text, Staged *staged)
{
    if (staged->has[l3]) {
        hv_resctrl_say(resctrl, "Duplicate domain %u\n", l3);
        return FALSE;
    }
    staged->has[l3] = schema->control == HV_RESCTRL_MB
                          ? parse_mb(resctrl, text, &staged->value[l3])
                          : parse_mask(resctrl, text, &staged->value[l3]) &&
                                may_have(resctrl, group, schema, l3, staged->value[l3]);
    return staged->has[l3];
}

/* "0=fff;1=f", cut up in place. A domain that is not there is refused without a word. */
static gboolean
parse_domains(HvSimResctrl *resctrl, const HvResctrlGroup *group, const HvResctrlSchema *schema,
              char *text, Staged *staged)
{
    while (text && *text) {
        char *next = strchr(text, ';'), *value;
        guint64 l3;

        if (next)
            *next++ = '\0';
        value = strchr(text, '=');
        if (value)
            *value++ = '\0';
        if (!value || hv_kernel_u64(text, 10, G_MAXUINT64, &l3) < 0) {
            hv_resctrl_say(resctrl, "Missing '=' or non-numeric domain\n");
            return FALSE;
        }
        if (l3 >= resctrl->world->n_l3 || !resctrl->l3_online[l3] ||
            !stage(resctrl, group, schema, (guint)l3, g_strstrip(value), staged))
            return FALSE;
        text = next;
    }
    return TRUE;
}

static const HvResctrlSchema *
find_schema(const HvSimResctrl *resctrl, const char *name, guint closid, guint *index)
{
    for (*index = 0; *index < resctrl->n_schemas; (*index)++) {
        const HvResctrlSchema *schema = &resctrl->schemas[*index];

        if (strcmp(schema->name, name) == 0 && closid < schema->n_closids)
            return schema;
    }
    return NULL;
}

static gboolean
parse_line(HvSimResctrl *resctrl, const HvResctrlGroup *group, char *line, Staged *staged)
{
    char *domains = strchr(line, ':');
    const HvResctrlSchema *schema;
    guint index;

    if (domains)
        *domains++ = '\0';
    g_strstrip(line);
    if (!domains) {
        hv_resctrl_say(resctrl, "Missing ':'\n");
        return FALSE;
    }
    if (!*domains) {
        hv_resctrl_say(resctrl, "Missing '%s' value\n", line);
        return FALSE;
    }
    schema = find_schema(resctrl, line, group->closid, &index);
    if (!schema) {
        hv_resctrl_say(resctrl, "Unknown or unsupported resource name '%s'\n", line);
        return FALSE;
    }
    return parse_domains(resctrl, group, schema, domains, &staged[index]);
}

static void
apply(HvSimResctrl *resctrl, const HvResctrlGroup *group, const Staged *staged)
{
    for (guint i = 0; i < resctrl->n_schemas; i++)
        for (guint l3 = 0; l3 < resctrl->world->n_l3; l3++)
            if (staged[i].has[l3])
                hv_resctrl_set(resctrl, &resctrl->schemas[i], group->closid, l3,
                               staged[i].value[l3]);
}

/* All lines or none. */
static int
write_schemata(gpointer owner, gpointer data, const char *text, gsize length)
{
    HvSimResctrl *resctrl = owner;
    Staged staged[HV_RESCTRL_MAX_SCHEMAS] = { 0 };
    g_autofree char *copy = NULL;
    char *rest;

    if (length > HV_RESCTRL_MAX_WRITE)
        return -E2BIG;
    if (length == 0 || text[length - 1] != '\n')
        return -EINVAL;
    rest = copy = g_strndup(text, length - 1);
    hv_resctrl_look(resctrl);
    hv_resctrl_clear_status(resctrl);
    while (rest) {
        char *line = rest;

        rest = strchr(line, '\n');
        if (rest)
            *rest++ = '\0';
        if (!parse_line(resctrl, data, line, staged))
            return -EINVAL;
    }
    apply(resctrl, data, staged);
    return 0;
}

const HvSimFileClass hv_resctrl_schemata_file = { .read = read_schemata,
                                                  .write = write_schemata };
const HvSimFileClass hv_resctrl_size_file = { .read = read_size };
