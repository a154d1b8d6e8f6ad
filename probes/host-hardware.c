/* The host's hardware: how fast busy cores run, how often they were throttled, what its memory
 * corrected. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/host-hardware.h"

#include <string.h>

#include "host/parse.h"
#include "model/i18n.h"
#include "probes/keep.h"

#define CPU_DIR "sys/devices/system/cpu"
#define EDAC_DIR "sys/devices/system/edac/mc"
#define MAX_KEPT_FILES 1024u
#define CLOCKS_AT_ONCE 16 /* read in one sample: each asks its cpu by an interrupt */
#define CLOCK_LASTS_NS (G_GINT64_CONSTANT(5) * 1000000000)
#define HZ_PER_KHZ 1000

/* One cpu. */
typedef struct {
    gboolean is_busy;
    guint64 use_ns; /* when last told, at @told_ns */
    gint64 told_ns;
    HvKept clock;
    guint64 hz;
    gint64 clock_ns; /* when @hz was read while busy; 0 never */
} Cpu;

struct HvHardware {
    HvHost *host;
    HvKeep keep;
    guint64 generation;
    gboolean has_looked;
    GArray *cpus; /* of Cpu, by number */
    guint next;   /* whose turn it is */
    gboolean has_clocks;
    GArray *throttles; /* of HvKept */
    GArray *corrected;
    GArray *uncorrected;
    HvHardwareNumber base_hz;
    char buffer[256];
};

static HvHardwareNumber
number(guint64 value)
{
    return (HvHardwareNumber){ .has_value = TRUE, .value = value };
}

static HvHardwareNumber
no_number(const char *why)
{
    return (HvHardwareNumber){ .why = why };
}

static void
clear_files(HvHardware *hardware, GArray *files)
{
    for (guint i = 0; i < files->len; i++)
        hv_kept_clear(&hardware->keep, &g_array_index(files, HvKept, i));
    g_array_set_size(files, 0);
}

static void
add_file(HvHardware *hardware, GArray *files, char *take_path)
{
    g_array_set_size(files, files->len + 1);
    hv_kept_set(&hardware->keep, &g_array_index(files, HvKept, files->len - 1), take_path);
}

HvHardware *
hv_hardware_new(HvHost *host)
{
    HvHardware *hardware = g_new0(HvHardware, 1);

    hardware->host = host;
    hardware->keep = (HvKeep){ .host = host, .limit = MIN(hv_keep_limit(10), MAX_KEPT_FILES) };
    hardware->cpus = g_array_new(FALSE, TRUE, sizeof(Cpu));
    hardware->throttles = g_array_new(FALSE, TRUE, sizeof(HvKept));
    hardware->corrected = g_array_new(FALSE, TRUE, sizeof(HvKept));
    hardware->uncorrected = g_array_new(FALSE, TRUE, sizeof(HvKept));
    return hardware;
}

void
hv_hardware_free(HvHardware *hardware)
{
    for (guint i = 0; i < hardware->cpus->len; i++)
        hv_kept_clear(&hardware->keep, &g_array_index(hardware->cpus, Cpu, i).clock);
    clear_files(hardware, hardware->throttles);
    clear_files(hardware, hardware->corrected);
    clear_files(hardware, hardware->uncorrected);
    g_array_unref(hardware->cpus);
    g_array_unref(hardware->throttles);
    g_array_unref(hardware->corrected);
    g_array_unref(hardware->uncorrected);
    g_free(hardware);
}

/* A core is throttled as one, and so is a package: the first cpu of each speaks for it. */
static void
look_for_throttles(HvHardware *hardware, const HvTopology *topology)
{
    clear_files(hardware, hardware->throttles);
    if (!hv_host_exists(hardware->host, CPU_DIR "/cpu0/thermal_throttle"))
        return;
    for (guint i = 0; i < topology->n_cpus; i++) {
        const HvTopoCpu *cpu = &topology->cpus[i];

        if (cpu->online && cpu->sibling_rank == 0)
            add_file(hardware, hardware->throttles,
                     g_strdup_printf(CPU_DIR "/cpu%u/thermal_throttle/core_throttle_count",
                                     cpu->cpu));
    }
    for (guint i = 0; i < topology->n_packages; i++) {
        const int first = hv_set_next(topology->packages[i].cpus, -1);

        if (first >= 0)
            add_file(hardware, hardware->throttles,
                     g_strdup_printf(CPU_DIR "/cpu%d/thermal_throttle/package_throttle_count",
                                     first));
    }
}

static void
look_for_memory_controllers(HvHardware *hardware)
{
    g_auto(GStrv) names = hv_host_list(hardware->host, EDAC_DIR, NULL);

    clear_files(hardware, hardware->corrected);
    clear_files(hardware, hardware->uncorrected);
    for (char **name = names; name && *name; name++) {
        if (!g_str_has_prefix(*name, "mc") || !g_ascii_isdigit((*name)[2]))
            continue;
        add_file(hardware, hardware->corrected,
                 g_strdup_printf(EDAC_DIR "/%s/ce_count", *name));
        add_file(hardware, hardware->uncorrected,
                 g_strdup_printf(EDAC_DIR "/%s/ue_count", *name));
    }
}

static gboolean
read_number(HvHardware *hardware, HvKept *file, guint64 *value)
{
    return hv_kept_read(&hardware->keep, file, hardware->buffer, sizeof hardware->buffer) &&
           hv_parse_u64(hv_chomp(hardware->buffer), G_MAXUINT64, value, &file->error);
}

