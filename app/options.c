/* The options of a command line: one table that parsing, help and completion are made from. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/options.h"

#include "app/options-log.h"

#include <string.h>

#include "host/host.h"
#include "host/parse.h"
#include "model/i18n.h"
#include "model/text.h"
#include "model/value.h"

#define NS_PER_S G_GINT64_CONSTANT(1000000000)
#define SHORTEST_INTERVAL_NS (NS_PER_S / 10)
#define LARGEST_SHOT 1000 /* columns or rows */
#define LONGEST_WATCH_NAME 64
#define LONGEST_WATCH_COMMAND 4096 /* bytes */
#define MOST_WATCHES 64
#define LONGEST_CONFIRM_NS (86400 * NS_PER_S)
#define SHORTEST_EFFECT_NS (5 * NS_PER_S)
#define LONGEST_EFFECT_NS (3600 * NS_PER_S)
#define DEFAULT_EFFECT_NS (30 * NS_PER_S)
#define SHORTEST_EACH_NS (5 * NS_PER_S)
#define LONGEST_EACH_NS (600 * NS_PER_S)
#define DEFAULT_EACH_NS (20 * NS_PER_S)
#define DEFAULT_ROUNDS 5
#define MOST_ROUNDS 50

const HvOptionSpec hv_option_specs[] = {
    { HV_OPTION_CONNECT, "--connect", "URI",
      N_("libvirt connection (default qemu:///system)") },
    { HV_OPTION_ROOT, "--root", "DIR",
      N_("look at a captured tree or a topology XML file instead of this host") },
    { HV_OPTION_DEMO, "--demo", "[=SCENARIO]",
      N_("a simulated two-socket host: redis, training, irq-storm, noisy, oom, fleet") },
    { HV_OPTION_SEED, "--seed", "NUMBER", N_("of the demo: equal seeds, equal numbers") },
    { HV_OPTION_SPEED, "--speed", "NUMBER",
      N_("of the demo's console: simulated seconds per second (default 1); of replay: it "
         "plays at once, so fast (0.1 to 100)") },
    { HV_OPTION_SOURCE, "--source", "traffic=SOURCE",
      N_("where traffic is read: mbm, perf or estimate, or two of them with a comma") },
    { HV_OPTION_FOOTPRINT, "--footprint", "WHAT",
      N_("what may be left on the host while we look: none, perf or resctrl (default both)") },
    { HV_OPTION_WATCH, "--watch", "NAME=COMMAND",
      N_("a number of your own: what the command prints; may be given several times") },
    { HV_OPTION_READ_ONLY, "--read-only", NULL, N_("change nothing, whatever is asked for") },
    { HV_OPTION_INTERVAL, "--interval", "DURATION",
      N_("distance of two samples, at least 100ms (default 1s; 0: one sample, no rates)") },
    { HV_OPTION_THEME, "--theme", "NAME", N_("theme of the console and of shots") },
    { HV_OPTION_ASCII, "--ascii", NULL, N_("draw and print with ASCII only") },
    { HV_OPTION_VERSION, "--version", NULL, N_("print the version") },
    { HV_OPTION_HELP, "--help", NULL, N_("print this help; behind a sub-command, its own") },
    { HV_OPTION_JSON, "--json", NULL, N_("print one JSON object") },
    { HV_OPTION_VERBOSE, "--verbose", NULL,
      N_("tell more: what could not be read, what is folded") },
    { HV_OPTION_DRY_RUN, "--dry-run", NULL, N_("show the plan, change nothing") },
    { HV_OPTION_PERSIST, "--persist", NULL,
      N_("change the persistent definition as well, for the next start") },
    { HV_OPTION_CONFIRM, "--confirm", "SECONDS",
      N_("revert by itself unless hvtune confirm comes within this time") },
    { HV_OPTION_EFFECT, "--effect", "[=SECONDS]",
      N_("measure as long before and after (default 30 s), and say what it did") },
    { HV_OPTION_OUTAGE, "--outage", "[=HOSTNAME]",
      N_("VMs may be stopped for it; HOSTNAME must be this host's name") },
    { HV_OPTION_ROUNDS, "--rounds", "NUMBER",
      N_("of a trial: new and old, so often (default 5)") },
    { HV_OPTION_EACH, "--each", "DURATION", N_("of a trial: each turn (default 20s)") },
    { HV_OPTION_RATE, "--rate", "SIZE", N_("of moved memory: at most so much each second") },
    { HV_OPTION_FORCE, "--force", NULL, N_("also where somebody else changed it since") },
    { HV_OPTION_ALL, "--all", NULL, N_("every change of this host, the newest first") },
    { HV_OPTION_SIZE, "--size", "COLUMNSxROWS", N_("size of the shot (default 120x36)") },
    { HV_OPTION_FORMAT, "--format", "FORMAT",
      N_("of a shot text, ansi or svg; of an export csv, jsonl or openmetrics; of a report "
         "md or html") },
    { HV_OPTION_VM, "--vm", "NAME", N_("the VM that is selected") },
    { HV_OPTION_FROM, "--from", "FILE", N_("look at a recording instead of a host") },
    { HV_OPTION_AT, "--at", "TIME",
      N_("of a recording: 14:02:11, RFC 3339, +4s from its start, -5m from its end "
         "(default)") },
    { HV_OPTION_LOG, "--log", "FILE", N_("record into this file") },
    { HV_OPTION_APPEND, "--append", NULL, N_("go on with a file that is there") },
    { HV_OPTION_TABLES, "--tables", "NAME,…", N_("record only these tables") },
    { HV_OPTION_DURATION, "--duration", "DURATION", N_("record for so long") },
    { HV_OPTION_OUTPUT, "--output", "FILE", N_("the file to write; -o for short") },
    { HV_OPTION_SCRUB, "--scrub", NULL, N_("replace the names of host and VMs") },
    { HV_OPTION_COPY, "--copy", "FILE", N_("write a consistent copy of the log") },
    { HV_OPTION_MAX_AGE, "--max-age", "DURATION", N_("what is older leaves the file") },
    { HV_OPTION_MAX_SIZE, "--max-size", "SIZE", N_("the oldest leaves a file beyond this") },
    { HV_OPTION_ROTATE, "--rotate", "SIZE|DURATION",
      N_("a new file after so much or so long") },
    { HV_OPTION_BURST, "--burst", "[=WATCH>NUMBER,…]",
      N_("four samples a second for two minutes when pressure, or a watch, crosses its line") },
    { HV_OPTION_FAULT, "--fault", "SPECIFICATION", NULL },
    { 0 },
};

