"""The JavaScript client's types speak of exactly what the server declares."""

from __future__ import annotations

import subprocess
from pathlib import Path

from realtime import events

ROOT = Path(__file__).resolve().parents[3]
FRAMES = ROOT / "clients" / "js" / "src" / "frames.js"
# `ok` only answers; the others never reach a member of the team.
UNTOLD = {"ok", "rights_changed", "survey", "agent_status"}
STRICT = [
    "--strict",
    "--noEmit",
    "--allowJs",
    "--target",
    "es2022",
    "--moduleResolution",
    "bundler",
    "--module",
    "esnext",
]


def declared() -> dict[str, type[events.Event]]:
    """The server's frames to the team, by type."""
    named = [cls for cls in events.declared() if not cls.__name__.startswith("Widget")]
    kinds = {str(cls.model_fields["type"].default): cls for cls in named}
    return {kind: cls for kind, cls in kinds.items() if kind not in UNTOLD}


def exact(shape: str, fields: set[str]) -> str:
    """A line of TypeScript that compiles if the shape has these fields and no others."""
    return f"({{ {', '.join(f'{name}: 1' for name in sorted(fields))} }}) satisfies Record<keyof {shape}, 1>;"


def test_every_event_and_message_has_the_server_s_fields_and_no_others(tmp_path: Path):
    lines = [f'import type {{ Events, Message }} from "{FRAMES}";']
    lines += [exact(f'Events["{kind}"]', set(cls.model_fields) - {"type"}) for kind, cls in declared().items()]
    lines += [exact("Message", set(events.MessageData.model_fields))]
    program = tmp_path / "exact.ts"
    program.write_text("\n".join(lines))

    tsc = ROOT / "node_modules" / ".bin" / "tsc"
    done = subprocess.run([tsc, *STRICT, program], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.stdout == "", f"bring {FRAMES.name} up to date"
    assert len(lines) > 20
