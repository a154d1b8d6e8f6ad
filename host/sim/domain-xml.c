/* A simulated VM as libvirt's XML, and pins in it. Source: libvirt formatdomain.html. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/domain-xml.h"

#include "host/parse.h"

#include <string.h>

#define KB 1024u

/* ---- pins ---- */

static gint
rank_of(const HvSimXml *element)
{
    static const char *const order[] = { "shares",  "period",      "quota",
                                         "vcpupin", "emulatorpin", "iothreadpin" };

    for (guint i = 0; i < G_N_ELEMENTS(order); i++)
        if (strcmp(hv_sim_xml_name(element), order[i]) == 0)
            return (gint)i;
    return G_N_ELEMENTS(order);
}

static guint64
number_of(const HvSimXml *element)
{
    const char *text = hv_sim_xml_get(element, "vcpu");
    guint64 number = 0;

    if (!text)
        text = hv_sim_xml_get(element, "iothread");
    return text && hv_parse_u64(text, G_MAXUINT32, &number, NULL) ? number : 0;
}

static gboolean
is_pin_behind(const HvSimXml *other, const HvSimXml *last)
{
    const gint a = rank_of(other), b = rank_of(last);

    return a > b || (a == b && number_of(other) > number_of(last));
}

/* libvirt puts <cputune> behind <vcpu> and <iothreads>. */
static gboolean
is_behind_cputune(const HvSimXml *other, const HvSimXml *last G_GNUC_UNUSED)
{
    static const char *const before[] = { "name",        "uuid",          "title",
                                          "description", "metadata",      "maxMemory",
                                          "memory",      "currentMemory", "blkiotune",
                                          "memtune",     "memoryBacking", "vcpu",
                                          "vcpus",       "iothreads",     "iothreadids" };

    for (guint i = 0; i < G_N_ELEMENTS(before); i++)
        if (strcmp(hv_sim_xml_name(other), before[i]) == 0)
            return FALSE;
    return TRUE;
}

static HvSimXml *
need_cputune(HvSimXml *domain)
{
    HvSimXml *tune = hv_sim_xml_child(domain, "cputune", NULL, NULL);

    if (tune)
        return tune;
    tune = hv_sim_xml_add(domain, "cputune");
    hv_sim_xml_place(domain, is_behind_cputune);
    return tune;
}

void
hv_sim_domain_pin(HvSimXml *domain, const char *element, const char *attribute, guint index,
                  const char *cpus)
{
    g_autofree char *number = g_strdup_printf("%u", index);
    HvSimXml *tune = need_cputune(domain);
    HvSimXml *pin = hv_sim_xml_child(tune, element, attribute, number);

    if (!pin) {
        pin = hv_sim_xml_add(tune, element);
        if (attribute)
            hv_sim_xml_set(pin, attribute, number);
        hv_sim_xml_set(pin, "cpuset", cpus);
        hv_sim_xml_place(tune, is_pin_behind);
    }
    hv_sim_xml_set(pin, "cpuset", cpus);
}

static void
add_pins(HvSimXml *domain, const HvSimVm *vm)
{
    for (guint i = 0; vm->vcpu_pins && vm->vcpu_pins[i]; i++)
        if (*vm->vcpu_pins[i])
            hv_sim_domain_pin(domain, "vcpupin", "vcpu", i, vm->vcpu_pins[i]);
    if (vm->emulator_pin && *vm->emulator_pin)
        hv_sim_domain_pin(domain, "emulatorpin", NULL, 0, vm->emulator_pin);
    for (guint i = 0; vm->iothread_pins && vm->iothread_pins[i]; i++)
        if (*vm->iothread_pins[i])
            hv_sim_domain_pin(domain, "iothreadpin", "iothread", i, vm->iothread_pins[i]);
}

/* ---- memory ---- */

static void
add_kb(HvSimXml *parent, const char *name, guint64 bytes)
{
    HvSimXml *element = hv_sim_xml_addf(parent, name, "%" G_GUINT64_FORMAT, bytes / KB);

    hv_sim_xml_set(element, "unit", "KiB");
}

static const HvSimRegion *
region_at(const HvSimVm *vm, guint i)
{
    return &g_array_index(vm->regions, HvSimRegion, i);
}

static void
add_huge_pages(HvSimXml *domain, const HvSimVm *vm)
{
    HvSimXml *page;

    if (vm->regions->len == 0 || (region_at(vm, 0)->kind != HV_SIM_PAGES_HUGE_2M &&
                                  region_at(vm, 0)->kind != HV_SIM_PAGES_HUGE_1G))
        return;
    page = hv_sim_xml_add(hv_sim_xml_add(hv_sim_xml_add(domain, "memoryBacking"), "hugepages"),
                          "page");
    hv_sim_xml_setf(page, "size", "%" G_GUINT64_FORMAT, region_at(vm, 0)->page_bytes / KB);
    hv_sim_xml_set(page, "unit", "KiB");
}

