/* Writes JSON Schemas for editors, from the tables that the parser uses: `schema manifest` and `schema config`. They
 * accept all that topicd accepts; what only its code knows - that a step exists, that two numbers fit together - they
 * let pass (tests/schema/ has the list).
 *
 * A build tool: it runs when topicd is built, and is not installed. May use: config's and seldon's tables, jansson. */
#include "config/fields.h"
#include "seldon/fields.h"
#include "seldon/kinds.h"

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define DRAFT "http://json-schema.org/draft-07/schema#"
#define DEFINITION(name) "#/definitions/" name

/* jansson's packing takes its arguments' references over also when it fails, and passes a failure on as NULL: one check
 * at the end is enough. */

/* ---- one row of a table ---- */

static json_t *object_schema(const struct field *fields);

static json_t *type_names(const char *type, const char *other, bool nullable) {
    json_t *names = json_array();
    json_array_append_new(names, json_string(type));
    if (other)
        json_array_append_new(names, json_string(other));
    if (nullable)
        json_array_append_new(names, json_string("null"));
    if (json_array_size(names) > 1)
        return names;
    json_decref(names);
    return json_string(type);
}

static json_t *of_type(const char *type, bool nullable) {
    return json_pack("{s:o}", "type", type_names(type, NULL, nullable));
}

static json_t *choice(const char *const *values, bool nullable) {
    json_t *list = json_array();
    for (; *values; values++)
        json_array_append_new(list, json_string(*values));
    if (nullable)
        json_array_append_new(list, json_null());
    return json_pack("{s:o}", "enum", list);
}

static json_t *integer(const struct field *field, bool nullable) {
    json_t *schema = of_type("integer", nullable);
    bool bounded = field->min != 0 || field->max != 0;
    if (bounded && field->min != INT64_MIN)
        json_object_set_new(schema, "minimum", json_integer(field->min));
    if (bounded && field->max != INT64_MAX)
        json_object_set_new(schema, "maximum", json_integer(field->max));
    return schema;
}

static json_t *value_schema(const struct field *field, bool nullable);

/* null counts as absent everywhere but in lists (yaml/schema.h). */
static json_t *by_type(const struct field *field, bool nullable) {
    json_t *schema;
    switch (field->type) {
    case FIELD_STRING:
        return field->values ? choice(field->values, nullable) : of_type("string", nullable);
    case FIELD_BOOLEAN:
        return of_type("boolean", nullable);
    case FIELD_INTEGER:
        return integer(field, nullable);
    case FIELD_INTEGER_OR_STRING:
        return json_pack("{s:o}", "type", type_names("integer", "string", nullable));
    case FIELD_OBJECT:
        schema = object_schema(field->fields);
        json_object_set_new(schema, "type", type_names("object", NULL, nullable));
        return schema;
    case FIELD_LIST:
        schema = json_pack("{s:o, s:o}", "type", type_names("array", NULL, nullable), "items",
                           value_schema(field->item, false));
        if (field->least > 0)
            json_object_set_new(schema, "minItems", json_integer((json_int_t)field->least));
        return schema;
    case FIELD_MAP:
        return json_pack("{s:o, s:o}", "type", type_names("object", NULL, nullable), "additionalProperties",
                         value_schema(field->item, true));
    case FIELD_SCALAR:
        return json_pack("{s:[s, s, s, s]}", "type", "string", "number", "boolean", "null");
    case FIELD_ANY:
        return json_object();
    }
    return NULL;
}

static json_t *value_schema(const struct field *field, bool nullable) {
    json_t *schema = by_type(field, nullable);
    if (field->pattern)
        json_object_set_new(schema, "pattern", json_string(field->pattern));
    if (field->summary)
        json_object_set_new(schema, "description", json_string(field->summary));
    return schema;
}

/* ---- tables ---- */

static json_t *object_schema(const struct field *fields) {
    json_t *properties = json_object(), *required = json_array();
    for (; fields->name; fields++) {
        bool is_required = fields->flags & FIELD_REQUIRED;
        if (fields->flags & FIELD_REFUSED)
            continue;
        json_object_set_new(properties, fields->name, value_schema(fields, !is_required));
        if (is_required)
            json_array_append_new(required, json_string(fields->name));
    }
    json_t *schema =
        json_pack("{s:s, s:o, s:b}", "type", "object", "properties", properties, "additionalProperties", 0);
    if (json_array_size(required) > 0)
        json_object_set(schema, "required", required);
    json_decref(required);
    return schema;
}

static json_t *config_schema(void) {
    json_t *schema = json_pack("{s:s, s:s, s:s}", "$schema", DRAFT, "title", "topicd.yaml", "description",
                               "Configuration of topicd; see topicd.yaml(5).");
    json_t *fields = object_schema(config_fields);
    json_object_set_new(fields, "type", type_names("object", NULL, true)); /* an empty file has all defaults */
    json_object_update(schema, fields);
    json_decref(fields);
    return schema;
}

/* ---- manifests: which table holds, by apiVersion and kind (seldon/document.c) ---- */

