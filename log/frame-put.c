/* A column of a frame, written: marks that changed, then numbers or texts that were not
 * foretold. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/frame-put.h"

#include "log/frame-numbers.h"

#define MOST_TRIED 32 /* rows that say how a counter is foretold best */
#define FEW 8         /* below this part of them unforetold numbers are told one by one */

/* A column and what was before it. */
typedef struct {
    const HvFormer *former;
    HvColumnView now, before, earlier;
    guint n_rows;
} Column;

static void
put_string(GByteArray *out, const char *text)
{
    g_byte_array_append(out, (const guint8 *)text, (guint)strlen(text) + 1);
}

static gboolean
is_same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* ---- marks ---- */

static const char *
reason_of(const HvColumnView *view, guint row)
{
    return view->marks[row] & HV_MARK_SET ? view->cells[row].text : NULL;
}

static gboolean
mark_differs(const Column *column, guint row)
{
    const guint32 then = column->former->before_rows[row];
    const guint8 mark = column->now.marks[row];

    if (then == HV_NO_ROW)
        return mark != 0;
    return mark != column->before.marks[then] ||
           ((mark & HV_MARK_SET) &&
            !is_same_text(column->now.cells[row].text, column->before.cells[then].text));
}

/* Rows from @row on that got the same mark and reason, other than before. */
static guint
run_length(const Column *column, guint row)
{
    const guint8 mark = column->now.marks[row];
    const char *reason = reason_of(&column->now, row);
    guint end = row;

    while (end < column->n_rows && column->now.marks[end] == mark &&
           is_same_text(reason_of(&column->now, end), reason) && mark_differs(column, end))
        end++;
    return end - row;
}

static gboolean
has_same_marks(const Column *column)
{
    return column->former->has_same_rows &&
           (column->n_rows == 0 ||
            memcmp(column->now.marks, column->before.marks, column->n_rows) == 0);
}

/* So that no reason can differ. */
static gboolean
has_no_reasons(const Column *column)
{
    guint8 all = 0;

    for (guint row = 0; row < column->n_rows; row++)
        all |= column->now.marks[row];
    return !(all & HV_MARK_SET);
}

/* Each run: rows to pass over, rows in it, the stored mark, and whether a reason follows. A run
 * of no rows ends them. */
static gboolean
put_marks(const Column *column, GByteArray *out)
{
    guint last = 0;

    if (has_same_marks(column) && has_no_reasons(column))
        return FALSE;
    for (guint row = 0; row < column->n_rows; row++) {
        const guint length = run_length(column, row);
        const char *reason = reason_of(&column->now, row);

        if (length == 0)
            continue;
        hv_varint_put(out, row - last);
        hv_varint_put(out, length);
        hv_varint_put(out, (guint64)column->now.marks[row] << 1 | (reason != NULL));
        if (reason)
            put_string(out, reason);
        last = row + length;
        row = last - 1;
    }
    if (last > 0) {
        hv_varint_put(out, 0);
        hv_varint_put(out, 0);
    }
    return last > 0;
}

/* ---- texts ---- */

/* Of the rows whose text is another: rows to pass over and 1, the text; then 0. */
static gboolean
put_texts(const Column *column, GByteArray *out)
{
    guint next = 0;

    for (guint row = 0; row < column->n_rows; row++) {
        const guint32 then = column->former->before_rows[row];

        if (!hv_stored_has_value(column->now.marks[row]) ||
            (then != HV_NO_ROW && hv_stored_has_value(column->before.marks[then]) &&
             is_same_text(column->now.cells[row].text, column->before.cells[then].text)))
            continue;
        hv_varint_put(out, row - next + 1);
        put_string(out, column->now.cells[row].text);
        next = row + 1;
    }
    if (next > 0)
        hv_varint_put(out, 0);
    return next > 0;
}

/* ---- numbers ---- */

static inline guint64
difference(const Column *column, HvForetell how, guint row)
{
    const guint64 foretold = hv_foretell(how, &column->before, column->former->before_rows[row],
                                         &column->earlier, column->former->earlier_rows[row]);
    guint64 number = column->now.cells[row].u64;

    if (how == HV_FORETELL_BITS)
        return number ^ foretold;
    if (how == HV_FORETELL_NANOS)
        hv_nanos_of(number, &number);
    return number - foretold;
}

