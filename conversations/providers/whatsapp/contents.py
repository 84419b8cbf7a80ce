"""What stands in a message, kind by kind. A kind that nobody knows is shown as such and never dropped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from conversations.providers.happenings import MediaRef
from conversations.providers.reading import object_of, objects_of, text_of

Item = dict[str, Any]
MEDIA_KINDS = ("image", "video", "audio", "document", "sticker")
MOST_CONTACTS = 20
MOST_PRODUCTS = 30


class Content(NamedTuple):
    """A message's kind in our words, its text, its file, and what else is worth keeping."""

    kind: str
    text: str = ""
    media: MediaRef | None = None
    metadata: Item = {}


def content_of(kind: str, item: Item) -> Content:
    """What a message of this type holds."""
    if kind in MEDIA_KINDS:
        return of_media(kind, object_of(item.get(kind)))
    read = READERS.get(kind)
    return read(object_of(item.get(kind)), item) if read else of_unsupported(kind, item)


def caption_of(message: Item) -> str:
    """The text of an edited message: what stands in it, or under it."""
    kind = text_of(message.get("type"))
    inner = object_of(message.get(kind))
    return text_of(inner.get("body")) or text_of(inner.get("caption"))


def of_media(kind: str, told: Item) -> Content:
    media = MediaRef(
        id=text_of(told.get("id"), 200),
        url=text_of(told.get("url"), 2000),
        content_type=text_of(told.get("mime_type"), 100).split(";")[0].strip(),
        name=text_of(told.get("filename"), 200),
        sha256=text_of(told.get("sha256"), 64),
    )
    marks = {name: True for name in ("voice", "animated") if told.get(name) is True}
    return Content(kind, text_of(told.get("caption")), media, marks)


def of_text(told: Item, item: Item) -> Content:
    return Content("text", text_of(told["body"]))


def of_location(told: Item, item: Item) -> Content:
    place = {"latitude": float(told["latitude"]), "longitude": float(told["longitude"])}
    words = {name: text_of(told.get(name), 500) for name in ("name", "address", "url") if told.get(name)}
    text = ", ".join(words[name] for name in ("name", "address") if name in words)
    return Content("location", text, metadata={"location": {**place, **words}})


def of_contacts(_told: Item, item: Item) -> Content:
    cards = [card(contact) for contact in objects_of(item.get("contacts"))[:MOST_CONTACTS]]
    text = "\n".join(" ".join([one["name"], *one["phones"]]) for one in cards)
    return Content("contacts", text, metadata={"contacts": cards})


def card(contact: Item) -> Item:
    name = object_of(contact.get("name"))
    return {
        "name": text_of(name.get("formatted_name") or name.get("first_name"), 200),
        "phones": [text_of(one.get("phone") or one.get("wa_id"), 40) for one in objects_of(contact.get("phones"))],
        "emails": [text_of(one.get("email"), 254) for one in objects_of(contact.get("emails"))],
    }


def of_button(told: Item, item: Item) -> Content:
    """The answer by a template's button."""
    pressed = {"id": text_of(told.get("payload"), 256), "title": text_of(told.get("text"), 256)}
    return Content("text", pressed["title"] or pressed["id"], metadata={"button": pressed})


def of_interactive(told: Item, item: Item) -> Content:
    """The answer by a button, a line of a list, or a form."""
    kind = text_of(told.get("type"))
    answer = object_of(told.get(kind))
    if kind == "nfm_reply":
        form = {"name": text_of(answer.get("name"), 100), "response": text_of(answer.get("response_json"), 8000)}
        return Content("text", text_of(answer.get("body")) or form["name"], metadata={"form": form})
    pressed = {name: text_of(answer.get(name), 256) for name in ("id", "title", "description") if answer.get(name)}
    return Content("text", pressed.get("title") or pressed["id"], metadata={"button": pressed})


def of_order(told: Item, item: Item) -> Content:
    products = [
        {
            "id": text_of(one.get("product_retailer_id"), 100),
            "quantity": one.get("quantity") if isinstance(one.get("quantity"), int | float) else 1,
            "price": one.get("item_price") if isinstance(one.get("item_price"), int | float) else None,
            "currency": text_of(one.get("currency"), 3),
        }
        for one in objects_of(told.get("product_items"))[:MOST_PRODUCTS]
    ]
    lines = [f"{one['quantity']} × {one['id']}" for one in products]
    text = "\n".join(filter(None, [text_of(told.get("text")), *lines]))
    order = {"catalog_id": text_of(told.get("catalog_id"), 100), "products": products}
    return Content("text", text, metadata={"order": order})


def of_system(told: Item, item: Item) -> Content:
    return Content("text", text_of(told.get("body")), metadata={"system": text_of(told.get("type"), 60) or "system"})


def of_unsupported(kind: str, item: Item) -> Content:
    """WhatsApp itself could not pass it on, or it is newer than we are."""
    errors = objects_of(item.get("errors"))
    inner = text_of(object_of(item.get("unsupported")).get("type"), 60)
    detail = text_of(errors[0].get("title") or errors[0].get("message"), 200) if errors else ""
    return Content("text", "", metadata={"unsupported": {"type": inner or kind[:60] or "unknown", "detail": detail}})


READERS: dict[str, Callable[[Item, Item], Content]] = {
    "text": of_text,
    "location": of_location,
    "contacts": of_contacts,
    "button": of_button,
    "interactive": of_interactive,
    "order": of_order,
    "system": of_system,
}
