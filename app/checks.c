/* What doctor looks at beside the sources: rights, kernel, journal, terminal; as a
 * table. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/checks.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/checks-kernel.h"
#include "model/i18n.h"

enum { CHECK, STATE, WHY, CURE };
static const HvColumn columns[] = {
    [CHECK] = { "check", HV_KIND_KEY, HV_UNIT_NONE, N_("what was looked at"), 0, 0, FALSE },
    [STATE] = { "state", HV_KIND_TEXT, HV_UNIT_NONE, N_("ok, absent, denied or failed"), 0, 0,
                FALSE },
    [WHY] = { "why", HV_KIND_TEXT, HV_UNIT_NONE, N_("what was found"), 0, 0, FALSE },
    [CURE] = { "cure", HV_KIND_TEXT, HV_UNIT_NONE, N_("what to do about it"), 0, 0, FALSE },
    { 0 },
};
const HvSchema hv_checks_schema = { "checks", columns, FALSE };

void
hv_checks_put(HvSink *out, const char *check, const char *state, const char *why,
              const char *cure)
{
    hv_row(out, check);
    hv_text(out, STATE, state);
    if (why)
        hv_text(out, WHY, why);
    else
        hv_none(out, WHY, HV_MARK_ABSENT, _("not known here"));
    if (cure)
        hv_text(out, CURE, cure);
    else
        hv_none(out, CURE, HV_MARK_ABSENT, _("none is needed, or none is known"));
}

static void
check_privileges(HvApp *app, HvSink *out)
{
    const char *read_only_why = hv_app_parts(app)->read_only_why;
    HvHost *host = hv_app_parts(app)->host;
    const gboolean is_root = geteuid() == 0;

    if (read_only_why)
        hv_checks_put(out, "privileges", "denied", read_only_why,
                      is_root || !hv_host_is_live(host) ? NULL : _("sudo hvtune"));
    else if (is_root)
        hv_checks_put(out, "privileges", "ok", _("root"), NULL);
    else
        hv_checks_put(out, "privileges", "ok",
                      _("not root: what needs more says so where it is tried"), NULL);
}

static void
check_journal(HvApp *app, HvSink *out)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *directory = hv_journal_state_dir();
    HvJournal *journal = hv_app_journal(app, &error);
    const char *warning = journal ? hv_journal_warning(journal) : NULL;

    if (!journal)
        hv_checks_put(out, "journal", "failed", error->message,
                      _("without a journal nothing is changed"));
    else if (hv_host_is_simulated(hv_app_parts(app)->host))
        hv_checks_put(out, "journal", "ok", _("in memory: a demo leaves nothing behind"), NULL);
    else
        hv_checks_put(out, "journal", warning ? "failed" : "ok", warning ? warning : directory,
                      NULL);
}

static void
check_terminal(HvSink *out)
{
    const char *term = getenv("TERM"), *depth = getenv("COLORTERM");
    g_autofree char *found =
        g_strdup_printf("TERM=%s%s%s, %s", term ? term : "", depth ? " COLORTERM=" : "",
                        depth ? depth : "", nl_langinfo(CODESET));

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        hv_checks_put(out, "terminal", "absent",
                      _("input or output is no terminal: no console, all else works"), NULL);
    else if (!g_str_equal(nl_langinfo(CODESET), "UTF-8"))
        hv_checks_put(out, "terminal", "ok", found,
                      _("a UTF-8 locale shows finer graphs: export LC_ALL=C.UTF-8"));
    else
        hv_checks_put(out, "terminal", "ok", found, NULL);
}

void
hv_checks_run(HvApp *app, HvSink *out)
{
    HvHost *host = hv_app_parts(app)->host;

    check_privileges(app, out);
    hv_checks_kernel(
        host, hv_host_is_simulated(host) || (geteuid() == 0 && hv_host_is_live(host)), out);
    check_journal(app, out);
    check_terminal(out);
}
