/* Asks a kernel what a script says, through the door alone, and prints what it answered: one
 * line for each operation. The real kernel and the simulated one are to print the same. Usage:
 * conform [--demo SCENARIO[,VARIANT]] VM SCRIPT */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/conform.h"

#include "host/parse.h"
#include "host/sim/sim.h"

#include <stdio.h>
#include <string.h>

#define PAGE_BYTES 4096u
#define GUESTS_WAIT_MS 20000u

/* ---- what is asked about ---- */

static void set_value(Conform *self, const char *name, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

static void
set_value(Conform *self, const char *name, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    (void)g_hash_table_insert(self->values, g_strdup(name), g_strdup_vprintf(format, values));
    va_end(values);
}

static gboolean
is_present(Conform *self, guint64 address)
{
    void *page = GSIZE_TO_POINTER(address);
    int status = -1;

    return hv_host_query_pages(self->host, self->vm->pid, 1, &page, &status, NULL) &&
           status >= 0;
}

/* The mapping in a line of maps when it is as large as the VM's memory and is written to. */
static gboolean
parse_mapping(const char *line, guint64 bytes, guint64 *start)
{
    g_auto(GStrv) words = g_strsplit_set(line, "- ", 4);
    guint64 end;

    return g_strv_length(words) == 4 && g_str_has_prefix(words[2], "rw") &&
           hv_parse_hex(words[0], G_MAXUINT64, start, NULL) &&
           hv_parse_hex(words[1], G_MAXUINT64, &end, NULL) && end - *start == bytes;
}

/* Two pages of the VM's memory that are there, far enough from each other not to be one huge
 * page. */
static void
find_pages(Conform *self)
{
    g_autofree char *path = g_strdup_printf("proc/%d/maps", self->vm->pid);
    g_autofree char *text = hv_host_read_text(self->host, path, 0, NULL);
    g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);
    guint64 start = 0, first = 0;

    for (guint i = 0; lines[i]; i++)
        if (parse_mapping(lines[i], self->vm->memory_bytes, &start))
            break;
    for (guint64 at = start; at < start + self->vm->memory_bytes; at += PAGE_BYTES) {
        if (!is_present(self, at))
            continue;
        if (first == 0) {
            first = at;
            set_value(self, "$page", "0x%" G_GINT64_MODIFIER "x", at);
        } else if (at - first >= (4u << 20)) {
            set_value(self, "$page2", "0x%" G_GINT64_MODIFIER "x", at);
            return;
        }
    }
}

/* The group that has those of the vCPUs in it. */
static void
find_group(Conform *self)
{
    g_autofree char *inner = g_strconcat(self->vm->cgroup, "/libvirt", NULL);

    set_value(self, "$g", "%s", hv_host_exists(self->host, inner) ? inner : self->vm->cgroup);
}

static gboolean
find_vm(Conform *self, const char *name)
{
    hv_host_guests_start(self->host);
    hv_host_guests_wait(self->host, GUESTS_WAIT_MS);
    self->guests = hv_host_guests(self->host);
    self->vm = hv_guest_list_find(self->guests, name);
    if (!self->vm)
        return FALSE;
    set_value(self, "$pid", "%d", self->vm->pid);
    set_value(self, "$emulator", "%d", self->vm->pid);
    for (guint i = 0; i < self->vm->n_threads; i++) {
        const HvThread *thread = &self->vm->threads[i];
        g_autofree char *vcpu = g_strdup_printf("$vcpu%u", thread->index);

        if (thread->role == HV_THREAD_VCPU)
            set_value(self, vcpu, "%d", thread->tid);
    }
    find_group(self);
    find_pages(self);
    return TRUE;
}

/* Returns: all operations with their answers, a line each; NULL: the script is not there or not
 * right. (transfer full) */
static char *
run_script(Conform *self, const char *path)
{
    GString *lines = g_string_new(NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) script = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return g_string_free(lines, TRUE);
    script = g_strsplit(text, "\n", -1);
    for (guint i = 0; script[i]; i++) {
        if (!*script[i] || *script[i] == '#')
            continue;
        if (!conform_run_line(self, script[i]))
            return g_string_free(lines, TRUE);
        g_string_append_printf(lines, "%s -> %s\n", script[i], self->answer->str);
    }
    return g_string_free(lines, FALSE);
}

/* @demo: "SCENARIO,VARIANT", NULL: this machine. Returns: as run_script(). (transfer full) */
static char *
answers_of(const char *demo, const char *vm, const char *script)
{
    g_auto(GStrv) parts = g_strsplit(demo ? demo : "", ",", 2);
    const HvSimOptions simulated = { .scenario = parts[0],
                                     .variant = demo && parts[0] ? parts[1] : NULL };
    const HvHostOptions options = { .demo = demo ? &simulated : NULL };
    g_autoptr(GError) error = NULL;
    Conform self = { .host = hv_host_new(&options, &error), .answer = g_string_new(NULL) };
    char *answers = NULL;

    g_assert_no_error(error);
    self.values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    set_value(&self, "$r", CONFORM_RESCTRL);
    if (strcmp(vm, "-") == 0 || find_vm(&self, vm))
        answers = run_script(&self, script);
    hv_guest_list_unref(self.guests);
    hv_host_free(self.host);
    g_hash_table_unref(self.values);
    (void)g_string_free(self.answer, TRUE);
    return answers;
}

/* ---- the simulated kernel against what is kept ---- */

typedef struct {
    const char *name, *demo, *vm, *script, *answers;
} Case;

static const Case cases[] = {
    { "/conform/as the lab's Intel", "lab", "one", "script", "intel.answers" },
    { "/conform/as the lab's AMD", "lab,amd", "one", "script", "amd.answers" },
    { "/conform/as with CDP", "lab,cdp", "-", "script-cdp", "cdp.answers" },
};

static char *
path_of(const char *name)
{
    const char *sources = g_getenv("srcdir");

    return g_build_filename(sources ? sources : ".", "tests", "conformance", name, NULL);
}

static void
test_case(gconstpointer data)
{
    const Case *self = data;
    g_autofree char *script = path_of(self->script), *kept_path = path_of(self->answers);
    g_autofree char *answers = answers_of(self->demo, self->vm, script), *kept = NULL;
    g_auto(GStrv) lines = NULL, kept_lines = NULL;

    g_assert_nonnull(answers);
    if (g_strcmp0(g_getenv("HVTUNE_GOLDEN"), "write") == 0) {
        g_assert_true(g_file_set_contents(kept_path, answers, -1, NULL));
        return;
    }
    g_assert_true(g_file_get_contents(kept_path, &kept, NULL, NULL));
    lines = g_strsplit(answers, "\n", -1);
    kept_lines = g_strsplit(kept, "\n", -1);
    for (guint i = 0; lines[i] && kept_lines[i]; i++)
        g_assert_cmpstr(lines[i], ==, kept_lines[i]);
    g_assert_cmpuint(g_strv_length(lines), ==, g_strv_length(kept_lines));
}

int
main(int argc, char **argv)
{
    gboolean is_demo = argc == 5 && strcmp(argv[1], "--demo") == 0;
    g_autofree char *answers = NULL;

    if (argc == 3 || is_demo) {
        answers = answers_of(is_demo ? argv[2] : NULL, argv[argc - 2], argv[argc - 1]);
        (void)fputs(answers ? answers : "", stdout);
        return answers ? 0 : 2;
    }
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        g_test_add_data_func(cases[i].name, &cases[i], test_case);
    return g_test_run();
}
