#include "config/config.h"

#include <stdlib.h>
#include <string.h>

/* A port behind a host, which may be an address in []. */
static bool is_host_port(const char *text, size_t length) {
    const char *colon = memrchr(text, ':', length);
    if (!colon || colon == text)
        return false;
    size_t host = (size_t)(colon - text), digits = length - host - 1;
    if (digits == 0 || digits > 5 || strspn(colon + 1, "0123456789") < digits)
        return false;
    long port = strtol(colon + 1, NULL, 10);
    bool bracketed = *text == '[' && text[host - 1] == ']';
    return port >= 1 && port <= 65535 && (bracketed || !memchr(text, ':', host));
}

static bool is_broker(const char *text, size_t length) {
    static const char scheme_end[] = "://";
    const char *scheme = memmem(text, length, scheme_end, strlen(scheme_end));
    if (scheme) {
        length -= (size_t)(scheme - text) + strlen(scheme_end);
        text = scheme + strlen(scheme_end);
    }
    for (size_t i = 0; i < length; i++)
        if (text[i] <= ' ' || text[i] == '/' || text[i] == 0x7f)
            return false;
    return is_host_port(text, length);
}

bool config_bootstrap_is_valid(const char *text) {
    for (;;) {
        text += strspn(text, " ");
        size_t length = strcspn(text, ","), used = length;
        while (used > 0 && text[used - 1] == ' ')
            used--;
        if (!is_broker(text, used))
            return false;
        if (text[length] == '\0')
            return true;
        text += length + 1;
    }
}
