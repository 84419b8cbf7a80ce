"""Customers."""

from __future__ import annotations

from django.db.models import Q
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import actor_of
from accounts.listing import paged, text_in
from conversations import actions
from conversations.models import Contact, plain
from conversations.payloads import contact_data
from conversations.serializers import ContactInput
from conversations.views.asking import given
from conversations.views.documents import ContactAnswer, paging

search = OpenApiParameter("search", str, description="A part of the name, phone or e-mail address.")


class ContactsView(APIView):
    permissions = {"GET": "contact.read", "POST": "contact.write"}

    @extend_schema(parameters=[search, *paging], responses=ContactAnswer(many=True))
    def get(self, request: Request) -> Response:
        actor = actor_of(request)
        rows = Contact.visible_to(actor)
        if text := text_in(request, "search"):
            phone = Contact.with_phone(actor.tenant_id, text)
            rows = rows.filter(Q(name__plain__contains=plain(text)) | Q(email__plain__contains=plain(text)) | phone)
        return paged(request, rows.order_by("name", "pk"), contact_data)

    @extend_schema(request=ContactInput, responses={201: ContactAnswer, 200: ContactAnswer})
    def post(self, request: Request) -> Response:
        """A new contact; 200 and the known one where the company has a customer with this number already."""
        contact, is_new = actions.create_contact(actor_of(request), **given(ContactInput, request))
        return Response(contact_data(contact), status=201 if is_new else 200)


class ContactView(APIView):
    permissions = {"GET": "contact.read", "PATCH": "contact.write"}

    @extend_schema(responses=ContactAnswer)
    def get(self, request: Request, contact_id: int) -> Response:
        return Response(contact_data(Contact.visible_to(actor_of(request)).get(pk=contact_id)))

    @extend_schema(request=ContactInput, responses=ContactAnswer)
    def patch(self, request: Request, contact_id: int) -> Response:
        fields = given(ContactInput, request, partial=True)
        return Response(contact_data(actions.update_contact(actor_of(request), contact_id, **fields)))
