"""What Evolution API v2 posts: one event in each delivery, named with dots."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from conversations.providers.gateways import contents, jids
from conversations.providers.gateways.events import (
    SILENT,
    WRITING,
    Item,
    Read,
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
    PictureChanged,
    Reacted,
    Revoked,
    SessionChanged,
    Status,
    Typing,
)
from conversations.providers.reading import decoded, moment_of, object_of, objects_of, text_of

STATUSES = {
    "ERROR": "failed",
    "SERVER_ACK": "sent",
    "DELIVERY_ACK": "delivered",
    "READ": "read",
    "PLAYED": "read",
}
STATES = {"open": "connected", "connecting": "connecting", "close": "disconnected", "refused": "disconnected"}
# Right after a code was scanned, WhatsApp has the session connect once more.
RESTARTS = 515
# For so long a code can be scanned before the next one is made.
QR_LIVES_S = 45.0
REVOKE, EDIT = ("REVOKE", 0), ("MESSAGE_EDIT", 14)


def parse(raw: bytes) -> list[AnyHappening]:
    """What a delivery tells; raises Refused for what is no JSON."""
    body = {name: part for name, part in decoded(raw).items() if name != "apikey"}
    # One without a name is nobody's: it must not pass for everybody's.
    account = text_of(body.get("instance"), 200) or "?"
    event = text_of(body.get("event"), 60).lower().replace("_", ".").replace("-", ".")
    read = READERS.get(event)
    if read is None:
        return [] if event in IGNORED else [unknown(event or "event", body, account)]
    items = list(items_of(body.get("data"))) or ([{}] if event in EMPTY else [])
    if not items:
        return [unknown(event, body, account)]
    bound: Read = partial(read, body, account)
    return all_read(bound, items, event, account)


def items_of(data: Any) -> Iterator[Item]:
    """The parts of a delivery: one object, a list of them, or a list under `messages`."""
    if isinstance(data, list):
        yield from objects_of(data)
    elif inner := objects_of(object_of(data).get("messages")):
        yield from inner
    elif isinstance(data, dict):
        yield data


def told_at(body: Item) -> datetime | None:
    """The gateway's own clock, which calls its local time UTC: good for comparing with itself only."""
    return moment_in(body.get("date_time"))


def moment_in(told: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text_of(told, 40))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def upserted(body: Item, account: str, item: Item) -> AnyHappening | None:
    """Something written by the customer or, on the phone itself, by the team."""
    key = object_of(item["key"])
    jid, ours = needed(key["remoteJid"]), key.get("fromMe") is True
    if not jids.is_person(jid):
        return ignored(jid, needed(key["id"]), account)
    name = "" if ours else text_of(item.get("pushName"), 120)
    party = jids.party(jid, text_of(key.get("remoteJidAlt"), 100), text_of(key.get("senderPn"), 100), name=name)
    message = contents.unwrapped(object_of(item.get("message")))
    common = {
        "account": account,
        "at": moment_of(item.get("messageTimestamp")),
        "id": needed(key["id"]),
        "party": party,
    }
    if "reactionMessage" in message:
        return reacted(object_of(message["reactionMessage"]), common, ours=ours)
    if "protocolMessage" in message:
        return protocol(object_of(message["protocolMessage"]), common, ours=ours)
    if "pollUpdateMessage" in message or "keepInChatMessage" in message:
        return None
    return written(item, message, common, ours=ours)


def reacted(told: Item, common: Item, *, ours: bool) -> Reacted:
    target = needed(object_of(told["key"])["id"])
    return Reacted(**common, target=target, emoji=text_of(told.get("text"), 32), ours=ours)


def protocol(told: Item, common: Item, *, ours: bool) -> AnyHappening | None:
    """Something done to a message that was sent before."""
    kind = told.get("type")
    target = needed(object_of(told.get("key"))["id"]) if kind in (*REVOKE, *EDIT) else ""
    if kind in REVOKE:
        return Revoked(**common, target=target, ours=ours)
    if kind in EDIT:
        return Edited(**common, target=target, text=new_text(object_of(told.get("editedMessage"))), ours=ours)
    return None


def new_text(message: Item) -> str:
    found = contents.content_of(message, "")
    return found.text


def written(item: Item, message: Item, common: Item, *, ours: bool) -> InboundMessage:
    content = contents.content_of(message, common["id"])
    context = object_of(item.get("contextInfo")) or contents.context_of(message)
    more = {"forwarded": True} if context.get("isForwarded") is True else {}
    return InboundMessage(
        **common,
        kind=content.kind,
        text=content.text,
        media=content.media,
        reply_to=text_of(context.get("stanzaId"), 200),
        metadata={**content.metadata, **more},
        ours=ours,
    )


def updated(body: Item, account: str, item: Item) -> AnyHappening | None:
    """How far a message of ours has come; what becomes of the customer's is no news."""
    key = object_of(item.get("key"))
    message_id = needed(item.get("keyId") or key.get("id"))
    jid = text_of(item.get("remoteJid") or key.get("remoteJid"), 100)
    ours = (item.get("fromMe") if "fromMe" in item else key.get("fromMe")) is True
    state = text_of(item.get("status"), 20)
    # An edit comes without a state, or is even called a deletion, by some versions; real ones have their own event.
    if not ours or state in ("", "PENDING", "DELETED") or not jids.is_person(jid):
        return None
    if state not in STATUSES:
        return unknown("status", item, account)
    reason = "refused" if state == "ERROR" else ""
    return Status.model_validate(
        {"account": account, "id": message_id, "status": STATUSES[state], "reason": reason},
    )


