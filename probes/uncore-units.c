/* Which uncore PMUs tell bytes, by which events: memory controllers, and links between sockets.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/uncore-units.h"

#include <string.h>

#define LINE_BYTES 64.0
#define QPI_FLIT_BYTES 8.0
#define UPI_FLIT_BYTES (64.0 / 9) /* a line takes nine slots */
#define ANY_FAMILY 0, 0, 0
#define GT(rate) ((rate)*2e9) /* transfers of two bytes */

/* Codes: linux tools/perf/pmu-events/arch/x86. The names in events/ are the kernel's own, so
 * they come first. Only what is sent is counted, on each side. Speeds of links: the fastest of
 * each processor's data sheet. */
const HvUncoreUnit hv_uncore_units[] = {
    { HV_CPU_INTEL, ANY_FAMILY, .device = "uncore_imc", .bytes = LINE_BYTES, .is_alias = TRUE,
      .events = { "cas_count_read", "cas_count_write" } },
    { HV_CPU_INTEL, ANY_FAMILY, .device = "uncore_imc", .bytes = LINE_BYTES, .is_alias = TRUE,
      .events = { "data_reads", "data_writes" } },
    { HV_CPU_INTEL,
      6,
      63,
      63,
      "uncore_imc",
      FALSE,
      LINE_BYTES,
      0,
      FALSE,
      { "event=0x04,umask=0x0f" } },
    { HV_CPU_INTEL,
      6,
      79,
      86,
      "uncore_imc",
      FALSE,
      LINE_BYTES,
      0,
      FALSE,
      { "event=0x04,umask=0x0f" } },
    { HV_CPU_INTEL,
      6,
      106,
      108,
      "uncore_imc",
      FALSE,
      LINE_BYTES,
      0,
      FALSE,
      { "event=0x04,umask=0x3f" } },
    { HV_CPU_INTEL,
      6,
      143,
      143,
      "uncore_imc",
      FALSE,
      LINE_BYTES,
      0,
      FALSE,
      { "event=0x05,umask=0xff" } },
    { HV_CPU_INTEL,
      6,
      207,
      207,
      "uncore_imc",
      FALSE,
      LINE_BYTES,
      0,
      FALSE,
      { "event=0x05,umask=0xff" } },
    { HV_CPU_AMD, ANY_FAMILY, "amd_umc", FALSE, LINE_BYTES, 0, FALSE, { "event=0x0a" } },

    { HV_CPU_INTEL,
      6,
      63,
      63,
      "uncore_qpi",
      TRUE,
      QPI_FLIT_BYTES,
      GT(9.6),
      FALSE,
      { "event=0x00,umask=0x02" } },
    { HV_CPU_INTEL,
      6,
      79,
      79,
      "uncore_qpi",
      TRUE,
      QPI_FLIT_BYTES,
      GT(9.6),
      FALSE,
      { "event=0x00,umask=0x02" } },
    { HV_CPU_INTEL,
      6,
      85,
      85,
      "uncore_upi",
      TRUE,
      UPI_FLIT_BYTES,
      GT(10.4),
      FALSE,
      { "event=0x02,umask=0x0f" } },
    { HV_CPU_INTEL,
      6,
      106,
      106,
      "uncore_upi",
      TRUE,
      UPI_FLIT_BYTES,
      GT(11.2),
      FALSE,
      { "event=0x02,umask=0x0f" } },
    { HV_CPU_INTEL,
      6,
      143,
      143,
      "uncore_upi",
      TRUE,
      UPI_FLIT_BYTES,
      GT(16),
      FALSE,
      { "event=0x02,umask=0x0f" } },
    { HV_CPU_INTEL,
      6,
      207,
      207,
      "uncore_upi",
      TRUE,
      UPI_FLIT_BYTES,
      GT(20),
      FALSE,
      { "event=0x02,umask=0x0f" } },
    { HV_CPU_INTEL,
      6,
      173,
      174,
      "uncore_upi",
      TRUE,
      UPI_FLIT_BYTES,
      GT(24),
      FALSE,
      { "event=0x02,umask=0x0f" } },
    /* Zen2 and Zen3: remote_outbound_data_controller_0 to 3 */
    { HV_CPU_AMD,
      0x17,
      0x30,
      0xff,
      "amd_df",
      TRUE,
      32,
      0,
      FALSE,
      { "event=0x7c7,umask=0x02", "event=0x807,umask=0x02", "event=0x847,umask=0x02",
        "event=0x887,umask=0x02" } },
    { HV_CPU_AMD,
      0x19,
      0x00,
      0x0f,
      "amd_df",
      TRUE,
      32,
      0,
      FALSE,
      { "event=0x7c7,umask=0x02", "event=0x807,umask=0x02", "event=0x847,umask=0x02",
        "event=0x887,umask=0x02" } },
    /* Zen4: local_socket_outbound_data_beats_link0 to 7 */
    { HV_CPU_AMD,
      0x19,
      0x10,
      0xaf,
      "amd_df",
      TRUE,
      64,
      0,
      FALSE,
      { "event=0xb5f,umask=0xf3e", "event=0xb9f,umask=0xf3e", "event=0xbdf,umask=0xf3e",
        "event=0xc1f,umask=0xf3e", "event=0xc5f,umask=0xf3e", "event=0xc9f,umask=0xf3e",
        "event=0xcdf,umask=0xf3e", "event=0xd1f,umask=0xf3e" } },
    /* Zen5: local_socket_outbound_data_beats_link_0 to 5 */
    { HV_CPU_AMD,
      0x1a,
      0x00,
      0xff,
      "amd_df",
      TRUE,
      64,
      0,
      FALSE,
      { "event=0xd5f,umask=0xf3e", "event=0xd9f,umask=0xf3e", "event=0xddf,umask=0xf3e",
        "event=0xe1f,umask=0xf3e", "event=0xe5f,umask=0xf3e", "event=0xe9f,umask=0xf3e" } },
    { .device = NULL },
};

/* "uncore_imc_free_running_0" is another kind. */
gboolean
hv_uncore_is_unit(const HvUncoreUnit *unit, const char *name)
{
    const gsize length = strlen(unit->device);

    if (strncmp(name, unit->device, length) != 0)
        return FALSE;
    name += length;
    return !*name ||
           (*name == '_' && name[1] && strspn(name + 1, "0123456789") == strlen(name + 1));
}

gboolean
hv_uncore_fits(const HvUncoreUnit *unit, const HvCpuIdent *ident)
{
    if (unit->vendor != ident->vendor)
        return FALSE;
    return unit->family == 0 ||
           (unit->family == ident->family && ident->model >= unit->first_model &&
            ident->model <= unit->last_model);
}
