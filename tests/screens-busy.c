/* A host made by hand for the tests of the console: busy, at its first sample, without VMs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/screens-tables.h"

#include <stddef.h>

static const char host_columns[] =
    "hostname:K kernel:T cpu_model:T n_packages:U n_nodes:U n_cpus:U n_cpus_online:U "
    "uptime_s:U "
    "psi_cpu_some_ratio:F psi_memory_some_ratio:F psi_io_some_ratio:F core_min_hz:U "
    "core_base_hz:U "
    "oom_kills:U disk_latency_max_ms:F disk_latency_device:T nic_drops_per_s:F irqs_per_s:F "
    "steal_ratio:F swap_used_bytes:U thermal_throttles_per_s:F";
static const char nodes_columns[] =
    "node:I package:U memory_total_bytes:U memory_free_bytes:U hugepages_2m_total:U "
    "hugepages_2m_free:U use_ratio:F remote_allocations_per_s:F";
static const char vms_columns[] =
    "vm:K uuid:T state:T state_reason:T pid:U n_vcpus:U memory_bytes:U home_node:U nodes:S "
    "cpus_allowed:S cpu_ratio:F guest_cpu_ratio:F wait_max_ratio:F wait_max_vcpu:U "
    "wait_mean_ratio:F throttled_ratio:F halt_poll_ratio:F overhead_ratio:F emulator_ratio:F "
    "vhost_ratio:F psi_cpu_some_ratio:F psi_memory_some_ratio:F psi_io_some_ratio:F "
    "not_answering_s:F job:T owner:T age_s:F in_libvirt:B tcg:B worst:F";
static const char vcpus_columns[] =
    "vm:K vcpu:I tid:U cpus_allowed:S cpus_defined:S cpu:U node:U run_ratio:F wait_ratio:F "
    "system_ratio:F guest_ratio:F switches_per_s:F state:T";
static const char interrupts_columns[] =
    "irq:K node:I count:U per_s:F name:T device:T "
    "device_node:U cpus_wanted:S cpus_effective:S managed:B";
static const char kvm_columns[] =
    "vm:K apicv:T apicv_why:T apicv_cure:T cost_ratio:F source:T read_ns:U exits_per_s:F "
    "halt_exits_per_s:F irq_exits_per_s:F irq_window_exits_per_s:F io_exits_per_s:F "
    "mmio_exits_per_s:F injections_per_s:F";
static const char devices_columns[] = "device:K class:T node:U vm:T";
static const char events_columns[] = "serial:I time_ns:U vm:T kind:T text:T";
static const char sources_columns[] = "source:K state:T cost_us:F age_ms:F why:T cure:T help:T";
static const char libvirt_columns[] = "connection:K remote:B n_guests:U";
static const char changes_columns[] =
    "change:I step:I time_ns:U title:T knob:T before:T after:T found:T outcome:T undo:T who:T "
    "kind:T error:T shell_line:T undone_by:U";

#define NASTY "\xe7\xbd\x91\xe9\xa1\xb5\x1b[31m$(reboot)"
#define LONG "a-virtual-machine-with-a-name-of-sixty-characters-exactly-60"

static const char *const host_rows[] = {
    "hv-07|6.1.0-18|Intel(R) Xeon(R) Gold 6330 CPU @ 2.00GHz|2|2|16|15|400000|0.03|0.004|0.12|"
    "1900000000|2000000000|0|3.2|nvme0n1|0|212345|0|0|0",
    NULL
};
static const char *const first_host_rows[] = { "hv-07|6.1.0-18|Intel(R) Xeon(R) Gold 6330 CPU "
                                               "@ 2.00GHz|2|2|16|15|400000|-|-|-|-|2000000000|"
                                               "0|-|-|-|-|-|0|-",
                                               NULL };
static const char *const nodes_rows[] = { "0|0|549755813888|107374182400|512|128|0.61|12",
                                          "1|1|549755813888|420906795008|0|0|0.22|0", NULL };
static const char *const first_nodes_rows[] = { "0|0|549755813888|107374182400|512|128|-|-",
                                                "1|1|549755813888|420906795008|0|0|-|-", NULL };
static const char *const vms_rows[] = {
    "web-1|6f1c3c6e-0001|running||4711|4|8589934592|0|0|0-3|0.88|~0.71|0.094|2|0.04|0|0.012|0."
    "18|"
    "0.05|0.02|0.11|0|0.002|-|-|shop|86400|1|0|0.2",
    "redis-1|6f1c3c6e-0002|running||4712|2|17179869184|!residency is not read in this "
    "version|0-1|"
    "0-14|1.97|~1.90|0.012|0|0.01|0|0|0.03|0|0|0|0|0|-|-|-|3600|1|0|0.05",
    "db-1|6f1c3c6e-0003|running||4713|2|4294967296|1|1|8-9|-|-|-|-|-|-|-|-|-|-|-|-|-|12|-|-|"
    "7200|1|"
    "0|10",
    "batch|6f1c3c6e-0004|paused|I/O "
    "error|4714|2|2147483648|1|1|4-7|0|0|0|0|0|0|0|0|0|0|0|0|0.6|-|"
    "-|-|600|1|0|5",
    NASTY
    "|6f1c3c6e-0005|running||4715|1|1073741824|0|0|0-14|0.1|~0.05|0|0|0|0.2|0|0.4|0|0|0|0|0|"
    "-|-|-|60|1|0|0.15",
    LONG "|-|running||4716|1|1073741824|0|0|5|0.05|~0.04|0.3|0|0.3|0|0|0.1|0|0|0|0|0|-|"
         "migration 41 %|-|60|0|1|0.4",
    NULL
};
static const char *const first_vms_rows[] = {
    "web-1|6f1c3c6e-0001|running||4711|4|8589934592|0|0|0-3|!one sample: no "
    "rate|-|-|-|-|-|-|-|-|-|"
    "-|-|-|-|-|shop|86400|1|0|-",
    "redis-1|6f1c3c6e-0002|running||4712|2|17179869184|-|0-1|0-14|!one sample: no "
    "rate|-|-|-|-|-|-|"
    "-|-|-|-|-|-|-|-|-|3600|1|0|-",
    NULL
};
static const char *const vcpus_rows[] = {
    "web-1|0|5000|0-3|0-3|0|0|0.2|0.01|0.05|~0.15|812|running",
    "web-1|1|5001|0-3|0-3|1|0|0.3|0.02|0.06|~0.24|900|running",
    "web-1|2|5002|2|0-3|2|0|0.28|0.094|0.02|~0.26|120|running",
    "web-1|3|5003|0-3|0-3|3|0|0.1|0|0.03|~0.06|33|sleeping",
    "redis-1|0|5010|0-14|-|2|0|0.99|0.012|0.01|~0.96|55|running",
    "redis-1|1|5011|0-14|-|9|1|0.98|0.01|0.02|~0.94|41|running",
    "db-1|0|5020|8|8|8|1|-|-|-|-|-|-",
    "db-1|1|5021|9|9|9|1|-|-|-|-|-|-",
    NULL
};
static const char *const first_vcpus_rows[] = { "web-1|0|5000|0-3|0-3|0|0|-|-|-|-|-|running",
                                                "web-1|1|5001|0-3|0-3|1|0|-|-|-|-|-|running",
                                                NULL };
static const char *const interrupts_rows[] = {
    "24|0|123456|18000|eth0-TxRx-0|eth0|1|0-15|0|0",
    "24|1|1000|0|eth0-TxRx-0|eth0|1|0-15|0|0",
    "25|0|3000|12|eth0-TxRx-1|eth0|1|8-15|3|0",
    "25|1|9000000|41000|eth0-TxRx-1|eth0|1|8-15|3|0",
    "130|0|0|0|nvme0q1|nvme0n1|0|4|4|1",
    "130|1|77|0.4|nvme0q1|nvme0n1|0|4|4|1",
    "NMI|0|55|-|Non-maskable interrupts|-|-|-|-|-",
    "NMI|1|54|-|Non-maskable interrupts|-|-|-|-|-",
    "LOC|0|1000000|61000|Local timer interrupts|-|-|-|-|-",
    "LOC|1|2000000|32000|Local timer interrupts|-|-|-|-|-",
    "vfio-msix[0](0000:81:00.0)|1|4|0|vfio|0000:81:00.0|1|12|12|0",
    NULL
};
static const char *const kvm_rows[] = {
    "web-1|inhibited|hyperv synic without avic: its guest may use AutoEOI; its interrupts are "
    "injected by software|at its next start: <avic state='on'/> beside synic|0.07|debugfs|-|"
    "41200|25500|1800|900|4100|0|31000",
    "db-1|active|next to none of its interrupts is injected by software, though it is woken "
    "and "
    "its cpus are hit|-|0|debugfs|-|9000|4000|210|0|12|3|0.2",
    "redis-1|likely|kvm_intel.enable_apicv is on and nothing known inhibits it; its injections "
    "are not known|-|-|-|-|-|-|-|-|-|-|-",
    NULL
};
static const char *const devices_rows[] = { "eth0|ethernet|1|", "nvme0n1|nvme|0|",
                                            "0000:81:00.0|gpu|1|web-1", NULL };
static const char *const events_rows[] = {
    "1|1767359000000000000|redis-1|started|started",
    "2|1767361000000000000||kernel|mce: [Hardware Error]: \x1b]0;evil\x07 corrected",
    "3|1767362500000000000|db-1|silent|does not answer", NULL
};
static const char *const sources_rows[] = {
    "host|ok|210|400|-|-|what the kernel says of the whole host",
    "vms|ok|1900|400|-|-|VMs and what they use",
    "libvirt|slow|90|12000|no answer to a list of domains|systemctl status libvirtd|domains "
    "and "
    "their definitions",
    "halt-poll|denied|-|-|debugfs: Permission denied|run as root|time spent polling",
    "edac|absent|-|-|no memory controller reports errors|-|corrected and uncorrected errors",
    NULL
};
static const char *const nobody_sources_rows[] = {
    "host|ok|210|400|-|-|what the kernel says of the whole host",
    "libvirt|absent|-|-|/run/libvirt/libvirt-sock: No such file or directory|apt install "
    "libvirt-daemon-system|domains and their definitions",
    "guests|ok|90|400|-|-|KVM processes", NULL
};
static const char *const changes_rows[] = {
    "11|0|1767361000000000000|set vm/web-1/vcpu/0/cpus|vm/web-1/vcpu/0/cpus|0-15|0-3|0-3|done|"
    "exact|root on pts/3|set|-|virsh vcpupin web-1 0 0-3 --live|13",
    "12|0|1767362000000000000|set vm/redis-1/vcpu/*/cpus|vm/redis-1/vcpu/0/cpus|0-14|8-9|8-9|"
    "taken-back|exact|root on pts/3|set|-|virsh vcpupin redis-1 0 8-9 --live|-",
    "12|1|1767362000000000000|set "
    "vm/redis-1/vcpu/*/cpus|vm/redis-1/vcpu/1/cpus|0-14|8-9|-|failed|"
    "exact|root on pts/3|set|cpu 8 went offline|virsh vcpupin redis-1 1 8-9 --live|-",
    "13|0|1767362100000000000|undo 11: set "
    "vm/web-1/vcpu/0/cpus|vm/web-1/vcpu/0/cpus|0-3|0-15|-|"
    "unknown|exact|root on pts/3|undo|-|virsh vcpupin web-1 0 0-15 --live|-",
    NULL
};

