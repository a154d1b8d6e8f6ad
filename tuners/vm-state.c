/* Whether a VM runs: saved and restored, or shut down and started, around what needs it gone.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "host/parse.h"
#include "model/i18n.h"
#include "model/plan.h"
#include "tuners/vm-definition.h"
#include "tuners/vm-state.h"

#define SAVE_DIR "/var/lib/libvirt/qemu/save" /* libvirt's, of the system's QEMU driver */
#define SLOWEST_BYTES_PER_S (G_GUINT64_CONSTANT(50) << 20) /* of its disk */
#define LEAST_MS (60 * 1000u)
#define SHUTDOWN_MS (180 * 1000u)
#define POLL_NS (G_GINT64_CONSTANT(500) * 1000000)
#define DF_MS 5000

static const char *const words[] = { "running", "paused", "saved", "off", NULL };

static const HvKnobFamily knobs[] = {
    { .path = "vm/*/state",
      .type = HV_TYPE_WORD,
      .words = words,
      .help =
          N_("whether it runs: saved keeps its memory in libvirt's file, off is a shutdown of "
             "its guest"),
      .risk = N_("its guest is away for that time; clocks jump, connections may break"),
      .undo = HV_UNDO_NEAR,
      .step_class = HV_STEP_ONE_WAY,
      .named_only = TRUE,
      .only_by = "apicv on|off --outage" },
    { 0 },
};

static gboolean
list_knobs(HvHost *host, const HvKnobFamily *family G_GNUC_UNUSED, GPtrArray *paths,
           GError **error G_GNUC_UNUSED)
{
    g_autoptr(HvGuestList) list = hv_host_guests_peek(host);

    for (guint i = 0; i < list->n_guests; i++)
        if (list->guests[i]->in_libvirt)
            g_ptr_array_add(paths, hv_knob_path("vm", list->guests[i]->name, "state", NULL));
    return TRUE;
}

void
hv_vm_state_clear(HvVmState *state)
{
    g_free(state->uuid);
    *state = (HvVmState){ 0 };
}

/* "transient running UUID" */
gboolean
hv_vm_state_read(HvHost *host, const char *vm, HvVmState *state, GError **error)
{
    const HvGuestRequest request = { .verb = HV_GUEST_STATE, .vm = vm };
    g_autofree char *answer = NULL;
    char *at, *word, *uuid;

    if (!hv_host_guest_request(host, &request, HV_VM_DEADLINE_MS, &answer, error))
        return FALSE;
    at = answer;
    word = hv_next_word(&at);
    hv_vm_state_clear(state);
    state->is_transient = g_strcmp0(word, "transient") == 0;
    if (state->is_transient)
        word = hv_next_word(&at);
    uuid = hv_next_word(&at);
    for (guint i = 0; words[i]; i++)
        if (g_strcmp0(word, words[i]) == 0)
            state->word = words[i];
    state->uuid = g_strdup(uuid ? uuid : "");
    if (state->word)
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, "%s: libvirt says neither running nor not",
                vm);
    return FALSE;
}

gboolean
hv_vm_state_is_up(const char *word)
{
    return strcmp(word, "running") == 0 || strcmp(word, "paused") == 0;
}

static gboolean
read_state(HvHost *host, const HvKnob *knob, HvVmState *state, GError **error)
{
    if (hv_vm_state_read(host, knob->segments[1], state, error))
        return TRUE;
    g_prefix_error(error, "%s: ", knob->path);
    return FALSE;
}

static gboolean
read_knob(HvHost *host, const HvKnob *knob, HvValue *value, GError **error)
{
    g_auto(HvVmState) state = { 0 };

    return read_state(host, knob, &state, error) &&
           hv_value_parse(value, HV_TYPE_WORD, words, state.word, error);
}

/* ---- may it be stopped, and how ---- */

char *
hv_vm_state_why_not_saved(const HvGuest *guest)
{
    if (guest->passthrough && *guest->passthrough)
        return g_strdup_printf(_("it has the host's device %s, which cannot be saved"),
                               *guest->passthrough);
    if (*guest->launch_security)
        return g_strdup_printf(_("its memory is encrypted (%s): it cannot be saved"),
                               guest->launch_security);
    if (*guest->job)
        return g_strdup_printf(_("libvirt is at work on it (%s)"), guest->job);
    return NULL;
}

gboolean
hv_vm_state_room(HvHost *host, guint64 *free_bytes, GError **error)
{
    const char *const argv[] = { "df", "-B1", "--output=avail", SAVE_DIR, NULL };
    g_autofree char *output = NULL;
    char *at, *word = NULL;
    int status = 0;

    if (!hv_host_run(host, argv, DF_MS, &output, &status, error))
        return FALSE;
    at = strchr(output, '\n'); /* behind its heading */
    if (at++)
        word = hv_next_word(&at);
    if (status == 0 && word && hv_parse_u64(hv_chomp(word), G_MAXUINT64, free_bytes, NULL))
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_FAILED, _("%s: how much is free there is not known"),
                SAVE_DIR);
    return FALSE;
}

