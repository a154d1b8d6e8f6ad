/* A small kernel of knobs for tests: each value is a file in a private directory. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fake-knobs.h"

#include "model/error.h"

#include <glib/gstdio.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

Fake fake;

static const char *const modes[] = { "off", "on", "tiering", NULL };
static const HvKnobFamily knobs[] = {
    { .path = "vm/*/vcpu/*/cpus",
      .type = HV_TYPE_CPUS,
      .help = "vCPU",
      .persists = TRUE,
      .shell_line = "pin {1} {2} {after}",
      .risk = "its memory stays" },
    { .path = "vm/*/vhost/cpus",
      .type = HV_TYPE_CPUS,
      .help = "vhost",
      .shell_line = "pin {1} {after}" },
    { .path = "host/mode", .type = HV_TYPE_WORD, .words = modes, .help = "mode" },
    { .path = "host/rate",
      .type = HV_TYPE_U64,
      .min = 1,
      .max = 100,
      .help = "rate",
      .named_only = TRUE },
    { 0 },
};
static const char *const all_paths[] = {
    "vm/web1/vcpu/0/cpus", "vm/web1/vcpu/1/cpus", "vm/web1/vhost/cpus", "vm/web2/vcpu/0/cpus",
    "vm/web2/vcpu/1/cpus", "vm/web2/vhost/cpus",  "host/mode",          "host/rate",
};

static char *
file_of(const char *path)
{
    g_autofree char *name = g_strdelimit(g_strdup(path), "/", ',');

    return g_build_filename(fake.directory, name, NULL);
}

char *
fake_get(const char *path)
{
    g_autofree char *file = file_of(path);
    char *text = NULL;

    return g_file_get_contents(file, &text, NULL, NULL) ? text : NULL;
}

void
fake_set(const char *path, const char *value)
{
    g_autofree char *file = file_of(path);

    g_assert_true(
        g_file_set_contents_full(file, value, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
}

static gboolean
list_knobs(HvHost *host G_GNUC_UNUSED, const HvKnobFamily *family, GPtrArray *paths,
           GError **error G_GNUC_UNUSED)
{
    for (guint i = 0; i < G_N_ELEMENTS(all_paths) && !fake.no_guests; i++) {
        if (hv_knob_glob_match(family->path, all_paths[i]))
            g_ptr_array_add(paths, g_strdup(all_paths[i]));
    }
    return TRUE;
}

/* As a real tuner it names the VM, not the knob. */
static gboolean
find_guest(const HvKnob *knob, GError **error)
{
    if (strcmp(knob->segments[0], "vm") != 0 ||
        (!fake.no_guests && g_str_has_prefix(knob->segments[1], "web")))
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_ABSENT, "vm/%s: no such VM", knob->segments[1]);
    return FALSE;
}

static gboolean
read_knob(HvHost *host G_GNUC_UNUSED, const HvKnob *knob, HvValue *value, GError **error)
{
    g_autofree char *text = find_guest(knob, error) ? fake_get(knob->path) : NULL;

    if (!text) {
        if (error && !*error)
            g_set_error(error, HV_ERROR, HV_ERROR_ABSENT, "%s: nothing there", knob->path);
        return FALSE;
    }
    if (g_str_has_suffix(text, "!")) { /* "0-3!": threads that differ */
        text[strlen(text) - 1] = '\0';
        g_assert_true(hv_value_parse(value, knob->family->type, modes, text, NULL));
        value->mixed = TRUE;
        return TRUE;
    }
    return hv_value_parse(value, knob->family->type, modes, text, error);
}

static gboolean
check_knob(HvHost *host G_GNUC_UNUSED, const HvKnob *knob, const HvValue *after,
           const HvPlan *plan G_GNUC_UNUSED, GError **error)
{
    if (after->type != HV_TYPE_CPUS || hv_set_last(after->set) < 8)
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED, "%s: no cpu %d", knob->path,
                hv_set_last(after->set));
    return FALSE;
}

/* The fault of this write: FALSE with @error, or an end. @write: whether to write all the same.
 */
