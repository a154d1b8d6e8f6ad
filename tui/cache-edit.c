/* Wishes for masks and bandwidths, made with the arrow keys: kept here until they become a
 * plan.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/cache-edit.h"

#include "model/i18n.h"
#include "model/text.h"
#include "tui/pick.h"

#define FULL_PERCENT 100
#define STEPS_OF_A_CAP 8 /* a step of a cap that is no percentage: this part of it */

/* One wish. */
typedef struct {
    char *knob;
    char *group;
    const char *part; /* "code", "data" or NULL; unused for a bandwidth */
    guint64 llc;
    gboolean is_mask;
    guint64 present, value;
} Edit;

struct HvCacheEdit {
    GPtrArray *edits;
};

static void
free_edit(gpointer data)
{
    Edit *edit = data;

    g_free(edit->knob);
    g_free(edit->group);
    g_free(edit);
}

HvCacheEdit *
hv_cache_edit_new(void)
{
    HvCacheEdit *self = g_new0(HvCacheEdit, 1);

    self->edits = g_ptr_array_new_with_free_func(free_edit);
    return self;
}

void
hv_cache_edit_free(HvCacheEdit *edit)
{
    if (!edit)
        return;
    g_ptr_array_unref(edit->edits);
    g_free(edit);
}

guint
hv_cache_edit_count(const HvCacheEdit *edit)
{
    return edit->edits->len;
}

void
hv_cache_edit_clear(HvCacheEdit *edit)
{
    g_ptr_array_set_size(edit->edits, 0);
}

/* ---- what the hardware asks for ---- */

guint
hv_cache_mask_ways(guint64 mask)
{
    guint n = 0;

    for (; mask; mask &= mask - 1)
        n++;
    return n;
}

static int
highest(guint64 mask)
{
    return mask ? (int)g_bit_storage(mask) - 1 : -1;
}

static int
lowest(guint64 mask)
{
    int bit = 0;

    while (mask && !(mask >> bit & 1))
        bit++;
    return mask ? bit : -1;
}

int
hv_cache_edge_way(const HvCacheRow *row, HvEdge edge)
{
    if (!row->has_mask || !row->group || row->vm)
        return -1;
    return edge == HV_EDGE_LEFT ? highest(row->mask) : lowest(row->mask);
}

/* "L3", "L3CODE" or "L3DATA" */
static const char *
resource_of(const char *part)
{
    if (!part)
        return "L3";
    return g_str_equal(part, "code") ? "L3CODE" : "L3DATA";
}

/* A number of a resource's rules; @otherwise where it is not told. */
static guint64
rule_of(const HvSnapshot *now, const char *resource, const char *column, guint64 otherwise)
{
    const HvTable *info = hv_snapshot_table(now, "resctrl_info");
    guint64 value;

    for (int row = 0; info && row < (int)hv_table_n_rows(info); row++)
        if (g_strcmp0(hv_pick_text(info, row, "resource"), resource) == 0 &&
            hv_pick_u64(info, row, column, &value))
            return value;
    return otherwise;
}

static gboolean
is_percent(const HvSnapshot *now)
{
    const char *unit = hv_pick_text(hv_snapshot_table(now, "resctrl"), 0, "mb_unit");

    return g_strcmp0(unit, "percent") == 0;
}

/* ---- wishes ---- */

static char *
knob_of(const HvCacheGrid *grid, const HvCacheRow *row, gboolean is_mask)
{
    g_autofree char *id = g_strdup_printf("%" G_GUINT64_FORMAT, grid->llc);
    g_autofree char *resource = g_ascii_strdown(is_mask ? resource_of(row->part) : "MB", -1);

    return hv_knob_path("resctrl", row->group, resource, id, NULL);
}

static Edit *
find(const HvCacheEdit *self, const char *knob, guint *index)
{
    for (guint i = 0; i < self->edits->len; i++) {
        Edit *edit = g_ptr_array_index(self->edits, i);

        if (g_str_equal(edit->knob, knob)) {
            if (index)
                *index = i;
            return edit;
        }
    }
    return NULL;
}

