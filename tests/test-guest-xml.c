/* Domain XML and status files: what is taken from real ones, and that hostile ones do no harm.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/guest-xml.h"

#include "model/error.h"
#include "tests/support.h"

#include <string.h>

static HvGuestXml *
parse_shared(const char *name)
{
    g_autofree char *path = hv_test_shared_path(name);
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    HvGuestXml *xml;

    if (!path) {
        g_test_skip(HV_TEST_NO_SHARED);
        return NULL;
    }
    g_assert_true(g_file_get_contents(path, &text, NULL, &error));
    xml = hv_guest_xml_parse(text, &error);
    g_assert_no_error(error);
    return xml;
}

static HvGuestXml *
parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    HvGuestXml *xml = hv_guest_xml_parse(text, &error);

    g_assert_no_error(error);
    return xml;
}

static void
assert_refused(const char *text, const char *word)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(hv_guest_xml_parse(text, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
    g_assert_nonnull(strstr(error->message, word));
}

static void
test_nova(void)
{
    g_autoptr(HvGuestXml) xml = parse_shared("hosts/domain/nova-pinned-4vcpu.xml");

    if (!xml)
        return;
    g_assert_cmpstr(xml->name, ==, "instance-000008d7");
    g_assert_cmpuint(xml->n_vcpus, ==, 4);
    g_assert_cmpuint(xml->memory_bytes, ==, G_GUINT64_CONSTANT(8290304) * 1024);
    g_assert_cmpstr(xml->vcpu_pins[0], ==, "1");
    g_assert_cmpstr(xml->vcpu_pins[3], ==, "14");
    g_assert_null(xml->vcpu_pins[4]);
    g_assert_cmpstr(xml->emulator_pin, ==, "1-2,13-14");
    g_assert_cmpstr(xml->tap_names[0], ==, "tapf975e53f-e0");
    g_assert_null(xml->tap_names[1]);
    g_assert_null(xml->passthrough[0]);
    g_assert_cmpstr(xml->owner, ==, "nova: VM_AT_01");
    g_assert_false(xml->tcg);
}

static void
test_passthrough(void)
{
    g_autoptr(HvGuestXml) xml = parse_shared("hosts/domain/threadripper-numa-strict.xml");

    if (!xml)
        return;
    g_assert_cmpuint(xml->n_vcpus, ==, 16);
    g_assert_cmpstr(xml->vcpu_pins[1], ==, "16");
    g_assert_cmpstr(xml->emulator_pin, ==, "4-5,20-21");
    g_assert_cmpuint(g_strv_length(xml->passthrough), ==, 5);
    g_assert_cmpstr(xml->passthrough[0], ==, "0000:0b:00.0");
    g_assert_cmpstr(xml->passthrough[4], ==, "0000:0c:00.3");
}

static void
test_emulated(void)
{
    g_autoptr(HvGuestXml) xml = parse_shared("lab/capture/intel-2s/virsh/web/dumpxml");

    if (!xml)
        return;
    g_assert_cmpstr(xml->name, ==, "web");
    g_assert_cmpstr(xml->uuid, ==, "c2948e72-dfb2-4486-8b2e-4fe95dff86d0");
    g_assert_true(xml->tcg);
    g_assert_cmpstr(xml->vcpu_pins[0], ==, "2");
    g_assert_cmpstr(xml->vcpu_pins[1], ==, "3");
}

static const char status_file[] =
    "<!--\nWARNING: THIS IS AN AUTO-GENERATED FILE.\n-->\n"
    "<domstatus state='paused' reason='ioerror' pid='4711'>\n"
    "  <monitor path='/x' type='unix'/>\n"
    "  <vcpus><vcpu id='0' pid='4713'/><vcpu id='1' pid='4714'/></vcpus>\n"
    "  <domain type='kvm' id='1'>\n"
    "    <name>db</name><uuid>C7A5FDBD-EDAF-9455-926A-D65C16DB1809</uuid>\n"
    "    <memory unit='MiB'>512</memory><vcpu placement='static' current='2' "
    "cpuset='0-3'>8</vcpu>\n"
    "    <cputune><vcpupin vcpu='1' cpuset='2'/><iothreadpin iothread='2' "
    "cpuset='4-5'/></cputune>\n"
    "    <launchSecurity type='sev-snp'><policy>0x1</policy></launchSecurity>\n"
    "  </domain>\n"
    "  <after><name>other</name></after>\n"
    "</domstatus>\n";

static void
test_status_file(void)
{
    g_autoptr(HvGuestXml) xml = parse(status_file);

    g_assert_true(xml->is_status);
    g_assert_cmpint(xml->pid, ==, 4711);
    g_assert_cmpint(xml->state, ==, HV_GUEST_PAUSED);
    g_assert_cmpstr(xml->reason, ==, "I/O error");
    g_assert_cmpuint(xml->n_vcpu_threads, ==, 2);
    g_assert_cmpint(xml->vcpus[1].tid, ==, 4714);
    g_assert_cmpstr(xml->name, ==, "db");
    g_assert_cmpstr(xml->uuid, ==, "c7a5fdbd-edaf-9455-926a-d65c16db1809");
    g_assert_cmpuint(xml->memory_bytes, ==, 512 << 20);
    g_assert_cmpuint(xml->n_vcpus, ==, 2);
    g_assert_cmpstr(xml->vcpu_pins[0], ==, "0-3");
    g_assert_cmpstr(xml->vcpu_pins[1], ==, "2");
    g_assert_cmpstr(xml->iothread_pins[1], ==, "");
    g_assert_cmpstr(xml->iothread_pins[2], ==, "4-5");
    g_assert_cmpstr(xml->launch_security, ==, "sev-snp");
}

static void
test_owners(void)
{
    g_autoptr(HvGuestXml) nova =
        parse("<domain type='kvm'><name>i-1</name><metadata>"
              "<x:instance xmlns:x='http://openstack.org/xmlns/libvirt/nova/1.1'><x:flavor "
              "name='m1.large'/>"
              "<x:owner><x:project "
              "uuid='1'>shop</x:project></x:owner></x:instance></metadata></domain>");
    g_autoptr(HvGuestXml) kubevirt =
        parse("<domain type='kvm'><name>prod_db_1</name><metadata><kubevirt "
              "xmlns='http://kubevirt.io'>"
              "<uid>7</uid></kubevirt></metadata></domain>");
    g_autoptr(HvGuestXml) nobody = parse("<domain><name>a</name></domain>");

    g_assert_cmpstr(nova->owner, ==, "nova: m1.large, project shop");
    g_assert_cmpstr(kubevirt->owner, ==, "kubevirt prod/db_1");
    g_assert_cmpstr(nobody->owner, ==, "");
}

static void
test_numbers_out_of_range(void)
{
    g_autoptr(HvGuestXml) xml =
        parse("<domain type='kvm'><name>a</name><memory unit='TiB'>99999999999999</memory>"
              "<vcpu current='99999999'>-4</vcpu><cputune/></domain>");

    g_assert_cmpuint(xml->memory_bytes, ==, 0);
    g_assert_cmpuint(xml->n_vcpus, ==, 0);
    g_assert_null(xml->vcpu_pins);
}

static void
test_cells_have_vcpus(void)
{
    g_autoptr(HvGuestXml) xml =
        parse("<domain type='kvm'><name>a</name><cpu><numa>"
              "<cell id='0' cpus='0-3,8' memory='1' unit='GiB'/><cell id='1' memory='1'/>"
              "</numa></cpu></domain>");
    g_autoptr(HvGuestXml) none = parse("<domain type='kvm'><name>a</name></domain>");

    g_assert_cmpstr(xml->cell_cpus[0], ==, "0-3,8");
    g_assert_cmpstr(xml->cell_cpus[1], ==, "");
    g_assert_null(xml->cell_cpus[2]);
    g_assert_null(none->cell_cpus);
}

static void
test_odd_names_are_kept(void)
{
    g_autoptr(HvGuestXml) xml = parse(
        "<domain type='kvm'><name>$(reboot) &amp; <![CDATA[<b>]]>\xc3\xa9</name></domain>");

    g_assert_cmpstr(xml->name, ==, "$(reboot) & <b>\xc3\xa9");
}

static void
test_second_domain_is_not_read(void)
{
    g_autoptr(HvGuestXml) xml = parse("<domstatus pid='1'><domain><name>a</name></domain>"
                                      "<domain><name>b</name></domain></domstatus>");

    g_assert_cmpstr(xml->name, ==, "a");
}

static void
test_hostile(void)
{
    g_autoptr(GString) deep = g_string_new("<domain>");
    g_autoptr(GString) devices = g_string_new("<domain><devices>");

    for (guint i = 0; i < 100; i++)
        g_string_append(deep, "<a>");
    for (guint i = 0; i < 2000; i++)
        g_string_append(devices, "<interface><target dev='t'/></interface>");
    g_string_append(devices, "</devices></domain>");
    assert_refused(deep->str, "deep");
    assert_refused(devices->str, "devices");
    assert_refused("", "");
    assert_refused("<html></html>", "outermost");
    assert_refused("<domstatus pid='1'></domstatus>", "no domain");
    assert_refused("<domain><name>a</nam></domain>", "");
    assert_refused("<domain><name>\xff\xfe</name></domain>", "");
    assert_refused(
        "<domain><cputune><vcpupin vcpu='4294967296' cpuset='0'/></cputune></domain>",
        "vcpupin");
    assert_refused(
        "<domain><devices><hostdev type='pci'><source><address domain='0' bus='0xfff' slot='0' "
        "function='0'/></source></hostdev></devices></domain>",
        "PCI");
}

static void
test_states(void)
{
    HvGuestState state;

    g_assert_cmpstr(hv_guest_state_from_libvirt(3, 5, &state), ==, "I/O error");
    g_assert_cmpint(state, ==, HV_GUEST_PAUSED);
    g_assert_cmpstr(hv_guest_state_from_libvirt(1, 1, &state), ==, "booted");
    g_assert_cmpint(state, ==, HV_GUEST_RUNNING);
    g_assert_cmpstr(hv_guest_state_from_libvirt(99, -1, &state), ==, "");
    g_assert_cmpint(state, ==, HV_GUEST_UNKNOWN);
    g_assert_cmpstr(hv_guest_state_from_words(NULL, NULL, &state), ==, "");
    g_assert_cmpint(state, ==, HV_GUEST_UNKNOWN);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/guest-xml/nova-pins-taps-and-owner", test_nova);
    g_test_add_func("/guest-xml/passthrough-addresses", test_passthrough);
    g_test_add_func("/guest-xml/type-qemu-is-emulated", test_emulated);
    g_test_add_func("/guest-xml/status-file-gives-pid-state-and-threads", test_status_file);
    g_test_add_func("/guest-xml/owners-by-namespace", test_owners);
    g_test_add_func("/guest-xml/numbers-out-of-range-are-unknown", test_numbers_out_of_range);
    g_test_add_func("/guest-xml/cells have vCPUs", test_cells_have_vcpus);
    g_test_add_func("/guest-xml/odd-names-are-kept-as-they-are", test_odd_names_are_kept);
    g_test_add_func("/guest-xml/only-the-first-domain-is-read", test_second_domain_is_not_read);
    g_test_add_func("/guest-xml/hostile-input-is-refused", test_hostile);
    g_test_add_func("/guest-xml/states-and-reasons", test_states);
    return g_test_run();
}