static gboolean
strike(gboolean *write, gboolean *mangle, GError **error)
{
    const gboolean lasts =
        fake.fault == FAKE_BREAKS || fake.fault == FAKE_SPOILS || fake.fault == FAKE_FALLS_DUMB;
    gboolean first;

    *write = TRUE;
    *mangle = FALSE;
    first = ++fake.n_writes == fake.fault_at;
    if (!first && (!lasts || fake.fault_at == 0 || fake.n_writes < fake.fault_at))
        return TRUE;
    *mangle = fake.fault == FAKE_MANGLES || (fake.fault == FAKE_SPOILS && first);
    *write = fake.fault == FAKE_LATE || fake.fault == FAKE_DIES_LATE || *mangle;
    if (fake.fault == FAKE_DIES)
        _exit(9);
    if (fake.fault == FAKE_MANGLES || fake.fault == FAKE_DIES_LATE)
        return TRUE;
    if (fake.fault == FAKE_REFUSES || fake.fault == FAKE_BREAKS || fake.fault == FAKE_SPOILS ||
        (fake.fault == FAKE_FALLS_DUMB && first))
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED, "the kernel said no");
    else
        g_set_error(error, HV_ERROR, HV_ERROR_TIMEOUT, "no answer");
    return FALSE;
}

static void
die_late(void)
{
    if (fake.n_writes == fake.fault_at && fake.fault == FAKE_DIES_LATE)
        _exit(9);
}

static gboolean
write_knob(HvHost *host G_GNUC_UNUSED, const HvKnob *knob, const HvValue *after, GError **error)
{
    g_autofree char *text = hv_value_to_text(after);
    gboolean write, mangle;
    gboolean good;

    if (!find_guest(knob, error))
        return FALSE;
    good = strike(&write, &mangle, error);
    if (write)
        fake_set(knob->path, mangle ? "7" : text);
    die_late();
    return good;
}

/* The persistent form of a guest: a line for each pin, one file for all. */
static char *
persist_path(const HvKnob *knob)
{
    return g_strdup_printf("persistent/%s", knob->segments[1]);
}

static gboolean
persist_read(HvHost *host G_GNUC_UNUSED, const HvKnob *knob, char **state, GError **error)
{
    g_autofree char *path = persist_path(knob);

    *state = fake_get(path);
    if (*state)
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_ABSENT, "%s: no definition", knob->path);
    return FALSE;
}

static gboolean
persist_write(HvHost *host G_GNUC_UNUSED, const HvKnob *knob, const HvValue *after,
              GError **error)
{
    g_autofree char *path = persist_path(knob);
    g_autofree char *former = fake_get(path);
    g_autofree char *text = hv_value_to_text(after);
    g_autofree char *line = g_strdup_printf("%s%s=%s\n", former, knob->segments[3], text);
    gboolean write, mangle;
    const gboolean good = strike(&write, &mangle, error);

    if (write)
        fake_set(path, line);
    die_late();
    return good;
}

static gboolean
persist_restore(HvHost *host G_GNUC_UNUSED, const HvKnob *knob, const char *before,
                const char *after, gboolean force, GError **error)
{
    g_autofree char *path = persist_path(knob);
    g_autofree char *present = fake_get(path);
    gboolean write, mangle;
    gboolean good;

    if (!force && g_strcmp0(present, after) != 0) {
        g_set_error(error, HV_ERROR, HV_ERROR_CONFLICT, "%s: changed", knob->path);
        return FALSE;
    }
    good = strike(&write, &mangle, error);
    if (write)
        fake_set(path, before);
    die_late();
    return good;
}

static gboolean
subject_of(HvHost *host G_GNUC_UNUSED, const HvKnob *knob, HvSubject *subject, GError **error)
{
    if (!find_guest(knob, error))
        return FALSE;
    if (strcmp(knob->segments[0], "vm") != 0)
        return TRUE;
    subject->guest_name = g_strdup(knob->segments[1]);
    subject->guest_uuid = g_strdup_printf("uuid of %s", knob->segments[1]);
    subject->pid = 4711;
    subject->start_ticks = fake.start_ticks;
    return TRUE;
}

