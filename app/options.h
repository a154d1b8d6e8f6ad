/* The options of a command line: one table that parsing, help and completion are made from. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/error.h"

typedef enum {
    HV_OPTION_CONNECT = 1 << 0,
    HV_OPTION_ROOT = 1 << 1,
    HV_OPTION_READ_ONLY = 1 << 2,
    HV_OPTION_INTERVAL = 1 << 3,
    HV_OPTION_THEME = 1 << 4,
    HV_OPTION_ASCII = 1 << 5,
    HV_OPTION_HELP = 1 << 6,
    HV_OPTION_VERSION = 1 << 7,
    HV_OPTION_JSON = 1 << 8,
    HV_OPTION_VERBOSE = 1 << 9,
    HV_OPTION_DRY_RUN = 1 << 10,
    HV_OPTION_PERSIST = 1 << 11,
    HV_OPTION_FORCE = 1 << 12,
    HV_OPTION_ALL = 1 << 13,
    HV_OPTION_SIZE = 1 << 14,
    HV_OPTION_FORMAT = 1 << 15,
    HV_OPTION_VM = 1 << 16,
    HV_OPTION_FAULT = 1 << 17,
    HV_OPTION_DEMO = 1 << 18,
    HV_OPTION_SEED = 1 << 19,
    HV_OPTION_SPEED = 1 << 20,
    HV_OPTION_SOURCE = 1 << 21,
    HV_OPTION_FOOTPRINT = 1 << 22,
    HV_OPTION_WATCH = 1 << 23,
    HV_OPTION_CONFIRM = 1 << 24,
    HV_OPTION_EFFECT = 1 << 25,
    HV_OPTION_OUTAGE = 1 << 26,
    HV_OPTION_ROUNDS = 1 << 27,
    HV_OPTION_EACH = 1 << 28,
    HV_OPTION_RATE = 1 << 29,
} HvOption;

/* Understood with every sub-command; those of the door belong to the process, not to a line of
 * `do`. */
#define HV_OPTIONS_DOOR                                                                        \
    (HV_OPTION_CONNECT | HV_OPTION_ROOT | HV_OPTION_READ_ONLY | HV_OPTION_FAULT |              \
     HV_OPTION_DEMO | HV_OPTION_SEED | HV_OPTION_SPEED | HV_OPTION_SOURCE |                    \
     HV_OPTION_FOOTPRINT | HV_OPTION_WATCH)
#define HV_OPTIONS_COMMON                                                                      \
    (HV_OPTIONS_DOOR | HV_OPTION_INTERVAL | HV_OPTION_THEME | HV_OPTION_ASCII |                \
     HV_OPTION_HELP | HV_OPTION_VERSION)

typedef enum { HV_SHOT_TEXT, HV_SHOT_ANSI, HV_SHOT_SVG } HvShotFormat;

/* A command line, taken apart. */
typedef struct {
    guint given; /* HvOption bits that stand on the line */
    char *connect_uri, *root, *theme, *vm;
    char *fault;        /* of the door's faulty wrapper; for tests */
    char *demo;         /* "SCENARIO[,VARIANT…]", "" the default one; NULL: a real host */
    guint64 seed;       /* of the demo */
    double speed;       /* of the demo's console: simulated seconds per second */
    guint traffic;      /* HvTrafficSource bits asked for; 0: whatever is best */
    gboolean leaves_groups, leaves_counters; /* --footprint: what may be left on the host */
    GPtrArray *watches; /* of char *, "NAME=COMMAND", no name twice */
    gint64 interval_ns; /* 0: a single look */
    gint64 confirm_ns;  /* revert unless confirmed within; whole seconds */
    gint64 effect_ns;   /* how long to measure before and after */
    char *outage;       /* the host's name, "" not given, NULL without --outage */
    guint64 rounds;     /* of a trial, and how long each leg */
    gint64 each_ns;
    guint64 rate_bytes_per_s; /* of slow steps; 0: as the host can take */
    int columns, rows;  /* of a shot */
    HvShotFormat format;
    gboolean ascii;
    gboolean is_line;     /* of `do` or `:`: nobody is there to be asked */
    char *command;        /* NULL: the console */
    GPtrArray *arguments; /* of char *, behind the sub-command */
} HvOptions;

/* One option, for parsing and for people. */
typedef struct {
    HvOption option;
    const char *name;  /* "--root" */
    const char *value; /* "DIR", or NULL for a switch; "[=SCENARIO]": may be left out */
    const char *help;  /* N_("..."); NULL: not for people */
} HvOptionSpec;

extern const HvOptionSpec hv_option_specs[]; /* ends with a NULL name */

/** hv_options_new: the defaults. hv_options_copy: deep, without sub-command and arguments,
 * nothing given. */
HvOptions *hv_options_new(void);
HvOptions *hv_options_copy(const HvOptions *options);
void hv_options_free(HvOptions *options);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvOptions, hv_options_free)
/**
 * hv_options_parse:
 * @words: NULL-terminated, without the program's name; options stand before or behind the
 * sub-command, "--" ends them
 *
 * Returns: FALSE with MALFORMED for an unknown option, a missing, superfluous or bad value.
 */
gboolean hv_options_parse(HvOptions *options, char *const *words, GError **error);
/** hv_options_has: it stands on the line. */
gboolean hv_options_has(const HvOptions *options, HvOption option);
/** hv_options_set_value: as if "@name @value" stood on the line, but not counted as given; for
 * the configuration. */
gboolean hv_options_set_value(HvOptions *options, const char *name, const char *value,
                              GError **error);
/** hv_options_add_watch: MALFORMED for a name that is none or was given, and for an empty or too
 * long command. */
gboolean hv_options_add_watch(HvOptions *options, const char *name, const char *command,
                              GError **error);
/** hv_options_has_watch: one of this name was given. */
gboolean hv_options_has_watch(const HvOptions *options, const char *name);
/** hv_duration_parse: "500ms", "1.5s", "2m", "1h", "1d", or plain seconds, into ns; at most a
 * year. */
gboolean hv_duration_parse(const char *text, gint64 *duration_ns, GError **error);
