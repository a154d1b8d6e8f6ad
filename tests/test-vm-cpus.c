/* The tuner of where a VM's threads run, against a door that only remembers. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tuners/tuner.h"

#include <errno.h>
#include <string.h>

extern const HvTuner hv_tuner_vm_cpus;
static const HvTuner *const tuners[] = { &hv_tuner_vm_cpus, NULL };

/* ---- the door ---- */

#define N_TIDS 16

static struct {
    HvGuestList list;
    HvGuest *guests[2];
    HvGuest web1, bare;
    char *affinity[N_TIDS]; /* kernel list by tid - 100; NULL: no such thread */
    guint64 start_ticks[N_TIDS];
    char *asked;           /* the last request, as text */
    char *xml;             /* the persistent definition */
    HvError request_error; /* 0: none */
    gboolean no_error;
} door;

HvGuestList *
hv_host_guests_peek(HvHost *host G_GNUC_UNUSED)
{
    return &door.list;
}

void
hv_guest_list_unref(HvGuestList *list G_GNUC_UNUSED)
{
}

const HvGuest *
hv_guest_list_find(const HvGuestList *list, const char *name)
{
    for (guint i = 0; i < list->n_guests; i++) {
        if (strcmp(list->guests[i]->name, name) == 0)
            return list->guests[i];
    }
    return NULL;
}

char *
hv_host_read_text(HvHost *host G_GNUC_UNUSED, const char *path, gsize max G_GNUC_UNUSED,
                  GError **error)
{
    for (guint i = 0; i < N_TIDS; i++) {
        g_autofree char *tail = g_strdup_printf("/%u/stat", 100 + i);

        if (door.affinity[i] && g_str_has_suffix(path, tail))
            return g_strdup_printf(
                "%u (CPU 0/KVM)) x) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 %" G_GUINT64_FORMAT
                " 0 0\n",
                100 + i, door.start_ticks[i]);
    }
    hv_error_set_errno(error, ENOENT, path);
    return NULL;
}

gboolean
hv_host_get_affinity(HvHost *host G_GNUC_UNUSED, int tid, HvSet *cpus, GError **error)
{
    g_autoptr(HvSet) set = NULL;

    if (!door.affinity[tid - 100])
        return hv_error_set_errno(error, ESRCH, "thread");
    set = hv_set_parse(door.affinity[tid - 100], NULL);
    hv_set_assign(cpus, set);
    return TRUE;
}

gboolean
hv_host_set_affinity(HvHost *host G_GNUC_UNUSED, int tid, guint64 start_ticks,
                     const HvSet *cpus, GError **error)
{
    if (start_ticks != door.start_ticks[tid - 100]) {
        g_set_error(error, HV_ERROR, HV_ERROR_CONFLICT, "another thread");
        return FALSE;
    }
    g_free(door.affinity[tid - 100]);
    door.affinity[tid - 100] = hv_set_to_text(cpus);
    return TRUE;
}

HvTopology *
hv_host_topology(HvHost *host G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
    HvTopology *topology = hv_topology_new();

    topology->n_cpus = 4;
    topology->cpus = g_new0(HvTopoCpu, 4);
    for (guint i = 0; i < 4; i++) {
        topology->cpus[i].cpu = i;
        topology->cpus[i].online = i != 3;
        if (i != 3)
            hv_set_add(topology->online, i);
    }
    return topology;
}

gboolean
hv_host_guest_request(HvHost *host G_GNUC_UNUSED, const HvGuestRequest *request,
                      guint deadline_ms G_GNUC_UNUSED, char **answer, GError **error)
{
    g_free(door.asked);
    door.asked = g_strdup_printf("%d %s %s %u %s %u%s", (int)request->verb, request->vm,
                                 request->uuid ? request->uuid : "-", request->index,
                                 request->cpus ? request->cpus : "-", request->n_host_cpus,
                                 request->persistent ? " persistent" : "");
    if (!door.no_error) {
        g_set_error(error, HV_ERROR, (gint)door.request_error, "no answer");
        return FALSE;
    }
    if (request->verb == HV_GUEST_XML_INACTIVE)
        *answer = g_strdup(door.xml);
    if (request->verb == HV_GUEST_DEFINE) {
        g_free(door.xml);
        door.xml = g_strdup(request->xml);
    }
    return TRUE;
}

