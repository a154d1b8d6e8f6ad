/* Fuzzes the topology from hwloc's XML, as a stranger's capture brings it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/topology-private.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(HvTopology) topology = NULL;
    g_autoptr(GError) error = NULL;

    g_setenv("HWLOC_HIDE_ERRORS", "2", TRUE);
    topology = hv_topology_from_xml(text, size, "fuzz.xml", &error);
    g_assert((topology != NULL) == (error == NULL));
    if (topology)
        g_assert(!topology->this_system);
    return 0;
}