static void
add_limits(HvSimXml *domain, const HvSimVm *vm)
{
    const struct {
        const char *name;
        guint64 bytes;
    } limits[] = {
        { "hard_limit", vm->hard_limit_bytes },
        { "soft_limit", vm->soft_limit_bytes },
        { "swap_hard_limit", vm->swap_limit_bytes },
    };
    HvSimXml *tune = NULL;

    for (guint i = 0; i < G_N_ELEMENTS(limits); i++) {
        if (limits[i].bytes == G_MAXUINT64)
            continue;
        if (!tune)
            tune = hv_sim_xml_add(domain, "memtune");
        add_kb(tune, limits[i].name, limits[i].bytes);
    }
}

/* libvirt puts <numatune> behind <cputune>. */
static gboolean
is_behind_numatune(const HvSimXml *other, const HvSimXml *last)
{
    return is_behind_cputune(other, last) && strcmp(hv_sim_xml_name(other), "cputune") != 0;
}

void
hv_sim_domain_numatune(HvSimXml *domain, const char *mode, const char *nodes)
{
    HvSimXml *tune = hv_sim_xml_child(domain, "numatune", NULL, NULL), *memory;

    if (!tune) {
        tune = hv_sim_xml_add(domain, "numatune");
        hv_sim_xml_place(domain, is_behind_numatune);
    }
    memory = hv_sim_xml_child(tune, "memory", NULL, NULL);
    if (!memory)
        memory = hv_sim_xml_add(tune, "memory");
    if (mode || !hv_sim_xml_get(memory, "mode"))
        hv_sim_xml_set(memory, "mode", mode ? mode : "strict");
    hv_sim_xml_set(memory, "nodeset", nodes);
}

/* ---- cpus ---- */

static guint
count_role(const HvSimVm *vm, HvThreadRole role)
{
    guint n = 0;

    for (guint i = 0; i < vm->threads->len; i++)
        n += ((const HvSimThread *)vm->threads->pdata[i])->role == role;
    return n;
}

static void
add_quota(HvSimXml *domain, const HvSimVm *vm)
{
    HvSimXml *tune;

    if (vm->quota_us < 0)
        return;
    tune = need_cputune(domain);
    (void)hv_sim_xml_addf(tune, "period", "%" G_GINT64_FORMAT, vm->period_us);
    (void)hv_sim_xml_addf(tune, "quota", "%" G_GINT64_FORMAT, vm->quota_us);
}

static void
add_cells(HvSimXml *domain, const HvSimVm *vm)
{
    HvSimXml *cpu = hv_sim_xml_add(domain, "cpu"), *numa;

    hv_sim_xml_set(cpu, "mode", "host-passthrough");
    if (vm->n_cells < 2)
        return;
    numa = hv_sim_xml_add(cpu, "numa");
    for (guint i = 0; i < vm->regions->len; i++) {
        const HvSimRegion *region = region_at(vm, i);
        HvSimXml *cell = hv_sim_xml_add(numa, "cell");
        g_autoptr(HvSet) cpus = hv_set_new();
        g_autofree char *list = NULL;

        for (guint k = 0; k < vm->threads->len; k++) {
            const HvSimThread *thread = vm->threads->pdata[k];

            if (thread->role == HV_THREAD_VCPU && thread->cell == region->cell)
                hv_set_add(cpus, thread->index);
        }
        list = hv_set_to_text(cpus);
        hv_sim_xml_setf(cell, "id", "%u", region->cell);
        hv_sim_xml_set(cell, "cpus", list);
        hv_sim_xml_setf(cell, "memory", "%" G_GUINT64_FORMAT,
                        region->page_bytes * region->n_pages / KB);
        hv_sim_xml_set(cell, "unit", "KiB");
    }
}

/* ---- interrupts ---- */

static void
add_switch(HvSimXml *parent, const char *name, guint apic, guint fact)
{
    if (apic & fact)
        hv_sim_xml_set(hv_sim_xml_add(parent, name), "state", "on");
}

