/* A consistent copy of a log, also of one that is being written. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log/player-private.h"
#include "model/error.h"
#include "model/i18n.h"

/* In one step: under one read transaction it is of one moment. */
static gboolean
back_up(sqlite3 *from, sqlite3 *to)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    gboolean is_whole = backup && sqlite3_backup_step(backup, -1) == SQLITE_DONE;

    is_whole = sqlite3_backup_finish(backup) == SQLITE_OK && is_whole;
    return is_whole &&
           sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL) == SQLITE_OK;
}

gboolean
hv_log_copy(HvPlayer *player, const char *path, GError **error)
{
    g_autofree char *part = g_strconcat(path, ".part", NULL);
    sqlite3 *to = NULL;
    gboolean good;
    int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0)
        return hv_error_set_errno(error, errno, part);
    close(fd);
    good = sqlite3_open_v2(part, &to, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
           back_up(player->db, to);
    if (!good)
        hv_log_error(error, to, path, _("cannot be written"));
    sqlite3_close(to);
    if (good && rename(part, path) != 0)
        good = hv_error_set_errno(error, errno, path);
    if (!good)
        unlink(part);
    return good;
}
