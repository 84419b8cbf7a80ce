"""Bytes: an event as the JSON of its frame, and that JSON as it travels between our own processes (a parcel).

A parcel's first byte tells its kind: `K<seq>;<time> <json>` kept, `T<json>` transient, `U<user> <json>` transient and
not for the sockets of the user who caused it, `R<json>` a roll call between processes, `M<message>` Channels' own. So a
process that only passes a frame on never decodes it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from realtime.events import Event

KEPT, TRANSIENT, BY_USER, ROLL_CALL, MESSAGE = b"K", b"T", b"U", b"R", b"M"
# Where a frame's type stands: after `{"type":"`.
TYPE_AT = 9
# RFC 6455, 5.2: below these, in bytes, a payload's length takes 1 byte, or 3.
TINY, SMALL = 126, 65536


def stem(event: Event) -> str:
    """The frame's JSON without its closing brace: the same for every stream that the event goes to."""
    return f'{{"type":"{event.type}","data":{event.model_dump_json(exclude={"type"})}'


def kept(beginning: str, stream: str, seq: int) -> str:
    """The whole JSON of a numbered frame, from its stem."""
    return f'{beginning},"stream":"{stream}","seq":{seq}}}'


def kept_parcel(seq: int, body: str, at: float | None = None) -> bytes:
    """A numbered frame on its way between processes, with the Unix time of its commit where that is known."""
    stamp = b"" if at is None else b";%.6f" % at
    return b"%b%d%b %b" % (KEPT, seq, stamp, body.encode())


def transient_parcel(event: Event, by: int | None) -> bytes:
    """A frame without a number on its way between processes; `by` is the id of the user who need not be told."""
    return TRANSIENT + plain(event) if by is None else b"%b%d %b" % (BY_USER, by, plain(event))


def plain(event: Event) -> bytes:
    """The whole JSON of a frame that has no number."""
    return f"{stem(event)}}}".encode()


def answer(event: Event, request_id: str | int | None = None, **more: Any) -> bytes:
    """A frame for one asker, with their `request_id` in its data where they sent one."""
    if request_id is None and not more:
        return plain(event)
    data = event.data() | more | ({} if request_id is None else {"request_id": request_id})
    return dumps({"type": event.type, "data": data})


def kind_of(frame: bytes) -> str:
    """The type of a frame that was made here, without decoding the rest."""
    return frame[TYPE_AT : frame.index(b'"', TYPE_AT)].decode()


def dumps(value: Mapping[str, Any] | Sequence[Any]) -> bytes:
    """Compact JSON, UTF-8 as it is."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def websocket(frames: Sequence[bytes]) -> bytes:
    """Frames as the bytes that go down a WebSocket's transport."""
    return b"".join([websocket_frame(frame) for frame in frames])


def texts(frames: Sequence[bytes]) -> list[str]:
    """Frames as an ASGI server's `send` takes them."""
    return [frame.decode() for frame in frames]


def parsed(frames: Sequence[bytes]) -> list[dict[str, Any]]:
    """Frames as the server itself reads them."""
    return [json.loads(frame) for frame in frames]


def websocket_frame(text: bytes) -> bytes:
    """One unmasked, unfragmented text frame."""
    length = len(text)
    if length < TINY:
        return bytes((0x81, length)) + text
    if length < SMALL:
        return b"\x81\x7e" + length.to_bytes(2, "big") + text
    return b"\x81\x7f" + length.to_bytes(8, "big") + text
