/* What hvtune takes from a domain's XML, or from libvirt's own status file around it. Hostile
 * input is expected. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/guest-xml.h"

#include "host/parse.h"
#include "model/error.h"
#include <string.h>

#define MAX_DEPTH 64
#define MAX_VCPUS 4096
#define MAX_DEVICES 1024
/* A text that hvtune keeps; longer ones are cut off by nobody but hostile files. */
#define MAX_TEXT_BYTES 4096
#define DOMAIN_OVER G_MAXUINT

typedef struct {
    HvGuestXml *xml;
    guint depth;
    guint domain_depth; /* of <domain> itself; 0: not seen yet */
    GString *path;      /* element names below <domain>, without prefixes: "cputune/vcpupin" */
    GArray *path_lengths;
    GString *text;      /* of the element being read */
    guint64 unit_bytes; /* of <memory unit=> */
    char *interface_type, *hostdev_type;
    char *all_cpus;           /* <vcpu cpuset=> */
    GPtrArray *pins;          /* by vCPU index, NULL where none */
    GPtrArray *iothread_pins; /* by iothread number, likewise */
    GPtrArray *cells;         /* vCPUs by number of the cell, likewise */
    GPtrArray *passthrough, *tap_names;
    GArray *vcpus;
    char *project, *flavor, *nova_name;
    gboolean nova, kubevirt;
} Reader;

static const char *
local_name(const char *name)
{
    const char *colon = strrchr(name, ':');

    return colon ? colon + 1 : name;
}

static const char *
attribute(const char **names, const char **values, const char *wanted)
{
    for (guint i = 0; names[i]; i++)
        if (g_str_equal(names[i], wanted))
            return values[i];
    return NULL;
}

static gboolean
number(const char *text, guint64 max, guint64 *value)
{
    return text && hv_parse_u64(text, max, value, NULL);
}

static void
keep(char **place, const char *text)
{
    g_free(*place);
    *place = g_strndup(text ? text : "", MAX_TEXT_BYTES);
}

static void
refuse(GError **error, const char *what)
{
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, "XML of a domain: %s", what);
}

static void
start_domstatus(Reader *reader, const char **names, const char **values)
{
    guint64 pid;

    reader->xml->is_status = TRUE;
    if (number(attribute(names, values, "pid"), G_MAXINT, &pid))
        reader->xml->pid = (int)pid;
    reader->xml->reason =
        hv_guest_state_from_words(attribute(names, values, "state"),
                                  attribute(names, values, "reason"), &reader->xml->state);
}

/* <vcpus><vcpu id='0' pid='4711'/></vcpus> of a status file. */
static gboolean
start_status_vcpu(Reader *reader, const char **names, const char **values, GError **error)
{
    guint64 index, tid;

    if (!number(attribute(names, values, "id"), MAX_VCPUS - 1, &index) ||
        !number(attribute(names, values, "pid"), G_MAXINT, &tid))
        return TRUE;
    if (reader->vcpus->len >= MAX_VCPUS) {
        refuse(error, "more vCPU threads than any VM has");
        return FALSE;
    }
    g_array_append_val(reader->vcpus, ((HvGuestXmlVcpu){ (guint)index, (int)tid }));
    return TRUE;
}

static gboolean
set_pin(GPtrArray *pins, guint64 index, const char *cpus)
{
    if (pins->len <= index)
        g_ptr_array_set_size(pins, (int)index + 1);
    g_free(pins->pdata[index]);
    pins->pdata[index] = g_strndup(cpus, MAX_TEXT_BYTES);
    return TRUE;
}

static gboolean
start_vcpupin(Reader *reader, const char **names, const char **values, GError **error)
{
    const char *cpus = attribute(names, values, "cpuset");
    guint64 index;

    if (cpus && number(attribute(names, values, "vcpu"), MAX_VCPUS - 1, &index))
        return set_pin(reader->pins, index, cpus);
    refuse(error, "vcpupin without a vCPU and its cpus");
    return FALSE;
}

