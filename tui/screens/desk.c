/* The Desk: the machine, the VMs worst first, what is wrong. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "model/i18n.h"
#include "tui/console.h"
#include "tui/desk.h"
#include "tui/dialog.h"
#include "tui/findings.h"
#include "tui/list.h"
#include "tui/pick.h"
#include "tui/vm-cache.h"

typedef struct {
    HvList *list;
    HvListColumn *columns; /* of its list */
    HvDeskKind kind;       /* that they were made for */
    GHashTable *unfolded;  /* keys of VMs whose vCPUs are shown */
    char *finding;         /* key of the one under the cursor; NULL: it is in the list */
} Desk;

/* ---- rows ---- */

static void
add_vcpus(GArray *rows, const HvSnapshot *now, const char *vm)
{
    const HvTable *vcpus = hv_snapshot_table(now, "vcpus");
    g_autofree char *prefix = g_strconcat(vm, "/", NULL);

    for (guint i = 0; vcpus && i < hv_table_n_rows(vcpus); i++) {
        const HvListRow row = { .table = vcpus,
                                .row = i,
                                .key = hv_table_row_key(vcpus, i),
                                .child = TRUE,
                                .item = (int)i };

        if (g_str_has_prefix(row.key, prefix))
            g_array_append_val(rows, row);
    }
}

static GArray *
find_rows(const Desk *desk, const HvView *view, GHashTable *caches)
{
    const HvTable *vms = hv_snapshot_table(view->now, "vms");
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(HvListRow));

    for (guint i = 0; vms && i < hv_table_n_rows(vms); i++) {
        const char *key = hv_table_row_key(vms, i), *name = hv_pick_text(vms, (int)i, "vm");
        const HvListRow row = { .table = vms,
                                .row = i,
                                .key = key,
                                .item = -1,
                                .data = name ? g_hash_table_lookup(caches, name) : NULL };

        g_array_append_val(rows, row);
        if (g_hash_table_contains(desk->unfolded, row.key))
            add_vcpus(rows, view->now, row.key);
    }
    return rows;
}

/* ---- what is selected and the cursor are one ---- */

static char *
selected_key(const HvView *view)
{
    return view->vcpu < 0 || !view->vm ? g_strdup(view->vm)
                                       : g_strdup_printf("%s/%d", view->vm, view->vcpu);
}

static void
select_row(const Desk *desk, const HvView *view)
{
    const char *key = hv_list_key(desk->list), *slash = key ? strrchr(key, '/') : NULL;
    g_autofree char *vm = slash ? g_strndup(key, (gsize)(slash - key)) : g_strdup(key);

    if (slash)
        hv_console_select_vcpu(view->console, vm, (int)g_ascii_strtoull(slash + 1, NULL, 10));
    else if (vm)
        hv_console_select_vm(view->console, vm);
}

/* The row of what is selected; of its VM where its vCPUs are folded. */
static void
put_cursor(const Desk *desk, const HvView *view)
{
    g_autofree char *key = selected_key(view);

    if (view->vm && view->vcpu >= 0 && !g_hash_table_contains(desk->unfolded, view->vm))
        hv_list_set_key(desk->list, view->vm);
    else if (key && g_strcmp0(hv_list_key(desk->list), key) != 0)
        hv_list_set_key(desk->list, key);
}

/* Where the row of what was selected is not shown, the one under the cursor is. */
static void
adopt_cursor(const Desk *desk, const HvView *view)
{
    g_autofree char *key = selected_key(view);

    if (hv_list_key(desk->list) && g_strcmp0(hv_list_key(desk->list), key) != 0)
        select_row(desk, view);
}

/* The VMs of the rows on screen, vCPUs' too. */
static void
see_rows(const Desk *desk, const HvView *view)
{
    const char *key;

    for (guint line = 0; (key = hv_list_line_key(desk->list, line)); line++) {
        const char *slash = strchr(key, '/');
        g_autofree char *vm = slash ? g_strndup(key, (gsize)(slash - key)) : g_strdup(key);

        hv_console_see(view->console, vm);
    }
}

