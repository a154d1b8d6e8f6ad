/* The options of a command line: one table that parsing, help and completion are made from. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/error.h"

/* One bit each: there are more of them than bits in an int. */
typedef guint64 HvOption;
#define HV_OPTION_CONNECT (G_GUINT64_CONSTANT(1) << 0)
#define HV_OPTION_ROOT (G_GUINT64_CONSTANT(1) << 1)
#define HV_OPTION_READ_ONLY (G_GUINT64_CONSTANT(1) << 2)
#define HV_OPTION_INTERVAL (G_GUINT64_CONSTANT(1) << 3)
#define HV_OPTION_THEME (G_GUINT64_CONSTANT(1) << 4)
#define HV_OPTION_ASCII (G_GUINT64_CONSTANT(1) << 5)
#define HV_OPTION_HELP (G_GUINT64_CONSTANT(1) << 6)
#define HV_OPTION_VERSION (G_GUINT64_CONSTANT(1) << 7)
#define HV_OPTION_JSON (G_GUINT64_CONSTANT(1) << 8)
#define HV_OPTION_VERBOSE (G_GUINT64_CONSTANT(1) << 9)
#define HV_OPTION_DRY_RUN (G_GUINT64_CONSTANT(1) << 10)
#define HV_OPTION_PERSIST (G_GUINT64_CONSTANT(1) << 11)
#define HV_OPTION_FORCE (G_GUINT64_CONSTANT(1) << 12)
#define HV_OPTION_ALL (G_GUINT64_CONSTANT(1) << 13)
#define HV_OPTION_SIZE (G_GUINT64_CONSTANT(1) << 14)
#define HV_OPTION_FORMAT (G_GUINT64_CONSTANT(1) << 15)
#define HV_OPTION_VM (G_GUINT64_CONSTANT(1) << 16)
#define HV_OPTION_FAULT (G_GUINT64_CONSTANT(1) << 17)
#define HV_OPTION_DEMO (G_GUINT64_CONSTANT(1) << 18)
#define HV_OPTION_SEED (G_GUINT64_CONSTANT(1) << 19)
#define HV_OPTION_SPEED (G_GUINT64_CONSTANT(1) << 20)
#define HV_OPTION_SOURCE (G_GUINT64_CONSTANT(1) << 21)
#define HV_OPTION_FOOTPRINT (G_GUINT64_CONSTANT(1) << 22)
#define HV_OPTION_WATCH (G_GUINT64_CONSTANT(1) << 23)
#define HV_OPTION_CONFIRM (G_GUINT64_CONSTANT(1) << 24)
#define HV_OPTION_EFFECT (G_GUINT64_CONSTANT(1) << 25)
#define HV_OPTION_OUTAGE (G_GUINT64_CONSTANT(1) << 26)
#define HV_OPTION_ROUNDS (G_GUINT64_CONSTANT(1) << 27)
#define HV_OPTION_EACH (G_GUINT64_CONSTANT(1) << 28)
#define HV_OPTION_RATE (G_GUINT64_CONSTANT(1) << 29)
#define HV_OPTION_FROM (G_GUINT64_CONSTANT(1) << 30)
#define HV_OPTION_AT (G_GUINT64_CONSTANT(1) << 31)
#define HV_OPTION_LOG (G_GUINT64_CONSTANT(1) << 32)
#define HV_OPTION_APPEND (G_GUINT64_CONSTANT(1) << 33)
#define HV_OPTION_TABLES (G_GUINT64_CONSTANT(1) << 34)
#define HV_OPTION_DURATION (G_GUINT64_CONSTANT(1) << 35)
#define HV_OPTION_OUTPUT (G_GUINT64_CONSTANT(1) << 36)
#define HV_OPTION_SCRUB (G_GUINT64_CONSTANT(1) << 37)
#define HV_OPTION_COPY (G_GUINT64_CONSTANT(1) << 38)
#define HV_OPTION_MAX_AGE (G_GUINT64_CONSTANT(1) << 39)
#define HV_OPTION_MAX_SIZE (G_GUINT64_CONSTANT(1) << 40)
#define HV_OPTION_ROTATE (G_GUINT64_CONSTANT(1) << 41)
#define HV_OPTION_BURST (G_GUINT64_CONSTANT(1) << 42)

