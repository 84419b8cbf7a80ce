"""What the documents of three families print: their frames, field by field, and what a bad frame gets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from realtime.families.base import Family
from realtime.families.fastapi import FASTAPI
from realtime.families.pytake import PYTAKE
from realtime.families.syszap import SYSZAP
from tests.realtime.families.talking import Shape, a_moment, a_number, an_id, fits, one_of, or_null
from tests.world import Person

Bad = tuple[str, str, str]


@dataclass(frozen=True)
class Kind:
    """A family under test: where it is, its frames by type, and bad frames: what is wrong, the text, the code."""

    family: Family
    path: Callable[[Person], str]
    frames: dict[str, Shape]
    bad: list[Bad]


# --- FastAPI ----------------------------------------------------------------------------------------------------------

FASTAPI_MESSAGE = {
    "id": an_id,
    "conversation_id": an_id,
    "user_id": or_null(an_id),
    "content": str,
    "role": one_of("user", "agent", "assistant"),
    "created_at": a_moment,
}
FASTAPI_FRAMES: dict[str, Shape] = {
    "connected": {"type": "connected", "user_id": an_id, "timestamp": a_moment},
    "message": {"type": "message", "message": FASTAPI_MESSAGE},
    "message_sent": {"type": "message_sent", "message_id": an_id, "timestamp": a_moment},
    "typing": {"type": "typing", "user_id": or_null(an_id), "conversation_id": an_id, "is_typing": bool},
    "read": {
        "type": "read",
        "user_id": or_null(an_id),
        "conversation_id": an_id,
        "message_id": an_id,
        "read_at": a_moment,
    },
    "presence": {
        "type": "presence",
        "user_id": an_id,
        "status": one_of("online", "away", "offline"),
        "timestamp": a_moment,
    },
    "sync_data": {"type": "sync_data", "conversation_id": an_id, "messages": [FASTAPI_MESSAGE], "count": int},
    "pong": {"type": "pong", "timestamp": a_moment},
    "error": {"type": "error", "error": str, "code": str},
}
FASTAPI_BAD = [
    ("bad JSON", '{"type": ', "BAD_JSON"),
    ("no object", "[]", "BAD_MESSAGE"),
    ("unknown type", '{"type": "dance"}', "UNKNOWN_TYPE"),
    ("type is a list", '{"type": ["sync"]}', "UNKNOWN_TYPE"),
    ("a word of the native protocol", '{"type": "react", "message_id": 1, "reaction": "👍"}', "UNKNOWN_TYPE"),
    ("resume", '{"type": "resume", "epoch": "e", "cursors": {}}', "UNKNOWN_TYPE"),
    ("no field", '{"type": "join"}', "REQUIRED"),
    ("an id of another system", '{"type": "join", "conversation_id": "conv-123"}', "VALIDATION"),
    ("an unknown conversation", '{"type": "join", "conversation_id": "999999"}', "NOT_FOUND"),
    ("an empty message", '{"type": "message", "conversation_id": "CONVERSATION", "content": " "}', "EMPTY"),
]

# --- PyTake -----------------------------------------------------------------------------------------------------------

PYTAKE_PATH = "/api/v1/conversations/ws"


def framed(event: str, data: Shape, *, conversation: Shape = a_number) -> Shape:
    return {"type": event, "event": event, "data": data, "timestamp": a_moment, "conversation_id": conversation}


def holding(**fields: Shape) -> Shape:
    """An object with these fields, and perhaps more: things are as REST has them."""
    return lambda value: all(name in value and fits(value[name], shape) for name, shape in fields.items())


STATUS = one_of("pending", "sent", "delivered", "read", "failed")
PYTAKE_MESSAGE = {
    "id": a_number,
    "conversation_id": a_number,
    "content": str,
    "message_type": "text",
    "created_at": a_moment,
}
CONVERSATION = holding(
    id=a_number,
    tenant_id=a_number,
    contact_id=a_number,
    status=one_of("active", "waiting", "assigned", "closed"),
    unread_count=int,
    last_message=str,
    last_message_time=or_null(a_moment),
    contact=holding(id=a_number, name=str, phone=str),
)
PYTAKE_FRAMES: dict[str, Shape] = {
    "message_received": framed("message_received", holding(sender_type="contact", status=STATUS, **PYTAKE_MESSAGE)),
    "message_sent": framed("message_sent", holding(sender_type="agent", status=STATUS, **PYTAKE_MESSAGE)),
    "message_status_updated": framed(
        "message_status_updated", {"message_id": a_number, "status": STATUS, "conversation_id": a_number}
    ),
    "conversation_updated": framed("conversation_updated", CONVERSATION),
    "typing_start": framed("typing_start", {"conversation_id": a_number, "contact_id": a_number}),
    "typing_stop": framed("typing_stop", {"conversation_id": a_number, "contact_id": a_number}),
    "pong": framed("pong", {}, conversation=None),
    "error": framed("error", {"code": str, "error": str}, conversation=None),
}
PYTAKE_BAD = [
    ("bad JSON", '{"type": ', "BAD_JSON"),
    ("no object", '"ping"', "BAD_MESSAGE"),
    ("unknown type", '{"type": "dance"}', "UNKNOWN_TYPE"),
    ("a command of another family", '{"type": "join", "conversation_id": 1}', "UNKNOWN_TYPE"),
    ("resume", '{"type": "resume", "epoch": "e", "cursors": {}}', "UNKNOWN_TYPE"),
]

# --- sysZap -----------------------------------------------------------------------------------------------------------


def digits(value: Any) -> bool:
    return isinstance(value, str) and (value == "" or value.isdigit())


SYSZAP_FRAMES: dict[str, Shape] = {
    "qr_code": {"type": "qr_code", "data": {"sessionId": an_id, "qrCode": str, "timestamp": a_moment}},
    "session_status": {
        "type": "session_status",
        "data": {
            "sessionId": an_id,
            "status": one_of("connected", "disconnected", "qr", "connecting"),
            "timestamp": a_moment,
        },
    },
    "new_message": {
        "type": "new_message",
        "data": {
            "Id": an_id,
            "Chat_Id": an_id,
            "Direction": one_of(0, 1),
            "Type": int,
            "Body": str,
            "Chat": {"WA_Chat_Id": str},
            "Client": {"Name": str, "WhatsApp_Number": digits},
            "timestamp": a_moment,
        },
    },
    "new_client": {
        "type": "new_client",
        "data": {
            "Id": an_id,
            "Name": str,
            "WhatsApp_Number": digits,
            "Profile_Pic_URL": or_null(str),
            "Company_Id": an_id,
            "timestamp": a_moment,
        },
    },
    "client_update": {
        "type": "client_update",
        "data": {
            "Id": an_id,
            "Name": str,
            "WhatsApp_Number": digits,
            "Profile_Pic_URL": or_null(str),
            "Last_Contact_At": a_moment,
            "timestamp": a_moment,
        },
    },
    "pong": {"type": "pong", "data": {"timestamp": a_moment}},
    "error": {"type": "error", "data": {"code": str, "error": str}},
}
SYSZAP_BAD = [
    ("bad JSON", '{"type": ', "BAD_JSON"),
    ("no object", "[]", "BAD_MESSAGE"),
    ("unknown type", '{"type": "dance", "data": {}}', "UNKNOWN_TYPE"),
    ("another family's", '{"type": "message", "data": {"conversation_id": 1, "content": "x"}}', "UNKNOWN_TYPE"),
]


def syszap_path(person: Person) -> str:
    return f"/ws?companyId={person.tenant_id}&userId={person.user_id}"


EVERY = {
    "FastAPI": Kind(FASTAPI, lambda _: "/ws", FASTAPI_FRAMES, FASTAPI_BAD),
    "PyTake": Kind(PYTAKE, lambda _: PYTAKE_PATH, PYTAKE_FRAMES, PYTAKE_BAD),
    "sysZap": Kind(SYSZAP, syszap_path, SYSZAP_FRAMES, SYSZAP_BAD),
}
