/* What doctor looks at beside the sources: rights, kernel, journal, terminal; as a
 * table. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/checks.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/privilege.h"
#include "host/parse.h"
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

/* @why NULL: nothing is known; @cure NULL: none is needed. */
static void
put(HvSink *out, const char *check, const char *state, const char *why, const char *cure)
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
        hv_none(out, CURE, HV_MARK_ABSENT, _("nothing to cure"));
}

static void
check_privileges(HvApp *app, HvSink *out)
{
    const char *read_only_why = hv_app_parts(app)->read_only_why;

    if (read_only_why)
        put(out, "privileges", "denied", read_only_why, _("sudo hvtune"));
    else if (geteuid() == 0)
        put(out, "privileges", "ok", _("root"), NULL);
    else
        put(out, "privileges", "ok", _("not root: what needs more says so where it is tried"),
            NULL);
}

static void
check_kernel(HvHost *host, HvSink *out)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *release = hv_host_read_text(host, "proc/sys/kernel/osrelease", 0, &error);

    put(out, "kernel", release ? "ok" : "absent", release ? hv_chomp(release) : error->message,
        NULL);
}

/* "none [integrity] confidentiality": the one in brackets is in force. */
static void
check_lockdown(HvHost *host, HvSink *out)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = hv_host_read_text(host, "sys/kernel/security/lockdown", 0, &error);

    if (!text)
        put(out, "lockdown", "absent", error->message, NULL);
    else if (strstr(text, "[none]"))
        put(out, "lockdown", "ok", "none", NULL);
    else
        put(out, "lockdown", "denied", hv_chomp(text),
            _("none while Secure Boot is on: KVM's debugfs counters stay closed, root or not"));
}

static void
check_file(HvHost *host, HvSink *out, const char *check, const char *path, const char *cure)
{
    g_autofree char *why = g_strdup_printf("/%s", path);

    if (hv_host_exists(host, path))
        put(out, check, "ok", why, NULL);
    else
        put(out, check, "absent", why, cure);
}

static void
check_journal(HvApp *app, HvSink *out)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *directory = hv_journal_state_dir();
    HvJournal *journal = hv_app_journal(app, &error);
    const char *warning = journal ? hv_journal_warning(journal) : NULL;

    if (!journal)
        put(out, "journal", "failed", error->message,
            _("without a journal nothing is changed"));
    else if (hv_host_is_simulated(hv_app_parts(app)->host))
        put(out, "journal", "ok", _("in memory: a demo leaves nothing behind"), NULL);
    else
        put(out, "journal", warning ? "failed" : "ok", warning ? warning : directory, NULL);
}

static void
check_terminal(HvSink *out)
{
    const char *term = getenv("TERM"), *depth = getenv("COLORTERM");
    g_autofree char *found =
        g_strdup_printf("TERM=%s%s%s, %s", term ? term : "", depth ? " COLORTERM=" : "",
                        depth ? depth : "", nl_langinfo(CODESET));

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        put(out, "terminal", "absent",
            _("input or output is no terminal: no console, all else works"), NULL);
    else if (!g_str_equal(nl_langinfo(CODESET), "UTF-8"))
        put(out, "terminal", "ok", found,
            _("a UTF-8 locale shows finer graphs: export LC_ALL=C.UTF-8"));
    else
        put(out, "terminal", "ok", found, NULL);
}

void
hv_checks_run(HvApp *app, HvSink *out)
{
    HvHost *host = hv_app_parts(app)->host;

    check_privileges(app, out);
    check_kernel(host, out);
    check_lockdown(host, out);
    check_file(host, out, "kvm", "dev/kvm",
               _("modprobe kvm_intel or kvm_amd; on firmware: enable VT-x or SVM"));
    check_file(host, out, "schedstat", "proc/self/schedstat",
               _("a kernel with CONFIG_SCHED_INFO"));
    check_file(host, out, "pressure", "proc/pressure/cpu", _("boot with psi=1"));
    check_journal(app, out);
    check_terminal(out);
}
