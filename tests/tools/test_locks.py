"""The locks pin every package by version and hash, and name no address."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PINNED = re.compile(r"^([a-z0-9._-]+)==\S+", re.MULTILINE)


@pytest.fixture(params=["requirements.lock", "requirements-dev.lock"])
def lock(request: pytest.FixtureRequest) -> str:
    return (ROOT / str(request.param)).read_text()


def test_every_package_has_a_version_and_a_hash(lock: str) -> None:
    entries = re.split(r"\n(?=\S)", lock.strip())

    assert entries
    for entry in entries:
        assert PINNED.match(entry), entry.splitlines()[0]
        assert "--hash=sha256:" in entry


def test_no_address_stands_in_a_lock(lock: str) -> None:
    assert "://" not in lock
    assert "index-url" not in lock


def test_whatever_is_asked_for_is_locked() -> None:
    for source, lock in (("requirements.in", "requirements.lock"), ("requirements-dev.in", "requirements-dev.lock")):
        asked = re.findall(r"^([a-zA-Z][\w.-]*)", (ROOT / source).read_text(), re.MULTILINE)
        locked = set(PINNED.findall((ROOT / lock).read_text()))
        assert {name.lower().replace("_", "-") for name in asked} <= locked


def test_the_checks_run_what_the_product_runs() -> None:
    product, checks = (
        dict(re.findall(r"^([a-z0-9._-]+)==([^\s;]+)", (ROOT / name).read_text(), re.MULTILINE))
        for name in ("requirements.lock", "requirements-dev.lock")
    )

    assert product.items() <= checks.items()


def test_the_javascript_tools_are_locked_without_an_address() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]

    assert all("resolved" not in package for package in packages.values())
    assert all("integrity" in package for path, package in packages.items() if path)
