/* Feeds a fuzzer its corpus: each file whole, cut short, and with single bytes changed, always
 * in the same way. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define N_CUTS 64
#define N_CHANGES 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy of its own on the heap, of exactly that size, so that a sanitizer sees each byte read
 * beyond it. */
static void
feed(const guint8 *data, gsize size)
{
    g_autofree guint8 *copy = g_memdup2(data, size);

    LLVMFuzzerTestOneInput(copy ? copy : (const guint8 *)"", size);
}

static guint32
next_random(guint32 *state)
{
    return *state = *state * 1664525 +
                    1013904223; /* Numerical Recipes' constants: any fixed sequence will do */
}

static void
feed_variants(guint8 *data, gsize size)
{
    guint32 state = 1;

    feed(data, size);
    for (guint i = 0; i < N_CUTS; i++)
        feed(data, size * i / N_CUTS);
    for (guint i = 0; size && i < N_CHANGES; i++) {
        guint8 *byte = &data[(next_random(&state) >> 8) % size];
        const guint8 former = *byte;

        *byte = (guint8)(next_random(&state) >> 16);
        feed(data, size);
        *byte = former;
    }
}

/* "fuzz-irq-line" reads tests/fuzz/corpus/irq-line. */
static char *
corpus_of(const char *program)
{
    const char *sources = g_getenv("srcdir");
    g_autofree char *name = g_path_get_basename(program);
    const char *dash = strchr(name, '-');

    return g_build_filename(sources ? sources : ".", "tests", "fuzz", "corpus",
                            dash ? dash + 1 : name, NULL);
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *
list(const char *directory)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) open = g_dir_open(directory, 0, NULL);

    for (const char *name; open && (name = g_dir_read_name(open));)
        g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, compare_names);
    return names;
}

int
main(int argc G_GNUC_UNUSED, char **argv)
{
    g_autofree char *directory = corpus_of(argv[0]);
    g_autoptr(GPtrArray) names = list(directory);

    printf("1..%u\n", MAX(names->len, 1));
    fflush(stdout); /* a parser under test may fork */
    if (!names->len)
        printf("not ok 1 - %s holds no file\n", directory);
    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        g_autofree char *path = g_build_filename(directory, name, NULL);
        g_autofree char *bytes = NULL;
        gsize size = 0;
        const gboolean is_read = g_file_get_contents(path, &bytes, &size, NULL);

        if (is_read)
            feed_variants((guint8 *)bytes, size);
        printf("%s %u - %s and what can become of it is survived\n", is_read ? "ok" : "not ok",
               i + 1, name);
        fflush(stdout);
    }
    return 0;
}
