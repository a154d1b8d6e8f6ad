/* Recipe: APICv or AVIC of the whole host on or off, with every guest saved for the time. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "host/kvm-module.h"
#include "model/error.h"
#include "model/i18n.h"
#include "model/recipe.h"
#include "tuners/vm-state.h"

#define SAVE_BYTES_PER_S 1e9 /* to a disk and back; for the estimate */
#define RELOAD_S 3.0
#define SHUTDOWN_S 30.0 /* and about as long to boot */
#define GIB (1024.0 * 1024 * 1024)

/* What becomes of one guest. */
typedef struct {
    const HvGuest *guest;
    const char *before, *away; /* words of its state; static */
    double leaves_s, returns_s;
} Guest;

typedef struct {
    const HvRecipeCall *call;
    HvGuestList *list;
    GArray *guests; /* of Guest */
    guint64 save_bytes, free_bytes;
} Outage;

static void
outage_clear(Outage *outage)
{
    g_clear_pointer(&outage->list, hv_guest_list_unref);
    g_clear_pointer(&outage->guests, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Outage, outage_clear)

static gboolean
read_switch(const HvRecipeCall *call, gboolean *is_on, GError **error)
{
    const char *word = call->arguments[0];

    *is_on = strcmp(word, "on") == 0;
    if (*is_on || strcmp(word, "off") == 0)
        return TRUE;
    g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED,
                        _("recipe apicv: on or off? hvtune recipe apicv on|off --outage"));
    return FALSE;
}

static gboolean
refuse(const HvGuest *guest, const char *why, GError **error)
{
    g_autofree char *path = hv_knob_path("vm", guest->name, NULL);

    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED, "recipe apicv: %s: %s", path, why);
    return FALSE;
}

/* ---- who must go, and how ---- */

/* Saved where that can be; else shut down, which only --force makes of it. */
static gboolean
choose_way(const Outage *outage, Guest *guest, GError **error)
{
    g_autofree char *why = hv_vm_state_why_not_saved(guest->guest);
    g_autofree char *text = NULL;

    guest->away = "saved";
    if (!why)
        return TRUE;
    guest->away = "off";
    if (outage->call->force)
        return TRUE;
    text = g_strdup_printf(_("%s; move it away first, or --force shuts its guest down and "
                             "starts it again"),
                           why);
    return refuse(guest->guest, text, error);
}

static gboolean
add_guest(Outage *outage, const HvGuest *guest, GError **error)
{
    g_auto(HvVmState) state = { 0 };
    Guest added = { .guest = guest };

    if (!guest->in_libvirt)
        return refuse(guest, _("libvirt does not run it: stop it yourself first"), error);
    if (!hv_vm_state_read(outage->call->host, guest->name, &state, error))
        return FALSE;
    if (state.is_transient)
        return refuse(guest, _("it is transient: stopped it would be gone; move it away first"),
                      error);
    if (!hv_vm_state_is_up(state.word))
        return TRUE; /* it has gone by now */
    added.before = state.word;
    if (!choose_way(outage, &added, error))
        return FALSE;
    if (strcmp(added.away, "saved") == 0)
        outage->save_bytes += guest->memory_bytes;
    g_array_append_val(outage->guests, added);
    return TRUE;
}

