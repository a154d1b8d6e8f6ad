/* The frame round a screen: header, tabs, the keys at the foot. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "model/i18n.h"
#include "model/text.h"
#include "tui/timeline.h"

#define OLD_NS (2 * G_GINT64_CONSTANT(1000000000)) /* data older than this is said to be */

/* Appends " text" two blanks behind the last one, if it fits before @end. */
static int
put(HvCanvas *canvas, int x, int end, HvRole role, const char *text)
{
    const int width = hv_text_width(text);

    if (!*text || x + width > end)
        return x;
    return hv_canvas_print(canvas, x, 0, role, text) + 2;
}

/* "Intel(R) Xeon(R) Gold 6330 CPU @ 2.00GHz" is known as "Xeon Gold 6330". */
static char *
short_model(const char *model)
{
    static const char *const noise[] = { "(R)",  "(TM)",   "(r)",  "(tm)",
                                         " CPU", "Intel ", "AMD ", " Processor" };
    GString *text = g_string_new(model);
    char *at = strchr(text->str, '@');

    if (at)
        g_string_truncate(text, (gsize)(at - text->str));
    for (gsize i = 0; i < G_N_ELEMENTS(noise); i++)
        g_string_replace(text, noise[i], "", 0);
    while (g_string_replace(text, "  ", " ", 0))
        ;
    g_strstrip(text->str);
    return g_string_free(text, FALSE);
}

static char *
machine_text(const HvSnapshot *now)
{
    const HvTable *host = hv_snapshot_table(now, "host");
    const char *model = NULL;
    g_autofree char *name = NULL;
    guint64 n_packages;

    if (host && hv_table_n_rows(host))
        model = hv_table_text(host, 0, hv_table_column(host, "cpu_model"));
    if (!model && now->topology)
        model = now->topology->cpu_model;
    name = model ? short_model(model) : NULL;
    if (!host || !hv_table_n_rows(host) ||
        !hv_table_u64(host, 0, hv_table_column(host, "n_packages"), &n_packages))
        return g_strdup(name ? name : "");
    if (!name)
        return g_strdup_printf(_("%u sockets"), (guint)n_packages);
    return g_strdup_printf("%u x %s", (guint)n_packages, name);
}

static char *
counts_text(const HvSnapshot *now)
{
    const HvTable *host = hv_snapshot_table(now, "host"), *vms = hv_snapshot_table(now, "vms");
    GString *text = g_string_new(NULL);
    guint64 n_cpus;

    if (host && hv_table_n_rows(host) &&
        hv_table_u64(host, 0, hv_table_column(host, "n_cpus_online"), &n_cpus))
        g_string_append_printf(text, _("%u cpus  "), (guint)n_cpus);
    if (vms && now->tick)
        g_string_append_printf(text, _("%u VMs"), hv_table_n_rows(vms));
    g_strchomp(text->str);
    return g_string_free(text, FALSE);
}

static char *
interval_text(const HvSnapshot *now)
{
    char number[G_ASCII_DTOSTR_BUF_SIZE];

    if (!now->tick)
        return g_strdup("");
    if (!now->interval_ns)
        return g_strdup(_("one look"));
    g_ascii_formatd(number, sizeof number, "%g", (double)now->interval_ns / 1e9);
    return g_strdup_printf("%s s", number);
}

/* "libvirt not answering 12 s": a source of that name that is late. */
static char *
libvirt_text(const HvSnapshot *now)
{
    const HvTable *sources = hv_snapshot_table(now, "sources");

    for (guint i = 0; sources && i < hv_table_n_rows(sources); i++) {
        const char *name = hv_table_text(sources, i, hv_table_column(sources, "source"));
        const char *state = hv_table_text(sources, i, hv_table_column(sources, "state"));
        double age_ms = 0;

        if (!name || !g_str_has_prefix(name, "libvirt") || g_strcmp0(state, "slow") != 0)
            continue;
        hv_table_f64(sources, i, hv_table_column(sources, "age_ms"), &age_ms);
        return g_strdup_printf(_("libvirt not answering %.0f s"), age_ms / 1000);
    }
    return g_strdup("");
}

static gboolean
is_remote(const HvSnapshot *now)
{
    const HvTable *libvirt = hv_snapshot_table(now, "libvirt");
    guint64 remote = 0;

    if (libvirt && hv_table_n_rows(libvirt))
        hv_table_u64(libvirt, 0, hv_table_column(libvirt, "remote"), &remote);
    return remote != 0;
}

