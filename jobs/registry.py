"""Which functions may run as jobs, and which of them by the clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


class GiveUp(Exception):
    """Raised by a job that no repetition can help: it goes to the dead letters at once."""


class Task(NamedTuple):
    """A function that may run as a job. `when_dead` and `when_replayed` name the tasks that get a dead letter's
    arguments when it becomes one, and when somebody has it tried again; empty for none. Of one that runs `alone` no two
    jobs with the same unique key run at once.
    """

    function: Callable[..., Any]
    attempts: int
    when_dead: str = ""
    when_replayed: str = ""
    alone: bool = False


TASKS: dict[str, Task] = {}
# How many seconds lie between two runs of a task.
SCHEDULE: dict[str, float] = {}


def task(
    name: str, *, attempts: int = 8, when_dead: str = "", when_replayed: str = "", alone: bool = False
) -> Callable[[Function], Function]:
    """Let a plain function run as the job `name`; it is tried `attempts` times before it is a dead letter.

    What a dead letter leaves undone is settled by the task `when_dead`, queued in the transaction that buries it; what
    that did is taken back by `when_replayed`. Both may run late, and beside the job itself. One that must run `alone`
    is not begun while a job with the same unique key runs: it is for what has an order.
    """

    def register(function: Function) -> Function:
        if name in TASKS:
            raise ValueError(f"Two jobs are called {name!r}.")
        TASKS[name] = Task(function, attempts, when_dead, when_replayed, alone)
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
