"""What we send, as the Bot API wants it: a method and its fields for each kind of message."""

from __future__ import annotations

from typing import Any, NamedTuple

from conversations.models import Attachment, Message
from conversations.providers.speaking import spoken

Body = dict[str, Any]
LARGEST_PHOTO = 10 * 2**20
LONGEST_CALLBACK = 64
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


def text_call(message: Message, chat: str) -> Call:
    """A message without a file."""
    body = addressed(message, chat)
    if place := message.metadata.get("location"):
        return place_call(body, place)
    if buttons := message.metadata.get("buttons"):
        body["reply_markup"] = {"inline_keyboard": [[button(one)] for one in buttons]}
    return Call("sendMessage", body | {"text": spoken(message)})


def file_call(message: Message, chat: str, file: Attachment) -> tuple[Call, str]:
    """A message with a file, and the name of the field in which the file goes; the text stands under it."""
    kind = kind_of(file)
    caption = {"caption": message.content} if message.content else {}
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
