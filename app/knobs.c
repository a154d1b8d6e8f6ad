/* The knobs of this host, by path or glob. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/knobs.h"

#include <string.h>

int
hv_natural_compare(const char *a, const char *b)
{
    while (*a && *b) {
        const gsize n_a = strspn(a, "0123456789"), n_b = strspn(b, "0123456789");

        if (n_a && n_b) {
            const int by_length =
                (n_a > n_b) - (n_a < n_b); /* knob paths have no leading zeros */
            const int by_digits = by_length ? by_length : strncmp(a, b, n_a);

            if (by_digits)
                return by_digits;
            a += n_a;
            b += n_b;
        } else if (*a != *b) {
            return (guchar)*a < (guchar)*b ? -1 : 1;
        } else {
            a++;
            b++;
        }
    }
    return (*a != 0) - (*b != 0);
}

static int
compare_paths(gconstpointer a, gconstpointer b)
{
    const char *const *path_a = a, *const *path_b = b;

    return hv_natural_compare(*path_a, *path_b);
}

static void
list_family(HvHost *host, const HvTuner *tuner, const HvKnobFamily *family, GPtrArray *paths,
            GString *notes)
{
    g_autoptr(GError) error = NULL;

    if (!hv_knob_is_glob(family->path))
        g_ptr_array_add(paths, g_strdup(family->path));
    else if (!tuner->list(host, family, paths, &error) && notes)
        g_string_append_printf(notes, "%s: %s\n", family->path, error ? error->message : "");
}

GPtrArray *
hv_knobs_matching(HvHost *host, const HvTuner *const *tuners, const char *glob, GString *notes)
{
    g_autoptr(GPtrArray) matching = g_ptr_array_new_with_free_func(g_free);

    for (; *tuners; tuners++) {
        for (const HvKnobFamily *family = (*tuners)->knobs; family->path; family++) {
            g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

            if (family->named_only)
                continue;
            list_family(host, *tuners, family, paths, notes);
            for (guint i = 0; i < paths->len; i++) {
                const char *path = g_ptr_array_index(paths, i);

                if (hv_knob_glob_match(glob, path))
                    g_ptr_array_add(matching, g_strdup(path));
            }
        }
    }
    g_ptr_array_sort(matching, compare_paths);
    return g_steal_pointer(&matching);
}