HvOptions *
hv_options_new(void)
{
    HvOptions *options = g_new0(HvOptions, 1);

    options->interval_ns = NS_PER_S;
    options->speed = 1;
    options->effect_ns = DEFAULT_EFFECT_NS;
    options->rounds = DEFAULT_ROUNDS;
    options->each_ns = DEFAULT_EACH_NS;
    options->leaves_groups = options->leaves_counters = TRUE;
    options->columns = 120;
    options->rows = 36;
    options->watches = g_ptr_array_new_with_free_func(g_free);
    options->arguments = g_ptr_array_new_with_free_func(g_free);
    return options;
}

HvOptions *
hv_options_copy(const HvOptions *options)
{
    HvOptions *copy = hv_options_new();

    copy->connect_uri = g_strdup(options->connect_uri);
    copy->root = g_strdup(options->root);
    copy->theme = g_strdup(options->theme);
    copy->demo = g_strdup(options->demo);
    copy->seed = options->seed;
    copy->speed = options->speed;
    copy->traffic = options->traffic;
    copy->leaves_groups = options->leaves_groups;
    copy->leaves_counters = options->leaves_counters;
    for (guint i = 0; i < options->watches->len; i++)
        g_ptr_array_add(copy->watches, g_strdup(options->watches->pdata[i]));
    copy->interval_ns = options->interval_ns;
    copy->ascii = options->ascii;
    copy->from = g_strdup(options->from);
    copy->at = g_strdup(options->at);
    return copy;
}

void
hv_options_free(HvOptions *options)
{
    if (!options)
        return;
    g_free(options->connect_uri);
    g_free(options->root);
    g_free(options->theme);
    g_free(options->vm);
    g_free(options->fault);
    g_free(options->demo);
    g_free(options->outage);
    g_free(options->from);
    g_free(options->at);
    g_free(options->log);
    g_strfreev(options->tables);
    g_free(options->output);
    g_free(options->burst);
    g_free(options->copy);
    g_free(options->command);
    g_ptr_array_unref(options->watches);
    g_ptr_array_unref(options->arguments);
    g_free(options);
}

gboolean
hv_options_has(const HvOptions *options, HvOption option)
{
    return (options->given & option) != 0;
}

