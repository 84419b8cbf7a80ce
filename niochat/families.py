"""The tables of what each family of foreign clients is told, and may send, made from the families' own modules."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, get_args, get_type_hints, is_typeddict

from realtime.commands import Table
from realtime.families import fastapi, pytake, socketio, syszap
from realtime.families.base import Family

Row = list[str]


def told(family: Family) -> list[Row]:
    """Their frame, its fields, and the event of ours that it comes from."""
    rows = [
        (name_of(frame), fields_of(frame), event) for event, entry in family.entries.items() for frame in entry.frames
    ]
    merged: dict[str, Row] = {}
    for name, fields, event in rows:
        row = merged.setdefault(name, [f"`{name}`", fields, ""])
        row[2] += f"{', ' if row[2] else ''}`{event}`"
    return list(merged.values())


def name_of(frame: type) -> str:
    """The word that stands in a frame's `type`."""
    return str(get_args(get_type_hints(frame)["type"])[0])


def fields_of(frame: type) -> str:
    return ", ".join(shown(name, hint) for name, hint in get_type_hints(frame).items() if name != "type")


def shown(name: str, hint: Any) -> str:
    """A field, with those of the object (or of each in the list) that it holds."""
    inner = next((part for part in (hint, *get_args(hint)) if is_typeddict(part)), None)
    listed = "[ ]" if getattr(hint, "__origin__", None) is list else ""
    return f"`{name}`{listed} ({fields_of(inner)})" if inner else f"`{name}`{listed}"


def taken(inputs: Table) -> list[Row]:
    """What clients may send."""
    hidden = {"type", "request_id", "epoch", "cursors", "private", "message_type", "attachments", "reply_to"}
    return [
        [f"`{word}`", ", ".join(f"`{name}`" for name in command.model_fields if name not in hidden) or "–"]
        for word, command in inputs.items()
    ]


FAMILIES: dict[str, tuple[Family, Table]] = {
    "fastapi": (fastapi.FASTAPI, fastapi.INPUTS),
    "pytake": (pytake.PYTAKE, pytake.INPUTS),
    "syszap": (syszap.SYSZAP, syszap.INPUTS),
}


def parts(table: Callable[[Row, list[Row]], str]) -> dict[str, Callable[[], str]]:
    """The documents' parts, by the name that their mark has."""
    made: dict[str, Callable[[], str]] = {}
    for name, (family, inputs) in FAMILIES.items():
        made[f"{name}-told"] = partial(told_table, table, family)
        made[f"{name}-taken"] = partial(taken_table, table, inputs)
    return made | {"socketio-told": partial(socketio_table, table)}


def socketio_table(table: Callable[[Row, list[Row]], str]) -> str:
    """Its events have a name beside their object; some answer a command of the family's."""
    sources = {frame: event for event, entry in socketio.SOCKETIO.entries.items() for frame in entry.frames}
    rows = [
        [f"`{name}`", fields_of(shape), f"`{(sources | socketio.ANSWERS)[shape]}`"]
        for shape, name in socketio.OBJECTS.items()
    ]
    return table(["event", "object", "from our"], rows)


def told_table(table: Callable[[Row, list[Row]], str], family: Family) -> str:
    return table(["frame", "fields", "from our"], told(family))


def taken_table(table: Callable[[Row, list[Row]], str], inputs: Table) -> str:
    return table(["frame", "fields"], taken(inputs))
