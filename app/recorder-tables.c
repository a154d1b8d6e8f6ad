/* Which tables are recorded: all that are not derived, or those that the wanted ones are made
 * of. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/recorder-tables.h"

#include "model/derive.h"
#include "model/i18n.h"

struct HvRecordedTables {
    char **wanted;           /* NULL: all */
    const HvSchema **chosen; /* NULL-terminated */
};

static const HvDerive *
find_derive(const char *name)
{
    for (const HvDerive *const *derive = hv_derives; *derive; derive++)
        if (g_str_equal((*derive)->schema->name, name))
            return *derive;
    return NULL;
}

/* Derived tables use only those before them: what one is made of comes to an end. */
static void
add_needed(GHashTable *needed, const HvSchema *const *all, const char *name)
{
    const HvDerive *derive = find_derive(name);

    if (!derive) {
        g_hash_table_add(needed, (gpointer)(guintptr)name);
        return;
    }
    for (const char *const *input = derive->inputs; input && *input; input++)
        add_needed(needed, all, *input);
    for (guint i = 0; !derive->inputs && all[i]; i++)
        if (all[i]->raw)
            g_hash_table_add(needed, (gpointer)(guintptr)all[i]->name);
}

static gboolean
is_table(const HvSchema *const *all, const char *name)
{
    for (; *all; all++)
        if (g_str_equal((*all)->name, name))
            return TRUE;
    return FALSE;
}

HvRecordedTables *
hv_recorded_tables_new(const char *const *names, GError **error)
{
    g_autofree const HvSchema **all = hv_app_schemas();
    g_autoptr(GHashTable) needed = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GPtrArray) chosen = g_ptr_array_new();
    HvRecordedTables *tables;

    for (const char *const *name = names; name && *name; name++) {
        if (!is_table(all, *name)) {
            g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                        _("--tables: %s: no such table: see hvtune snapshot"), *name);
            return NULL;
        }
        add_needed(needed, all, *name);
    }
    for (guint i = 0; all[i]; i++)
        if (!find_derive(all[i]->name) &&
            (!names || g_hash_table_contains(needed, all[i]->name)))
            g_ptr_array_add(chosen, (gpointer)(guintptr)all[i]);
    g_ptr_array_add(chosen, NULL);
    tables = g_new0(HvRecordedTables, 1);
    tables->wanted = g_strdupv((char **)(guintptr)names);
    tables->chosen =
        (const HvSchema **)(gpointer)g_ptr_array_free(g_steal_pointer(&chosen), FALSE);
    return tables;
}

void
hv_recorded_tables_free(HvRecordedTables *tables)
{
    if (!tables)
        return;
    g_strfreev(tables->wanted);
    g_free(tables->chosen);
    g_free(tables);
}

const HvSchema *const *
hv_recorded_schemas(const HvRecordedTables *tables)
{
    return tables->chosen;
}

const char *const *
hv_recorded_wanted(const HvRecordedTables *tables)
{
    return (const char *const *)tables->wanted;
}

const HvSchema *const *
hv_recorded_sums(void)
{
    static const HvSchema *sums[3];

    if (!sums[0]) {
        const HvDerive *traffic = find_derive("traffic");
        const HvDerive *vms = find_derive("vms");

        sums[1] = traffic ? traffic->schema : NULL;
        sums[0] = vms ? vms->schema : NULL;
    }
    return sums;
}
