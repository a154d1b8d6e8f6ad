/* What the knobs of resctrl share: its control groups as they are now, its rules, its lock. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tuners/resctrl.h"

#include <string.h>
#include <unistd.h>

#include "host/parse.h"
#include "model/i18n.h"
#include "model/plan.h"
#include "model/text.h"

#define LOCK_MS 200
#define STATUS HV_RESCTRL_DIR "/info/last_cmd_status"
#define STATUS_BYTES 4096
#define SHOWN_CHARS 60
#define MAX_NAMED 12
/* A directory that is called as the root group is; see model/knob.c. */
#define NOT_THE_DEFAULT "default/"

/* ---- names and paths ---- */

char *
hv_control_path(const char *group, const char *file)
{
    const gboolean is_root = strcmp(group, HV_CONTROL_DEFAULT) == 0;
    const char *name = strcmp(group, NOT_THE_DEFAULT) == 0 ? HV_CONTROL_DEFAULT : group;

    return g_strconcat(HV_RESCTRL_DIR, is_root ? "" : "/", is_root ? "" : name,
                       *file ? "/" : "", file, NULL);
}

gboolean
hv_control_mounted(HvHost *host, GError **error)
{
    g_autofree char *filesystems = NULL;

    if (hv_host_exists(host, HV_RESCTRL_DIR "/info"))
        return TRUE;
    filesystems = hv_host_read_text(host, "proc/filesystems", 65536, NULL);
    if (filesystems && strstr(filesystems, "\tresctrl\n"))
        g_set_error_literal(error, HV_ERROR, HV_ERROR_ABSENT,
                            _("resctrl is not mounted: hvtune set host/resctrl=mounted"));
    else
        g_set_error_literal(error, HV_ERROR, HV_ERROR_ABSENT,
                            _("this kernel, or this cpu, has no resctrl"));
    return FALSE;
}

/* Only a control group has a schemata of its own; the root has files beside them. */
static gboolean
is_group(HvHost *host, const char *directory)
{
    g_autofree char *schemata = g_strconcat(HV_RESCTRL_DIR "/", directory, "/schemata", NULL);

    return hv_host_exists(host, schemata);
}

char **
hv_control_names(HvHost *host, GError **error)
{
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();
    g_auto(GStrv) entries = NULL;

    if (!hv_control_mounted(host, error))
        return NULL;
    entries = hv_host_list(host, HV_RESCTRL_DIR, error);
    if (!entries)
        return NULL;
    g_strv_builder_add(names, HV_CONTROL_DEFAULT);
    for (guint i = 0; entries[i]; i++)
        if (is_group(host, entries[i]))
            g_strv_builder_add(names, strcmp(entries[i], HV_CONTROL_DEFAULT) == 0
                                          ? NOT_THE_DEFAULT
                                          : entries[i]);
    return g_strv_builder_end(names);
}

gboolean
hv_control_exists(HvHost *host, const char *group)
{
    g_autofree char *schemata = hv_control_path(group, "schemata");

    return hv_host_exists(host, schemata);
}

/* ---- reading ---- */

static void
clear_share(gpointer data)
{
    g_free(((HvControlShare *)data)->resource);
}

void
hv_control_free(HvControlGroup *group)
{
    if (!group)
        return;
    g_free(group->name);
    g_free(group->mode);
    g_array_unref(group->shares);
    g_free(group);
}

static void
add_share(const HvResctrlDomain *domain, gpointer data)
{
    const HvControlShare share = {
        .resource = g_strdup(domain->resource),
        .domain = domain->domain,
        .is_cache = domain->is_cache,
        .number = domain->number,
    };

    g_array_append_val((GArray *)data, share);
}

static void
add_size(const HvResctrlDomain *domain, gpointer data)
{
    const GArray *shares = data;

    for (guint i = 0; i < shares->len; i++) {
        HvControlShare *share = &g_array_index(shares, HvControlShare, i);

        if (share->domain == domain->domain && share->is_cache &&
            strcmp(share->resource, domain->resource) == 0)
            share->size_bytes = domain->number;
    }
}