static void
add_features(HvSimXml *domain, const HvSimVm *vm)
{
    HvSimXml *features = hv_sim_xml_add(domain, "features"), *hyperv;

    (void)hv_sim_xml_add(features, "acpi");
    (void)hv_sim_xml_add(features, "apic");
    if (vm->apic & (HV_APIC_SYNIC | HV_APIC_HV_AVIC)) {
        hyperv = hv_sim_xml_add(features, "hyperv");
        hv_sim_xml_set(hyperv, "mode", "custom");
        add_switch(hyperv, "synic", vm->apic, HV_APIC_SYNIC);
        add_switch(hyperv, "avic", vm->apic, HV_APIC_HV_AVIC);
    }
    if (vm->apic & HV_APIC_SPLIT)
        hv_sim_xml_set(hv_sim_xml_add(features, "ioapic"), "driver", "qemu");
}

static void
add_clock(HvSimXml *domain, const HvSimVm *vm)
{
    HvSimXml *clock = hv_sim_xml_add(domain, "clock");
    HvSimXml *pit = hv_sim_xml_add(clock, "timer");

    hv_sim_xml_set(clock, "offset", "utc");
    hv_sim_xml_set(pit, "name", "pit");
    hv_sim_xml_set(pit, "tickpolicy", vm->apic & HV_APIC_PIT_DISCARD ? "discard" : "delay");
}

/* ---- devices ---- */

/* "0000:81:00.0" */
static void
add_hostdev(HvSimXml *devices, const char *pci)
{
    static const char *const names[] = { "domain", "bus", "slot", "function" };
    HvSimXml *hostdev = hv_sim_xml_add(devices, "hostdev");
    HvSimXml *address = hv_sim_xml_add(hv_sim_xml_add(hostdev, "source"), "address");
    g_auto(GStrv) parts = g_strsplit_set(pci, ":.", -1);

    hv_sim_xml_set(hostdev, "mode", "subsystem");
    hv_sim_xml_set(hostdev, "type", "pci");
    hv_sim_xml_set(hostdev, "managed", "yes");
    for (guint i = 0; i < G_N_ELEMENTS(names) && parts[i]; i++)
        hv_sim_xml_setf(address, names[i], "0x%s", parts[i]);
}

static void
add_devices(HvSimXml *domain, const HvSimVm *vm, gboolean live)
{
    HvSimXml *devices = hv_sim_xml_add(domain, "devices");

    (void)hv_sim_xml_addf(devices, "emulator", "/usr/bin/qemu-system-x86_64");
    for (char **tap = vm->tap_names; tap && *tap; tap++) {
        HvSimXml *interface = hv_sim_xml_add(devices, "interface");

        hv_sim_xml_set(interface, "type", "bridge");
        hv_sim_xml_set(hv_sim_xml_add(interface, "source"), "bridge", "br0");
        if (live)
            hv_sim_xml_set(hv_sim_xml_add(interface, "target"), "dev", *tap);
        hv_sim_xml_set(hv_sim_xml_add(interface, "model"), "type", "virtio");
    }
    for (char **pci = vm->passthrough; pci && *pci; pci++)
        add_hostdev(devices, *pci);
}

HvSimXml *
hv_sim_domain_xml(const HvSimVm *vm, gboolean live)
{
    HvSimXml *domain = hv_sim_xml_new("domain"), *os;
    const guint n_iothreads = count_role(vm, HV_THREAD_IOTHREAD);

    hv_sim_xml_set(domain, "type", vm->tcg ? "qemu" : "kvm");
    if (live)
        hv_sim_xml_setf(domain, "id", "%d", vm->domain_id);
    (void)hv_sim_xml_addf(domain, "name", "%s", vm->name);
    (void)hv_sim_xml_addf(domain, "uuid", "%s", vm->uuid);
    add_kb(domain, "memory", vm->memory_bytes);
    add_kb(domain, "currentMemory", vm->balloon_bytes ? vm->balloon_bytes : vm->memory_bytes);
    add_limits(domain, vm);
    add_huge_pages(domain, vm);
    hv_sim_xml_set(hv_sim_xml_addf(domain, "vcpu", "%u", vm->n_vcpus), "placement", "static");
    if (n_iothreads)
        (void)hv_sim_xml_addf(domain, "iothreads", "%u", n_iothreads);
    add_quota(domain, vm);
    add_pins(domain, vm);
    if (vm->numatune_mode)
        hv_sim_domain_numatune(domain, vm->numatune_mode, vm->numatune_nodes);
    os = hv_sim_xml_add(domain, "os");
    hv_sim_xml_set(hv_sim_xml_addf(os, "type", "hvm"), "arch", "x86_64");
    add_features(domain, vm);
    add_cells(domain, vm);
    add_clock(domain, vm);
    add_devices(domain, vm, live);
    if (vm->launch_security && *vm->launch_security)
        hv_sim_xml_set(hv_sim_xml_add(domain, "launchSecurity"), "type", vm->launch_security);
    return domain;
}
