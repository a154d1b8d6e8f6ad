/* Which counters tell a thread's local and remote memory traffic on this processor. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/pfm-events.h"

#include <dlfcn.h>
#include <perfmon/pfmlib_perf_event.h>
#include <string.h>

#include "model/i18n.h"

/* Raw codes are event | umask << 8, in config; config1 goes to an offcore register. They are
 * those of libpfm4 4.13 (printed with LIBPFM_FORCE_PMU) and, for the models that it lacks, of
 * linux tools/perf/pmu-events/arch/x86. */
#define RAW 4 /* PERF_TYPE_RAW */
#define CODES(local, remote)                                                                   \
    {                                                                                          \
        { .type = RAW, .config = (local) },                                                    \
        {                                                                                      \
            .type = RAW, .config = (remote)                                                    \
        }                                                                                      \
    }
#define OFFCORE(event, local, remote)                                                          \
    {                                                                                          \
        { .type = RAW, .config = (event), .config1 = (local) },                                \
            { .type = RAW, .config = (event), .config1 = (remote) },                           \
    }

#define READS_ONLY N_("reads only: lines written back are not counted")
#define LOADS_ONLY N_("loads that the program waited for: prefetched lines are not counted")
#define UNDERCOUNTS N_("this processor's errata make it count too few")
#define FILLS_ONLY N_("at least: lines fetched ahead into the L2 are not counted")

#define L3_MISS_RETIRED(table, why)                                                            \
    {                                                                                          \
        .name = "MEM_LOAD_L3_MISS_RETIRED", .pmus = { table },                                 \
        .names = { "MEM_LOAD_L3_MISS_RETIRED:LOCAL_DRAM",                                      \
                   "MEM_LOAD_L3_MISS_RETIRED:REMOTE_DRAM" },                                   \
        .codes = CODES(0x01d3, 0x02d3), .doubt = (why)                                         \
    }
#define UOPS_L3_MISS_RETIRED(table)                                                            \
    {                                                                                          \
        .name = "MEM_LOAD_UOPS_L3_MISS_RETIRED", .pmus = { table },                            \
        .names = { "MEM_LOAD_UOPS_L3_MISS_RETIRED:LOCAL_DRAM",                                 \
                   "MEM_LOAD_UOPS_L3_MISS_RETIRED:REMOTE_DRAM" },                              \
        .codes = CODES(0x01d3, 0x04d3), .doubt = UNDERCOUNTS                                   \
    }
#define READS_TO_CORE(table, event, local, remote)                                             \
    {                                                                                          \
        .name = "OCR:READS_TO_CORE", .pmus = { table },                                        \
        .names = { "OCR:READS_TO_CORE_LOCAL_SOCKET_DRAM", "OCR:READS_TO_CORE_REMOTE_DRAM" },   \
        .codes = OFFCORE(event, local, remote), .counts_bytes = TRUE, .needs_offcore = TRUE,   \
        .doubt = READS_ONLY                                                                    \
    }
#define SKX_CLX "skx", "clx"
#define ANY_DATA                                                                               \
    {                                                                                          \
        .name = "OFFCORE_RESPONSE:ANY_DATA", .pmus = { SKX_CLX },                              \
        .names = { "OFFCORE_RESPONSE_0:ANY_DATA:L3_MISS_LOCAL:SNP_ANY",                        \
                   "OFFCORE_RESPONSE_0:ANY_DATA:L3_MISS_REMOTE_HOP1_DRAM:SNP_ANY" },           \
        .codes = OFFCORE(0x1b7, 0x3f840005b3, 0x3f900005b3), .counts_bytes = TRUE,             \
        .needs_offcore = TRUE, .doubt = READS_ONLY                                             \
    }
#define FILLS(table, event_name, local_umask, remote_umask, local, remote)                     \
    {                                                                                          \
        .name = event_name, .pmus = { table },                                                 \
        .names = { event_name ":" local_umask, event_name ":" remote_umask },                  \
        .codes = CODES(local, remote), .counts_bytes = TRUE, .doubt = FILLS_ONLY               \
    }

/* 0xd3 undercounts here (HSD25, HSD29, HSD74, HSM30; BDE70, BDM100), so the offcore events
 * stand first. */
