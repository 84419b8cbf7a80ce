"""The two companies: who works there, by which inboxes customers come, how the work is sorted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from accounts import clock
from accounts.actor import Actor, Origin, Role
from accounts.credentials import actor_for
from accounts.models import Membership, Tenant, User
from conversations import actions
from conversations.models import Channel, Inbox, Label, Team
from niochat.demo.rows import Colleague
from niochat.demo.words import Words, portuguese, spanish

PASSWORD = "niochat-demo"  # noqa: S105 - it is printed on the screen


class Person(NamedTuple):
    username: str
    first_name: str
    last_name: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A company as it is to be. The first inbox is the one that most customers use; `week` is visits by weekday."""

    slug: str
    name: str
    timezone: str
    language: str
    people: Sequence[Person]
    inboxes: Mapping[str, Mapping[str, Any]]
    teams: Mapping[str, Sequence[str]]
    labels: Mapping[str, str]
    hours: Mapping[int, tuple[int, int]]
    week: Mapping[int, float]
    words: Words


DEMO = Plan(
    slug="demo",
    name="Loja Aurora",
    timezone="America/Sao_Paulo",
    language="pt-br",
    people=[
        Person("agent", "Ana", "Lima", Role.AGENT),
        Person("agent2", "Bruno", "Costa", Role.AGENT),
        Person("supervisor", "Carla", "Mendes", Role.SUPERVISOR),
        Person("admin", "Davi", "Rocha", Role.ADMIN),
    ],
    inboxes={
        "Loja Aurora": {
            "channel": Channel.WEBCHAT,
            "token": "demo-loja-aurora",
            "settings": {"title": "Loja Aurora", "greeting": "Oi! Como podemos ajudar?", "language": "pt-br"},
        },
        "ERP": {"channel": Channel.API, "token": "demo-erp", "reopen": False},
    },
    teams={
        "Vendas": ["agent", "agent2"],
        "Entregas": ["agent2", "supervisor"],
        "Financeiro": ["agent", "supervisor"],
    },
    labels={
        "entrega": "#0f766e",
        "troca": "#7c3aed",
        "avaria": "#b91c1c",
        "cuidados": "#15803d",
        "pagamento": "#b45309",
        "dúvida": "#1d4ed8",
        "cancelamento": "#be185d",
        "atacado": "#334155",
    },
    hours=dict.fromkeys(range(5), (8, 21)) | {5: (9, 18), 6: (10, 16)},
    week={0: 25, 1: 22, 2: 21, 3: 20, 4: 19, 5: 9, 6: 3},
    words=portuguese.WORDS,
)
OTHER = Plan(
    slug="other",
    name="Panadería Sol",
    timezone="America/Argentina/Buenos_Aires",
    language="es",
    people=[
        Person("other-agent", "Elena", "Ríos", Role.AGENT),
        Person("other-admin", "Fabián", "Ortiz", Role.ADMIN),
    ],
    inboxes={"Mostrador": {"channel": Channel.WEBCHAT, "token": "demo-panaderia-sol"}},
    teams={"Mostrador": ["other-agent"], "Encargada": ["other-admin"]},
    labels={"pedido": "#b45309", "horario": "#1d4ed8", "reclamo": "#b91c1c", "alergias": "#15803d"},
    hours=dict.fromkeys(range(6), (7, 20)) | {6: (8, 13)},
    week={0: 4, 1: 4, 2: 4, 3: 5, 4: 6, 5: 8, 6: 5},
    words=spanish.WORDS,
)
PLANS = (DEMO, OTHER)


class Company(NamedTuple):
    """A company as it stands in the database."""

    tenant: Tenant
    people: list[Colleague]
    inboxes: list[Inbox]
    teams: dict[str, Team]


def found(plan: Plan, founded: datetime) -> Company:
    """The company with everything of the plan that it does not have yet; what is there stays as it is."""
    with clock.at(founded):
        tenant = tenant_of(plan, founded)
        members = [member(tenant, person) for person in plan.people]
        admin = actor_for(members[-1], origin=Origin.COMMAND)
        furnish(admin, plan, {place.user.username: place.user_id for place in members})
    return Company(
        tenant=tenant,
        people=[Colleague(place.user, actor_for(place, origin=Origin.DASHBOARD)) for place in members],
        inboxes=list(Inbox.visible_to(admin).filter(name__in=plan.inboxes)),
        teams={team.name: team for team in Team.visible_to(admin)},
    )


def tenant_of(plan: Plan, founded: datetime) -> Tenant:
    fields = {"name": plan.name, "timezone": plan.timezone, "language": plan.language, "created_at": founded}
    return Tenant.objects.get_or_create(slug=plan.slug, defaults=fields)[0]


def member(tenant: Tenant, person: Person) -> Membership:
    """The person with their place in the company; a password that somebody changed stays changed."""
    user = User.by_login(person.username)
    if user is None:
        user = User.objects.create_user(
            person.username,
            f"{person.username}@{tenant.slug}.example",
            PASSWORD,
            first_name=person.first_name,
            last_name=person.last_name,
            is_staff=person.role is Role.ADMIN,
        )
    Membership.objects.get_or_create(tenant=tenant, user=user, defaults={"role": person.role})
    return Membership.objects.select_related("user", "tenant").get(tenant=tenant, user=user)


def furnish(admin: Actor, plan: Plan, users: Mapping[str, int]) -> None:
    """Inboxes, teams and labels, made by the admin as any admin would."""
    known = set(Inbox.visible_to(admin).values_list("name", flat=True))
    for name, fields in plan.inboxes.items():
        if name not in known:
            actions.create_inbox(admin, name=name, **fields)
    known = set(Team.visible_to(admin).values_list("name", flat=True))
    for name, usernames in plan.teams.items():
        if name not in known:
            actions.create_team(admin, name=name, user_ids=[users[username] for username in usernames])
    known = set(Label.visible_to(admin).values_list("name", flat=True))
    for name, colour in plan.labels.items():
        if name not in known:
            actions.create_label(admin, name=name, colour=colour)
