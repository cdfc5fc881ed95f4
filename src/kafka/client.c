#include "kafka/client.h"

#include "kafka/certificate.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>

/* librdkafka waits for a name look-up that is under way before it ends; nobody should have to wait with it. */
enum { CLOSE_PATIENCE_MSEC = 100 };

/* The first librdkafka that does not double the nonce in SCRAM, which Kafka 4 refuses (its issue 4895). */
#define SCRAM_FIXED 0x02060000

static bool has_property(const struct kafka_settings *settings, const char *prefix) {
    for (size_t i = 0; i < settings->n_properties; i++)
        if (strncmp(settings->properties[i].key, prefix, strlen(prefix)) == 0)
            return true;
    return false;
}

bool client_uses_scram(const struct kafka_settings *settings) {
    for (size_t i = 0; i < settings->n_properties; i++) {
        const struct property *p = &settings->properties[i];
        if (strncmp(p->key, "sasl.mechanism", strlen("sasl.mechanism")) == 0 && strncasecmp(p->value, "SCRAM", 5) == 0)
            return true;
    }
    return false;
}

static int set(rd_kafka_conf_t *conf, const char *key, const char *value, struct buffer *error) {
    char words[512];
    if (rd_kafka_conf_set(conf, key, value, words, sizeof words) == RD_KAFKA_CONF_OK)
        return 0;
    buffer_printf(error, "librdkafka refuses its property %s: %s", key, words);
    return error->failed ? -ENOMEM : -EINVAL;
}

static int set_all(rd_kafka_conf_t *conf, const struct property *properties, size_t count, struct buffer *error) {
    int r = 0;
    for (size_t i = 0; i < count && r == 0; i++)
        r = set(conf, properties[i].key, properties[i].value, error);
    return r;
}

/* What the user may overrule, then the user's, then what this program depends on. */
static int configure(rd_kafka_conf_t *conf, const struct kafka_settings *settings, struct buffer *error) {
    static const struct property defaults[] = {
        {"client.id", "topicd"},
        {"socket.nagle.disable", "true"}, /* requests are few and somebody waits for each */
        {"log.thread.name", "false"},
    };
    const struct property backoff = {"reconnect.backoff.max.ms", "500"}; /* ready when the broker is */
    const struct property own[] = {
        {"bootstrap.servers", settings->bootstrap},
        {"log.queue", "true"},
        {"allow.auto.create.topics", "false"},
    };
    int r = set_all(conf, defaults, sizeof defaults / sizeof *defaults, error);
    if (r == 0 && !has_property(settings, "reconnect.backoff."))
        r = set_all(conf, &backoff, 1, error);
    if (r == 0)
        r = set_all(conf, settings->properties, settings->n_properties, error);
    if (r == 0)
        r = set_all(conf, own, sizeof own / sizeof *own, error);
    certificate_explain(conf);
    rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG);
    return r;
}

int client_new(const struct kafka_settings *settings, rd_kafka_t **ret, struct buffer *error) {
    char words[512];
    if (!*settings->bootstrap) {
        buffer_puts(error, "there is no address of a broker");
        return error->failed ? -ENOMEM : -EINVAL;
    }
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    int r = configure(conf, settings, error);
    if (r < 0) {
        rd_kafka_conf_destroy(conf);
        return r;
    }
    rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, words, sizeof words);
    if (!client) {
        bool settings_are_bad = rd_kafka_last_error() == RD_KAFKA_RESP_ERR__INVALID_ARG;
        rd_kafka_conf_destroy(conf);
        buffer_printf(error, "librdkafka %s: %s", settings_are_bad ? "refuses its properties" : "cannot start", words);
        return error->failed ? -ENOMEM : settings_are_bad ? -EINVAL : -EAGAIN;
    }
    rd_kafka_set_log_queue(client, NULL); /* to the main queue, with all the rest */
    *ret = client;
    return 0;
}

static void *destroy(void *client) {
    rd_kafka_destroy(client);
    return NULL;
}

void client_close(rd_kafka_t *client) {
    pthread_t thread;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the caller's business */
    int r = pthread_create(&thread, NULL, destroy, client);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (r != 0) {
        rd_kafka_destroy(client);
        return;
    }
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_nsec += CLOSE_PATIENCE_MSEC * 1000000L;
    end.tv_sec += end.tv_nsec / 1000000000;
    end.tv_nsec %= 1000000000;
    if (pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &end) != 0)
        pthread_detach(thread);
}

/* The length of the broker's name without the library's number for it: "host:9092/bootstrap" or "host:9092/1". */
static size_t name_length(const char *text, size_t length) {
    const char *slash = memrchr(text, '/', length);
    if (!slash)
        return length;
    const char *number = slash + 1, *end = text + length;
    size_t digits = strspn(number, "0123456789");
    bool is_number = digits > 0 && number + digits == end;
    bool is_bootstrap = (size_t)(end - number) == strlen("bootstrap") && memcmp(number, "bootstrap", 9) == 0;
    return is_number || is_bootstrap ? (size_t)(slash - text) : length;
}

/* The library takes the silence of a broker that hangs for that of one which is too old to know its question. */
static bool is_silence(const char *text) {
    static const char *const signs[] = {
        ": ApiVersionRequest failed: Local: Timed out",
        ": Connection setup timed out in state APIVERSION_QUERY",
        " request(s) timed out: disconnect",
    };
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (strstr(text, signs[i]))
            return true;
    return false;
}

void client_words(struct buffer *out, rd_kafka_resp_err_t error, const char *text, const struct client_hints *hints) {
    size_t length = strlen(text);
    for (const char *p = text; (p = strstr(p, " (after ")); p++)
        length = (size_t)(p - text);
    const char *colon = strstr(text, ": ");
    if (colon && colon < text + length) {
        size_t name = (size_t)(colon - text);
        buffer_append(out, text, name_length(text, name));
        text += name;
        length -= name;
    }
    if (error == RD_KAFKA_RESP_ERR__SSL && hints->certificate.length > 0 && strstr(text, "certificate verify failed")) {
        buffer_puts(out, ": ");
        text = hints->certificate.data;
        length = hints->certificate.length;
    } else if (is_silence(text)) {
        text = ": " CLIENT_SILENCE;
        length = strlen(text);
    }
    for (size_t i = 0; i < length; i++)
        buffer_append(out, (unsigned char)text[i] < 0x20 ? " " : &text[i], 1);
    if (error == RD_KAFKA_RESP_ERR__AUTHENTICATION && hints->scram && rd_kafka_version() < SCRAM_FIXED)
        buffer_printf(out,
                      " (if name and password are right: SCRAM of librdkafka %s fails against Kafka 4; "
                      "use librdkafka 2.6 or newer, or PLAIN over TLS)",
                      rd_kafka_version_str());
}
