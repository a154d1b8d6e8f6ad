/* Who wrote a plan: this process, or another, and whether that still lives. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/journal-writer.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Words of /proc/PID/stat behind the last ')', which ends the second field. */
enum { STAT_STATE = 3 - 3, STAT_START_TICKS = 22 - 3, STAT_WORDS };

/* FALSE where its stat cannot be read; a dead process that nobody has waited for is gone. */
static gboolean
read_stat(int pid, guint64 *start_ticks, gboolean *gone)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid);
    g_autofree char *text = NULL;
    g_auto(GStrv) words = NULL;
    const char *end;

    if (!g_file_get_contents(path, &text, NULL, NULL)) /* the caller asks kill() then */
        return FALSE;
    end = strrchr(text, ')');
    words = end && end[1] ? g_strsplit(end + 2, " ", STAT_WORDS + 1) : NULL;
    if (!words || g_strv_length(words) <= STAT_WORDS)
        return FALSE;
    *gone = strchr("ZXx", words[STAT_STATE][0]) != NULL;
    return g_ascii_string_to_unsigned(words[STAT_START_TICKS], 10, 0, G_MAXUINT64, start_ticks,
                                      NULL);
}

void
hv_journal_writer_self(HvJournalWriter *writer)
{
    gboolean gone;

    *writer = (HvJournalWriter){ .pid = getpid() };
    if (!read_stat(writer->pid, &writer->start_ticks, &gone))
        writer->start_ticks = 0; /* no /proc: the pid alone must do */
    if (g_file_get_contents("/proc/sys/kernel/random/boot_id", &writer->boot_id, NULL, NULL))
        g_strchomp(writer->boot_id);
}

gboolean
hv_journal_writer_is_self(const HvJournalWriter *writer, const HvJournalWriter *self)
{
    return writer->pid == self->pid && writer->start_ticks == self->start_ticks &&
           g_strcmp0(writer->boot_id, self->boot_id) == 0;
}

gboolean
hv_journal_writer_is_alive(const HvJournalWriter *writer, const HvJournalWriter *self)
{
    guint64 start_ticks = 0;
    gboolean gone = FALSE;

    if (writer->pid <= 0 || g_strcmp0(writer->boot_id, self->boot_id) != 0)
        return FALSE;
    if (read_stat(writer->pid, &start_ticks, &gone))
        return !gone && start_ticks == writer->start_ticks;
    return kill(writer->pid, 0) == 0 || errno == EPERM;
}
