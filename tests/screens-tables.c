/* Hosts made by hand for the screens of memory traffic and caches. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/screens-tables.h"

#include <stddef.h>

static const char sources_columns[] = "source:K state:T cost_us:F age_ms:F why:T cure:T help:T";
static const char host_columns[] =
    "hostname:K kernel:T cpu_model:T n_packages:U n_nodes:U n_cpus:U n_cpus_online:U "
    "uptime_s:U "
    "psi_cpu_some_ratio:F psi_memory_some_ratio:F psi_io_some_ratio:F oom_kills:U irqs_per_s:F";
static const char nodes_columns[] = "node:I package:U memory_total_bytes:U "
                                    "memory_free_bytes:U use_ratio:F";
static const char vms_columns[] =
    "vm:K state:T state_reason:T n_vcpus:U memory_bytes:U home_node:U home_nodes:S nodes:S "
    "cpus_allowed:S cpu_ratio:F guest_cpu_ratio:F wait_max_ratio:F wait_max_vcpu:U "
    "throttled_ratio:F halt_poll_ratio:F overhead_ratio:F remote_ratio:F not_answering_s:F "
    "in_libvirt:B worst:F";
static const char vcpus_columns[] = "vm:K vcpu:I cpus_allowed:S cpu:U node:U run_ratio:F "
                                    "wait_ratio:F system_ratio:F guest_ratio:F";
static const char traffic_columns[] =
    "vm:K remote_ratio:F local_bytes_per_s:F remote_bytes_per_s:F total_bytes_per_s:F "
    "source:T quality:T age_s:F doubt:T";
static const char matrix_columns[] =
    "vm:K from_node:I to_node:I bytes_per_s:F share_ratio:F class:T doubt:T";
static const char links_columns[] = "from_package:I to_package:I bytes_per_s:F use_ratio:F";
static const char memory_columns[] = "node:I bytes_per_s:F";
static const char resctrl_columns[] =
    "mount:K n_closids:U closids_used:U n_rmids:U rmids_used:U rmids_limbo:U n_counters:U "
    "counters_used:U options:T mb_unit:T mb_throttle_mode:T";
static const char groups_columns[] = "group:K owner:T vm:T mode:T n_tasks:U cpus:S";
static const char domains_columns[] =
    "group:K resource:K domain:I value:T mask:U limit:U size_bytes:U";
static const char info_columns[] = "resource:K cbm_mask:T n_ways:U shareable_mask:U";
static const char llc_columns[] =
    "llc:I group:K vm:K owner:T occupancy_bytes:U size_bytes:U ways_mask:T n_ways:U "
    "of_llc_ratio:F old_lines_bytes:F local_bytes_per_s:F total_bytes_per_s:F mb:T warming:B "
    "age_s:F";
static const char findings_columns[] =
    "finding:K vm:K what:K severity:T cost_ratio:F evidence:T remedy:T key:T window_s:F "
    "quality:T folded:B";
static const char watches_columns[] = "watch:K value:F read_ns:U age_s:F command:T";
static const char vm_groups_columns[] = "vm:K vcpu:I group:T mon:T";
static const char vcpu_traffic_columns[] =
    "vm:K vcpu:I remote_ratio:F local_bytes_per_s:F remote_bytes_per_s:F source:T quality:T";
static const char footprint_columns[] = "kind:K name:K n:U";
static const char traffic_sources_columns[] =
    "vm:K source:K remote_ratio:F local_bytes_per_s:F remote_bytes_per_s:F total_bytes_per_s:F";
static const char residency_columns[] = "vm:K cell:I node:I page_bytes:I resident_bytes:U "
                                        "source:T read_ns:U movable:B why_not:T";

static const char *const host_rows[] = {
    "hv-07|6.1.0-18|Intel(R) Xeon(R) Gold 6330 CPU @ 2.00GHz|2|2|16|15|400000|0.03|0|0.01|0|"
    "212345",
    NULL
};
static const char *const nodes_rows[] = { "0|0|549755813888|107374182400|0.61",
                                          "1|1|549755813888|420906795008|0.22", NULL };
static const char *const vms_rows[] = {
    "redis-1|running||8|17179869184|1|1|0|0-7|4.12|~4.0|0.012|5|0|0|0.06|0.83|-|1|0.9",
    "trainer-a|running||16|68719476736|0|0|0|0-7|15.03|~14.9|0.003|0|0|0|0.01|0.04|-|1|0.01",
    "web-3|running||4|8589934592|0|0|0|2-3|0.88|~0.71|0.094|2|0|0.01|0.2|0.02|-|1|0.1",
    "web-4|running||4|8589934592|0|0|0|2-3|0.61|~0.5|0.088|1|0|0.01|0.2|0.01|-|1|0.09",
    "db-1|running||12|34359738368|1|1|1|8-14|7.07|~6.9|0.001|0|0|0|0.02|0.03|-|1|0.03",
    "batch-7|running||8|17179869184|-|0-1|0-1|0-14|6.4|~6.3|0|0|0|0|0.01|0.48|-|1|0.05",
    "old-3|paused|I/O error|2|2147483648|1|1|1|0-14|0|0|0|0|0|0|-|-|-|1|0",
    "pid-4711|-||2|1073741824|1|1|1|0-14|0.12|~0.1|0|0|-|-|0.05|-|-|0|0",
    NULL
};
static const char *const vcpus_rows[] = { "redis-1|0|0-7|0|0|0.5|0.002|0.03|~0.48",
                                          "redis-1|1|0-7|1|0|0.5|0.002|0.03|~0.48",
                                          "redis-1|2|0-7|2|0|0.52|0.001|0.03|~0.5",
                                          "redis-1|3|0-7|3|0|0.5|0.002|0.03|~0.48",
                                          "redis-1|4|0-7|4|0|0.5|0.002|0.03|~0.48",
                                          "redis-1|5|0-7|5|0|0.5|0.012|0.03|~0.48",
                                          "redis-1|6|0-7|6|0|0.55|0.002|0.03|~0.53",
                                          "redis-1|7|0-7|7|0|0.55|0.002|0.03|~0.53",
                                          "batch-7|0|0-14|0|0|0.8|0|0.01|~0.79",
                                          "batch-7|1|0-14|9|1|0.8|0|0.01|~0.79",
                                          NULL };
static const char *const traffic_rows[] = {
    "redis-1|0.83|527000000|2573000000|3100000000|mbm|measured|1.0|",
    "trainer-a|0.04|38100000000|1590000000|39690000000|mbm|measured|1.0|",
    "web-3|0.02|400000000|8000000|408000000|mbm|measured|1.0|",
    "web-4|0.01|300000000|3000000|303000000|mbm|measured|1.0|",
    "db-1|0.03|11900000000|368000000|12268000000|mbm|measured|1.0|",
    "batch-7|^0.48|^2200000000|^2030000000|^4230000000|perf|scaled|2.1|counters took turns",
    "old-3|~0|-|-|-|estimate|estimated|4.0|by place: no counter is on this VM at present",
    "pid-4711|!no counter is on this VM|-|-|-|-|-|-|-",
    NULL
};
static const char *const matrix_rows[] = { "|0|0|81200000000|0.75|local|",
                                           "|0|1|12400000000|0.12|other socket|",
                                           "|1|0|300000000|0.01|other socket|",
                                           "|1|1|14000000000|0.12|local|",
                                           "||0|~1100000000|-|-|",
                                           "||1|~-120000000|-|-|below zero: groups and memory "
                                           "controllers were not read at one instant",
                                           "redis-1|0|0|520000000|0.17|local|",
                                           "redis-1|0|1|2573000000|0.83|other socket|",
                                           "redis-1|1|1|7000000|0.0|local|",
                                           "batch-7|0|0|^1100000000|^0.26|local|",
                                           "batch-7|0|1|~1000000000|~0.24|other socket|",
                                           "batch-7|1|0|~1030000000|~0.24|other socket|",
                                           "batch-7|1|1|^1100000000|^0.26|local|",
                                           NULL };
static const char *const links_rows[] = { "0|1|12400000000|~0.31", "1|0|300000000|~0.01",
                                          NULL };
static const char *const memory_rows[] = { "0|81200000000", "1|14000000000", NULL };
static const char *const residency_rows[] = {
    "redis-1||0|4096|515396075|memory.numa_stat|4999600000000|1|",
    "redis-1||1|4096|1374389534|memory.numa_stat|4999600000000|1|",
    "redis-1||1|2097152|15289999360|hugetlb|4999600000000|1|",
    "batch-7|0|0|4096|8589934592|numa_maps|4990000000000|1|",
    "batch-7|1|1|4096|8589934592|numa_maps|4990000000000|1|",
    NULL
};

static const char *const resctrl_rows[] = { "/sys/fs/resctrl|8|3|64|41|2|-|-|rw|percent|max",
                                            NULL };
static const char *const groups_rows[] = { "default|default||shareable|212|0-15",
                                           "gold|hvtune||shareable|40|",
                                           "qemu-3-web|libvirt|web-3|shareable|9|", NULL };
static const char *const domains_rows[] = { "default|L3|0|fff|4095|-|44040192",
                                            "default|L3|1|fff|4095|-|44040192",
                                            "default|MB|0|100|-|100|-",
                                            "default|MB|1|100|-|100|-",
                                            "gold|L3|0|ff|255|-|29360128",
                                            "gold|L3|1|fff|4095|-|44040192",
                                            "gold|MB|0|100|-|100|-",
                                            "gold|MB|1|100|-|100|-",
                                            "qemu-3-web|L3|0|300|768|-|7340032",
                                            "qemu-3-web|L3|1|fff|4095|-|44040192",
                                            "qemu-3-web|MB|0|50|-|50|-",
                                            "qemu-3-web|MB|1|100|-|100|-",
                                            NULL };
static const char *const info_rows[] = { "L3|fff|12|3072", "MB|-|-|-", NULL };
static const char *const llc_rows[] = {
    "0|default||default|9542041|44040192|fff|12|0.22|~0|11000000000|12000000000|100|0|1",
    "0|default|redis-1|default|3355443|44040192|fff|12|0.08|~0|527000000|3100000000|100|0|1",
    "0|default|web-4|default|629145|44040192|fff|12|0.01|~0|300000000|303000000|100|1|1",
    "0|gold||hvtune|31457280|29360128|ff|8|0.71|~2097152|37000000000|38100000000|100|0|1",
    "0|gold|trainer-a|hvtune|23068672|29360128|ff|8|0.52|~0|36500000000|36900000000|100|0|1",
    "0|qemu-3-web||libvirt|1468006|7340032|300|2|0.03|~0|400000000|700000000|50|0|1",
    "0|qemu-3-web|web-3|libvirt|838860|7340032|300|2|0.02|~0|400000000|408000000|50|0|1",
    "1|default||default|5452595|44040192|fff|12|0.12|~0|1000000000|1200000000|100|0|1",
    "1|gold||hvtune|14785000|44040192|fff|12|0.34|~0|11900000000|12268000000|100|0|1",
    "1|gold|db-1|hvtune|14784921|44040192|fff|12|0.34|~0|11900000000|12268000000|100|0|1",
    NULL
};

static const char *const findings_rows[] = {
    "remote-memory|redis-1||serious|~0.41|83 % of its 3.1 GB/s come from S1, its 8 vCPUs run "
    "on "
    "S0|a pins its vCPUs to S1: hvtune set 'vm/redis-1/vcpu/*/cpus=8-14'|a|60|measured|0",
    "cpu-overcommit|web-3||warning|~0.09|shares cpus 2-3 with trainer-a (4 of 4 vCPUs, wait 9 "
    "%)|a lets its vCPUs run on all of S0: hvtune set "
    "'vm/web-3/vcpu/*/cpus=0-7'|a|60|measured|0",
    "unpinned-beside-pinned|batch-7||maybe|~0.03|it floats over cpus of pinned VMs|a gives its "
    "vCPUs cores of their own|a|12|measured|0",
    "quota|web-4||note|~0.013|its cpu limit held it back|raise it|-|29|measured|1", NULL
};
static const char *const watches_rows[] = { "redis_p99_ms|11.9|4999600000000|0.4|redis-p99",
                                            "backlog|!its command ended with status "
                                            "1|-|-|backlog.sh",
                                            NULL };