/* web1: two vCPUs, an iothread 1, two vhost threads; bare: unknown to libvirt. */
static void
setup(gpointer *unused G_GNUC_UNUSED, gconstpointer data G_GNUC_UNUSED)
{
    static HvThread web1_threads[] = {
        { .tid = 101, .role = HV_THREAD_VCPU, .index = 0, .start_ticks = 11 },
        { .tid = 102, .role = HV_THREAD_VCPU, .index = 1, .start_ticks = 12 },
        { .tid = 100, .role = HV_THREAD_EMULATOR, .start_ticks = 10 },
        { .tid = 103, .role = HV_THREAD_IOTHREAD, .index = 1, .start_ticks = 13 },
        { .tid = 104, .role = HV_THREAD_VHOST, .index = 0, .start_ticks = 14, .kernel = TRUE },
        { .tid = 105, .role = HV_THREAD_VHOST, .index = 1, .start_ticks = 15 },
        { .tid = 106, .role = HV_THREAD_WORKER, .start_ticks = 16 },
    };
    static HvThread bare_threads[] = {
        { .tid = 111, .role = HV_THREAD_VCPU, .index = 0, .start_ticks = 21 },
        { .tid = 110, .role = HV_THREAD_EMULATOR, .start_ticks = 20 },
    };
    static char web1_name[] = "web1", bare_name[] = "$(reboot)", uuid[] = "u1", none[] = "";

    door.web1 = (HvGuest){ .name = web1_name,
                           .uuid = uuid,
                           .pid = 100,
                           .start_ticks = 10,
                           .n_vcpus = 2,
                           .in_libvirt = TRUE,
                           .persistent = TRUE,
                           .threads = web1_threads,
                           .n_threads = G_N_ELEMENTS(web1_threads) };
    door.bare = (HvGuest){ .name = bare_name,
                           .uuid = none,
                           .pid = 110,
                           .start_ticks = 20,
                           .n_vcpus = 1,
                           .threads = bare_threads,
                           .n_threads = G_N_ELEMENTS(bare_threads) };
    door.guests[0] = &door.bare;
    door.guests[1] = &door.web1;
    door.list =
        (HvGuestList){ .n_guests = 2, .guests = door.guests, .libvirt_connected = TRUE };
    door.no_error = TRUE;
    for (guint i = 0; i < N_TIDS; i++) {
        door.affinity[i] = g_strdup("0-2");
        door.start_ticks[i] = 10 + i;
    }
    door.xml = g_strdup("<domain>s3cret</domain>");
    door.asked = NULL;
}

static void
teardown(gpointer *unused G_GNUC_UNUSED, gconstpointer data G_GNUC_UNUSED)
{
    for (guint i = 0; i < N_TIDS; i++)
        g_clear_pointer(&door.affinity[i], g_free);
    g_clear_pointer(&door.xml, g_free);
    g_clear_pointer(&door.asked, g_free);
}

/* ---- the claims ---- */

static HvKnob *
knob_of(const char *path)
{
    g_autoptr(GError) error = NULL;
    HvKnob *knob = hv_knob_parse(tuners, path, &error);

    g_assert_no_error(error);
    return knob;
}

static void
assert_reads(const char *path, const char *wanted)
{
    g_autoptr(HvKnob) knob = knob_of(path);
    g_auto(HvValue) value = { 0 };
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;

    g_assert_true(hv_tuner_vm_cpus.read(NULL, knob, &value, &error));
    g_assert_no_error(error);
    text = hv_value_to_text(&value);
    g_assert_cmpstr(text, ==, wanted);
}

