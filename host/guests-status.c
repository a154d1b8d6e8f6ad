/* What libvirt's own files tell of its VMs while it does not answer itself. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/guests-private.h"

#include <string.h>

#define STATUS_BYTES (4 * 1024 * 1024)
#define RUN_DIRECTORY "run/libvirt/qemu"

static gboolean
is_file_name(const char *name)
{
    return name && *name && *name != '.' && !strchr(name, '/');
}

/* What its QEMU can do stands before the domain: three quarters of the text, of which nothing
 * is kept. */
static void
cut_capabilities(char *text)
{
    static const char end_tag[] = "</qemuCaps>";
    char *begin = strstr(text, "<qemuCaps>");
    const char *end = begin ? strstr(begin, end_tag) : NULL;
    const char *domain = strstr(text, "<domain ");

    if (!end || !domain || domain < end)
        return;
    end += strlen(end_tag);
    memmove(begin, end, strlen(end) + 1);
}

static HvGuestXml *
read_status_file(HvHost *host, const char *path)
{
    g_autofree char *text =
        hv_host_read_text(host, path, STATUS_BYTES, NULL); /* root's alone to read */
    g_autoptr(HvGuestXml) xml = NULL;

    if (text)
        cut_capabilities(text);
    xml = text ? hv_guest_xml_parse(text, NULL) : NULL;
    return xml && xml->is_status ? g_steal_pointer(&xml) : NULL;
}

/* The run directory is the system daemon's; another one keeps its files elsewhere. */
static gboolean
is_of_our_daemon(const HvHost *host)
{
    return !hv_host_is_live(host) || g_str_equal(host->connect_uri, "qemu:///system");
}

void
hv_guest_status_read(HvHost *host, HvGuestProcess *process)
{
    g_autofree char *path = NULL, *pid_path = NULL, *definition = NULL;
    g_autoptr(HvGuestXml) xml = NULL;
    guint64 pid;

    if (process->status_read)
        return;
    process->status_read = TRUE;
    if (!is_of_our_daemon(host) || !is_file_name(process->args.name))
        return;
    path = g_strdup_printf(RUN_DIRECTORY "/%s.xml", process->args.name);
    pid_path = g_strdup_printf(RUN_DIRECTORY "/%s.pid", process->args.name);
    definition = g_strdup_printf("etc/libvirt/qemu/%s.xml", process->args.name);
    xml = read_status_file(host, path);
    if (xml && (xml->pid != process->pid || (process->args.uuid && *xml->uuid &&
                                             !g_str_equal(xml->uuid, process->args.uuid))))
        g_clear_pointer(&xml, hv_guest_xml_unref);
    process->run_pid = xml || (hv_host_read_u64_file(host, pid_path, &pid, NULL) &&
                               pid == (guint64)process->pid);
    process->persistent = process->run_pid && hv_host_exists(host, definition);
    hv_guest_xml_unref(process->status);
    process->status = g_steal_pointer(&xml);
}

static gboolean
has_process(const GPtrArray *processes, const HvGuestXml *xml)
{
    for (guint i = 0; i < processes->len; i++) {
        const HvGuestProcess *process = processes->pdata[i];

        if (process->pid == xml->pid || g_strcmp0(process->args.name, xml->name) == 0)
            return TRUE;
    }
    return FALSE;
}

GPtrArray *
hv_guest_status_only(HvHost *host, const GPtrArray *processes)
{
    GPtrArray *found = g_ptr_array_new_with_free_func((GDestroyNotify)hv_guest_xml_unref);
    g_auto(GStrv) names = NULL;

    if (hv_host_is_live(host))
        return found; /* a file without its process was left behind by a crash */
    names = hv_host_list(host, RUN_DIRECTORY, NULL);
    for (guint i = 0; names && names[i]; i++) {
        g_autofree char *path = g_build_filename(RUN_DIRECTORY, names[i], NULL);
        g_autoptr(HvGuestXml) xml = NULL;

        if (!g_str_has_suffix(names[i], ".xml"))
            continue;
        xml = read_status_file(host, path);
        if (xml && !has_process(processes, xml))
            g_ptr_array_add(found, g_steal_pointer(&xml));
    }
    return found;
}
