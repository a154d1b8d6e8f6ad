/* irqbalance: whether it runs, and which interrupts it was told to leave alone. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/irqbalance.h"

#include "host/parse.h"
#include "model/i18n.h"

#include <string.h>

#define DIRECTORY "run/irqbalance"
#define NAME "irqbalance"
#define BAN "settings ban irqs "
/* Its buffer has 500 bytes; what is longer is cut off without a word. */
#define MAX_MESSAGE_BYTES 499

static gboolean
is_irqbalance(HvHost *host, const char *pid)
{
    g_autofree char *path = g_strdup_printf("proc/%s/comm", pid);
    g_autofree char *comm = hv_host_read_text(host, path, 64, NULL);

    return comm && strcmp(hv_chomp(comm), NAME) == 0;
}

static gboolean
take_pid(HvHost *host, const char *text, HvIrqbalance *found)
{
    guint64 pid;

    if (!hv_parse_u64(text, G_MAXINT, &pid, NULL) || !is_irqbalance(host, text))
        return FALSE;
    found->pid = (int)pid;
    return TRUE;
}

/* "irqbalance902.sock"; one that was killed leaves its socket behind. */
gboolean
hv_irqbalance_find_socket(HvHost *host, HvIrqbalance *found)
{
    g_auto(GStrv) names = hv_host_list(host, DIRECTORY, NULL);

    *found = (HvIrqbalance){ 0 };
    for (char **name = names; name && *name; name++) {
        g_autofree char *pid = NULL;

        if (!g_str_has_prefix(*name, NAME) || !g_str_has_suffix(*name, ".sock"))
            continue;
        pid = g_strndup(*name + strlen(NAME), strlen(*name) - strlen(NAME ".sock"));
        if (!take_pid(host, pid, found))
            continue;
        found->socket = g_strconcat(DIRECTORY "/", *name, NULL);
        return TRUE;
    }
    return FALSE;
}

gboolean
hv_irqbalance_find(HvHost *host, HvIrqbalance *found)
{
    g_auto(GStrv) names = NULL;

    if (hv_irqbalance_find_socket(host, found))
        return TRUE;
    names = hv_host_list(host, "proc", NULL);
    for (char **name = names; name && *name; name++)
        if (g_ascii_isdigit(**name) && take_pid(host, *name, found))
            return TRUE;
    return FALSE;
}

void
hv_irqbalance_clear(HvIrqbalance *found)
{
    g_free(found->socket);
    *found = (HvIrqbalance){ 0 };
}

/* The number behind the next word of *@text, which must be @name. */
static gboolean
next_field(char **text, const char *name, guint64 max, guint64 *value)
{
    const char *word = hv_next_word(text);
    const char *number = word && strcmp(word, name) == 0 ? hv_next_word(text) : NULL;

    return number && hv_parse_u64(number, max, value, NULL);
}

/* "IRQ 34 LOAD 0 DIFF 0 CLASS 0", as often as there are such, then "BANNED" and a mask of cpus.
 */
static gboolean
parse_irqs(char *rest, HvSet *irqs)
{
    guint64 irq = 0;

    for (char *at = rest; next_field(&at, "IRQ", HV_SET_MAX, &irq); rest = at) {
        for (guint i = 0; i < 6; i++)
            if (!hv_next_word(&at))
                return FALSE;
        hv_set_add(irqs, (guint)irq);
    }
    return g_str_has_prefix(rest, "BANNED");
}

gboolean
hv_irqbalance_parse(const char *text, HvSet *banned, guint64 *period_s, GError **error)
{
    g_autofree char *copy = g_strdup(text);
    g_autoptr(HvSet) irqs = hv_set_new();
    char *rest = copy;
    guint64 sleep_s = 0;

    if (!next_field(&rest, "SLEEP", G_MAXINT, &sleep_s) || !rest || !parse_irqs(rest, irqs)) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED,
                            "irqbalance: its answer is no list of interrupts");
        return FALSE;
    }
    hv_set_assign(banned, irqs);
    *period_s = sleep_s;
    return TRUE;
}

static gboolean
check_socket(const HvIrqbalance *irqbalance, GError **error)
{
    if (irqbalance->socket)
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_ABSENT,
                _("irqbalance (process %d) has no socket in /run/irqbalance: it can be told "
                  "nothing, only be stopped"),
                irqbalance->pid);
    return FALSE;
}

gboolean
hv_irqbalance_read(HvHost *host, const HvIrqbalance *irqbalance, guint deadline_ms,
                   HvSet *banned, guint64 *period_s, GError **error)
{
    g_autofree char *answer = NULL;

    return check_socket(irqbalance, error) &&
           hv_host_ask(host, irqbalance->socket, "setup", deadline_ms, &answer, error) &&
           hv_irqbalance_parse(answer, banned, period_s, error);
}

static char *
ban_message(const HvSet *banned)
{
    GString *message = g_string_new(BAN);

    if (hv_set_is_empty(banned))
        g_string_append(message, "NONE");
    HV_SET_FOREACH(irq, banned)
    g_string_append_printf(message, "%u ", irq);
    return g_strchomp(g_string_free(message, FALSE));
}

gboolean
hv_irqbalance_can_ban(const HvSet *banned, GError **error)
{
    g_autofree char *message = ban_message(banned);

    if (hv_set_has(banned, 0)) {
        g_set_error_literal(
            error, HV_ERROR, HV_ERROR_REFUSED,
            _("irqbalance cannot be told of interrupt 0: for it 0 ends a list"));
        return FALSE;
    }
    if (strlen(message) <= MAX_MESSAGE_BYTES)
        return TRUE;
    g_set_error(
        error, HV_ERROR, HV_ERROR_REFUSED,
        _("irqbalance takes a list of at most %d bytes, %u interrupts are more: stop it "
          "(host/irqbalance=stopped), or name them in IRQBALANCE_ARGS"),
        MAX_MESSAGE_BYTES - (int)strlen(BAN), hv_set_count(banned));
    return FALSE;
}

gboolean
hv_irqbalance_ban(HvHost *host, const HvIrqbalance *irqbalance, guint deadline_ms,
                  const HvSet *banned, GError **error)
{
    g_autofree char *message = ban_message(banned);

    return check_socket(irqbalance, error) && hv_irqbalance_can_ban(banned, error) &&
           hv_host_tell(host, irqbalance->socket, message, deadline_ms, error);
}
