"""The simulated Bot API's server: `/bot<token>/<method>`, and the files."""

from __future__ import annotations

import base64

from niochat.simulators.server import TOO_MANY, Call, Handler, Item, Refusal, Server
from niochat.simulators.telegram import BotError, Telegram


class TelegramHandler(Handler[Telegram]):
    refusals = {
        "throttled": BotError(429, "Too Many Requests: retry after 3"),
        "trouble": BotError(502, "Bad Gateway"),
        "token": BotError(401, "Unauthorized"),
        "blocked": BotError(403, "Forbidden: bot was blocked by the user"),
        "gone": BotError(400, "Bad Request: chat not found"),
    }

    def refused(self, refusal: Refusal) -> Item:
        wait = {"parameters": {"retry_after": self.world.moods.retry_after_s}} if refusal.status == TOO_MANY else {}
        return {"ok": False, "error_code": refusal.status, "description": refusal.message, **wait}

    def answered(self, call: Call) -> None:
        match call.parts:
            case ["file", bot, "files", file_id, _name] if bot == f"bot{self.world.token}":
                return self.file(file_id)
            case [bot, method] if bot == f"bot{self.world.token}":
                body = call.form
                if method.startswith("send"):
                    return self.sending(lambda: self.done(method, body))
                return self.json(self.done(method, body))
        raise BotError(401, "Unauthorized")

    def done(self, method: str, body: Item) -> Item:
        return {"ok": True, "result": self.world.call(method, body)}

    def file(self, file_id: str) -> None:
        found = self.world.files.get(file_id)
        if found is None or self.world.moods.media_expired:
            return self.answer(404, b"", "text/plain")
        return self.answer(200, found[1], "application/octet-stream")

    # --- commands

    def command_say(self, given: Item) -> Item:
        """Somebody writes: `who`, `name`, `username`, `message`; a file as `data` (base64), `kind`, `file_name`."""
        if data := given.pop("data", ""):
            file_id = self.world.keep(given.pop("file_name", "file"), base64.b64decode(data))
            told = {"file_id": file_id, "width": 1, "height": 1}
            kind = given.pop("kind")
            given["message"][kind] = [told] if kind == "photo" else told
        return {"message_id": self.world.say(**given)}

    def command_edit(self, given: Item) -> None:
        """`who` edits message `number` into `text`."""
        self.world.edit(**given)

    def command_react(self, given: Item) -> None:
        """`who` reacts to message `number` with `emoji`."""
        self.world.react(**given)

    def command_press(self, given: Item) -> Item:
        """`who` presses the button `data` under message `number`."""
        return {"id": self.world.press(**given)}

    def command_block(self, given: Item) -> None:
        """`who` blocks the bot, or lets it write again."""
        self.world.blocked ^= {given["who"]}


class TelegramServer(Server[Telegram]):
    handler = TelegramHandler
