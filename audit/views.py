"""The book by REST: a list with filters, and an export that is itself on record."""

from __future__ import annotations

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import actor_of
from accounts.listing import PAGE_PARAMETERS, choice_in, paged
from audit import names
from audit.actions import export_audit
from audit.export import FORMATS, streamed
from audit.filters import PARAMETERS, asked
from audit.models import AuditRecord
from audit.records import RecordList, record_data


class AuditView(APIView):
    """What was done in the company, the newest first."""

    permissions = {"GET": "audit.read"}

    @extend_schema(parameters=[*PARAMETERS, *PAGE_PARAMETERS], responses=RecordList)
    def get(self, request: Request) -> Response:
        records = AuditRecord.visible_to(actor_of(request)).filter(**asked(request))
        return paged(request, records, record_data, prepare=names.attach)


class AuditExportView(APIView):
    """The same records as a file, the oldest first. Each export is on record."""

    permissions = {"GET": "audit.export"}

    @extend_schema(
        parameters=[*PARAMETERS, OpenApiParameter("export", str, enum=list(FORMATS), default="csv")],
        responses={(200, "text/csv"): OpenApiTypes.STR, (200, "application/x-ndjson"): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        kind = choice_in(request, "export", FORMATS) or "csv"
        actor, conditions = actor_of(request), asked(request)
        last = export_audit(actor, kind, conditions)
        return streamed(request, AuditRecord.visible_to(actor).filter(pk__lte=last, **conditions), kind)
