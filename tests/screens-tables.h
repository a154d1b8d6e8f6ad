/* Tables written as text, for hosts made by hand. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* "name:kind" columns, then rows of cells between bars; in front of a number "~" estimated, "^" scaled; "-" absent,
 * "!…" absent with a reason, "?…" unavailable. A table without rows may say @why. A list ends with a NULL name. */
typedef struct {
    const char *name, *columns;
    const char *const *rows;
    const char *why;
} HvTestTable;

/* All there is; without web-1; without VMs, libvirt absent; one sample, no rates; another machine's libvirt. */
extern const HvTestTable hv_test_busy_tables[];
extern const HvTestTable hv_test_gone_tables[];
extern const HvTestTable hv_test_nobody_tables[];
extern const HvTestTable hv_test_first_tables[];
extern const HvTestTable hv_test_remote_tables[];
/* Two sockets whose VMs reach across, as in a demo of a slow Redis; resctrl, links and findings are there. */
extern const HvTestTable hv_test_traffic_tables[];
/* The same VMs on a host without resctrl, PMU and links: by place, no bytes. */
extern const HvTestTable hv_test_blind_tables[];
/* Eight nodes on two sockets, sixteen caches, two of them with code and data apart. */
extern const HvTestTable hv_test_wide_tables[];
/* What changes leave: to be added to others. */
extern const HvTestTable hv_test_changed_tables[];
