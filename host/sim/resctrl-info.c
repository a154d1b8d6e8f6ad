/* The simulated resctrl's directory info: what the hardware can, and what the last command
 * said. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/resctrl-private.h"

#include "host/sim/kernel-text.h"

#include <errno.h>

static int
read_status(gpointer owner, gpointer data G_GNUC_UNUSED, HvSimText *out)
{
    const HvSimResctrl *resctrl = owner;
    gboolean has_words = resctrl->status_length > 0 || resctrl->status_is_full;

    hv_sim_text(out, has_words ? resctrl->status : "ok\n");
    return 0;
}

static const HvSimFileClass status_file = { .read = read_status };

static int
read_bit_usage(gpointer owner, gpointer data, HvSimText *out)
{
    hv_resctrl_look(owner);
    hv_resctrl_print_bit_usage(owner, data, out);
    return 0;
}

static const HvSimFileClass bit_usage_file = { .read = read_bit_usage };

static int
read_threshold(gpointer owner, gpointer data G_GNUC_UNUSED, HvSimText *out)
{
    const HvSimResctrl *resctrl = owner;

    hv_sim_u64(out, resctrl->threshold_bytes);
    hv_sim_text(out, "\n");
    return 0;
}

static int
write_threshold(gpointer owner, gpointer data G_GNUC_UNUSED, const char *text,
                gsize length G_GNUC_UNUSED)
{
    HvSimResctrl *resctrl = owner;
    guint64 bytes;
    int result = hv_kernel_u64(text, 0, G_MAXUINT32, &bytes);

    if (result < 0)
        return result;
    if (bytes > resctrl->max_threshold_bytes)
        return -EINVAL;
    resctrl->threshold_bytes = bytes - bytes % resctrl->scale_bytes;
    return 0;
}

static const HvSimFileClass threshold_file = { .read = read_threshold,
                                               .write = write_threshold };

static void
add_number(HvSimResctrl *resctrl, const char *resource, const char *name, guint number)
{
    g_autofree char *text = g_strdup_printf("%u\n", number);

    hv_sim_fs_textf(resctrl->fs, text, HV_RESCTRL_PATH "/info/%s/%s", resource, name);
}

static void
add_mask(HvSimResctrl *resctrl, const char *resource, const char *name, guint32 mask)
{
    g_autofree char *text = g_strdup_printf("%x\n", mask);

    hv_sim_fs_textf(resctrl->fs, text, HV_RESCTRL_PATH "/info/%s/%s", resource, name);
}

static void
add_bandwidth(HvSimResctrl *resctrl, const char *name)
{
    const HvSimGeometry *geometry = &resctrl->world->geometry;

    add_number(resctrl, name, "min_bandwidth", resctrl->min_mb);
    add_number(resctrl, name, "bandwidth_gran", resctrl->mb_step);
    add_number(resctrl, name, "delay_linear", geometry->vendor == HV_SIM_INTEL);
    if (geometry->vendor == HV_SIM_INTEL)
        hv_sim_fs_textf(resctrl->fs, geometry->mb_per_thread_max ? "max\n" : "per-thread\n",
                        HV_RESCTRL_PATH "/info/%s/thread_throttle_mode", name);
}

static void
add_cache(HvSimResctrl *resctrl, HvResctrlSchema *schema)
{
    add_mask(resctrl, schema->name, "cbm_mask", resctrl->full_mask);
    add_number(resctrl, schema->name, "min_cbm_bits", resctrl->min_bits);
    add_mask(resctrl, schema->name, "shareable_bits", resctrl->world->geometry.shareable_ways);
    hv_sim_fs_filef(resctrl->fs, &bit_usage_file, resctrl, schema,
                    HV_RESCTRL_PATH "/info/%s/bit_usage", schema->name);
    if (resctrl->is_newer)
        add_number(resctrl, schema->name, "sparse_masks", resctrl->sparse ? 1 : 0);
}

static void
add_monitoring(HvSimResctrl *resctrl)
{
    add_number(resctrl, "L3_MON", "num_rmids", resctrl->n_rmids);
    hv_sim_fs_text(resctrl->fs, HV_RESCTRL_PATH "/info/L3_MON/mon_features",
                   "llc_occupancy\nmbm_total_bytes\nmbm_local_bytes\n");
    hv_sim_fs_file(resctrl->fs, HV_RESCTRL_PATH "/info/L3_MON/max_threshold_occupancy",
                   &threshold_file, resctrl, NULL);
}

void
hv_resctrl_add_info(HvSimResctrl *resctrl)
{
    hv_sim_fs_file(resctrl->fs, HV_RESCTRL_PATH "/info/last_cmd_status", &status_file, resctrl,
                   NULL);
    for (guint i = 0; i < resctrl->n_schemas; i++) {
        HvResctrlSchema *schema = &resctrl->schemas[i];

        add_number(resctrl, schema->name, "num_closids", schema->n_closids);
        if (schema->control == HV_RESCTRL_MB)
            add_bandwidth(resctrl, schema->name);
        else
            add_cache(resctrl, schema);
    }
    if (resctrl->n_rmids > 0)
        add_monitoring(resctrl);
}