static char *
age_text(HvConsole *console)
{
    const gint64 age_ns = hv_console_now_ns(console) - console->now->monotonic_ns;
    char age[32];

    if (!console->now->tick || !console->now->interval_ns ||
        age_ns <= MAX(OLD_NS, 2 * console->now->interval_ns))
        return g_strdup("");
    hv_text_duration(age, sizeof age, age_ns);
    return g_strdup_printf(_("data %s old"), age);
}

static char *
clock_text(const HvConsole *console)
{
    const gint64 ns = console->backend->realtime_ns(console->backend->data);
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(ns / 1000000000);
    HvTimeline timeline;
    g_autoptr(GDateTime) time = NULL;

    /* of a recording: as the clock on its host's wall */
    if (utc && hv_timeline_get(console, &timeline) && timeline.is_replay && timeline.zone)
        time = g_date_time_to_timezone(utc, timeline.zone);
    else if (utc)
        time = g_date_time_to_local(utc);
    return time ? g_date_time_format(time, "%H:%M:%S") : g_strdup("");
}

/* The flags come before the machine's description: they must be seen at 80 columns too. */
static void
draw_header(HvConsole *console, HvCanvas *canvas)
{
    const HvTable *host = hv_snapshot_table(console->now, "host");
    const char *name = host && hv_table_n_rows(host) ? hv_table_text(host, 0, 0) : NULL;
    g_autofree char *clock = clock_text(console), *age = age_text(console);
    g_autofree char *libvirt = libvirt_text(console->now),
                    *machine = machine_text(console->now);
    g_autofree char *counts = counts_text(console->now),
                    *interval = interval_text(console->now);
    const int end = canvas->columns - hv_text_width(clock) - 1;
    const struct {
        HvRole role;
        const char *text;
    } flags[] = {
        { HV_ROLE_HOT, libvirt },
        { HV_ROLE_HOT, age },
        { HV_ROLE_HOT, console->is_past ? _("PAST") : "" },
        { HV_ROLE_WARM, console->frozen ? _("FROZEN") : "" },
        { HV_ROLE_WARM, is_remote(console->now) ? _("REMOTE") : "" },
        { HV_ROLE_WARM, console->is_read_only ? _("READ-ONLY") : "" },
        { console->has_bad_disk ? HV_ROLE_HOT : HV_ROLE_WARM, !console->is_recording ? ""
                                                              : console->has_bad_disk
                                                                  ? _("REC FAILS")
                                                                  : _("REC") },
    };
    int x = 1, left = end;

    hv_canvas_fill(canvas, 0, 0, canvas->columns, 1, HV_ROLE_BAR, " ");
    hv_canvas_print(canvas, end, 0, HV_ROLE_BAR, clock);
    for (gsize i = 0; i < G_N_ELEMENTS(flags); i++)
        if (*flags[i].text) {
            left -= hv_text_width(flags[i].text) + 2;
            hv_canvas_print(canvas, left, 0, flags[i].role, flags[i].text);
        }
    hv_canvas_clip(canvas, 0, 0, MAX(left, 0), 1);
    x = put(canvas, x, left, HV_ROLE_TITLE, "hvtune");
    if (name)
        x = hv_canvas_print(canvas, x, 0, HV_ROLE_BAR, name) + 2;
    x = put(canvas, x, left, HV_ROLE_BAR, machine);
    x = put(canvas, x, left, HV_ROLE_BAR, counts);
    put(canvas, x, left, HV_ROLE_BAR, interval);
    hv_canvas_clip(canvas, 0, 0, -1, -1);
}

static void
add_spot(GArray *spots, int x, int width, guint key)
{
    const HvHotSpot spot = { x, width, key };

    g_array_append_val(spots, spot);
}

const HvScreen *
hv_console_screen_of_number(guint number)
{
    for (guint i = 0; number && hv_screens[i]; i++)
        if (hv_screens[i]->number == number)
            return hv_screens[i];
    return NULL;
}

/* How much of a tab is drawn. */
typedef enum { TAB_WIDE, TAB_TIGHT, TAB_NUMBER } TabStyle;

static char *
tab_text(const HvScreen *screen, gboolean is_current, TabStyle style)
{
    if (style == TAB_WIDE)
        return g_strdup_printf(" %u %s ", screen->number, _(screen->title));
    if (style == TAB_TIGHT || is_current)
        return g_strdup_printf(" %u %s", screen->number, _(screen->title));
    return g_strdup_printf(" %u", screen->number);
}

