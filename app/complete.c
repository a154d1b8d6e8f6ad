/* Completion of a command line: sub-commands, options, tables, screens, VMs, knobs, recipes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/complete.h"

#include <string.h>

#include "model/recipe.h"
#include "session/knob-list.h"
#include "tui/screen.h"

/* The words so far. */
typedef struct {
    GPtrArray *words; /* of char *, owned */
    const char *prefix;
} Completion;

static void
offer(Completion *completion, const char *word)
{
    if (g_str_has_prefix(word, completion->prefix))
        g_ptr_array_add(completion->words, g_strdup(word));
}

/* Only up to the end of the segment that is being typed: a host has thousands of knobs, but few
 * VMs at a time are meant. */
static void
offer_segment(Completion *completion, const char *path, const char *ending)
{
    const gsize n_prefix = strlen(completion->prefix);
    const GPtrArray *words = completion->words;
    const char *slash;
    g_autofree char *word = NULL;

    if (!g_str_has_prefix(path, completion->prefix))
        return;
    slash = strchr(path + n_prefix, '/');
    word = slash ? g_strndup(path, (gsize)(slash + 1 - path)) : g_strconcat(path, ending, NULL);
    if (!words->len ||
        !g_str_equal(g_ptr_array_index(words, words->len - 1), word)) /* paths are sorted */
        offer(completion, word);
}

static void
offer_knobs(Completion *completion, HvApp *app, const char *ending)
{
    const HvSessionParts *parts = hv_app_parts(app);
    g_autoptr(GPtrArray) paths = hv_knobs_matching(parts->host, parts->tuners, "**", NULL);

    for (guint i = 0; i < paths->len; i++)
        offer_segment(completion, g_ptr_array_index(paths, i), ending);
}

static void
offer_tables(Completion *completion)
{
    g_autofree const HvSchema **schemas = hv_app_schemas();

    for (const HvSchema **schema = schemas; *schema; schema++)
        offer(completion, (*schema)->name);
}

static void
offer_screens(Completion *completion)
{
    for (const HvScreen *const *screen = hv_screens; *screen; screen++)
        offer(completion, (*screen)->name);
}

static void
offer_vms(Completion *completion, HvApp *app)
{
    g_autoptr(HvGuestList) guests = hv_host_guests_peek(hv_app_parts(app)->host);

    for (guint i = 0; i < guests->n_guests; i++)
        offer(completion, guests->guests[i]->name);
}

static void
offer_options(Completion *completion, const HvCommand *command)
{
    for (const HvOptionSpec *spec = hv_option_specs; spec->name; spec++) {
        if (spec->help && ((command->options | HV_OPTION_HELP) & spec->option))
            offer(completion, spec->name);
    }
}

static void
offer_nodes(Completion *completion, HvApp *app)
{
    g_autoptr(HvTopology) topology = hv_host_topology(hv_app_parts(app)->host, NULL);

    for (guint i = 0; topology && i < topology->n_nodes; i++) {
        g_autofree char *number = g_strdup_printf("%d", topology->nodes[i].node);

        offer(completion, number);
    }
}

/* What the @n-th word of its usage stands for. */
static void
offer_recipe_argument(Completion *completion, HvApp *app, const char *name, guint n)
{
    const HvRecipe *recipe = hv_recipe_find(hv_recipes, name);
    g_auto(GStrv) usage = g_strsplit(recipe && recipe->usage ? recipe->usage : "", " ", -1);
    const char *word = n < g_strv_length(usage) ? usage[n] : "";
    g_auto(GStrv) choices = g_strsplit(word, "|", -1);

    if (g_str_has_prefix(word, "VM"))
        offer_vms(completion, app);
    else if (strstr(word, "NODE"))
        offer_nodes(completion, app);
    for (char **choice = choices; g_strv_length(choices) > 1 && *choice; choice++)
        offer(completion, *choice);
}

static void
offer_recipes(Completion *completion)
{
    for (const HvRecipe *const *recipe = hv_recipes; *recipe; recipe++)
        offer(completion, (*recipe)->name);
}

static void
offer_arguments(Completion *completion, HvApp *app, const char *command)
{
    if (g_str_equal(command, "snapshot"))
        offer_tables(completion);
    else if (g_str_equal(command, "shot"))
        offer_screens(completion);
    else if (g_str_equal(command, "get"))
        offer_knobs(completion, app, "");
    else if (g_str_equal(command, "set"))
        offer_knobs(completion, app, "=");
}

GPtrArray *
hv_complete(HvApp *app, const char *line)
{
    const char *blank = strrchr(line, ' ');
    g_autofree char *head = g_strndup(line, blank ? (gsize)(blank - line) : 0);
    g_auto(GStrv) words = g_strsplit_set(g_strstrip(head), " ", -1);
    const guint n_words = *words[0] ? g_strv_length(words) : 0;
    const HvCommand *command = n_words ? hv_command_find(words[0]) : NULL;
    Completion completion = { .words = g_ptr_array_new_with_free_func(g_free),
                              .prefix = blank ? blank + 1 : line };

    for (guint i = 0; !n_words && hv_command_names[i]; i++)
        offer(&completion, hv_command_names[i]);
    if (!command)
        return completion.words;
    if (g_str_equal(words[n_words - 1], "--vm"))
        offer_vms(&completion, app);
    else if (*completion.prefix != '-' && g_str_equal(command->name, "recipe") && n_words == 1)
        offer_recipes(&completion);
    else if (*completion.prefix != '-' && g_str_equal(command->name, "recipe"))
        offer_recipe_argument(&completion, app, words[1], n_words - 2);
    else if (*completion.prefix == '-')
        offer_options(&completion, command);
    else
        offer_arguments(&completion, app, command->name);
    return completion.words;
}
