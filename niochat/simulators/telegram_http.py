"""The simulated Bot API's server: `/bot<token>/<method>`, the files, and `/_sim/…` by which tests command it."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections import deque
from email.message import Message
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from niochat.simulators.telegram import BotError, Moods, Telegram

Item = dict[str, Any]
LONG_POLL_S = 20.0
LATE_S = 30.0
# What a call that sends may be answered with instead.
MOODS: dict[str, BotError] = {
    "throttled": BotError(429, "Too Many Requests: retry after 3", retry_after=3),
    "trouble": BotError(502, "Bad Gateway"),
    "token": BotError(401, "Unauthorized"),
    "blocked": BotError(403, "Forbidden: bot was blocked by the user"),
    "gone": BotError(400, "Bad Request: chat not found"),
}


class Handler(BaseHTTPRequestHandler):
    """One request. `self.server.world` is the simulator."""

    protocol_version = "HTTP/1.1"
    server: TelegramServer

    def do_GET(self) -> None:
        self.served()

    def do_POST(self) -> None:
        self.served()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing: what was asked stands in the simulator."""

    def served(self) -> None:
        url = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            self.routed(url.path, url.query, raw)
        except BotError as error:
            told = {"parameters": error.parameters} if error.parameters else {}
            whole = {"ok": False, "error_code": error.code, "description": error.description, **told}
            self.json(whole, error.code)
        except (KeyError, ValueError, TypeError, StopIteration) as error:
            self.json({"ok": False, "error_code": 400, "description": f"Bad Request: {error!r}"}, 400)

    def routed(self, path: str, query: str, raw: bytes) -> None:
        if path.startswith("/_sim/"):
            return self.obey(path.removeprefix("/_sim/"), query, json.loads(raw or b"{}"))
        token = self.server.world.token
        if path.startswith(f"/file/bot{token}/files/"):
            return self.file(path.split("/")[4])
        if not path.startswith(f"/bot{token}/"):
            raise BotError(401, "Unauthorized")
        return self.called(path.rpartition("/")[2], fields(raw, self.headers.get("Content-Type", "")))

    def called(self, method: str, body: Item) -> None:
        """A method, in the mood of the moment."""
        world = self.server.world
        mood = world.moods.answers.popleft() if world.moods.answers and method.startswith("send") else ""
        if mood in MOODS:
            raise MOODS[mood]
        if mood == "timeout":
            time.sleep(world.moods.delay_s or LATE_S)
        result = world.call(method, body)
        if mood == "taken_but_silent":  # The bot never hears that it was taken.
            self.close_connection = True
            self.connection.close()
            return
        self.json({"ok": True, "result": result})

    def file(self, file_id: str) -> None:
        found = self.server.world.files.get(file_id)
        if found is None or self.server.world.moods.media_expired:
            return self.answer(404, b"", "text/plain")
        return self.answer(200, found[1], "application/octet-stream")

    def obey(self, name: str, query: str, given: Item) -> None:
        """A command of a test's or of somebody who tries things out."""
        world = self.server.world
        match name:
            case "shown":
                after = int(parse_qs(query).get("after", ["0"])[0])
                return self.json({"shown": world.shown_after(after, LONG_POLL_S)})
            case "behave":
                world.moods = Moods(**{**given, "answers": deque(given.get("answers", ()))})
            case "block":
                world.blocked ^= {given["who"]}
            case "say":
                if data := given.pop("data", ""):
                    file_id = world.keep(given.pop("file_name", "file"), base64.b64decode(data))
                    told = {"file_id": file_id, "width": 1, "height": 1}
                    kind = given.pop("kind")
                    given["message"][kind] = [told] if kind == "photo" else told
                return self.json({"message_id": world.say(**given)})
            case "edit" | "react" | "press":
                getattr(world, name)(**given)
            case _:
                return self.json({}, 404)
        return self.json({})

    def json(self, body: Item, status: int = 200) -> None:
        self.answer(status, json.dumps(body).encode(), "application/json")

    def answer(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class TelegramServer(ThreadingHTTPServer):
    """Listens on loopback only."""

    daemon_threads = True

    def __init__(self, world: Telegram, port: int = 0) -> None:
        self.world = world
        super().__init__(("127.0.0.1", port), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self) -> TelegramServer:
        threading.Thread(target=self.serve_forever, name="telegram-http", daemon=True).start()
        return self

    def stop(self) -> None:
        self.world.stop()
        self.shutdown()
        self.server_close()


def fields(raw: bytes, content_type: str) -> Item:
    """The fields of a call, from JSON or from a form with a file, which becomes `(name, content)`."""
    if not content_type.startswith("multipart/"):
        return dict(json.loads(raw or b"{}"))
    whole = BytesParser().parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + raw)
    return dict(field_of(part) for part in whole.walk() if not part.is_multipart())


def field_of(part: Message) -> tuple[str, Any]:
    name = str(part.get_param("name", header="content-disposition"))
    content = part.get_payload(decode=True)
    found = content if isinstance(content, bytes) else b""
    if part.get_filename():
        return name, (part.get_filename(), found)
    text = found.decode()
    return name, json.loads(text) if text.startswith("{") else text
