/* The simulated machine's performance monitoring units, as sysfs tells of them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/events-private.h"
#include "host/sim/files-private.h"

#define DEVICES "sys/bus/event_source/devices"
#define MODEL_SPR 143

gboolean
hv_sim_has_pmu(const HvSimWorld *world)
{
    return !g_str_has_prefix(world->geometry.cpu_model, "QEMU");
}

guint
hv_sim_n_upi(const HvSimWorld *world)
{
    return MIN(world->geometry.n_packages - 1, HV_SIM_MAX_LINKS);
}

void
hv_sim_memory_event(const HvSimWorld *world, guint *event, guint *reads, guint *writes)
{
    const gboolean is_spr = world->geometry.model == MODEL_SPR;

    *event = is_spr ? 0x05 : 0x04;
    *reads = is_spr ? 0xcf : 0x0f;
    *writes = is_spr ? 0xf0 : 0x30;
}

/* The first cpu of each package speaks for it. */
static int
read_cpumask(gpointer owner, gpointer data G_GNUC_UNUSED, HvSimText *out)
{
    const HvSimWorld *world = owner;

    for (guint package = 0; package < world->geometry.n_packages; package++)
        for (guint cpu = 0; cpu < world->n_cpus; cpu++) {
            if (world->cpus[cpu].package != package || !world->cpus[cpu].online)
                continue;
            hv_sim_printf(out, package == 0 ? "%u" : ",%u", cpu);
            break;
        }
    hv_sim_text(out, "\n");
    return 0;
}

static void
add_unit(HvSimFs *fs, HvSimWorld *world, const char *name, guint type, const char *event_bits,
         const char *umask_bits)
{
    static const HvSimFileClass cpumask = { .read = read_cpumask };
    g_autofree char *type_text = g_strdup_printf("%u\n", type);

    hv_sim_fs_textf(fs, type_text, DEVICES "/%s/type", name);
    hv_sim_fs_textf(fs, event_bits, DEVICES "/%s/format/event", name);
    hv_sim_fs_textf(fs, umask_bits, DEVICES "/%s/format/umask", name);
    hv_sim_fs_filef(fs, &cpumask, world, NULL, DEVICES "/%s/cpumask", name);
}

static void
add_alias(HvSimFs *fs, const char *unit, const char *alias, guint event, guint umask)
{
    g_autofree char *text = g_strdup_printf("event=0x%02x,umask=0x%02x\n", event, umask);

    hv_sim_fs_textf(fs, text, DEVICES "/%s/events/%s", unit, alias);
    hv_sim_fs_textf(fs, "6.103515625e-5\n", DEVICES "/%s/events/%s.scale", unit, alias);
    hv_sim_fs_textf(fs, "MiB\n", DEVICES "/%s/events/%s.unit", unit, alias);
}

static void
add_intel(HvSimFs *fs, HvSimWorld *world)
{
    guint event, reads, writes;

    hv_sim_memory_event(world, &event, &reads, &writes);
    hv_sim_fs_text(fs, DEVICES "/cpu/format/offcore_rsp", "config1:0-63\n");
    for (guint i = 0; i < HV_SIM_N_CHANNELS; i++) {
        g_autofree char *name = g_strdup_printf("uncore_imc_%u", i);

        add_unit(fs, world, name, HV_SIM_PMU_IMC + i, "config:0-7\n", "config:8-15\n");
        add_alias(fs, name, "cas_count_read", event, reads);
        add_alias(fs, name, "cas_count_write", event, writes);
    }
    for (guint i = 0; i < hv_sim_n_upi(world); i++) {
        g_autofree char *name = g_strdup_printf("uncore_upi_%u", i);

        add_unit(fs, world, name, HV_SIM_PMU_LINK + i, "config:0-7\n", "config:8-15,32-55\n");
    }
}

void
hv_sim_files_events(HvSimFs *fs, HvSimWorld *world)
{
    hv_sim_fs_text(fs, "proc/sys/kernel/perf_event_paranoid", "2\n");
    hv_sim_fs_text(fs, DEVICES "/software/type", "1\n");
    if (!hv_sim_has_pmu(world))
        return;
    hv_sim_fs_text(fs, DEVICES "/cpu/type", "4\n");
    hv_sim_fs_text(fs, DEVICES "/cpu/format/event",
                   world->geometry.vendor == HV_SIM_INTEL ? "config:0-7\n"
                                                          : "config:0-7,32-35\n");
    hv_sim_fs_text(fs, DEVICES "/cpu/format/umask", "config:8-15\n");
    if (world->geometry.vendor == HV_SIM_INTEL)
        add_intel(fs, world);
    else
        add_unit(fs, world, "amd_df", HV_SIM_PMU_DF, "config:0-7,32-35,59-60\n",
                 "config:8-15\n");
}
