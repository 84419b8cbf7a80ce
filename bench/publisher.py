"""A process that publishes: `python -m bench.publisher KIND GROUPS EVENTS PER_S`; prints when it is done.

It begins at a line on its input; with 0 for PER_S each event waits for a line of its own.

KIND is the system that is fed: `product` (the channel layer alone), `log` (publish() in a transaction), `message` (the
same, with messages of one conversation), `redis` (bare PUBLISH, for the Node peer), `channels` (group_send), `socketio`
(emit). Each event is about 300 bytes, a message more, and stamped.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

FILLER = "x" * 150


def data(number: int) -> dict[str, object]:
    """About 300 bytes of frame once it is wrapped."""
    return {"conversation_id": number, "user_id": 1, "contact_id": None, "is_typing": True}


def body(number: int) -> dict[str, object]:
    return {"type": "typing", "data": {**data(number), "preview": stamp()}}


def stamp() -> str:
    """Filler, and the moment of publishing by the clock that all processes of the machine share, in nanoseconds."""
    return f"{FILLER}at:{time.monotonic_ns()}"


def for_product() -> Callable[[str, int], None]:
    import django

    django.setup()
    from realtime.events import Typing
    from realtime.transient import transient

    def send(group: str, number: int) -> None:
        transient(group, Typing(**data(number), preview=stamp()))

    return send


def for_messages() -> Callable[[str, int], None]:
    """Messages of the conversation that the environment names."""
    import django

    django.setup()
    from django.db import transaction

    from realtime.events import ChatMessage, ContactRef, Letter, MessageData, Person
    from realtime.publish import publish

    conversation = int(os.environ["CONVERSATION"])
    joana = ContactRef(id=1, name="Joana Silva", phone="+55 91 98765-4321", avatar_url="")
    fixed: dict[str, Any] = {
        "conversation_id": conversation,
        "sender_type": "contact",
        "sender": "customer",
        "author": Person(id=1, name="Joana Silva"),
        "message_type": "text",
        "status": "delivered",
        "deleted_at": None,
        "deleted_by": None,
        **dict.fromkeys(("error", "client_message_id"), ""),
        **dict.fromkeys(("reply_to", "quoted")),
        "private": False,
        "attachments": [],
        "reactions": [],
        "metadata": {},
    }

    def send(group: str, number: int) -> None:
        moment = datetime.now(UTC)
        message = MessageData(id=number + 1, content=stamp(), created_at=moment, timestamp=moment, **fixed)
        event = ChatMessage(conversation_id=conversation, inbox_id=1, contact=joana, message=message)
        with transaction.atomic():
            publish(Letter(group, event))

    return send


def for_log() -> Callable[[str, int], None]:
    import django

    django.setup()
    from django.db import transaction

    from realtime.events import AuditLog, Letter
    from realtime.publish import publish

    def send(group: str, number: int) -> None:
        moment = datetime.now(UTC)
        with transaction.atomic():
            details = {"filler": stamp()}
            publish(Letter(group, AuditLog(id=number, action="typing", details=details, user=None, timestamp=moment)))

    return send


def for_redis() -> Callable[[str, int], None]:
    import redis

    client = redis.Redis.from_url(os.environ["REDIS_URL"])

    def send(group: str, number: int) -> None:
        client.publish(group, json.dumps(body(number), separators=(",", ":")))

    return send


def for_channels() -> Callable[[str, int], None]:
    from asgiref.sync import async_to_sync

    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.peers.stock"
    from channels.layers import get_channel_layer

    layer = get_channel_layer()
    if layer is None:
        raise SystemExit("The peer has no channel layer.")
    send_to = async_to_sync(layer.group_send)
    return lambda group, number: send_to(group, {"type": "relay", "frame": body(number)})


def for_socketio() -> Callable[[str, int], None]:
    import socketio

    manager = socketio.RedisManager(os.environ["REDIS_URL"], write_only=True)
    return lambda group, number: manager.emit("typing", body(number)["data"], room=group)


KINDS = {
    "product": for_product,
    "message": for_messages,
    "log": for_log,
    "redis": for_redis,
    "channels": for_channels,
    "socketio": for_socketio,
}


def main() -> None:
    kind, groups, events, rate = sys.argv[1], sys.argv[2].split(","), int(sys.argv[3]), float(sys.argv[4])
    send = KINDS[kind]()
    print("ready", flush=True)
    began = 0.0
    for number in range(events):
        if not rate or not number:
            sys.stdin.readline()
            began = began or time.monotonic()
        elif (wait := began + number / rate - time.monotonic()) > 0:
            time.sleep(wait)
        send(groups[number % len(groups)], number)
    print("done", flush=True)


if __name__ == "__main__":
    main()
