"""A Telegram of our own: it checks what a bot calls as the Bot API would, posts updates with the secret that it was
given, and misbehaves when it is told to.

`Telegram` is the world (people's chats with the one bot, files, moods); `telegram_http` speaks for it.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from niochat.simulators import world
from niochat.simulators.server import Refusal, Upload

Item = dict[str, Any]
LONGEST_TEXT, LONGEST_CAPTION, MOST_FILE_BYTES = 4096, 1024, 20 * 2**20
SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
# Some of those that Telegram lets a bot react with; it refuses any other.
REACTIONS = frozenset("👍👎❤🔥🥰👏😁🤔🤯😱😢🎉🤩🙏👌😍💯🤣💔😭👀🤝")
FILES = {
    "sendPhoto": "photo",
    "sendVideo": "video",
    "sendAudio": "audio",
    "sendVoice": "voice",
    "sendAnimation": "animation",
    "sendDocument": "document",
}


def units(text: str) -> int:
    """Telegram counts in UTF-16."""
    return len(text.encode("utf-16-le")) // 2


class BotError(Refusal):
    """A refusal in the Bot API's words."""


class Telegram(world.World):
    """One bot and the people who write to it."""

    def __init__(self, token: str, *, webhook: str = "", secret: str = "", username: str = "aurora_bot") -> None:
        super().__init__()
        self.token, self.webhook, self.secret = token, webhook, secret
        self.me = {"id": int(token.partition(":")[0]), "is_bot": True, "first_name": "Aurora", "username": username}
        self.allowed: list[str] = []
        self.people: dict[int, Item] = {}
        self.last: dict[int, int] = {}
        self.blocked: set[int] = set()
        self.files: dict[str, tuple[str, bytes]] = {}
        self.calls: list[tuple[str, Item]] = []
        self.update_id = 1000
        self.last_error = ""

    # --- what the bot calls

    def call(self, method: str, body: Item) -> Any:
        """A method with its fields; a file's is an `Upload`. Raises BotError, and KeyError for a missing one."""
        self.calls.append((method, body))
        if answer := self.others().get(method):
            return answer(body)
        return self.send(method, body)

    def others(self) -> dict[str, Callable[[Item], Any]]:
        """Every method but those that send a message."""
        return {
            "getMe": lambda _: self.me,
            "setWebhook": self.set_webhook,
            "getWebhookInfo": lambda _: self.webhook_info(),
            "getFile": lambda body: self.file(body["file_id"]),
            "sendChatAction": lambda body: self.seen({"event": "typing", "to": self.reached(body)}),
            "setMessageReaction": self.react_to,
            "deleteMessages": self.delete,
            "answerCallbackQuery": lambda body: self.seen({"event": "answered", "id": body["callback_query_id"]}),
        }

    def webhook_info(self) -> Item:
        trouble = {"last_error_message": self.last_error} if self.last_error else {}
        return {"url": self.webhook, "pending_update_count": len(self.outbox), **trouble}

    def set_webhook(self, body: Item) -> bool:
        parts = urlsplit(body["url"])
        if parts.scheme != "https" and parts.hostname not in LOOPBACK:
            raise BotError(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        if not SECRET.fullmatch(body.get("secret_token", "")):
            raise BotError(400, "Bad Request: secret token contains unallowed characters")
        self.webhook, self.secret = body["url"], body.get("secret_token", "")
        self.allowed = list(body.get("allowed_updates", []))
        return True

    def reached(self, body: Item) -> int:
        """The chat that is spoken of, if the bot may."""
        chat = int(body["chat_id"])
        if chat not in self.people:
            raise BotError(400, "Bad Request: chat not found")
        if chat in self.blocked:
            raise BotError(403, "Forbidden: bot was blocked by the user")
        return chat

    def send(self, method: str, body: Item) -> Item:
        """Show a message in its chat; what Telegram answers is that message."""
        chat = self.reached(body)
        message: Item = {"chat": {"id": chat, "type": "private"}, "from": self.me, "date": int(time.time())}
        message |= self.content(method, body)
        if units(message.get("caption", "")) > LONGEST_CAPTION:
            raise BotError(400, "Bad Request: message caption is too long")
        quoted = body.get("reply_parameters", {})
        if quoted and quoted["message_id"] > self.last[chat] and not quoted.get("allow_sending_without_reply"):
            raise BotError(400, "Bad Request: message to be replied not found")
        if markup := body.get("reply_markup"):
            message["reply_markup"] = markup
        message["message_id"] = self.numbered(chat)
        with self.changed:
            self.sent.append({**body, "method": method, "message_id": message["message_id"]})
        self.show({"event": "message", "to": chat, "from_business": True, **message, "reply_parameters": quoted})
        return message

    def content(self, method: str, body: Item) -> Item:
        """What stands in a message that is sent."""
        if method == "sendMessage":
            if not 0 < units(body["text"].strip()) <= LONGEST_TEXT:
                raise BotError(400, "Bad Request: message text is empty or too long")
            return {"text": body["text"]}
        if method in ("sendLocation", "sendVenue"):
            return {"location": {"latitude": float(body["latitude"]), "longitude": float(body["longitude"])}}
        if method not in FILES:
            raise BotError(404, "Not Found")
        file: Upload = body[FILES[method]]
        told = {"file_id": self.keep(file.name, file.content), "file_name": file.name, "file_size": len(file.content)}
        caption = {"caption": body["caption"]} if body.get("caption") else {}
        return {FILES[method]: [told] if method == "sendPhoto" else told, **caption}

    def react_to(self, body: Item) -> bool:
        chat = self.reached(body)
        emojis = [one["emoji"] for one in body["reaction"]]
        if len(emojis) > 1 or not set(emojis) <= REACTIONS:
            raise BotError(400, "Bad Request: REACTION_INVALID")
        return self.seen({"event": "reaction", "to": chat, "message_id": body["message_id"], "emoji": "".join(emojis)})

    def delete(self, body: Item) -> bool:
        """Take messages back; those that are not there are passed over."""
        return self.seen({"event": "deleted", "to": self.reached(body), "message_ids": body["message_ids"]})

    def file(self, file_id: str) -> Item:
        if file_id not in self.files or self.moods.media_expired:
            raise BotError(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        name, content = self.files[file_id]
        if len(content) > MOST_FILE_BYTES:
            raise BotError(400, "Bad Request: file is too big")
        return {"file_id": file_id, "file_size": len(content), "file_path": f"files/{file_id}/{name}"}

    def keep(self, name: str, content: bytes) -> str:
        file_id = f"SIM{secrets.token_urlsafe(12)}"
        self.files[file_id] = (name, content)
        return file_id

    # --- what people do

    def say(self, who: int, name: str, message: Item, *, username: str = "") -> int:
        """Somebody sends the bot something; the number of their message in their chat."""
        person = {"id": who, "is_bot": False, "first_name": name, **({"username": username} if username else {})}
        self.people[who] = person
        number = self.numbered(who)
        written = {"message_id": number, "from": person, "chat": self.chat(who), "date": int(time.time()), **message}
        self.show({"event": "said", "to": who, **written})
        self.post("message", written)
        return number

    def edit(self, who: int, number: int, text: str) -> None:
        told = {"message_id": number, "from": self.people[who], "chat": self.chat(who), "date": int(time.time())}
        self.post("edited_message", {**told, "edit_date": int(time.time()) + 1, "text": text})

    def react(self, who: int, number: int, emoji: str) -> None:
        new = [{"type": "emoji", "emoji": emoji}] if emoji else []
        told = {"chat": self.chat(who), "user": self.people[who], "message_id": number, "date": int(time.time())}
        self.post("message_reaction", {**told, "old_reaction": [], "new_reaction": new})

    def press(self, who: int, number: int, data: str) -> str:
        """Press a button under a message of the bot's; the button waits until the bot has answered."""
        shown = next(one for one in self.shown if one["event"] == "message" and one["message_id"] == number)
        message = {name: shown[name] for name in ("message_id", "chat", "from", "date", "text", "reply_markup")}
        pressed = secrets.token_hex(8)
        self.post("callback_query", {"id": pressed, "from": self.people[who], "data": data, "message": message})
        return pressed

    def chat(self, who: int) -> Item:
        return {"id": who, "first_name": self.people[who]["first_name"], "type": "private"}

    def numbered(self, chat: int) -> int:
        with self.changed:
            self.last[chat] = self.last.get(chat, 0) + 1
            return self.last[chat]

    # --- what is posted

    def post(self, kind: str, told: Item) -> None:
        """Put an update into the post, once or, in that mood, twice and not with the same bytes."""
        if self.allowed and kind not in self.allowed:
            return
        with self.changed:
            self.update_id += 1
            raw = json.dumps({"update_id": self.update_id, kind: told}, ensure_ascii=False).encode()
        self.dispatch("", raw)

    def address(self, parcel: world.Parcel) -> str:
        """Wherever the bot wants to be told now."""
        return self.webhook

    def proof(self, parcel: world.Parcel) -> Mapping[str, str]:
        return {"X-Telegram-Bot-Api-Secret-Token": self.secret}

    def heard(self, answer: httpx.Response) -> None:
        """An answer may be a call, which is obeyed."""
        if not answer.is_success:
            self.last_error = f"Wrong response from the webhook: {answer.status_code}"
            return
        told = answer.json()
        if "method" in told:
            self.call(told.pop("method"), told)

    def seen(self, event: Item) -> bool:
        self.show(event)
        return True
