"""The adapter of WhatsApp's Cloud API."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.files.storage import default_storage

from conversations.models import Attachment, Channel, Delivery, Inbox, Message
from conversations.providers import fetching
from conversations.providers.base import (
    Checked,
    Fetched,
    FilledTemplate,
    Limits,
    MediaRefused,
    NotListed,
    Outcome,
    Template,
    TemplateForm,
    TryLater,
    Verdict,
)
from conversations.providers.calling import taken
from conversations.providers.happenings import AnyHappening
from conversations.providers.reading import digits_of, object_of, objects_of, text_of
from conversations.providers.whatsapp import graph, reading, templates, writing

TEMPLATE_PAGES = 20
APPROVALS = {"APPROVED": "approved", "PENDING": "pending", "REJECTED": "rejected", "PAUSED": "paused"}
HEALTH_FIELDS = "display_phone_number,verified_name,quality_rating,messaging_limit_tier,name_status"
# Where Meta keeps the files of messages.
MEDIA_HOSTS = ("lookaside.fbsbx.com", ".fbcdn.net", ".whatsapp.net", "graph.facebook.com")


class WhatsAppProvider:
    """One number of a WhatsApp Business account."""

    slug = "whatsapp"
    channel: str = Channel.WHATSAPP
    window_s: int | None = 24 * 3600
    rate = 80.0
    # Reports come for each message of theirs, and each may be paid for: a longer text is the writer's to part.
    limits = Limits(text=4096, caption=1024, buttons=1024)
    config_fields: Sequence[str] = (
        "phone_number_id",
        "waba_id",
        "graph_version",
        "graph_url",
        "send_read",
        "send_typing",
    )
    secret_fields: Sequence[str] = ("access_token", "app_secret", "verify_token")
    required: Sequence[str] = ("phone_number_id", "access_token", "app_secret")

    # --- in

    def challenge(self, inbox: Inbox, query: Mapping[str, str]) -> str | None:
        """Meta's handshake: the challenge back, if the token is the one that the admin chose."""
        expected, given = inbox.account.secret("verify_token"), query.get("hub.verify_token", "")
        fits = bool(expected) and hmac.compare_digest(expected.encode(), given.encode())
        return query.get("hub.challenge", "") if fits and query.get("hub.mode") == "subscribe" else None

    def verify(self, inbox: Inbox, headers: Mapping[str, str], raw: bytes) -> bool:
        """`X-Hub-Signature-256`: the hex HMAC-SHA256 of the raw body by the app's secret."""
        secret = inbox.account.secret("app_secret")
        scheme, _, given = headers.get("X-Hub-Signature-256", "").partition("=")
        expected = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
        return bool(secret) and scheme == "sha256" and hmac.compare_digest(expected.encode(), given.lower().encode())

    def parse(self, raw: bytes) -> list[AnyHappening]:
        return reading.parse(raw)

    def account_id(self, inbox: Inbox) -> str:
        return str(inbox.account.config.get("phone_number_id", ""))

    def same_app(self, inbox: Inbox, other: Inbox) -> bool:
        ours, theirs = (one.account.secret("app_secret") for one in (inbox, other))
        return bool(ours) and hmac.compare_digest(ours.encode(), theirs.encode())

    def business(self, inbox: Inbox) -> str:
        return str(inbox.account.config.get("waba_id", ""))

    def number(self, inbox: Inbox) -> str:
        return digits_of(inbox.account.facts.get("display_phone_number"))

    def check_config(self, config: Mapping[str, Any]) -> None:
        if url := config.get("graph_url"):
            graph.check_url(str(url))

    # --- out

    def send(self, inbox: Inbox, message: Message) -> Outcome:
        """Hand a message over; a file is uploaded first, which may be done twice without harm."""
        body = writing.addressed(message)
        files = list(message.attachments.all())
        if files:
            media_id, refusal = self.upload(inbox, files[0])
            if refusal:
                return harmless(refusal)
            return self.post(inbox, body | writing.with_file(message, files[0], media_id))
        return self.post(inbox, body | writing.body_of(message))

    def post(self, inbox: Inbox, body: dict[str, Any]) -> Outcome:
        answer, refusal = graph.call(inbox, "POST", f"{self.account_id(inbox)}/messages", json=body)
        if refusal:
            return refusal
        sent = objects_of(answer.get("messages"))
        return taken(text_of(sent[0].get("id"), 200) if sent else "")

    def upload(self, inbox: Inbox, file: Attachment) -> tuple[str, Outcome | None]:
        """Give Meta a file; its id there, or why not."""
        with default_storage.open(file.key) as content:
            files = {"file": (file.name, content, file.content_type)}
            form = {"messaging_product": "whatsapp", "type": file.content_type}
            answer, refusal = graph.call(inbox, "POST", f"{self.account_id(inbox)}/media", data=form, files=files)
        return text_of(answer.get("id"), 200), refusal

    def react(self, inbox: Inbox, message: Message, address: str, emoji: str) -> Outcome:
        to = {"to": address} if address.isdigit() else {"recipient": address}
        reaction = {"message_id": message.provider_id, "emoji": emoji}
        body = {"messaging_product": "whatsapp", "recipient_type": "individual", **to}
        return harmless(self.post(inbox, body | {"type": "reaction", "reaction": reaction}))

    def mark_read(self, inbox: Inbox, provider_id: str, *, typing: bool) -> Outcome:
        body: dict[str, Any] = {"messaging_product": "whatsapp", "status": "read", "message_id": provider_id}
        if typing:
            body["typing_indicator"] = {"type": "text"}
        _answer, refusal = graph.call(inbox, "POST", f"{self.account_id(inbox)}/messages", json=body)
        return harmless(refusal) if refusal else Outcome(Delivery.READ)

    # --- around it

    def fetch(self, inbox: Inbox, reference: Mapping[str, str]) -> Fetched:
        """Ask where the file is, then get it there, with the same token, from Meta's own hosts only."""
        answer, refusal = graph.call(inbox, "GET", reference["id"])
        if refusal:
            if refusal.verdict is Verdict.PERMANENT:
                raise MediaRefused(refusal.error)
            raise TryLater(refusal.error)
        url = text_of(answer.get("url"), 2000)
        token = inbox.account.secret("access_token")
        own = graph.base_url(inbox)
        got = fetching.get(
            url,
            hosts=MEDIA_HOSTS,
            inner=own if graph.is_vouched(own) else "",
            headers={"Authorization": f"Bearer {token}"},
            circuit=f"files-{inbox.pk}",
        )
        wanted = text_of(answer.get("sha256"), 64)
        if len(wanted) == 64 and hashlib.sha256(got.content).hexdigest() != wanted.lower():  # noqa: PLR2004 - hex
            raise TryLater("sha256")
        return got

    def check(self, inbox: Inbox) -> Checked:
        answer, refusal = graph.call(inbox, "GET", self.account_id(inbox), params={"fields": HEALTH_FIELDS})
        if refusal:
            return Checked({}, refusal.error, refusal.verdict is Verdict.AUTH)
        names = HEALTH_FIELDS.split(",")
        return Checked({name: text_of(answer.get(name), 100) for name in names if answer.get(name)})

    def templates(self, inbox: Inbox) -> list[Template]:
        """Every template of the business account, page by page; none where nobody said which account that is.

        Raises TryLater when a page does not come, and NotListed when it never will.
        """
        found: list[Template] = []
        after = ""
        if not self.business(inbox):
            return found
        for _page in range(TEMPLATE_PAGES):
            params = {"limit": "100", **({"after": after} if after else {})}
            answer, refusal = graph.call(inbox, "GET", f"{self.business(inbox)}/message_templates", params=params)
            if refusal:
                is_final = refusal.verdict in (Verdict.PERMANENT, Verdict.AUTH)
                raise (NotListed if is_final else TryLater)(refusal.error)
            found += [template_of(row) for row in objects_of(answer.get("data"))]
            after = text_of(object_of(object_of(answer.get("paging")).get("cursors")).get("after"), 500)
            if not after or not object_of(answer.get("paging")).get("next"):
                break
        return found

    def template_form(self, components: Sequence[Mapping[str, Any]]) -> TemplateForm:
        head = templates.head(components)
        return TemplateForm(
            text=templates.rendered(components, {}),
            variables=templates.variables(components),
            buttons=[text_of(one.get("text"), 60) for one in templates.buttons(components)],
            head=head,
            accepts=[name for name, kind in writing.SHOWN.items() if kind == head],
        )

    def filled_template(self, components: Sequence[Mapping[str, Any]], values: Mapping[str, str]) -> FilledTemplate:
        return FilledTemplate(templates.rendered(components, values), templates.parameters(components, values))


def template_of(row: dict[str, Any]) -> Template:
    return Template(
        name=text_of(row.get("name"), 512),
        language=text_of(row.get("language"), 16),
        category=text_of(row.get("category"), 32).lower(),
        approval=APPROVALS.get(text_of(row.get("status")), "disabled"),
        components=objects_of(row.get("components")),
    )


def harmless(outcome: Outcome) -> Outcome:
    """Of what may be done twice without anybody noticing, an uncertain end is simply one to repeat."""
    return outcome._replace(verdict=Verdict.RETRY) if outcome.verdict is Verdict.UNCERTAIN else outcome
