/* A column of a frame, read from anybody's bytes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/frame-get.h"

#include "log/frame-numbers.h"

const char *
hv_get_text(HvGet *get, guint64 times)
{
    HvBytes *bytes = &get->bytes;
    const gsize left = (gsize)(bytes->end - bytes->at);
    const guint8 *end = left ? memchr(bytes->at, 0, left) : NULL;
    const char *text = (const char *)bytes->at;

    if (bytes->is_bad || !end ||
        (guint64)(end - bytes->at) * times > HV_GET_MOST_TEXT - get->n_text) {
        bytes->is_bad = TRUE;
        return "";
    }
    get->n_text += (gsize)(end - bytes->at) * times;
    bytes->at = end + 1;
    return text;
}

/* ---- marks ---- */

static gboolean
is_mark(guint64 stored, gboolean has_reason)
{
    const guint64 mark = stored & ~(guint64)HV_MARK_SET;

    if (mark > HV_MARK_FAILED)
        return FALSE;
    if (hv_mark_has_value((HvMark)mark))
        return stored == mark && !has_reason;
    return stored == 0 ? !has_reason : stored != mark;
}

static void
mark_cell(HvSink *sink, guint column, HvKind kind, HvMark mark, gboolean had_value)
{
    if (!had_value && hv_kind_is_text(kind))
        hv_text(sink, column, ""); /* until the text is told */
    else if (!had_value)
        hv_u64(sink, column, 0);
    hv_mark(sink, column, mark);
}

static void
mark_rows(HvSink *sink, guint column, HvKind kind, guint8 stored, const char *reason,
          guint first, guint n)
{
    const HvMark mark = (HvMark)(stored & ~HV_MARK_SET);

    for (guint row = first; row < first + n; row++) {
        const guint8 *marks;

        hv_sink_at(sink, row);
        hv_sink_numbers(sink, column, &marks);
        if (stored == 0)
            hv_sink_unset(sink, column);
        else if (hv_mark_has_value(mark))
            mark_cell(sink, column, kind, mark, hv_stored_has_value(marks[row]));
        else
            hv_none(sink, column, mark, reason);
    }
}

static void
get_marks(HvGet *get, HvSink *sink, guint column, HvKind kind)
{
    const guint n_rows = hv_sink_n_rows(sink);
    guint row = 0;

    for (;;) {
        const guint64 gap = hv_varint_get(&get->bytes), n = hv_varint_get(&get->bytes);
        guint64 stored;
        const char *reason = NULL;

        if (n == 0 || get->bytes.is_bad)
            return;
        stored = hv_varint_get(&get->bytes);
        if (gap > n_rows - row || n > n_rows - row - gap ||
            !is_mark(stored >> 1, (stored & 1) != 0)) {
            get->bytes.is_bad = TRUE;
            return;
        }
        if (stored & 1)
            reason = hv_get_text(get, n);
        row += (guint)gap;
        mark_rows(sink, column, kind, (guint8)(stored >> 1), reason, row, (guint)n);
        row += (guint)n;
    }
}

/* ---- texts ---- */

static void
get_texts(HvGet *get, HvSink *sink, guint column)
{
    const guint n_rows = hv_sink_n_rows(sink);
    const guint8 *marks;
    guint row = 0;

    for (;;) {
        const guint64 gap = hv_varint_get(&get->bytes);
        HvMark mark;

        if (gap == 0 || get->bytes.is_bad)
            return;
        hv_sink_numbers(sink, column, &marks);
        if (gap > n_rows - row || !hv_stored_has_value(marks[row + gap - 1])) {
            get->bytes.is_bad = TRUE;
            return;
        }
        row += (guint)gap;
        mark = (HvMark)marks[row - 1];
        hv_sink_at(sink, row - 1);
        hv_text(sink, column, hv_get_text(get, 1));
        if (mark != HV_MARK_MEASURED)
            hv_mark(sink, column, mark);
    }
}

/* ---- numbers ---- */

static guint64
get_bits(HvBytes *bytes)
{
    guint8 head, low, n;
    guint64 bits = 0;

    if (bytes->is_bad || bytes->at == bytes->end) {
        bytes->is_bad = TRUE;
        return 0;
    }
    head = *bytes->at++;
    low = head >> 4;
    n = head & 0xf;
    if (low > 7 || low + n > 8 || bytes->end - bytes->at < n) {
        bytes->is_bad = TRUE;
        return 0;
    }
    for (guint i = 0; i < n; i++)
        bits |= (guint64)bytes->at[i] << (8 * i);
    bytes->at += n;
    return bits << (8 * low);
}

/* @n numbers take a bit each at least. */
static guint64 *
room_for(HvGet *get, GArray *room, guint64 n)
{
    if (get->bytes.is_bad || n / 8 > (guint64)(get->bytes.end - get->bytes.at)) {
        get->bytes.is_bad = TRUE;
        n = 0;
    }
    g_array_set_size(room, (guint)n + 1);
    return &g_array_index(room, guint64, 0);
}

static void
get_told(HvGet *get, guint8 flags, guint64 n)
{
    const gboolean are_bits = flags >> HV_COLUMN_HOW == HV_FORETELL_BITS;
    const guint64 divisor = flags & HV_COLUMN_DIVISOR ? hv_varint_get(&get->bytes) : 1;
    guint64 *numbers = room_for(get, get->numbers, n);

    if (get->bytes.is_bad)
        return;
    if (!are_bits)
        hv_numbers_get(&get->bytes, numbers, (guint)n);
    for (guint64 i = 0; i < n && !get->bytes.is_bad; i++)
        numbers[i] =
            are_bits ? get_bits(&get->bytes) : (guint64)hv_unzigzag(numbers[i]) * divisor;
}

