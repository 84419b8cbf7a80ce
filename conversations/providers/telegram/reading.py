"""What Telegram posts, as happenings: one update in each delivery.

A message's number counts within its chat, so its name here is `chat:number`. Only private chats are conversations with
a customer; that a group was ignored is noted with the account.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conversations.providers.happenings import (
    AccountNews,
    AnyHappening,
    Edited,
    Identity,
    InboundMessage,
    Party,
    Reacted,
    Unknown,
)
from conversations.providers.reading import decoded, digest, moment_of, object_of, objects_of, text_of
from conversations.providers.telegram import contents

Item = dict[str, Any]
# What we ask Telegram to post; reactions come only where they are asked for by name.
UPDATES = ("message", "edited_message", "message_reaction", "callback_query", "my_chat_member")


def parse(raw: bytes) -> list[AnyHappening]:
    """What a delivery tells; raises Refused for what is not a JSON object."""
    update = decoded(raw)
    kind = next((name for name in update if name != "update_id"), "")
    told = object_of(update.get(kind))
    try:
        number = numbered(update, "update_id")
        if group := group_of(told):
            return [group]
        if kind == "my_chat_member":  # A customer blocked the bot, or came back: the next reply will say so.
            return []
        return READERS[kind](told, number)
    except (AttributeError, KeyError, TypeError, ValueError):
        return [Unknown(id=digest(update), kind=kind[:60] or "update", body=update)]


def group_of(told: Item) -> AccountNews | None:
    """That somebody uses the bot in a group or a channel, where it does nothing."""
    chat = object_of(told.get("chat")) or object_of(object_of(told.get("message")).get("chat"))
    kind = text_of(chat.get("type"))
    if kind in ("", "private"):
        return None
    return AccountNews(id=f"group:{numbered(chat, 'id')}", facts={"ignored_group": text_of(chat.get("title"), 100)})


def message_of(told: Item, number: int) -> list[AnyHappening]:
    content = contents.content_of(told)
    quoted = object_of(told.get("reply_to_message"))
    more = {"forwarded": True} if "forward_origin" in told else {}
    message = InboundMessage(
        id=name_of(told),
        at=moment_of(told.get("date")),
        party=party_of(told["from"], told["chat"]),
        kind=content.kind,
        text=content.text,
        media=content.media,
        reply_to=f"{numbered(told['chat'], 'id')}:{numbered(quoted, 'message_id')}" if quoted else "",
        metadata={**content.metadata, **more},
    )
    return [message]


def edit_of(told: Item, number: int) -> list[AnyHappening]:
    """A text or a caption that was changed. A live location moves on by edits, which are no news for a helpdesk."""
    if "location" in told:
        return []
    text = text_of(told.get("text")) or contents.caption_of(told)
    party = party_of(told["from"], told["chat"])
    at = moment_of(told.get("edit_date"))
    return [Edited(id=f"update:{number}", at=at, party=party, target=name_of(told), text=text)]


def reaction_of(told: Item, number: int) -> list[AnyHappening]:
    """The reactions that stand now. One person has one of them here: the first that is an emoji."""
    emojis = [text_of(one.get("emoji"), 32) for one in objects_of(told["new_reaction"])]
    return [
        Reacted(
            id=f"update:{number}",
            at=moment_of(told.get("date")),
            party=party_of(told["user"], told["chat"]),
            target=name_of(told),
            emoji=next(filter(None, emojis), ""),
        )
    ]


def button_of(told: Item, number: int) -> list[AnyHappening]:
    """A button of ours was pressed: an answer in the words that stand on it."""
    asked = object_of(told.get("message"))
    pressed = text_of(told["data"], 64)
    title = next((text for text, data in buttons_of(asked) if data == pressed), pressed)
    chat = asked.get("chat") or {"id": told["from"]["id"]}
    return [
        InboundMessage(
            id=f"{numbered(chat, 'id')}:callback-{text_of(told['id'], 100) or number}",
            party=party_of(told["from"], chat),
            text=title,
            reply_to=name_of(asked) if asked else "",
            metadata={"button": {"id": pressed, "title": title}},
        )
    ]


def buttons_of(message: Item) -> list[tuple[str, str]]:
    rows = object_of(message.get("reply_markup")).get("inline_keyboard")
    found = [one for row in rows for one in objects_of(row)] if isinstance(rows, list) else []
    return [(text_of(one.get("text"), 256), text_of(one.get("callback_data"), 64)) for one in found]


# --- names ------------------------------------------------------------------------------------------------------------


def party_of(person: Item, chat: Item) -> Party:
    """Who wrote. The number is theirs for good; a username may be somebody else's tomorrow."""
    known = Identity(identifier=f"telegram:{numbered(person, 'id')}", address=str(numbered(chat, "id")))
    username = text_of(person.get("username"), 64)
    handles = (f"telegram:@{username.lower()}",) if username else ()
    return Party(identities=(known,), handles=handles, name=contents.full_name(person) or username)


def name_of(message: Item) -> str:
    """What we call a message: its chat and its number there."""
    return f"{numbered(message['chat'], 'id')}:{numbered(message, 'message_id')}"


def numbered(item: Item, name: str) -> int:
    """A number of Telegram's; raises KeyError or ValueError where it is missing or none."""
    value = item[name]
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 2**63:
        raise ValueError(name)
    return value


READERS: dict[str, Callable[[Item, int], list[AnyHappening]]] = {
    "message": message_of,
    "edited_message": edit_of,
    "message_reaction": reaction_of,
    "callback_query": button_of,
}
