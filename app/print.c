/* Tables as text for people. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/print.h"

#include <string.h>

#include "model/i18n.h"
#include "model/text.h"
#include "tui/canvas.h"

#define CELL_BYTES 512 /* longer texts are cut; JSON has them whole */
#define UPRIGHT_COLUMNS                                                                        \
    12 /* a single row with more columns than this is easier to read as a list */

static void
append_padded(GString *out, const char *text, int width, gboolean to_the_right)
{
    const int blanks = MAX(width - hv_text_width(text), 0);

    g_string_append_printf(out, "%*s%s%*s", to_the_right ? blanks : 0, "", text,
                           to_the_right ? 0 : blanks, "");
}

static void
end_line(GString *out)
{
    while (out->len && out->str[out->len - 1] == ' ')
        g_string_truncate(out, out->len - 1);
    g_string_append_c(out, '\n');
}

static guint
nth(const guint *rows, guint i)
{
    return rows ? rows[i] : i;
}

static int
width_of(const HvTable *table, guint column, const guint *rows, guint n_rows, gboolean ascii)
{
    int width = hv_text_width(hv_table_schema(table)->columns[column].name);
    char text[CELL_BYTES];

    for (guint i = 0; i < n_rows; i++) {
        hv_text_cell(text, sizeof text, table, nth(rows, i), (int)column, ascii);
        width = MAX(width, hv_text_width(text));
    }
    return width;
}

/* Columns are printed by rows, so their widths are known first. @which: indexes of columns. */
static void
print_grid(GString *out, const HvTable *table, const GArray *which, const guint *rows,
           guint n_rows, gboolean ascii)
{
    const HvColumn *columns = hv_table_schema(table)->columns;
    g_autofree int *widths = g_new0(int, which->len + 1);
    char text[CELL_BYTES];

    for (guint i = 0; i < which->len; i++) {
        const guint column = g_array_index(which, guint, i);

        widths[i] = width_of(table, column, rows, n_rows, ascii);
        append_padded(out, columns[column].name, widths[i],
                      !hv_kind_is_text(columns[column].kind));
        g_string_append(out, "  ");
    }
    end_line(out);
    for (guint row = 0; row < n_rows; row++) {
        for (guint i = 0; i < which->len; i++) {
            const guint column = g_array_index(which, guint, i);

            hv_text_cell(text, sizeof text, table, nth(rows, row), (int)column, ascii);
            append_padded(out, text, widths[i], !hv_kind_is_text(columns[column].kind));
            g_string_append(out, "  ");
        }
        end_line(out);
    }
}

static void
print_upright(GString *out, const HvTable *table, const GArray *which, gboolean ascii)
{
    const HvColumn *columns = hv_table_schema(table)->columns;
    char text[CELL_BYTES];

    for (guint i = 0; i < which->len; i++) {
        const guint column = g_array_index(which, guint, i);

        hv_text_cell(text, sizeof text, table, 0, (int)column, ascii);
        g_string_append_printf(out, "  %-32s %s\n", columns[column].name, text);
    }
}

void
hv_print_table(GString *out, const HvTable *table, gboolean ascii)
{
    const HvSchema *schema = hv_table_schema(table);
    g_autoptr(GArray) which = g_array_new(FALSE, FALSE, sizeof(guint));

    for (guint i = 0; schema->columns[i].name; i++) {
        if (!schema->columns[i].hidden)
            g_array_append_val(which, i);
    }
    g_string_append_printf(out, "%s\n", schema->name);
    if (hv_table_why(table)) {
        g_autofree char *why = hv_text_printable(hv_table_why(table), CELL_BYTES);

        g_string_append_printf(out, "  (%s)\n", why);
    }
    if (hv_table_n_rows(table) == 1 && which->len > UPRIGHT_COLUMNS)
        print_upright(out, table, which, ascii);
    else if (hv_table_n_rows(table))
        print_grid(out, table, which, NULL, hv_table_n_rows(table), ascii);
}

void
hv_print_columns(GString *out, const HvTable *table, const char *const *columns,
                 const guint *rows, guint n_rows, gboolean ascii)
{
    g_autoptr(GArray) which = g_array_new(FALSE, FALSE, sizeof(guint));

    for (; *columns; columns++) {
        const int column = hv_table_column(table, *columns);

        if (column >= 0)
            g_array_append_vals(which, &(guint){ (guint)column }, 1);
    }
    print_grid(out, table, which, rows, n_rows, ascii);
}