static gboolean
start_iothreadpin(Reader *reader, const char **names, const char **values,
                  GError **error G_GNUC_UNUSED)
{
    const char *cpus = attribute(names, values, "cpuset");
    guint64 index; /* beyond our bound it has no known pin */

    return !cpus || !number(attribute(names, values, "iothread"), MAX_VCPUS - 1, &index) ||
           set_pin(reader->iothread_pins, index, cpus);
}

/* A cell without cpus has memory alone. */
static gboolean
start_cell(Reader *reader, const char **names, const char **values,
           GError **error G_GNUC_UNUSED)
{
    const char *cpus = attribute(names, values, "cpus");
    guint64 index;

    return !number(attribute(names, values, "id"), MAX_VCPUS - 1, &index) ||
           set_pin(reader->cells, index, cpus ? cpus : "");
}

static gboolean
start_vcpu(Reader *reader, const char **names, const char **values,
           GError **error G_GNUC_UNUSED)
{
    const char *current = attribute(names, values, "current");
    guint64 count;

    if (attribute(names, values, "cpuset"))
        keep(&reader->all_cpus, attribute(names, values, "cpuset"));
    if (number(current, MAX_VCPUS, &count))
        reader->xml->n_vcpus = (guint)count;
    return TRUE;
}

static gboolean
start_memory(Reader *reader, const char **names, const char **values,
             GError **error G_GNUC_UNUSED)
{
    reader->unit_bytes = hv_guest_unit_bytes(attribute(names, values, "unit"));
    return TRUE;
}

static gboolean
start_emulatorpin(Reader *reader, const char **names, const char **values,
                  GError **error G_GNUC_UNUSED)
{
    const char *cpus = attribute(names, values, "cpuset");

    if (cpus)
        keep(&reader->xml->emulator_pin, cpus);
    return TRUE;
}

static gboolean
start_numatune(Reader *reader, const char **names, const char **values,
               GError **error G_GNUC_UNUSED)
{
    keep(&reader->xml->memory_nodes, attribute(names, values, "nodeset"));
    return TRUE;
}

static gboolean
start_security(Reader *reader, const char **names, const char **values,
               GError **error G_GNUC_UNUSED)
{
    keep(&reader->xml->launch_security, attribute(names, values, "type"));
    return TRUE;
}

static gboolean
start_interface(Reader *reader, const char **names, const char **values,
                GError **error G_GNUC_UNUSED)
{
    keep(&reader->interface_type, attribute(names, values, "type"));
    return TRUE;
}

static gboolean
start_hostdev(Reader *reader, const char **names, const char **values,
              GError **error G_GNUC_UNUSED)
{
    keep(&reader->hostdev_type, attribute(names, values, "type"));
    return TRUE;
}

static gboolean
add_device(GPtrArray *devices, char *take_name, GError **error)
{
    if (devices->len < MAX_DEVICES) {
        g_ptr_array_add(devices, take_name);
        return TRUE;
    }
    g_free(take_name);
    refuse(error, "more devices than any VM has");
    return FALSE;
}

static gboolean
start_tap(Reader *reader, const char **names, const char **values, GError **error)
{
    const char *name = attribute(names, values, "dev");

    if (!name || !*name)
        return TRUE;
    return add_device(reader->tap_names, g_strndup(name, MAX_TEXT_BYTES), error);
}

/* domain='0x0000' bus='0x0b' slot='0x00' function='0x1' becomes "0000:0b:00.1". */
static gboolean
add_pci(Reader *reader, const char **names, const char **values, GError **error)
{
    static const char *const parts[] = { "domain", "bus", "slot", "function" };
    static const guint64 limits[] = { G_MAXUINT32, 255, 31, 7 };
    guint64 found[G_N_ELEMENTS(parts)] = { 0 };

    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        const char *text = attribute(names, values, parts[i]);

        if (!text && i == 0)
            continue; /* domain 0 may be left out */
        if (!text || !hv_parse_hex(text, limits[i], &found[i], NULL)) {
            refuse(error, "hostdev with a bad PCI address");
            return FALSE;
        }
    }
    return add_device(reader->passthrough,
                      g_strdup_printf("%04x:%02x:%02x.%u", (guint)found[0], (guint)found[1],
                                      (guint)found[2], (guint)found[3]),
                      error);
}

