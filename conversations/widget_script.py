"""`/widget.js`: the small modules under `static/conversations/widget/` as one classic script.

A page of somebody else's should load one file, from any origin, without a module's CORS rules, and only a classic
script has `document.currentScript`. So the modules are joined when the script is first asked for: each becomes a
function that returns its exports, in the order of the imports. Comments and indentation stay behind, nothing else is
changed; there is no build step and no built file to go stale.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

SOURCES = Path(__file__).parent / "static" / "conversations" / "widget"
ENTRY = "main.js"

IMPORT = re.compile(
    r'^import (?P<names>\{[^}]*\}|\w+) from "\./(?P<path>[\w.]+)"(?: with \{ type: "css" \})?;\n',
    re.MULTILINE,
)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (?P<name>\w+))", re.MULTILINE)
EXPORTED = re.compile(r"^export (?:async )?(?:function|class|const) (\w+)", re.MULTILINE)
COMMENT = re.compile(r"/\*\*.*?\*/|^[ \t]*//[^\n]*$", re.MULTILINE | re.DOTALL)
MARGIN = re.compile(r"^\s+", re.MULTILINE)
CSS_SPACE = re.compile(r"\s+")
CSS_AROUND = re.compile(r" ?([{};,>]) ?")
CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


class Script(NamedTuple):
    """The served file, plain and compressed, and the tag by which a browser knows that it has it."""

    body: bytes
    gzipped: bytes
    etag: str


@cache
def widget_script() -> Script:
    """The whole widget, joined once in the life of a process."""
    return built()


def built() -> Script:
    """The whole widget as its modules stand now."""
    body = joined().encode()
    return Script(
        body,
        gzip.compress(body, 9, mtime=0),
        f'"{hashlib.sha256(body).hexdigest()[:20]}"',
    )


def joined() -> str:
    """All modules that the entry needs, each after those that it imports, inside one function."""
    needs: dict[str, list[str]] = {}
    waiting = [ENTRY]
    while waiting:
        name = waiting.pop()
        if name not in needs:
            needs[name] = [found["path"] for found in IMPORT.finditer(source(name))]
            waiting += needs[name]
    ordered = TopologicalSorter(needs).static_order()
    return f'"use strict";(()=>{{\n{"".join(part(name) for name in ordered)}}})();\n'


def source(name: str) -> str:
    """A module's text, without the comments."""
    text = (SOURCES / name).read_text(encoding="utf-8")
    return CSS_COMMENT.sub("", text) if name.endswith(".css") else COMMENT.sub("", text)


def part(name: str) -> str:
    """One module as a constant that holds its exports."""
    if name.endswith(".css"):
        return f"const {constant(name)}=new CSSStyleSheet();{constant(name)}.replaceSync(`{css(source(name))}`);\n"
    text = source(name)
    exports = ",".join(EXPORTED.findall(text))
    body = MARGIN.sub("", EXPORT.sub("", IMPORT.sub(bound, text)))
    return f"const {constant(name)}=(()=>{{\n{body}return{{{exports}}};\n}})();\n"


def bound(found: re.Match[str]) -> str:
    """An import, as names taken from the constant of the module that it names; a style sheet is its constant."""
    return f"const {found['names']}={constant(found['path'])};\n"


def constant(name: str) -> str:
    return "$" + name.replace(".", "_")


def css(text: str) -> str:
    """A style sheet on one line, as the inside of a template literal."""
    packed = CSS_AROUND.sub(r"\1", CSS_SPACE.sub(" ", text)).strip()
    return packed.replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${")
