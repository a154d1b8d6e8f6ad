/* What a process's files say of a VM: command lines, stat, uris; and the ring of events. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/guests-private.h"

#include <string.h>

#define UUID_A "56473369-b84d-48ed-86ef-ce31dddbdbf0"

static void
test_args(void)
{
    static const struct {
        const char *text, *name, *uuid;
        guint n_vcpus;
        guint64 memory_bytes;
    } cases[] = {
        { "q\n-name\nguest=a,,b,debug-threads=on\n", "a,b", NULL, 0, 0 },
        { "q\n-name\nprocess=x,guest=a\n", "a", NULL, 0, 0 },
        { "q\n--name\nguest=a\n-smp\n4,maxcpus=8\n-m\nsize=2G,slots=2\n", "a", NULL, 4,
          2147483648 },
        { "q\n-name\nguest=a\n-name\nguest=b\n", "b", NULL, 0, 0 },
        { "q\n-uuid\n-name\nguest=a\n", NULL, NULL, 0, 0 }, /* -name is the value of -uuid */
        { "q\n-uuid\n56473369-B84D-48ED-86EF-CE31DDDBDBF0\n", NULL, UUID_A, 0, 0 },
        { "q\n-smp\ncpus=99999999\n-m\n99999999999999T\n", NULL, NULL, 0, 0 },
        { "q\n-name", NULL, NULL, 0, 0 },
        { "", NULL, NULL, 0, 0 },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(HvGuestArgs) args = { 0 };

        hv_guest_parse_args(cases[i].text, strlen(cases[i].text), &args);
        g_assert_cmpstr(args.name, ==, cases[i].name);
        g_assert_cmpstr(args.uuid, ==, cases[i].uuid);
        g_assert_cmpuint(args.n_vcpus, ==, cases[i].n_vcpus);
        g_assert_cmpuint(args.memory_bytes, ==, cases[i].memory_bytes);
    }
}

static void
test_stat_line(void)
{
    char good[] =
        "7 (a) R 1) (CPU 0/KVM) S 1 2 3 0 -1 5 6 7 8 9 10 11 12 13 20 -5 9 0 4242 1 2\n";
    char cut[] = "7 (a) S 1 2 3\n";
    char none[] = "7 a S 1";
    HvProcStat stat;
    g_autoptr(GError) error = NULL;

    g_assert_true(hv_guest_parse_stat(good, &stat, &error));
    g_assert_cmpstr(stat.comm, ==, "a) R 1) (CPU 0/KVM");
    g_assert_cmpint(stat.state, ==, 'S');
    g_assert_cmpint(stat.ppid, ==, 1);
    g_assert_cmpuint(stat.n_threads, ==, 9);
    g_assert_cmpuint(stat.start_ticks, ==, 4242);
    g_assert_false(hv_guest_parse_stat(cut, &stat, NULL));
    g_assert_false(hv_guest_parse_stat(none, &stat, NULL));
}

static void
test_uris(void)
{
    g_assert_true(hv_libvirt_uri_is_local("qemu:///system"));
    g_assert_true(hv_libvirt_uri_is_local("test:///default"));
    g_assert_true(hv_libvirt_uri_is_local("qemu+unix:///system?socket=/x"));
    g_assert_false(hv_libvirt_uri_is_local("qemu+ssh://host/system"));
    g_assert_false(hv_libvirt_uri_is_local("qemu+ssh:///system"));
    g_assert_false(hv_libvirt_uri_is_local("qemu://host/system"));
    g_assert_false(hv_libvirt_uri_is_local("host-alias"));
}

static void
count_event(const HvGuestEvent *event, gpointer data)
{
    guint64 *last = data;

    g_assert_cmpuint(event->serial, ==, *last + 1);
    *last = event->serial;
}

static void
test_events(void)
{
    HvGuestEvents *events = hv_guest_events_new();
    const gint64 second = 1000000000, now = 10000 * second;
    guint64 last = 0, oldest;

    hv_guest_events_push(events, now, "a", "started", "booted");
    hv_guest_events_push(events, now + second, "a", "started", "its process has begun");
    hv_guest_events_push(events, now + second, "a", "pin", "vcpupin0 = 1");
    hv_guest_events_push(events, now + second, "a", "pin", "vcpupin1 = 1");
    g_assert_true(hv_guest_events_each(events, 0, now, count_event, &last));
    g_assert_cmpuint(last, ==, 3);
    g_assert_false(hv_guest_events_each(events, last, now, count_event, &last));
    for (guint i = 0; i < 1000; i++)
        hv_guest_events_push(events, now, "b", i % 2 ? "paused" : "resumed", "x");
    oldest = 1003 - 256;
    g_assert_true(hv_guest_events_each(events, 0, now, count_event, &oldest));
    g_assert_cmpuint(oldest, ==, 1003);
    g_assert_false(hv_guest_events_each(events, 0, now + 3700 * second, count_event, &oldest));
    hv_guest_events_free(events);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/guest-parse/command-lines", test_args);
    g_test_add_func("/guest-parse/stat-is-read-behind-the-last-parenthesis", test_stat_line);
    g_test_add_func("/guest-parse/uris-are-local-or-not", test_uris);
    g_test_add_func("/guest-parse/events-are-numbered-bounded-and-told-once", test_events);
    return g_test_run();
}
