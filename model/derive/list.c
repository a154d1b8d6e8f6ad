/* Unions of cpu and node lists, made for every row of every tick: without allocating, short of
 * 8,192 cpus. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/derive/list.h"

#include <string.h>

#define BITS 64u
#define MAX_DIGITS 8

void
hv_list_init(HvList *list)
{
    memset(list->words, 0, sizeof list->words);
    list->n_words = 0;
    list->beyond = NULL;
    list->long_text = NULL;
}

void
hv_list_clear(HvList *list)
{
    g_clear_pointer(&list->beyond, hv_set_free);
    g_clear_pointer(&list->long_text, g_free);
}

static gboolean
has(const HvList *list, guint number)
{
    return number < HV_LIST_WORDS * BITS &&
           (list->words[number / BITS] >> number % BITS & 1) != 0;
}

static void
go_beyond(HvList *list)
{
    list->beyond = hv_set_new();
    for (guint i = 0; i < HV_LIST_WORDS * BITS; i++)
        if (has(list, i))
            hv_set_add(list->beyond, i);
}

void
hv_list_add(HvList *list, guint number)
{
    if (number >= HV_LIST_WORDS * BITS && !list->beyond)
        go_beyond(list);
    if (list->beyond)
        hv_set_add(list->beyond, number);
    else
        list->words[number / BITS] |= G_GUINT64_CONSTANT(1) << number % BITS;
    list->n_words = MAX(list->n_words, MIN(number / BITS + 1, HV_LIST_WORDS));
}

void
hv_list_add_set(HvList *list, const HvSet *set)
{
    HV_SET_FOREACH(number, set)
    hv_list_add(list, (guint)number);
}

gboolean
hv_list_add_text(HvList *list, const char *text)
{
    guint first, last;

    while (*text) {
        if (!hv_set_next_range(&text, HV_SET_MAX, &first, &last))
            return FALSE;
        for (guint i = first; i <= last; i++)
            hv_list_add(list, i);
    }
    return TRUE;
}

static char *
write_number(char *at, guint number)
{
    char digits[MAX_DIGITS];
    guint n = 0;

    do {
        digits[n++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    while (n > 0)
        *at++ = digits[--n];
    return at;
}

const char *
hv_list_text(HvList *list)
{
    char *at = list->text;

    if (list->beyond) {
        g_free(list->long_text);
        list->long_text = hv_set_to_text(list->beyond);
        return list->long_text;
    }
    for (guint i = 0; i < list->n_words * BITS; i++) {
        guint last = i;

        if (list->words[i / BITS] >> i % BITS == 0) {
            i |= BITS - 1; /* nothing more in this word */
            continue;
        }
        if (!has(list, i))
            continue;
        while (has(list, last + 1))
            last++;
        if (at > list->text)
            *at++ = ',';
        at = write_number(at, i);
        if (last > i) {
            *at++ = '-';
            at = write_number(at, last);
        }
        i = last;
    }
    *at = '\0';
    return list->text;
}
