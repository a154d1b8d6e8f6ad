/* The knobs that a host has, by glob. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/knob-list.h"

#include "model/natural.h"

static int
compare_paths(gconstpointer a, gconstpointer b)
{
    const char *const *path_a = a, *const *path_b = b;

    return hv_natural_compare(*path_a, *path_b);
}

/* Adds the paths of @family that exist and match @glob. */
static gboolean
list_family(HvHost *host, const HvTuner *tuner, const HvKnobFamily *family, const char *glob,
            GPtrArray *paths, GError **error)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(g_free);

    if (family->named_only)
        return TRUE;
    if (!hv_knob_is_glob(family->path))
        g_ptr_array_add(all, g_strdup(family->path));
    else if (tuner->list && !tuner->list(host, family, all, error))
        return FALSE;
    for (guint i = 0; i < all->len; i++) {
        if (hv_knob_glob_match(glob, all->pdata[i]))
            g_ptr_array_add(paths, g_strdup(all->pdata[i]));
    }
    return TRUE;
}

GPtrArray *
hv_knobs_matching(HvHost *host, const HvTuner *const *tuners, const char *glob,
                  GPtrArray *errors)
{
    g_autoptr(GPtrArray) matching = g_ptr_array_new_with_free_func(g_free);

    for (; *tuners; tuners++) {
        for (const HvKnobFamily *family = (*tuners)->knobs; family->path; family++) {
            g_autoptr(GError) error = NULL;

            if (list_family(host, *tuners, family, glob, matching, &error) || !errors)
                continue;
            g_prefix_error(&error, "%s: ", family->path);
            g_ptr_array_add(errors, g_steal_pointer(&error));
        }
    }
    g_ptr_array_sort(matching, compare_paths);
    return g_steal_pointer(&matching);
}