static gboolean
collect(Outage *outage, GError **error)
{
    for (guint i = 0; i < outage->list->n_guests; i++) {
        const HvGuest *guest = outage->list->guests[i];

        if (!guest->tcg && !add_guest(outage, guest, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
check_room(Outage *outage, GError **error)
{
    if (outage->save_bytes == 0)
        return TRUE;
    if (!hv_vm_state_room(outage->call->host, &outage->free_bytes, error)) {
        g_prefix_error(error, "recipe apicv: ");
        return FALSE;
    }
    if (outage->free_bytes >= outage->save_bytes)
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                _("recipe apicv: saving the guests needs up to %.0fG, %.0fG are free where "
                  "libvirt saves them (/var/lib/libvirt/qemu/save)"),
                (double)outage->save_bytes / GIB, (double)outage->free_bytes / GIB);
    return FALSE;
}

/* ---- the plan ---- */

static double
one_way_s(const Guest *guest)
{
    return strcmp(guest->away, "saved") == 0
               ? (double)guest->guest->memory_bytes / SAVE_BYTES_PER_S
               : SHUTDOWN_S;
}

/* They go one after the other, and come back in the same order. */
static void
estimate(Outage *outage)
{
    double now_s = 0;

    for (guint i = 0; i < outage->guests->len; i++) {
        Guest *guest = &g_array_index(outage->guests, Guest, i);

        guest->leaves_s = now_s;
        now_s += one_way_s(guest);
    }
    now_s += RELOAD_S;
    for (guint i = 0; i < outage->guests->len; i++) {
        Guest *guest = &g_array_index(outage->guests, Guest, i);

        now_s += one_way_s(guest);
        guest->returns_s = now_s;
    }
}

static void
wish_state(HvRecipeDraft *draft, const Guest *guest, const char *word)
{
    hv_recipe_wish(draft, hv_knob_path("vm", guest->guest->name, "state", NULL),
                   g_strdup(word));
}

static void
wish(const Outage *outage, gboolean is_on, HvRecipeDraft *draft)
{
    for (guint i = 0; i < outage->guests->len; i++) {
        const Guest *guest = &g_array_index(outage->guests, Guest, i);

        wish_state(draft, guest, guest->away);
    }
    hv_recipe_wish(draft, g_strdup("kvm/apicv"), g_strdup(is_on ? "on" : "off"));
    for (guint i = 0; i < outage->guests->len; i++) {
        const Guest *guest = &g_array_index(outage->guests, Guest, i);

        wish_state(draft, guest, strcmp(guest->away, "saved") == 0 ? guest->before : "running");
    }
}

static void
note_guest(const Guest *guest, HvRecipeDraft *draft)
{
    const double away_s = guest->returns_s - guest->leaves_s;

    if (strcmp(guest->away, "saved") == 0)
        hv_recipe_note(draft, _("%s: away for about %.0f s; up to %.0fG on the disk meanwhile"),
                       guest->guest->name, away_s, (double)guest->guest->memory_bytes / GIB);
    else
        hv_recipe_note(draft,
                       _("%s: shut down and started anew, about %.0f s; it cannot be "
                         "saved"),
                       guest->guest->name, away_s);
}

static void
note(const Outage *outage, HvRecipeDraft *draft)
{
    hv_recipe_note(draft,
                   _("better first: move the guests to another host (virsh migrate --live); "
                     "without guests this takes seconds and hurts nobody"));
    for (guint i = 0; i < outage->guests->len; i++)
        note_guest(&g_array_index(outage->guests, Guest, i), draft);
    if (outage->save_bytes)
        hv_recipe_note(draft, _("libvirt's disk: up to %.0fG needed, %.0fG free"),
                       (double)outage->save_bytes / GIB, (double)outage->free_bytes / GIB);
    hv_recipe_note(draft, _("nothing reverts it by itself; a step that fails starts the guests "
                            "again as they were"));
}

static gboolean
is_already(const HvRecipeCall *call, gboolean is_on, HvRecipeDraft *draft, gboolean *already,
           GError **error)
{
    g_auto(HvKvmFacts) facts = { 0 };

    hv_kvm_facts_read(call->host, &facts);
    if (!facts.parameter) {
        g_propagate_prefixed_error(error, g_error_copy(facts.error), "recipe apicv: ");
        return FALSE;
    }
    *already = facts.is_on == is_on;
    if (*already)
        hv_recipe_note(draft,
                       _("%s.%s is %s already: what keeps a VM from it is in its own "
                         "definition (hvtune snapshot kvm)"),
                       facts.module, facts.parameter, is_on ? "on" : "off");
    return TRUE;
}

/* Whom it is to help first, or hurts: the guest that loses most to the hypervisor. */
static char *
worst_guest(const HvSnapshot *snapshot)
{
    const HvTable *vms = hv_snapshot_table(snapshot, "vms");
    const char *worst = NULL;
    double most = 0, overhead;

    for (guint row = 0; vms && row < hv_table_n_rows(vms); row++) {
        if (!hv_table_f64(vms, row, hv_table_column(vms, "overhead_ratio"), &overhead) ||
            overhead <= most)
            continue;
        most = overhead;
        worst = hv_table_text(vms, row, hv_table_column(vms, "vm"));
    }
    return g_strdup(worst);
}

static gboolean
draft_apicv(const HvRecipeCall *call, HvRecipeDraft *draft, GError **error)
{
    g_auto(Outage) outage = { .call = call };
    gboolean is_on, already = FALSE;

    if (!read_switch(call, &is_on, error) || !is_already(call, is_on, draft, &already, error))
        return FALSE;
    draft->title = g_strdup_printf("apicv %s", is_on ? "on" : "off");
    if (already)
        return TRUE;
    outage.list = hv_host_guests_peek(call->host);
    outage.guests = g_array_new(FALSE, FALSE, sizeof(Guest));
    if (!collect(&outage, error) || !check_room(&outage, error))
        return FALSE;
    estimate(&outage);
    wish(&outage, is_on, draft);
    note(&outage, draft);
    draft->vm = worst_guest(call->snapshot);
    return TRUE;
}

const HvRecipe hv_recipe_apicv = {
    .name = "apicv",
    .usage = "on|off --outage[=HOSTNAME]",
    .min_arguments = 1,
    .max_arguments = 1,
    .help =
        N_("interrupts reach guests without exits, or not: the module's parameter, host-wide"),
    .details =
        N_("Every guest of this host is saved (libvirt's managed save), KVM's vendor module is "
           "loaded anew with the parameter,\n"
           "and the guests are started again out of their files. Move them to another host "
           "first where you can. --dry-run shows\n"
           "for how long each is away and what the disk must hold. --outage=HOSTNAME is this "
           "host's name: at a terminal it may be\n"
           "typed in instead. It never reverts by itself. What keeps a single guest from it "
           "stands in "
           "its definition: hvtune snapshot\n"
           "kvm names it and the line for virsh edit; it takes effect when the guest was shut "
           "down "
           "and started."),
    .tables = (const char *const[]){ "vms", "kvm", "host", NULL },
    .has_outage = TRUE,
    .draft = draft_apicv,
};