static gboolean
refuse(const HvKnob *knob, const char *why, GError **error)
{
    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED, "%s: %s", knob->path, why);
    return FALSE;
}

static gboolean
check_stop(HvHost *host, const HvKnob *knob, const HvVmState *state, gboolean save,
           GError **error)
{
    g_autoptr(HvGuestList) list = hv_host_guests_peek(host);
    const HvGuest *guest = hv_guest_list_find(list, knob->segments[1]);
    g_autofree char *why = guest && save ? hv_vm_state_why_not_saved(guest) : NULL;

    if (state->is_transient)
        return refuse(knob, _("the VM is transient: stopped it would be gone; move it away"),
                      error);
    return !why || refuse(knob, why, error);
}

static gboolean
check_knob(HvHost *host, const HvKnob *knob, const HvValue *after, const HvPlan *plan,
           GError **error)
{
    const HvValue *expected = plan ? hv_plan_expected(plan, knob->path) : NULL;
    g_auto(HvVmState) state = { 0 };
    const char *from;

    if (!read_state(host, knob, &state, error))
        return FALSE;
    from = expected && expected->text ? expected->text : state.word;
    if (strcmp(from, after->text) == 0)
        return TRUE;
    if (!hv_vm_state_is_up(after->text)) {
        if (!hv_vm_state_is_up(from))
            return refuse(knob, _("it does not run: start it first"), error);
        return check_stop(host, knob, &state, strcmp(after->text, "saved") == 0, error);
    }
    return !hv_vm_state_is_up(from) ||
           refuse(knob, _("it runs already: virsh suspend and resume change that"), error);
}

/* ---- the change ---- */

static guint
deadline_of(HvHost *host, const char *vm)
{
    g_autoptr(HvGuestList) list = hv_host_guests_peek(host);
    const HvGuest *guest = hv_guest_list_find(list, vm);
    const guint64 bytes = guest ? guest->memory_bytes : 0;

    return LEAST_MS + (guint)MIN(bytes / SLOWEST_BYTES_PER_S * 1000, G_MAXINT);
}

static gboolean
wait_until_off(HvHost *host, const HvKnob *knob, GError **error)
{
    const gint64 until = hv_host_monotonic_ns(host) + SHUTDOWN_MS * G_GINT64_CONSTANT(1000000);

    while (hv_host_monotonic_ns(host) < until) {
        g_auto(HvVmState) state = { 0 };

        if (!read_state(host, knob, &state, error))
            return FALSE;
        if (!hv_vm_state_is_up(state.word))
            return TRUE;
        hv_host_wait_until(host, hv_host_monotonic_ns(host) + POLL_NS, -1);
    }
    return refuse(knob, _("its guest did not shut down in 3 minutes: it still runs"), error);
}

static gboolean
write_knob(HvHost *host, const HvKnob *knob, const HvValue *after, GError **error)
{
    g_auto(HvVmState) state = { 0 };
    HvGuestRequest request = { .vm = knob->segments[1] };
    const gboolean is_off = strcmp(after->text, "off") == 0;

    if (!read_state(host, knob, &state, error))
        return FALSE;
    request.uuid = *state.uuid ? state.uuid : NULL;
    request.verb = is_off                              ? HV_GUEST_DO_SHUTDOWN
                   : strcmp(after->text, "saved") == 0 ? HV_GUEST_DO_SAVE
                                                       : HV_GUEST_DO_START;
    if (!hv_host_guest_request(host, &request, deadline_of(host, knob->segments[1]), NULL,
                               error)) {
        g_prefix_error(error, "%s: ", knob->path);
        return FALSE;
    }
    return !is_off || wait_until_off(host, knob, error);
}

/* Its process is another one each time: the uuid alone says whose it is. */
static gboolean
subject(HvHost *host, const HvKnob *knob, HvSubject *subject, GError **error)
{
    g_auto(HvVmState) state = { 0 };

    if (!read_state(host, knob, &state, error))
        return FALSE;
    hv_subject_clear(subject);
    subject->guest_name = g_strdup(knob->segments[1]);
    subject->guest_uuid = g_strdup(state.uuid);
    return TRUE;
}

static char *
shell_line(HvHost *host G_GNUC_UNUSED, const HvKnob *knob, const HvValue *after,
           gboolean persist G_GNUC_UNUSED)
{
    const char *verb = strcmp(after->text, "off") == 0     ? "shutdown"
                       : strcmp(after->text, "saved") == 0 ? "managedsave"
                                                           : "start";
    g_autofree char *option = g_strconcat("--domain=", knob->segments[1], NULL);
    g_autofree char *domain = hv_shell_quote(option);

    return g_strdup_printf("virsh %s %s", verb, domain);
}

const HvTuner hv_tuner_vm_state = {
    .name = "vm-state",
    .source = "libvirt virDomainManagedSave, virDomainShutdown, virDomainCreate",
    .knobs = knobs,
    .list = list_knobs,
    .read = read_knob,
    .check = check_knob,
    .write = write_knob,
    .subject = subject,
    .is_quiet = hv_vm_is_quiet,
    .shell_line = shell_line,
};