static HvHardwareNumber
read_base_hz(HvHardware *hardware)
{
    guint64 khz;

    if (hv_host_read_u64_file(hardware->host, CPU_DIR "/cpu0/cpufreq/base_frequency", &khz,
                              NULL) &&
        khz <= G_MAXUINT64 / HZ_PER_KHZ)
        return number(khz * HZ_PER_KHZ);
    return no_number(N_("the clock driver does not tell (cpufreq/base_frequency)"));
}

void
hv_hardware_follow(HvHardware *hardware, const HvTopology *topology)
{
    if (!topology || (hardware->has_looked && hardware->generation == topology->generation))
        return;
    hardware->has_looked = TRUE;
    hardware->generation = topology->generation;
    look_for_throttles(hardware, topology);
    look_for_memory_controllers(hardware);
    hardware->base_hz = read_base_hz(hardware);
    hardware->has_clocks =
        hv_host_exists(hardware->host, CPU_DIR "/cpu0/cpufreq/scaling_cur_freq");
}

void
hv_hardware_cpu(HvHardware *hardware, guint index, guint64 use_ns, gint64 now_ns)
{
    Cpu *cpu;

    if (index >= hardware->cpus->len)
        g_array_set_size(hardware->cpus, index + 1);
    cpu = &g_array_index(hardware->cpus, Cpu, index);
    cpu->is_busy = cpu->told_ns && use_ns > cpu->use_ns &&
                   use_ns - cpu->use_ns > (guint64)(now_ns - cpu->told_ns) / 2;
    cpu->use_ns = use_ns;
    cpu->told_ns = now_ns;
}

static void
read_clock(HvHardware *hardware, guint index, gint64 now_ns)
{
    Cpu *cpu = &g_array_index(hardware->cpus, Cpu, index);
    guint64 khz;

    if (!cpu->clock.path)
        hv_kept_set(&hardware->keep, &cpu->clock,
                    g_strdup_printf(CPU_DIR "/cpu%u/cpufreq/scaling_cur_freq", index));
    if (!read_number(hardware, &cpu->clock, &khz) || khz > G_MAXUINT64 / HZ_PER_KHZ)
        return;
    cpu->hz = khz * HZ_PER_KHZ;
    cpu->clock_ns = now_ns;
}

static void
read_some_clocks(HvHardware *hardware, gint64 now_ns)
{
    const guint n_cpus = hardware->cpus->len;

    for (guint i = 0, n_read = 0; i < n_cpus && n_read < CLOCKS_AT_ONCE; i++) {
        hardware->next = (hardware->next + 1) % n_cpus;
        if (!g_array_index(hardware->cpus, Cpu, hardware->next).is_busy)
            continue;
        read_clock(hardware, hardware->next, now_ns);
        n_read++;
    }
}

HvHardwareNumber
hv_hardware_min_hz(HvHardware *hardware, gint64 now_ns)
{
    guint64 min_hz = G_MAXUINT64;

    if (!hardware->has_clocks)
        return no_number(N_("no clock driver (cpufreq) here"));
    read_some_clocks(hardware, now_ns);
    for (guint i = 0; i < hardware->cpus->len; i++) {
        const Cpu *cpu = &g_array_index(hardware->cpus, Cpu, i);

        if (cpu->is_busy && cpu->clock_ns && now_ns - cpu->clock_ns <= CLOCK_LASTS_NS)
            min_hz = MIN(min_hz, cpu->hz);
    }
    return min_hz < G_MAXUINT64 ? number(min_hz) : no_number(N_("no cpu is busy"));
}

guint64
hv_model_hz(const char *cpu_model)
{
    const char *at = cpu_model ? strrchr(cpu_model, '@') : NULL;
    char *end = NULL;
    double ghz;

    if (!at)
        return 0;
    ghz = g_ascii_strtod(at + 1, &end);
    if (!g_str_has_prefix(end, "GHz") || !(ghz > 0 && ghz < 100))
        return 0;
    return (guint64)(ghz * 1000 + 0.5) * 1000000;
}

HvHardwareNumber
hv_hardware_base_hz(HvHardware *hardware, const char *cpu_model)
{
    HvHardwareNumber from_model = { .is_estimated = TRUE, .value = hv_model_hz(cpu_model) };

    if (hardware->base_hz.has_value || !from_model.value)
        return hardware->has_looked ? hardware->base_hz
                                    : no_number(N_("the topology is not known"));
    from_model.has_value = TRUE;
    return from_model;
}

/* All of @files must answer: a part of the sum would pass for the whole. */
static HvHardwareNumber
sum_files(HvHardware *hardware, GArray *files, const char *why_none)
{
    guint64 sum = 0;

    if (files->len == 0)
        return no_number(why_none);
    for (guint i = 0; i < files->len; i++) {
        guint64 part;

        if (!read_number(hardware, &g_array_index(files, HvKept, i), &part))
            return no_number(N_("one of its counters cannot be read"));
        sum += part;
    }
    return number(sum);
}

HvHardwareNumber
hv_hardware_throttles(HvHardware *hardware)
{
    return sum_files(hardware, hardware->throttles,
                     N_("these cpus do not count it (thermal_throttle)"));
}

HvHardwareNumber
hv_hardware_corrected(HvHardware *hardware)
{
    return sum_files(hardware, hardware->corrected,
                     N_("no memory controller driver (EDAC) here"));
}

HvHardwareNumber
hv_hardware_uncorrected(HvHardware *hardware)
{
    return sum_files(hardware, hardware->uncorrected,
                     N_("no memory controller driver (EDAC) here"));
}
