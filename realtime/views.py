"""What the post room shows by HTTP: who is connected, and the description of its protocol."""

from __future__ import annotations

from typing import Any

from django.db.models.functions import Now
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import actor_of
from accounts.permissions_drf import PUBLIC
from realtime.asyncapi import document
from realtime.models import Connection

STATS = inline_serializer(
    "RealtimeStats",
    {
        "totalConnections": serializers.IntegerField(),
        "connections": inline_serializer(
            "RealtimeConnection",
            {
                "id": serializers.CharField(),
                "companyId": serializers.IntegerField(),
                "userId": serializers.IntegerField(),
                "connected": serializers.BooleanField(),
            },
            many=True,
        ),
    },
)


class StatsView(APIView):
    permissions = {"GET": "realtime.stats"}

    @extend_schema(responses=STATS, operation_id="realtime_stats")
    def get(self, request: Request) -> Response:
        """The open sockets of the company, over all processes."""
        rows = Connection.visible_to(actor_of(request)).filter(leaving=False, expires_at__gt=Now()).order_by("pk")
        shown: list[dict[str, Any]] = [row.shown() for row in rows]
        return Response({"totalConnections": len(shown), "connections": shown})


class AsyncApiView(APIView):
    permissions = {"GET": PUBLIC}

    @extend_schema(responses={200: dict}, operation_id="asyncapi", auth=[])
    def get(self, request: Request) -> Response:
        """Every frame of the sockets' protocol, as an AsyncAPI 3 document."""
        return Response(document())