static gboolean
start_hostdev_address(Reader *reader, const char **names, const char **values, GError **error)
{
    return g_strcmp0(reader->hostdev_type, "pci") != 0 || add_pci(reader, names, values, error);
}

static gboolean
start_interface_address(Reader *reader, const char **names, const char **values, GError **error)
{
    return g_strcmp0(reader->interface_type, "hostdev") != 0 ||
           add_pci(reader, names, values, error);
}

static gboolean
start_flavor(Reader *reader, const char **names, const char **values,
             GError **error G_GNUC_UNUSED)
{
    const char *name = attribute(names, values, "name");

    if (name)
        keep(&reader->flavor, name);
    return TRUE;
}

static gboolean
start_instance(Reader *reader, const char **names, const char **values,
               GError **error G_GNUC_UNUSED)
{
    for (guint i = 0; names[i]; i++)
        if (g_str_has_prefix(names[i], "xmlns") && strstr(values[i], "openstack.org"))
            reader->nova = TRUE;
    return TRUE;
}

static gboolean
start_kubevirt(Reader *reader, const char **names G_GNUC_UNUSED,
               const char **values G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
    reader->kubevirt = TRUE;
    return TRUE;
}

/* What an element's text is, once it ends. */
static void
end_name(Reader *reader)
{
    keep(&reader->xml->name, reader->text->str);
}

static void
end_uuid(Reader *reader)
{
    g_autofree char *lower = g_ascii_strdown(reader->text->str, -1);

    keep(&reader->xml->uuid, lower);
}

static void
end_memory(Reader *reader)
{
    guint64 units;

    if (number(reader->text->str, G_MAXUINT64 / reader->unit_bytes, &units))
        reader->xml->memory_bytes = units * reader->unit_bytes;
}

static void
end_vcpu(Reader *reader)
{
    guint64 count;

    if (!reader->xml->n_vcpus && number(reader->text->str, MAX_VCPUS, &count))
        reader->xml->n_vcpus = (guint)count;
}

static void
end_project(Reader *reader)
{
    keep(&reader->project, reader->text->str);
}

static void
end_nova_name(Reader *reader)
{
    keep(&reader->nova_name, reader->text->str);
}

static const struct {
    const char *path; /* below <domain>, without namespace prefixes */
    gboolean (*start)(Reader *reader, const char **names, const char **values, GError **error);
    void (*end)(Reader *reader);
} elements[] = {
    { "name", NULL, end_name },
    { "uuid", NULL, end_uuid },
    { "memory", start_memory, end_memory },
    { "vcpu", start_vcpu, end_vcpu },
    { "cputune/vcpupin", start_vcpupin, NULL },
    { "cputune/emulatorpin", start_emulatorpin, NULL },
    { "numatune/memory", start_numatune, NULL },
    { "cputune/iothreadpin", start_iothreadpin, NULL },
    { "cpu/numa/cell", start_cell, NULL },
    { "launchSecurity", start_security, NULL },
    { "devices/interface", start_interface, NULL },
    { "devices/interface/target", start_tap, NULL },
    { "devices/interface/source/address", start_interface_address, NULL },
    { "devices/hostdev", start_hostdev, NULL },
    { "devices/hostdev/source/address", start_hostdev_address, NULL },
    { "metadata/instance", start_instance, NULL },
    { "metadata/instance/name", NULL, end_nova_name },
    { "metadata/instance/flavor", start_flavor, NULL },
    { "metadata/instance/owner/project", NULL, end_project },
    { "metadata/kubevirt", start_kubevirt, NULL },
};

static gboolean
start_below_domain(Reader *reader, const char *name, const char **names, const char **values,
                   GError **error)
{
    g_array_append_val(reader->path_lengths, reader->path->len);
    if (reader->path->len)
        g_string_append_c(reader->path, '/');
    g_string_append(reader->path, local_name(name));
    g_string_truncate(reader->text, 0);
    reader->xml->apic |= hv_guest_apic_facts(reader->path->str, names, values);
    for (guint i = 0; i < G_N_ELEMENTS(elements); i++)
        if (elements[i].start && g_str_equal(elements[i].path, reader->path->str))
            return elements[i].start(reader, names, values, error);
    return TRUE;
}