static char *
read_file(HvHost *host, const char *group, const char *file, GError **error)
{
    g_autofree char *path = hv_control_path(group, file);

    return hv_host_read_text(host, path, 0, error);
}

static gboolean
no_such_group(HvHost *host, const char *path, GError **error)
{
    g_auto(GStrv) names = hv_control_names(host, error);
    g_autoptr(GString) shown = g_string_new(NULL);

    if (!names) {
        g_prefix_error(error, "%s: ", path);
        return FALSE;
    }
    for (guint i = 0; names[i] && i < MAX_NAMED; i++) {
        g_autofree char *name = hv_text_printable(names[i], SHOWN_CHARS);

        g_string_append_printf(shown, "%s%s", i ? ", " : "", name);
    }
    g_set_error(error, HV_ERROR, HV_ERROR_ABSENT, _("%s: no such group (there are: %s)"), path,
                shown->str);
    return FALSE;
}

HvControlGroup *
hv_control_read(HvHost *host, const char *name, const char *path, GError **error)
{
    g_autoptr(HvControlGroup) group = g_new0(HvControlGroup, 1);
    g_autofree char *schemata = NULL;
    g_autofree char *size = NULL;
    g_autoptr(GError) why = NULL;
    int domain_id;

    group->name = g_strdup(name);
    group->shares = g_array_new(FALSE, FALSE, sizeof(HvControlShare));
    g_array_set_clear_func(group->shares, clear_share);
    schemata = read_file(host, name, "schemata", &why);
    if (!schemata && g_error_matches(why, HV_ERROR, HV_ERROR_ABSENT)) {
        no_such_group(host, path, error);
        return NULL;
    }
    if (!schemata || !hv_schemata_parse(schemata, add_share, group->shares, &why)) {
        g_propagate_prefixed_error(error, g_steal_pointer(&why), "%s: ", path);
        return NULL;
    }
    size = read_file(host, name, "size", NULL);
    if (size) /* without sizes there are still ways */
        (void)hv_resctrl_size_parse(size, add_size, group->shares, NULL);
    group->mode = read_file(host, name, "mode", NULL);
    if (group->mode)
        hv_chomp(group->mode);
    group->owner = strcmp(name, HV_CONTROL_DEFAULT) == 0 ? HV_RESCTRL_DEFAULT
                                                         : hv_resctrl_owner(name, &domain_id);
    return g_steal_pointer(&group);
}

static void
free_group(gpointer group)
{
    hv_control_free(group);
}

GPtrArray *
hv_control_read_all(HvHost *host, GError **error)
{
    g_auto(GStrv) names = hv_control_names(host, error);
    g_autoptr(GPtrArray) groups = g_ptr_array_new_with_free_func(free_group);

    for (guint i = 0; names && names[i]; i++) {
        g_autoptr(GError) why = NULL;
        HvControlGroup *group = hv_control_read(host, names[i], names[i], &why);

        if (group) {
            g_ptr_array_add(groups, group);
        } else if (!g_error_matches(why, HV_ERROR, HV_ERROR_ABSENT)) {
            g_propagate_error(error, g_steal_pointer(&why));
            return NULL;
        }
    }
    return names ? g_steal_pointer(&groups) : NULL;
}

const HvControlShare *
hv_control_share(const HvControlGroup *group, const char *resource, guint domain)
{
    for (guint i = 0; i < group->shares->len; i++) {
        const HvControlShare *share = &g_array_index(group->shares, HvControlShare, i);

        if (share->domain == domain && strcmp(share->resource, resource) == 0)
            return share;
    }
    return NULL;
}

gboolean
hv_control_info(HvHost *host, const char *resource, const char *file, gboolean is_hex,
                guint64 *value)
{
    g_autofree char *path = g_strconcat(HV_RESCTRL_DIR "/info/", resource, "/", file, NULL);
    g_autofree char *text = hv_host_read_text(host, path, 256, NULL);

    if (!text)
        return FALSE;
    hv_chomp(text);
    return is_hex ? hv_parse_hex(text, G_MAXUINT64, value, NULL)
                  : hv_parse_u64(text, G_MAXUINT64, value, NULL);
}

/* ---- whose ---- */

