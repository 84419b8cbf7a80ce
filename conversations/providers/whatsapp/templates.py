"""Templates: which variables one has, how it reads with them, and what Meta wants to be sent.

A variable is called after its place: `body.1`, `body.name`, `header.1`, `button.0.1`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

PLACE = re.compile(r"{{\s*([\w]+)\s*}}")
Part = Mapping[str, Any]


class Slot(NamedTuple):
    """A text of a template that has places for variables: its part's type, the prefix of its variables, the text."""

    part: str
    prefix: str
    text: str
    button: int | None = None


def slots(components: Sequence[Part]) -> Iterator[Slot]:
    """The texts of a template, from top to bottom."""
    for part in components:
        kind = str(part.get("type", "")).upper()
        if kind in ("HEADER", "BODY", "FOOTER") and isinstance(part.get("text"), str):
            yield Slot(kind.lower(), kind.lower(), part["text"])
        for index, button in enumerate(part.get("buttons") or ()):
            if isinstance(button, dict) and "{{" in str(button.get("url", "")):
                yield Slot("button", f"button.{index}", str(button["url"]), index)


def variables(components: Sequence[Part]) -> list[str]:
    """The names of all variables, in the order in which people read them."""
    found = [f"{slot.prefix}.{name}" for slot in slots(components) for name in PLACE.findall(slot.text)]
    return list(dict.fromkeys(found))


def needs_file(components: Sequence[Part]) -> bool:
    """Whether its head is a picture, a film or a document, which would have to be sent along."""
    heads = [part for part in components if str(part.get("type", "")).upper() == "HEADER"]
    return any(str(part.get("format", "TEXT")).upper() != "TEXT" for part in heads)


def rendered(components: Sequence[Part], values: Mapping[str, str]) -> str:
    """The text as the customer reads it, without the buttons."""
    texts = [filled(slot, values) for slot in slots(components) if slot.part != "button"]
    return "\n\n".join(texts)


def filled(slot: Slot, values: Mapping[str, str]) -> str:
    return PLACE.sub(lambda found: values.get(f"{slot.prefix}.{found[1]}", found[0]), slot.text)


def parameters(components: Sequence[Part], values: Mapping[str, str]) -> list[dict[str, Any]]:
    """The parts that are sent with their variables; a part without any is left out."""
    return [one for slot in slots(components) if (one := of_slot(slot, values))]


def of_slot(slot: Slot, values: Mapping[str, str]) -> dict[str, Any] | None:
    names = list(dict.fromkeys(PLACE.findall(slot.text)))
    if not names:
        return None
    given = [parameter(name, values[f"{slot.prefix}.{name}"]) for name in names]
    if slot.button is not None:
        return {"type": "button", "sub_type": "url", "index": str(slot.button), "parameters": given}
    return {"type": slot.part, "parameters": given}


def parameter(name: str, text: str) -> dict[str, str]:
    named = {} if name.isdigit() else {"parameter_name": name}
    return {"type": "text", **named, "text": text}
