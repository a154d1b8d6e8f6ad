/* The simulated machine's kernel modules: the vendor's part of KVM is unloaded and loaded, with
 * the option that stands in modprobe.d. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/files-private.h"
#include "host/sim/machine-private.h"

#include <string.h>

#define CONF "etc/modprobe.d/hvtune.conf"
#define SAVE_DIR "/var/lib/libvirt/qemu/save"
#define FREE_BYTES (900 * (G_GUINT64_CONSTANT(1) << 30)) /* of the disk of SAVE_DIR */

static const char *
module_of(const HvSimWorld *world)
{
    return world->geometry.vendor == HV_SIM_INTEL ? "kvm_intel" : "kvm_amd";
}

/* "options kvm_intel enable_apicv=1" */
static void
take_option(HvSimWorld *world)
{
    const char *parameter = world->geometry.vendor == HV_SIM_INTEL ? "enable_apicv=" : "avic=";
    const char *found = world->modprobe_conf ? strstr(world->modprobe_conf, parameter) : NULL;

    if (found)
        world->apicv = strchr("1Yy", found[strlen(parameter)]) != NULL;
}

static int
unload(HvSimMachine *machine, char **output)
{
    HvSimWorld *world = machine->world;
    g_autofree char *directory = g_strdup_printf("sys/module/%s", module_of(world));

    if (world->no_vendor_module)
        return 0;
    if (hv_sim_kvm_users(world) > 0) {
        g_free(*output);
        *output = g_strdup_printf("modprobe: FATAL: Module %s is in use.\n", module_of(world));
        return 1;
    }
    world->no_vendor_module = TRUE;
    hv_sim_fs_remove(machine->fs, directory);
    return 0;
}

static int
load(HvSimMachine *machine)
{
    HvSimWorld *world = machine->world;

    if (!world->no_vendor_module)
        return 0;
    world->no_vendor_module = FALSE;
    take_option(world);
    hv_sim_files_module(machine->fs, world);
    return 0;
}

/* modprobe [-r] MODULE */
static int
modprobe(HvSimMachine *machine, const char *const *argv, char **output)
{
    const gboolean removes = g_strcmp0(argv[1], "-r") == 0;
    const char *module = removes ? argv[2] : argv[1];

    if (g_strcmp0(module, module_of(machine->world)) == 0)
        return removes ? unload(machine, output) : load(machine);
    g_free(*output);
    *output = g_strdup_printf("modprobe: FATAL: Module %s not found in directory "
                              "/lib/modules/%s\n",
                              module ? module : "", machine->world->geometry.kernel);
    return 1;
}

/* tee FILE, with the text that the shell gives it. */
static int
write_conf(HvSimMachine *machine, const char *text)
{
    HvSimWorld *world = machine->world;

    g_free(world->modprobe_conf);
    world->modprobe_conf = g_strdup(text);
    hv_sim_fs_remove(machine->fs, CONF);
    hv_sim_fs_text(machine->fs, CONF, text);
    return 0;
}

gboolean
hv_sim_module_command(HvSimMachine *machine, const char *const *argv, char **output,
                      int *status)
{
    const guint n = g_strv_length((char **)(gpointer)(guintptr)argv);
    const gboolean writes =
        n == 6 && strcmp(argv[0], "sh") == 0 && strcmp(argv[5], "/" CONF) == 0;

    if (!writes && g_strcmp0(argv[0], "modprobe") != 0 &&
        !(g_strcmp0(argv[0], "df") == 0 && n > 1 && strcmp(argv[n - 1], SAVE_DIR) == 0))
        return FALSE;
    g_mutex_lock(&machine->lock);
    hv_sim_machine_advance(machine);
    *output = g_strdup("");
    *status = 0;
    if (writes) {
        *status = write_conf(machine, argv[4]);
    } else if (strcmp(argv[0], "modprobe") == 0) {
        *status = modprobe(machine, argv, output);
    } else {
        g_free(*output);
        *output = g_strdup_printf("Avail\n%" G_GUINT64_FORMAT "\n", FREE_BYTES);
    }
    machine->world->change++;
    g_mutex_unlock(&machine->lock);
    return TRUE;
}