static guint
bits_of(guint64 difference)
{
    const guint64 number = hv_zigzag((gint64)difference);

    return number ? 64 - (guint)__builtin_clzll(number) : 0;
}

/* A counter that grows evenly, or one that goes by fits and starts. */
static HvForetell
try_growth(const Column *column)
{
    const guint step = MAX(column->n_rows / MOST_TRIED, 1u);
    guint same = 0, growth = 0;

    for (guint row = 0; row < column->n_rows; row += step) {
        if (!hv_stored_has_value(column->now.marks[row]))
            continue;
        same += bits_of(difference(column, HV_FORETELL_SAME, row));
        growth += bits_of(difference(column, HV_FORETELL_GROWTH, row));
    }
    return growth < same ? HV_FORETELL_GROWTH : HV_FORETELL_SAME;
}

static HvForetell
try_nanos(const Column *column)
{
    for (guint row = 0; row < column->n_rows; row++) {
        guint64 nanos;

        if (hv_stored_has_value(column->now.marks[row]) &&
            !hv_nanos_of(column->now.cells[row].u64, &nanos))
            return HV_FORETELL_BITS;
    }
    return HV_FORETELL_NANOS;
}

static HvForetell
choose(const Column *column, HvKind kind, gboolean is_instant)
{
    if (kind == HV_KIND_COUNTER)
        return try_growth(column);
    if (kind == HV_KIND_F64 || kind == HV_KIND_RATE)
        return try_nanos(column);
    return is_instant ? HV_FORETELL_ROWS : HV_FORETELL_SAME;
}

/* Returns: how many of them are not 0. @how: a constant where this is called. */
static inline __attribute__((always_inline)) guint
collect_as(HvPutRoom *room, const Column *column, HvForetell how)
{
    guint64 *numbers, above = 0;
    guint n = 0, n_other = 0;

    g_array_set_size(room->numbers, column->n_rows);
    numbers = &g_array_index(room->numbers, guint64, 0);
    for (guint row = 0; row < column->n_rows; row++) {
        guint64 number;

        if (!hv_stored_has_value(column->now.marks[row]))
            continue;
        number = difference(column, how, row);
        if (how == HV_FORETELL_ROWS) {
            const guint64 own = number;

            number = own - above;
            above = own;
        }
        n_other += number != 0;
        numbers[n++] = number;
    }
    g_array_set_size(room->numbers, n);
    return n_other;
}

static guint
collect(HvPutRoom *room, const Column *column, HvForetell how)
{
    switch (how) {
    case HV_FORETELL_SAME:
        return collect_as(room, column, HV_FORETELL_SAME);
    case HV_FORETELL_GROWTH:
        return collect_as(room, column, HV_FORETELL_GROWTH);
    case HV_FORETELL_ROWS:
        return collect_as(room, column, HV_FORETELL_ROWS);
    case HV_FORETELL_NANOS:
        return collect_as(room, column, HV_FORETELL_NANOS);
    case HV_FORETELL_BITS:
    case HV_N_FORETELLS:
    default:
        return collect_as(room, column, HV_FORETELL_BITS);
    }
}

/* Zero bytes at both ends of the bits are left out: their numbers, then the rest. */
static void
put_bits(GByteArray *out, guint64 bits)
{
    guint low = 0, n = 0;
    guint8 bytes[9];

    while (bits && low < 7 && !(bits & 0xff)) {
        bits >>= 8;
        low++;
    }
    while (bits) {
        bytes[++n] = (guint8)bits;
        bits >>= 8;
    }
    bytes[0] = (guint8)(low << 4 | n);
    g_byte_array_append(out, bytes, n + 1);
}

static guint64
magnitude(guint64 number)
{
    return number > G_MAXINT64 ? -number : number;
}

static guint64
common_divisor(const guint64 *numbers, guint n)
{
    guint64 divisor = 0;

    for (guint i = 0; i < n && divisor != 1; i++) {
        guint64 rest = magnitude(numbers[i]);

        while (rest) {
            const guint64 next = divisor % rest;

            divisor = rest;
            rest = next;
        }
    }
    return divisor <= G_MAXINT64 ? divisor : 1;
}