static void
start_element(GMarkupParseContext *context G_GNUC_UNUSED, const char *name, const char **names,
              const char **values, gpointer data, GError **error)
{
    Reader *reader = data;

    reader->depth++;
    if (reader->depth > MAX_DEPTH)
        refuse(error, "nested too deep");
    else if (reader->domain_depth == DOMAIN_OVER)
        return;
    else if (reader->domain_depth)
        (void)start_below_domain(reader, name, names, values, error);
    else if (reader->depth <= 2 && g_str_equal(name, "domain")) {
        reader->domain_depth = reader->depth;
        reader->xml->apic = HV_APIC_KNOWN;
        reader->xml->tcg = g_strcmp0(attribute(names, values, "type"), "qemu") == 0;
    } else if (reader->depth == 1 && g_str_equal(name, "domstatus"))
        start_domstatus(reader, names, values);
    else if (reader->depth == 1)
        refuse(error, "the outermost element is neither domain nor domstatus");
    else if (reader->depth == 3 && g_str_equal(name, "vcpu"))
        (void)start_status_vcpu(reader, names, values, error);
}

static void
end_element(GMarkupParseContext *context G_GNUC_UNUSED, const char *name G_GNUC_UNUSED,
            gpointer data, GError **error G_GNUC_UNUSED)
{
    Reader *reader = data;

    if (reader->domain_depth && reader->depth > reader->domain_depth) {
        for (guint i = 0; i < G_N_ELEMENTS(elements); i++)
            if (elements[i].end && g_str_equal(elements[i].path, reader->path->str)) {
                elements[i].end(reader);
                break;
            }
        g_string_truncate(reader->path, g_array_index(reader->path_lengths, gsize,
                                                      reader->path_lengths->len - 1));
        g_array_set_size(reader->path_lengths, reader->path_lengths->len - 1);
        g_string_truncate(reader->text, 0);
    } else if (reader->depth == reader->domain_depth)
        reader->domain_depth = DOMAIN_OVER; /* a second one is not read */
    reader->depth--;
}

static void
read_text(GMarkupParseContext *context G_GNUC_UNUSED, const char *text, gsize length,
          gpointer data, GError **error G_GNUC_UNUSED)
{
    Reader *reader = data;

    if (reader->text->len + length <= MAX_TEXT_BYTES)
        g_string_append_len(reader->text, text, (gssize)length);
}

static char **
take_strings(GPtrArray *array)
{
    char **strings = g_new0(char *, array->len + 1);

    for (guint i = 0; i < array->len; i++)
        strings[i] = g_steal_pointer(&array->pdata[i]);
    return strings;
}

/* A pin for each of @n or more, @rest where it has none of its own; NULL: nobody has one. */
static char **
take_pins(GPtrArray *pins, guint n, const char *rest)
{
    if (!pins->len && !rest)
        return NULL;
    g_ptr_array_set_size(pins, (int)MAX(pins->len, n));
    for (guint i = 0; i < pins->len; i++)
        if (!pins->pdata[i])
            pins->pdata[i] = g_strdup(rest ? rest : "");
    return take_strings(pins);
}

/* KubeVirt names its domains NAMESPACE_NAME. */
static char *
owner_text(const Reader *reader)
{
    const char *name = reader->xml->name ? reader->xml->name : "";
    const char *split = strchr(name, '_');

    if (reader->nova)
        return g_strdup_printf("nova: %s%s%s",
                               reader->flavor      ? reader->flavor
                               : reader->nova_name ? reader->nova_name
                                                   : "instance",
                               reader->project ? ", project " : "",
                               reader->project ? reader->project : "");
    if (reader->kubevirt && split)
        return g_strdup_printf("kubevirt %.*s/%s", (int)(split - name), name, split + 1);
    return g_strdup(reader->kubevirt ? "kubevirt" : "");
}

