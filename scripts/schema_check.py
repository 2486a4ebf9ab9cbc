#!/usr/bin/env python3
"""Holds messages against docs/schemas.

  schema_check.py schemas              each schema is sound, and every object in it is closed
  schema_check.py messages NAME FILE   each line of FILE is one JSON message that fits schema NAME, and does not fit any
                                       more once a key is added or taken away or a value has another type
  schema_check.py refuses NAME FILE    no line of FILE fits

Ends with 1 and says where, otherwise says how much was looked at.
"""
import copy
import json
import pathlib
import sys

import jsonschema
from referencing import Registry, Resource

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "docs" / "schemas"
#: What no message may have room for; `who` is the operator.
FORBIDDEN = ("face", "plate", "identity", "person", "gender", "biometric", "licence", "license", "embedding")
ADDED = ("identity", "face", "plate", "extra")
MUTATED_MESSAGES = 12


def load():
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))}


def validator(name):
    schemas = load()
    registry = Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in schemas.values())
    return jsonschema.Draft202012Validator(schemas[name], registry=registry)


def check_schemas():
    schemas, troubles, objects = load(), [], 0
    if not schemas:
        troubles.append(f"no schemas in {FOLDER}")
    for name, schema in schemas.items():
        jsonschema.Draft202012Validator.check_schema(schema)
        if schema.get("$id", "").rsplit("/", 1)[-1] != name:
            troubles.append(f"{name}: $id does not end with its name")
        for path, part in parts(schema, name):
            if part.get("type") != "object":
                continue
            objects += 1
            is_counted = "enum" in part.get("propertyNames", {}) and part.get("additionalProperties") == {"type": "number"}
            if part.get("additionalProperties") is not False and not is_counted:
                troubles.append(f"{path}: an object that is open to any key")
            for key in list(part.get("properties", {})) + part.get("propertyNames", {}).get("enum", []):
                if any(word in key.lower() for word in FORBIDDEN):
                    troubles.append(f"{path}: {key} could say who somebody is")
    return troubles, f"{len(schemas)} schemas, {objects} objects, all closed"


def parts(node, path):
    if isinstance(node, dict):
        yield path, node
        for key, value in node.items():
            yield from parts(value, f"{path}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from parts(value, f"{path}/{index}")


def lines(file):
    with open(file, encoding="utf-8") as source:
        return [json.loads(line) for line in source if line.strip()]


def check_messages(name, file):
    check, messages, troubles, mutants = validator(name), lines(file), [], 0
    if not messages:
        troubles.append(f"{file}: no message")
    for number, message in enumerate(messages, 1):
        for error in check.iter_errors(message):
            troubles.append(f"{file}:{number}: {error.json_path}: {error.message[:200]}")
    if not troubles:
        for message in richest(messages):
            for what, mutant in mutations(message, check.schema.get("required", [])):
                mutants += 1
                if check.is_valid(mutant):
                    troubles.append(f"{name} takes a message {what}")
    return troubles, f"{len(messages)} messages fit {name}, {mutants} changed ones do not"


def richest(messages):
    """Some of each kind: by the set of keys they have."""
    by_shape = {}
    for message in messages:
        by_shape.setdefault(json.dumps(sorted(set(shape(message, "")))), message)
    return list(by_shape.values())[:MUTATED_MESSAGES]


def shape(node, path):
    yield path
    if isinstance(node, dict):
        for key, value in node.items():
            yield from shape(value, f"{path}/{key}")
    elif isinstance(node, list):
        for value in node[:1]:
            yield from shape(value, f"{path}/*")


def mutations(message, required):
    for path, node in list(parts(message, "")):
        for key in ADDED:
            mutant = copy.deepcopy(message)
            at(mutant, path)[key] = "x"
            yield f"with {path}/{key}", mutant
        for key, value in node.items():
            mutant = copy.deepcopy(message)
            at(mutant, path)[key] = 7 if isinstance(value, (dict, list, str)) else {"x": 1}
            yield f"whose {path}/{key} has another type", mutant
    for key in required:
        yield f"without {key}", {other: value for other, value in message.items() if other != key}
    yield "that is something else", 7


def at(node, path):
    for step in [step for step in path.split("/") if step]:
        node = node[int(step) if isinstance(node, list) else step]
    return node


def check_refusals(name, file):
    check, messages = validator(name), lines(file)
    troubles = [f"{file}:{number}: {name} takes it" for number, message in enumerate(messages, 1) if check.is_valid(message)]
    return troubles or ([] if messages else [f"{file}: no message"]), f"{len(messages)} messages do not fit {name}"


def main(arguments):
    if arguments == ["schemas"]:
        troubles, said = check_schemas()
    elif len(arguments) == 3 and arguments[0] == "messages":
        troubles, said = check_messages(*arguments[1:])
    elif len(arguments) == 3 and arguments[0] == "refuses":
        troubles, said = check_refusals(*arguments[1:])
    else:
        sys.exit(__doc__)
    for trouble in troubles[:50]:
        print(trouble)
    if troubles:
        sys.exit(1)
    print(said)


if __name__ == "__main__":
    main(sys.argv[1:])
