/* Reading /proc/interrupts: its header, its lines, and what a line says of the device. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/interrupt-lines.h"

#include <string.h>

#include "host/parse.h"
#include "model/error.h"

#define MAX_COUNT_DIGITS 10 /* of a 32-bit number */

gboolean
hv_interrupts_header(const char *line, GArray *cpus, GError **error)
{
    const char *at = line + strspn(line, " \t\n");
    gboolean is_good = *at != '\0';

    g_array_set_size(cpus, 0);
    while (*at && is_good) {
        guint cpu = 0;

        is_good = strncmp(at, "CPU", 3) == 0 && g_ascii_isdigit(at[3]) &&
                  cpus->len < HV_INTERRUPTS_MAX_CPUS;
        for (at += is_good ? 3 : 0; is_good && g_ascii_isdigit(*at); at++) {
            cpu = cpu * 10 + (guint)(*at - '0');
            is_good = cpu <= HV_SET_MAX;
        }
        is_good = is_good && (!*at || g_ascii_isspace(*at));
        if (is_good)
            g_array_append_val(cpus, cpu);
        at += strspn(at, " \t\n");
    }
    if (!is_good) {
        g_array_set_size(cpus, 0);
        g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED,
                            "interrupts: the first line is no list of cpus");
    }
    return is_good;
}

/* The count at *@text, moved behind it. FALSE, and unmoved, where there is none: "2-edge",
 * "IR-IO-APIC". This is where the time goes on a large host: 512 cpus by 3,000 lines are 15 MB.
 */
static inline gboolean
next_count(char **text, guint64 *count)
{
    char *at = *text, *digits;
    guint64 number = 0;

    while (*at == ' ')
        at++;
    for (digits = at; *at >= '0' && *at <= '9'; at++)
        number = number * 10 + (guint64)(*at - '0');
    if (at == digits || at - digits > MAX_COUNT_DIGITS || (*at != ' ' && *at != '\0'))
        return FALSE;
    *text = at;
    *count = number;
    return TRUE;
}

/* ERR and MIS have one number whatever the number of cpus; so has Err of other architectures.
 */
static gboolean
is_whole_host(const HvInterruptLine *line, guint n_columns)
{
    return line->n_cells == 1 &&
           (n_columns > 1 || g_ascii_strcasecmp(line->label, "ERR") == 0 ||
            g_str_equal(line->label, "MIS"));
}

gboolean
hv_interrupts_line(char *text, const guint *slots, guint n_columns, guint64 *sums,
                   HvInterruptLine *line)
{
    char *label = hv_skip_blanks(text), *at = label + strcspn(label, ": \t");
    guint64 count = 0;

    if (at == label || *at != ':')
        return FALSE;
    *at++ = '\0';
    *line = (HvInterruptLine){ .label = label };
    for (; line->n_cells < n_columns && next_count(&at, &count); line->n_cells++)
        sums[slots[line->n_cells]] += count;
    line->rest = hv_chomp(hv_skip_blanks(at));
    if (is_whole_host(line, n_columns)) {
        sums[slots[0]] -= count;
        line->is_whole = TRUE;
        line->whole = count;
    }
    return line->n_cells > 0;
}

static const char *
skip_word(const char *text)
{
    text += strcspn(text, " \t");
    return text + strspn(text, " \t");
}

static const char *
skip_digits(const char *text)
{
    while (g_ascii_isdigit(*text))
        text++;
    return text;
}

/* "0-edge", "16-fasteoi", or "-edge" where the chip has no numbers of its own. */
static gboolean
is_flow(const char *word)
{
    const char *behind = skip_digits(word);

    return behind[0] == '-' && g_ascii_isalpha(behind[1]);
}

const char *
hv_interrupts_name(const char *label, const char *rest)
{
    const char *word = skip_word(rest); /* behind the chip's name */

    if (!g_ascii_isdigit(*label))
        return rest;
    if (is_flow(word))
        return skip_word(word);
    if (g_ascii_isdigit(*word)) /* other architectures: the number, then Level or Edge, then
                                   perhaps "-flow" */
        word = skip_word(word);
    if (g_str_has_prefix(word, "Level") || g_str_has_prefix(word, "Edge"))
        word = skip_word(word);
    return is_flow(word) ? skip_word(word) : word;
}

static gsize
count_hex(const char *text)
{
    gsize n = 0;

    while (g_ascii_isxdigit(text[n]))
        n++;
    return n;
}

/* Length of the "0000:81:00.0" at @text, 0 when it is none; a domain has four to eight digits.
 */
static gsize
measure_pci(const char *text)
{
    const gsize domain = count_hex(text);
    const char *bus = text + domain + 1;

    if (domain < 4 || domain > 8 || bus[-1] != ':' || count_hex(bus) != 2 || bus[2] != ':')
        return 0;
    if (count_hex(bus + 3) != 2 || bus[5] != '.' || count_hex(bus + 6) != 1)
        return 0;
    return domain + strlen(":81:00.0");
}

char *
hv_interrupts_pci(const char *rest)
{
    for (const char *at = rest; *at; at++) {
        const gboolean is_start = at == rest || !g_ascii_isalnum(at[-1]);
        const gsize length = is_start ? measure_pci(at) : 0;

        if (length > 0)
            return g_ascii_strdown(at, (gssize)length);
    }
    return NULL;
}

/* "nvme0n1" is a namespace of the controller "nvme0", whose queues are "nvme0q0" and so on. */
static gboolean
is_queue_of(const char *name, const char *device)
{
    gsize controller;

    if (!g_str_has_prefix(device, "nvme"))
        return FALSE;
    controller = (gsize)(skip_digits(device + strlen("nvme")) - device);
    return device[controller] == 'n' && strncmp(name, device, controller) == 0 &&
           name[controller] == 'q';
}

gboolean
hv_interrupts_is_of_device(const char *name, const char *device)
{
    const gsize length = strlen(device);

    if (length == 0)
        return FALSE;
    for (const char *at = strstr(name, device); at; at = strstr(at + 1, device))
        if ((at == name || !g_ascii_isalnum(at[-1])) && !g_ascii_isalnum(at[length]))
            return TRUE;
    return is_queue_of(name, device);
}

HvManaged
hv_interrupts_managed(const char *name)
{
    const char *at;

    if (g_str_has_prefix(name, "vfio-"))
        return HV_MANAGED_UNLIKELY;
    if (g_str_has_prefix(name, "virtio")) {
        at = skip_digits(name + strlen("virtio"));
        return g_str_has_prefix(at, "-req.") ? HV_MANAGED_LIKELY : HV_MANAGED_UNKNOWN;
    }
    if (!g_str_has_prefix(name, "nvme"))
        return HV_MANAGED_UNKNOWN;
    at = skip_digits(name + strlen("nvme"));
    if (*at != 'q' || !g_ascii_isdigit(at[1]))
        return HV_MANAGED_UNKNOWN;
    return at[1] == '0' ? HV_MANAGED_UNLIKELY : HV_MANAGED_LIKELY;
}
