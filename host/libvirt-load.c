/* libvirt's functions, loaded when libvirt is first asked for. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/libvirt-load.h"

#include "model/i18n.h"

#include <dlfcn.h>
#include <string.h>

#define LIBRARY "libvirt.so.0"

HvLibvirtFunctions hv_libvirt;

/* dlsym(3) gives functions as objects. */
static gboolean
find(void *library, const char *name, void *function, char **missing)
{
    void *found = dlsym(library, name);

    if (!found && !*missing)
        *missing = g_strdup_printf("%s: %s", LIBRARY, name);
    memcpy(function, &found, sizeof found);
    return found != NULL;
}

/* Returns: why it cannot be used, or NULL. */
static gpointer
load_once(gpointer unused G_GNUC_UNUSED)
{
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    char *missing = NULL;

    if (!library)
        return g_strdup(dlerror());
#define HV_FIND(name) find(library, #name, &name, &missing);
    HV_LIBVIRT_FUNCTIONS(HV_FIND)
#undef HV_FIND
    return missing;
}

gboolean
hv_libvirt_load(GError **error)
{
    static GOnce once = G_ONCE_INIT;
    const char *why = g_once(&once, load_once, NULL);

    if (why)
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT,
                    _("libvirt: its library cannot be used: %s"), why);
    return !why;
}