static const char *const vm_groups_rows[] = { "redis-1|0|default|", "redis-1|1|default|",
                                              "batch-7|0|default|", "batch-7|1|gold|",
                                              "db-1|0|gold|",       NULL };
static const char *const vcpu_traffic_rows[] = {
    "redis-1|0|0.81|66000000|320000000|perf|measured",
    "redis-1|1|^0.85|^66000000|^320000000|perf|scaled", NULL
};

static const char *const footprint_rows[] = { "monitoring group|mon_groups/hvtune-1|1",
                                              "monitoring group|mon_groups/hvtune-2|1",
                                              "perf descriptors|redis-1|16", NULL };
static const char *const traffic_sources_rows[] = {
    "redis-1|mbm|0.83|527000000|2573000000|3100000000",
    "redis-1|perf|^0.8|^600000000|^2400000000|^3000000000", "redis-1|estimate|~0.97|-|-|-",
    "web-3|mbm|0.02|400000000|8000000|408000000", NULL
};
static const char *const few_sources_rows[] = {
    "resctrl|ok|900|400|-|-|caches by group", "perf|ok|300|400|-|-|counters of vCPU threads",
    "uncore|denied|-|-|perf_event_open: Permission denied|sysctl "
    "kernel.perf_event_paranoid=-1|links and memory controllers",
    NULL
};