/* The most that fits for all of them: a title is never cut. */
static TabStyle
choose_tab_style(const HvScreen *current, int columns)
{
    const int last = current->number ? 0 : hv_text_width(_(current->title)) + 2;
    TabStyle style = TAB_WIDE;

    for (; style < TAB_NUMBER; style++) {
        int width = last;

        for (guint number = 1; number <= 8; number++) {
            const HvScreen *screen = hv_console_screen_of_number(number);
            g_autofree char *text =
                screen ? tab_text(screen, screen == current, style) : g_strdup("");

            width += hv_text_width(text);
        }
        if (width <= columns)
            return style;
    }
    return style;
}

static void
draw_tabs(HvConsole *console, HvCanvas *canvas)
{
    const HvScreen *current = hv_console_screen(console);
    const char *filter = g_ptr_array_index(console->filters, console->screen);
    const TabStyle style = choose_tab_style(current, canvas->columns);
    int x = 0;

    g_array_set_size(console->tabs, 0);
    hv_canvas_fill(canvas, 0, 1, canvas->columns, 1, HV_ROLE_TAB, " ");
    for (guint number = 1; number <= 8; number++) {
        const HvScreen *screen = hv_console_screen_of_number(number);
        g_autofree char *text = NULL;

        if (!screen)
            continue;
        text = tab_text(screen, screen == current, style);
        add_spot(console->tabs, x, hv_text_width(text), '0' + number);
        x = hv_canvas_print(canvas, x, 1, screen == current ? HV_ROLE_TAB_ON : HV_ROLE_TAB,
                            text);
    }
    if (!current->number)
        x = hv_canvas_printf(canvas, x, 1, HV_ROLE_TAB_ON, " %s ", _(current->title));
    if (*filter)
        hv_canvas_printf(canvas, x + 1, 1, HV_ROLE_WARM, "/%s", filter);
    else if (g_hash_table_size(console->tagged))
        hv_canvas_printf(canvas, x + 1, 1, HV_ROLE_TAGGED, _("%u tagged"),
                         g_hash_table_size(console->tagged));
}

/* `q` quits only from a top screen. */
static const char *
footer_name(const HvConsole *console, const HvBinding *binding)
{
    if (!binding->name)
        return NULL;
    if (binding->key == 'q' && !hv_console_screen(console)->number)
        return _("back");
    return _(binding->name);
}

static gboolean
is_bound(const HvBinding *bindings, guint key)
{
    for (; bindings && bindings->key; bindings++)
        if (bindings->key == key)
            return TRUE;
    return FALSE;
}

/* Draws the keys of @bindings that have a name and are not among @others, as far as they fit.
 * Returns the column behind. */
static int
draw_keys(HvConsole *console, HvCanvas *canvas, int x, const HvBinding *bindings,
          const HvBinding *others)
{
    const int y = canvas->rows - 1;

    for (const HvBinding *binding = bindings; binding && binding->key; binding++) {
        const char *key = hv_key_name(binding->key);
        const char *name = footer_name(console, binding);
        const int start = x;

        if (!name || is_bound(others, binding->key) ||
            x + hv_text_width(key) + 1 + hv_text_width(name) > canvas->columns)
            continue;
        x = hv_canvas_print(canvas, x, y, HV_ROLE_KEY, key) + 1;
        x = hv_canvas_print(canvas, x, y, HV_ROLE_TEXT, name);
        add_spot(console->foot, start, x - start, binding->key);
        x += 2;
    }
    return x;
}

static void
draw_foot(HvConsole *console, HvCanvas *canvas)
{
    const HvBinding *own = hv_console_screen(console)->bindings;
    const int y = canvas->rows - 1;
    g_autofree char *armed = hv_console_armed_text(console, TRUE);
    int x = 1;

    g_array_set_size(console->foot, 0);
    if (armed)
        x = hv_canvas_print(canvas, x, y, HV_ROLE_HOT, armed) + 2;
    if (console->said && hv_console_now_ns(console) < console->said_until_ns) {
        hv_canvas_print_in(canvas, x, y, canvas->columns - x, -1, console->said_role,
                           console->said);
        return;
    }
    x = draw_keys(console, canvas, x, own, NULL);
    draw_keys(console, canvas, x, hv_common_bindings, own);
}

void
hv_console_draw_frame(HvConsole *console, HvCanvas *canvas)
{
    draw_header(console, canvas);
    draw_tabs(console, canvas);
    draw_foot(console, canvas);
}
