/* On which cpus a vCPU, or other threads of VMs, may run: a list is typed, checked as it is
 * typed, and planned. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "tui/affinity-check.h"
#include "tui/console-private.h"

#define WIDTH 76
#define HEIGHT 17
#define LABEL_WIDTH 6

/* Threads that are no single vCPU. They come behind the vCPUs in the order of choices. */
typedef struct {
    const char *name;
    const char *knob; /* behind "vm/NAME/" */
    gboolean persists;
} Threads;
static const Threads threads[] = {
    { N_("all vCPUs"), "vcpu/*/cpus", TRUE },
    { N_("emulator"), "emulator/cpus", TRUE },
    { N_("all iothreads"), "iothread/*/cpus", TRUE },
    { N_("vhost"), "vhost/cpus", FALSE },
};

typedef struct {
    HvDialog dialog;
    GPtrArray *vms; /* keys, char * */
    GArray *vcpus;  /* of guint: of the only VM; empty for several */
    guint choice;   /* below vcpus->len a vCPU, then @threads */
    gboolean persist;
    HvLine line;
    guint64 serial; /* of the plan asked for; 0: none */
    char *error;    /* why it was refused, or NULL */
} AffinityDialog;

static const HvBinding bindings[] = {
    { HV_KEY_ENTER, N_("plan"), NULL, { .verb = HV_DO_EVENT } },
    { HV_KEY_TAB, N_("other threads"), NULL, { .verb = HV_DO_EVENT } },
    { 'p', N_("persist"), NULL, { .verb = HV_DO_EVENT } },
    { 'm', N_("Map"), NULL, { .verb = HV_DO_EVENT } },
    { HV_KEY_ESCAPE, N_("cancel"), NULL, { .verb = HV_DO_EVENT } },
    { 0 },
};

static const Threads *
threads_of(const AffinityDialog *self)
{
    return self->choice < self->vcpus->len ? NULL : &threads[self->choice - self->vcpus->len];
}

static gboolean
all_in_libvirt(const AffinityDialog *self, const HvSnapshot *now)
{
    const HvTable *vms = hv_snapshot_table(now, "vms");
    const int column = hv_table_column(vms, "in_libvirt");

    for (guint i = 0; vms && i < self->vms->len; i++) {
        const int row = hv_table_find(vms, g_ptr_array_index(self->vms, i));
        guint64 is_known = 1;

        if (row >= 0)
            hv_table_u64(vms, (guint)row, column, &is_known);
        if (!is_known)
            return FALSE;
    }
    return TRUE;
}

/* Why what is chosen has no persistent form, or NULL when it has. */
static const char *
no_persist_why(const AffinityDialog *self, const HvSnapshot *now)
{
    const Threads *group = threads_of(self);

    if (group && !group->persists)
        return _("vhost threads have no persistent form");
    return all_in_libvirt(self, now) ? NULL : _("libvirt does not know this VM");
}

static char *
choice_text(const AffinityDialog *self)
{
    const Threads *group = threads_of(self);

    return group ? g_strdup(_(group->name))
                 : g_strdup_printf("vCPU %u", g_array_index(self->vcpus, guint, self->choice));
}

/* ---- what it is now ---- */

/* The union over the vCPUs, and whether they differ. */
static char *
text_of_all(const HvTable *vcpus, const char *vm)
{
    const int allowed = hv_table_column(vcpus, "cpus_allowed");
    g_autoptr(HvSet) all = hv_set_new();
    g_autofree char *text = NULL, *prefix = g_strconcat(vm, "/", NULL);
    const char *first = NULL;
    gboolean differ = FALSE;

    for (guint i = 0; vcpus && i < hv_table_n_rows(vcpus); i++) {
        const char *cpus = hv_table_text(vcpus, i, allowed);
        g_autoptr(HvSet) set = cpus ? hv_set_parse(cpus, NULL) : NULL;

        if (!set || !g_str_has_prefix(hv_table_row_key(vcpus, i), prefix))
            continue;
        differ = differ || (first && !g_str_equal(first, cpus));
        first = cpus;
        hv_set_union(all, set);
    }
    if (!first)
        return g_strdup("–");
    text = hv_set_to_text(all);
    return differ ? g_strdup_printf(_("%s together, but not all the same"), text)
                  : g_steal_pointer(&text);
}

