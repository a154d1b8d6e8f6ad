/* A small tree of XML elements, written as libvirt writes them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/xml.h"

#include <string.h>

#define MAX_DEPTH 64u
#define MAX_BYTES (1u << 20)

typedef struct {
    char *name, *value;
} Attribute;

struct HvSimXml {
    char *name;
    GString *text;
    GArray *attributes; /* of Attribute, in order */
    GPtrArray *children;
};

static void
clear_attribute(gpointer data)
{
    Attribute *attribute = data;

    g_free(attribute->name);
    g_free(attribute->value);
}

static void
free_element(gpointer data)
{
    hv_sim_xml_free(data);
}

HvSimXml *
hv_sim_xml_new(const char *name)
{
    HvSimXml *element = g_new0(HvSimXml, 1);

    element->name = g_strdup(name);
    element->text = g_string_new(NULL);
    element->attributes = g_array_new(FALSE, TRUE, sizeof(Attribute));
    g_array_set_clear_func(element->attributes, clear_attribute);
    element->children = g_ptr_array_new_with_free_func(free_element);
    return element;
}

void
hv_sim_xml_free(HvSimXml *element)
{
    if (!element)
        return;
    g_ptr_array_unref(element->children);
    g_array_unref(element->attributes);
    g_string_free(element->text, TRUE);
    g_free(element->name);
    g_free(element);
}

const char *
hv_sim_xml_name(const HvSimXml *element)
{
    return element->name;
}

const char *
hv_sim_xml_text(const HvSimXml *element)
{
    return element->text->str;
}

/* ---- attributes and children ---- */

static Attribute *
find_attribute(const HvSimXml *element, const char *name)
{
    for (guint i = 0; i < element->attributes->len; i++) {
        Attribute *attribute = &g_array_index(element->attributes, Attribute, i);

        if (strcmp(attribute->name, name) == 0)
            return attribute;
    }
    return NULL;
}

const char *
hv_sim_xml_get(const HvSimXml *element, const char *attribute)
{
    const Attribute *found = find_attribute(element, attribute);

    return found ? found->value : NULL;
}

void
hv_sim_xml_set(HvSimXml *element, const char *attribute, const char *value)
{
    Attribute *found = find_attribute(element, attribute);
    Attribute added;

    if (found) {
        g_free(found->value);
        found->value = g_strdup(value);
        return;
    }
    added = (Attribute){ g_strdup(attribute), g_strdup(value) };
    g_array_append_val(element->attributes, added);
}

void
hv_sim_xml_setf(HvSimXml *element, const char *attribute, const char *format, ...)
{
    g_autofree char *value = NULL;
    va_list values;

    va_start(values, format);
    value = g_strdup_vprintf(format, values);
    va_end(values);
    hv_sim_xml_set(element, attribute, value);
}

HvSimXml *
hv_sim_xml_add(HvSimXml *parent, const char *name)
{
    HvSimXml *child = hv_sim_xml_new(name);

    g_ptr_array_add(parent->children, child);
    return child;
}

HvSimXml *
hv_sim_xml_addf(HvSimXml *parent, const char *name, const char *format, ...)
{
    HvSimXml *child = hv_sim_xml_add(parent, name);
    va_list values;

    va_start(values, format);
    g_string_vprintf(child->text, format, values);
    va_end(values);
    return child;
}

HvSimXml *
hv_sim_xml_child(const HvSimXml *parent, const char *name, const char *attribute,
                 const char *value)
{
    for (guint i = 0; i < parent->children->len; i++) {
        HvSimXml *child = parent->children->pdata[i];

        if (strcmp(child->name, name) == 0 &&
            (!attribute || g_strcmp0(hv_sim_xml_get(child, attribute), value) == 0))
            return child;
    }
    return NULL;
}

void
hv_sim_xml_place(HvSimXml *parent,
                 gboolean (*is_behind)(const HvSimXml *other, const HvSimXml *last))
{
    const guint last = parent->children->len - 1;
    HvSimXml *child = g_ptr_array_steal_index(parent->children, last);
    guint at = 0;

    while (at < last && !is_behind(parent->children->pdata[at], child))
        at++;
    g_ptr_array_insert(parent->children, (gint)at, child);
}

