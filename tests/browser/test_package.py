"""The client package as npm packs it: what its declarations promise."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.browser.workshop import MODULES, run

pytestmark = pytest.mark.browser
STRICT = {
    "strict": True,
    "noEmit": True,
    "jsx": "react-jsx",
    "target": "es2022",
    "module": "esnext",
    "moduleResolution": "bundler",
    "lib": ["es2023", "dom", "dom.iterable"],
    "types": [],
}


def test_a_strict_typescript_program_compiles_on_its_declarations(apps: Path) -> None:
    program = apps / "typed"
    program.mkdir()
    shutil.copy(Path(__file__).parent / "consumer.tsx", program)
    (program / "tsconfig.json").write_text(json.dumps({"compilerOptions": STRICT}))

    run(["node", MODULES / "typescript" / "bin" / "tsc"], program)


def test_a_framework_is_asked_for_only_by_who_uses_it(apps: Path) -> None:
    package = json.loads((apps / "node_modules" / "niochat-client" / "package.json").read_text())

    assert "dependencies" not in package
    assert set(package["peerDependencies"]) == set(package["peerDependenciesMeta"]) == {
        "@angular/core", "react", "rxjs", "vue",
    }  # fmt: skip
    assert all(meta["optional"] for meta in package["peerDependenciesMeta"].values())
