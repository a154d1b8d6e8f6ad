/* A page of text, as Markdown or as HTML: nothing that goes in comes out unescaped. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

typedef struct {
    GString *out;
    gboolean is_html;
} HvPage;

/* A line of a plot: values at equal distances, NaN where there is none. */
typedef struct {
    char *name;       /* "redis_p99_ms" */
    const char *unit; /* static; "" none; "%" of ratios */
    GArray *values;   /* of float */
} HvPlotLine;

/* A mark in a plot. */
typedef struct {
    double at; /* 0-1 of its width */
    char *text;
} HvPlotMark;

/** hv_page_begin, hv_page_end: what stands before and behind all else. One thread, as below. */
void hv_page_begin(HvPage *page, const char *title);
void hv_page_end(HvPage *page);
/** hv_page_heading: @level 2 or 3. hv_page_text: a paragraph. hv_page_code: lines as they are.
 */
void hv_page_heading(HvPage *page, guint level, const char *text);
void hv_page_text(HvPage *page, const char *text);
void hv_page_code(HvPage *page, const char *text);
/** hv_page_row: a row of @n cells; the first one of a table is its head. hv_page_end_table:
 * behind the last. */
void hv_page_row(HvPage *page, gboolean is_head, const char *const *cells, guint n);
void hv_page_end_table(HvPage *page);
/** hv_page_plot: HTML: a drawing; Markdown: a sparkline with its bounds. @marks: of HvPlotMark.
 */
void hv_page_plot(HvPage *page, const HvPlotLine *line, const GPtrArray *marks,
                  const char *from, const char *to);
