"""Routes that misbehave on purpose, beside the product's own."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.errors import RateLimited, Refused, UnknownReference
from accounts.models import Tenant
from niochat.urls import handler400, handler403, handler404, handler500, urlpatterns

__all__ = ["handler400", "handler403", "handler404", "handler500"]


class Sample(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=5)
    age = serializers.IntegerField(min_value=0, max_value=150, required=False)
    colour = serializers.ChoiceField(choices=["red", "blue"], required=False)
    tenant = serializers.PrimaryKeyRelatedField(queryset=Tenant.objects.all(), required=False)
    at = serializers.DateTimeField(required=False)


class Open(APIView):
    """Anybody may; what is tested here is what comes after."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()


class Echo(Open):
    def get(self, request: Request) -> Response:
        Sample(data=request.query_params).is_valid(raise_exception=True)
        return Response({})

    def post(self, request: Request) -> Response:
        given = Sample(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(request.data)


class Throttled(APIView):
    authentication_classes = ()
    permission_classes = ()

    def get(self, request: Request) -> Response:
        return Response({"ok": True})


# Those of REST framework are made when they are raised, as it makes them: then they know the language.
RAISED: dict[str, Exception | type[Exception]] = {
    "refused": Refused("No.", code="conflict"),
    "reference": UnknownReference("inbox_id"),
    "rate": RateLimited(retry_after=2.4),
    "gone": Tenant.DoesNotExist(),
    "http404": Http404("which says too much"),
    "authentication": exceptions.NotAuthenticated,
    "permission": exceptions.PermissionDenied,
    "suspicious": SuspiciousOperation("../../etc"),
    "database": OperationalError("connection refused to db.internal"),
    "fault": RuntimeError("password=hunter2"),
}


class Raises(Open):
    def get(self, request: Request, what: str) -> Response:
        raise RAISED[what]


def page_raises(request: HttpRequest, what: str) -> HttpResponse:
    raise RAISED[what]


def address(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.META["REMOTE_ADDR"])


def stream(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse((b"part %d\n" % number for number in range(3)), content_type="text/plain")


urlpatterns = [
    path("api/v1/test/echo", Echo.as_view()),
    path("api/v1/test/throttled", Throttled.as_view()),
    path("api/v1/test/raises/<what>", Raises.as_view()),
    path("test/raises/<what>", page_raises),
    path("test/address", address),
    path("test/stream", stream),
    *urlpatterns,
]
