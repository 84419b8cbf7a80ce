"""The adapter of Telegram's Bot API."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.storage import default_storage

from conversations.models import Attachment, Channel, ContactIdentity, Delivery, Inbox, Message
from conversations.providers import fetching
from conversations.providers.base import Checked, Fetched, MediaRefused, Outcome, TryLater, Verdict
from conversations.providers.calling import taken
from conversations.providers.happenings import AnyHappening
from conversations.providers.reading import decoded, object_of, text_of
from conversations.providers.telegram import botapi, reading, writing
from conversations.reasons import Reason

FILE_PATH = re.compile(r"(?!.*\.\.)[\w-][\w./-]{0,300}")
CONNECTIONS = 40
# Asks for a coloured picture; Telegram knows its reactions without it.
COLOURED = "\ufe0f"


class TelegramProvider:
    """One bot."""

    slug = "telegram"
    channel: str = Channel.TELEGRAM
    window_s: int | None = None
    rate = 30.0
    limits = writing.LIMITS
    typing_s = 5
    config_fields: Sequence[str] = ("api_url", "send_typing")
    secret_fields: Sequence[str] = ("bot_token", "webhook_secret")
    required: Sequence[str] = ("bot_token",)
    hook_secret = "webhook_secret"  # noqa: S105 - a field's name

    # --- in

    def challenge(self, inbox: Inbox, query: Mapping[str, str]) -> str | None:
        """Telegram knows no handshake."""
        return None

    def verify(self, inbox: Inbox, headers: Mapping[str, str], raw: bytes) -> bool:
        """`X-Telegram-Bot-Api-Secret-Token`: the secret that was given along with the address."""
        secret = inbox.account.secret("webhook_secret")
        given = headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        return bool(secret) and hmac.compare_digest(secret.encode(), given.encode())

    def delivery_key(self, inbox: Inbox, raw: bytes) -> str:
        """The update's number and its bot's: Telegram may write the same update differently when it repeats it."""
        number = decoded(raw).get("update_id")
        return f"{self.bot_id(inbox)}:{number}" if isinstance(number, int) else hashlib.sha256(raw).hexdigest()

    def answer(self, raw: bytes) -> Mapping[str, Any]:
        """The answer to a delivery may be a call: a pressed button stops waiting at once."""
        pressed = text_of(object_of(decoded(raw).get("callback_query")).get("id"), 100)
        return {"method": "answerCallbackQuery", "callback_query_id": pressed} if pressed else {}

    def parse(self, raw: bytes) -> list[AnyHappening]:
        return reading.parse(raw)

    def account_id(self, inbox: Inbox) -> str:
        """An update does not say whose it is: its address and its secret do."""
        return ""

    def check_config(self, config: Mapping[str, Any]) -> None:
        if url := config.get("api_url"):
            botapi.check_url(str(url))

    def bot_id(self, inbox: Inbox) -> str:
        return inbox.account.secret("bot_token").partition(":")[0]

    # --- out

    def send(self, inbox: Inbox, message: Message) -> Outcome:
        """Hand a message over that is one there too; the first part of a longer one."""
        return self.send_part(inbox, message, 0)

    def parts_of(self, message: Message) -> Sequence[str]:
        return writing.parts_of(message)

    def send_part(self, inbox: Inbox, message: Message, part: int) -> Outcome:
        """Hand a part over; a file goes with the first, in the same call, which is not repeated blindly either."""
        chat = ContactIdentity.address_of(message.inbox_id, message.conversation.contact_id)
        if not chat:
            return Outcome(Delivery.FAILED, error=Reason("never_wrote"), verdict=Verdict.PERMANENT)
        files = list(message.attachments.all())
        if files and part == 0:
            return self.sent(chat, self.send_file(inbox, message, chat, files[0]))
        method, body = writing.text_call(message, chat, part)
        return self.sent(chat, botapi.call(inbox, method, json=body))

    def send_file(self, inbox: Inbox, message: Message, chat: str, file: Attachment) -> botapi.Answer:
        """Multipart carries texts only: what has parts goes as JSON in its field."""
        (method, body), field = writing.file_call(message, chat, file)
        form = {name: value if isinstance(value, str) else json.dumps(value) for name, value in body.items()}
        with default_storage.open(file.key) as content:
            return botapi.call(inbox, method, data=form, files={field: (file.name, content, file.content_type)})

    def sent(self, chat: str, answer: botapi.Answer) -> Outcome:
        if answer.outcome:
            return answer.outcome
        number = object_of(answer.result).get("message_id")
        return taken(f"{chat}:{number}" if isinstance(number, int) else "")

    def react(self, inbox: Inbox, message: Message, address: str, emoji: str) -> Outcome:
        chat, _, number = message.provider_id.rpartition(":")
        if not number.isdigit():  # A pressed button is no message there.
            return Outcome(Delivery.FAILED, verdict=Verdict.PERMANENT)
        plain = emoji.replace(COLOURED, "")
        reaction = [{"type": "emoji", "emoji": plain}] if plain else []
        body = {"chat_id": int(chat), "message_id": int(number), "reaction": reaction}
        return harmless(botapi.call(inbox, "setMessageReaction", json=body))

    def delete(self, inbox: Inbox, message: Message, address: str) -> Outcome:
        """Take a message back from the customer's chat; Telegram does so for 48 hours."""
        numbers = [name.rpartition(":")[2] for name in message.names_at_provider()]
        if not address or not all(number.isdigit() for number in numbers):
            return Outcome(Delivery.FAILED, verdict=Verdict.PERMANENT)
        body = {"chat_id": int(address), "message_ids": [int(number) for number in numbers]}
        return harmless(botapi.call(inbox, "deleteMessages", json=body))

    def mark_read(self, inbox: Inbox, provider_id: str, *, typing: bool) -> Outcome:
        """Bots can show that they write, and not that they have read."""
        chat = provider_id.rpartition(":")[0]
        if not typing or not chat.isdigit():
            return Outcome(Delivery.READ)
        return harmless(botapi.call(inbox, "sendChatAction", json={"chat_id": int(chat), "action": "typing"}))

    # --- around it

    def fetch(self, inbox: Inbox, reference: Mapping[str, str]) -> Fetched:
        """Ask where the file is, then get it there, from the Bot API's own host only."""
        answer = botapi.call(inbox, "getFile", json={"file_id": reference["id"]})
        if refusal := answer.outcome:
            if refusal.verdict is Verdict.PERMANENT:
                raise MediaRefused(refusal.error)
            raise TryLater(refusal.error)
        path = text_of(object_of(answer.result).get("file_path"), 400)
        if not FILE_PATH.fullmatch(path):
            raise MediaRefused("Telegram gave no path of a file.")
        root = botapi.root_url(inbox)
        url = f"{root}/file/bot{inbox.account.secret('bot_token')}/{path}"
        hosts = [urlsplit(root).hostname or ""]
        return fetching.get(
            url, hosts=hosts, inner=root if botapi.is_vouched(root) else "", circuit=f"files-{inbox.pk}"
        )

    def check(self, inbox: Inbox) -> Checked:
        """Who the bot is, and whether its updates come here."""
        me = botapi.call(inbox, "getMe")
        hook = botapi.call(inbox, "getWebhookInfo") if not me.outcome else me
        if refusal := me.outcome or hook.outcome:
            return Checked({}, refusal.error, refusal.verdict is Verdict.AUTH)
        bot, told = object_of(me.result), object_of(hook.result)
        pending = told.get("pending_update_count")
        return Checked(
            {
                "username": text_of(bot.get("username"), 64),
                "name": text_of(bot.get("first_name"), 100),
                "webhook_set": told.get("url") == self.address(inbox),
                "webhook_error": text_of(told.get("last_error_message"), 200),
                "pending_updates": pending if isinstance(pending, int) else 0,
            }
        )

    def set_webhook(self, inbox: Inbox) -> Checked:
        """Have Telegram post to us, with the secret, what we know to read."""
        body = {
            "url": self.address(inbox),
            "secret_token": inbox.account.secret("webhook_secret"),
            "allowed_updates": list(reading.UPDATES),
            "max_connections": CONNECTIONS,
        }
        if refusal := botapi.call(inbox, "setWebhook", json=body).outcome:
            return Checked({"webhook_set": False}, refusal.error, refusal.verdict is Verdict.AUTH)
        return self.check(inbox)

    def address(self, inbox: Inbox) -> str:
        return f"{settings.PUBLIC_URL}/webhooks/{self.slug}/{inbox.token}"


def harmless(answer: botapi.Answer) -> Outcome:
    """The end of a call that may be repeated without anybody noticing: an uncertain one simply is."""
    outcome = answer.outcome or Outcome(Delivery.SENT)
    return outcome._replace(verdict=Verdict.RETRY) if outcome.verdict is Verdict.UNCERTAIN else outcome