const HvTestTable hv_test_traffic_tables[] = {
    { "host", host_columns, host_rows, NULL },
    { "nodes", nodes_columns, nodes_rows, NULL },
    { "vms", vms_columns, vms_rows, NULL },
    { "vcpus", vcpus_columns, vcpus_rows, NULL },
    { "traffic", traffic_columns, traffic_rows, NULL },
    { "matrix", matrix_columns, matrix_rows, NULL },
    { "links", links_columns, links_rows, NULL },
    { "memory_traffic", memory_columns, memory_rows, NULL },
    { "residency", residency_columns, residency_rows, NULL },
    { "resctrl", resctrl_columns, resctrl_rows, NULL },
    { "resctrl_groups", groups_columns, groups_rows, NULL },
    { "resctrl_domains", domains_columns, domains_rows, NULL },
    { "resctrl_info", info_columns, info_rows, NULL },
    { "llc", llc_columns, llc_rows, NULL },
    { "findings", findings_columns, findings_rows, NULL },
    { "watches", watches_columns, watches_rows, NULL },
    { "footprint", footprint_columns, footprint_rows, NULL },
    { "traffic_sources", traffic_sources_columns, traffic_sources_rows, NULL },
    { "sources", sources_columns, few_sources_rows, NULL },
    { "vm_groups", vm_groups_columns, vm_groups_rows, NULL },
    { "vcpu_traffic", vcpu_traffic_columns, vcpu_traffic_rows, NULL },
    { 0 },
};