static char *
now_text(const AffinityDialog *self, const HvSnapshot *now)
{
    const HvTable *vcpus = hv_snapshot_table(now, "vcpus");
    const char *vm = g_ptr_array_index(self->vms, 0), *cpus = NULL;
    const Threads *group = threads_of(self);
    g_autofree char *key = NULL;
    int row;

    if (self->vms->len > 1 || group > threads)
        return g_strdup(_("the plan will show it"));
    if (group)
        return text_of_all(vcpus, vm);
    key = g_strdup_printf("%s/%u", vm, g_array_index(self->vcpus, guint, self->choice));
    row = vcpus ? hv_table_find(vcpus, key) : -1;
    if (row >= 0)
        cpus = hv_table_text(vcpus, (guint)row, hv_table_column(vcpus, "cpus_allowed"));
    return g_strdup(cpus ? cpus : "–");
}

/* ---- drawing ---- */

/* The name of the first VM, where it still is, else its key. */
static const char *
name_of(const AffinityDialog *self, const HvSnapshot *now)
{
    const HvTable *vms = hv_snapshot_table(now, "vms");
    const char *key = g_ptr_array_index(self->vms, 0);
    const int row = vms ? hv_table_find(vms, key) : -1;

    return row < 0 ? key : hv_table_text(vms, (guint)row, hv_table_column(vms, "vm"));
}

static char *
title_of(const AffinityDialog *self, const HvSnapshot *now)
{
    if (self->vms->len > 1)
        return g_strdup_printf(_("affinity of %u tagged VMs"), self->vms->len);
    return g_strdup_printf(_("affinity of %s"), name_of(self, now));
}

static void
draw_label(HvCanvas *canvas, const HvFrame *frame, int row, const char *label, const char *text)
{
    hv_canvas_print(canvas, frame->x, frame->y + row, HV_ROLE_DIM, label);
    hv_canvas_print(canvas, frame->x + LABEL_WIDTH, frame->y + row, HV_ROLE_DIALOG, text);
}

static int
draw_wrapped(HvCanvas *canvas, const HvFrame *frame, int row, HvRole role, const char *text)
{
    g_autoptr(GPtrArray) lines = hv_dialog_wrap(text, frame->width);

    for (guint i = 0; i < lines->len; i++)
        hv_canvas_print(canvas, frame->x, frame->y + row++, role, g_ptr_array_index(lines, i));
    return row;
}

/* What the list typed so far means, or what is wrong with it. */
static void
draw_notes(const AffinityDialog *self, const HvSnapshot *now, HvCanvas *canvas,
           const HvFrame *frame, int row)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HvSet) set = NULL;
    g_autoptr(GArray) notes = NULL;

    if (self->error) {
        draw_wrapped(canvas, frame, row, HV_ROLE_HOT, self->error);
        return;
    }
    if (!self->line.text->len) {
        draw_wrapped(canvas, frame, row, HV_ROLE_DIM, _("a list of cpus, as 0-3,8"));
        return;
    }
    set = hv_affinity_set(now->topology, self->line.text->str, &error);
    if (!set) {
        draw_wrapped(canvas, frame, row, HV_ROLE_HOT, error->message);
        return;
    }
    notes = hv_affinity_notes(now, g_ptr_array_index(self->vms, 0), set);
    for (guint i = 0; i < notes->len; i++) {
        const HvAffinityNote *note = &g_array_index(notes, HvAffinityNote, i);

        row = draw_wrapped(canvas, frame, row, note->role, note->text);
    }
}

static void
draw_persist(const AffinityDialog *self, const HvSnapshot *now, HvCanvas *canvas,
             const HvFrame *frame, int row)
{
    const char *why = no_persist_why(self, now);
    g_autofree char *text = why ? g_strdup_printf(_("live only: %s"), why)
                                : g_strdup_printf("[%s] %s", self->persist ? "x" : " ",
                                                  _("also in the persistent definition (p)"));

    hv_canvas_print(canvas, frame->x, frame->y + row, why ? HV_ROLE_DIM : HV_ROLE_DIALOG, text);
}