/* A wish for what is there already is none. */
static void
wish(HvCacheEdit *self, const HvCacheGrid *grid, const HvCacheRow *row, gboolean is_mask,
     guint64 present, guint64 value)
{
    char *knob = knob_of(grid, row, is_mask);
    guint index = 0;
    Edit *edit = find(self, knob, &index);

    if (!edit) {
        edit = g_new0(Edit, 1);
        *edit = (Edit){ .knob = knob,
                        .group = g_strdup(row->group),
                        .part = row->part,
                        .llc = grid->llc,
                        .is_mask = is_mask,
                        .present = present };
        index = self->edits->len;
        g_ptr_array_add(self->edits, edit);
    } else {
        g_free(knob);
    }
    edit->value = value;
    if (edit->value == edit->present)
        g_ptr_array_remove_index(self->edits, index);
}

static gboolean
is_of_row(const Edit *edit, const HvCacheGrid *grid, const HvCacheRow *row)
{
    return edit->llc == grid->llc && row->group && !row->vm &&
           g_str_equal(edit->group, row->group) &&
           (edit->is_mask ? g_strcmp0(edit->part, row->part) == 0 : row->has_limit);
}

/* FALSE: it has come true, or there is nothing left to wish for. */
static gboolean
overlay(Edit *edit, HvCacheGrid *grid)
{
    for (guint i = 0; i < grid->rows->len; i++) {
        HvCacheRow *row = &g_array_index(grid->rows, HvCacheRow, i);

        if (!is_of_row(edit, grid, row))
            continue;
        edit->present = edit->is_mask ? row->present_mask : row->limit;
        if (edit->present == edit->value)
            return FALSE;
        if (edit->is_mask) {
            row->mask = edit->value;
        } else {
            row->limit = edit->value;
            row->is_limit_wished = TRUE;
        }
        return TRUE;
    }
    return FALSE;
}

void
hv_cache_edit_overlay(HvCacheEdit *edit, HvCacheGrid *grid, const HvSnapshot *now)
{
    if (!hv_snapshot_table(now, "resctrl_domains"))
        return;
    for (guint i = edit->edits->len; i > 0; i--) {
        Edit *one = g_ptr_array_index(edit->edits, i - 1);

        if (one->llc == grid->llc && !overlay(one, grid))
            g_ptr_array_remove_index(edit->edits, i - 1);
    }
}

/* ---- masks ---- */

static char *
no_mask_why(const HvCacheRow *row)
{
    if (!row->group)
        return g_strdup(_("hardware uses these ways: only groups have masks to change"));
    if (row->vm)
        return g_strdup_printf(
            _("the ways are those of group %s: c gives %s a share of its own"), row->group,
            row->vm);
    return row->has_mask ? NULL : g_strdup(_("this group has no mask here"));
}

/* Takes the mask @wished for unless the hardware would not: too few ways, or outside. */
static char *
take_mask(HvCacheEdit *edit, const HvCacheGrid *grid, const HvSnapshot *now,
          const HvCacheRow *row, guint64 wished)
{
    const guint64 least = rule_of(now, resource_of(row->part), "min_cbm_bits", 1);

    if (hv_cache_mask_ways(wished) < least)
        return g_strdup_printf(_("%s: a mask has at least %u ways here"), row->group,
                               (guint)least);
    wish(edit, grid, row, TRUE, row->present_mask, wished);
    return NULL;
}

/* The mask with its edge moved outwards or inwards; 0: there is no way to go. */
static guint64
stretched(const HvCacheGrid *grid, guint64 mask, HvEdge edge, int by)
{
    const int at = edge == HV_EDGE_LEFT ? highest(mask) : lowest(mask);
    const int next = at - by;

    if (at < 0)
        return 0;
    if ((edge == HV_EDGE_LEFT) == (by > 0))
        return mask & ~(G_GUINT64_CONSTANT(1) << at); /* inwards */
    if (next < 0 || next >= (int)grid->n_ways)
        return 0;
    return mask | G_GUINT64_CONSTANT(1) << next;
}

