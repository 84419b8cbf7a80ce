"""What may be sent through a provider, looked at before it is stored. Runs inside its caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from accounts import clock
from accounts.errors import Refused, UnknownReference
from conversations.errors import Incomplete, TypeMismatch, WindowClosed
from conversations.models import Attachment, Conversation, Inbox, MessageTemplate
from conversations.providers import remote_of
from conversations.providers.base import KnowsTemplates, Limits, TemplateForm
from conversations.providers.splitting import units

MOST_BUTTONS = 3
LONGEST_BUTTON = 20
LONGEST_VARIABLE = 1024
# What the product itself puts into a message's metadata: nobody may bring it along.
OURS = ("survey", "media", "edits")


def prepared(
    conversation: Conversation,
    *,
    content: str,
    message_type: str,
    metadata: Mapping[str, Any],
    files: Sequence[Attachment],
) -> tuple[str, dict[str, Any]]:
    """The text and metadata under which a reply is stored; those of an inbox without a provider as they came.

    Raises WindowClosed for anything but a template once the customer has been silent for too long, UnknownReference and
    Refused for a template, and Refused("not_supported") for what the provider can't carry.
    """
    provider = remote_of(conversation.inbox)
    if provider is None:
        return content, dict(metadata)
    given = {key: value for key, value in metadata.items() if key not in (*OURS, "template")}
    if message_type == "template":
        return from_template(conversation.inbox, metadata.get("template"), given, files)
    if not conversation.may_be_answered(clock.now()):
        raise WindowClosed
    check_files(content, files)
    if "buttons" in given:
        given["buttons"] = checked_buttons(given["buttons"])
        if files:
            raise Refused("Buttons go with a text, not with a file.", code="not_supported", attr="metadata.buttons")
    check_length(provider.limits, content, has_file=bool(files), has_buttons="buttons" in given)
    return content, given


def from_template(
    inbox: Inbox, asked: Any, given: Mapping[str, Any], files: Sequence[Attachment]
) -> tuple[str, dict[str, Any]]:
    """A template with its variables: the text that the team reads, and the parts that are sent."""
    provider = remote_of(inbox)
    if provider is None or not isinstance(provider, KnowsTemplates):
        raise Refused("This inbox knows no templates.", code="not_supported", attr="message_type")
    if not isinstance(asked, dict):
        raise Refused("Name the template.", code="required", attr="metadata.template")
    rows = MessageTemplate.objects.filter(inbox=inbox, name=str(asked.get("name")), language=str(asked.get("language")))
    template = rows.first()
    if template is None:
        raise UnknownReference("metadata.template")
    if template.approval != MessageTemplate.Approval.APPROVED:
        raise Refused("This template is not approved.", code="template_not_approved", attr="metadata.template")
    form = provider.template_form(template.components)
    check_head(form, files)
    values = checked_values(form, asked.get("variables") or {})
    filled = provider.filled_template(template.components, values)
    named = {"name": template.name, "language": template.language, "variables": values, "head": form.head}
    return filled.text, {**given, "template": {**named, "components": list(filled.components)}}


def checked_values(form: TemplateForm, given: Any) -> dict[str, str]:
    """A value for each variable; providers take neither an empty one nor one with line breaks."""
    names = form.variables
    values = {name: " ".join(str(given.get(name, "")).split()) for name in names} if isinstance(given, dict) else {}
    for name in names:
        if not values.get(name):
            raise Incomplete(f"Fill in {name}.", attr=f"metadata.template.variables.{name}")
        if len(values[name]) > LONGEST_VARIABLE:
            raise Refused(f"{name} is too long.", code="too_long", attr=f"metadata.template.variables.{name}")
    return values


def check_head(form: TemplateForm, files: Sequence[Attachment]) -> None:
    """The one file that a template's head wants, and of its kind; none where it wants none."""
    if form.head not in ("", "image", "video", "document"):
        words = f"Templates with a {form.head} above them can't be sent."
        raise Refused(words, code="not_supported", attr="metadata.template")
    if form.head and not files:
        raise Incomplete(f"Attach the {form.head} that stands above this template.", attr="attachments")
    if len(files) > bool(form.head):
        most = "one file" if form.head else "no file"
        raise Refused(f"This template takes {most}.", code="not_supported", attr="attachments")
    if files and form.accepts and files[0].content_type not in form.accepts:
        kinds = ", ".join(form.accepts)
        raise TypeMismatch(f"This template's {form.head} must be one of {kinds}.", attr="attachments")


def check_files(content: str, files: Sequence[Attachment]) -> None:
    """One message is one file there, and a sound has no text under it."""
    if len(files) > 1:
        raise Refused("Send one file in each message.", code="not_supported", attr="attachments")
    if files and content.strip() and files[0].content_type.startswith("audio/"):
        raise Refused("A sound has no text: send it by itself.", code="not_supported", attr="content")


def check_length(limits: Limits, content: str, *, has_file: bool, has_buttons: bool) -> None:
    """Refuse what the provider would not take, unless it is parted there: before it is stored, not after."""
    most = limits.caption if has_file else limits.buttons if has_buttons else limits.text
    if most is not None and not limits.splits and units(content) > most:
        where = "under a file" if has_file else "over buttons" if has_buttons else "in a message"
        raise Refused(f"At most {most} characters {where} on this channel.", code="too_long", attr="content")


def checked_buttons(given: Any) -> list[dict[str, str]]:
    """At most three answers to choose from, each a title or `{id, title}`."""
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_BUTTONS:
        raise Refused(f"Give 1 to {MOST_BUTTONS} buttons.", code="out_of_range", attr="metadata.buttons")
    buttons = [one if isinstance(one, dict) else {"title": one} for one in given]
    found = [{"id": str(one.get("id") or one.get("title")), "title": str(one.get("title") or "")} for one in buttons]
    titles = {one["title"] for one in found}
    if len(titles) < len(found) or any(not 0 < len(title) <= LONGEST_BUTTON for title in titles):
        words = f"Each button has a title of its own, of at most {LONGEST_BUTTON} characters."
        raise Refused(words, code="out_of_range", attr="metadata.buttons")
    return found
