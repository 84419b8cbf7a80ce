"""What stands in a message, kind by kind. A kind that nobody knows is shown as such and never dropped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from conversations.providers.happenings import MediaRef
from conversations.providers.reading import object_of, objects_of, text_of

Item = dict[str, Any]
# Telegram's kinds of files, and ours. An animation comes with a `document` for old clients, a venue with a `location`:
# so they stand first.
MEDIA_KINDS = {
    "animation": "video",
    "voice": "audio",
    "audio": "audio",
    "video": "video",
    "video_note": "video",
    "sticker": "sticker",
    "document": "document",
}
# What surrounds a message and says nothing of its kind.
ENVELOPE = {"message_id", "from", "chat", "date", "edit_date", "reply_to_message", "via_bot", "entities", "quote"}


class Content(NamedTuple):
    """A message's kind in our words, its text, its file, and what else is worth keeping."""

    kind: str
    text: str = ""
    media: MediaRef | None = None
    metadata: Item = {}


def content_of(message: Item) -> Content:
    """What a message holds. Raises KeyError, TypeError or ValueError where its kind is known and it is broken."""
    for name, read in READERS.items():
        if name in message:
            return read(message)
    for name, kind in MEDIA_KINDS.items():
        if name in message:
            return of_file(name, kind, message)
    return of_unsupported(message)


def of_text(message: Item) -> Content:
    return Content("text", text_of(message["text"]))


def of_photo(message: Item) -> Content:
    """One picture in several sizes: the largest."""
    largest = max(objects_of(message["photo"]), key=lambda size: int(size["width"]) * int(size["height"]))
    return Content("image", caption_of(message), MediaRef(id=file_id(largest), content_type="image/jpeg"))


def of_file(name: str, kind: str, message: Item) -> Content:
    told = message[name]
    media = MediaRef(
        id=file_id(told),
        content_type=text_of(told.get("mime_type"), 100).split(";")[0].strip(),
        name=text_of(told.get("file_name"), 200),
    )
    marks: Item = {"voice": True} if name == "voice" else {}
    if name == "animation" or told.get("is_animated") is True or told.get("is_video") is True:
        marks["animated"] = True
    if emoji := text_of(told.get("emoji"), 32):
        marks["emoji"] = emoji
    return Content(kind, caption_of(message), media, marks)


def of_location(message: Item) -> Content:
    """A place; a venue is one with a name and an address."""
    venue = object_of(message.get("venue"))
    told = object_of(venue.get("location")) or message["location"]
    place = {"latitude": float(told["latitude"]), "longitude": float(told["longitude"])}
    words = {ours: text_of(venue.get(name), 500) for ours, name in (("name", "title"), ("address", "address"))}
    words = {name: text for name, text in words.items() if text}
    return Content("location", ", ".join(words.values()), metadata={"location": {**place, **words}})


def of_contact(message: Item) -> Content:
    told = message["contact"]
    name, phone = full_name(told), text_of(told["phone_number"], 40)
    card = {"name": name, "phones": [phone], "emails": []}
    return Content("contacts", f"{name} {phone}".strip(), metadata={"contacts": [card]})


def of_unsupported(message: Item) -> Content:
    """A poll, a game, or what is newer than we are."""
    kind = next((name for name in message if name not in ENVELOPE), "unknown")
    text = caption_of(message)
    return Content("text", text, metadata={"unsupported": {"type": kind[:60], "detail": ""}})


def caption_of(message: Item) -> str:
    return text_of(message.get("caption"))


def file_id(told: Item) -> str:
    """A file's name at Telegram; raises KeyError or ValueError where it has none."""
    found = text_of(told["file_id"], 200)
    if not found:
        raise ValueError("file_id")
    return found


def full_name(person: Item) -> str:
    names = (text_of(person.get(name), 120) for name in ("first_name", "last_name"))
    return " ".join(" ".join(names).split())[:120]


READERS: dict[str, Callable[[Item], Content]] = {
    "text": of_text,
    "photo": of_photo,
    "venue": of_location,
    "location": of_location,
    "contact": of_contact,
}
