"""What stands in a message of WhatsApp's own protocol, as gateways pass it on: `{conversation}`, `{imageMessage}`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from conversations.providers.happenings import MediaRef
from conversations.providers.reading import object_of, objects_of, text_of
from conversations.providers.whatsapp.contents import Content

Item = dict[str, Any]
MEDIA = {
    "imageMessage": "image",
    "videoMessage": "video",
    "ptvMessage": "video",
    "audioMessage": "audio",
    "documentMessage": "document",
    "stickerMessage": "sticker",
}
# What only wraps another message.
WRAPPERS = (
    "ephemeralMessage",
    "viewOnceMessage",
    "viewOnceMessageV2",
    "viewOnceMessageV2Extension",
    "documentWithCaptionMessage",
    "editedMessage",
)
# What stands beside the content and is none.
BESIDE = {"messageContextInfo", "senderKeyDistributionMessage", "base64", "mediaUrl", "contextInfo"}
DEEPEST = 5
MOST_CONTACTS = 20
TEL = re.compile(r"^(?:item\d+\.)?TEL[^:\n]*:(.+)$", re.MULTILINE | re.IGNORECASE)


def unwrapped(message: Item, depth: int = 0) -> Item:
    """The message inside its wrappers."""
    for name in WRAPPERS:
        if (inner := object_of(object_of(message.get(name)).get("message"))) and depth < DEEPEST:
            return unwrapped(inner, depth + 1)
    return message


def content_of(message: Item, message_id: str) -> Content:
    """What a message holds; its file is asked for by the message's id."""
    for name, told in unwrapped(message).items():
        if kind := MEDIA.get(name):
            return of_media(kind, object_of(told), message_id)
        if read := READERS.get(name):
            return read({"text": told} if isinstance(told, str) else object_of(told))
    return of_unsupported(message)


def context_of(message: Item) -> Item:
    """`contextInfo` of the content: what is quoted, whether it was forwarded."""
    for told in unwrapped(message).values():
        if context := object_of(object_of(told).get("contextInfo")):
            return context
    return {}


def of_media(kind: str, told: Item, message_id: str) -> Content:
    media = MediaRef(
        id=message_id,
        content_type=text_of(told.get("mimetype"), 100).split(";")[0].strip(),
        name=text_of(told.get("fileName") or told.get("title"), 200),
    )
    marks = {"voice": told.get("ptt") is True, "animated": told.get("isAnimated") is True}
    return Content(kind, text_of(told.get("caption")), media, {name: True for name, on in marks.items() if on})


def of_text(told: Item) -> Content:
    return Content("text", text_of(told["text"]))


def of_location(told: Item) -> Content:
    place = {"latitude": float(told["degreesLatitude"]), "longitude": float(told["degreesLongitude"])}
    words = {name: text_of(told.get(name), 500) for name in ("name", "address", "url") if told.get(name)}
    text = ", ".join(words[name] for name in ("name", "address") if name in words)
    return Content("location", text, metadata={"location": {**place, **words}})


def of_contacts(told: Item) -> Content:
    given = objects_of(told.get("contacts")) or [told]
    cards = [card(text_of(one.get("displayName"), 200), text_of(one.get("vcard"))) for one in given[:MOST_CONTACTS]]
    text = "\n".join(" ".join([one["name"], *one["phones"]]) for one in cards)
    return Content("contacts", text, metadata={"contacts": cards})


def card(name: str, vcard: str) -> Item:
    """A contact's card: its name, and the phones in it."""
    if not name and (found := re.search(r"^FN[^:\n]*:(.+)$", vcard, re.MULTILINE | re.IGNORECASE)):
        name = found[1].strip()[:200]
    return {"name": name, "phones": [phone.strip()[:40] for phone in TEL.findall(vcard)[:10]], "emails": []}


def of_button(told: Item) -> Content:
    """The answer by a button of ours, or by a line of a list."""
    row = object_of(told.get("singleSelectReply"))
    chosen = told.get("selectedButtonId") or told.get("selectedId") or row.get("selectedRowId")
    title = told.get("selectedDisplayText") or told.get("title")
    pressed = {"id": text_of(chosen, 256), "title": text_of(title, 256)}
    return Content("text", pressed["title"] or pressed["id"], metadata={"button": pressed})


def of_poll(told: Item) -> Content:
    options = [text_of(one.get("optionName"), 200) for one in objects_of(told.get("options"))[:20]]
    lines = [text_of(told.get("name"), 500), *(f"• {option}" for option in options)]
    return Content("text", "\n".join(filter(None, lines)), metadata={"poll": {"options": options}})


def of_unsupported(message: Item) -> Content:
    """Newer than we are, or of a kind that no helpdesk knows: shown as such, never dropped."""
    kind = next((name for name in message if name not in BESIDE), "unknown")
    return Content("text", "", metadata={"unsupported": {"type": kind[:60], "detail": ""}})


READERS: dict[str, Callable[[Item], Content]] = {
    "conversation": of_text,
    "extendedTextMessage": of_text,
    "locationMessage": of_location,
    "liveLocationMessage": of_location,
    "contactMessage": of_contacts,
    "contactsArrayMessage": of_contacts,
    "buttonsResponseMessage": of_button,
    "templateButtonReplyMessage": of_button,
    "listResponseMessage": of_button,
    "pollCreationMessage": of_poll,
    "pollCreationMessageV2": of_poll,
    "pollCreationMessageV3": of_poll,
}