static void
assert_no_read(const char *path, HvError code, const char *message)
{
    g_autoptr(HvKnob) knob = knob_of(path);
    g_auto(HvValue) value = { 0 };
    g_autoptr(GError) error = NULL;

    g_assert_false(hv_tuner_vm_cpus.read(NULL, knob, &value, &error));
    g_assert_error(error, HV_ERROR, (gint)code);
    g_assert_cmpstr(error->message, ==, message);
}

static gboolean
write_list(const char *path, const char *list, GError **error)
{
    g_autoptr(HvKnob) knob = knob_of(path);
    g_auto(HvValue) value = { 0 };

    g_assert_true(hv_value_parse(&value, HV_TYPE_CPUS, NULL, list, NULL));
    return hv_tuner_vm_cpus.write(NULL, knob, &value, error);
}

static void
test_reads_the_kernel(gpointer *unused G_GNUC_UNUSED, gconstpointer data G_GNUC_UNUSED)
{
    g_free(door.affinity[2]);
    door.affinity[2] = g_strdup("1");
    g_free(door.affinity[5]);
    door.affinity[5] = g_strdup("3");
    assert_reads("vm/web1/vcpu/0/cpus", "0-2");
    assert_reads("vm/web1/vcpu/1/cpus", "1");
    assert_reads("vm/web1/emulator/cpus", "0-2");
    assert_reads("vm/web1/iothread/1/cpus", "0-2");
    assert_reads("vm/web1/vhost/cpus", "0-3 (mixed)");
    assert_reads("vm/%24%28reboot%29/vcpu/0/cpus", "0-2");
}

static void
test_names_what_is_there(gpointer *unused G_GNUC_UNUSED, gconstpointer data G_GNUC_UNUSED)
{
    assert_no_read("vm/web9/vcpu/0/cpus", HV_ERROR_ABSENT,
                   "vm/web9: no such VM (there are: $(reboot), web1)");
    assert_no_read("vm/web1/vcpu/99/cpus", HV_ERROR_ABSENT,
                   "vm/web1/vcpu/99: web1 has vCPUs 0-1");
    assert_no_read("vm/web1/vcpu/00/cpus", HV_ERROR_ABSENT,
                   "vm/web1/vcpu/00: web1 has vCPUs 0-1");
    assert_no_read("vm/web1/iothread/x/cpus", HV_ERROR_ABSENT,
                   "vm/web1/iothread/x: web1 has iothreads 1");
    assert_no_read("vm/%24%28reboot%29/vhost/cpus", HV_ERROR_ABSENT,
                   "vm/%24%28reboot%29/vhost: $(reboot) has no vhost threads");
    door.list.n_guests = 0;
    assert_no_read("vm/web1/vcpu/0/cpus", HV_ERROR_ABSENT,
                   "vm/web1: no such VM (no VM is running)");
}

static void
test_lists(gpointer *unused G_GNUC_UNUSED, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *all = NULL;

    for (const HvKnobFamily *family = hv_tuner_vm_cpus.knobs; family->path; family++)
        g_assert_true(hv_tuner_vm_cpus.list(NULL, family, paths, NULL));
    g_ptr_array_add(paths, NULL);
    all = g_strjoinv(" ", (char **)paths->pdata);
    g_assert_cmpstr(
        all, ==,
        "vm/%24%28reboot%29/vcpu/0/cpus vm/web1/vcpu/0/cpus vm/web1/vcpu/1/cpus"
        " vm/%24%28reboot%29/emulator/cpus vm/web1/emulator/cpus vm/web1/iothread/1/cpus"
        " vm/web1/vhost/cpus");
}

