"""What is refused is told in the reader's language; programs, sockets and records keep English."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from accounts.errors import Refused
from accounts.models import Tenant
from conversations import actions
from conversations.errors import AlreadyAssigned
from tests.niochat.test_errors import refusals
from tests.world import PASSWORD, Person

APPS = ("accounts", "audit", "jobs", "realtime", "conversations", "dashboard", "niochat")
OTHERS = ("pt-br", "es")
MARKS = {"_", "gettext_noop"}
PLACEHOLDER = re.compile(r"%\((\w+)\)")


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for app in APPS:
        for path in sorted((settings.BASE_DIR / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(settings.BASE_DIR), ast.parse(path.read_text())


SOURCES = dict(sources())


def name_of(called: ast.expr) -> str:
    return called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""


def takes_a_sentence(kind: type[Refused]) -> bool:
    """Whether it is made of one: others make their own, of a name or an owner."""
    return "detail" in inspect.signature(kind).parameters


KINDS = {kind.__name__ for kind in refusals() if kind is not Refused}
MAKERS = {kind.__name__ for kind in refusals() if takes_a_sentence(kind)} | {"bad_hours"}


def given_sentences(tree: ast.Module) -> Iterator[ast.expr]:
    """What a module gives to refusals as their sentence: where they are made, and in their own classes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name in KINDS:
            yield from (one.value for one in node.body if isinstance(one, ast.Assign) and names(one, "detail"))
            yield from (call.args[0] for call in calls(node) if name_of(call.func) == "__init__" and call.args)
    for call in calls(tree):
        if name_of(call.func) in MAKERS and call.args:
            yield call.args[0]


def calls(node: ast.AST) -> Iterator[ast.Call]:
    return (one for one in ast.walk(node) if isinstance(one, ast.Call))


def names(assigned: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in assigned.targets)


def values_of(sentence: ast.expr, tree: ast.Module) -> Iterator[ast.expr]:
    """The sentence itself, or what its module ever puts under its name."""
    if not isinstance(sentence, ast.Name):
        yield sentence
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and names(node, sentence.id):
            yield node.value


def is_unmarked(value: ast.expr) -> bool:
    """Whether words stand in it that no translator will ever see."""
    if isinstance(value, ast.IfExp):
        return is_unmarked(value.body) or is_unmarked(value.orelse)
    return isinstance(value, ast.JoinedStr | ast.BinOp) or (
        isinstance(value, ast.Constant) and isinstance(value.value, str)
    )


def marked(tree: ast.Module) -> Iterator[str]:
    """The sentences of a module that are marked to be translated later."""
    for call in calls(tree):
        if name_of(call.func) in MARKS and call.args and isinstance(call.args[0], ast.Constant):
            yield str(call.args[0].value)


def marks_for_later(tree: ast.Module) -> bool:
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    return any(alias.name == "gettext_noop" for node in imports for alias in node.names)


SENTENCES = sorted({text for tree in SOURCES.values() if marks_for_later(tree) for text in marked(tree)})


def in_language(language: str, text: str) -> str:
    with translation.override(language):
        return translation.gettext(text)


def test_every_sentence_of_a_refusal_is_marked_to_be_translated() -> None:
    unmarked = [
        f"{path}:{sentence.lineno}"
        for path, tree in SOURCES.items()
        for sentence in given_sentences(tree)
        if any(map(is_unmarked, values_of(sentence, tree)))
    ]

    assert unmarked == []
    assert len(SENTENCES) > 100


@pytest.mark.parametrize("source", ['Refused("No.")', 'w = f"{a} b"\nRefused(w)', 'Refused("a" if b else _("c"))'])
def test_a_sentence_that_is_not_marked_is_found(source: str) -> None:
    tree = ast.parse(source)

    assert any(is_unmarked(value) for one in given_sentences(tree) for value in values_of(one, tree))


@pytest.mark.parametrize("language", OTHERS)
def test_every_marked_sentence_is_translated(language: str) -> None:
    assert [text for text in SENTENCES if in_language(language, text) == text] == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_values_of_its_sentence(language: str) -> None:
    found = {text: in_language(language, text) for text in SENTENCES}

    assert {one for one, other in found.items() if sorted(values(one)) != sorted(values(other))} == set()


def values(text: str) -> list[str]:
    return PLACEHOLDER.findall(text)


@pytest.mark.parametrize("language", OTHERS)
def test_every_kind_of_refusal_is_translated(language: str) -> None:
    assert [kind.__qualname__ for kind in refusals() if in_language(language, kind.detail) == kind.detail] == []


def test_a_refusal_stays_english_for_whoever_keeps_or_pushes_it() -> None:
    with translation.override("pt-br"):
        refused = AlreadyAssigned("Ana 100%")

        assert refused.detail == "Ana 100% already has this conversation; transfer it instead."
        assert str(refused) == f"already_assigned: {refused.detail}"
        assert refused.translated() == "Esta conversa já está com Ana 100%; use a transferência."


def test_another_s_own_words_keep_their_signs() -> None:
    assert Refused("50% of %(this)s").translated() == "50% of %(this)s"


LABELS = {
    "none": ({}, "There is a “vip 5%” already."),
    "portuguese": ({"Accept-Language": "pt-BR,pt;q=0.9"}, "Já existe “vip 5%”."),
    "spanish": ({"Accept-Language": "es-AR"}, "Ya existe “vip 5%”."),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("headers", "told"), LABELS.values(), ids=LABELS)
def test_a_refused_form_speaks_as_its_reader_asks(carla: Person, headers: dict[str, str], told: str) -> None:
    actions.create_label(carla.actor, name="vip 5%")

    answer = carla.client().post("/api/v1/labels", {"name": "vip 5%"}, headers=headers)

    assert answer.json()["errors"] == [{"code": "not_unique", "detail": told, "attr": "name"}]


PAGES = {
    "pt-br": "A conta desta empresa está suspensa.",
    "es": "La cuenta de esta empresa está suspendida.",
    "en": "This company&#x27;s account is suspended.",
}


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "told"), PAGES.items())
def test_a_page_tells_a_refusal_in_its_own_language(ana: Person, client: Client, language: str, told: str) -> None:
    Tenant.objects.filter(pk=ana.tenant_id).update(is_active=False)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language

    page: Any = client.post("/login/", {"username": ana.username, "password": PASSWORD})

    assert told in page.content.decode()
