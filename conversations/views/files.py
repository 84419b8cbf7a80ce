"""Attachments: upload, the expiring link, and the bytes behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import BinaryIO, cast

from django.conf import settings
from django.core import signing
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_safe
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import clock
from accounts.actor import Actor
from accounts.authentication import actor_of
from accounts.errors import Refused
from conversations import actions
from conversations.models import Attachment, Conversation, Inbox
from conversations.payloads import attachment_data
from conversations.shapes import AttachmentLink
from conversations.views.documents import AttachmentAnswer, AttachmentLinkAnswer, upload

LINK_LIVES = timedelta(minutes=5)
SALT = "attachment"
CHUNK = 64 * 1024
# Shown in the browser; everything else is a download. SVG is not here: it can run scripts.
INLINE = re.compile(r"(image/(png|jpeg|gif|webp|avif|bmp)|audio/[\w.+-]+|video/[\w.+-]+|application/pdf|text/plain)")


class AttachmentsView(APIView):
    permissions = {"POST": "conversation.reply"}
    parser_classes = (MultiPartParser,)

    @extend_schema(request=upload, responses={201: AttachmentAnswer})
    def post(self, request: Request, conversation_id: int) -> Response:
        """Upload a file; its id then goes into a message's `attachments`."""
        actor = actor_of(request)
        conversation = Conversation.visible_to(actor).select_related("inbox").get(pk=conversation_id)
        stored = keep_upload(request, actor, conversation.inbox, conversation, sender_key=actor.key)
        return Response(attachment_data(stored), status=201)


def keep_upload(
    request: Request, actor: Actor, inbox: Inbox, conversation: Conversation | None, *, sender_key: str
) -> Attachment:
    """Keep the one file of a multipart body, in the field `file`; raises Refused where it is missing or will not do."""
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise Refused(_("Send the file as `file` in multipart/form-data."), code="required", attr="file")
    content = cast(BinaryIO, file)  # As far as it is read.
    return actions.attach_file(
        actor, inbox, conversation, name=file.name or "", content=content, size=file.size or 0, sender_key=sender_key
    )


class AttachmentView(APIView):
    permissions = {"GET": "conversation.read"}

    @extend_schema(responses=AttachmentLinkAnswer)
    def get(self, request: Request, attachment_id: int) -> Response:
        """The attachment with a link to its bytes that needs no credentials and lives for five minutes."""
        attachment = Attachment.visible_to(actor_of(request)).get(pk=attachment_id)
        shown = attachment_data(attachment) | {"url": link_to(attachment), "expires_at": clock.now() + LINK_LIVES}
        return Response(AttachmentLink(**shown).model_dump(mode="json"))


class AttachmentFileView(APIView):
    permissions = {"GET": "conversation.read"}

    @extend_schema(responses={302: OpenApiResponse(description="The bytes are there, for five minutes.")})
    def get(self, request: Request, attachment_id: int) -> HttpResponse:
        attachment = Attachment.visible_to(actor_of(request)).get(pk=attachment_id)
        return HttpResponse(
            status=302, headers={"Location": link_to(attachment), "Cache-Control": "private, max-age=240"}
        )


def link_to(attachment: Attachment) -> str:
    """A signed link that whoever holds it may follow until it expires."""
    return f"{settings.PUBLIC_URL}/files/{signing.dumps([attachment.tenant_id, attachment.pk], salt=SALT)}"


@require_safe
def file(request: HttpRequest, token: str) -> HttpResponseBase:
    """The bytes behind a link; 404 for a forged or expired one. One byte range is served, more than one is refused."""
    try:
        tenant_id, pk = signing.loads(token, salt=SALT, max_age=LINK_LIVES)
        attachment = Attachment.by_link(tenant_id, pk)
    except (signing.BadSignature, Attachment.DoesNotExist):
        raise Http404 from None
    return served(attachment, request)


def served(attachment: Attachment, request: HttpRequest) -> HttpResponseBase:
    """The bytes of a file, in a way that no browser runs them; 404 where the storage has lost them."""
    try:
        content = default_storage.open(attachment.key)
    except FileNotFoundError:
        raise Http404 from None
    wanted = request.headers.get("Range", "")
    response = part(content, wanted, attachment) if wanted else FileResponse(content)
    response["Content-Type"] = attachment.content_type
    response["Accept-Ranges"] = "bytes"
    as_attachment = not INLINE.fullmatch(attachment.content_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment, attachment.name) or "attachment"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Cache-Control"] = "private, max-age=300"
    return response


def part(content: File[bytes], wanted: str, attachment: Attachment) -> HttpResponseBase:
    """Answer 206 with the one range that is asked for, 416 for none that fits or for several."""
    match = re.fullmatch(r"bytes=(\d{0,15})-(\d{0,15})", wanted)
    size = attachment.size
    first, last = ranged(match[1], match[2], size) if match else (1, 0)
    if first > last or first >= size:
        content.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    content.seek(first)
    response = StreamingHttpResponse(chunks(content, last - first + 1), status=206)
    response["Content-Range"] = f"bytes {first}-{last}/{size}"
    response["Content-Length"] = str(last - first + 1)
    return response


def ranged(first: str, last: str, size: int) -> tuple[int, int]:
    """The first and last byte of `first-last`, `first-` or `-length`; (1, 0) where it names nothing."""
    if first:
        return int(first), min(int(last), size - 1) if last else size - 1
    return (max(0, size - int(last)), size - 1) if last else (1, 0)


def chunks(content: File[bytes], length: int) -> Iterator[bytes]:
    with content:
        while length > 0 and (chunk := content.read(min(CHUNK, length))):
            length -= len(chunk)
            yield chunk