static void
finish(Reader *reader)
{
    HvGuestXml *xml = reader->xml;

    xml->vcpu_pins = take_pins(reader->pins, xml->n_vcpus, reader->all_cpus);
    xml->iothread_pins = take_pins(reader->iothread_pins, 0, NULL);
    xml->cell_cpus = take_pins(reader->cells, 0, NULL);
    xml->passthrough = take_strings(reader->passthrough);
    xml->tap_names = take_strings(reader->tap_names);
    xml->owner = owner_text(reader);
    xml->n_vcpu_threads = reader->vcpus->len;
    xml->vcpus = (HvGuestXmlVcpu *)(gpointer)g_array_steal(reader->vcpus, NULL);
    if (!xml->name)
        xml->name = g_strdup("");
    if (!xml->uuid)
        xml->uuid = g_strdup("");
    if (!xml->launch_security)
        xml->launch_security = g_strdup("");
}

static void
reader_clear(Reader *reader)
{
    hv_guest_xml_unref(reader->xml);
    g_string_free(reader->path, TRUE);
    g_array_free(reader->path_lengths, TRUE);
    g_string_free(reader->text, TRUE);
    g_free(reader->interface_type);
    g_free(reader->hostdev_type);
    g_free(reader->all_cpus);
    g_ptr_array_unref(reader->pins);
    g_ptr_array_unref(reader->iothread_pins);
    g_ptr_array_unref(reader->cells);
    g_ptr_array_unref(reader->passthrough);
    g_ptr_array_unref(reader->tap_names);
    g_array_free(reader->vcpus, TRUE);
    g_free(reader->project);
    g_free(reader->flavor);
    g_free(reader->nova_name);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reader, reader_clear)

static void
reader_init(Reader *reader)
{
    reader->xml = g_new0(HvGuestXml, 1);
    g_atomic_ref_count_init(&reader->xml->refs);
    reader->xml->state = HV_GUEST_UNKNOWN;
    reader->xml->reason = "";
    reader->path = g_string_new(NULL);
    reader->path_lengths = g_array_new(FALSE, FALSE, sizeof(gsize));
    reader->text = g_string_new(NULL);
    reader->unit_bytes = 1024;
    reader->pins = g_ptr_array_new_with_free_func(g_free);
    reader->iothread_pins = g_ptr_array_new_with_free_func(g_free);
    reader->cells = g_ptr_array_new_with_free_func(g_free);
    reader->passthrough = g_ptr_array_new_with_free_func(g_free);
    reader->tap_names = g_ptr_array_new_with_free_func(g_free);
    reader->vcpus = g_array_new(FALSE, FALSE, sizeof(HvGuestXmlVcpu));
}

HvGuestXml *
hv_guest_xml_parse(const char *text, GError **error)
{
    static const GMarkupParser parser = { .start_element = start_element,
                                          .end_element = end_element,
                                          .text = read_text };
    g_auto(Reader) reader = { 0 };
    g_autoptr(GMarkupParseContext) context = NULL;
    g_autoptr(GError) local = NULL;

    reader_init(&reader);
    context = g_markup_parse_context_new(&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, &reader, NULL);
    if (!g_markup_parse_context_parse(context, text, -1, &local) ||
        !g_markup_parse_context_end_parse(context, &local))
        if (local->domain == HV_ERROR)
            g_propagate_error(error, g_steal_pointer(&local));
        else
            refuse(error, local->message);
    else if (!reader.domain_depth)
        refuse(error, "there is no domain in it");
    else {
        finish(&reader);
        return g_steal_pointer(&reader.xml);
    }
    return NULL;
}

HvGuestXml *
hv_guest_xml_ref(HvGuestXml *xml)
{
    g_atomic_ref_count_inc(&xml->refs);
    return xml;
}

void
hv_guest_xml_unref(HvGuestXml *xml)
{
    if (!xml || !g_atomic_ref_count_dec(&xml->refs))
        return;
    g_free(xml->name);
    g_free(xml->uuid);
    g_strfreev(xml->vcpu_pins);
    g_strfreev(xml->iothread_pins);
    g_strfreev(xml->cell_cpus);
    g_free(xml->emulator_pin);
    g_free(xml->memory_nodes);
    g_strfreev(xml->passthrough);
    g_strfreev(xml->tap_names);
    g_free(xml->owner);
    g_free(xml->launch_security);
    g_free(xml->vcpus);
    g_free(xml);
}
