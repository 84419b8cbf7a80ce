"""The simulator's server: Meta's addresses, and `/_sim/…` by which the phone page and tests command it."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from niochat.simulators.whatsapp import GraphError, Moods, Simulator

Item = dict[str, Any]
LONG_POLL_S = 20.0
LOCAL = re.compile(r"http://(localhost|127\.0\.0\.1)(:\d+)?")
# What a call that sends may be answered with instead: (status, code, message).
MOODS: dict[str, tuple[int, int, str]] = {
    "throttled": (429, 130429, "Rate limit hit"),
    "pair": (429, 131056, "Too many messages to this person"),
    "trouble": (500, 131000, "Something went wrong"),
    "token": (401, 190, "Error validating access token: the session has expired"),
    "window": (400, 131047, "More than 24 hours have passed since the customer last replied"),
    "undeliverable": (400, 131026, "Message undeliverable"),
    "blocked": (403, 368, "Temporarily blocked for policies violations"),
}


class Handler(BaseHTTPRequestHandler):
    """One request. `self.server.world` is the simulator."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.served(self.get)

    def do_POST(self) -> None:
        self.served(self.post)

    def do_OPTIONS(self) -> None:
        self.answer(204, b"", "text/plain")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing: what was asked stands in the simulator."""

    def served(self, act: Any) -> None:
        try:
            act(urlsplit(self.path))
        except GraphError as error:
            told = {"message": error.message, "type": "OAuthException", "code": error.code, "fbtrace_id": "SIM"}
            self.json({"error": told}, error.status)
        except (KeyError, ValueError, TypeError) as error:
            self.json({"error": {"message": f"(#100) {error!r}", "code": 100}}, 400)

    # --- reading

    def get(self, url: Any) -> None:
        world, query = self.server.world, parse_qs(url.query)
        if url.path == "/_sim/shown":
            after = int(query.get("after", ["0"])[0])
            return self.json({"shown": world.shown_after(after, LONG_POLL_S)})
        if url.path == "/_sim/sent":
            return self.json({"sent": world.sent})
        if url.path.startswith("/_media/"):
            return self.file(url.path.rsplit("/", 1)[1], public="Authorization" not in self.headers)
        self.authorised()
        name = url.path.rstrip("/").rsplit("/", 1)[1]
        if name == "message_templates":
            return self.json({"data": world.templates, "paging": {"cursors": {"after": "end"}}})
        if name == world.phone_number_id:
            facts = {"display_phone_number": "+55 11 90000-0000", "verified_name": "Loja Aurora"}
            return self.json({**facts, "quality_rating": "GREEN", "messaging_limit_tier": "TIER_10K", "id": name})
        if name in world.media and not world.moods.media_expired:
            kind, content = world.media[name]
            host = self.headers["Host"]
            url = f"http://{host}/_media/{name}"
            return self.json({"url": url, "mime_type": kind, "file_size": len(content), "id": name})
        raise GraphError(404, 100, "Unsupported get request. Object does not exist")

    def file(self, name: str, *, public: bool) -> None:
        found = self.server.world.media.get(name)
        if found is None or (self.server.world.moods.media_expired and not public):
            return self.answer(404, b"", "text/plain")
        return self.answer(200, found[1], found[0])

    # --- writing

    def post(self, url: Any) -> None:
        world = self.server.world
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if url.path.startswith("/_sim/"):
            return self.obey(url.path.removeprefix("/_sim/"), json.loads(raw or b"{}"))
        self.authorised()
        if url.path.endswith(f"/{world.phone_number_id}/media"):
            return self.json({"id": world.upload(*multipart(raw, self.headers["Content-Type"]))})
        if url.path.endswith(f"/{world.phone_number_id}/messages"):
            return self.send(json.loads(raw))
        raise GraphError(404, 100, "Unsupported post request")

    def send(self, body: Item) -> None:
        """Take a message, in the mood of the moment."""
        world = self.server.world
        mood = world.moods.answers.popleft() if world.moods.answers and "type" in body else ""
        if mood in MOODS:
            raise GraphError(*MOODS[mood])
        if mood == "timeout":
            time.sleep(world.moods.delay_s or 30)
        answer = world.take(body)
        if mood == "taken_but_silent":  # The business never hears that it was taken.
            self.close_connection = True
            self.connection.close()
            return
        self.json(answer)

    def obey(self, name: str, given: Item) -> None:
        world = self.server.world
        match name:
            case "behave":
                given["answers"] = world.moods.answers.__class__(given.get("answers", ()))
                world.moods = Moods(**given)
            case "say":
                if data := given.pop("data", ""):
                    kind = given["message"]["type"]
                    media_id = world.upload(base64.b64decode(data), given.pop("mime_type"))
                    given["message"][kind] = {
                        "id": media_id,
                        "mime_type": world.media[media_id][0],
                        **given["message"].get(kind, {}),
                    }
                return self.json({"id": world.say(given["phone"], given["name"], given["message"])})
            case "report":
                world.report(given["id"], given["to"], given["status"], errors=given.get("errors", []))
            case _:
                return self.json({}, 404)
        return self.json({})

    # --- answering

    def authorised(self) -> None:
        if self.headers.get("Authorization") != f"Bearer {self.server.world.access_token}":
            raise GraphError(401, 190, "Invalid OAuth access token")

    def json(self, body: Item, status: int = 200) -> None:
        self.answer(status, json.dumps(body).encode(), "application/json")

    def answer(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        origin = self.headers.get("Origin", "")
        if LOCAL.fullmatch(origin):
            self.send_header("Access-Control-Allow-Origin", origin)
            self.send_header("Access-Control-Allow-Headers", "Content-Type")
        self.end_headers()
        self.wfile.write(content)


class Server(ThreadingHTTPServer):
    """Listens on loopback only."""

    daemon_threads = True

    def __init__(self, world: Simulator, port: int = 0) -> None:
        self.world = world
        super().__init__(("127.0.0.1", port), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self) -> Server:
        threading.Thread(target=self.serve_forever, name="simulator", daemon=True).start()
        return self

    def stop(self) -> None:
        self.world.stop()
        self.shutdown()
        self.server_close()


def multipart(raw: bytes, content_type: str) -> tuple[bytes, str]:
    """The file of an upload, and its type; raises ValueError for none."""
    message = BytesParser().parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + raw)
    for part in message.walk():
        if part.get_filename():
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                return content, part.get_content_type()
    raise ValueError("file")