static const HvPfmChoice haswell[] = {
    { .name = "OFFCORE_RESPONSE:ANY_REQUEST",
      .pmus = { "hsw_ep" },
      .names = { "OFFCORE_RESPONSE_1:ANY_REQUEST:L3_MISS_LOCAL:SNP_ANY",
                 "OFFCORE_RESPONSE_0:ANY_REQUEST:L3_MISS_REMOTE:SNP_ANY" },
      .codes = { { .type = RAW, .config = 0x1bb, .config1 = 0x3f80408fff },
                 { .type = RAW, .config = 0x1b7, .config1 = 0x3fb8008fff } },
      .counts_bytes = TRUE,
      .needs_offcore = TRUE },
    UOPS_L3_MISS_RETIRED("hsw_ep"),
    { 0 },
};
static const HvPfmChoice broadwell[] = {
    { .name = "OFFCORE_RESPONSE:ANY_REQUEST",
      .pmus = { "bdw_ep" },
      .names = { "OFFCORE_RESPONSE_1:ANY_REQUEST:L3_MISS_LOCAL:SNP_ANY",
                 "OFFCORE_RESPONSE_0:ANY_REQUEST:L3_MISS_REMOTE:SNP_ANY" },
      .codes = { { .type = RAW, .config = 0x1bb, .config1 = 0x3f84008fff },
                 { .type = RAW, .config = 0x1b7, .config1 = 0x3fb8008fff } },
      .counts_bytes = TRUE,
      .needs_offcore = TRUE },
    UOPS_L3_MISS_RETIRED("bdw_ep"),
    { 0 },
};
static const HvPfmChoice skylake[] = { ANY_DATA, L3_MISS_RETIRED(SKX_CLX, LOADS_ONLY), { 0 } };
static const HvPfmChoice ice_lake[] = { READS_TO_CORE("icx", 0x1b7, 0x70c000477, 0x730000477),
                                        L3_MISS_RETIRED("icx", LOADS_ONLY),
                                        { 0 } };
/* libpfm4 4.13 takes Ice Lake-D for a client. */
static const HvPfmChoice ice_lake_d[] = { READS_TO_CORE(NULL, 0x1b7, 0x70c000477, 0x730000477),
                                          L3_MISS_RETIRED(NULL, LOADS_ONLY),
                                          { 0 } };
static const HvPfmChoice sapphire_rapids[] = {
    READS_TO_CORE("spr", 0x12a, 0x70c004477, 0x730004477),
    L3_MISS_RETIRED("spr", LOADS_ONLY),
    { 0 },
};
static const HvPfmChoice emerald_rapids[] = {
    READS_TO_CORE(NULL, 0x12a, 0x70c004477, 0x730004477),
    L3_MISS_RETIRED(NULL, LOADS_ONLY),
    { 0 },
};
static const HvPfmChoice zen2[] = { FILLS("amd64_fam17h_zen2", "DATA_CACHE_REFILLS_FROM_SYSTEM",
                                          "LS_MABRESP_LCL_DRAM", "LS_MABRESP_RMT_DRAM", 0x0843,
                                          0x4043),
                                    { 0 } };
static const HvPfmChoice zen3[] = { FILLS("amd64_fam19h_zen3",
                                          "ANY_DATA_CACHE_FILLS_FROM_SYSTEM", "MEM_IO_LCL",
                                          "MEM_IO_RMT", 0x0844, 0x4044),
                                    { 0 } };
static const HvPfmChoice zen4[] = { FILLS("amd64_fam19h_zen4",
                                          "ANY_DATA_CACHE_FILLS_FROM_SYSTEM", "DRAM_IO_NEAR",
                                          "DRAM_IO_FAR", 0x0844, 0x4044),
                                    { 0 } };
static const HvPfmChoice zen5[] = { { .name = "LS_ANY_FILLS_FROM_SYS",
                                      .codes = CODES(0x0844, 0x4044),
                                      .counts_bytes = TRUE,
                                      .doubt = FILLS_ONLY },
                                    { 0 } };

