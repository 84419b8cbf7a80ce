"""Templates: which variables one has, how it reads with them, and what Meta wants to be sent.

A variable is called after its place: `body.1`, `body.name`, `header.1`, `button.0.1` in a link, `button.0.code` to be
copied.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

PLACE = re.compile(r"{{\s*([\w]+)\s*}}")
PAYLOAD_CHARACTERS = 128
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
    for index, button in enumerate(buttons(components)):
        if "{{" in str(button.get("url", "")):
            yield Slot("button", f"button.{index}", str(button["url"]), index)
        elif str(button.get("type", "")).upper() == "COPY_CODE":
            yield Slot("code", f"button.{index}", "{{code}}", index)


def variables(components: Sequence[Part]) -> list[str]:
    """The names of all variables, in the order in which people read them."""
    found = [f"{slot.prefix}.{name}" for slot in slots(components) for name in PLACE.findall(slot.text)]
    return list(dict.fromkeys(found))


def head(components: Sequence[Part]) -> str:
    """What stands above the text and is sent along: `image`, `video`, `document` …; "" for words or nothing."""
    heads = [part for part in components if str(part.get("type", "")).upper() == "HEADER"]
    formats = [str(part.get("format") or "TEXT").lower() for part in heads]
    return next((one for one in formats if one != "text"), "")


def buttons(components: Sequence[Part]) -> list[Part]:
    """The buttons, in the order in which the provider counts them."""
    return [one for part in components for one in part.get("buttons") or () if isinstance(one, dict)]


def pressed(components: Sequence[Part]) -> list[dict[str, Any]]:
    """What a customer's press of each answering button says to us: its own words, whatever it says there."""
    answers = [
        (index, str(one.get("text", ""))[:PAYLOAD_CHARACTERS])
        for index, one in enumerate(buttons(components))
        if str(one.get("type", "")).upper() == "QUICK_REPLY"
    ]
    return [
        {"type": "button", "sub_type": "quick_reply", "index": str(index), "parameters": [payload(words)]}
        for index, words in answers
    ]


def payload(words: str) -> dict[str, str]:
    return {"type": "payload", "payload": words}


def with_head(components: Sequence[Part], kind: str, media: Mapping[str, Any]) -> list[Part]:
    """The parts with the file that stands above the text."""
    return [{"type": "header", "parameters": [{"type": kind, kind: dict(media)}]}, *components]


def rendered(components: Sequence[Part], values: Mapping[str, str]) -> str:
    """The text as the customer reads it, without the buttons."""
    texts = [filled(slot, values) for slot in slots(components) if slot.button is None]
    return "\n\n".join(texts)


def filled(slot: Slot, values: Mapping[str, str]) -> str:
    return PLACE.sub(lambda found: values.get(f"{slot.prefix}.{found[1]}", found[0]), slot.text)


def parameters(components: Sequence[Part], values: Mapping[str, str]) -> list[dict[str, Any]]:
    """The parts that are sent with their variables; a part without any is left out."""
    return [*(one for slot in slots(components) if (one := of_slot(slot, values))), *pressed(components)]


def of_slot(slot: Slot, values: Mapping[str, str]) -> dict[str, Any] | None:
    names = list(dict.fromkeys(PLACE.findall(slot.text)))
    if not names:
        return None
    if slot.part == "code":
        coupon = {"type": "coupon_code", "coupon_code": values[f"{slot.prefix}.code"]}
        return {"type": "button", "sub_type": "copy_code", "index": str(slot.button), "parameters": [coupon]}
    given = [parameter(name, values[f"{slot.prefix}.{name}"]) for name in names]
    if slot.button is not None:
        return {"type": "button", "sub_type": "url", "index": str(slot.button), "parameters": given}
    return {"type": slot.part, "parameters": given}


def parameter(name: str, text: str) -> dict[str, str]:
    named = {} if name.isdigit() else {"parameter_name": name}
    return {"type": "text", **named, "text": text}
