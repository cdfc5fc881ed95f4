#include "base/topic.h"

/* When the text behind a * does not fit, that * takes one character more. Only the last * need be tried again: an
 * earlier one has nothing to gain, so the time is bounded by the product of the lengths. */
bool topic_matches(const char *pattern, const char *topic) {
    const char *star = NULL, *resume = NULL;
    while (*topic) {
        if (*pattern == '*') {
            star = ++pattern;
            resume = topic;
        } else if (*pattern == '?' || *pattern == *topic) {
            pattern++;
            topic++;
        } else if (star) {
            pattern = star;
            topic = ++resume;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

const struct topic_rule *topic_rule_for(const struct topic_policy *policy, const char *topic) {
    for (size_t i = 0; i < policy->n_rules; i++)
        if (topic_matches(policy->rules[i].match, topic))
            return &policy->rules[i];
    return NULL;
}

const struct topic_settings *topic_settings_for(const struct topic_policy *policy, const char *topic) {
    const struct topic_rule *rule = topic_rule_for(policy, topic);
    return rule ? &rule->settings : &policy->general;
}
