"""The product's own scripts and styles as production serves them: every reference by the hashed name."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage

from niochat.storage import HashedModules

OURS = ("dashboard", "conversations", "niochat-client")
IMPORT = re.compile(r"""^(?:import|export)\b[^;"'()]*["'](\.\.?/[^"']+)["'];""", re.MULTILINE)
HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")


class Hashed(HashedModules, ManifestStaticFilesStorage):  # type: ignore[misc]  # as Django itself does it
    """Production's storage, but for the compression."""


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our own files, collected."""
    home = tmp_path_factory.mktemp("static")
    storage = Hashed(location=str(home), base_url="/static/")
    listed = [
        (str(Path(getattr(source, "prefix", None) or "", path)), (source, path))
        for finder in get_finders()
        for path, source in finder.list([])
    ]
    found = {name: held for name, held in listed if name.startswith(OURS)}
    for name, (source, path) in found.items():
        with source.open(path) as content:
            storage.save(name, content)
    for name, _, processed in storage.post_process(found):
        assert not isinstance(processed, Exception), f"{name}: {processed}"
    return home


def test_a_module_imports_its_neighbours_by_their_hashed_names(collected: Path) -> None:
    names = json.loads((collected / "staticfiles.json").read_text())["paths"].values()
    modules = [collected / name for name in names if name.endswith(".js") and "vendor" not in name]
    imported = [(path, name) for path in modules for name in IMPORT.findall(path.read_text())]

    assert imported
    for path, name in imported:
        assert HASHED.search(name), f"{path.name} imports {name}"
        assert (path.parent / name).resolve().exists()
