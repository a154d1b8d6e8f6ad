/* The simulated machine's irqbalance: its process, its socket, and systemctl, which starts and
 * stops it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/files-private.h"
#include "host/sim/machine-private.h"

#include "host/parse.h"

#include <errno.h>
#include <string.h>

#define NAME "irqbalance"
#define SOCKET "run/irqbalance/irqbalance%d.sock"
#define UNIT "irqbalance.service"
#define BAN "settings ban irqs "
#define MAX_MESSAGE_BYTES 500 /* of its buffer */

static HvSimThread *
find_thread(const HvSimWorld *world)
{
    for (guint i = 0; i < world->host_threads->len; i++) {
        HvSimThread *thread = world->host_threads->pdata[i];

        if (strcmp(thread->comm, NAME) == 0)
            return thread;
    }
    return NULL;
}

static void
add_socket(HvSimFs *fs, const HvSimThread *thread)
{
    hv_sim_fs_textf(fs, "", SOCKET, thread->tid);
}

void
hv_sim_files_irqbalance(HvSimFs *fs, HvSimWorld *world)
{
    const HvSimThread *thread = find_thread(world);

    hv_sim_fs_dir(fs, "run/systemd/system", NULL, NULL, NULL);
    if (thread && world->irqbalance)
        add_socket(fs, thread);
}

/* ---- its socket ---- */

static char *
tell_setup(const HvSimWorld *world)
{
    GString *answer = g_string_new("SLEEP 10 ");

    for (guint i = 0; i < world->irqs->len; i++) {
        const HvSimIrq *irq = world->irqs->pdata[i];

        if (irq->banned)
            g_string_append_printf(answer, "IRQ %u LOAD 0 DIFF 0 CLASS 0 ", irq->irq);
    }
    g_string_append(answer, "BANNED 00000000");
    return g_string_free(answer, FALSE);
}

/* A number ends the list when it is 0 or none; so it does for the real one. */
static void
take_bans(HvSimWorld *world, const char *list)
{
    g_autoptr(HvSet) banned = hv_set_new();
    g_autofree char *text = g_strndup(list, MAX_MESSAGE_BYTES - strlen(BAN));
    char *rest = text;
    guint64 number;

    for (char *word; (word = hv_next_word(&rest));) {
        if (!hv_parse_u64(word, HV_SET_MAX, &number, NULL) || number == 0)
            break;
        hv_set_add(banned, (guint)number);
    }
    for (guint i = 0; i < world->irqs->len; i++) {
        HvSimIrq *irq = world->irqs->pdata[i];

        irq->banned = hv_set_has(banned, irq->irq);
    }
    world->change++;
}

static gboolean
ask(gpointer data, const char *path, const char *text, guint deadline_ms G_GNUC_UNUSED,
    char **answer, GError **error)
{
    HvSimMachine *machine = data;
    g_autofree char *told = NULL;
    gboolean listens;

    g_mutex_lock(&machine->lock);
    hv_sim_machine_advance(machine);
    listens = g_str_has_prefix(path, "run/irqbalance/") && hv_sim_fs_exists(machine->fs, path);
    if (listens && g_str_has_prefix(text, BAN))
        take_bans(machine->world, text + strlen(BAN));
    if (listens && strcmp(text, "setup") == 0)
        told = tell_setup(machine->world);
    g_mutex_unlock(&machine->lock);
    if (!listens)
        return hv_error_set_errno(error, ENOENT, path);
    if (answer)
        *answer = told ? g_steal_pointer(&told) : g_strdup("");
    return TRUE;
}

const HvSocketOps hv_sim_socket_ops = { .ask = ask };

/* ---- systemctl ---- */

/* A new process knows nothing of what the former was told. */
static void
start(HvSimMachine *machine, HvSimThread *thread)
{
    HvSimWorld *world = machine->world;

    for (guint i = 0; i < world->irqs->len; i++)
        ((HvSimIrq *)world->irqs->pdata[i])->banned = FALSE;
    world->irqbalance = TRUE;
    hv_sim_files_process(machine->fs, world, thread);
    add_socket(machine->fs, thread);
}

static void
stop(HvSimMachine *machine, const HvSimThread *thread)
{
    g_autofree char *socket = g_strdup_printf(SOCKET, thread->tid);
    g_autofree char *process = g_strdup_printf("proc/%d", thread->tid);

    machine->world->irqbalance = FALSE;
    hv_sim_fs_remove(machine->fs, socket);
    hv_sim_fs_remove(machine->fs, process);
}

static void
act(HvSimMachine *machine, const char *verb)
{
    HvSimThread *thread = find_thread(machine->world);
    const gboolean runs = machine->world->irqbalance;

    if (thread && !runs && strcmp(verb, "start") == 0)
        start(machine, thread);
    if (thread && runs && strcmp(verb, "stop") == 0)
        stop(machine, thread);
    machine->world->change++;
}

gboolean
hv_sim_systemctl(HvSimMachine *machine, const char *const *argv, char **output, int *status)
{
    const char *unit = argv[0] && argv[1] ? argv[2] : NULL;

    if (unit && g_str_has_prefix(unit, "--"))
        unit = argv[3];
    if (g_strcmp0(argv[0], "systemctl") != 0 || g_strcmp0(unit, UNIT) != 0)
        return FALSE;
    g_mutex_lock(&machine->lock);
    hv_sim_machine_advance(machine);
    act(machine, argv[1]);
    *output = strcmp(argv[1], "show") == 0
                  ? g_strdup_printf("LoadState=loaded\nActiveState=%s\n",
                                    machine->world->irqbalance ? "active" : "inactive")
                  : g_strdup("");
    g_mutex_unlock(&machine->lock);
    *status = 0;
    return TRUE;
}
