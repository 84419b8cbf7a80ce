"""What an operator may set, read from the environment.

`OPTIONS` keeps each value with its default and meaning: the README's configuration table is compared with it by a test.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import environ

env = environ.Env()


class Option(NamedTuple):
    """One line of the configuration table."""

    name: str
    default: Any
    about: str


OPTIONS: list[Option] = []


def option(read: Callable[..., Any], name: str, default: Any, about: str, *, shown: str | None = None) -> Any:
    """Read one value from the environment and remember it for the configuration table.

    `shown` stands there for a default that depends on something else.
    """
    OPTIONS.append(Option(name, default if shown is None else shown, about))
    return read(name, default=default)