gboolean
hv_duration_parse(const char *text, gint64 *duration_ns, GError **error)
{
    static const struct {
        const char *name;
        double ns;
    } units[] = { { "", 1e9 },   { "ms", 1e6 },   { "s", 1e9 },
                  { "m", 60e9 }, { "h", 3600e9 }, { "d", 86400e9 } };
    const gsize n_number = strspn(text, "0123456789.");
    g_autofree char *number = g_strndup(text, n_number);
    char *end = NULL;
    const double value = g_ascii_strtod(number, &end);

    for (guint i = 0; i < G_N_ELEMENTS(units); i++) {
        if (g_str_equal(text + n_number, units[i].name) && end != number && !*end &&
            value * units[i].ns <= 365 * 86400e9) {
            *duration_ns = (gint64)(value * units[i].ns);
            return TRUE;
        }
    }
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                _("%s: not a duration: a number with ms, s, m, h or d"), text);
    return FALSE;
}

static gboolean
parse_interval(HvOptions *options, const char *value, GError **error)
{
    gint64 interval_ns;

    if (!hv_duration_parse(value, &interval_ns, error))
        return FALSE;
    if (interval_ns && interval_ns < SHORTEST_INTERVAL_NS) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("%s: too short: 0, or at least 100ms"), value);
        return FALSE;
    }
    options->interval_ns = interval_ns;
    return TRUE;
}

static gboolean
parse_size(HvOptions *options, const char *value, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(value, "x", 2);
    guint64 columns = 0, rows = 0;

    if (g_strv_length(parts) != 2 || !hv_parse_u64(parts[0], LARGEST_SHOT, &columns, NULL) ||
        !hv_parse_u64(parts[1], LARGEST_SHOT, &rows, NULL) || !columns || !rows) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("%s: not a size: COLUMNSxROWS, as 120x36, each at most %d"), value,
                    LARGEST_SHOT);
        return FALSE;
    }
    options->columns = (int)columns;
    options->rows = (int)rows;
    return TRUE;
}

#define LARGEST_SPEED 1000.0

static gboolean
parse_speed(HvOptions *options, const char *value, GError **error)
{
    char *end = NULL;
    const double speed = g_ascii_strtod(value, &end);

    if (end == value || *end || !(speed > 0 && speed <= LARGEST_SPEED)) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("%s: not a speed: a number above 0, at most %g"), value, LARGEST_SPEED);
        return FALSE;
    }
    options->speed = speed;
    return TRUE;
}

/* "traffic=mbm,perf" */
static gboolean
parse_source(HvOptions *options, const char *value, GError **error)
{
    static const struct {
        const char *name;
        HvTrafficSource source;
    } sources[] = { { "mbm", HV_TRAFFIC_MBM },
                    { "perf", HV_TRAFFIC_PERF },
                    { "estimate", HV_TRAFFIC_ESTIMATE } };
    g_auto(GStrv) names = NULL;
    guint traffic = 0;

    if (g_str_has_prefix(value, "traffic="))
        names = g_strsplit(value + strlen("traffic="), ",", -1);
    for (char **name = names; name && *name; name++) {
        guint i = 0;

        while (i < G_N_ELEMENTS(sources) && !g_str_equal(*name, sources[i].name))
            i++;
        if (i == G_N_ELEMENTS(sources)) {
            traffic = 0;
            break;
        }
        traffic |= (guint)sources[i].source;
    }
    if (!traffic) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("%s: no such source: traffic=mbm, traffic=perf or traffic=estimate"),
                    value);
        return FALSE;
    }
    options->traffic = traffic;
    return TRUE;
}

static gboolean
parse_footprint(HvOptions *options, const char *value, GError **error)
{
    const gboolean is_perf = g_str_equal(value, "perf");
    const gboolean is_resctrl = g_str_equal(value, "resctrl");

    if (!is_perf && !is_resctrl && !g_str_equal(value, "none")) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("%s: no such footprint: none, perf or resctrl"), value);
        return FALSE;
    }
    options->leaves_groups = is_resctrl;
    options->leaves_counters = is_perf;
    return TRUE;
}

gboolean
hv_options_has_watch(const HvOptions *options, const char *name)
{
    const gsize length = strlen(name);

    for (guint i = 0; i < options->watches->len; i++) {
        const char *watch = options->watches->pdata[i];

        if (!strncmp(watch, name, length) && watch[length] == '=')
            return TRUE;
    }
    return FALSE;
}

