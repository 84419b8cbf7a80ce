"""What WAHA posts: `{event, session, payload, …}`, the same for all of its engines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from conversations.providers.gateways import jids
from conversations.providers.gateways.contents import card
from conversations.providers.gateways.events import (
    SILENT,
    WRITING,
    Item,
    all_read,
    called,
    digest,
    ignored,
    needed,
    unknown,
)
from conversations.providers.happenings import (
    AnyHappening,
    Edited,
    InboundMessage,
    MediaRef,
    Reacted,
    Revoked,
    SessionChanged,
    Status,
    Typing,
)
from conversations.providers.reading import decoded, moment_of, object_of, objects_of, text_of
from conversations.providers.whatsapp.contents import Content

SESSIONS = {
    "STARTING": "connecting",
    "SCAN_QR_CODE": "qr",
    "PASSKEY_REQUIRED": "connecting",
    "PASSKEY_CONFIRMATION_REQUIRED": "connecting",
    "WORKING": "connected",
    "FAILED": "disconnected",
    "STOPPED": "disconnected",
}
ACKS = {-1: "failed", 1: "sent", 2: "delivered", 3: "read", 4: "read"}
QR_LIVES_S = 20.0
MILLISECONDS = 10**11


def parse(raw: bytes) -> list[AnyHappening]:
    """What a delivery tells; raises Refused for what is no JSON."""
    body = decoded(raw)
    account = text_of(body.get("session"), 200) or "?"
    event = text_of(body.get("event"), 60)
    read = READERS.get(event)
    if read is None:
        return [] if event in IGNORED else [unknown(event or "event", body, account)]
    return all_read(lambda whole: read(whole, account), [body], event, account)


def parts_of(serialised: str) -> tuple[bool, str, str]:
    """`false_5591988887777@c.us_3EB0…`: whether it is ours, the chat, and the message's own id."""
    ours, _, rest = serialised.partition("_")
    chat, _, own = rest.partition("_")
    if ours not in ("true", "false") or not own:
        raise ValueError("id")
    return ours == "true", chat, needed(own.partition("_")[0])


def own_id(serialised: Any) -> str:
    """The message's own id, of a serialised or a bare one; "" for none."""
    text = text_of(serialised, 300)
    return parts_of(text)[2] if text.startswith(("true_", "false_")) else text[:200]


def message(body: Item, account: str) -> AnyHappening | None:
    item = object_of(body["payload"])
    ours, chat, message_id = parts_of(needed(item["id"]))
    if not jids.is_person(chat):
        return ignored(chat, message_id, account)
    content = content_of(item, message_id)
    return InboundMessage(
        account=account,
        at=moment_of(item.get("timestamp")),
        id=message_id,
        party=jids.party(chat, *others_of(item), name="" if ours else name_of(item)),
        kind=content.kind,
        text=content.text,
        media=content.media,
        reply_to=own_id(object_of(item.get("replyTo")).get("id")),
        metadata=content.metadata,
        ours=ours,
    )


def name_of(item: Item) -> str:
    """What the customer calls themselves, where each engine puts it."""
    inner = object_of(item.get("_data"))
    told = inner.get("notifyName") or inner.get("pushName") or object_of(inner.get("Info")).get("PushName")
    return text_of(told, 120)


def others_of(item: Item) -> tuple[str, str]:
    """What the customer of a message is called beside the chat's name: the number of a hidden one, where each engine
    puts it.
    """
    inner = object_of(item.get("_data"))
    info = object_of(inner.get("Info"))
    other = info.get("RecipientAlt") if info.get("IsFromMe") is True else info.get("SenderAlt")
    return text_of(object_of(inner.get("key")).get("remoteJidAlt"), 100), text_of(other, 100)


def content_of(item: Item, message_id: str) -> Content:
    text = text_of(item.get("body"))
    if item.get("hasMedia") is True:
        return media_of(object_of(item.get("media")), text, message_id)
    if place := object_of(item.get("location")):
        words = text_of(place.get("description") or place.get("name"), 500)
        told = {"latitude": float(place["latitude"]), "longitude": float(place["longitude"])}
        return Content("location", words, metadata={"location": {**told, **({"name": words} if words else {})}})
    if isinstance(item.get("vCards"), list) and item["vCards"]:
        cards = [card("", text_of(one)) for one in item["vCards"][:20]]
        lines = [" ".join([one["name"], *one["phones"]]) for one in cards]
        return Content("contacts", "\n".join(lines), metadata={"contacts": cards})
    if not text:
        kind = text_of(object_of(item.get("_data")).get("type"), 60) or "unknown"
        return Content("text", "", metadata={"unsupported": {"type": kind, "detail": ""}})
    return Content("text", text)


