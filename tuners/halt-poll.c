/* How long a halted vCPU is polled for before it gives its cpu back. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/parse.h"
#include "model/i18n.h"
#include "tuners/tuner.h"

#define PATH "sys/module/kvm/parameters/halt_poll_ns"

static const HvKnobFamily knobs[] = {
    { .path = "kvm/halt_poll_ns",
      .type = HV_TYPE_U64,
      .unit = HV_UNIT_NS,
      .max = 1000000,
      .help = N_("longest poll for a halted vCPU; more buys wake-up latency with power, 0 is "
                 "off"),
      .risk = N_("more polling takes cpu time from whoever shares the core"),
      .shell_line = "echo {after} >/" PATH },
    { 0 },
};

static gboolean
read_knob(HvHost *host, const HvKnob *knob G_GNUC_UNUSED, HvValue *value, GError **error)
{
    guint64 number = 0;

    if (!hv_host_read_u64_file(host, PATH, &number, error))
        return FALSE;
    hv_value_set_number(value, HV_TYPE_U64, number);
    return TRUE;
}

static gboolean
write_knob(HvHost *host, const HvKnob *knob G_GNUC_UNUSED, const HvValue *value, GError **error)
{
    g_autofree char *text = hv_value_to_text(value);
    g_autoptr(GError) refusal = NULL;

    if (hv_host_write(host, PATH, text, &refusal))
        return TRUE;
    if (g_error_matches(refusal, HV_ERROR, HV_ERROR_DENIED))
        g_set_error(error, HV_ERROR, HV_ERROR_DENIED,
                    _("%s: it takes root, and a kernel that lets this parameter be written"),
                    refusal->message);
    else
        g_propagate_error(error, g_steal_pointer(&refusal));
    return FALSE;
}

/* Since 6.2 a running VM reads the parameter anew (kvm_vcpu_max_halt_poll_ns), unless its
 * process set a limit of its own; before, it took it over at its start. */
static char *
remark(HvHost *host G_GNUC_UNUSED, const HvKnob *knob G_GNUC_UNUSED,
       const HvValue *before G_GNUC_UNUSED, const HvValue *after G_GNUC_UNUSED)
{
    return g_strdup(_("until the next boot; a running VM may keep its own limit "
                      "(KVM_CAP_HALT_POLL, and all of them before Linux 6.2): whether it heeds "
                      "this, its halt_poll_ratio in vms shows"));
}

const HvTuner hv_tuner_halt_poll = {
    .name = "halt-poll",
    .source = "kernel Documentation/virt/kvm/halt-polling.rst",
    .knobs = knobs,
    .read = read_knob,
    .write = write_knob,
    .remark = remark,
};
