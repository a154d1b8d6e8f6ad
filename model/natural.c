/* The order in which people count: web-2 before web-10. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/natural.h"

#include <string.h>

#define DIGITS "0123456789"

/* Compares the numbers that both begin with, and steps over them. */
static int
compare_numbers(const char **a, const char **b)
{
    const char *first = *a + strspn(*a, "0"), *second = *b + strspn(*b, "0");
    const gsize n_first = strspn(first, DIGITS), n_second = strspn(second, DIGITS);

    *a = first + n_first;
    *b = second + n_second;
    if (n_first != n_second)
        return n_first < n_second ? -1 : 1;
    return strncmp(first, second, n_first);
}

int
hv_natural_compare(const char *a, const char *b)
{
    const char *x = a, *y = b;

    while (*x && *y) {
        if (g_ascii_isdigit(*x) && g_ascii_isdigit(*y)) {
            const int order = compare_numbers(&x, &y);

            if (order)
                return order;
        } else if (*x != *y) {
            return (guchar)*x < (guchar)*y ? -1 : 1;
        } else {
            x++;
            y++;
        }
    }
    if (!*x && !*y) /* they differ in leading zeros at most */
        return strcmp(a, b);
    return *x ? 1 : -1;
}
