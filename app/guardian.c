/* Starting guards: hvtune itself, executed anew and apart from this process. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/guardian.h"

#include <unistd.h>

#include "model/i18n.h"

/* All that a guard may need of our environment: where the journal is, and whose libvirt. */
static const char *const handed_on[] = { "STATE_DIRECTORY",
                                         "XDG_STATE_HOME",
                                         "XDG_RUNTIME_DIR",
                                         "HOME",
                                         "USER",
                                         "LANG",
                                         "LC_ALL",
                                         "TZ" };

static char **
make_environment(void)
{
    GPtrArray *variables = g_ptr_array_new();

    for (guint i = 0; i < G_N_ELEMENTS(handed_on); i++) {
        const char *value = g_getenv(handed_on[i]);

        if (value)
            g_ptr_array_add(variables, g_strdup_printf("%s=%s", handed_on[i], value));
    }
    g_ptr_array_add(variables, NULL);
    return (char **)g_ptr_array_free(variables, FALSE);
}

/* This very program, also where an upgrade has put another in its place meanwhile. */
static char *
find_program(void)
{
    g_autofree char *path = g_file_read_link("/proc/self/exe", NULL);

    if (path && access(path, X_OK) == 0)
        return g_steal_pointer(&path);
    return g_strdup_printf("/proc/%d/exe", getpid());
}

gboolean
hv_guardian_start(gpointer seat, const HvPlan *plan, char **remark, GError **error)
{
    const HvGuardianSeat *at = seat;
    g_autofree char *program = find_program();
    g_autofree char *id = g_strdup_printf("%" G_GUINT64_FORMAT, plan->id);
    g_autofree char *unit = g_strdup_printf("hvtune-guard-%s-%d", id, getpid());
    g_auto(GStrv) environment = make_environment();
    const char *argv[] = { program, "guard", id, NULL, NULL, NULL };
    const char *why_process = NULL;

    if (at->options->connect_uri) {
        argv[3] = "--connect";
        argv[4] = at->options->connect_uri;
    }
    if (!hv_host_spawn_detached(at->host, unit, argv, (const char *const *)environment,
                                &why_process, error))
        return FALSE;
    if (why_process)
        *remark = g_strdup_printf(_("the guard is a process of its own, no unit of systemd's "
                                    "(%s): the end of a login may kill it"),
                                  _(why_process));
    return TRUE;
}
