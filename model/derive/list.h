/* Unions of cpu and node lists, made for every row of every tick: without allocating, short of
 * 8,192 cpus. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/set.h"

#define HV_LIST_WORDS 128
#define HV_LIST_TEXT_BYTES 24576 /* every other one of 8,192 numbers */

/* Lives on the stack: hv_list_init() first, hv_list_clear() last. */
typedef struct {
    guint64 words[HV_LIST_WORDS];
    guint n_words; /* that may hold a member; 0: the list is empty */
    HvSet *beyond; /* all members, once there is one that the words cannot hold */
    char *long_text;
    char text[HV_LIST_TEXT_BYTES];
} HvList;

void hv_list_init(HvList *list);
void hv_list_clear(HvList *list);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HvList, hv_list_clear)
/** hv_list_add, hv_list_add_set, hv_list_add_text: numbers up to HV_SET_MAX; a text that is no
 * list adds what precedes the part that is wrong, and gives FALSE. */
void hv_list_add(HvList *list, guint number);
void hv_list_add_set(HvList *list, const HvSet *set);
gboolean hv_list_add_text(HvList *list, const char *text);
/** hv_list_text: the kernel's list form, "" when empty; borrowed until the list changes. */
const char *hv_list_text(HvList *list);