const HvTestTable hv_test_busy_tables[] = {
    { "host", host_columns, host_rows, NULL },
    { "nodes", nodes_columns, nodes_rows, NULL },
    { "vms", vms_columns, vms_rows, NULL },
    { "vcpus", vcpus_columns, vcpus_rows, NULL },
    { "interrupts", interrupts_columns, interrupts_rows, NULL },
    { "kvm", kvm_columns, kvm_rows, NULL },
    { "devices", devices_columns, devices_rows, NULL },
    { "events", events_columns, events_rows, NULL },
    { "sources", sources_columns, sources_rows, NULL },
    { "changes", changes_columns, changes_rows, NULL },
    { 0 },
};
const HvTestTable hv_test_gone_tables[] = {
    { "host", host_columns, host_rows, NULL },
    { "nodes", nodes_columns, nodes_rows, NULL },
    { "vms", vms_columns, vms_rows + 1, NULL },
    { "vcpus", vcpus_columns, vcpus_rows + 4, NULL },
    { "sources", sources_columns, sources_rows, NULL },
    { 0 },
};
static const char *const no_rows[] = { NULL };
const HvTestTable hv_test_nobody_tables[] = {
    { "host", host_columns, host_rows, NULL },
    { "nodes", nodes_columns, nodes_rows, NULL },
    { "vms", vms_columns, no_rows, NULL },
    { "vcpus", vcpus_columns, no_rows, NULL },
    { "interrupts", interrupts_columns, no_rows, NULL },
    { "sources", sources_columns, nobody_sources_rows, NULL },
    { "changes", changes_columns, no_rows, NULL },
    { 0 },
};
const HvTestTable hv_test_first_tables[] = {
    { "host", host_columns, first_host_rows, NULL },
    { "nodes", nodes_columns, first_nodes_rows, NULL },
    { "vms", vms_columns, first_vms_rows, NULL },
    { "vcpus", vcpus_columns, first_vcpus_rows, NULL },
    { "sources", sources_columns, sources_rows, NULL },
    { 0 },
};
static const char *const remote_rows[] = { "libvirt|1|0", NULL };
const HvTestTable hv_test_remote_tables[] = {
    { "host", host_columns, host_rows, NULL },
    { "vms", vms_columns, no_rows, NULL },
    { "libvirt", libvirt_columns, remote_rows, NULL },
    { 0 },
};
