"""Programs that use the package, as processes of their own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.patience import PATIENCE_S
from tests.realtime.serving import ROOT, Server
from tests.world import PASSWORD, Person

PACKAGE = ROOT / "clients" / "python"


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(PACKAGE / "src"), "PYTHONUNBUFFERED": "1"}


def identity(server: Server, person: Person) -> list[str]:
    url = server.url.replace("ws:", "http:")
    return ["--url", url, "--username", person.username, "--password", PASSWORD]


class Program:
    """A program that runs beside the test; what it prints is in `output`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process, self.output, self.came = process, "", asyncio.Event()
        self.reader = asyncio.create_task(self.read())

    async def read(self) -> None:
        assert self.process.stdout
        while piece := await self.process.stdout.read(4096):
            self.output += piece.decode()
            self.came.set()

    async def prints(self, text: str, within: float = PATIENCE_S) -> None:
        async with asyncio.timeout(within):
            while text not in self.output:
                if self.reader.done():
                    raise AssertionError(f"ended without {text!r}:\n{self.output[-3000:]}")
                self.came.clear()
                await asyncio.wait(
                    {asyncio.ensure_future(self.came.wait()), self.reader}, return_when="FIRST_COMPLETED"
                )


@asynccontextmanager
async def running(*command: str | Path, cwd: Path) -> AsyncIterator[Program]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *map(str, command),
        cwd=cwd,
        env=environment(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    program = Program(process)
    try:
        yield program
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        async with asyncio.timeout(PATIENCE_S):
            await process.wait()
            await program.reader
