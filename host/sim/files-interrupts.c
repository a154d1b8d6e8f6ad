/* The simulated machine's interrupts: the counts, and where each may go. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/files-private.h"
#include "host/sim/kernel-text.h"

#include <errno.h>
#include <string.h>

/* The timer of a busy cpu: CONFIG_HZ=250. */
#define TIMER_NS 4000000u

static guint64
count_timer(const HvSimCpu *cpu)
{
    return (guint64)((cpu->user_ns + cpu->system_ns + cpu->guest_ns) / TIMER_NS);
}

static void
put_count(HvSimText *out, guint64 count)
{
    static const char blanks[] = "          ";
    guint n_digits = 1;

    count &= G_MAXUINT32; /* the kernel's own counters wrap */
    for (guint64 rest = count; rest >= 10; rest /= 10)
        n_digits++;
    hv_sim_text(out, blanks + n_digits - 1);
    hv_sim_u64(out, count);
    hv_sim_text(out, " ");
}

static void
put_header(HvSimText *out, const HvSimWorld *world, gboolean all)
{
    hv_sim_text(out, "      ");
    for (guint cpu = 0; cpu < world->n_cpus; cpu++)
        if (all || world->cpus[cpu].online)
            hv_sim_printf(out, " CPU%-7u", cpu);
    hv_sim_text(out, "\n");
}

static void
put_irq(HvSimText *out, const HvSimWorld *world, const HvSimIrq *irq)
{
    hv_sim_printf(out, "%4u: ", irq->irq);
    for (guint cpu = 0; cpu < world->n_cpus; cpu++)
        if (world->cpus[cpu].online)
            put_count(out, (guint64)irq->counts[cpu]);
    hv_sim_printf(out, " %s      %s\n", irq->chip, irq->name);
}

static void
put_arch(HvSimText *out, const HvSimWorld *world, const char *label, gboolean is_timer,
         const char *what)
{
    hv_sim_printf(out, "%4s: ", label);
    for (guint cpu = 0; cpu < world->n_cpus; cpu++)
        if (world->cpus[cpu].online)
            put_count(out, is_timer ? count_timer(&world->cpus[cpu]) : 0);
    hv_sim_printf(out, "  %s\n", what);
}

static int
read_interrupts(gpointer owner, gpointer data G_GNUC_UNUSED, HvSimText *out)
{
    const HvSimWorld *world = owner;

    put_header(out, world, FALSE);
    for (guint i = 0; i < world->irqs->len; i++)
        put_irq(out, world, world->irqs->pdata[i]);
    put_arch(out, world, "NMI", FALSE, "Non-maskable interrupts");
    put_arch(out, world, "LOC", TRUE, "Local timer interrupts");
    put_arch(out, world, "MCE", FALSE, "Machine check exceptions");
    hv_sim_text(out, " ERR:          0\n MIS:          0\n");
    return 0;
}

static gboolean
is_network(const HvSimWorld *world, const HvSimIrq *irq)
{
    for (guint i = 0; i < world->devices->len; i++) {
        const HvSimDevice *device = world->devices->pdata[i];

        if (device->pci_class >> 16 == 0x02 && hv_sim_irq_is_of(irq, device->pci))
            return TRUE;
    }
    return FALSE;
}

static guint64
count_network(const HvSimWorld *world, guint cpu)
{
    double sum = 0;

    for (guint i = 0; i < world->irqs->len; i++) {
        const HvSimIrq *irq = world->irqs->pdata[i];

        if (irq->counts[cpu] > 0 && is_network(world, irq))
            sum += irq->counts[cpu];
    }
    return (guint64)sum;
}

/* One column for each possible cpu, online or not (fs/proc/softirqs.c). */
static int
read_softirqs(gpointer owner, gpointer data G_GNUC_UNUSED, HvSimText *out)
{
    static const char *const names[] = { "HI",       "TIMER",   "NET_TX", "NET_RX",  "BLOCK",
                                         "IRQ_POLL", "TASKLET", "SCHED",  "HRTIMER", "RCU" };
    const HvSimWorld *world = owner;

    put_header(out, world, TRUE);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        hv_sim_printf(out, "%12s: ", names[i]);
        for (guint cpu = 0; cpu < world->n_cpus; cpu++) {
            if (g_str_equal(names[i], "NET_RX"))
                put_count(out, count_network(world, cpu));
            else if (g_str_equal(names[i], "TIMER") || g_str_equal(names[i], "SCHED"))
                put_count(out, count_timer(&world->cpus[cpu]));
            else
                put_count(out, 0);
        }
        hv_sim_text(out, "\n");
    }
    return 0;
}

