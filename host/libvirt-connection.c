/* One thread's connection to libvirt, and what libvirt's errors mean to us. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/libvirt-private.h"

#include "model/error.h"
#include "model/text.h"

#include <errno.h>
#include <string.h>

/* A daemon that has stopped is noticed after interval × count seconds, so that calls that hang
 * in it end. */
#define KEEPALIVE_S 5
#define KEEPALIVE_COUNT 3
/* libvirt's messages repeat names that anyone may have chosen. */
#define MAX_WHAT_CHARS 80
#define MAX_MESSAGE_CHARS 400

static HvError
code_of_errno(int errnum)
{
    switch (errnum) {
    case EACCES:
    case EPERM:
        return HV_ERROR_DENIED;
    case ENOENT:
    case ECONNREFUSED:
        return HV_ERROR_ABSENT;
    case 0:
        return HV_ERROR_FAILED;
    default:
        return HV_ERROR_REFUSED;
    }
}

/* Codes of virterror.h. */
static HvError
code_of(const virError *last)
{
    static const struct {
        int libvirt;
        HvError code;
    } codes[] = {
        { VIR_ERR_OPERATION_DENIED, HV_ERROR_DENIED },
        { VIR_ERR_ACCESS_DENIED, HV_ERROR_DENIED },
        { VIR_ERR_AUTH_FAILED, HV_ERROR_DENIED },
        { VIR_ERR_AUTH_CANCELLED, HV_ERROR_DENIED },
        { VIR_ERR_AUTH_UNAVAILABLE, HV_ERROR_DENIED },
        { VIR_ERR_NO_DOMAIN, HV_ERROR_ABSENT },
        { VIR_ERR_NO_CONNECT, HV_ERROR_ABSENT },
        { VIR_ERR_INTERNAL_ERROR, HV_ERROR_FAILED },
        { VIR_ERR_RPC, HV_ERROR_FAILED },
        { VIR_ERR_NO_MEMORY, HV_ERROR_FAILED },
    };

    if (last->code == VIR_ERR_SYSTEM_ERROR)
        return code_of_errno(last->int1);
    for (guint i = 0; i < G_N_ELEMENTS(codes); i++)
        if (codes[i].libvirt == last->code)
            return codes[i].code;
    return HV_ERROR_REFUSED;
}

gboolean
hv_vir_set_error(GError **error, const char *what)
{
    const virError *last = virGetLastError();
    g_autofree char *shown = hv_text_printable(what, MAX_WHAT_CHARS);
    g_autofree char *message =
        last && last->message ? hv_text_printable(last->message, MAX_MESSAGE_CHARS) : NULL;

    if (message)
        g_set_error(error, HV_ERROR, (gint)code_of(last), "%s: %s", shown, message);
    else
        g_set_error(error, HV_ERROR, HV_ERROR_FAILED, "%s: libvirt gave no reason", shown);
    return FALSE;
}

/* ssh must not ask for a password in the middle of the screen. */
static char *
quiet_uri(const char *uri)
{
    const char *scheme_end = strstr(uri, "://"), *ssh = strstr(uri, "+ssh");

    if (!scheme_end || !ssh || ssh > scheme_end || strstr(uri, "no_tty="))
        return g_strdup(uri);
    return g_strconcat(uri, strchr(uri, '?') ? "&" : "?", "no_tty=1", NULL);
}

gboolean
hv_vir_connect(HvVirConnection *connection, const char *uri, gboolean read_only,
               HvVirInbox *inbox, guint64 epoch, GError **error)
{
    g_autofree char *quiet = quiet_uri(uri);

    if (!hv_vir_init(error))
        return FALSE;
    connection->conn = read_only ? virConnectOpenReadOnly(quiet) : virConnectOpen(quiet);
    if (!connection->conn)
        return hv_vir_set_error(error, uri);
    connection->read_only = read_only;
    /* not every driver knows it: without it a call that hangs just hangs longer */
    (void)virConnectSetKeepAlive(connection->conn, KEEPALIVE_S, KEEPALIVE_COUNT);
    if (inbox) {
        connection->inbox = hv_vir_inbox_ref(inbox);
        hv_vir_register(connection, epoch);
    }
    return TRUE;
}

void
hv_vir_disconnect(HvVirConnection *connection)
{
    if (!connection->conn)
        return;
    hv_vir_unregister(connection);
    g_clear_pointer(&connection->answering, g_hash_table_unref);
    (void)virConnectClose(connection->conn);
    connection->conn = NULL;
}

void
hv_vir_connection_free(gpointer connection)
{
    hv_vir_disconnect(connection);
    g_free(connection);
}
