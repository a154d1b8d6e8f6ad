/* KVM's counts of one VM in debugfs: files that are kept open, and what they say. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/kvm-files.h"

#include <string.h>

#include "host/parse.h"

/* The mode in force stands in brackets: "none [integrity] confidentiality". */
GError *
hv_kvm_files_locked(HvHost *host, const char *why)
{
    g_autofree char *text = hv_host_read_text(host, "sys/kernel/security/lockdown", 0, NULL);

    if (!text || strstr(text, "[none]") || !strchr(text, '['))
        return NULL;
    return g_error_new_literal(HV_ERROR, HV_ERROR_DENIED, why);
}

/* The directory is named PID-FD. */
static const char *
find_directory(char **names, int pid)
{
    g_autofree char *prefix = g_strdup_printf("%d-", pid);

    for (char **name = names; pid && name && *name; name++)
        if (g_str_has_prefix(*name, prefix))
            return *name;
    return NULL;
}

void
hv_kvm_files_set(HvKeep *keep, HvKvmFiles *files, char **names, int pid)
{
    const char *directory = find_directory(names, pid);

    if (files->pid != pid || !directory)
        hv_kvm_files_clear(keep, files);
    files->pid = pid;
    for (guint i = 0; directory && i < HV_KVM_N_COUNTS; i++) {
        g_autofree char *path =
            g_strdup_printf(HV_KVM_DEBUGFS "/%s/%s", directory, hv_kvm_count_name(i));

        if (files->files[i].path && g_strcmp0(files->files[i].path, path) != 0) {
            hv_kept_clear(keep, &files->files[i]);
            files->error = NULL; /* was the file's */
            files->read_ns = 0;
        }
        if (!files->files[i].path)
            hv_kept_set(keep, &files->files[i], g_steal_pointer(&path));
    }
}

void
hv_kvm_files_clear(HvKeep *keep, HvKvmFiles *files)
{
    for (guint i = 0; i < HV_KVM_N_COUNTS; i++)
        hv_kept_clear(keep, &files->files[i]);
    *files = (HvKvmFiles){ 0 };
}

gboolean
hv_kvm_files_read(HvKeep *keep, HvKvmFiles *files, char *buffer, gsize size, gint64 now_ns)
{
    files->counts.has = 0;
    files->error = NULL;
    for (guint i = 0; i < HV_KVM_N_COUNTS; i++) {
        HvKept *file = &files->files[i];
        guint64 value;

        if (hv_kept_read(keep, file, buffer, size) &&
            hv_parse_u64(hv_chomp(buffer), G_MAXUINT64, &value, &file->error))
            hv_kvm_counts_set(&files->counts, i, value);
    }
    files->read_ns = now_ns;
    if (!files->counts.has)
        files->error = files->files[0].error;
    return files->counts.has != 0;
}
