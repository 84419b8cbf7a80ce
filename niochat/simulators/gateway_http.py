"""The simulated gateway's server: the addresses of Evolution API and of WAHA, `/_sim/…` to command it, and a page."""

from __future__ import annotations

import base64
import html
import json
import threading
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import segno

from niochat.simulators.gateway import Gateway, Moods
from niochat.simulators.speech import evolution

Item = dict[str, Any]
LATE_S = 30.0
SENDS = {
    "sendText": "text", "sendMedia": "media", "sendWhatsAppAudio": "audio", "sendLocation": "location",
    "sendImage": "image", "sendVideo": "video", "sendVoice": "audio", "sendFile": "document",
}  # fmt: skip


class Refusal(Exception):
    """What the gateway does not do: a status and its words."""

    def __init__(self, status: int, message: str) -> None:
        self.status, self.message = status, message
        super().__init__(message)


class Handler(BaseHTTPRequestHandler):
    """One request. `self.server.world` is the gateway."""

    protocol_version = "HTTP/1.1"
    server: GatewayServer

    def do_GET(self) -> None:
        self.served("GET")

    def do_POST(self) -> None:
        self.served("POST")

    def do_PUT(self) -> None:
        self.served("PUT")

    def do_DELETE(self) -> None:
        self.served("DELETE")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing: what was asked stands in the simulator."""

    def served(self, method: str) -> None:
        url = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            given: Item = json.loads(raw) if raw else {}
            self.answered(method, [unquote(part) for part in url.path.strip("/").split("/")], given, url.query)
        except Refusal as refusal:
            self.json({"status": refusal.status, "response": {"message": [refusal.message]}}, refusal.status)
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            self.json({"status": 400, "response": {"message": [repr(error)]}}, 400)

    def answered(self, method: str, parts: list[str], given: Item, query: str) -> None:
        world = self.server.world
        if parts == [""]:
            return self.answer(200, page(world).encode(), "text/html; charset=utf-8")
        if parts[0] == "_sim":
            return self.obey(parts[1], given)
        if parts[0] == "_photo":
            return self.answer(200, world.photos[parts[1]], "image/png")
        key = self.headers.get("apikey") or self.headers.get("X-Api-Key")
        if key != world.api_key:
            raise Refusal(401, "Unauthorized")
        world.calls.append(f"{method} /{'/'.join(parts)}")
        if parts[0] == "api":
            return self.waha(method, parts[1:], given, parse_qs(query))
        return self.evolution(method, parts, given)

    # --- Evolution API

    def evolution(self, method: str, parts: list[str], given: Item) -> None:
        world = self.server.world
        if parts == ["instance", "create"]:
            return self.create(given)
        room, call, name = parts
        if name not in world.sessions:
            raise Refusal(404, f'The "{name}" instance does not exist')
        if room == "message" and call in SENDS:
            return self.send(name, SENDS[call], given["number"], given)
        act = getattr(self, f"{room}_{call}", None)
        if act is None:
            kind = "reaction" if call == "sendReaction" else call
            world.sent.append({"kind": kind, "session": name, **given})
        return self.json((act(name, given) if act else None) or {"status": "SUCCESS", "error": False})

    def create(self, given: Item) -> None:
        world, name = self.server.world, given["instanceName"]
        if name in world.sessions:
            raise Refusal(403, f'This name "{name}" is already in use.')
        hook = given["webhook"]
        session = world.start(name, hook["url"], hook["headers"])
        shown = {"instanceName": name, "integration": given["integration"], "status": "connecting"}
        self.json({"instance": shown, "hash": "X", "qrcode": evolution.picture(session)}, 201)

    def webhook_set(self, name: str, given: Item) -> None:
        session, hook = self.server.world.sessions[name], given["webhook"]
        session.webhook, session.headers = hook["url"], hook["headers"]

    def instance_connect(self, name: str, given: Item) -> Item:
        world = self.server.world
        if world.sessions[name].state == "open":
            return {"instance": {"instanceName": name, "state": "open"}}
        return evolution.picture(world.start(name))

    def instance_connectionState(self, name: str, given: Item) -> Item:  # noqa: N802 - the path's own spelling
        state = self.server.world.sessions[name].state
        return {"instance": {"instanceName": name, "state": "connecting" if state == "qr" else state}}

    def instance_restart(self, name: str, given: Item) -> None:
        self.server.world.drop(name, "connecting")

    def instance_logout(self, name: str, given: Item) -> None:
        if self.server.world.sessions[name].state != "open":
            raise Refusal(400, f'The "{name}" instance is not connected')
        self.server.world.drop(name)

    def instance_delete(self, name: str, given: Item) -> None:
        del self.server.world.sessions[name]

    def chat_getBase64FromMediaMessage(self, name: str, given: Item) -> Item:  # noqa: N802
        kind, content = self.server.world.media[given["message"]["key"]["id"]]
        return {"mimetype": kind, "base64": base64.b64encode(content).decode(), "fileName": None}

    def chat_fetchProfilePictureUrl(self, name: str, given: Item) -> Item:  # noqa: N802
        return {"wuid": given["number"], "profilePictureUrl": self.photo_url(given["number"])}

    # --- WAHA

    def waha(self, method: str, parts: list[str], given: Item, query: dict[str, list[str]]) -> None:
        world = self.server.world
        if parts[0] == "sessions":
            return self.sessions(method, parts[1:], given)
        if method == "POST" and parts[0] in SENDS:
            return self.send(given["session"], SENDS[parts[0]], given["chatId"].partition("@")[0], given)
        if parts[0] == "files":
            kind, content = world.media[parts[2]]
            return self.answer(200, content, kind)
        if parts[1:] == ["auth", "qr"]:
            return self.json({"value": world.sessions[parts[0]].code})
        if parts == ["contacts", "profile-picture"]:
            return self.json({"profilePictureURL": self.photo_url(query["contactId"][0].partition("@")[0])})
        noted = {"kind": "delete", "messageId": parts[-1]} if method == "DELETE" else {"kind": parts[0], **given}
        world.sent.append(noted)
        return self.json({})

    def sessions(self, method: str, parts: list[str], given: Item) -> None:
        world = self.server.world
        name = parts[0] if parts else given["name"]
        if method == "POST" and not parts:
            if name in world.sessions:
                raise Refusal(422, f"Session '{name}' already exists. Use PUT to update it.")
            world.start(name, *hook_of(given))
            return self.json({"name": name, "status": "STARTING"}, 201)
        if name not in world.sessions:
            raise Refusal(404, "Session not found")
        if method == "PUT":
            world.sessions[name].webhook, world.sessions[name].headers = hook_of(given)
        elif method == "POST":
            ends = {"restart": "connecting", "logout": "stopped"}
            world.start(name) if parts[1] == "start" else world.drop(name, ends[parts[1]])
        told = world.speech.connection(world.sessions[name])
        return self.json(told["payload"] | {"me": told["me"]})

    # --- both

    def send(self, name: str, kind: str, to: str, given: Item) -> None:
        """Take a message, in the mood of the moment."""
        world = self.server.world
        mood = world.moods.answers.popleft() if world.moods.answers else ""
        if mood == "throttled":
            raise Refusal(429, "Too many requests")
        if mood == "trouble":
            raise Refusal(500, "Internal Server Error")
        if mood == "timeout":
            time.sleep(world.moods.delay_s or LATE_S)
        if world.sessions[name].state != "open":
            raise Refusal(503, "Connection Closed")
        content = {"text": given.get("text", given.get("caption", "")), "body": given}
        message_id = world.take(name, to, kind, content)
        if mood == "taken_but_silent":
            self.close_connection = True
            self.connection.close()
            return
        if world.speech is evolution:
            self.json({"key": evolution.key(to, message_id, ours=True), "status": "PENDING"}, 201)
        else:
            self.json({"id": f"true_{to}@c.us_{message_id}"}, 201)

    def photo_url(self, phone: str) -> str | None:
        world = self.server.world
        return f"{self.server.url}/_photo/{phone}" if phone in world.photos and world.moods.photos else None

    def obey(self, name: str, given: Item) -> None:
        """A command: of the page's buttons, and of tests."""
        world = self.server.world
        match name:
            case "behave":
                given["answers"] = deque(given.get("answers", ()))
                world.moods = Moods(**given)
            case "scan":
                return self.json({"scanned": world.scan(given["session"])})
            case "drop":
                world.drop(given["session"], given.get("state", "close"))
            case "say":
                return self.json({"id": world.say(given.pop("session"), given.pop("phone"), **given)})
            case "sessions":
                shown = {one.name: {"state": one.state, "code": one.code} for one in world.sessions.values()}
                return self.json({"sessions": shown, "sent": world.sent})
            case _:
                raise Refusal(404, "Not Found")
        return self.json({})

    # --- answering

    def json(self, body: Item, status: int = 200) -> None:
        self.answer(status, json.dumps(body).encode(), "application/json")

    def answer(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def hook_of(given: Item) -> tuple[str, dict[str, str]]:
    """Where a WAHA session is to post to, and with which headers."""
    hook = given["config"]["webhooks"][0]
    return hook["url"], {one["name"]: one["value"] for one in hook["customHeaders"]}


class GatewayServer(ThreadingHTTPServer):
    """Listens on loopback only."""

    daemon_threads = True

    def __init__(self, world: Gateway, port: int = 0) -> None:
        self.world = world
        super().__init__(("127.0.0.1", port), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self) -> GatewayServer:
        threading.Thread(target=self.serve_forever, name="simulator", daemon=True).start()
        return self

    def stop(self) -> None:
        self.world.stop()
        self.shutdown()
        self.server_close()


SCRIPT = """
const post = (name, body) => fetch(`/_sim/${name}`, {method: "POST", body: JSON.stringify(body)});
for (const form of document.forms) form.onsubmit = async (event) => {
  event.preventDefault();
  const given = Object.fromEntries(new FormData(form));
  await post(event.submitter.value, given);
  location.reload();
};
setInterval(() => document.activeElement.tagName === "INPUT" || location.reload(), 2000);
"""


def page(world: Gateway) -> str:
    """The phones of this gateway, each with its code and what can be done with it."""
    shown = "".join(phone(one) for one in world.sessions.values()) or "<p>No session yet: connect an inbox.</p>"
    head = '<!doctype html><meta charset="utf-8"><title>Simulated phones</title>'
    style = "<style>body{font:16px/1.5 system-ui;margin:2rem;max-width:40rem}input{margin:.2rem}</style>"
    return f"{head}{style}<h1>Simulated phones</h1>{shown}<script>{SCRIPT}</script>"


def phone(session: Any) -> str:
    name = html.escape(session.name)
    hidden = f'<input type="hidden" name="session" value="{name}">'
    said = (
        '<input name="phone" value="5591988887777"><input name="who" value="Joana Silva"><input name="text" value="Oi">'
    )
    code = segno.make_qr(session.code, error="l").svg_inline(scale=3) if session.code else ""
    doing = {"qr": '<button value="scan">Scan</button>', "open": f'{said}<button value="say">Say</button>'}
    drop = '<button value="drop">Part the phone</button>' if session.state == "open" else ""
    form = f"<form>{hidden}{doing.get(session.state, '')}{drop}</form>"
    return f"<h2>{name}: {html.escape(session.state)}</h2>{code}{form}"
