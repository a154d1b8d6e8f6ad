/* Recipes' drafts and choices: made, filled, freed. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/recipe.h"

#include <string.h>

#include "model/error.h"
#include "model/i18n.h"

const HvRecipe *
hv_recipe_find(const HvRecipe *const *recipes, const char *name)
{
    for (guint i = 0; recipes && recipes[i]; i++)
        if (strcmp(recipes[i]->name, name) == 0)
            return recipes[i];
    return NULL;
}

gboolean
hv_recipe_check_arguments(const HvRecipe *recipe, const char *const *arguments, GError **error)
{
    guint n = 0;

    while (arguments && arguments[n])
        n++;
    if (n >= recipe->min_arguments && n <= recipe->max_arguments)
        return TRUE;
    if (recipe->max_arguments == 0)
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("recipe %s: takes no argument"),
                    recipe->name);
    else
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("recipe %s: needs %s"), recipe->name,
                    recipe->usage);
    return FALSE;
}

void
hv_recipe_draft_init(HvRecipeDraft *draft)
{
    *draft = (HvRecipeDraft){
        .wishes = g_ptr_array_new_with_free_func((GDestroyNotify)hv_wish_free),
        .notes = g_ptr_array_new_with_free_func(g_free),
    };
}

void
hv_recipe_draft_clear(HvRecipeDraft *draft)
{
    g_free(draft->title);
    g_clear_pointer(&draft->wishes, g_ptr_array_unref);
    g_clear_pointer(&draft->notes, g_ptr_array_unref);
    g_free(draft->vm);
    *draft = (HvRecipeDraft){ 0 };
}

void
hv_recipe_wish(HvRecipeDraft *draft, char *take_knob, char *take_value)
{
    g_ptr_array_add(draft->wishes, hv_wish_new(take_knob, take_value));
    g_free(take_knob);
    g_free(take_value);
}

void
hv_recipe_note(HvRecipeDraft *draft, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_ptr_array_add(draft->notes, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}

HvRecipeChoice *
hv_recipe_choice_new(void)
{
    HvRecipeChoice *choice = g_new0(HvRecipeChoice, 1);

    choice->facts = g_ptr_array_new_with_free_func(g_free);
    return choice;
}

void
hv_recipe_choice_free(HvRecipeChoice *choice)
{
    if (!choice)
        return;
    g_free(choice->title);
    g_strfreev(choice->arguments);
    g_ptr_array_unref(choice->facts);
    g_free(choice->why_not);
    g_free(choice);
}

void
hv_recipe_fact(HvRecipeChoice *choice, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_ptr_array_add(choice->facts, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}
