"""Evolution API v2's webhooks."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import segno

Item = dict[str, Any]
TYPING, ENDED = "PRESENCE_UPDATE", "close"
OWN = "5511900000000"
STATES = {"sent": "SERVER_ACK", "delivered": "DELIVERY_ACK", "read": "READ", "failed": "ERROR"}
KINDS = {
    "image": "imageMessage",
    "audio": "audioMessage",
    "video": "videoMessage",
    "document": "documentMessage",
    "sticker": "stickerMessage",
}


def body(session: Any, event: str, data: Any) -> Item:
    return {
        "event": event,
        "instance": session.name,
        "data": data,
        "destination": session.webhook,
        "date_time": moment(),
        "sender": chat(OWN),
        "server_url": "http://gateway",
        "apikey": "the-gateways-own-key",
    }


def moment() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def connection(session: Any) -> Item:
    state = "connecting" if session.state == "qr" else session.state
    data: Item = {"instance": session.name, "state": state, "statusReason": 200 if state == "open" else 0}
    if state == "open":
        data |= {"wuid": chat(OWN), "profileName": "Loja Aurora", "profilePictureUrl": None}
    return body(session, "connection.update", data)


def picture(session: Any) -> Item:
    drawn = segno.make_qr(session.code, error="l").png_data_uri(scale=4)
    return {"pairingCode": None, "code": session.code, "base64": drawn, "count": session.count}


def qr(session: Any) -> Item:
    return body(session, "qrcode.updated", {"qrcode": {"instance": session.name, **picture(session)}})


def given_up(session: Any) -> list[Item]:
    said = {"message": "QR code limit reached, please login again", "statusCode": 500}
    refused = {"instance": session.name, "state": "refused", "statusReason": 428}
    return [body(session, "qrcode.updated", said), body(session, "connection.update", refused)]


def key(phone: str, message_id: str, *, ours: bool) -> Item:
    """`phone` may be a whole chat's name, as of a group."""
    return {"id": message_id, "remoteJid": chat(phone), "fromMe": ours}


def chat(phone: str) -> str:
    return phone if "@" in phone else f"{phone}@s.whatsapp.net"


def message(session: Any, phone: str, message_id: str, text: str, **more: Any) -> Item:
    ours = bool(more.get("ours"))
    kind = str(more.get("kind", ""))
    inner: Item = {"conversation": text}
    if kind:
        told = {"mimetype": more.get("mime_type", "image/png"), "caption": text, "fileName": more.get("name")}
        inner = {KINDS[kind]: {field: value for field, value in told.items() if value}}
    data: Item = {
        "key": key(phone, message_id, ours=ours),
        "pushName": "Loja Aurora" if ours else more.get("who", ""),
        "status": "DELIVERY_ACK",
        "message": inner,
        "messageType": next(iter(inner)),
        "messageTimestamp": int(more.get("at") or time.time()),
        "instanceId": "0",
        "source": "android",
    }
    if reply_to := more.get("reply_to"):
        data["contextInfo"] = {"stanzaId": reply_to}
    return body(session, "messages.upsert", data)


def status(session: Any, phone: str, message_id: str, state: str) -> Item:
    told = {"keyId": message_id, "remoteJid": chat(phone), "fromMe": True, "status": STATES[state]}
    return body(session, "messages.update", {**told, "instanceId": "0"})


def reaction(session: Any, phone: str, message_id: str, emoji: str, *, ours: bool, by_us: bool = False) -> Item:
    target = key(phone, message_id, ours=ours)
    data = {
        "key": key(phone, f"R{time.monotonic_ns():X}", ours=by_us),
        "pushName": "",
        "message": {"reactionMessage": {"key": target, "text": emoji}},
        "messageType": "reactionMessage",
        "messageTimestamp": int(time.time()),
    }
    return body(session, "messages.upsert", data)


def edited(session: Any, phone: str, message_id: str, text: str, *, ours: bool) -> Item:
    """In the words of whoever edited: the message is theirs, and the chat's name is the other's number."""
    data = {
        "key": key(phone if ours else OWN, message_id, ours=True),
        "type": "MESSAGE_EDIT",
        "editedMessage": {"conversation": text},
        "timestampMs": str(time.time_ns() // 1_000_000),
    }
    return body(session, "messages.edited", data)


def pictured(session: Any, phone: str, name: str) -> list[Item]:
    told = {"remoteJid": f"{phone}@s.whatsapp.net", "profilePicUrl": f"https://pps.whatsapp.net/v/{name}.jpg"}
    return [body(session, "contacts.update", [told])]


def presence(session: Any, phone: str, *, is_typing: bool) -> Item:
    state = {"lastKnownPresence": "composing" if is_typing else "available"}
    return body(session, "presence.update", {"id": chat(phone), "presences": {chat(phone): state}})


def call(session: Any, phone: str, call_id: str, *, video: bool) -> Item:
    told = {"chatId": chat(phone), "from": chat(phone), "id": call_id, "date": moment(), "status": "offer"}
    return body(session, "call", {**told, "isVideo": video, "isGroup": False, "offline": False})


def revoked(session: Any, phone: str, message_id: str) -> list[Item]:
    """Told twice: as it came, in the customer's words, and as what has become of the message."""
    said = {"key": key(OWN, message_id, ours=True), "type": "REVOKE"}
    told = key(phone, message_id, ours=False)
    return [body(session, "messages.edited", said), body(session, "messages.delete", told)]
