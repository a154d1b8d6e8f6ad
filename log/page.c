/* A page of text, as Markdown or as HTML: nothing that goes in comes out unescaped. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/page.h"

#include <string.h>

#include "model/text.h"

#define LONGEST 2000 /* characters of one text */

static const char style[] =
    "body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:60em;padding:0 1em;"
    "color:#1a1f24;background:#fff}"
    "h1{font-size:1.5em}h2{font-size:1.2em;border-bottom:1px solid #ccd;margin-top:2em}"
    "table{border-collapse:collapse;font-size:.92em}td,th{padding:.2em .7em;text-align:left;"
    "border-bottom:1px solid #e3e6ea;vertical-align:top}th{color:#556}"
    "pre{background:#f4f6f8;padding:.7em;overflow-x:auto}"
    "svg{display:block;margin:.6em 0;max-width:100%;height:auto}"
    "@media(prefers-color-scheme:dark){body{color:#dde;background:#15181c}"
    "pre{background:#20252b}td,th{border-color:#333}h2{border-color:#445}}";

/* Markdown's own signs get a backslash, HTML's become entities; both are one line of printable
 * text. */
static void
append(HvPage *page, const char *text)
{
    g_autofree char *line = hv_text_printable(text ? text : "", LONGEST);

    if (page->is_html) {
        g_autofree char *escaped = g_markup_escape_text(line, -1);

        g_string_append(page->out, escaped);
        return;
    }
    for (const char *p = line; *p; p++) {
        if (*p == '<' || *p == '>' || *p == '&') {
            g_string_append(page->out, *p == '<' ? "&lt;" : *p == '>' ? "&gt;" : "&amp;");
            continue;
        }
        if (strchr("\\`*_{}[]|#!~", *p))
            g_string_append_c(page->out, '\\');
        g_string_append_c(page->out, *p);
    }
}

void
hv_page_begin(HvPage *page, const char *title)
{
    if (!page->is_html) {
        g_string_append(page->out, "# ");
        append(page, title);
        g_string_append(page->out, "\n");
        return;
    }
    g_string_append(
        page->out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                   "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                   "style-src 'unsafe-inline'\"><title>");
    append(page, title);
    g_string_append_printf(page->out, "</title><style>%s</style></head><body>\n<h1>", style);
    append(page, title);
    g_string_append(page->out, "</h1>\n");
}

void
hv_page_end(HvPage *page)
{
    if (page->is_html)
        g_string_append(page->out, "</body></html>\n");
}

void
hv_page_heading(HvPage *page, guint level, const char *text)
{
    if (page->is_html)
        g_string_append_printf(page->out, "<h%u>", level);
    else
        g_string_append_printf(page->out, "\n%.*s ", (int)level, "######");
    append(page, text);
    if (page->is_html)
        g_string_append_printf(page->out, "</h%u>", level);
    g_string_append_c(page->out, '\n');
}

void
hv_page_text(HvPage *page, const char *text)
{
    g_string_append(page->out, page->is_html ? "<p>" : "\n");
    append(page, text);
    g_string_append(page->out, page->is_html ? "</p>\n" : "\n");
}

void
hv_page_code(HvPage *page, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    g_string_append(page->out, page->is_html ? "<pre>" : "\n");
    for (char **line = lines; *line; line++) {
        g_autofree char *printable = hv_text_printable(*line, LONGEST);
        g_autofree char *escaped = page->is_html ? g_markup_escape_text(printable, -1) : NULL;

        if (!**line && !line[1])
            break;
        /* four blanks: no fence that a line could close */
        g_string_append_printf(page->out, "%s%s\n", page->is_html ? "" : "    ",
                               page->is_html ? escaped : printable);
    }
    g_string_append(page->out, page->is_html ? "</pre>\n" : "");
}

static void
append_html_row(HvPage *page, gboolean is_head, const char *const *cells, guint n)
{
    const char *tag = is_head ? "th" : "td";

    g_string_append(page->out, is_head ? "<table><tr>" : "<tr>");
    for (guint i = 0; i < n; i++) {
        g_string_append_printf(page->out, "<%s>", tag);
        append(page, cells[i]);
        g_string_append_printf(page->out, "</%s>", tag);
    }
    g_string_append(page->out, "</tr>\n");
}

void
hv_page_row(HvPage *page, gboolean is_head, const char *const *cells, guint n)
{
    if (page->is_html) {
        append_html_row(page, is_head, cells, n);
        return;
    }
    if (is_head)
        g_string_append_c(page->out, '\n');
    for (guint i = 0; i < n; i++) {
        g_string_append(page->out, i ? " | " : "| ");
        append(page, cells[i]);
    }
    g_string_append(page->out, " |\n");
    for (guint i = 0; is_head && i < n; i++)
        g_string_append(page->out, i + 1 < n ? "|---" : "|---|\n");
}

void
hv_page_end_table(HvPage *page)
{
    if (page->is_html)
        g_string_append(page->out, "</table>\n");
}