/* Nodes and resctrl come and go; the list lets go of the old columns last. */
static void
adopt_kind(Desk *desk, HvDeskKind kind)
{
    g_autofree HvListColumn *old = NULL;

    if (kind == desk->kind)
        return;
    old = desk->columns;
    desk->kind = kind;
    desk->columns = hv_desk_columns_new(kind);
    hv_list_set_columns(desk->list, desk->columns);
}

/* What is wrong has its lines, and those that the list does not need. */
static int
rows_of_foot(const HvView *view, int columns, int height, int taken)
{
    const int least = hv_findings_rows(view->now, columns) ? height * 3 / 10 : height / 5;

    return CLAMP(height - taken, least, height / 2);
}

static void
draw(gpointer state, const HvView *view, HvCanvas *canvas, int top, int bottom)
{
    Desk *desk = state;
    const int height = bottom - top;
    g_autoptr(GHashTable) caches = hv_vm_caches_new(view->now);
    g_autoptr(GArray) rows = find_rows(desk, view, caches);
    int y = hv_desk_top(view, canvas, top, MAX(height / 4, 2)), end;

    adopt_kind(desk, hv_desk_kind(view->now));
    if (hv_pick_row(hv_snapshot_table(view->now, "findings"), desk->finding) < 0)
        g_clear_pointer(&desk->finding, g_free);
    if (height > 14)
        y++;
    end =
        hv_desk_foot(view, canvas, bottom,
                     rows_of_foot(view, canvas->columns, height, y - top + (int)rows->len + 2),
                     desk->finding);
    if (!rows->len) {
        hv_desk_nobody(view, canvas, y, end);
        return;
    }
    put_cursor(desk, view);
    hv_list_draw(desk->list, view, canvas, (const HvListRow *)(gpointer)rows->data, rows->len,
                 y, end < bottom && height > 14 ? end - 1 : end);
    see_rows(desk, view);
    adopt_cursor(desk, view);
}

/* ---- keys ---- */

static gboolean
fold(Desk *desk, const HvView *view)
{
    if (!view->vm)
        return TRUE;
    if (!g_hash_table_remove(desk->unfolded, view->vm))
        g_hash_table_add(desk->unfolded, g_strdup(view->vm));
    return TRUE;
}

static gboolean
tag(Desk *desk, const HvView *view)
{
    const HvEvent down = { .kind = HV_EVENT_KEY, .key = HV_KEY_DOWN };

    hv_console_do(view->console, &(HvAction){ .verb = HV_DO_TAG });
    hv_list_event(desk->list, view, &down);
    select_row(desk, view);
    return TRUE;
}

/* The next finding gets the cursor, and its VM is the selected one; behind the last one the
 * list has it again. */
static gboolean
next_finding(Desk *desk, const HvView *view)
{
    const HvTable *findings = hv_snapshot_table(view->now, "findings");
    const HvTable *vms = hv_snapshot_table(view->now, "vms");
    char *next = g_strdup(hv_findings_next(view->now, desk->finding));
    const char *vm = hv_pick_text(findings, hv_pick_row(findings, next), "vm");

    g_free(desk->finding);
    desk->finding = next;
    for (int i = 0; vm && *vm && vms && i < (int)hv_table_n_rows(vms); i++)
        if (g_strcmp0(hv_pick_text(vms, i, "vm"), vm) == 0)
            hv_console_select_vm(view->console, hv_table_row_key(vms, (guint)i));
    return TRUE;
}