static void
test_writes_through_libvirt(gpointer *unused G_GNUC_UNUSED, gconstpointer data G_GNUC_UNUSED)
{
    g_assert_true(write_list("vm/web1/vcpu/1/cpus", "2", NULL));
    g_assert_cmpstr(door.asked, ==, "0 web1 u1 1 2 4");
    g_assert_true(write_list("vm/web1/emulator/cpus", "0-1", NULL));
    g_assert_cmpstr(door.asked, ==, "1 web1 u1 0 0-1 4");
    g_assert_true(write_list("vm/web1/iothread/1/cpus", "0", NULL));
    g_assert_cmpstr(door.asked, ==, "2 web1 u1 1 0 4");
    assert_reads("vm/web1/vcpu/1/cpus", "0-2"); /* only libvirt was asked */
}

static void
test_writes_affinity(gpointer *unused G_GNUC_UNUSED, gconstpointer data G_GNUC_UNUSED)
{
    g_assert_true(write_list("vm/web1/vhost/cpus", "2", NULL));
    g_assert_true(write_list("vm/%24%28reboot%29/vcpu/0/cpus", "1", NULL));
    g_assert_true(write_list("vm/%24%28reboot%29/emulator/cpus", "0", NULL));
    g_assert_null(door.asked);
    assert_reads("vm/web1/vhost/cpus", "2");
    g_assert_cmpstr(door.affinity[6], ==, "0-2"); /* a worker is no vhost thread */
    g_assert_cmpstr(door.affinity[11], ==, "1");
    g_assert_cmpstr(door.affinity[10], ==, "0");
}

static void
test_reused_thread(gpointer *unused G_GNUC_UNUSED, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GError) gone = NULL;

    door.start_ticks[1] = 99;
    g_assert_false(write_list("vm/web1/vcpu/0/cpus", "1", &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_CONFLICT);
    g_assert_null(door.asked);
    assert_no_read("vm/web1/vcpu/0/cpus", HV_ERROR_ABSENT,
                   "vm/web1/vcpu/0/cpus: its thread 101 has ended");
    g_clear_pointer(&door.affinity[4], g_free);
    g_assert_false(write_list("vm/web1/vhost/cpus", "1", &gone));
    g_assert_error(gone, HV_ERROR, HV_ERROR_CONFLICT);
    g_assert_cmpstr(door.affinity[5], ==, "0-2"); /* none was moved */
}

static void
assert_check(const char *list, const char *message)
{
    g_autoptr(HvKnob) knob = knob_of("vm/web1/vcpu/0/cpus");
    g_auto(HvValue) value = { 0 };
    g_autoptr(GError) error = NULL;

    g_assert_true(hv_value_parse(&value, HV_TYPE_CPUS, NULL, list, NULL));
    g_assert_cmpint(hv_tuner_vm_cpus.check(NULL, knob, &value, NULL, &error), ==, !message);
    g_assert_cmpstr(error ? error->message : NULL, ==, message);
}

static void
test_checks(gpointer *unused G_GNUC_UNUSED, gconstpointer data G_GNUC_UNUSED)
{
    assert_check("0-2", NULL);
    assert_check("3", "vm/web1/vcpu/0/cpus: cpu 3 is offline");
    assert_check("0,3", "vm/web1/vcpu/0/cpus: cpu 3 is offline");
    assert_check("1,9,4095", "vm/web1/vcpu/0/cpus: no cpu 9,4095: this host has cpus 0-3");
}

static void
test_remote(gpointer *unused G_GNUC_UNUSED, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

    door.list.remote = TRUE;
    door.web1.pid = 0;
    door.web1.n_threads = 0;
    door.list.guests = &door.guests[1];
    door.list.n_guests = 1;
    g_assert_true(hv_tuner_vm_cpus.list(NULL, hv_tuner_vm_cpus.knobs, paths, NULL));
    g_assert_cmpuint(paths->len, ==, 2);
    assert_no_read("vm/web1/vcpu/0/cpus", HV_ERROR_REFUSED,
                   "vm/web1/vcpu/0/cpus: its process is not on this machine: what the kernel "
                   "makes of a pin"
                   " cannot be read");
    g_assert_false(write_list("vm/web1/vcpu/0/cpus", "1", NULL));
    g_assert_null(door.asked);
}