/* What differs from the foretold: a number for each of @n rows that have a value. */
static void
get_differences(HvGet *get, guint8 flags, guint n)
{
    guint64 n_told, *gaps, *numbers, place = 0;

    if (flags & HV_COLUMN_ALL) {
        get_told(get, flags, n);
        return;
    }
    n_told = flags & HV_COLUMN_SOME ? hv_varint_get(&get->bytes) : 0;
    if (n_told > n)
        get->bytes.is_bad = TRUE;
    gaps = room_for(get, get->gaps, n_told);
    if (!get->bytes.is_bad)
        hv_numbers_get(&get->bytes, gaps, (guint)n_told);
    get_told(get, flags, n_told);
    if (get->bytes.is_bad)
        return;
    g_array_set_size(get->numbers, n + 1);
    numbers = &g_array_index(get->numbers, guint64, 0);
    for (guint64 i = 0; i < n_told; i++) { /* their places */
        if (gaps[i] >= n - place) {
            get->bytes.is_bad = TRUE;
            return;
        }
        place += gaps[i] + 1;
        gaps[i] = place - 1;
    }
    place = n;
    for (guint64 i = n_told; i-- > 0;) { /* from behind: nothing is overwritten */
        const guint64 number = numbers[i];

        while (place > gaps[i] + 1)
            numbers[--place] = 0;
        numbers[--place] = number;
    }
    while (place > 0)
        numbers[--place] = 0;
}

static guint
count_values(const guint8 *marks, guint n_rows)
{
    guint n = 0;

    for (guint row = 0; row < n_rows; row++)
        n += hv_stored_has_value(marks[row]) ? 1 : 0;
    return n;
}

static HvColumnView
view_of(const HvTable *table, guint column)
{
    return table ? hv_table_view(table, column) : (HvColumnView){ 0 };
}

static void
set_numbers(const HvGet *get, HvSink *sink, const HvFormer *former, guint column,
            HvForetell how)
{
    const HvColumnView before = view_of(former->before, column);
    const HvColumnView earlier = view_of(former->earlier, column);
    const guint64 *number = &g_array_index(get->numbers, guint64, 0);
    const guint8 *marks;
    HvCell *cells = hv_sink_numbers(sink, column, &marks);
    guint64 above = 0;

    for (guint row = 0; row < hv_sink_n_rows(sink); row++) {
        guint64 told, foretold;

        if (!hv_stored_has_value(marks[row]))
            continue;
        foretold = hv_foretell(how, &before, former->before_rows[row], &earlier,
                               former->earlier_rows[row]);
        told = *number++;
        if (how == HV_FORETELL_ROWS)
            above = told += above;
        if (how == HV_FORETELL_BITS)
            cells[row].u64 = foretold ^ told;
        else if (how == HV_FORETELL_NANOS)
            cells[row].u64 = hv_nanos_bits(foretold + told);
        else
            cells[row].u64 = foretold + told;
    }
}

static gboolean
is_how(guint how, HvKind kind)
{
    const gboolean is_double = kind == HV_KIND_F64 || kind == HV_KIND_RATE;

    return how < HV_N_FORETELLS &&
           is_double == (how == HV_FORETELL_NANOS || how == HV_FORETELL_BITS);
}

static gboolean
are_finite(HvSink *sink, guint column)
{
    const guint8 *marks;
    const HvCell *cells = hv_sink_numbers(sink, column, &marks);

    for (guint row = 0; row < hv_sink_n_rows(sink); row++)
        if (hv_stored_has_value(marks[row]) && !isfinite(cells[row].f64))
            return FALSE;
    return TRUE;
}

static void
get_numbers(HvGet *get, HvSink *sink, const HvFormer *former, guint column, HvKind kind,
            guint8 flags)
{
    const HvForetell how = (HvForetell)(flags >> HV_COLUMN_HOW);
    const guint8 *marks;

    hv_sink_numbers(sink, column, &marks);
    if (!is_how(how, kind)) {
        get->bytes.is_bad = TRUE;
        return;
    }
    if (how == HV_FORETELL_SAME &&
        !(flags & (HV_COLUMN_ALL | HV_COLUMN_SOME | HV_COLUMN_MARKS)))
        return; /* kept as they were */
    get_differences(get, flags, count_values(marks, hv_sink_n_rows(sink)));
    if (get->bytes.is_bad)
        return;
    set_numbers(get, sink, former, column, how);
    if ((kind == HV_KIND_F64 || kind == HV_KIND_RATE) && !are_finite(sink, column))
        get->bytes.is_bad = TRUE;
}

void
hv_column_get(HvGet *get, HvSink *sink, const HvFormer *former, guint column, HvKind kind)
{
    guint8 flags;

    if (get->bytes.is_bad || get->bytes.at == get->bytes.end) {
        get->bytes.is_bad = TRUE;
        return;
    }
    flags = *get->bytes.at++;
    if (former->before)
        hv_sink_keep_column(sink, column, former->before_rows);
    if (flags & HV_COLUMN_MARKS)
        get_marks(get, sink, column, kind);
    if (get->bytes.is_bad)
        return;
    if (!hv_kind_is_text(kind))
        get_numbers(get, sink, former, column, kind, flags);
    else if (flags & HV_COLUMN_SOME)
        get_texts(get, sink, column);
}