/* The cure as a plan: at once where there is one way to it. */
static gboolean
cure(const Desk *desk, const HvView *view)
{
    static const struct {
        char key;
        HvVerb verb;
    } keys[] = { { 'a', HV_DO_AFFINITY }, { 'c', HV_DO_CACHE }, { 'i', HV_DO_IRQS } };
    const HvTable *findings = hv_snapshot_table(view->now, "findings");
    const char *key = hv_pick_text(findings, hv_pick_row(findings, desk->finding), "key");

    if (key && *key == 'v') {
        hv_dialog_move(view->console, TRUE);
        return TRUE;
    }
    for (gsize i = 0; key && i < G_N_ELEMENTS(keys); i++)
        if (*key == keys[i].key)
            return hv_console_do(view->console, &(HvAction){ .verb = keys[i].verb });
    hv_console_say(view->console, HV_ROLE_WARM, "%s", _("no key cures this: see what it says"));
    return TRUE;
}

static gboolean
open_page(const HvView *view)
{
    return hv_console_do(view->console, &(HvAction){ .verb = HV_DO_VM_PAGE });
}

static gboolean
press(Desk *desk, const HvView *view, guint key)
{
    switch (key) {
    case HV_KEY_ENTER:
        return desk->finding ? cure(desk, view) : open_page(view);
    case 'f':
        return next_finding(desk, view);
    case HV_KEY_F5:
    case 'e':
        return fold(desk, view);
    case ' ':
        return tag(desk, view);
    default:
        return FALSE;
    }
}

static gboolean
event(gpointer state, const HvView *view, const HvEvent *what)
{
    Desk *desk = state;

    if (hv_list_event(desk->list, view, what)) {
        g_clear_pointer(&desk->finding, g_free);
        select_row(desk, view);
        return TRUE;
    }
    if (what->kind == HV_EVENT_KEY)
        return press(desk, view, what->key);
    if (what->kind == HV_EVENT_MOUSE && what->mouse == HV_MOUSE_PRESS &&
        hv_list_is_on_cursor(desk->list, what->y))
        return open_page(view);
    return FALSE;
}

static gpointer
create(void)
{
    Desk *desk = g_new0(Desk, 1);

    desk->columns = hv_desk_columns_new(HV_DESK_PLAIN);
    desk->list = hv_list_new(desk->columns, "worst");
    desk->unfolded = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return desk;
}

static void
destroy(gpointer state)
{
    Desk *desk = state;

    hv_list_free(desk->list);
    g_free(desk->columns);
    g_hash_table_unref(desk->unfolded);
    g_free(desk->finding);
    g_free(desk);
}

static void
save(gpointer state, HvViewOut *out)
{
    const Desk *desk = state;

    hv_list_save(desk->list, out);
    hv_view_put(out, "finding", desk->finding);
    hv_view_put_set(out, "unfolded", desk->unfolded);
}

static void
load(gpointer state, const HvViewIn *in)
{
    Desk *desk = state;

    hv_list_load(desk->list, in);
    g_free(desk->finding);
    desk->finding = hv_view_get(in, "finding");
    hv_view_take_set(in, "unfolded", desk->unfolded);
}

static const HvBinding bindings[] = {
    { HV_KEY_ENTER, N_("VM"), N_("the VM's page"), { .verb = HV_DO_EVENT } },
    { 'f',
      NULL,
      N_("the next finding: Enter plans its cure, v c a i work on its VM"),
      { .verb = HV_DO_EVENT } },
    { HV_KEY_F5, N_("vCPUs"), N_("unfold or fold the VM's vCPUs"), { .verb = HV_DO_EVENT } },
    { 'e', NULL, NULL, { .verb = HV_DO_EVENT } },
    { ' ',
      NULL,
      N_("tag the VM: a change then applies to all tagged"),
      { .verb = HV_DO_EVENT } },
    { 0 },
};

const HvScreen hv_screen_desk = {
    .name = "desk",
    .title = N_("Desk"),
    .number = 1,
    .help =
        N_("The machine's nodes and pressure, one row per VM with the worst first, and what is "
           "wrong."),
    .bindings = bindings,
    .create = create,
    .destroy = destroy,
    .draw = draw,
    .event = event,
    .save = save,
    .load = load,
};
