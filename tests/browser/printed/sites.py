"""Front ends made of a document's printed code and of as little around it as runs it."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.browser.reference import Document
from tests.browser.workshop import MODULES, vite_build

HERE = Path(__file__).parent

# Where the document says that each piece of code belongs, or where the others import it from.
NIOCHAT = {
    "src/hooks/useWebSocket.js": "Hook useWebSocket",
    "src/Dashboard.jsx": "Componente Dashboard",
    "src/websocket.js": "Plugin WebSocket",
    "src/Dashboard.vue": "Componente Vue",
    "src/websocket.service.ts": "Serviço WebSocket",
    "src/dashboard.component.ts": "Componente Angular",
}


def niochat(folder: Path) -> Path:
    """The React, Vue and Angular clients of NioChat's document, each as a page; where the pages lie."""
    shutil.copytree(HERE / "site", folder)
    document = Document.named("niochat-websocket")
    for path, heading in NIOCHAT.items():
        file = folder / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(document.code(heading))
    (folder / "node_modules").symlink_to(MODULES)
    return vite_build(folder)


# A document, the heading under which it prints how its hook is used, and what its reader fills in.
HOOKS = {
    "fastapi": ("fastapi-websocket-client", "Usando o Hook"),
    "pytake": ("pytake-conversations", "Debug do WebSocket"),
    "syszap": ("syszap-websocket", "Opção 1: Hook"),
}
TO_FILL_IN = "your-jwt-token"


def hooks(apps: Path, token: str) -> Path:
    """Components of three documents that use our hook where they were printed with theirs."""
    site = apps / "hooks"
    shutil.copytree(HERE / "hooks", site)
    for name, (document, heading) in HOOKS.items():
        code = Document.named(document).code(heading)
        (site / "src" / f"{name}.tsx").write_text(code.replace(TO_FILL_IN, token))
    return vite_build(site)


def ours(apps: Path) -> Path:
    """The components of NioChat's document on our own hook, plugin and service, where theirs stood."""
    site = apps / "ours"
    shutil.copytree(HERE / "ours", site)
    document = Document.named("niochat-websocket")
    for path in ("src/Dashboard.jsx", "src/Dashboard.vue", "src/dashboard.component.ts"):
        (site / path).write_text(document.code(NIOCHAT[path]))
    return vite_build(site)