gboolean
hv_control_is_locked(const HvControlGroup *group)
{
    return group->mode && g_str_has_prefix(group->mode, "pseudo-lock");
}

gboolean
hv_control_will_be(HvHost *host, const char *group, const HvPlan *plan)
{
    g_autofree char *knob = hv_knob_path("resctrl", group, NULL);
    const HvValue *expected = plan ? hv_plan_expected(plan, knob) : NULL;

    return expected ? g_strcmp0(expected->text, "present") == 0
                    : hv_control_exists(host, group);
}

static gboolean
is_foreign(const char *group, HvResctrlOwner *owner)
{
    int domain_id;

    *owner = strcmp(group, HV_CONTROL_DEFAULT) == 0 ? HV_RESCTRL_DEFAULT
                                                    : hv_resctrl_owner(group, &domain_id);
    return *owner != HV_RESCTRL_DEFAULT && *owner != HV_RESCTRL_HVTUNE;
}

gboolean
hv_control_check_owner(const char *group, const HvPlan *plan, GError **error)
{
    HvResctrlOwner owner;
    g_autofree char *shown = hv_text_printable(group, SHOWN_CHARS);

    if (!plan || !plan->by_glob || !is_foreign(group, &owner))
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                owner == HV_RESCTRL_UNKNOWN
                    ? _("group %s is not hvtune's: it is changed only when it is named in full")
                    : _("group %s is not hvtune's (%s made it): it is changed only when it is "
                        "named in full"),
                shown, hv_resctrl_owner_name(owner));
    return FALSE;
}

char *
hv_control_owner_remark(const char *group)
{
    HvResctrlOwner owner;

    if (!is_foreign(group, &owner) || owner == HV_RESCTRL_UNKNOWN)
        return NULL;
    if (owner == HV_RESCTRL_LIBVIRT)
        return g_strdup(_("libvirt made this group for <cachetune>: the domain's XML goes on "
                          "naming the former share, which comes back at its next start"));
    return g_strdup(_("a container runtime made this group, and may set it again"));
}

/* ---- changing ---- */

char *
hv_control_status(HvHost *host)
{
    char *text = hv_host_read_text(host, STATUS, STATUS_BYTES, NULL);

    return text ? hv_chomp(text) : NULL;
}

/* It accumulates over commands that do not clear it, and can say "ok" after a failure: what
 * counts is its last line, where that is new. */
void
hv_control_add_words(HvHost *host, const char *former, GError *error)
{
    g_autofree char *status = hv_control_status(host);
    const char *end = status ? strrchr(status, '\n') : NULL;
    const char *words = end ? end + 1 : status;
    g_autofree char *message = NULL;
    g_autofree char *shown = NULL;

    if (!words || !*words || strcmp(words, "ok") == 0 || g_strcmp0(status, former) == 0)
        return;
    message = g_steal_pointer(&error->message);
    shown = hv_text_printable(words, 200);
    error->message = g_strdup_printf(_("the kernel says \"%s\": %s"), shown, message);
}

/* Without it nothing was written: that is no answer that is missing. */
int
hv_control_lock(HvHost *host, GError **error)
{
    g_autoptr(GError) why = NULL;
    const int lock = hv_host_lock(host, HV_RESCTRL_DIR, TRUE, LOCK_MS, &why);

    if (lock >= 0)
        return lock;
    if (g_error_matches(why, HV_ERROR, HV_ERROR_TIMEOUT))
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                    _("another program has held resctrl's lock for %d ms: try again"), LOCK_MS);
    else
        g_propagate_error(error, g_steal_pointer(&why));
    return -1;
}

gboolean
hv_control_change(HvHost *host, HvControlChange change, const char *path, const char *text,
                  GError **error)
{
    const int lock = hv_control_lock(host, error);
    g_autofree char *former = NULL;
    g_autoptr(GError) why = NULL;
    gboolean good;

    if (lock < 0)
        return FALSE;
    /* a write to a file clears it first, so that the same words again are new */
    former = text ? NULL : hv_control_status(host);
    good = change(host, path, text, &why);
    if (!good) {
        hv_control_add_words(host, former, why);
        g_propagate_error(error, g_steal_pointer(&why));
    }
    (void)close(lock);
    return good;
}
