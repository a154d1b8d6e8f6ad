/* A window of things to do to what is selected: what it is now, then one line for each; the chosen one becomes a plan. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/dialog.h"

typedef struct HvMenu HvMenu;
/* What a line does. @data: as given to hv_menu_new(). */
typedef void (*HvMenuChosen)(HvMenu *menu, HvConsole *console, gpointer data);

/** hv_menu_new: @data is freed with @destroy. hv_menu_open: shows it; the console frees it. UI thread, as all below. */
HvMenu *hv_menu_new(const char *title, gpointer take_data, GDestroyNotify destroy);
void hv_menu_open(HvMenu *menu, HvConsole *console);
/** hv_menu_note: a line above the choices. hv_menu_item: a choice, or with @why_not a dim one that says that. */
void hv_menu_note(HvMenu *menu, HvRole role, const char *text);
void hv_menu_item(HvMenu *menu, const char *text, const char *why_not, HvMenuChosen chosen);
/** hv_menu_plan: asks for a plan of @take_wishes. hv_menu_recipe: of a recipe, with one or two arguments (@second may
 * be NULL). Its window replaces the menu; a refusal is shown in the menu. */
void hv_menu_plan(HvMenu *menu, HvConsole *console, GPtrArray *take_wishes);
void hv_menu_recipe(HvMenu *menu, HvConsole *console, const char *name, const char *first, const char *second);
/** hv_menu_say: why a choice came to nothing. */
void hv_menu_say(HvMenu *menu, const char *text);
gpointer hv_menu_data(const HvMenu *menu);
