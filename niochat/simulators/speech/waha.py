"""WAHA's webhooks."""

from __future__ import annotations

import secrets
import time
from typing import Any

Item = dict[str, Any]
TYPING, ENDED = "presence.update", "stopped"
ACKS = {"failed": (-1, "ERROR"), "sent": (1, "SERVER"), "delivered": (2, "DEVICE"), "read": (3, "READ")}
STATES = {"connecting": "STARTING", "qr": "SCAN_QR_CODE", "open": "WORKING", "close": "FAILED", "stopped": "STOPPED"}


def body(session: Any, event: str, payload: Item) -> Item:
    me = {"id": "5511900000000@c.us", "pushName": "Loja Aurora"} if session.state == "open" else None
    return {
        "id": f"evt_{secrets.token_hex(12)}",
        "timestamp": int(time.time() * 1000),
        "event": event,
        "session": session.name,
        "metadata": {},
        "me": me,
        "payload": payload,
        "engine": "NOWEB",
        "environment": {"version": "2026.1.1", "engine": "NOWEB", "tier": "PLUS"},
    }


def connection(session: Any) -> Item:
    return body(session, "session.status", {"name": session.name, "status": STATES[session.state]})


qr = connection


def given_up(session: Any) -> list[Item]:
    return [connection(session)]


def chat(phone: str) -> str:
    """`phone` may be a whole chat's name, as of a group."""
    return phone if "@" in phone else f"{phone}@c.us"


def serialised(phone: str, message_id: str, *, ours: bool) -> str:
    return f"{'true' if ours else 'false'}_{chat(phone)}_{message_id}"


def message(session: Any, phone: str, message_id: str, text: str, **more: Any) -> Item:
    ours = bool(more.get("ours"))
    payload: Item = {
        "id": serialised(phone, message_id, ours=ours),
        "timestamp": int(more.get("at") or time.time()),
        "from": "5511900000000@c.us" if ours else chat(phone),
        "to": chat(phone) if ours else "5511900000000@c.us",
        "fromMe": ours,
        "source": "app",
        "body": text,
        "hasMedia": bool(more.get("kind")),
        "ack": 2,
        "ackName": "DEVICE",
        "_data": {"notifyName": more.get("who", "")},
    }
    if more.get("kind"):
        url = f"http://localhost:3000/api/files/{session.name}/{message_id}"
        payload["media"] = {"url": url, "mimetype": more.get("mime_type", "image/png"), "filename": more.get("name")}
    if reply_to := more.get("reply_to"):
        payload["replyTo"] = {"id": reply_to}
    return body(session, "message.any", payload)


def status(session: Any, phone: str, message_id: str, state: str) -> Item:
    level, name = ACKS[state]
    told = {"id": serialised(phone, message_id, ours=True), "from": chat(phone), "fromMe": True}
    return body(session, "message.ack", {**told, "ack": level, "ackName": name})


def reaction(session: Any, phone: str, message_id: str, emoji: str, *, ours: bool, by_us: bool = False) -> Item:
    payload = {
        "id": serialised(phone, f"R{time.monotonic_ns():X}", ours=by_us),
        "from": chat(phone),
        "fromMe": by_us,
        "timestamp": int(time.time()),
        "reaction": {"text": emoji, "messageId": serialised(phone, message_id, ours=ours)},
    }
    return body(session, "message.reaction", payload)


def edited(session: Any, phone: str, message_id: str, text: str, *, ours: bool) -> Item:
    payload = {
        "id": serialised(phone, f"E{time.monotonic_ns():X}", ours=ours),
        "from": chat(phone),
        "fromMe": ours,
        "timestamp": int(time.time()),
        "body": text,
        "editedMessageId": message_id,
    }
    return body(session, "message.edited", payload)


def pictured(session: Any, phone: str, name: str) -> list[Item]:
    """It never tells of photos."""
    return []


def presence(session: Any, phone: str, *, is_typing: bool) -> Item:
    told = {"participant": chat(phone), "lastKnownPresence": "typing" if is_typing else "online", "lastSeen": None}
    return body(session, "presence.update", {"id": chat(phone), "presences": [told]})


def call(session: Any, phone: str, call_id: str, *, video: bool) -> Item:
    told = {"id": call_id, "from": chat(phone), "timestamp": int(time.time()), "isVideo": video, "isGroup": False}
    return body(session, "call.received", told)


def revoked(session: Any, phone: str, message_id: str) -> list[Item]:
    known = {"id": serialised(phone, message_id, ours=False), "body": ""}
    return [body(session, "message.revoked", {"before": None, "after": known, "revokedMessageId": message_id})]