/* ---- reading ---- */

typedef struct {
    HvSimXml *root;
    GPtrArray *open; /* the elements that are not closed yet, borrowed */
} Reader;

static void
start_element(GMarkupParseContext *context G_GNUC_UNUSED, const char *name, const char **names,
              const char **values, gpointer data, GError **error)
{
    Reader *reader = data;
    HvSimXml *element;

    if (reader->open->len >= MAX_DEPTH || (reader->root && reader->open->len == 0)) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, "XML: <%s> is not expected there",
                    name);
        return;
    }
    if (reader->open->len)
        element = hv_sim_xml_add(reader->open->pdata[reader->open->len - 1], name);
    else
        element = reader->root = hv_sim_xml_new(name);
    for (guint i = 0; names[i]; i++)
        hv_sim_xml_set(element, names[i], values[i]);
    g_ptr_array_add(reader->open, element);
}

static void
end_element(GMarkupParseContext *context G_GNUC_UNUSED, const char *name G_GNUC_UNUSED,
            gpointer data, GError **error G_GNUC_UNUSED)
{
    Reader *reader = data;

    g_ptr_array_set_size(reader->open, (gint)reader->open->len - 1);
}

static void
add_text(GMarkupParseContext *context G_GNUC_UNUSED, const char *text, gsize length,
         gpointer data, GError **error G_GNUC_UNUSED)
{
    Reader *reader = data;
    HvSimXml *element;

    if (reader->open->len == 0)
        return;
    element = reader->open->pdata[reader->open->len - 1];
    g_string_append_len(element->text, text, (gssize)length);
}

HvSimXml *
hv_sim_xml_parse(const char *text, GError **error)
{
    static const GMarkupParser parser = { .start_element = start_element,
                                          .end_element = end_element,
                                          .text = add_text };
    g_autoptr(GPtrArray) open = g_ptr_array_new();
    Reader reader = { .open = open };
    g_autoptr(GMarkupParseContext) context =
        g_markup_parse_context_new(&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, &reader, NULL);
    g_autoptr(GError) why = NULL;
    const gsize length = strlen(text);

    if (length <= MAX_BYTES &&
        g_markup_parse_context_parse(context, text, (gssize)length, &why) &&
        g_markup_parse_context_end_parse(context, &why) && reader.root)
        return reader.root;
    hv_sim_xml_free(reader.root);
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, "XML: %s",
                why                  ? why->message
                : length > MAX_BYTES ? "too long"
                                     : "no element");
    return NULL;
}

/* ---- writing ---- */

static void
put_escaped(GString *out, const char *text)
{
    g_autofree char *escaped = g_markup_escape_text(text, -1);

    g_string_append(out, escaped);
}

static gboolean
is_blank(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '\0';
}

static void
put_element(GString *out, const HvSimXml *element, int level)
{
    g_string_append_printf(out, "%*s<%s", level * 2, "", element->name);
    for (guint i = 0; i < element->attributes->len; i++) {
        const Attribute *attribute = &g_array_index(element->attributes, Attribute, i);

        g_string_append_printf(out, " %s='", attribute->name);
        put_escaped(out, attribute->value);
        g_string_append_c(out, '\'');
    }
    if (element->children->len == 0 && is_blank(element->text->str)) {
        g_string_append(out, "/>\n");
        return;
    }
    g_string_append_c(out, '>');
    if (element->children->len == 0) {
        put_escaped(out, element->text->str);
    } else {
        g_string_append_c(out, '\n');
        for (guint i = 0; i < element->children->len; i++)
            put_element(out, element->children->pdata[i], level + 1);
        g_string_append_printf(out, "%*s", level * 2, "");
    }
    g_string_append_printf(out, "</%s>\n", element->name);
}

char *
hv_sim_xml_to_text(const HvSimXml *element)
{
    GString *out = g_string_new(NULL);

    put_element(out, element, 0);
    return g_string_free(out, FALSE);
}
