"""What we send, as Meta wants it: one body for each kind of message."""

from __future__ import annotations

from typing import Any

from conversations.models import Attachment, ContactIdentity, Message
from conversations.providers.speaking import spoken
from conversations.providers.whatsapp import templates

Body = dict[str, Any]
MOST_BUTTONS = 3
# What WhatsApp shows as a picture, a film, a sound; anything else goes as a document.
SHOWN = {
    "image/jpeg": "image",
    "image/png": "image",
    "video/mp4": "video",
    "video/3gpp": "video",
    "audio/aac": "audio",
    "audio/amr": "audio",
    "audio/mpeg": "audio",
    "audio/mp4": "audio",
    "audio/ogg": "audio",
}


def addressed(message: Message) -> Body:
    """The envelope: to whom, answering what, and our own number, which comes back in every status."""
    address = address_of(message)
    to = {"to": address} if address.isdigit() else {"recipient": address}
    body = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **to,
        "biz_opaque_callback_data": f"m{message.pk}",
    }
    quoted = message.reply_to
    return {**body, "context": {"message_id": quoted.provider_id}} if quoted and quoted.provider_id else body


def address_of(message: Message) -> str:
    """What Meta calls the customer: what it last told us, else their number's digits."""
    conversation = message.conversation
    known = ContactIdentity.address_of(message.inbox_id, conversation.contact_id)
    return known or conversation.contact.phone_key.lstrip("+")


def kind_of(attachment: Attachment) -> str:
    return SHOWN.get(attachment.content_type, "document")


def with_file(message: Message, attachment: Attachment, media_id: str) -> Body:
    """A file that has been uploaded: the head of a template, or a message of its own."""
    template = message.metadata.get("template")
    if not template:
        return media_body(message, attachment, media_id)
    kind = template["head"]
    media = {"id": media_id, **({"filename": attachment.name} if kind == "document" else {})}
    parts = templates.with_head(template.get("components", []), kind, media)
    return {"type": "template", "template": template_body({**template, "components": parts})}


def media_body(message: Message, attachment: Attachment, media_id: str) -> Body:
    """A file that has been uploaded, with the text under it where the kind has room for one."""
    kind = kind_of(attachment)
    content: Body = {"id": media_id}
    if kind != "audio" and message.content:
        content["caption"] = message.content
    if kind == "document":
        content["filename"] = attachment.name
    return {"type": kind, kind: content}


def body_of(message: Message) -> Body:
    """A message without a file."""
    given = message.metadata
    if template := given.get("template"):
        return {"type": "template", "template": template_body(template)}
    if place := given.get("location"):
        return {"type": "location", "location": place}
    text = spoken(message)
    if buttons := given.get("buttons"):
        return {"type": "interactive", "interactive": interactive(text, buttons)}
    return {"type": "text", "text": {"body": text, "preview_url": "http" in text}}


def template_body(template: Body) -> Body:
    return {
        "name": template["name"],
        "language": {"code": template["language"]},
        "components": template.get("components", []),
    }


def interactive(text: str, buttons: list[Body]) -> Body:
    replies = [{"type": "reply", "reply": {"id": one["id"], "title": one["title"]}} for one in buttons]
    return {"type": "button", "body": {"text": text}, "action": {"buttons": replies}}