static void
test_persistent(gpointer *unused G_GNUC_UNUSED, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvKnob) knob = knob_of("vm/web1/vcpu/0/cpus");
    g_autofree char *before = NULL;
    g_auto(HvValue) value = { 0 };
    g_autoptr(GError) error = NULL;

    g_assert_true(hv_tuner_vm_cpus.persist_read(NULL, knob, &before, NULL));
    g_assert_cmpstr(before, ==, "<domain>s3cret</domain>");
    g_assert_true(hv_value_parse(&value, HV_TYPE_CPUS, NULL, "1", NULL));
    g_assert_true(hv_tuner_vm_cpus.persist_write(NULL, knob, &value, NULL));
    g_assert_cmpstr(door.asked, ==, "0 web1 u1 0 1 4 persistent");
    g_free(door.xml);
    door.xml = g_strdup("<other/>");
    g_assert_false(
        hv_tuner_vm_cpus.persist_restore(NULL, knob, before, "<after/>", FALSE, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_CONFLICT);
    g_assert_null(strstr(error->message, "s3cret"));
    g_assert_true(hv_tuner_vm_cpus.persist_restore(NULL, knob, before, "<after/>", TRUE, NULL));
    g_assert_cmpstr(door.xml, ==, before);
    g_assert_true(hv_tuner_vm_cpus.persist_restore(NULL, knob, "<x/>", before, FALSE, NULL));
    g_assert_cmpstr(door.xml, ==, "<x/>");
}

static void
test_no_persistent_form(gpointer *unused G_GNUC_UNUSED, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvKnob) transient = knob_of("vm/web1/vcpu/0/cpus");
    g_autoptr(HvKnob) bare = knob_of("vm/%24%28reboot%29/vcpu/0/cpus");
    g_autoptr(HvKnob) vhost = knob_of("vm/web1/vhost/cpus");
    g_autoptr(GError) first = NULL;
    g_autoptr(GError) second = NULL;
    char *text = NULL;

    door.web1.persistent = FALSE;
    g_assert_false(hv_tuner_vm_cpus.persist_read(NULL, transient, &text, &first));
    g_assert_error(first, HV_ERROR, HV_ERROR_REFUSED);
    g_assert_false(hv_tuner_vm_cpus.persist_read(NULL, bare, &text, &second));
    g_assert_error(second, HV_ERROR, HV_ERROR_REFUSED);
    g_assert_false(vhost->family->persists);
}

