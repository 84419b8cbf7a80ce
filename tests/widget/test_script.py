"""`/widget.js`: one small file, and the shop that embeds it."""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess

import pytest
from django.test import Client

from conversations.models import Inbox
from conversations.widget_script import SOURCES, joined, widget_script

KILOBYTE = 1000


def test_the_widget_weighs_less_than_25_kilobytes() -> None:
    script = widget_script()

    assert len(gzip.compress(script.body, 9)) < 25 * KILOBYTE
    assert gzip.decompress(script.gzipped) == script.body


def test_every_module_is_in_the_script_and_no_comment() -> None:
    script = joined()

    for module in SOURCES.glob("*.js"):
        if module.name != "types.js":
            assert f"const ${module.name.replace('.', '_')}=" in script
    assert "@param" not in script
    assert not re.search(r"^(import|export) ", script, re.MULTILINE)


def test_the_script_is_javascript() -> None:
    node = shutil.which("node")
    assert node, "Node.js is needed for this test"
    checked = subprocess.run([node, "--check", "-"], input=joined(), text=True, capture_output=True, check=False)

    assert checked.returncode == 0, checked.stderr


def test_any_site_may_load_it_and_browsers_keep_it() -> None:
    client = Client()
    plain = client.get("/widget.js")
    zipped = client.get("/widget.js", HTTP_ACCEPT_ENCODING="gzip, br")
    known = client.get("/widget.js", HTTP_IF_NONE_MATCH=plain["ETag"])

    assert plain["Content-Type"] == "text/javascript; charset=utf-8"
    assert plain["Access-Control-Allow-Origin"] == "*"
    assert gzip.decompress(zipped.content) == plain.content
    assert zipped["Content-Encoding"] == "gzip"
    assert (known.status_code, known.content) == (304, b"")


def test_the_script_sets_no_cookie_and_writes_no_html() -> None:
    script = joined()

    for word in ("document.cookie", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert word not in script


@pytest.mark.django_db
def test_the_shop_stands_on_a_developers_machine_only(settings) -> None:
    assert Client().get("/demo/shop/").status_code == 404

    settings.DEBUG = True
    page = Client().get("/demo/shop/")
    assert page.status_code == 200
    assert "manage.py demo" in page.content.decode()
    assert "widget.js" not in page.content.decode()


@pytest.mark.django_db
def test_the_shop_embeds_the_demo_companys_widget(site: Inbox, settings) -> None:
    settings.DEBUG = True
    site.tenant.slug = "demo"
    site.tenant.save()

    page = Client().get("/demo/shop/").content.decode()

    assert re.search(rf'<script src="/widget.js"\s+data-inbox="{site.token}"', page)
    assert " style=" not in page
    assert "<script>" not in page