/* ---- by place ---- */

static const char *const blind_traffic_rows[] = {
    "redis-1|~0.97|!by place: no MBM and no PMU here|-|-|estimate|estimated|0.4|by place: "
    "where "
    "its memory is, not what it touches",
    "batch-7|~0.5|!by place: no MBM and no PMU here|-|-|estimate|estimated|0.4|by place: where "
    "its "
    "memory is, not what it touches",
    NULL
};
static const char *const blind_matrix_rows[] = {
    "redis-1|0|0|!by place: no MBM and no PMU here|~0.03|local|",
    "redis-1|0|1|!by place: no MBM and no PMU here|~0.97|other socket|", NULL
};
static const char *const no_rows[] = { NULL };
static const char *const blind_sources_rows[] = {
    "host|ok|210|400|-|-|what the kernel says of the whole host",
    "resctrl|absent|-|-|resctrl is not mounted|mount -t resctrl resctrl "
    "/sys/fs/resctrl|caches by group",
    NULL
};

const HvTestTable hv_test_blind_tables[] = {
    { "host", host_columns, host_rows, NULL },
    { "nodes", nodes_columns, nodes_rows, NULL },
    { "vms", vms_columns, vms_rows, NULL },
    { "vcpus", vcpus_columns, vcpus_rows, NULL },
    { "traffic", traffic_columns, blind_traffic_rows, NULL },
    { "matrix", matrix_columns, blind_matrix_rows, "only resctrl counts the whole host" },
    { "links", links_columns, no_rows, "no links between sockets can be counted here" },
    { "memory_traffic", memory_columns, no_rows, "no memory controllers can be counted here" },
    { "residency", residency_columns, residency_rows, NULL },
    { "resctrl_groups", groups_columns, no_rows, "resctrl is not mounted" },
    { "sources", sources_columns, blind_sources_rows, NULL },
    { 0 },
};

/* ---- eight nodes ---- */

