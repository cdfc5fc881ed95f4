#!/usr/bin/python3
"""Holds files against a JSON Schema with a validator that topicd has no part in.

usage: validate.py SCHEMA FILE...

Prints "accepts FILE", "rejects FILE: why" or "cannot read FILE: why" for each, by the first document that the schema
rejects. A file may have several documents (YAML) or be JSON.
"""
import json
import sys

import jsonschema
import yaml


class Loader(yaml.SafeLoader):
    """YAML as Kubernetes reads it: what looks like a date is text, and a key is not there twice."""


def without(resolvers, tag):
    return {key: [r for r in rows if r[0] != tag] for key, rows in resolvers.items()}


def mapping(loader, node, deep=False):
    loader.flatten_mapping(node)
    pairs = [(loader.construct_object(k, deep=True), loader.construct_object(v, deep=True)) for k, v in node.value]
    if len({str(key) for key, _ in pairs}) < len(pairs):
        raise yaml.constructor.ConstructorError(None, None, "a key is there twice", node.start_mark)
    # JSON's keys are strings.
    return {str(key): value for key, value in pairs}


Loader.yaml_implicit_resolvers = without(yaml.SafeLoader.yaml_implicit_resolvers, "tag:yaml.org,2002:timestamp")
Loader.add_constructor("tag:yaml.org,2002:map", mapping)


def judge(validator, path):
    try:
        with open(path, "rb") as file:
            documents = list(yaml.load_all(file, Loader))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        return "cannot read %s: %s" % (path, " ".join(str(error).split()))
    for document in documents:
        error = jsonschema.exceptions.best_match(validator.iter_errors(document))
        if error:
            return "rejects %s: /%s: %s" % (path, "/".join(map(str, error.absolute_path)), error.message[:200])
    return "accepts " + path


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    validator = kind(schema)
    for path in sys.argv[2:]:
        print(judge(validator, path))


main()