static void
draw(HvDialog *dialog, HvConsole *console, HvCanvas *canvas)
{
    AffinityDialog *self = (AffinityDialog *)dialog;
    g_autofree char *title = title_of(self, console->now), *now = now_text(self, console->now);
    g_autofree char *choice = choice_text(self);
    g_autofree char *shown = g_strdup_printf("‹ %s ›", choice);
    const HvFrame frame = hv_dialog_frame(dialog, canvas, title, WIDTH, HEIGHT);

    draw_label(canvas, &frame, 0, _("for"), shown);
    draw_label(canvas, &frame, 1, _("now"), now);
    draw_label(canvas, &frame, 2, _("cpus"), "");
    hv_line_draw(&self->line, canvas, frame.x + LABEL_WIDTH, frame.y + 2,
                 frame.width - LABEL_WIDTH);
    draw_persist(self, console->now, canvas, &frame, 3);
    draw_notes(self, console->now, canvas, &frame, 5);
}

/* ---- keys ---- */

static char *
knob_of(const AffinityDialog *self, const char *vm)
{
    const Threads *group = threads_of(self);

    if (group)
        return g_strdup_printf("vm/%s/%s", vm, group->knob);
    return g_strdup_printf("vm/%s/vcpu/%u/cpus", vm,
                           g_array_index(self->vcpus, guint, self->choice));
}

static void
plan(AffinityDialog *self, HvConsole *console)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HvSet) set =
        hv_affinity_set(console->now->topology, self->line.text->str, &error);
    g_autofree char *value = set ? hv_set_to_text(set) : NULL;
    GPtrArray *wishes;

    g_clear_pointer(&self->error, g_free);
    if (!set) {
        self->error = g_strdup(error->message);
        return;
    }
    wishes = g_ptr_array_new_with_free_func((GDestroyNotify)hv_wish_free);
    for (guint i = 0; i < self->vms->len; i++) {
        g_autofree char *knob = knob_of(self, g_ptr_array_index(self->vms, i));

        g_ptr_array_add(wishes, hv_wish_new(knob, value));
    }
    hv_console_plan(console, wishes, self->persist && !no_persist_why(self, console->now));
    self->serial = console->asked_serial;
}

static void
choose(AffinityDialog *self, int step)
{
    const int n = (int)(self->vcpus->len + G_N_ELEMENTS(threads));

    self->choice = (guint)(((int)self->choice + step + n) % n);
    g_clear_pointer(&self->error, g_free);
}

static void
pick_up(AffinityDialog *self, HvConsole *console)
{
    if (threads_of(self)) {
        g_free(self->error);
        self->error = g_strdup(_("the Map carries one vCPU: choose one with Tab"));
        return;
    }
    hv_console_pick(console, name_of(self, console->now),
                    (int)g_array_index(self->vcpus, guint, self->choice));
    hv_console_go(console, "map");
    self->dialog.is_over = TRUE;
}

static gboolean
press(AffinityDialog *self, HvConsole *console, guint key)
{
    switch (key) {
    case HV_KEY_ENTER:
        plan(self, console);
        return TRUE;
    case HV_KEY_TAB:
    case HV_KEY_DOWN:
        choose(self, 1);
        return TRUE;
    case HV_KEY_BACKTAB:
    case HV_KEY_UP:
        choose(self, -1);
        return TRUE;
    case 'p':
        self->persist = !self->persist && !no_persist_why(self, console->now);
        return TRUE;
    case 'm':
        pick_up(self, console);
        return TRUE;
    default:
        return FALSE;
    }
}

static gboolean
event(HvDialog *dialog, HvConsole *console, const HvEvent *key)
{
    AffinityDialog *self = (AffinityDialog *)dialog;

    if (hv_line_event(&self->line, key)) {
        g_clear_pointer(&self->error, g_free);
        return TRUE;
    }
    return key->kind == HV_EVENT_KEY && press(self, console, key->key);
}

/* It stays open until its plan is there, so that a refused list can be mended. */
static gboolean
answer(HvDialog *dialog, HvConsole *console G_GNUC_UNUSED, HvAnswer *got)
{
    AffinityDialog *self = (AffinityDialog *)dialog;

    if (!self->serial || got->serial != self->serial)
        return FALSE;
    if (got->kind == HV_ANSWER_REFUSED) {
        g_free(self->error);
        self->error = g_strdup(got->error ? got->error->message : _("refused"));
        return TRUE;
    }
    dialog->is_over = got->kind == HV_ANSWER_PLAN;
    return FALSE;
}