/* Leaves only those that are not 0, and their places: how many zeros are before each. */
static void
sift(HvPutRoom *room)
{
    guint64 *numbers = &g_array_index(room->numbers, guint64, 0), *gaps;
    guint n = 0, gap = 0;

    g_array_set_size(room->gaps, room->numbers->len);
    gaps = &g_array_index(room->gaps, guint64, 0);
    for (guint i = 0; i < room->numbers->len; i++) {
        if (!numbers[i]) {
            gap++;
            continue;
        }
        gaps[n] = gap;
        numbers[n++] = numbers[i];
        gap = 0;
    }
    g_array_set_size(room->numbers, n);
    g_array_set_size(room->gaps, n);
}

static guint8
put_numbers(HvPutRoom *room, HvForetell how, gboolean is_few, GByteArray *out)
{
    guint64 *numbers, divisor = 1;
    guint n;

    if (is_few) {
        sift(room);
        hv_varint_put(out, room->gaps->len);
        hv_numbers_put(out, &g_array_index(room->gaps, guint64, 0), room->gaps->len);
    }
    numbers = &g_array_index(room->numbers, guint64, 0);
    n = room->numbers->len;
    if (how == HV_FORETELL_BITS) {
        for (guint i = 0; i < n; i++)
            put_bits(out, numbers[i]);
        return 0;
    }
    divisor = common_divisor(numbers, n);
    if (divisor > 1)
        hv_varint_put(out, divisor);
    for (guint i = 0; i < n; i++)
        numbers[i] = hv_zigzag((gint64)numbers[i] / (divisor > 1 ? (gint64)divisor : 1));
    hv_numbers_put(out, numbers, n);
    return divisor > 1 ? HV_COLUMN_DIVISOR : 0;
}

/* ---- a column ---- */

static Column
column_of(const HvTable *table, const HvFormer *former, guint column)
{
    Column view = { .former = former,
                    .now = hv_table_view(table, column),
                    .n_rows = hv_table_n_rows(table) };

    if (former->before)
        view.before = hv_table_view(former->before, column);
    if (former->earlier)
        view.earlier = hv_table_view(former->earlier, column);
    return view;
}

/* To the last bit, and to the address of each text. */
static gboolean
is_untouched(const Column *column)
{
    return column->n_rows > 0 && has_same_marks(column) &&
           memcmp(column->now.cells, column->before.cells,
                  column->n_rows * sizeof *column->now.cells) == 0;
}

/* How a column of @kind is said to be as before. */
static guint8
untouched(HvKind kind)
{
    return kind == HV_KIND_F64 || kind == HV_KIND_RATE ? HV_FORETELL_BITS << HV_COLUMN_HOW
                                                       : HV_FORETELL_SAME << HV_COLUMN_HOW;
}

void
hv_column_put(HvPutRoom *room, const HvTable *table, const HvFormer *former, guint column,
              gboolean is_instant, GByteArray *out)
{
    const HvKind kind = hv_table_schema(table)->columns[column].kind;
    const Column view = column_of(table, former, column);
    const guint head = out->len;
    guint8 flags = 0;
    HvForetell how;
    guint n_other;

    if (is_untouched(&view)) {
        flags = untouched(kind);
        g_byte_array_append(out, &flags, 1);
        return;
    }
    g_byte_array_append(out, &flags, 1);
    if (put_marks(&view, out))
        flags |= HV_COLUMN_MARKS;
    if (hv_kind_is_text(kind)) {
        out->data[head] = flags | (put_texts(&view, out) ? HV_COLUMN_SOME : 0);
        return;
    }
    how = choose(&view, kind, is_instant);
    n_other = collect(room, &view, how);
    if (n_other > 0) {
        const gboolean is_few = n_other < room->numbers->len - room->numbers->len / FEW;

        flags |= is_few ? HV_COLUMN_SOME : HV_COLUMN_ALL;
        flags |= put_numbers(room, how, is_few, out);
    }
    out->data[head] = (guint8)(flags | how << HV_COLUMN_HOW);
}
