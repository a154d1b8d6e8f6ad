/* Fuzzes the readers of the kernel's text: numbers, words, lines, fields. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/parse.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_line(char *line)
{
    guint64 value;
    gint64 number;

    (void)hv_parse_u64(line, G_MAXUINT32, &value, NULL);
    (void)hv_parse_int(line, -20, 19, &number, NULL);
    (void)hv_parse_hex(line, G_MAXUINT64, &value, NULL);
    (void)hv_field_u64(line, "total", G_MAXUINT64 / 1000, &value, NULL);
    for (char *word; (word = hv_next_word(&line));) {
        g_assert(*hv_skip_blanks(word) == *word);
        while (*word && hv_scan_u64(&word, &value))
            word += *word != '\0';
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(GError) error = NULL;
    char *rest = text;
    guint64 value;

    (void)hv_colon_u64(text, "MemTotal", &value, NULL);
    if (!hv_key_u64(text, "usage_usec", &value, &error))
        g_assert(error && error->message);
    for (char *line; (line = hv_next_line(&rest));)
        read_line(line);
    (void)hv_chomp(text);
    return 0;
}
