/* The filter line: words that a row must match, on its texts or on named columns. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/filter.h"

#include <math.h>
#include <string.h>

#include "model/set.h"

#define MAX_WORD 127
/* A word shorter than this is not looked for in UUIDs, where "db" or "fa" would match at
 * random. */
#define MIN_UUID_WORD 8
#define IDLE_RATIO 0.01

/* What people call columns. Where several are there, one that matches is enough. */
static const struct {
    const char *word, *columns[5];
} aliases[] = {
    { "cpu", { "cpu_ratio", "use_ratio", "cpu" } },
    { "wait", { "wait_max_ratio", "wait_ratio" } },
    { "node", { "node", "home_node", "home_nodes", "nodes" } },
    { "home", { "home_node", "home_nodes" } },
    { "remote", { "remote_ratio" } },
    { "mem", { "memory_bytes", "memory_total_bytes" } },
    { "memory", { "memory_bytes", "memory_total_bytes" } },
    { "swap", { "swap_bytes", "swap_used_bytes" } },
    { "name", { "vm", "source", "device", "irq" } },
    { "vcpus", { "n_vcpus" } },
    { "cpus", { "cpus_allowed", "cpus", "cpus_wanted" } },
    { "rate", { "per_s" } },
    { "halt", { "halt_poll_ratio" } },
    { "age", { "age_s", "age_ms" } },
};

/* "wait_max" finds wait_max_ratio. */
static const char *const suffixes[] = { "_ratio", "_bytes", "_per_s", "_s", "_ms",
                                        "_us",    "_ns",    "_pct",   "_hz" };

typedef struct {
    const HvTable *table;
    guint row;
    char operation;    /* ':', '<' or '>'; 0: a plain word */
    gboolean or_equal; /* ">=", "<=" */
    char whole[MAX_WORD + 1], name[MAX_WORD + 1], value[MAX_WORD + 1];
} Word;

static gboolean
contains(const char *text, const char *part)
{
    if (strcasestr(text, part))
        return TRUE;
    if (g_str_is_ascii(part) || !g_utf8_validate(part, -1, NULL) ||
        !g_utf8_validate(text, -1, NULL))
        return FALSE;
    g_autofree char *folded = g_utf8_casefold(text, -1),
                    *folded_part = g_utf8_casefold(part, -1);
    return strstr(folded, folded_part) != NULL;
}

/* Sets are left out: "3" would match "0-7". */
static gboolean
text_matches(const Word *word)
{
    const HvColumn *columns = hv_table_schema(word->table)->columns;

    for (int i = 0; columns[i].name; i++) {
        char number[24];
        guint64 id;
        const char *text = hv_table_text(word->table, word->row, i);

        if (columns[i].kind == HV_KIND_SET ||
            (!strcmp(columns[i].name, "uuid") && strlen(word->whole) < MIN_UUID_WORD))
            continue;
        if (columns[i].kind == HV_KIND_ID && hv_table_u64(word->table, word->row, i, &id)) {
            g_snprintf(number, sizeof number, "%" G_GUINT64_FORMAT, id);
            text = number;
        }
        if (text && contains(text, word->whole))
            return TRUE;
    }
    return FALSE;
}

static gboolean
parse_number(const char *text, double *number)
{
    static const char letters[] = "kmgt";
    char *end;

    *number = g_ascii_strtod(text, &end);
    if (end == text || !isfinite(*number))
        return FALSE;
    if (*end == '%')
        end++;
    return *end == '\0' || (strchr(letters, g_ascii_tolower(*end)) && end[1] == '\0');
}

/* The number after the operator in the column's own unit: "5" and "5%" are 0.05 of a ratio,
 * "2G" is binary for bytes. */
static gboolean
wanted_number(const char *text, HvUnit unit, double *number)
{
    static const char letters[] = "kmgt";
    const gboolean binary = unit == HV_UNIT_BYTES || unit == HV_UNIT_BYTES_PER_S;

    if (!parse_number(text, number))
        return FALSE;
    const char *letter = strchr(letters, g_ascii_tolower(text[strlen(text) - 1]));
    if (letter && *letter)
        *number *= pow(binary ? 1024 : 1000, (double)(letter - letters + 1));
    if (unit == HV_UNIT_RATIO)
        *number /= 100;
    return TRUE;
}

static gboolean
set_matches(const char *have, const char *wanted)
{
    g_autoptr(HvSet) set = hv_set_parse(have, NULL);
    g_autoptr(HvSet) part = hv_set_parse(wanted, NULL); /* no list: matches nothing */

    return set && part && !hv_set_is_empty(part) && hv_set_is_subset(part, set);
}

