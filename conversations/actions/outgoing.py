"""What may be sent through a provider, looked at before it is stored. Runs inside its caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_noop as _

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
# Degrees from the equator, and from Greenwich.
FURTHEST = {"latitude": 90, "longitude": 180}
# What the product itself puts into a message's metadata: nobody may bring it along.
OURS = ("survey", "media", "edits", "call", "from_phone", "sent_at", "unsupported")
# Whole sentences: other languages bend the words around what stands in the middle.
ATTACH = {
    "image": _("Attach the image that stands above this template."),
    "video": _("Attach the video that stands above this template."),
    "document": _("Attach the document that stands above this template."),
}
UNDER_A_FILE = _("At most %(most)s characters under a file on this channel.")
OVER_BUTTONS = _("At most %(most)s characters over buttons on this channel.")
IN_A_MESSAGE = _("At most %(most)s characters in a message on this channel.")


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
            raise Refused(_("Buttons go with a text, not with a file."), code="not_supported", attr="metadata.buttons")
    if "location" in given:
        given["location"] = checked_place(given["location"])
    check_length(provider.limits, content, has_file=bool(files), has_buttons="buttons" in given)
    return content, given


def from_template(
    inbox: Inbox, asked: Any, given: Mapping[str, Any], files: Sequence[Attachment]
) -> tuple[str, dict[str, Any]]:
    """A template with its variables: the text that the team reads, and the parts that are sent."""
    provider = remote_of(inbox)
    if provider is None or not isinstance(provider, KnowsTemplates):
        raise Refused(_("This inbox knows no templates."), code="not_supported", attr="message_type")
    if not isinstance(asked, dict):
        raise Refused(_("Name the template."), code="required", attr="metadata.template")
    rows = MessageTemplate.objects.filter(inbox=inbox, name=str(asked.get("name")), language=str(asked.get("language")))
    template = rows.first()
    if template is None:
        raise UnknownReference("metadata.template")
    if template.approval != MessageTemplate.Approval.APPROVED:
        raise Refused(_("This template is not approved."), code="template_not_approved", attr="metadata.template")
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
            raise Incomplete(_("Fill in %(name)s."), {"name": name}, attr=f"metadata.template.variables.{name}")
        if len(values[name]) > LONGEST_VARIABLE:
            where = f"metadata.template.variables.{name}"
            raise Refused(_("%(name)s is too long."), {"name": name}, code="too_long", attr=where)
    return values


def check_head(form: TemplateForm, files: Sequence[Attachment]) -> None:
    """The one file that a template's head wants, and of its kind; none where it wants none."""
    if form.head not in ("", "image", "video", "document"):
        words = _("Templates with “%(head)s” above them can't be sent.")
        raise Refused(words, {"head": form.head}, code="not_supported", attr="metadata.template")
    if form.head and not files:
        raise Incomplete(ATTACH[form.head], attr="attachments")
    if len(files) > bool(form.head):
        words = _("This template takes one file.") if form.head else _("This template takes no file.")
        raise Refused(words, code="not_supported", attr="attachments")
    if files and form.accepts and files[0].content_type not in form.accepts:
        words = _("This template's file must be one of: %(kinds)s.")
        raise TypeMismatch(words, {"kinds": ", ".join(form.accepts)}, attr="attachments")


def check_files(content: str, files: Sequence[Attachment]) -> None:
    """One message is one file there, and a sound has no text under it."""
    if len(files) > 1:
        raise Refused(_("Send one file in each message."), code="not_supported", attr="attachments")
    if files and content.strip() and files[0].content_type.startswith("audio/"):
        raise Refused(_("A sound has no text: send it by itself."), code="not_supported", attr="content")


def check_length(limits: Limits, content: str, *, has_file: bool, has_buttons: bool) -> None:
    """Refuse what the provider would not take, unless it is parted there: before it is stored, not after."""
    most = limits.caption if has_file else limits.buttons if has_buttons else limits.text
    if most is not None and not limits.splits and units(content) > most:
        words = UNDER_A_FILE if has_file else OVER_BUTTONS if has_buttons else IN_A_MESSAGE
        raise Refused(words, {"most": most}, code="too_long", attr="content")


def checked_place(given: Any) -> dict[str, Any]:
    """A place on the earth, in degrees, with its `name` and `address` where they are given."""
    place = given if isinstance(given, dict) else {}
    found: dict[str, Any] = {}
    for name, most in FURTHEST.items():
        value = place.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not -most <= value <= most:
            raise Refused(
                _("Give the place's latitude and longitude."), code="invalid", attr=f"metadata.location.{name}"
            )
        found[name] = value
    return found | {name: str(place[name])[:LONGEST_VARIABLE] for name in ("name", "address") if place.get(name)}


def checked_buttons(given: Any) -> list[dict[str, str]]:
    """At most three answers to choose from, each a title or `{id, title}`."""
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_BUTTONS:
        raise Refused(
            _("Give 1 to %(most)s buttons."), {"most": MOST_BUTTONS}, code="out_of_range", attr="metadata.buttons"
        )
    buttons = [one if isinstance(one, dict) else {"title": one} for one in given]
    found = [{"id": str(one.get("id") or one.get("title")), "title": str(one.get("title") or "")} for one in buttons]
    titles = {one["title"] for one in found}
    if len(titles) < len(found) or any(not 0 < len(title) <= LONGEST_BUTTON for title in titles):
        words = _("Each button has a title of its own, of at most %(most)s characters.")
        raise Refused(words, {"most": LONGEST_BUTTON}, code="out_of_range", attr="metadata.buttons")
    return found