static const char *const wide_resctrl_rows[] = {
    "/sys/fs/resctrl|16|16|256|255|0|32|30|rw,cdp|MB/s|-", NULL
};
static const char *const wide_groups_rows[] = { "default|default||shareable|212|0-15",
                                                "kube-7|container||exclusive|40|",
                                                "left|unknown||shareable|0|", NULL };
static const char *const wide_domains_rows[] = { "default|L3CODE|0|ffff|65535|-|33554432",
                                                 "default|L3DATA|0|ff|255|-|16777216",
                                                 "kube-7|L3CODE|0|f000|61440|-|8388608",
                                                 "kube-7|L3DATA|0|f000|61440|-|8388608",
                                                 "left|L3CODE|0|f|15|-|8388608",
                                                 "left|L3DATA|0|f|15|-|8388608",
                                                 "default|MB|0|2048|-|2048|-",
                                                 NULL };
static const char *const wide_info_rows[] = { "L3CODE|ffff|16|0", "L3DATA|ffff|16|0", NULL };
#define WIDE_LLC(id, held)                                                                     \
    id "|default||default|" held "|33554432|ffff|16|0.5|~0|1000000000|1200000000|2048|0|1"
static const char *const wide_llc_rows[] = {
    WIDE_LLC("0", "30000000"),
    "0|kube-7||container|12000000|8388608|f000|4|0.3|~3611392|1000000000|1200000000|2048|1|1",
    "0|kube-7|redis-1|container|11000000|8388608|f000|4|0.3|~0|1000000000|1200000000|2048|1|1",
    "0|left||unknown|?the hardware does not track it now|8388608|f|4|-|-|-|-|2048|-|-",
    WIDE_LLC("1", "3000000"),
    WIDE_LLC("2", "9000000"),
    WIDE_LLC("3", "1000000"),
    WIDE_LLC("4", "0"),
    WIDE_LLC("5", "33000000"),
    WIDE_LLC("6", "100"),
    WIDE_LLC("7", "100000"),
    WIDE_LLC("8", "20000000"),
    WIDE_LLC("9", "20000000"),
    WIDE_LLC("10", "20000000"),
    WIDE_LLC("11", "20000000"),
    WIDE_LLC("12", "20000000"),
    WIDE_LLC("13", "20000000"),
    WIDE_LLC("14", "20000000"),
    WIDE_LLC("15", "20000000"),
    NULL
};

static const char *const wide_matrix_rows[] = {
    "|0|0|81200000000|0.2|local|",
    "|0|1|1200000000|0.01|same socket|",
    "|0|4|12400000000|0.1|other socket|",
    "|1|1|40000000000|0.1|local|",
    "|2|2|20000000000|0.1|local|",
    "|3|3|3000000000|0.1|local|",
    "|4|4|500000000|0.1|local|",
    "|4|0|?nothing tells to which other node|-|other socket|",
    "|5|5|9000000000|0.1|local|",
    "|6|6|11000000000|0.1|local|",
    "|7|7|104000000000|0.1|local|",
    "|7|0|50000000|0.1|other socket|",
    "||0|~1100000000|-|-|",
    NULL
};
static const char *const wide_links_rows[] = {
    "0||12400000000|!how fast these links are is not known",
    "1||300000000|!how fast these links are is not known", NULL
};
static const char *const wide_memory_rows[] = {
    "0|81200000000", "1|14000000000",  "2|20000000000",
    "3|3000000000",  "4|500000000",    "5|9000000000",
    "6|11000000000", "7|104000000000", NULL
};

const HvTestTable hv_test_wide_tables[] = {
    { "host", host_columns, host_rows, NULL },
    { "vms", vms_columns, vms_rows, NULL },
    { "vcpus", vcpus_columns, vcpus_rows, NULL },
    { "traffic", traffic_columns, traffic_rows, NULL },
    { "matrix", matrix_columns, wide_matrix_rows, NULL },
    { "links", links_columns, wide_links_rows, NULL },
    { "memory_traffic", memory_columns, wide_memory_rows, NULL },
    { "residency", residency_columns, residency_rows, NULL },
    { "resctrl", resctrl_columns, wide_resctrl_rows, NULL },
    { "resctrl_groups", groups_columns, wide_groups_rows, NULL },
    { "resctrl_domains", domains_columns, wide_domains_rows, NULL },
    { "resctrl_info", info_columns, wide_info_rows, NULL },
    { "llc", llc_columns, wide_llc_rows, NULL },
    { 0 },
};