/* Understood with every sub-command; those of the door belong to the process, not to a line of
 * `do`. */
#define HV_OPTIONS_DOOR                                                                        \
    (HV_OPTION_CONNECT | HV_OPTION_ROOT | HV_OPTION_READ_ONLY | HV_OPTION_FAULT |              \
     HV_OPTION_DEMO | HV_OPTION_SEED | HV_OPTION_SPEED | HV_OPTION_SOURCE |                    \
     HV_OPTION_FOOTPRINT | HV_OPTION_WATCH | HV_OPTION_FROM | HV_OPTION_LOG |                  \
     HV_OPTION_APPEND | HV_OPTION_TABLES)
#define HV_OPTIONS_COMMON                                                                      \
    (HV_OPTIONS_DOOR | HV_OPTION_INTERVAL | HV_OPTION_THEME | HV_OPTION_ASCII |                \
     HV_OPTION_HELP | HV_OPTION_VERSION | HV_OPTION_AT)

/* NONE: the sub-command's own default. */
typedef enum {
    HV_FORMAT_NONE,
    HV_FORMAT_TEXT,
    HV_FORMAT_ANSI,
    HV_FORMAT_SVG,
    HV_FORMAT_CSV,
    HV_FORMAT_JSONL,
    HV_FORMAT_OPENMETRICS,
    HV_FORMAT_MARKDOWN,
    HV_FORMAT_HTML,
} HvFormat;

/* A command line, taken apart. */
typedef struct {
    HvOption given; /* bits that stand on the line */
    char *connect_uri, *root, *theme, *vm;
    char *fault;   /* of the door's faulty wrapper; for tests */
    char *demo;    /* "SCENARIO[,VARIANT…]", "" the default one; NULL: a real host */
    guint64 seed;  /* of the demo */
    double speed;  /* of the demo's console: simulated seconds per second */
    guint traffic; /* HvTrafficSource bits asked for; 0: whatever is best */
    gboolean leaves_groups, leaves_counters; /* --footprint: what may be left on the host */
    GPtrArray *watches;                      /* of char *, "NAME=COMMAND", no name twice */
    gint64 interval_ns;                      /* 0: a single look */
    gint64 confirm_ns;                       /* revert unless confirmed within; whole seconds */
    gint64 effect_ns;                        /* how long to measure before and after */
    char *outage;   /* the host's name, "" not given, NULL without --outage */
    guint64 rounds; /* of a trial, and how long each leg */
    gint64 each_ns;
    guint64 rate_bytes_per_s; /* of slow steps; 0: as the host can take */
    int columns, rows;        /* of a shot */
    HvFormat format;
    char *from, *at;     /* the log that is looked at instead of a host, and when */
    char *log;           /* the file that is recorded into */
    char **tables;       /* that are recorded; NULL: a fixed set */
    char *burst;         /* lines of watches; "" none */
    gint64 duration_ns;  /* of `record`; 0: until it is ended */
    char *output, *copy; /* files of `record`, `report`, `export` */
    gint64 max_age_ns;   /* what is older leaves the log; 0: nothing does */
    guint64 max_bytes;   /* the same by size */
    gint64 rotate_ns;    /* a new file after so long, or so much; 0: never */
    guint64 rotate_bytes;
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
/** hv_options_add_watch: MALFORMED for a name that is none or was given, and for an empty or
 * too long command. */
gboolean hv_options_add_watch(HvOptions *options, const char *name, const char *command,
                              GError **error);
/** hv_options_has_watch: one of this name was given. */
gboolean hv_options_has_watch(const HvOptions *options, const char *name);
/** hv_duration_parse: "500ms", "1.5s", "2m", "1h", "1d", or plain seconds, into ns; at most a
 * year. */
gboolean hv_duration_parse(const char *text, gint64 *duration_ns, GError **error);
