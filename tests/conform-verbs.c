/* The operations that a kernel is asked for, and its answers in short. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/conform.h"

#include "host/parse.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define MAX_PAGES 8u
#define MAX_TRIES 20u
#define MAX_FILL 1000u
#define RETRY_NS (G_GINT64_CONSTANT(100) * 1000000)

/* ---- answers ---- */

static const struct {
    int errnum;
    const char *name;
} errors[] = {
    { E2BIG, "E2BIG" },         { EACCES, "EACCES" },
    { EBADF, "EBADF" },         { EBUSY, "EBUSY" },
    { EEXIST, "EEXIST" },       { EFAULT, "EFAULT" },
    { EINVAL, "EINVAL" },       { EIO, "EIO" },
    { EISDIR, "EISDIR" },       { ENODEV, "ENODEV" },
    { ENOENT, "ENOENT" },       { ENOMEM, "ENOMEM" },
    { ENOSPC, "ENOSPC" },       { ENOTDIR, "ENOTDIR" },
    { EPERM, "EPERM" },         { ERANGE, "ERANGE" },
    { EOVERFLOW, "EOVERFLOW" }, { ESRCH, "ESRCH" },
};

static const char *
errno_name(int errnum)
{
    for (guint i = 0; i < G_N_ELEMENTS(errors); i++)
        if (errors[i].errnum == errnum)
            return errors[i].name;
    return g_strerror(errnum);
}

/* The door's errors end with the words of their error number; those of its own rules do not. */
static void
say_error(Conform *self, const GError *error)
{
    for (guint i = 0; i < G_N_ELEMENTS(errors); i++) {
        if (!g_str_has_suffix(error->message, g_strerror(errors[i].errnum)))
            continue;
        g_string_append(self->answer, errors[i].name);
        return;
    }
    g_string_append_printf(self->answer, "%s", error->message);
}

static void
say_text(Conform *self, const char *text)
{
    for (; *text; text++)
        g_string_append_c(self->answer, *text == '\n' ? '|' : *text);
}

static void
say_outcome(Conform *self, gboolean done, const GError *error)
{
    if (done)
        g_string_append(self->answer, "ok");
    else
        say_error(self, error);
}

/* What a change of @path came to; of resctrl with its last command's status. */
static void
say_change(Conform *self, const char *path, gboolean done, const GError *error)
{
    g_autofree char *status = NULL;

    say_outcome(self, done, error);
    if (!g_str_has_prefix(path, CONFORM_RESCTRL))
        return;
    status = hv_host_read_text(self->host, CONFORM_RESCTRL "/info/last_cmd_status", 0, NULL);
    g_string_append(self->answer, " [");
    say_text(self, status ? status : "?");
    g_string_append(self->answer, "]");
}

/* ---- operations; @words are what stands behind the verb ---- */

static void
do_list(Conform *self, char **words)
{
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) names = hv_host_list(self->host, words[0], &error);
    g_autofree char *line = names ? g_strjoinv(" ", names) : NULL;

    if (line)
        say_text(self, line);
    else
        say_error(self, error);
}

static void
do_read(Conform *self, char **words)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = hv_host_read_text(self->host, words[0], 0, &error);

    if (text)
        say_text(self, text);
    else
        say_error(self, error);
}

static void
do_mkdir(Conform *self, char **words)
{
    g_autoptr(GError) error = NULL;
    gboolean done = hv_host_mkdir(self->host, words[0], &error);

    say_change(self, words[0], done, error);
}

static void
do_rmdir(Conform *self, char **words)
{
    g_autoptr(GError) error = NULL;
    gboolean done = hv_host_rmdir(self->host, words[0], &error);

    say_change(self, words[0], done, error);
}

static void
do_rename(Conform *self, char **words)
{
    g_autoptr(GError) error = NULL;
    gboolean done = hv_host_rename(self->host, words[0], words[1], &error);

    say_change(self, words[0], done, error);
}

static void
do_lock(Conform *self, char **words)
{
    g_autoptr(GError) error = NULL;
    gboolean exclusive = strcmp(words[1], "exclusive") == 0;
    int fd = hv_host_lock(self->host, words[0], exclusive, 1000, &error);

    say_outcome(self, fd >= 0, error);
    if (fd >= 0)
        close(fd);
}