/* ---- proc/irq/N ---- */

static int
read_wanted_list(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    hv_sim_set(out, ((const HvSimIrq *)data)->cpus);
    hv_sim_text(out, "\n");
    return 0;
}

static int
read_wanted_mask(gpointer owner, gpointer data, HvSimText *out)
{
    hv_sim_mask(out, ((const HvSimIrq *)data)->cpus, ((const HvSimWorld *)owner)->n_cpus);
    hv_sim_text(out, "\n");
    return 0;
}

static int
read_effective_list(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    hv_sim_printf(out, "%u\n", ((const HvSimIrq *)data)->cpu);
    return 0;
}

static int
read_node(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    hv_sim_printf(out, "%d\n", ((const HvSimIrq *)data)->node);
    return 0;
}

static int
read_names(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    hv_sim_text(out, ((const HvSimIrq *)data)->name);
    hv_sim_text(out, "\n");
    return 0;
}

/* Source: kernel/irq/proc.c, write_irq_affinity: a managed interrupt is not for users, a mask
 * must have an online cpu. */
static int
apply(HvSimWorld *world, HvSimIrq *irq, const HvSet *cpus)
{
    gboolean is_possible = FALSE;

    for (guint cpu = 0; cpu < world->n_cpus; cpu++)
        is_possible |= world->cpus[cpu].online && hv_set_has(cpus, cpu);
    if (!is_possible)
        return -EINVAL;
    hv_set_assign(irq->cpus, cpus);
    hv_world_place_irq(world, irq);
    world->change++;
    return 0;
}

static int
write_list(gpointer owner, gpointer data, const char *text, gsize length G_GNUC_UNUSED)
{
    HvSimWorld *world = owner;
    HvSimIrq *irq = data;
    g_autoptr(HvSet) cpus = NULL;
    int errnum;

    if (irq->managed)
        return hv_sim_kernel_is(world, 6, 18) ? -EPERM : -EIO;
    cpus = hv_sim_write_set(text, world->n_cpus, &errnum);
    return cpus ? apply(world, irq, cpus) : -errnum;
}

static int
write_mask(gpointer owner, gpointer data, const char *text, gsize length G_GNUC_UNUSED)
{
    HvSimWorld *world = owner;
    HvSimIrq *irq = data;
    g_autoptr(HvSet) cpus = hv_set_new();
    int result;

    if (irq->managed)
        return hv_sim_kernel_is(world, 6, 18) ? -EPERM : -EIO;
    result = hv_kernel_parse_mask(text, world->n_cpus, cpus);
    return result < 0 ? result : apply(world, irq, cpus);
}

static void
add_irq(HvSimFs *fs, HvSimWorld *world, HvSimIrq *irq)
{
    static const HvSimFileClass list = { .read = read_wanted_list, .write = write_list },
                                mask = { .read = read_wanted_mask, .write = write_mask },
                                effective = { .read = read_effective_list },
                                node = { .read = read_node }, names = { .read = read_names };

    hv_sim_fs_filef(fs, &list, world, irq, "proc/irq/%u/smp_affinity_list", irq->irq);
    hv_sim_fs_filef(fs, &mask, world, irq, "proc/irq/%u/smp_affinity", irq->irq);
    hv_sim_fs_filef(fs, &effective, world, irq, "proc/irq/%u/effective_affinity_list",
                    irq->irq);
    hv_sim_fs_filef(fs, &node, world, irq, "proc/irq/%u/node", irq->irq);
    hv_sim_fs_filef(fs, &names, world, irq, "sys/kernel/irq/%u/actions", irq->irq);
    hv_sim_fs_textf(fs, "count 0\nunhandled 0\nlast_unhandled 0 ms\n", "proc/irq/%u/spurious",
                    irq->irq);
}

void
hv_sim_files_interrupts(HvSimFs *fs, HvSimWorld *world)
{
    static const HvSimFileClass interrupts = { .read = read_interrupts },
                                softirqs = { .read = read_softirqs };

    hv_sim_fs_file(fs, "proc/interrupts", &interrupts, world, NULL);
    hv_sim_fs_file(fs, "proc/softirqs", &softirqs, world, NULL);
    for (guint i = 0; i < world->irqs->len; i++)
        add_irq(fs, world, world->irqs->pdata[i]);
}
