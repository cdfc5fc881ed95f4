#include "kafka/certificate.h"

#include <stdio.h>
#include <string.h>

/* OpenSSL's numbers (X509_V_ERR_…), which never change. */
static const char *reason_of(int x509_error) {
    switch (x509_error) {
    case 9:
        return "a certificate of the broker is not valid yet: compare the clocks";
    case 10:
        return "a certificate of the broker has expired: renew it there";
    case 18:
    case 19:
    case 20:
    case 21:
        return "the broker's certificate is of a CA that ssl.ca.location does not hold";
    case 23:
        return "a certificate of the broker was revoked";
    case 62:
    case 64:
        return "the broker's certificate is of another host than the address names";
    default:
        return NULL;
    }
}

/* Called by the library's threads. It decides nothing: OpenSSL has done that. */
// NOLINTNEXTLINE(readability-function-size): the library gives so many
static int look_at(rd_kafka_t *client, const char *broker, int32_t id, int *x509_error, int depth, const char *der,
                   size_t size, char *words, size_t room, void *userdata) {
    (void)client;
    (void)broker;
    (void)id;
    (void)depth;
    (void)der;
    (void)size;
    (void)userdata;
    if (*x509_error == 0)
        return 1;
    const char *reason = reason_of(*x509_error);
    if (reason)
        snprintf(words, room, "%s", reason);
    else
        snprintf(words, room, "OpenSSL refuses a certificate of the broker (its error %d: see openssl-verify)",
                 *x509_error);
    return 0;
}

void certificate_explain(rd_kafka_conf_t *conf) {
    /* A library without TLS has no certificates to speak of. */
    (void)rd_kafka_conf_set_ssl_cert_verify_cb(conf, look_at);
}

/* "BROKER: Certificate (subject=S, issuer=I) verification callback failed: REASON" */
bool certificate_words(const char *facility, const char *message, struct buffer *out) {
    static const char before[] = "Certificate (", behind[] = ") verification callback failed: ";
    const char *names = strstr(message, before), *end = names ? strstr(names, behind) : NULL;
    if (strcmp(facility, "SSLCERTVRFY") != 0 || !end)
        return false;
    names += strlen(before);
    buffer_free(out);
    buffer_printf(out, "%s (%.*s)", end + strlen(behind), (int)(end - names), names);
    return true;
}
