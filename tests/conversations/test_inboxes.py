"""Inboxes: made by admins, restricted to members, put out of use."""

from __future__ import annotations

import pytest

from accounts.errors import Refused, UnknownReference
from accounts.models import Membership, Tenant
from conversations import actions
from conversations.models import Conversation, Inbox, Message
from realtime import streams
from realtime.models import StreamEvent
from realtime.sync import marks
from tests.trade import published, reply, written
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)


def restrict(davi: Person, inbox: Inbox, *people: Person) -> Inbox:
    ids = [person.user_id for person in people]
    return actions.update_inbox(davi.actor, inbox.pk, restricted=True, user_ids=ids)


def sees(person: Person, conversation: Conversation) -> bool:
    found = [
        model.visible_to(person.actor).filter(**{key: conversation.pk}).exists()
        for model, key in ((Conversation, "pk"), (Message, "conversation"))
    ]
    assert len(set(found)) == 1
    return found[0]


def test_a_restricted_inbox_is_seen_by_its_members_and_those_who_oversee(
    ana: Person, bruno: Person, carla: Person, davi: Person, conversation: Conversation
):
    restrict(davi, conversation.inbox, ana)

    assert [sees(person, conversation) for person in (ana, bruno, carla, davi)] == [True, False, True, True]
    with pytest.raises(Conversation.DoesNotExist):
        reply(bruno, conversation)


def test_a_restricted_inboxs_frames_go_to_a_stream_of_its_own(
    ana: Person, bruno: Person, davi: Person, site: Inbox, conversation: Conversation
):
    restrict(davi, site, ana)

    with published() as frames:
        written(site, "segredo")
        reply(ana, conversation)

    assert frames.to("agents") == []
    assert frames.to(f"i{site.pk}").types == ["chat_message", "conversation_updated"] * 2
    own = f"t{davi.tenant_id}.i{site.pk}"
    assert [own in streams.streams_for(person.actor) for person in (ana, bruno, davi)] == [True, False, True]


def test_restricting_it_ends_what_others_could_still_resume(
    ana: Person, davi: Person, site: Inbox, conversation: Conversation
):
    stream = streams.agents(davi.tenant_id)
    head = marks([stream])[stream].head
    assert head

    with published(audited=1) as frames:
        restrict(davi, site, ana)

    assert marks([stream])[stream] == (head, head)
    assert not StreamEvent.objects.filter(stream=stream).exists()
    (told,) = frames.to("ctl")
    assert (told["data"]["code"], told["data"]["close"], told["data"]["user_id"]) == ("SCOPE_CHANGED", 4401, None)


def test_opening_it_up_lets_everybody_in_and_forgets_its_members(
    ana: Person, bruno: Person, davi: Person, site: Inbox, conversation: Conversation
):
    restrict(davi, site, ana)

    with published(audited=2) as frames:
        actions.update_inbox(davi.actor, site.pk, restricted=False)
        written(site, "oi de novo")

    assert sees(bruno, conversation)
    assert frames.to("ctl").types == ["rights_changed"]
    assert frames.to("agents").types == ["directory_updated", "chat_message", "conversation_updated"]
    assert Tenant.objects.get(pk=davi.tenant_id).restricted_inbox_ids == []
    assert Membership.objects.get(pk=ana.membership_id).inbox_ids == []


def test_changing_the_members_lets_one_out_and_another_in(
    ana: Person, bruno: Person, davi: Person, site: Inbox, conversation: Conversation
):
    restrict(davi, site, ana)

    with published(audited=1) as frames:
        actions.update_inbox(davi.actor, site.pk, user_ids=[bruno.user_id])

    assert [sees(person, conversation) for person in (ana, bruno)] == [False, True]
    assert frames.to("ctl").types == ["rights_changed"]


def test_another_change_leaves_the_members_and_closes_nobodys_socket(
    ana: Person, davi: Person, site: Inbox, conversation: Conversation
):
    restrict(davi, site, ana)

    with published(audited=1) as frames:
        actions.update_inbox(davi.actor, site.pk, name="Loja")

    assert sees(ana, conversation)
    assert frames.to("ctl") == []


def test_an_inbox_may_be_restricted_from_the_start(ana: Person, bruno: Person, davi: Person):
    inbox, _key = actions.create_inbox(
        davi.actor, name="Diretoria", channel="api", restricted=True, user_ids=[ana.user_id]
    )

    assert [Inbox.visible_to(person.actor).filter(pk=inbox.pk).exists() for person in (ana, bruno, davi)] == [
        True,
        False,
        True,
    ]


def test_only_colleagues_can_be_members(eva: Person, davi: Person, site: Inbox):
    for wrong in (eva.user_id, 10**9):
        with pytest.raises(UnknownReference), published(audited=0):
            actions.update_inbox(davi.actor, site.pk, restricted=True, user_ids=[wrong])
        with pytest.raises(UnknownReference):
            actions.create_inbox(davi.actor, name="X", channel="api", restricted=True, user_ids=[wrong])
    assert Inbox.objects.count() == 1


def test_a_name_is_taken_once_until_its_inbox_is_gone(davi: Person, fabio: Person, site: Inbox):
    with pytest.raises(Refused, match="not_unique"):
        actions.create_inbox(davi.actor, name=site.name, channel="api")
    actions.create_inbox(fabio.actor, name=site.name, channel="api")

    actions.delete_inbox(davi.actor, site.pk)
    assert actions.create_inbox(davi.actor, name=site.name, channel="api")[0].name == site.name


def test_nothing_comes_in_by_an_inbox_that_is_gone_but_its_conversations_stay(
    ana: Person, davi: Person, site: Inbox, conversation: Conversation
):
    actions.delete_inbox(davi.actor, site.pk)

    with pytest.raises(Inbox.DoesNotExist):
        written(site, "alguém?")
    with pytest.raises(Inbox.DoesNotExist):
        Inbox.by_token(site.token)
    assert reply(ana, conversation).pk


def test_a_new_secret_ends_the_old_one(davi: Person, erp: Inbox):
    _inbox, old = actions.rotate_inbox_secret(davi.actor, erp.pk)
    _inbox, new = actions.rotate_inbox_secret(davi.actor, erp.pk)

    assert Inbox.by_key(erp.pk, "api", new) == erp
    for wrong in (old, "", "nis_x"):
        with pytest.raises(Inbox.DoesNotExist):
            Inbox.by_key(erp.pk, "api", wrong)


def test_no_secret_is_written_in_the_book(davi: Person, erp: Inbox):
    with published() as frames:
        _inbox, first = actions.create_inbox(davi.actor, name="Loja", channel="api")
        _inbox, second = actions.rotate_inbox_secret(davi.actor, erp.pk)

    assert not any(secret in str(frames) for secret in (first, second))
