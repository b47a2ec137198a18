"""``docs/openapi.json``: the local API for programs that read such files, from the table of calls.

OpenAPI 3.2, which knows answers of lines (``itemSchema``).
"""

import json
import re
import types
import typing
from collections.abc import Iterator
from dataclasses import MISSING, fields
from typing import Final

from formats.errors import HoldfastError
from frontends.api.asking import MAX_BODY
from frontends.api.reply import BYTES, EVENTS, LINES
from frontends.api.routes import Route
from frontends.api.shapes import MAX_ITEMS, MAX_TEXT, local_fields
from frontends.api.state import State
from frontends.api.table import OPERATOR, personal_routes
from frontends.place import Place
from frontends.version import PROTOCOL
from frontends.web.admins import Admins
from frontends.web.content import Addresses
from frontends.web.entering import ENTER, entering, leaving, staying
from frontends.web.giving import exporting, following, packing, showing
from frontends.web.sites import Sites
from frontends.web.visits import Visit, Visits
from frontends.web.web import DEFAULT_PORT
from tests.daemons.processes import ROOT

FILE: Final = ROOT / "docs" / "openapi.json"
Schema = dict[str, object]

_PLAIN: Final[dict[object, Schema]] = {
    str: {"type": "string", "maxLength": MAX_TEXT},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    tuple[str, ...]: {
        "type": "array",
        "maxItems": MAX_ITEMS,
        "items": {"type": "string", "maxLength": MAX_TEXT},
    },
}


def web_routes() -> tuple[Route, ...]:
    """The calls that only the page's listener has."""
    visits, sites, visit = Visits(lambda: 0.0), Sites(DEFAULT_PORT), Visit(b"", b"", 0.0)
    at = Addresses(State(Place("/"), headless=False), visits), sites, visit
    return (
        entering(visits, sites),
        staying(sites, Admins()),
        leaving(visits, visit),
        showing(*at),
        packing(*at),
        exporting(*at),
        following(*at[:2]),
    )


def document() -> dict[str, object]:
    """The whole file."""
    paths: dict[str, dict[str, object]] = {}
    for route in (*OPERATOR, *personal_routes(), *web_routes()):
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.2.0",
        "info": {
            "title": "Holdfast: the local API",
            "version": str(PROTOCOL),
            "description": "What docs/spec/local_api.md and docs/spec/web.md say, for programs. "
            "The command line asks over a Unix socket, without cookie and key.",
        },
        "servers": [{"url": f"http://holdfast.localhost:{DEFAULT_PORT}"}],
        "security": [{"cookie": [], "key": []}],
        "paths": paths,
        "components": _components(),
    }


def text() -> str:
    """As it is stored."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def _operation(route: Route) -> dict[str, object]:
    shape, taken = _shape(route), {"schema": {"type": "string", "format": "binary"}}
    said: dict[str, object] = {"operationId": re.sub(r"\W", "_", route.path[4:])}
    said["summary"] = _spaced(route.what)
    if route.path == ENTER:
        said["security"] = []
    if route.takes_bytes:
        arguments = {"name": "Holdfast-Request", "in": "header", "required": True}
        said["parameters"] = [{**arguments, "content": {"application/json": {"schema": shape}}}]
        said["requestBody"] = {"required": True, "content": {BYTES: taken}}
    elif route.method == "POST":
        said["requestBody"] = {"content": {"application/json": {"schema": shape}}}
    if route in OPERATOR:
        said["x-headless"] = True
    said["responses"] = {
        "200": {"$ref": f"#/components/responses/{'Bytes' if route.gives_bytes else 'Lines'}"},
        "default": {"$ref": "#/components/responses/Error"},
    }
    return said


def _shape(route: Route) -> Schema:
    hints, local = typing.get_type_hints(route.shape), local_fields(route.shape)
    properties: Schema = {}
    for field in fields(route.shape):
        schema = _schema(hints[field.name])
        if field.name in local:
            schema["description"] = "on the daemon's disk; over the Unix socket only"
        properties[field.name] = schema
    needed = [each.name for each in fields(route.shape) if each.default is MISSING]
    shape: Schema = {"type": "object", "additionalProperties": False, "properties": properties}
    if needed:
        shape["required"] = needed
    if fields(route.shape):
        shape["description"] = _spaced(route.shape.__doc__ or "")
    return shape


def _schema(kind: object) -> Schema:
    if isinstance(kind, types.UnionType):
        (inner,) = [each for each in typing.get_args(kind) if each is not types.NoneType]
        schema = _schema(inner)
        return {**schema, "type": [schema["type"], "null"]}
    return dict(_PLAIN[kind])


def _components() -> dict[str, object]:
    line = {"$ref": "#/components/schemas/Line"}
    lines = {"itemSchema": line}
    return {
        "securitySchemes": {
            "cookie": {"type": "apiKey", "in": "cookie", "name": f"holdfast-{DEFAULT_PORT}"},
            "key": {"type": "apiKey", "in": "header", "name": "Holdfast-Key"},
        },
        "responses": {
            "Lines": {
                "description": "One line for each thing there is to say; the last is done or error",
                "content": {LINES: lines, EVENTS: {"itemSchema": _event()}},
            },
            "Bytes": {
                "description": "The bytes; without the end of the message, it went wrong",
                "content": {BYTES: {"schema": {"type": "string", "format": "binary"}}},
            },
            "Error": {"description": "One line: an error", "content": {LINES: lines}},
        },
        "schemas": {
            "Line": {
                "description": "One key: the kind of line, as docs/spec/local_api.md lists them",
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "properties": {"error": {"$ref": "#/components/schemas/Error"}},
            },
            "Error": {
                "type": "object",
                "required": ["kind", "message", "hint", "exit"],
                "properties": {
                    "kind": {"enum": list(_kinds())},
                    "message": {"type": "string"},
                    "hint": {"type": "string"},
                    "exit": {"type": "integer"},
                },
            },
        },
        "x-limits": {"bytes of a request's JSON": MAX_BODY},
    }


def _event() -> Schema:
    data = {"type": "string", "contentMediaType": "application/json"}
    return {"type": "object", "properties": {"event": {"type": "string"}, "data": data}}


def _kinds() -> Iterator[str]:
    """Every kind of error there is."""
    return iter(sorted(kind.__name__ for kind in HoldfastError.__subclasses__()))


def _spaced(said: str) -> str:
    return re.sub(r"\s+", " ", said).strip()
