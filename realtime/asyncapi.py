"""The sockets' protocol as an AsyncAPI 3 document, made from what `events` and `commands.py` declare."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from realtime import commands, events
from realtime.commands import Command, Table
from realtime.events import Audience, Event

Json = dict[str, Any]
SCHEMAS = "#/components/schemas/{model}"
ABOUT = """Text frames of JSON: `{type, data}` from the server, kept ones with `stream` and `seq`; from a client flat,
or with the same fields under `data`, and an optional `request_id` that comes back in the answer. Apply a kept frame
when its `seq` follows your cursor of its `stream`; send `resume` when there is a gap; fetch the snapshot
on `resync`."""
CREDENTIALS = """Credentials: the subprotocols `niochat.v1, bearer.<token>`; `?token=`; the session cookie of our own
pages; or a first frame `auth` within 10 s."""
# The connection's own frames, which the widget gets too.
EVERYWHERE = (Audience.ASKER, Audience.SENDER, Audience.EVERY_SOCKET)


def document() -> Json:
    """The whole document."""
    dashboard, widget = channel_events()
    address = urlsplit(settings.PUBLIC_URL)
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "NioChat sockets", "version": "1", "description": ABOUT},
        "defaultContentType": "application/json",
        "servers": {"here": {"host": address.netloc, "protocol": "wss" if address.scheme == "https" else "ws"}},
        "channels": {
            "dashboard": channel("/ws/dashboard/", "The team's socket.", dashboard, commands.DASHBOARD),
            "widget": channel("/ws/widget/", "A customer's socket.", widget, commands.WIDGET),
        },
        "operations": operations("dashboard", dashboard, commands.DASHBOARD)
        | operations("widget", widget, commands.WIDGET),
        "components": {"messages": messages(), "schemas": schemas()},
    }


def channel_events() -> tuple[list[type[Event]], list[type[Event]]]:
    """What each of the two sockets is sent."""
    team = [event for event in frames() if event.audience is not Audience.CONTACT]
    own = [event for event in frames() if event.audience in (*EVERYWHERE, Audience.CONTACT)]
    return team, [*own, events.MessageStatus]


def frames() -> list[type[Event]]:
    """Every frame that a client may be sent, in the order of its declaration."""
    return [event for event in events.declared() if event.audience is not Audience.SERVER]


def inputs() -> list[type[Command]]:
    """Every frame that a client may send."""
    return list(
        {id(command): command for table in (commands.DASHBOARD, commands.WIDGET) for command in table.values()}.values()
    )


def name_of(model: type[BaseModel]) -> str:
    """How a frame is called in the document: an event and a command may have the same class name."""
    return f"send.{model.__name__}" if issubclass(model, Command) else model.__name__


def channel(address: str, title: str, sent: Iterable[type[Event]], taken: Table) -> Json:
    every = [*sent, *taken.values()]
    return {
        "address": address,
        "description": f"{title} {CREDENTIALS}",
        "messages": {name_of(model): {"$ref": f"#/components/messages/{name_of(model)}"} for model in every},
        "bindings": {"ws": {"method": "GET", "query": QUERY}},
    }


QUERY = {
    "type": "object",
    "properties": {"token": {"type": "string", "description": "An access token or a client key."}},
}


def operations(name: str, sent: Iterable[type[Event]], taken: Table) -> Json:
    """Seen from the server: it sends events and receives commands."""

    def of(models: Iterable[type[BaseModel]]) -> list[Json]:
        return [{"$ref": f"#/channels/{name}/messages/{name_of(model)}"} for model in models]

    return {
        f"{name}.send": {"action": "send", "channel": {"$ref": f"#/channels/{name}"}, "messages": of(sent)},
        f"{name}.receive": {
            "action": "receive",
            "channel": {"$ref": f"#/channels/{name}"},
            "messages": of(taken.values()),
        },
    }


def messages() -> Json:
    made = {name_of(event): event_message(event) for event in frames()}
    return made | {name_of(command): command_message(command) for command in inputs()}


def event_message(event: type[Event]) -> Json:
    """A frame out: the event's fields are its `data`."""
    word = event.model_fields["type"].default
    payload = {"type": {"const": word}, "data": {"$ref": SCHEMAS.format(model=event.__name__)}}
    if event.kept:
        payload |= {"stream": {"type": "string"}, "seq": {"type": "integer", "minimum": 1}}
    return {
        "name": word,
        "summary": summary(event),
        "description": f"To {event.audience}." + (" Kept: numbered, and can be resumed." if event.kept else ""),
        "payload": {"type": "object", "properties": payload, "required": list(payload)},
    }


def command_message(command: type[Command]) -> Json:
    return {
        "name": command.model_json_schema()["properties"]["type"]["const"],
        "summary": summary(command),
        "payload": {"$ref": SCHEMAS.format(model=name_of(command))},
    }


def summary(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").split())


@cache
def schemas() -> Json:
    """JSON Schemas of all fields. What a client takes may have more keys than are listed."""
    _, out = models_json_schema([(event, "serialization") for event in frames()], ref_template=SCHEMAS)
    made: Json = {name: opened(schema) for name, schema in out["$defs"].items()}
    for command in inputs():
        schema = command.model_json_schema(ref_template=SCHEMAS)
        made |= schema.pop("$defs", {})
        made[name_of(command)] = schema
    return made


def opened(schema: Json) -> Json:
    """An event's schema as `data`: without its `type`, which stands beside, and open for keys to come."""
    schema = {key: value for key, value in schema.items() if key != "additionalProperties"}
    if "const" in schema.get("properties", {}).get("type", {}):
        schema["properties"] = {name: field for name, field in schema["properties"].items() if name != "type"}
        schema["required"] = [name for name in schema.get("required", []) if name != "type"]
    return schema