gboolean
hv_options_add_watch(HvOptions *options, const char *name, const char *command, GError **error)
{
    const gsize length = strlen(name);

    if (!length || length > LONGEST_WATCH_NAME ||
        strspn(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_.-") != length) {
        g_autofree char *printable = hv_text_printable(name, LONGEST_WATCH_NAME);

        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("%s: not a name: at most %d letters, digits, \"_\", \".\" and \"-\""),
                    printable, LONGEST_WATCH_NAME);
        return FALSE;
    }
    if (hv_options_has_watch(options, name)) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("%s: is watched twice"), name);
        return FALSE;
    }
    if (!command[strspn(command, " \t\n")] || strlen(command) > LONGEST_WATCH_COMMAND) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("%s: needs a command of at most %d bytes"), name, LONGEST_WATCH_COMMAND);
        return FALSE;
    }
    if (options->watches->len == MOST_WATCHES) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("%s: more than %d watches"), name,
                    MOST_WATCHES);
        return FALSE;
    }
    g_ptr_array_add(options->watches, g_strconcat(name, "=", command, NULL));
    return TRUE;
}

static gboolean
parse_watch(HvOptions *options, const char *value, GError **error)
{
    const char *equals = strchr(value, '=');
    g_autofree char *name = NULL;

    if (!equals) {
        g_autofree char *printable = hv_text_printable(value, LONGEST_WATCH_NAME);

        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("%s: not a watch: NAME=COMMAND, as p99_ms='redis-p99 --every 1'"),
                    printable);
        return FALSE;
    }
    name = g_strndup(value, (gsize)(equals - value));
    return hv_options_add_watch(options, name, equals + 1, error);
}

static gboolean
set_text(char **text, const char *value, GError **error)
{
    if (!*value) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED, _("needs a value"));
        return FALSE;
    }
    g_free(*text);
    *text = g_strdup(value);
    return TRUE;
}

/* What concerns the demo, and where numbers come from. @is_known: whether @option is one. */
static gboolean
take_door(HvOptions *options, HvOption option, const char *value, gboolean *is_known,
          GError **error)
{
    *is_known = TRUE;
    if (option == HV_OPTION_SEED)
        return hv_parse_u64(value, G_MAXUINT64, &options->seed, error);
    if (option == HV_OPTION_SPEED)
        return parse_speed(options, value, error);
    if (option == HV_OPTION_SOURCE)
        return parse_source(options, value, error);
    if (option == HV_OPTION_FOOTPRINT)
        return parse_footprint(options, value, error);
    if (option == HV_OPTION_WATCH)
        return parse_watch(options, value, error);
    *is_known = option == HV_OPTION_DEMO;
    if (*is_known) {
        g_free(options->demo);
        options->demo = g_strdup(value);
    }
    return TRUE;
}

static gboolean
parse_span(const char *value, gint64 least_ns, gint64 most_ns, gint64 *span_ns, GError **error)
{
    gint64 parsed_ns;

    if (!hv_duration_parse(value, &parsed_ns, error))
        return FALSE;
    if (parsed_ns < least_ns || parsed_ns > most_ns) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("%s: not from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT " s"), value,
                    least_ns / NS_PER_S, most_ns / NS_PER_S);
        return FALSE;
    }
    *span_ns = parsed_ns;
    return TRUE;
}

static gboolean
parse_rate(HvOptions *options, const char *value, GError **error)
{
    g_auto(HvValue) rate = { 0 };

    if (!hv_value_parse(&rate, HV_TYPE_SIZE, NULL, value, error))
        return FALSE;
    if (!rate.number) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED, _("0: nothing would move"));
        return FALSE;
    }
    options->rate_bytes_per_s = rate.number;
    return TRUE;
}

static gboolean
parse_rounds(HvOptions *options, const char *value, GError **error)
{
    guint64 rounds = 0;

    if (!hv_parse_u64(value, MOST_ROUNDS, &rounds, error))
        return FALSE;
    if (rounds < 2) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("%s: at least 2 rounds"), value);
        return FALSE;
    }
    options->rounds = rounds;
    return TRUE;
}

