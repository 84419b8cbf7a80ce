"""No secret and no control character gets into a log, whoever writes there and however."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from niochat.logs import WithoutSecrets, formatter
from niochat.redaction import escape, redact

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjMifQ.c2lnbmF0dXJlLW9mLWEtdG9rZW4"
SECRETS = [
    f"/ws/dashboard/?token={JWT}&x=1",
    f"/ws?token=plain-secret-{JWT[-8:]}",
    f"Authorization: Bearer {JWT}",
    "Authorization: Token nk_abcdefgh_SECRETsecretSECRET",
    f"Sec-WebSocket-Protocol: niochat.v1, bearer.{JWT}",
    'POST {"username": "ana", "password": "plain-secret"}',
    "{'password': 'plain-secret', 'a': 1}",
    "password=plain-secret&next=/",
    "Cookie: niochat_session=plain-secret; niochat_csrf=plain-secret",
    "identifier_hash=plain-secret",
    f'{{"refresh": "{JWT}", "access": "{JWT}"}}',
    "GET /s/plain-secret-of-a-survey/ 200",
    "GET /files/plain-secret-of-a-file 200",
    "POST /webhooks/whatsapp/plain-secret-of-an-inbox 200",
    "GET /api/v1/surveys/plain-secret-of-a-survey 200",
]
LEAKS = ("plain-secret", "SECRETsecret", "c2lnbmF0dXJl", "eyJzdWIi")


@pytest.fixture(params=["json", "console"])
def lines(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """What our formatter writes for the logger `told`."""
    written = io.StringIO()
    options = formatter(request.param, [structlog.contextvars.merge_contextvars, structlog.stdlib.add_log_level])
    handler = logging.StreamHandler(written)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(**{k: v for k, v in options.items() if k != "()"}))
    logger = logging.getLogger("told")
    logger.addHandler(handler)
    logger.propagate = False
    yield written
    logger.removeHandler(handler)
    logger.propagate = True


def clean(text: str) -> bool:
    return not any(leak in text for leak in LEAKS)


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_taken_out_wherever_it_stands_123(lines: io.StringIO, secret: str) -> None:
    told = logging.getLogger("told")
    told.warning("%s", secret)
    told.warning(f"said: {secret}")  # as other people's code does
    told.warning("x", extra={"url": secret, "nested": {"deep": [secret]}})
    structlog.get_logger("told").warning("y", url=secret, headers=[secret])
    told.error("failed", exc_info=ValueError(secret))

    assert lines.getvalue().count("[redacted]") >= 5
    assert clean(lines.getvalue())


@pytest.mark.parametrize("name", ["password", "token", "Authorization", "refresh_token", "client_secret", "api_key"])
def test_a_field_of_a_secret_name_is_never_shown(lines: io.StringIO, name: str) -> None:
    structlog.get_logger("told").warning("x", **{name: "plain-secret"})

    assert clean(lines.getvalue())


@pytest.mark.parametrize("evil", ["a\r\nFAKE LINE", "\x1b[31mred", "\x07bell", "\u202egnp.exe", "a\u2028b", "\x9b31m"])
def test_a_control_character_is_written_as_its_number_122(lines: io.StringIO, evil: str) -> None:
    logging.getLogger("told").warning("name %s", evil)
    structlog.get_logger("told").warning("name", name=evil)

    written = lines.getvalue()
    assert len(written.splitlines()) == 2
    assert escape(evil) in written.replace("\\\\", "\\")
    assert escape(written.replace("\n", "")) == written.replace("\n", "")


def test_what_uvicorn_says_of_a_socket_holds_no_token(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "uvicorn.error"):
        logging.getLogger("uvicorn.error").info('%s - "WebSocket %s" [accepted]', "127.0.0.1:9", f"/ws?token={JWT}")

    assert caplog.messages == ['127.0.0.1:9 - "WebSocket /ws?token=[redacted]" [accepted]']
    assert any(isinstance(known, WithoutSecrets) for known in logging.getLogger("uvicorn.error").filters)


def test_an_ordinary_line_stays_as_it_is() -> None:
    line = 'conversation 12 assigned to ana by carla (status: waiting) in 3.2 ms: "olá, tudo bem?"'

    assert redact(line) == escape(line) == line


def test_a_line_of_json_says_when_what_and_in_which_request() -> None:
    record = logging.makeLogRecord({"name": "told", "msg": "hello %s", "args": ("ana",), "levelname": "INFO"})
    options: dict[str, Any] = formatter("json", [structlog.contextvars.merge_contextvars])
    options.pop("()")
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        line = structlog.stdlib.ProcessorFormatter(**options).format(record)

    assert json.loads(line) == {"event": "hello ana", "request_id": "r1"}
