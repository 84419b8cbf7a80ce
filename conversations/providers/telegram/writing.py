"""What we send, as the Bot API wants it: a method and its fields for each kind of message."""

from __future__ import annotations

from typing import Any, NamedTuple

from conversations.models import Attachment, Message
from conversations.providers.base import Limits
from conversations.providers.speaking import spoken
from conversations.providers.splitting import split

Body = dict[str, Any]
LARGEST_PHOTO = 10 * 2**20
LONGEST_CALLBACK = 64
LONGEST_TEXT, LONGEST_CAPTION = 4096, 1024
LIMITS = Limits(text=LONGEST_TEXT, caption=LONGEST_CAPTION, splits=True)
# What Telegram shows as a picture, a film, a sound; anything else goes as a document.
SHOWN = {
    "image/jpeg": "photo",
    "image/png": "photo",
    "image/gif": "animation",
    "video/mp4": "video",
    "audio/mpeg": "audio",
    "audio/mp4": "audio",
    "audio/ogg": "voice",
}


class Call(NamedTuple):
    method: str
    body: Body


def parts_of(message: Message) -> list[str]:
    """What each message there says; under a file there is less room than by itself."""
    text = spoken(message)
    if message.metadata.get("location"):
        return [text]
    return split(text, LONGEST_CAPTION if message.attachments.all() else LONGEST_TEXT, LONGEST_TEXT)


def text_call(message: Message, chat: str, part: int = 0) -> Call:
    """A part without a file. The first carries what is answered, the last the buttons."""
    body: Body = addressed(message, chat) if part == 0 else {"chat_id": int(chat)}
    if place := message.metadata.get("location"):
        return place_call(body, place)
    parts = parts_of(message)
    if (buttons := message.metadata.get("buttons")) and part == len(parts) - 1:
        body["reply_markup"] = {"inline_keyboard": [[button(one)] for one in buttons]}
    return Call("sendMessage", body | {"text": parts[part]})


def file_call(message: Message, chat: str, file: Attachment) -> tuple[Call, str]:
    """A message with a file, and the name of the field in which the file goes; the text stands under it."""
    kind = kind_of(file)
    first = parts_of(message)[0]
    caption = {"caption": first} if first else {}
    return Call(f"send{kind.capitalize()}", addressed(message, chat) | caption), kind


def kind_of(file: Attachment) -> str:
    kind = SHOWN.get(file.content_type, "document")
    return "document" if kind == "photo" and file.size > LARGEST_PHOTO else kind


def addressed(message: Message, chat: str) -> Body:
    """To whom, and answering what; a message that is gone is answered all the same."""
    body: Body = {"chat_id": int(chat)}
    quoted = message.reply_to
    there, _, number = quoted.provider_id.rpartition(":") if quoted else ("", "", "")
    if there == chat and number.isdigit():
        body["reply_parameters"] = {"message_id": int(number), "allow_sending_without_reply": True}
    return body


def place_call(body: Body, place: Body) -> Call:
    """A place; one that has a name is a venue."""
    point = {"latitude": place["latitude"], "longitude": place["longitude"]}
    if place.get("name"):
        return Call("sendVenue", body | point | {"title": place["name"], "address": place.get("address") or "–"})
    return Call("sendLocation", body | point)


def button(one: Body) -> Body:
    """A button under a message. Telegram takes 64 bytes as its id: a longer one is called by its title."""
    data = one["id"] if len(one["id"].encode()) <= LONGEST_CALLBACK else one["title"]
    return {"text": one["title"], "callback_data": data.encode()[:LONGEST_CALLBACK].decode(errors="ignore")}