char *
hv_cache_edit_stretch(HvCacheEdit *edit, const HvCacheGrid *grid, const HvSnapshot *now,
                      const HvCacheRow *row, HvEdge edge, int by)
{
    char *why = no_mask_why(row);
    guint64 wished;

    if (why)
        return why;
    wished = stretched(grid, row->mask, edge, by);
    if (!wished && hv_cache_mask_ways(row->mask) > 1)
        return g_strdup_printf(_("%s: the cache ends here"), row->group);
    return take_mask(edit, grid, now, row, wished);
}

char *
hv_cache_edit_shift(HvCacheEdit *edit, const HvCacheGrid *grid, const HvSnapshot *now,
                    const HvCacheRow *row, int by)
{
    char *why = no_mask_why(row);

    if (why)
        return why;
    if (by < 0 ? highest(row->mask) + 1 >= (int)grid->n_ways : row->mask & 1)
        return g_strdup_printf(_("%s: the cache ends here"), row->group);
    return take_mask(edit, grid, now, row, by < 0 ? row->mask << 1 : row->mask >> 1);
}

/* ---- bandwidth ---- */

/* A step of a percentage is the kernel's; a cap in bytes goes by parts of itself. */
static guint64
step_of(const HvSnapshot *now, guint64 limit)
{
    const guint64 granularity = MAX(rule_of(now, "MB", "bandwidth_gran", 1), 1);
    const guint64 part = limit / STEPS_OF_A_CAP;

    if (is_percent(now))
        return granularity > 1 ? granularity : FULL_PERCENT / 10;
    return MAX(part - part % granularity, granularity);
}

char *
hv_cache_edit_bandwidth(HvCacheEdit *edit, const HvCacheGrid *grid, const HvSnapshot *now,
                        const HvCacheRow *row, int by)
{
    const guint64 least = MAX(rule_of(now, "MB", "min_bandwidth", 1), 1);
    const guint64 step = step_of(now, row->limit);
    guint64 value;

    if (!row->group || row->vm || row->part || !row->has_limit)
        return row->vm ? no_mask_why(row) : g_strdup(_("no bandwidth can be set for this row"));
    if (by < 0 ? row->limit <= least : is_percent(now) && row->limit >= FULL_PERCENT)
        return g_strdup_printf(by < 0 ? _("%s: that is the smallest limit there is")
                                      : _("%s: that is all of the bandwidth"),
                               row->group);
    value = by < 0 ? MAX(row->limit - MIN(step, row->limit), least) : row->limit + step;
    if (is_percent(now))
        value = MIN(value, FULL_PERCENT);
    wish(edit, grid, row, FALSE, row->limit, value);
    return NULL;
}

/* ---- as lines ---- */

void
hv_cache_edit_save(const HvCacheEdit *edit, HvViewOut *out)
{
    for (guint i = 0; i < edit->edits->len; i++) {
        const Edit *one = g_ptr_array_index(edit->edits, i);
        g_autofree char *llc = g_strdup_printf("%" G_GUINT64_FORMAT, one->llc);
        g_autofree char *value = g_strdup_printf("%" G_GUINT64_FORMAT, one->value);
        const char *fields[] = { one->group, one->part, llc, one->is_mask ? "mask" : "",
                                 value };

        hv_view_put_fields(out, "wish", fields, G_N_ELEMENTS(fields));
    }
}