/* How a change is made, measured, and taken back. @is_known: whether @option is one. */
static gboolean
take_change(HvOptions *options, HvOption option, const char *value, gboolean *is_known,
            GError **error)
{
    *is_known = TRUE;
    if (option == HV_OPTION_CONFIRM)
        return parse_span(value, NS_PER_S, LONGEST_CONFIRM_NS, &options->confirm_ns, error);
    if (option == HV_OPTION_EFFECT)
        return !*value || parse_span(value, SHORTEST_EFFECT_NS, LONGEST_EFFECT_NS,
                                     &options->effect_ns, error);
    if (option == HV_OPTION_ROUNDS)
        return parse_rounds(options, value, error);
    if (option == HV_OPTION_EACH)
        return parse_span(value, SHORTEST_EACH_NS, LONGEST_EACH_NS, &options->each_ns, error);
    if (option == HV_OPTION_RATE)
        return parse_rate(options, value, error);
    *is_known = option == HV_OPTION_OUTAGE;
    if (*is_known) {
        g_free(options->outage);
        options->outage = g_strdup(value);
    }
    return TRUE;
}

/* Switches have an empty value; that they are given is all there is to them. */
static gboolean
take(HvOptions *options, HvOption option, const char *value, GError **error)
{
    gboolean is_known;

    if (!take_door(options, option, value, &is_known, error))
        return FALSE;
    if (!is_known && !take_change(options, option, value, &is_known, error))
        return FALSE;
    if (!is_known && !hv_options_take_log(options, option, value, &is_known, error))
        return FALSE;
    if (is_known)
        return TRUE;
    if (option == HV_OPTION_CONNECT)
        return set_text(&options->connect_uri, value, error);
    if (option == HV_OPTION_ROOT)
        return set_text(&options->root, value, error);
    if (option == HV_OPTION_THEME)
        return set_text(&options->theme, value, error);
    if (option == HV_OPTION_VM)
        return set_text(&options->vm, value, error);
    if (option == HV_OPTION_FAULT)
        return set_text(&options->fault, value, error);
    if (option == HV_OPTION_INTERVAL)
        return parse_interval(options, value, error);
    if (option == HV_OPTION_SIZE)
        return parse_size(options, value, error);
    if (option == HV_OPTION_ASCII)
        options->ascii = TRUE;
    return TRUE;
}

static const HvOptionSpec *
find(const char *word, gsize length)
{
    for (const HvOptionSpec *spec = hv_option_specs; spec->name; spec++) {
        if (strlen(spec->name) == length && !strncmp(spec->name, word, length))
            return spec;
    }
    if (length == 2 && !strncmp(word, "-o", length))
        return find("--output", strlen("--output"));
    return length == 2 && !strncmp(word, "-h", length) ? find("--help", 6) : NULL;
}

/* Its value is a part of its own word, or there is none. */
static gboolean
may_be_alone(const HvOptionSpec *spec)
{
    return spec->value[0] == '[';
}

/* @words stands on the option; moved on to its value where that is the next word. */
static gboolean
parse_option(HvOptions *options, char *const **words, GError **error)
{
    const char *word = **words;
    const char *equals = strchr(word, '=');
    const gsize length = equals ? (gsize)(equals - word) : strlen(word);
    const HvOptionSpec *spec = find(word, length);
    const char *value = equals ? equals + 1 : NULL;

    if (!spec) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("%.*s: no such option: see hvtune --help"), (int)length, word);
        return FALSE;
    }
    if (spec->value && !value && !may_be_alone(spec) && (*words)[1])
        value = *++*words;
    if (spec->value && !value && !may_be_alone(spec)) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("%s: needs a value: %s"), spec->name,
                    spec->value);
        return FALSE;
    }
    if (!spec->value && value) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("%s: takes no value"), spec->name);
        return FALSE;
    }
    if (!take(options, spec->option, value ? value : "", error)) {
        g_prefix_error(error, "%s: ", spec->name);
        return FALSE;
    }
    options->given |= spec->option;
    return TRUE;
}

static void
add_word(HvOptions *options, const char *word)
{
    if (options->command)
        g_ptr_array_add(options->arguments, g_strdup(word));
    else
        options->command = g_strdup(word);
}

gboolean
hv_options_parse(HvOptions *options, char *const *words, GError **error)
{
    gboolean ended = FALSE;

    for (; *words; words++) {
        if (!ended && g_str_equal(*words, "--"))
            ended = TRUE;
        else if (ended || (*words)[0] != '-' || !(*words)[1])
            add_word(options, *words);
        else if (!parse_option(options, &words, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
hv_options_set_value(HvOptions *options, const char *name, const char *value, GError **error)
{
    g_autofree char *option = g_strconcat("--", name, NULL);
    const HvOptionSpec *spec = find(option, strlen(option));

    if (spec && take(options, spec->option, value, error))
        return TRUE;
    if (!spec)
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("no such setting"));
    g_prefix_error(error, "%s: ", name);
    return FALSE;
}