/* Which of the VM's threads are in a file of tids. */
static void
do_tasks(Conform *self, char **words)
{
    static const char *const names[] = { "$emulator", "$vcpu0", "$vcpu1" };
    g_autoptr(GError) error = NULL;
    g_autofree char *text = hv_host_read_text(self->host, words[0], 0, &error);
    g_auto(GStrv) tids = text ? g_strsplit(text, "\n", -1) : NULL;

    if (!tids) {
        say_error(self, error);
        return;
    }
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        const char *tid = g_hash_table_lookup(self->values, names[i]);

        if (tid && g_strv_contains((const char *const *)tids, tid))
            g_string_append_printf(self->answer, "%s%s", self->answer->len ? " " : "",
                                   names[i] + 1);
    }
}

static void
wait_ns(Conform *self, gint64 ns)
{
    (void)hv_host_wait_until(self->host, hv_host_monotonic_ns(self->host) + ns, -1);
}

static guint64
number_of(const char *text)
{
    guint64 number = 0;

    g_assert_true(text && hv_parse_u64(text, G_MAXINT, &number, NULL));
    return number;
}

static void
do_wait(Conform *self, char **words)
{
    wait_ns(self, (gint64)number_of(words[0]) * 1000000);
}

/* Makes a directory, again and again until it is there or the milliseconds are over. */
static void
do_retry(Conform *self, char **words)
{
    gint64 left_ns = (gint64)number_of(words[0]) * 1000000;
    g_autoptr(GError) error = NULL;

    for (; !hv_host_mkdir(self->host, words[1], &error) && left_ns > 0; left_ns -= RETRY_NS) {
        g_clear_error(&error);
        wait_ns(self, RETRY_NS);
    }
    say_outcome(self, error == NULL, error);
}

/* Makes PATH0, PATH1 … until that is refused. */
static void
do_fill(Conform *self, char **words)
{
    g_autoptr(GError) error = NULL;
    guint n = 0;

    for (; n < MAX_FILL && !error; n++) {
        g_autofree char *path = g_strdup_printf("%s%u", words[0], n);

        (void)hv_host_mkdir(self->host, path, &error);
    }
    g_string_append_printf(self->answer, "%u made, then ", error ? n - 1 : n);
    say_change(self, words[0], error == NULL, error);
}

/* Removes what fill has made. */
static void
do_drain(Conform *self, char **words)
{
    for (guint n = 0; n < MAX_FILL; n++) {
        g_autofree char *path = g_strdup_printf("%s%u", words[0], n);

        if (hv_host_exists(self->host, path))
            (void)hv_host_rmdir(self->host, path,
                                NULL); /* what is left shows in what follows */
    }
}

static void
do_get_affinity(Conform *self, char **words)
{
    g_autoptr(HvSet) cpus = hv_set_new();
    g_autoptr(GError) error = NULL;

    if (hv_host_get_affinity(self->host, (int)number_of(words[0]), cpus, &error)) {
        g_autofree char *list = hv_set_to_text(cpus);

        g_string_append(self->answer, list);
    } else {
        say_error(self, error);
    }
}

static void
do_set_affinity(Conform *self, char **words)
{
    g_autoptr(HvSet) cpus = hv_set_parse(words[1] ? words[1] : "", NULL);
    g_autoptr(GError) error = NULL;
    int tid = (int)number_of(words[0]);
    gboolean done = hv_host_set_affinity(self->host, tid, 0, cpus, &error);

    if (!done && !words[1])
        g_string_append(self->answer, "refused");
    else
        say_outcome(self, done, error);
}

/* ---- pages ---- */

static guint
parse_pages(char **words, void **pages)
{
    guint n = 0;

    for (; words[n]; n++) {
        guint64 address;

        g_assert_cmpuint(n, <, MAX_PAGES);
        g_assert_true(hv_parse_hex(words[n], G_MAXUINT64, &address, NULL));
        pages[n] = GSIZE_TO_POINTER(address);
    }
    return n;
}