static gboolean
persist_holds(const HvKnob *knob, const char *state, const HvValue *after)
{
    g_autofree char *text = hv_value_to_text(after);
    g_autofree char *line = g_strdup_printf("\n%s=%s\n", knob->segments[3], text);

    return strstr(state, line) != NULL;
}

static gboolean
is_quiet(HvHost *host G_GNUC_UNUSED, const HvKnob *knob, GError **error)
{
    if (!fake.busy)
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_TIMEOUT, "%s: no answer", knob->path);
    return FALSE;
}

static const HvTuner fake_tuner = {
    .name = "fake",
    .knobs = knobs,
    .list = list_knobs,
    .read = read_knob,
    .check = check_knob,
    .write = write_knob,
    .persist_read = persist_read,
    .persist_write = persist_write,
    .persist_restore = persist_restore,
    .persist_holds = persist_holds,
    .is_quiet = is_quiet,
    .subject = subject_of,
};
const HvTuner *const fake_tuners[] = { &fake_tuner, NULL };

void
fake_start(void)
{
    fake = (Fake){ .start_ticks = 100, .now_ns = 1700000000000000000 };
    fake.directory = g_dir_make_tmp("hvtune-fake-XXXXXX", NULL);
    g_assert_nonnull(fake.directory);
    for (guint i = 0; i < G_N_ELEMENTS(all_paths) - 2; i++)
        fake_set(all_paths[i], "0-3");
    fake_set("host/mode", "off");
    fake_set("host/rate", "10");
    fake_set("persistent/web1", "<web1 secret='s3cret'>\n");
    fake_set("persistent/web2", "<web2>\n");
}

static int
by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *
files(void)
{
    g_autoptr(GDir) directory = g_dir_open(fake.directory, 0, NULL);
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    for (const char *name; (name = g_dir_read_name(directory));)
        g_ptr_array_add(names, g_build_filename(fake.directory, name, NULL));
    g_ptr_array_sort(names, by_name);
    return names;
}

void
fake_stop(void)
{
    g_autoptr(GPtrArray) names = files();

    for (guint i = 0; i < names->len; i++)
        (void)g_remove(names->pdata[i]);
    (void)g_rmdir(fake.directory);
    g_clear_pointer(&fake.directory, g_free);
}

char *
fake_digest(void)
{
    g_autoptr(GPtrArray) names = files();
    GString *all = g_string_new(NULL);

    for (guint i = 0; i < names->len; i++) {
        g_autofree char *base = g_path_get_basename(names->pdata[i]);
        g_autofree char *text = fake_get(base);

        g_string_append_printf(all, "%s: %s\n", base, text);
    }
    return g_string_free(all, FALSE);
}

void
fake_fault(FakeFault fault, guint at)
{
    fake.fault = fault;
    fake.fault_at = at ? fake.n_writes + at : 0;
}

static gint64
now_ns(gpointer data G_GNUC_UNUSED)
{
    return fake.now_ns += 1000000;
}

HvSessionParts
fake_parts(HvJournal *journal)
{
    return (HvSessionParts){
        .tuners = fake_tuners,
        .clock = { .realtime_ns = now_ns, .monotonic_ns = now_ns },
        .journal = journal,
    };
}

HvActOptions
fake_options(void)
{
    return (HvActOptions){ .who = "root on pts/3", .machine_id = "m", .boot_id = "b" };
}

static void
free_wish(gpointer wish)
{
    hv_wish_free(wish);
}

GPtrArray *
fake_wishes(const char *first, ...)
{
    GPtrArray *wishes = g_ptr_array_new_with_free_func(free_wish);
    va_list arguments;

    va_start(arguments, first);
    for (const char *text = first; text; text = va_arg(arguments, const char *)) {
        HvWish *wish = hv_wish_parse(text, NULL);

        g_assert_nonnull(wish);
        g_ptr_array_add(wishes, wish);
    }
    va_end(arguments);
    return wishes;
}
