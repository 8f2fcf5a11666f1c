"""The JSON Schema of policies and of their tests, made of the grammar, so that editors complete, check and explain.

Enters: nothing but the grammar. Leaves: a schema of draft 2020-12 as plain values; every key and word stands in it in
English and in Chinese, with a sentence in both languages. An editor's schema is a help for writing: what it lets pass,
the loader may still refuse, and never the other way round.
"""

import re
from collections.abc import Collection
from typing import Any, Final

from policies.decision import Text
from policies.grammar import ENTITY_WORDS, POLICY, SUITE
from policies.read import FLAGS
from policies.shapes import Either, Key, Keys, Line, ListOf, Name, Named, Number, Shape, Some, Word
from policies.words import alias

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"


def policy_schema(own_entities: Collection[str] = ()) -> dict[str, Any]:
    """Return the schema of a policy file that stands alone; `own_entities` may be named as well as the shipped ones."""
    schema = _document(POLICY)
    entities: list[str] = schema["$defs"][ENTITY_WORDS]["enum"]
    entities += sorted(set(own_entities) - set(entities))
    return schema


def suite_schema() -> dict[str, Any]:
    """Return the schema of a file of tests, `NAME_test.yaml`."""
    return _document(SUITE)


def _document(root: Keys) -> dict[str, Any]:
    made: dict[str, Any] = {}
    top = _keys(root, made, "#")
    top.pop("allOf", None)  # a file of a folder need not say what another file of it says
    return {"$schema": DRAFT, "title": _said(root.title), **top, "$defs": dict(sorted(made.items()))}


def _schema(shape: Shape, made: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a place; mappings with keys of their own are put into `made` and referred to."""
    match shape:
        case Word(words, title):
            if not title:
                return _words(words)
            made[title] = _words(words)
            return {"$ref": f"#/$defs/{title}"}
        case Name():
            # YAML 1.2 reads a bare 12 as a number; the loader reads it as the text it is
            return {"type": ["string", "integer"]}
        case Line(pattern, example):
            return _line(pattern, example)
        case Number(least, most):
            return {"type": "integer", "minimum": least, "maximum": most}
        case ListOf(item):
            return {"type": ["array", "null"], "items": _schema(item, made)}
        case Some(item):
            one = _schema(item, made)
            return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}
        case Either(shapes):
            return {"anyOf": [_schema(each, made) for each in shapes]}
        case _:
            return _mapping(shape, made)


def _mapping(shape: Keys | Named, made: dict[str, Any]) -> dict[str, Any]:
    if isinstance(shape, Named):
        return {"type": ["object", "null"], "additionalProperties": _schema(shape.item, made)}
    name = re.split("[;:]", shape.title.en)[0].replace(" ", "-").lower()
    if name not in made:
        made[name] = {}  # holds the place while what it holds is made
        made[name] = {"title": _said(shape.title), **_keys(shape, made, f"#/$defs/{name}")}
    return {"$ref": f"#/$defs/{name}"}


def _keys(shape: Keys, made: dict[str, Any], here: str) -> dict[str, Any]:
    """Return the schema of a mapping that stands at the JSON pointer `here`; the Chinese keys refer to the English."""
    properties: dict[str, Any] = {}
    for word, key in shape.keys.items():
        properties[word] = {**_schema(key.shape, made), "description": _hover(word, key)}
        properties[alias(word)] = {"$ref": f"{here}/properties/{word}", "description": _hover(word, key)}
    schema: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    needed = [word for word, key in shape.keys.items() if key.needed]
    if needed:
        schema["allOf"] = [{"anyOf": [{"required": [each]} for each in _both(word)]} for word in needed]
    return schema


def _words(words: tuple[str, ...]) -> dict[str, Any]:
    allowed: list[Any] = [spelling for word in words for spelling in _both(word)]
    if set(words) == FLAGS.keys():
        allowed += [True, False]  # as YAML 1.2 reads a bare `true`
    return {"enum": list(dict.fromkeys(allowed))}


def _both(word: str) -> list[str]:
    return list(dict.fromkeys((word, alias(word))))


def _line(pattern: str, example: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "pattern": pattern} if pattern else {"type": ["string", "number"]}
    return {**schema, "examples": [example]} if example else schema


def _hover(word: str, key: Key) -> str:
    return f"{word} / {alias(word)}: {_said(key.said)}"


def _said(text: Text) -> str:
    return f"{text.en} / {text.zh}"