static gboolean
switch_matches(guint64 have, const char *wanted)
{
    static const char *const words[][4] = { { "0", "no", "off", "false" },
                                            { "1", "yes", "on", "true" } };

    for (guint i = 0; i < G_N_ELEMENTS(words[0]); i++) {
        if (!g_ascii_strcasecmp(wanted, words[have != 0][i]))
            return TRUE;
    }
    return FALSE;
}

static gboolean
value_matches(const Word *word, int column, const HvColumn *definition)
{
    const char *text = hv_table_text(word->table, word->row, column);
    double have, wanted;

    if (text && definition->kind == HV_KIND_SET)
        return set_matches(text, word->value);
    if (text)
        return !g_ascii_strcasecmp(text, word->value);
    if (!hv_table_f64(word->table, word->row, column, &have))
        return FALSE;
    if (definition->kind == HV_KIND_BOOL)
        return switch_matches(have > 0, word->value);
    return wanted_number(word->value, definition->unit, &wanted) &&
           fabs(have - wanted) <= fabs(wanted) * 1e-9;
}

static gboolean
column_matches(const Word *word, int column)
{
    const HvColumn *definition = &hv_table_schema(word->table)->columns[column];
    double have, wanted;

    if (word->operation == ':')
        return value_matches(word, column, definition);
    if (!hv_table_f64(word->table, word->row, column, &have) ||
        !wanted_number(word->value, definition->unit, &wanted))
        return FALSE;
    if (word->or_equal && have >= wanted && have <= wanted)
        return TRUE;
    return word->operation == '>' ? have > wanted : have < wanted;
}

static int
find_column(const HvTable *table, const char *name)
{
    int column = hv_table_column(table, name);

    for (guint i = 0; column < 0 && i < G_N_ELEMENTS(suffixes); i++) {
        char full[MAX_WORD + 8];

        g_snprintf(full, sizeof full, "%s%s", name, suffixes[i]);
        column = hv_table_column(table, full);
    }
    return column;
}

/* Returns: FALSE when @word names no column of the table; else @matches is the answer. */
static gboolean
named_matches(const Word *word, gboolean *matches)
{
    gboolean known = FALSE;

    *matches = FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(aliases); i++) {
        if (strcmp(word->name, aliases[i].word))
            continue;
        for (guint k = 0; k < G_N_ELEMENTS(aliases[i].columns) && aliases[i].columns[k]; k++) {
            const int column = hv_table_column(word->table, aliases[i].columns[k]);

            known |= column >= 0;
            *matches |= column >= 0 && column_matches(word, column);
        }
    }
    if (known)
        return TRUE;
    const int column = find_column(word->table, word->name);
    if (column < 0)
        return FALSE;
    *matches = column_matches(word, column);
    return TRUE;
}

/* Returns: FALSE where the table knows no cpu use. A row whose use is not known is not idle. */
static gboolean
idle_matches(const Word *word, gboolean *matches)
{
    int column = hv_table_column(word->table, "cpu_ratio");
    double ratio;

    if (column < 0)
        column = hv_table_column(word->table, "use_ratio");
    if (column < 0)
        return FALSE;
    *matches = hv_table_f64(word->table, word->row, column, &ratio) && ratio < IDLE_RATIO;
    return TRUE;
}

static void
parse_word(Word *word, const char *text, gsize length)
{
    g_strlcpy(word->whole, text, MIN(length, MAX_WORD) + 1);
    const gsize name_length = strcspn(word->whole, ":<>");
    const char *value = word->whole + name_length;

    word->operation = name_length > 0 ? *value : '\0';
    if (!word->operation)
        return;
    g_strlcpy(word->name, word->whole, name_length + 1);
    word->or_equal = word->operation != ':' && value[1] == '=';
    g_strlcpy(word->value, value + 1 + (word->or_equal ? 1 : 0), sizeof word->value);
}

static gboolean
word_matches(const Word *word)
{
    gboolean matches;

    if (word->operation && named_matches(word, &matches))
        return matches;
    if (!g_ascii_strcasecmp(word->whole, "idle") && idle_matches(word, &matches))
        return matches;
    return text_matches(word);
}

gboolean
hv_filter_matches(const char *filter, const HvTable *table, guint row)
{
    Word word = { .table = table, .row = row };

    for (filter += strspn(filter, " "); *filter; filter += strspn(filter, " ")) {
        const gboolean negated = *filter == '!';
        const char *text = negated ? filter + 1 : filter;
        const gsize length = strcspn(text, " ");

        parse_word(&word, text, length);
        filter = text + length;
        if (length == 0 || (word.operation && !*word.value))
            continue; /* "!" or "wait>": still being typed */
        if (word_matches(&word) == negated)
            return FALSE;
    }
    return TRUE;
}
