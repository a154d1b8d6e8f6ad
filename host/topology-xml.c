/* Setting hwloc up, and topologies from its XML. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/topology-private.h"

#include "host/parse.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* What a stranger's XML may take; the largest known takes a tenth of a second and 10 MB. */
#define TRIAL_S 3
#define TRIAL_BYTES (512u << 20)

hwloc_topology_t
hv_topology_prepare(void)
{
    /* x86 asks every cpu in turn, by binding to it; the others look for GPUs through libraries
     * that take seconds */
    static const char *const unwanted[] = { "x86",  "opencl",    "cuda", "nvml",
                                            "rsmi", "levelzero", "gl" };
    hwloc_topology_t topology;

    if (hwloc_topology_init(&topology) != 0)
        return NULL;
    (void)hwloc_topology_set_io_types_filter(topology, HWLOC_TYPE_FILTER_KEEP_IMPORTANT);
    (void)hwloc_topology_set_flags(topology, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
    for (guint i = 0; i < G_N_ELEMENTS(unwanted);
         i++) /* fails for those that are not installed */
        (void)hwloc_topology_set_components(topology, HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST,
                                            unwanted[i]);
    return topology;
}

hwloc_topology_t
hv_topology_load_xml(const char *xml, gsize length, const char *name, GError **error)
{
    hwloc_topology_t topology = hv_topology_prepare();

    /* hwloc wants the NUL counted; what it cannot read it may silently replace by this very
     * machine */
    if (topology && length < G_MAXINT &&
        hwloc_topology_set_xmlbuffer(topology, xml, (int)length + 1) == 0 &&
        hwloc_topology_load(topology) == 0 && !hwloc_topology_is_thissystem(topology))
        return topology;
    if (topology)
        hwloc_topology_destroy(topology);
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, "%s: not a topology that hwloc can read",
                name);
    return NULL;
}

static void
limit(int resource, rlim_t most)
{
    const struct rlimit both = { most, most };

    (void)setrlimit((__rlimit_resource_t)resource, &both);
}

/* Beyond what is mapped already: a sanitizer's shadow is terabytes. */
static void
limit_memory(void)
{
    g_autofree char *text = NULL;
    guint64 n_pages;
    char *rest;

    if (!g_file_get_contents("/proc/self/statm", &text, NULL, NULL))
        return;
    rest = text;
    if (hv_scan_u64(&rest, &n_pages))
        limit(RLIMIT_AS, n_pages * (guint64)sysconf(_SC_PAGESIZE) + TRIAL_BYTES);
}

/* In the child: its crash is its own, without our handlers, a core file or words on the screen.
 */
static void
try_xml(const char *xml, gsize length)
{
    static const int deadly[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGALRM, SIGXCPU };
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    sigset_t none;

    for (guint i = 0; i < G_N_ELEMENTS(deadly); i++)
        (void)signal(deadly[i], SIG_DFL);
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, TRIAL_S);
    limit_memory();
    (void)dup2(nowhere, STDERR_FILENO);
    alarm(TRIAL_S);
    _exit(hv_topology_load_xml(xml, length, "", NULL) ? 0 : 1);
}

/* hwloc trusts its XML: a set that is missing, endless or at odds with another makes it crash
 * or fill the memory (2.9). A stranger's file is first given to a child; what that survives is
 * safe here too, since loading is the same every time. */
static gboolean
survives(const char *xml, gsize length)
{
    pid_t child = fork(), ended;
    int status = 0;

    if (child < 0)
        return FALSE;
    if (child == 0)
        try_xml(xml, length);
    do
        ended = waitpid(child, &status, 0);
    while (ended < 0 && errno == EINTR);
    return ended == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

HvTopology *
hv_topology_from_xml(const char *xml, gsize length, const char *name, GError **error)
{
    hwloc_topology_t loaded;
    HvTopology *topology;

    if (!survives(xml, length)) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    "%s: not a topology that hwloc can read", name);
        return NULL;
    }
    loaded = hv_topology_load_xml(xml, length, name, error);
    if (!loaded)
        return NULL;
    topology = hv_topology_from_hwloc(loaded, name, error);
    hwloc_topology_destroy(loaded);
    return topology;
}
