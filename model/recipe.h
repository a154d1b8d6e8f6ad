/* Recipes: one wish of a person ("move redis-1 to node 1") becomes wishes for knobs, or is
 * refused with the reason. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/plan.h"
#include "model/snapshot.h"

/* What a recipe is made from. Borrowed for the call. */
typedef struct {
    HvHost *host;
    const HvSnapshot *snapshot; /* with the tables that the recipe names; two samples old enough
                                   for rates, or one */
    const char *const *arguments; /* behind its name, NULL-terminated */
    gboolean force;     /* --force: what a recipe refuses for safety's sake, where it says so */
    const char *outage; /* --outage[=HOSTNAME]: NULL not given, "" without a name */
} HvRecipeCall;

/* What it wants. Everything is owned. */
typedef struct {
    char *title;       /* "move redis-1 to node 1"; a word of the journal, not translated */
    GPtrArray *wishes; /* of HvWish, in the order of the steps */
    GPtrArray *notes;  /* of char *: room, neighbours, alternatives with cost and time, doubts;
                          translated */
    char *vm;          /* the VM that it is meant to help, as in tables, or NULL */
} HvRecipeDraft;

/* One way to do it, for "where could it go?": choosing it calls the recipe with @arguments.
 * Owned. */
typedef struct {
    char *title;      /* "S1: vCPUs to the memory"; translated, as the next */
    char **arguments; /* NULL-terminated */
    GPtrArray *facts; /* of char *, "NAME: VALUE": "free cores: 19", "remote then: ≈4 %", "undo:
                         exact" */
    char *why_not;    /* refused, and why; NULL: it can be done */
    gboolean is_best; /* the one that is offered first */
} HvRecipeChoice;

/* Registered in Makefile.am (recipe_sources); tuners/recipes/NAME.c defines hv_recipe_NAME.
 * Never writes to the host. Run on the actuator's thread, or a one-shot command's main thread.
 */
typedef struct HvRecipe {
    const char *name;  /* "move" */
    const char *usage; /* what stands behind it: "VM [NODE]"; NULL: nothing */
    /* how many words that is, --outage apart; asked before draft and choose are called */
    guint min_arguments, max_arguments;
    const char *help;          /* one line: N_("...") */
    const char *details;       /* for its --help, or NULL: N_("...") */
    const char *const *tables; /* that it reads, NULL-terminated; never NULL */
    gboolean has_outage;       /* takes --outage[=HOSTNAME], and needs it to be applied */
    /* Fills @draft (zeroed but for its arrays). MALFORMED for what an argument says; ABSENT for
     * what is not there; REFUSED, with the reason and the way out, for what would not be safe.
     */
    gboolean (*draft)(const HvRecipeCall *call, HvRecipeDraft *draft, GError **error);
    /* Optional: adds the ways there are (HvRecipeChoice), best first, refused ones last. */
    gboolean (*choose)(const HvRecipeCall *call, GPtrArray *choices, GError **error);
} HvRecipe;

extern const HvRecipe *const hv_recipes[]; /* NULL-terminated; generated */

/** hv_recipe_find: by name among @recipes, or NULL. Any thread, as all below. */
const HvRecipe *hv_recipe_find(const HvRecipe *const *recipes, const char *name);
/** hv_recipe_check_arguments: FALSE with MALFORMED, and its usage, unless @arguments
 * (NULL-terminated, or NULL) are as many as it takes. */
gboolean hv_recipe_check_arguments(const HvRecipe *recipe, const char *const *arguments,
                                   GError **error);
/** hv_recipe_draft_init, _clear: an empty one; frees what it owns. */
void hv_recipe_draft_init(HvRecipeDraft *draft);
void hv_recipe_draft_clear(HvRecipeDraft *draft);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HvRecipeDraft, hv_recipe_draft_clear)
/** hv_recipe_wish: adds the wish that @knob, made of decoded segments, be @value; takes both.
 */
void hv_recipe_wish(HvRecipeDraft *draft, char *take_knob, char *take_value);
/** hv_recipe_note: adds a note. */
void hv_recipe_note(HvRecipeDraft *draft, const char *format, ...) G_GNUC_PRINTF(2, 3);
/** hv_recipe_choice_new, _free, hv_recipe_fact: adds "NAME: VALUE". */
HvRecipeChoice *hv_recipe_choice_new(void);
void hv_recipe_choice_free(HvRecipeChoice *choice);
void hv_recipe_fact(HvRecipeChoice *choice, const char *format, ...) G_GNUC_PRINTF(2, 3);
