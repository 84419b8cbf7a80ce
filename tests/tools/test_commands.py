"""The two commands of the README, where something is missing or in the way: one clear sentence, and a failure."""

from __future__ import annotations

import ast
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tools import environment
from tools.commands import COMMANDS, dispatch, wanted_ports

ROOT = Path(__file__).resolve().parent.parent.parent
BOOTSTRAP = ROOT / "tools" / "bootstrap.py"
PRETEND_3_8 = f"""
import runpy, sys
sys.version_info = (3, 8, 1)
runpy.run_path({str(BOOTSTRAP)!r}, run_name="__main__")
"""


def sentence(raised: pytest.ExceptionInfo[SystemExit]) -> str:
    """What was said at the end; one line of it."""
    said = str(raised.value.code)
    assert said.startswith("==> ")
    assert said.endswith(".")
    assert "\n" not in said
    return said


def test_make_help_lists_every_command() -> None:
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"^  make (\w+)", said, re.MULTILINE)) == targets >= set(COMMANDS)


def test_a_bare_make_only_explains() -> None:
    said = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert "make run" in said


def test_a_taken_port_is_told_before_anything_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as occupied:
        occupied.bind(("127.0.0.1", 0))
        occupied.listen()
        monkeypatch.setenv("PORTS", str(occupied.getsockname()[1]))
        with pytest.raises(SystemExit) as raised:
            wanted_ports()

    assert "is in use" in sentence(raised)


@pytest.mark.parametrize("ports", ["", "http", "0", "70000", "8010 x"])
def test_ports_that_are_none_are_told(monkeypatch: pytest.MonkeyPatch, ports: str) -> None:
    monkeypatch.setenv("PORTS", ports)

    with pytest.raises(SystemExit) as raised:
        wanted_ports()

    assert "PORTS" in sentence(raised)


def test_several_ports_are_read_with_spaces_or_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTS", "41901, 41902 41903")

    assert wanted_ports() == [41901, 41902, 41903]


def test_an_unknown_command_names_the_known_ones() -> None:
    with pytest.raises(SystemExit) as raised:
        dispatch(["serve"])

    assert "run" in sentence(raised)


def test_a_machine_without_node_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(SystemExit) as raised:
        environment.ready_for_javascript()

    assert "Node.js is missing" in sentence(raised)


def test_an_old_node_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("node", "npm"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\necho v18.20.4\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(SystemExit) as raised:
        environment.ready_for_javascript()

    assert "Node.js v18.20.4 is too old: install nodejs 20 or newer." in sentence(raised)


def test_an_old_python_can_read_the_bootstrap_and_says_what_it_needs() -> None:
    ast.parse(BOOTSTRAP.read_text(), feature_version=(3, 4))

    done = subprocess.run(
        [sys.executable, "-c", PRETEND_3_8], env={"PATH": ""}, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert done.stderr.strip() == "NioChat needs Python 3.11 or newer; this is 3.8. Install python3.11."


def test_an_old_python_hands_over_to_a_newer_one(tmp_path: Path) -> None:
    (tmp_path / "python3.11").symlink_to(sys.executable)

    done = subprocess.run(
        [sys.executable, "-c", PRETEND_3_8, "nothing"],
        env=os.environ | {"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stderr.startswith("==> Say one of: run,")