static void
say_pages(Conform *self, const int *status, guint n)
{
    for (guint i = 0; i < n; i++) {
        const char *separator = i > 0 ? " " : "";

        if (status[i] < 0)
            g_string_append_printf(self->answer, "%s%s", separator, errno_name(-status[i]));
        else
            g_string_append_printf(self->answer, "%s%d", separator, status[i]);
    }
}

static void
do_query(Conform *self, char **words)
{
    void *pages[MAX_PAGES];
    int status[MAX_PAGES];
    guint n = parse_pages(words + 1, pages);
    g_autoptr(GError) error = NULL;

    if (hv_host_query_pages(self->host, (int)number_of(words[0]), n, pages, status, &error))
        say_pages(self, status, n);
    else
        say_error(self, error);
}

/* Somebody was just using a page: try again. */
static gboolean
is_any_busy(const int *status, guint n)
{
    for (guint i = 0; i < n; i++)
        if (status[i] == -EBUSY || status[i] == -EAGAIN)
            return TRUE;
    return FALSE;
}

static void
do_move(Conform *self, char **words)
{
    void *pages[MAX_PAGES];
    int status[MAX_PAGES], nodes[MAX_PAGES];
    guint n = parse_pages(words + 2, pages);
    gint64 node = 0;
    g_autoptr(GError) error = NULL;

    g_assert_true(hv_parse_int(words[1], G_MININT, G_MAXINT, &node, NULL));
    for (guint i = 0; i < n; i++)
        nodes[i] = (int)node;
    for (guint try = 0; try < MAX_TRIES; try++) {
        g_clear_error(&error);
        if (hv_host_move_pages(self->host, (int)number_of(words[0]), n, pages, nodes, status,
                               &error) &&
            !is_any_busy(status, n))
            break;
    }
    if (error)
        say_error(self, error);
    else
        say_pages(self, status, n);
}

/* ---- the script ---- */

/* @line with the values of its names; a name ends where letters and digits do. (transfer full)
 */
static char *
fill_in(Conform *self, const char *line)
{
    GString *result = g_string_new(NULL);

    while (*line) {
        gsize length = 1;
        g_autofree char *name = NULL;
        const char *value;

        if (*line != '$') {
            g_string_append_c(result, *line++);
            continue;
        }
        while (g_ascii_isalnum(line[length]))
            length++;
        name = g_strndup(line, length);
        value = g_hash_table_lookup(self->values, name);
        g_string_append(result, value ? value : name);
        line += length;
    }
    return g_string_free(result, FALSE);
}

/* The text to be written is all behind the blank after the path; \n is a newline. */
static void
do_write(Conform *self, const char *rest)
{
    g_auto(GStrv) words = g_strsplit(rest, " ", 2);
    g_autofree char *text = g_strcompress(words[1]);
    g_autoptr(GError) error = NULL;
    gboolean done = hv_host_write(self->host, words[0], text, &error);

    say_change(self, words[0], done, error);
}

static const struct {
    const char *verb;
    void (*run)(Conform *self, char **words);
} verbs[] = {
    { "list", do_list },
    { "read", do_read },
    { "mkdir", do_mkdir },
    { "rmdir", do_rmdir },
    { "rename", do_rename },
    { "lock", do_lock },
    { "tasks", do_tasks },
    { "wait", do_wait },
    { "retry", do_retry },
    { "fill", do_fill },
    { "drain", do_drain },
    { "affinity-get", do_get_affinity },
    { "affinity-set", do_set_affinity },
    { "query", do_query },
    { "move", do_move },
};

gboolean
conform_run_line(Conform *self, const char *line)
{
    g_autofree char *filled = fill_in(self, line);
    g_auto(GStrv) words = g_strsplit(filled, " ", -1);

    g_string_truncate(self->answer, 0);
    if (strcmp(words[0], "write") == 0) {
        do_write(self, filled + strlen("write "));
        return TRUE;
    }
    for (guint i = 0; i < G_N_ELEMENTS(verbs); i++)
        if (strcmp(words[0], verbs[i].verb) == 0) {
            verbs[i].run(self, words + 1);
            return TRUE;
        }
    return FALSE;
}