static json_t *reference(const char *to) {
    return json_pack("{s:s}", "$ref", to);
}

static json_t *is(const char *api_version, const char *kind) {
    return json_pack("{s:{s:{s:s}, s:{s:s}}, s:[s, s]}", "properties", "apiVersion", "const", api_version, "kind",
                     "const", kind, "required", "apiVersion", "kind");
}

/* If an object is of this kind, its table holds. */
static json_t *rule(const char *api_version, const char *kind, const char *definition) {
    return json_pack("{s:o, s:o}", "if", is(api_version, kind), "then", reference(definition));
}

static json_t *kind_names(void) {
    json_t *names = json_array();
    for (const struct kind *kind = KINDS; kind->name; kind++)
        json_array_append_new(names, json_string(kind->name));
    return names;
}

/* If apiVersion matches, then the kind is as said. */
static json_t *kind_rule(const char *pattern, json_t *then) {
    return json_pack("{s:{s:{s:{s:s}}}, s:{s:o}}", "if", "properties", "apiVersion", "pattern", pattern, "then",
                     "properties", then);
}

/* What documents and items of a List have in common. */
static json_t *object_rules(void) {
    json_t *ours =
        json_pack("{s:{s:s}, s:{s:o}}", "apiVersion", "const", SELDON_GROUP_VERSION, "kind", "enum", kind_names());
    json_t *not_ours = json_pack("{s:{s:{s:o}}}", "kind", "not", "enum", kind_names());
    return json_pack("{s:s, s:[s, s], s:{s:{s:s, s:s, s:s}, s:{s:s, s:s}}, s:[o, o, o, o]}", "type", "object",
                     "required", "apiVersion", "kind", "properties", "apiVersion", "type", "string", "pattern",
                     "^([^/]+/)?v[0-9]+((alpha|beta)[0-9]+)?$", "description", SELDON_GROUP_VERSION, "kind", "type",
                     "string", "description", "Model or Pipeline; other kinds make no topics.", "allOf",
                     kind_rule("^mlops\\.seldon\\.io/", ours), kind_rule("^[^/]*$", not_ours),
                     rule(SELDON_GROUP_VERSION, "Model", DEFINITION("Model")),
                     rule(SELDON_GROUP_VERSION, "Pipeline", DEFINITION("Pipeline")));
}

static json_t *document(void) {
    return json_pack("{s:[o, o, o, o]}", "allOf", reference(DEFINITION("object")),
                     rule("v1", "List", DEFINITION("List")),
                     rule(SELDON_GROUP_VERSION, "ModelList", DEFINITION("ModelList")),
                     rule(SELDON_GROUP_VERSION, "PipelineList", DEFINITION("PipelineList")));
}

static json_t *list_of(json_t *item) {
    json_t *schema = object_schema(LIST_FIELDS);
    json_object_set_new(json_object_get(json_object_get(schema, "properties"), "items"), "items", item);
    return schema;
}

/* An item of a typed list need not say what it is (M2). */
static json_t *typed_list(const char *kind, const char *definition) {
    return list_of(json_pack("{s:[o, {s:{s:{s:[s, n]}, s:{s:[s, n]}}}]}", "allOf", reference(definition), "properties",
                             "apiVersion", "enum", SELDON_GROUP_VERSION, "kind", "enum", kind));
}

/* One level only (M2). */
static json_t *list_item(void) {
    return json_pack("{s:[o, {s:{s:{s:{s:[s, s, s]}}}}]}", "allOf", reference(DEFINITION("object")), "properties",
                     "kind", "not", "enum", "List", "ModelList", "PipelineList");
}

static json_t *manifest_schema(void) {
    return json_pack(
        "{s:s, s:s, s:s, s:[s, s], s:{s:s}, s:o, s:{s:o, s:o, s:o, s:o, s:o, s:o, s:o}}", "$schema", DRAFT, "title",
        "topicd manifest", "description",
        "A document of a file in manifests.d: a Model or a Pipeline of Seldon Core 2, or a list of them; see "
        "topicd-manifests(5).",
        "type", "object", "null", "if", "type", "object", "then", reference(DEFINITION("document")), "definitions",
        "document", document(), "object", object_rules(), "Model", object_schema(MODEL_FIELDS), "Pipeline",
        object_schema(PIPELINE_FIELDS), "List", list_of(list_item()), "ModelList",
        typed_list("Model", DEFINITION("Model")), "PipelineList", typed_list("Pipeline", DEFINITION("Pipeline")));
}

int main(int argc, char **argv) {
    json_t *schema = argc == 2 && strcmp(argv[1], "manifest") == 0 ? manifest_schema()
                     : argc == 2 && strcmp(argv[1], "config") == 0 ? config_schema()
                                                                   : NULL;
    if (!schema || json_dumpf(schema, stdout, JSON_INDENT(2)) < 0 || putchar('\n') == EOF || fflush(stdout) == EOF) {
        fprintf(stderr, "usage: schema manifest|config; or memory or the disk is exhausted\n");
        return 1;
    }
    json_decref(schema);
    return 0;
}