static void
free_dialog(HvDialog *dialog)
{
    AffinityDialog *self = (AffinityDialog *)dialog;

    g_ptr_array_unref(self->vms);
    g_array_unref(self->vcpus);
    hv_line_clear(&self->line);
    g_free(self->error);
}

/* ---- as lines ---- */

static void
save(const HvDialog *dialog, HvViewOut *out)
{
    const AffinityDialog *self = (const AffinityDialog *)dialog;

    hv_view_put_all(out, "of", self->vms);
    for (guint i = 0; i < self->vcpus->len; i++) {
        g_autofree char *vcpu = g_strdup_printf("%u", g_array_index(self->vcpus, guint, i));

        hv_view_put(out, "vcpu", vcpu);
    }
    hv_view_put_number(out, "current", self->choice);
    hv_view_put_flag(out, "persist", self->persist);
    hv_view_put(out, "error", self->error);
    hv_line_save(&self->line, out);
}

static AffinityDialog *
new_dialog(void)
{
    AffinityDialog *self = g_new0(AffinityDialog, 1);

    self->dialog = (HvDialog){ .class = &hv_dialog_affinity_class, .bindings = bindings };
    self->vcpus = g_array_new(FALSE, FALSE, sizeof(guint));
    hv_line_init(&self->line, "0123456789,-");
    return self;
}

static HvDialog *
load(HvConsole *console G_GNUC_UNUSED, HvViewIn *in)
{
    g_autoptr(GPtrArray) vcpus = hv_view_all(in, "vcpu");
    AffinityDialog *self;

    if (!hv_view_n(in, "of"))
        return NULL;
    self = new_dialog();
    self->vms = hv_view_all(in, "of");
    for (guint i = 0; i < vcpus->len; i++) {
        guint64 number = 0;
        guint vcpu;

        g_ascii_string_to_unsigned(g_ptr_array_index(vcpus, i), 10, 0, G_MAXUINT32, &number,
                                   NULL);
        vcpu = (guint)number;
        g_array_append_val(self->vcpus, vcpu);
    }
    self->choice =
        (guint)hv_view_number(in, "current", 0, self->vcpus->len + G_N_ELEMENTS(threads) - 1);
    self->persist = hv_view_flag(in, "persist");
    self->error = hv_view_get(in, "error");
    hv_line_load(&self->line, in);
    return &self->dialog;
}

const HvDialogClass hv_dialog_affinity_class = {
    .draw = draw,
    .event = event,
    .answer = answer,
    .free = free_dialog,
    .name = "affinity",
    .save = save,
    .load = load,
};

static void
find_vcpus(AffinityDialog *self, HvConsole *console)
{
    const HvTable *vcpus = hv_snapshot_table(console->now, "vcpus");
    const int column = hv_table_column(vcpus, "vcpu");
    g_autofree char *prefix = g_strconcat(g_ptr_array_index(self->vms, 0), "/", NULL);

    self->choice = G_MAXUINT;
    for (guint i = 0; vcpus && self->vms->len == 1 && i < hv_table_n_rows(vcpus); i++) {
        guint64 number;
        guint vcpu;

        if (!g_str_has_prefix(hv_table_row_key(vcpus, i), prefix) ||
            !hv_table_u64(vcpus, i, column, &number))
            continue;
        vcpu = (guint)number;
        if (console->vcpu == (int)vcpu)
            self->choice = self->vcpus->len;
        g_array_append_val(self->vcpus, vcpu);
    }
    self->choice = MIN(self->choice, self->vcpus->len);
}

void
hv_dialog_affinity(HvConsole *console)
{
    g_autofree const char **targets = hv_console_targets(console);
    AffinityDialog *self;

    if (hv_console_refuse_read_only(console))
        return;
    if (!targets[0]) {
        if (console->vm)
            hv_console_say(console, HV_ROLE_WARM, _("%s: no such VM any more"), console->vm);
        else
            hv_console_say(console, HV_ROLE_WARM, "%s", _("no VM is selected"));
        return;
    }
    self = new_dialog();
    self->vms = g_ptr_array_new_with_free_func(g_free);
    for (const char **vm = targets; *vm; vm++)
        g_ptr_array_add(self->vms, g_strdup(*vm));
    find_vcpus(self, console);
    hv_dialog_open(console, &self->dialog);
}