def revoked(body: Item, account: str, item: Item) -> AnyHappening | None:
    key = object_of(item.get("key")) or item
    jid, target = needed(key["remoteJid"]), needed(key["id"])
    if not jids.is_person(jid):
        return None
    ours = key.get("fromMe") is True
    return Revoked(account=account, id=f"{target}:deleted", party=jids.party(jid), target=target, ours=ours)


def edited(body: Item, account: str, item: Item) -> AnyHappening | None:
    """An edit, in the very words of the phone that made it: whose chat and whose message it is (`remoteJid`, `fromMe`)
    is that phone's own word, and a customer's may say anything. Deletions that come this way are let be for the same
    reason: they are told of by `messages.delete` too, with the gateway's own word.
    """
    if item.get("type") not in EDIT:
        return None
    key = object_of(item["key"])
    jid, target = needed(key["remoteJid"]), needed(key["id"])
    if not jids.is_person(jid):
        return None
    common = {"account": account, "party": jids.party(jid), "target": target, "ours": None}
    text = new_text(object_of(item["editedMessage"]))
    moment = item.get("timestampMs")
    at = moment_of(float(moment) / 1000) if isinstance(moment, int | float | str) and moment else None
    return Edited(**common, at=at, id=digest(item), text=text)


def contact(body: Item, account: str, item: Item) -> AnyHappening | None:
    """A customer's photo, told of with each of their messages: by its path, since the rest of the address changes."""
    jid = needed(item.get("remoteJid") or item.get("id"))
    url = text_of(item.get("profilePicUrl", item.get("profilePictureUrl")), 2000)
    if not jids.is_person(jid) or not url:
        return None
    told = {"jid": jid, "path": urlsplit(url).path}
    return PictureChanged(account=account, id=digest(told), party=jids.party(jid))


def presence(body: Item, account: str, item: Item) -> AnyHappening | None:
    """A customer writes, records, or is only there (again), which is how it ends."""
    jid = needed(item["id"])
    if not jids.is_person(jid):
        return None
    state = next((object_of(one).get("lastKnownPresence") for one in object_of(item["presences"]).values()), "")
    if state not in WRITING | SILENT:
        return None
    return Typing(account=account, id=digest(body), party=jids.party(jid), is_typing=state in WRITING)


def call(body: Item, account: str, item: Item) -> AnyHappening | None:
    """A customer's phone rings here; what becomes of the call is no news."""
    jid = needed(item.get("from") or item.get("chatId"))
    if item.get("status") != "offer" or item.get("isGroup") is True or not jids.is_person(jid):
        return None
    names, at = (jid, text_of(item.get("callerPn"), 100)), moment_in(item.get("date"))
    return called(names, needed(item["id"]), account, at, video=item.get("isVideo") is True)


def qr(body: Item, account: str, item: Item) -> AnyHappening:
    told = object_of(item.get("qrcode"))
    common = {"account": account, "at": told_at(body), "id": digest(body)}
    if not told:
        return SessionChanged(**common, status="disconnected", reason="unscanned", error=text_of(item["message"], 200))
    return SessionChanged(
        **common,
        status="qr",
        code=text_of(told.get("code"), 1000),
        image=text_of(told.get("base64"), 200_000),
        lives_s=QR_LIVES_S,
    )


def connection(body: Item, account: str, item: Item) -> AnyHappening:
    named = {"phone": jids.bare(text_of(item.get("wuid"), 60)), "profile_name": text_of(item.get("profileName"), 120)}
    facts = {name: value for name, value in named.items() if value}
    return SessionChanged.model_validate(
        {
            "account": account,
            "at": told_at(body),
            "id": digest(body),
            "status": "connecting" if item.get("statusReason") == RESTARTS else STATES[item["state"]],
            "facts": facts,
        }
    )


def gone(body: Item, account: str, item: Item) -> AnyHappening:
    return SessionChanged(account=account, at=told_at(body), id=digest(body), status="disconnected")


READERS: dict[str, Any] = {
    "messages.upsert": upserted,
    "send.message": upserted,
    "messages.update": updated,
    "messages.delete": revoked,
    "messages.edited": edited,
    "contacts.upsert": contact,
    "contacts.update": contact,
    "qrcode.updated": qr,
    "connection.update": connection,
    "presence.update": presence,
    "call": call,
    "logout.instance": gone,
    "remove.instance": gone,
}
# Those that say all by their name.
EMPTY = {"logout.instance", "remove.instance"}
# What one may subscribe to and nobody needs here.
IGNORED = {
    "application.startup", "chats.delete", "chats.set", "chats.update", "chats.upsert", "contacts.set",
    "group.participants.update", "group.update", "groups.upsert", "groups.update", "instance.create", "instance.delete",
    "labels.association", "labels.edit", "messages.set", "send.message.update", "status.instance",
    "typebot.change.status", "typebot.start",
}  # fmt: skip
