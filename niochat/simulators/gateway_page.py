"""The simulated gateway's page: its phones, each with its code and what can be done with it."""

from __future__ import annotations

import html

import segno

from niochat.simulators.gateway import Gateway, Session

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


def phone(session: Session) -> str:
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