def media_of(told: Item, text: str, message_id: str) -> Content:
    content_type = text_of(told.get("mimetype"), 100).split(";")[0].strip()
    family = content_type.partition("/")[0]
    kind = "sticker" if content_type == "image/webp" else family
    if kind not in ("image", "audio", "video", "sticker"):
        kind = "document"
    url, name = text_of(told.get("url"), 2000), text_of(told.get("filename"), 200)
    return Content(kind, text, MediaRef(id=message_id, url=url, content_type=content_type, name=name))


def ack(body: Item, account: str) -> AnyHappening | None:
    item = object_of(body["payload"])
    ours, chat, message_id = parts_of(needed(item["id"]))
    level = item["ack"]
    if not ours or level == 0 or not jids.is_person(chat):
        return None
    reason = "refused" if level == -1 else ""
    told = {"account": account, "id": message_id, "status": ACKS[level], "reason": reason}
    return Status.model_validate(told)


def reaction(body: Item, account: str) -> AnyHappening | None:
    item = object_of(body["payload"])
    ours, chat, message_id = parts_of(needed(item["id"]))
    told = object_of(item["reaction"])
    target = needed(own_id(told["messageId"]))
    if not jids.is_person(chat):
        return None
    common = {"account": account, "at": moment_of(item.get("timestamp")), "id": message_id, "ours": ours}
    return Reacted(**common, party=jids.party(chat), target=target, emoji=text_of(told.get("text"), 32))


def revoked(body: Item, account: str) -> AnyHappening | None:
    item = object_of(body["payload"])
    known = object_of(item.get("before")) or object_of(item.get("after"))
    ours, chat, message_id = parts_of(needed(known["id"]))
    if not jids.is_person(chat):
        return None
    target = own_id(item.get("revokedMessageId")) or message_id
    return Revoked(account=account, id=f"{target}:deleted", party=jids.party(chat), target=target, ours=ours)


def edited(body: Item, account: str) -> AnyHappening | None:
    item = object_of(body["payload"])
    ours, chat, _own = parts_of(needed(item["id"]))
    target = needed(own_id(item["editedMessageId"]))
    if not jids.is_person(chat):
        return None
    common = {"account": account, "at": moment_of(item.get("timestamp")), "id": digest(item), "ours": ours}
    return Edited(**common, party=jids.party(chat), target=target, text=text_of(item["body"]))


def presence(body: Item, account: str) -> AnyHappening | None:
    """A customer writes, records, or is only there (again), which is how it ends."""
    item = object_of(body["payload"])
    chat = needed(item["id"])
    told = objects_of(item["presences"])
    state = told[0].get("lastKnownPresence") if told else ""
    if not jids.is_person(chat) or state not in WRITING | SILENT:
        return None
    common = {"account": account, "at": told_at(body), "id": text_of(body.get("id"), 100) or digest(body)}
    return Typing(**common, party=jids.party(chat), is_typing=state in WRITING)


def call(body: Item, account: str) -> AnyHappening | None:
    """A customer's phone rings here."""
    item = object_of(body["payload"])
    chat = needed(item["from"])
    if item.get("isGroup") is True or not jids.is_person(chat):
        return None
    at, video = moment_of(item.get("timestamp")), item.get("isVideo") is True
    return called((chat,), needed(item["id"]), account, at, video=video)


def session(body: Item, account: str) -> AnyHappening:
    state = object_of(body["payload"])["status"]
    me = object_of(body.get("me"))
    named = {"phone": jids.bare(text_of(me.get("id"), 60)), "profile_name": text_of(me.get("pushName"), 120)}
    return SessionChanged.model_validate(
        {
            "account": account,
            "at": told_at(body),
            "id": text_of(body.get("id"), 100) or digest(body),
            "status": SESSIONS[state],
            "reason": "session_failed" if state == "FAILED" else "",
            "facts": {name: value for name, value in named.items() if value},
        }
    )


def told_at(body: Item) -> datetime | None:
    """When it was told: WAHA counts milliseconds here, seconds elsewhere."""
    given = body.get("timestamp")
    if not isinstance(given, int | float) or isinstance(given, bool):
        return None
    found = moment_of(given / 1000 if given > MILLISECONDS else given)
    if found and given > MILLISECONDS:
        return datetime.fromtimestamp(given / 1000, UTC)
    return found


READERS: dict[str, Callable[[Item, str], AnyHappening | None]] = {
    "message": message,
    "message.any": message,
    "message.ack": ack,
    "message.reaction": reaction,
    "message.revoked": revoked,
    "message.edited": edited,
    "presence.update": presence,
    "call.received": call,
    "session.status": session,
}
IGNORED = {
    "call.accepted", "call.rejected", "chat.archive", "engine.event", "event.response", "group.join",
    "group.leave", "group.v2.join", "group.v2.leave", "group.v2.participants", "group.v2.update", "label.chat.added",
    "label.chat.deleted", "label.deleted", "label.upsert", "message.waiting", "poll.vote", "poll.vote.failed",
    "state.change", "event.response.failed",
}  # fmt: skip