/* The knob is made of what it is of: a log names none. */
static void
load_wish(HvCacheEdit *edit, char **fields)
{
    const gboolean is_mask = g_str_equal(fields[3], "mask");
    const char *part = g_str_equal(fields[1], "code")   ? "code"
                       : g_str_equal(fields[1], "data") ? "data"
                                                        : NULL;
    const HvCacheRow row = { .group = fields[0], .part = part };
    HvCacheGrid grid = { 0 };
    guint64 value;

    if (*fields[0] &&
        g_ascii_string_to_unsigned(fields[2], 10, 0, G_MAXUINT64, &grid.llc, NULL) &&
        g_ascii_string_to_unsigned(fields[4], 10, 1, G_MAXUINT64, &value, NULL))
        wish(edit, &grid, &row, is_mask, 0, value);
}

void
hv_cache_edit_load(HvCacheEdit *edit, const HvViewIn *in)
{
    const guint n = hv_view_n(in, "wish");

    hv_cache_edit_clear(edit);
    for (guint i = 0; i < n; i++) {
        g_auto(GStrv) fields = hv_view_fields(in, "wish", i, 5);

        load_wish(edit, fields);
    }
}

/* ---- the wishes as a plan ---- */

static gboolean
grows(const Edit *edit)
{
    return edit->is_mask ? (edit->value & ~edit->present) != 0 : edit->value > edit->present;
}

GPtrArray *
hv_cache_edit_wishes(const HvCacheEdit *edit)
{
    GPtrArray *wishes = g_ptr_array_new_with_free_func((GDestroyNotify)hv_wish_free);

    for (guint pass = 0; pass < 2; pass++)
        for (guint i = 0; i < edit->edits->len; i++) {
            const Edit *one = g_ptr_array_index(edit->edits, i);
            g_autofree char *value = g_strdup_printf(
                one->is_mask ? "%" G_GINT64_MODIFIER "x" : "%" G_GUINT64_FORMAT, one->value);

            if (grows(one) == (pass == 1))
                g_ptr_array_add(wishes, hv_wish_new(one->knob, value));
        }
    return wishes;
}

/* ---- what is said of it ---- */

static void
add_rules(GString *text, const HvSnapshot *now, const HvCacheRow *row)
{
    const char *resource = resource_of(row->part);

    g_string_append_printf(text, _("; at least %u"),
                           (guint)rule_of(now, resource, "min_cbm_bits", 1));
    if (!rule_of(now, resource, "sparse", 0))
        g_string_append(text, _(" in one piece"));
}

static void
add_overlaps(GString *text, const HvCacheGrid *grid, const HvCacheRow *row)
{
    const guint n_devices = hv_cache_mask_ways(row->mask & grid->shareable);

    for (guint i = 0; i < grid->rows->len; i++) {
        const HvCacheRow *other = &g_array_index(grid->rows, HvCacheRow, i);
        const guint n = hv_cache_mask_ways(row->mask & other->mask);

        if (other->group && !other->vm && other->has_mask && n &&
            !g_str_equal(other->group, row->group) && g_strcmp0(other->part, "data") != 0)
            g_string_append_printf(text, _("; %u shared with %s"), n, other->group);
    }
    if (n_devices)
        g_string_append_printf(text, _("; devices fill %u"), n_devices);
}

char *
hv_cache_edit_text(const HvCacheGrid *grid, const HvSnapshot *now, const HvCacheRow *row,
                   gboolean ascii)
{
    GString *text = g_string_new(row->group);
    char size[16];

    hv_text_bytes(size, sizeof size, hv_cache_mask_ways(row->mask) * grid->way_bytes);
    g_string_append_printf(text, _(": mask %" G_GINT64_MODIFIER "x"), row->present_mask);
    if (row->mask != row->present_mask)
        g_string_append_printf(text, " %s %" G_GINT64_MODIFIER "x", ascii ? "->" : "→",
                               row->mask);
    g_string_append_printf(
        text, _(", %u of %u ways, %.0f %%, %s"), hv_cache_mask_ways(row->mask), grid->n_ways,
        grid->n_ways ? 100.0 * hv_cache_mask_ways(row->mask) / grid->n_ways : 0, size);
    add_overlaps(text, grid, row);
    add_rules(text, now, row);
    return g_string_free(text, FALSE);
}
