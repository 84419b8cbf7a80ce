"""Which functions may run as jobs, and which of them by the clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


class GiveUp(Exception):
    """Raised by a job that no repetition can help: it goes to the dead letters at once."""


class Task(NamedTuple):
    function: Callable[..., Any]
    attempts: int


TASKS: dict[str, Task] = {}
# How many seconds lie between two runs of a task.
SCHEDULE: dict[str, float] = {}


def task(name: str, *, attempts: int = 8) -> Callable[[Function], Function]:
    """Let a plain function run as the job `name`; it is tried `attempts` times before it is a dead letter."""

    def register(function: Function) -> Function:
        if name in TASKS:
            raise ValueError(f"Two jobs are called {name!r}.")
        TASKS[name] = Task(function, attempts)
        return function

    return register


def every(*, seconds: float, name: str = "", attempts: int = 3) -> Callable[[Function], Function]:
    """Run a function without arguments by the clock, each time in one worker only, the first time at once.

    Beats that were missed while no worker ran are not made up for. The name is `<app>.<function>` unless given.
    """

    def register(function: Function) -> Function:
        called = name or f"{function.__module__.partition('.')[0]}.{function.__name__}"
        SCHEDULE[called] = seconds
        return task(called, attempts=attempts)(function)

    return register
