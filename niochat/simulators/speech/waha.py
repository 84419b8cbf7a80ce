"""WAHA's webhooks."""

from __future__ import annotations

import secrets
import time
from typing import Any

Item = dict[str, Any]
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


qr = given_up = connection


def chat(phone: str) -> str:
    return f"{phone}@c.us"


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


def reaction(session: Any, phone: str, message_id: str, emoji: str, *, ours: bool) -> Item:
    payload = {
        "id": serialised(phone, f"R{time.monotonic_ns():X}", ours=False),
        "from": chat(phone),
        "fromMe": False,
        "timestamp": int(time.time()),
        "reaction": {"text": emoji, "messageId": serialised(phone, message_id, ours=ours)},
    }
    return body(session, "message.reaction", payload)


def revoked(session: Any, phone: str, message_id: str) -> Item:
    known = {"id": serialised(phone, message_id, ours=False), "body": ""}
    return body(session, "message.revoked", {"before": None, "after": known, "revokedMessageId": message_id})
