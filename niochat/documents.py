"""The parts of the documents that are made from the code: tables of events, commands, codes, permissions, verbs …

`manage.py document` writes them between `<!-- name -->` and `<!-- /name -->` in README.md and docs/; a test compares.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.actor import Role
from accounts.errors import STATUS
from accounts.permissions import GRANTS
from audit.models import Verb
from niochat import families
from niochat.configuration import OPTIONS
from realtime.asyncapi import frames
from realtime.commands import DASHBOARD, WIDGET, Command, Table
from realtime.events import Audience, Event

PAGES = ["README.md", *(f"docs/{page.name}" for page in sorted((settings.BASE_DIR / "docs").glob("*.md")))]
MARKED = re.compile(r"(<!-- (?P<name>[a-z-]+) -->\n).*?(<!-- /(?P=name) -->)", re.DOTALL)


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n" for row in lines)


def first_sentence(text: str | None) -> str:
    return " ".join((text or "").split("\n\n")[0].split())


def event_rows(classes: list[type[Event]]) -> str:
    return table(
        ["type", "data", "kept", "who gets it", "meaning"],
        [
            [
                f"`{event.model_fields['type'].default}`",
                ", ".join(f"`{name}`" for name in event.model_fields if name != "type") or "–",
                "yes" if event.kept else "no",
                str(event.audience),
                first_sentence(event.__doc__),
            ]
            for event in classes
        ],
    )


def dashboard_events() -> str:
    return event_rows([event for event in frames() if event.audience is not Audience.CONTACT])


def widget_events() -> str:
    return event_rows([event for event in frames() if event.audience is Audience.CONTACT])


def command_rows(commands: Table) -> str:
    """What a client may send; `?` marks what may be left out."""
    return table(
        ["type", "fields", "meaning"],
        [
            [
                f"`{word}`",
                ", ".join(
                    f"`{name}`" if field.is_required() else f"`{name}?`"
                    for name, field in command.model_fields.items()
                    if name not in Command.model_fields
                )
                or "–",
                first_sentence(command.__doc__),
            ]
            for word, command in commands.items()
        ],
    )


def error_codes() -> str:
    return table(["code", "HTTP status"], [[f"`{code}`", f"{int(status)}"] for code, status in STATUS.items()])


def permissions() -> str:
    roles = [Role.AGENT, Role.SUPERVISOR, Role.ADMIN, Role.CONTACT]
    rows = [[f"`{name}`", *("✓" if role in granted else "" for role in roles)] for name, granted in GRANTS.items()]
    return table(["permission", *map(str, roles)], rows)


def configuration() -> str:
    def shown(default: object) -> str:
        text = str(default).replace(str(settings.BASE_DIR), ".")
        return f"`{text}`" if text not in ("", "[]") else "–"

    return table(["variable", "default", "meaning"], [[f"`{o.name}`", shown(o.default), o.about] for o in OPTIONS])


def verbs() -> str:
    return ", ".join(f"`{verb.value}`" for verb in Verb) + "\n"


def routes() -> str:
    """Every route under /api/v1/, with the permission that each method needs."""
    rows = []
    for path, view in walk(get_resolver().url_patterns, ""):
        needed = getattr(getattr(view, "view_class", None), "permissions", None)
        if path.startswith("api/v1/") and needed:
            rows += [[method, f"`/{path}`", f"`{permission}`"] for method, permission in needed.items()]
    return table(["method", "path", "permission"], rows)


def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[tuple[str, object]]:
    for pattern in patterns:
        path = prefix + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, path)
        else:
            yield path, pattern.callback


PARTS: dict[str, Callable[[], str]] = {
    "events": dashboard_events,
    "widget-events": widget_events,
    "commands": lambda: command_rows(DASHBOARD),
    "widget-commands": lambda: command_rows(WIDGET),
    "error-codes": error_codes,
    "permissions": permissions,
    "configuration": configuration,
    "verbs": verbs,
    "routes": routes,
    **families.parts(table),
}


def renewed(text: str) -> str:
    """A page with every marked part made anew; raises KeyError for a mark that nobody knows."""
    return MARKED.sub(lambda found: f"{found[1]}{PARTS[found['name']]()}{found[3]}", text)


def pages() -> Iterator[Path]:
    for name in PAGES:
        yield settings.BASE_DIR / name
