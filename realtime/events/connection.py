"""Answers, and the connection's own frames; none is kept."""

from __future__ import annotations

from typing import Literal

from realtime.events.base import Audience, Event, Moment
from realtime.events.messages import MessageData


class Connected(Event):
    """The credentials were accepted; `cursors` tells where each stream stands, `heartbeat` is in seconds."""

    audience = Audience.ASKER
    type: Literal["connected"] = "connected"
    user_id: int | None
    contact_id: int | None = None
    tenant_id: int
    role: str
    timestamp: Moment
    epoch: str
    cursors: dict[str, int]
    heartbeat: int


class MessageSent(Event):
    """The socket's own `message` was stored."""

    audience = Audience.SENDER
    type: Literal["message_sent"] = "message_sent"
    message_id: int
    client_message_id: str
    conversation_id: int
    timestamp: Moment


class SyncData(Event):
    """The messages after the one that the asker named, oldest first."""

    audience = Audience.ASKER
    type: Literal["sync_data"] = "sync_data"
    conversation_id: int
    messages: list[MessageData]
    count: int


class Pong(Event):
    """The answer to `ping`."""

    audience = Audience.ASKER
    type: Literal["pong"] = "pong"
    timestamp: Moment
    cursors: dict[str, int]


class Heartbeat(Event):
    """Sent every 25 s; its cursors tell a client that it is behind."""

    audience = Audience.EVERY_SOCKET
    type: Literal["heartbeat"] = "heartbeat"
    timestamp: Moment
    cursors: dict[str, int]


class Resumed(Event):
    """All that was missed has been sent; from here on frames are live."""

    audience = Audience.ASKER
    type: Literal["resumed"] = "resumed"
    cursors: dict[str, int]


class Resync(Event):
    """These streams' cursors can't be served: fetch the snapshot. Live frames go on after `cursors`."""

    audience = Audience.ASKER
    type: Literal["resync"] = "resync"
    streams: list[str]
    epoch: str
    cursors: dict[str, int]


class AuthExpiring(Event):
    """The token ends soon: send `auth` with a new one."""

    audience = Audience.ASKER
    type: Literal["auth_expiring"] = "auth_expiring"
    expires_at: Moment


class Ok(Event):
    """A command with a `request_id` and no other answer was done."""

    audience = Audience.ASKER
    type: Literal["ok"] = "ok"


class Error(Event):
    """A command was refused, or the connection is about to be closed. `code` is REST's in capitals."""

    audience = Audience.ASKER
    type: Literal["error"] = "error"
    code: str
    error: str
    attr: str | None = None
    retry_after: float | None = None
