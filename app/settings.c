/* The configuration files: what stands there is as if it stood on the command line, where that
 * does not say otherwise. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/settings.h"

#include "app/privilege.h"
#include "model/i18n.h"

#define GROUP "hvtune"
#define WATCH_GROUP "watch"

static const struct {
    const char *key;
    HvOption option;
} settings[] = {
    { "connect", HV_OPTION_CONNECT },
    { "interval", HV_OPTION_INTERVAL },
    { "theme", HV_OPTION_THEME },
    { "ascii", HV_OPTION_ASCII },
};

/* "ascii = false" is as if nothing stood there. */
static gboolean
apply_ascii(HvOptions *options, GKeyFile *file, GError **error)
{
    GError *wrong = NULL;
    const gboolean ascii = g_key_file_get_boolean(file, GROUP, "ascii", &wrong);

    if (wrong)
        g_propagate_error(error, wrong);
    else
        options->ascii |= ascii;
    return !wrong;
}

static gboolean
apply_key(HvOptions *options, GKeyFile *file, const char *key, GError **error)
{
    for (guint i = 0; i < G_N_ELEMENTS(settings); i++) {
        g_autofree char *value = NULL;

        if (!g_str_equal(key, settings[i].key))
            continue;
        if (hv_options_has(options, settings[i].option))
            return TRUE;
        if (settings[i].option == HV_OPTION_ASCII)
            return apply_ascii(options, file, error);
        value = g_key_file_get_string(file, GROUP, key, error);
        return value && hv_options_set_value(options, key, value, error);
    }
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("%s: no such setting"), key);
    return FALSE;
}

/* "NAME = COMMAND"; a watch of this name on the command line, or in a file before, stands. */
static gboolean
apply_watch(HvOptions *options, GKeyFile *file, const char *name, GError **error)
{
    g_autofree char *command = g_key_file_get_string(file, WATCH_GROUP, name, error);

    return command && (hv_options_has_watch(options, name) ||
                       hv_options_add_watch(options, name, command, error));
}

static gboolean
apply_group(HvOptions *options, GKeyFile *file, const char *group,
            gboolean (*apply)(HvOptions *options, GKeyFile *file, const char *key,
                              GError **error),
            GError **error)
{
    g_auto(GStrv) keys = g_key_file_get_keys(file, group, NULL, error);

    for (char **key = keys; key && *key; key++) {
        if (!apply(options, file, *key, error))
            return FALSE;
    }
    return keys != NULL;
}

/* A file that has but watches needs no other group. */
gboolean
hv_settings_apply_text(HvOptions *options, const char *text, gsize size, GError **error)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    gboolean has_watches;

    if (!g_key_file_load_from_data(file, text, size, G_KEY_FILE_NONE, error))
        return FALSE;
    has_watches = g_key_file_has_group(file, WATCH_GROUP);
    if (!has_watches || g_key_file_has_group(file, GROUP)) {
        if (!apply_group(options, file, GROUP, apply_key, error))
            return FALSE;
    }
    return !has_watches || apply_group(options, file, WATCH_GROUP, apply_watch, error);
}

static gboolean
apply_file(HvOptions *options, const char *path, GError **error)
{
    g_autofree char *text = NULL;
    gsize size;

    return hv_privilege_file_is_safe(path, error) &&
           g_file_get_contents(path, &text, &size, error) &&
           hv_settings_apply_text(options, text, size, error);
}

void
hv_settings_apply_file(HvOptions *options, const char *path, GString *notes)
{
    g_autoptr(GError) error = NULL;

    if (!g_file_test(path, G_FILE_TEST_EXISTS)) /* or in a place that we may not look into */
        return;
    if (!apply_file(options, path, &error))
        g_string_append_printf(notes, _("hvtune: %s: ignored: %s\n"), path, error->message);
}

void
hv_settings_apply(HvOptions *options, GString *notes)
{
    g_autofree char *own =
        g_build_filename(g_get_user_config_dir(), "hvtune", "hvtune.conf", NULL);

    hv_settings_apply_file(options, "/etc/hvtune.conf", notes);
    hv_settings_apply_file(options, own, notes);
}