static void
test_no_answer(gpointer *unused G_GNUC_UNUSED, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;

    door.no_error = FALSE;
    door.request_error = HV_ERROR_TIMEOUT;
    g_assert_false(write_list("vm/web1/vcpu/0/cpus", "1", &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_TIMEOUT);
    g_assert_true(g_str_has_prefix(error->message, "vm/web1/vcpu/0/cpus: "));
}

static void
assert_line(const char *path, gboolean persist, const char *wanted)
{
    g_autoptr(HvKnob) knob = knob_of(path);
    g_auto(HvValue) value = { 0 };
    g_autofree char *line = NULL;

    g_assert_true(hv_value_parse(&value, HV_TYPE_CPUS, NULL, "0-1", NULL));
    line = hv_tuner_vm_cpus.shell_line(NULL, knob, &value, persist);
    g_assert_cmpstr(line, ==, wanted);
}

static void
test_shell_lines(gpointer *unused G_GNUC_UNUSED, gconstpointer data G_GNUC_UNUSED)
{
    static char dash[] = "-x y", number[] = "7";

    assert_line("vm/web1/vcpu/1/cpus", FALSE, "virsh vcpupin web1 1 0-1 --live");
    assert_line("vm/web1/vcpu/1/cpus", TRUE, "virsh vcpupin web1 1 0-1 --live --config");
    assert_line("vm/web1/emulator/cpus", FALSE, "virsh emulatorpin web1 0-1 --live");
    assert_line("vm/web1/iothread/1/cpus", FALSE, "virsh iothreadpin web1 1 0-1 --live");
    assert_line("vm/web1/vhost/cpus", FALSE, "taskset -cp 0-1 104 && taskset -cp 0-1 105");
    assert_line("vm/%24%28reboot%29/vcpu/0/cpus", FALSE, "taskset -cp 0-1 111");
    door.bare.in_libvirt = TRUE;
    assert_line("vm/%24%28reboot%29/vcpu/0/cpus", FALSE,
                "virsh vcpupin '$(reboot)' 0 0-1 --live");
    door.web1.name = dash;
    assert_line("vm/-x%20y/emulator/cpus", FALSE,
                "virsh emulatorpin '--domain=-x y' 0-1 --live");
    door.web1.name = number; /* virsh would take it for another VM's id */
    assert_line("vm/7/vcpu/1/cpus", FALSE, "virsh vcpupin u1 1 0-1 --live");
}

static void
test_remarks(gpointer *unused G_GNUC_UNUSED, gconstpointer data G_GNUC_UNUSED)
{
    static char pin[] = "0-1", none[] = "";
    char *pins[] = { pin, none, NULL };
    static const char *const paths[] = { "vm/web1/vcpu/0/cpus", "vm/web1/vcpu/1/cpus",
                                         "vm/web1/emulator/cpus", "vm/web1/vhost/cpus",
                                         "vm/%24%28reboot%29/vcpu/0/cpus" };
    static const gboolean traces[] = { FALSE, TRUE, TRUE, FALSE, FALSE };

    door.web1.vcpu_pins = pins;
    for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autoptr(HvKnob) knob = knob_of(paths[i]);
        g_autofree char *text = hv_tuner_vm_cpus.remark(NULL, knob, NULL, NULL);

        g_assert_cmpint(text != NULL, ==, traces[i]);
    }
}

static void
test_subject(gpointer *unused G_GNUC_UNUSED, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HvKnob) knob = knob_of("vm/web1/vcpu/0/cpus");
    g_auto(HvSubject) subject = { 0 };

    g_assert_true(hv_tuner_vm_cpus.subject(NULL, knob, &subject, NULL));
    g_assert_cmpstr(subject.guest_name, ==, "web1");
    g_assert_cmpstr(subject.guest_uuid, ==, "u1");
    g_assert_cmpint(subject.pid, ==, 100);
    g_assert_cmpuint(subject.start_ticks, ==, 10);
}

#define ADD(name, test) g_test_add("/vm-cpus/" name, gpointer, NULL, setup, test, teardown)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("reads-what-the-kernel-has", test_reads_the_kernel);
    ADD("names-what-is-there-instead", test_names_what_is_there);
    ADD("lists-every-thread-once", test_lists);
    ADD("writes-through-libvirt-where-it-knows-the-vm", test_writes_through_libvirt);
    ADD("writes-affinity-where-libvirt-has-no-word", test_writes_affinity);
    ADD("never-touches-a-reused-thread-number", test_reused_thread);
    ADD("refuses-absent-and-offline-cpus", test_checks);
    ADD("refuses-what-it-cannot-read-back", test_remote);
    ADD("keeps-and-restores-the-persistent-definition", test_persistent);
    ADD("says-where-there-is-no-persistent-form", test_no_persistent_form);
    ADD("passes-on-that-there-was-no-answer", test_no_answer);
    ADD("shows-lines-that-are-safe-to-paste", test_shell_lines);
    ADD("remarks-where-libvirt-keeps-a-trace", test_remarks);
    ADD("knows-whose-threads-they-are", test_subject);
    return g_test_run();
}