const HvPfmModel hv_pfm_models[] = {
    { HV_CPU_INTEL, 6, 63, 63, haswell },
    { HV_CPU_INTEL, 6, 79, 79, broadwell },
    { HV_CPU_INTEL, 6, 86, 86, broadwell },
    { HV_CPU_INTEL, 6, 85, 85, skylake }, /* and Cascade Lake */
    { HV_CPU_INTEL, 6, 106, 106, ice_lake },
    { HV_CPU_INTEL, 6, 108, 108, ice_lake_d },
    { HV_CPU_INTEL, 6, 143, 143, sapphire_rapids },
    { HV_CPU_INTEL, 6, 207, 207, emerald_rapids },
    { HV_CPU_INTEL, 6, 173, 174, emerald_rapids }, /* Granite Rapids */
    { HV_CPU_AMD, 0x17, 0x30, 0xff, zen2 },
    { HV_CPU_AMD, 0x19, 0x00, 0x0f, zen3 },
    { HV_CPU_AMD, 0x19, 0x10, 0x1f, zen4 },
    { HV_CPU_AMD, 0x19, 0x20, 0x5f, zen3 },
    { HV_CPU_AMD, 0x19, 0x60, 0xaf, zen4 }, /* 0xa0: Bergamo */
    { HV_CPU_AMD, 0x1a, 0x00, 0xff, zen5 },
    { .choices = NULL },
};

const HvPfmChoice *
hv_pfm_choices(const HvCpuIdent *ident)
{
    for (const HvPfmModel *model = hv_pfm_models; model->choices; model++)
        if (model->vendor == ident->vendor && model->family == ident->family &&
            ident->model >= model->first_model && ident->model <= model->last_model)
            return model->choices;
    return NULL;
}

/* libpfm4's functions. Its tables of every processor's events are a megabyte that linking it
 * would make private to this process, counters or not: it is loaded when they are asked for. */
typedef struct {
    __typeof__(pfm_initialize) *initialize;
    __typeof__(pfm_get_os_event_encoding) *encode;
} Pfm;

/* dlsym(3) gives functions as objects. */
static gboolean
find(void *library, const char *name, void *function)
{
    void *found = dlsym(library, name);

    memcpy(function, &found, sizeof found);
    return found != NULL;
}

/* Returns: Pfm, or NULL where it cannot be used. */
static gpointer
load(gpointer data G_GNUC_UNUSED)
{
    static Pfm pfm;
    void *library = dlopen("libpfm.so.4", RTLD_LAZY | RTLD_LOCAL);

    if (!library || !find(library, "pfm_initialize", &pfm.initialize) ||
        !find(library, "pfm_get_os_event_encoding", &pfm.encode) ||
        pfm.initialize() != PFM_SUCCESS)
        return NULL;
    return &pfm;
}

/* libpfm4 sets exclude_guest; only what names the event is taken from it. */
static gboolean
encode(const Pfm *pfm, const char *pmu, const char *name, HvCounterEvent *event)
{
    g_autofree char *full_name = g_strconcat(pmu, "::", name, NULL);
    struct perf_event_attr attributes = { .size = sizeof attributes };
    pfm_perf_encode_arg_t argument = { .attr = &attributes, .size = sizeof argument };

    if (pfm->encode(full_name, PFM_PLM0 | PFM_PLM3, PFM_OS_PERF_EVENT, &argument) !=
        PFM_SUCCESS)
        return FALSE;
    *event = (HvCounterEvent){ .type = attributes.type,
                               .config = attributes.config,
                               .config1 = attributes.config1 };
    return TRUE;
}

gboolean
hv_pfm_encode(const HvPfmChoice *choice, HvCounterEvent events[2])
{
    static GOnce once = G_ONCE_INIT;
    const Pfm *pfm = g_once(&once, load, NULL);
    HvCounterEvent encoded[2];

    memcpy(events, choice->codes, sizeof choice->codes);
    if (!pfm)
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(choice->pmus) && choice->pmus[i]; i++) {
        if (!encode(pfm, choice->pmus[i], choice->names[0], &encoded[0]) ||
            !encode(pfm, choice->pmus[i], choice->names[1], &encoded[1]))
            continue;
        memcpy(events, encoded, sizeof encoded);
        return TRUE;
    }
    return FALSE;
}
