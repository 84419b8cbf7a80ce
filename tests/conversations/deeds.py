"""What every action of the trade does once: what it tells whom, and what it writes down."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from django.utils.timezone import now

from accounts.actor import Actor
from conversations import actions
from conversations.models import Delivery
from conversations.providers import Outcome
from conversations.providers.base import Checked, Fetched, Template
from tests.conversations import stage as given
from tests.conversations.stage import Act, closed_at, from_phone, put_aside, system, uploaded
from tests.gateways.lines import picture
from tests.trade import written

SOON = now() + timedelta(days=7)
UPDATED = ["conversation_updated"]
LINE = ["chat_message", *UPDATED]
HOUSE = ["directory_updated"]


@dataclass
class Line:
    """What an action does once; `again` is the code with which a repeat is refused, `makes_more` that it is none."""

    act: Act
    before: Act = lambda stage: None
    audited: int = 1
    agents: list[str] = field(default_factory=list)
    contact: list[str] = field(default_factory=list)
    again: str = ""
    makes_more: bool = False


SENT = ["chat_message", "conversation_updated"]
TABLE = {
    "send_message": Line(
        lambda s: actions.send_message(s.ana.actor, s.id, content="Olá!", client_message_id="c1"),
        agents=SENT,
        contact=["chat_message"],
    ),
    "delete_message": Line(
        lambda s: actions.delete_message(s.ana.actor, s.made["message"]),
        before=given.answered,
        agents=["message_deleted", *UPDATED],
        contact=["message_deleted"],
    ),
    "react": Line(
        lambda s: actions.react(s.ana.actor, s.first, "👍"), agents=["message_reaction"], contact=["message_reaction"]
    ),
    "mark_read": Line(
        lambda s: actions.mark_read(s.ana.actor, s.id),
        audited=0,
        agents=["message_read", *UPDATED],
        contact=["message_read"],
    ),
    "mark_received": Line(
        lambda s: actions.mark_received(s.contact, s.id, s.made["message"]),
        before=given.answered,
        audited=0,
        agents=["message_status"],
        contact=["message_status"],
    ),
    "identify": Line(lambda s: actions.identify(s.contact, s.site.pk, "cliente-7"), agents=["contact_updated"]),
    "advance": Line(
        lambda s: actions.advance(Actor.system(s.ana.tenant_id), s.made["message"], Delivery.SENT),
        before=given.answered,
        audited=0,
        agents=["message_status"],
        contact=["message_status"],
    ),
    "give_up_delivery": Line(
        lambda s: actions.give_up_delivery(Actor.system(s.ana.tenant_id), s.made["message"]),
        before=given.buried,
        agents=["message_status"],
        contact=["message_status"],
    ),
    "retry_message": Line(
        lambda s: actions.retry_message(s.ana.actor, s.made["message"]),
        before=given.failed,
        agents=["message_status"],
        contact=["message_status"],
    ),
    "leave_message": Line(
        lambda s: actions.leave_message(s.ana.actor, s.made["message"]),
        before=given.uncertain,
        agents=["message_status"],
    ),
    "receive_message": Line(
        lambda s: written(s.site, "e agora?", client_message_id="w1"), agents=SENT, contact=["chat_message"]
    ),
    "start_conversation": Line(
        lambda s: actions.start_conversation(s.ana.actor, contact_id=s.made["contact"], inbox_id=s.site.pk),
        before=given.another_customer,
        agents=UPDATED,
        again="conversation_open",
    ),
    "update_conversation": Line(
        lambda s: actions.update_conversation(s.ana.actor, s.id, priority="urgent"), agents=UPDATED
    ),
    "assign": Line(lambda s: actions.assign(s.ana.actor, s.id, user_id=s.ana.user_id), agents=LINE),
    "transfer": Line(lambda s: actions.transfer(s.ana.actor, s.id, user_id=s.carla.user_id), agents=LINE),
    "snooze": Line(lambda s: actions.snooze(s.ana.actor, s.id, until=SOON), agents=LINE),
    "wake": Line(lambda s: actions.wake(Actor.system(s.ana.tenant_id), s.id), before=given.overslept, agents=LINE),
    "close_conversation": Line(
        lambda s: actions.close_conversation(s.ana.actor, s.id),
        audited=2,
        agents=LINE,
        contact=["conversation_updated", "survey"],
    ),
    "reopen_conversation": Line(
        lambda s: actions.reopen_conversation(s.ana.actor, s.id), before=given.closed, agents=LINE, contact=UPDATED
    ),
    "send_survey": Line(lambda s: actions.send_survey(s.ana.actor, s.id), contact=["survey"]),
    "survey_after_close": Line(
        lambda s: actions.survey_after_close(Actor.system(s.ana.tenant_id), s.id, closed_at(s)),
        before=given.closed_without_survey,
        contact=["survey"],
    ),
    "answer_survey": Line(
        lambda s: actions.answer_survey(s.contact, s.made["survey"], rating=5, feedback="Ótimo"),
        before=given.asked,
        agents=UPDATED,
    ),
    "create_contact": Line(
        lambda s: actions.create_contact(s.ana.actor, name="Otto"), agents=["contact_created"], makes_more=True
    ),
    "update_contact": Line(
        lambda s: actions.update_contact(s.ana.actor, s.conversation.contact_id, phone="+55 91 98888-7777"),
        agents=["contact_updated"],
    ),
    "create_inbox": Line(
        lambda s: actions.create_inbox(s.davi.actor, name="Loja", channel="api"), agents=HOUSE, again="not_unique"
    ),
    "update_inbox": Line(lambda s: actions.update_inbox(s.davi.actor, s.site.pk, csat_enabled=False), agents=HOUSE),
    "rotate_inbox_secret": Line(lambda s: actions.rotate_inbox_secret(s.davi.actor, s.site.pk), makes_more=True),
    "delete_inbox": Line(lambda s: actions.delete_inbox(s.davi.actor, s.site.pk), agents=HOUSE),
    "create_team": Line(lambda s: actions.create_team(s.carla.actor, name="Vendas"), agents=HOUSE, again="not_unique"),
    "update_team": Line(
        lambda s: actions.update_team(s.carla.actor, s.made["team"], name="Suporte", user_ids=[]),
        before=given.teamed,
        agents=HOUSE,
    ),
    "delete_team": Line(
        lambda s: actions.delete_team(s.carla.actor, s.made["team"]),
        before=given.teamed,
        agents=[*UPDATED, *HOUSE],
        again="not_found",
    ),
    "create_label": Line(lambda s: actions.create_label(s.carla.actor, name="vip"), agents=HOUSE, again="not_unique"),
    "update_label": Line(
        lambda s: actions.update_label(s.carla.actor, s.made["label"], name="ouro"),
        before=given.labelled,
        agents=[*UPDATED, *HOUSE],
    ),
    "delete_label": Line(
        lambda s: actions.delete_label(s.carla.actor, s.made["label"]),
        before=given.labelled,
        agents=[*UPDATED, *HOUSE],
        again="not_found",
    ),
    "attach_file": Line(uploaded, makes_more=True),
    "release_conversations": Line(
        lambda s: actions.release_conversations(Actor.system(s.ana.tenant_id), s.ana.user_id),
        before=given.left,
        agents=LINE,
    ),
    "await_silence": Line(lambda s: actions.await_silence(s.ana.actor, s.id, private=False, moment=SOON), audited=0),
    "discard_orphans": Line(lambda s: actions.discard_orphans(), audited=0),
    "discard_unclaimed": Line(lambda s: actions.discard_unclaimed(), before=given.thrown_away, audited=0),
    "take_delivery": Line(
        lambda s: actions.take_delivery(system(s), s.made["line"], b"{}"), before=given.online, audited=0
    ),
    "finish_deliveries": Line(
        lambda s: actions.finish_deliveries(system(s), s.made["line"], [s.made["delivery"]]),
        before=given.delivered_to_us,
        audited=0,
    ),
    "quarantine_delivery": Line(
        lambda s: actions.quarantine_delivery(system(s), s.made["delivery"], "Nobody can read this."),
        before=given.delivered_to_us,
    ),
    "part_delivery": Line(
        lambda s: actions.part_delivery(system(s), s.made["delivery"], "TypeError"),
        before=given.delivered_to_us,
        audited=0,
    ),
    "queue_reader": Line(
        lambda s: actions.queue_reader(system(s), s.made["line"]), before=given.delivered_to_us, audited=0
    ),
    "queue_readers": Line(lambda s: actions.queue_readers(), before=given.unread_delivery, audited=0),
    "discard_deliveries": Line(lambda s: actions.discard_deliveries(), before=given.old_delivery, audited=0),
    "set_aside": Line(put_aside, before=given.online, audited=0),
    "drop_set_aside": Line(
        lambda s: actions.drop_set_aside(system(s), s.made["aside"]), before=given.parked, audited=0
    ),
    "wait_on": Line(lambda s: actions.wait_on(system(s), s.made["aside"]), before=given.parked, audited=0),
    "bury_set_aside": Line(lambda s: actions.bury_set_aside(system(s), s.made["aside"]), before=given.failing),
    "quarantine_again": Line(
        lambda s: actions.quarantine_again(system(s), s.made["aside"], "too_old"), before=given.doubted, audited=0
    ),
    "rerun_set_aside": Line(lambda s: actions.rerun_set_aside(s.davi.actor, s.made["aside"]), before=given.doubted),
    "discard_set_aside": Line(
        lambda s: actions.discard_set_aside(s.davi.actor, s.made["aside"]), before=given.doubted, again="not_found"
    ),
    "reread_delivery": Line(
        lambda s: actions.reread_delivery(s.davi.actor, s.made["delivery"]), before=given.unreadable
    ),
    "discard_delivery": Line(
        lambda s: actions.discard_delivery(s.davi.actor, s.made["delivery"]), before=given.unreadable, again="not_found"
    ),
    "keep_media": Line(
        lambda s: actions.keep_media(system(s), s.first, Fetched(b"ola", "text/plain"), name="nota.txt"),
        before=given.awaiting_file,
        agents=["message_updated"],
    ),
    "lose_media": Line(
        lambda s: actions.lose_media(system(s), s.first),
        before=given.awaiting_file,
        audited=0,
        agents=["message_updated"],
    ),
    "edit_message": Line(
        lambda s: actions.edit_message(s.contact, s.first, content="Oi, bom dia", edit_id="e1", stamp="2026-01-01"),
        agents=["message_updated", *UPDATED],
    ),
    "change_identity": Line(
        lambda s: actions.change_identity(
            system(s),
            s.made["line"],
            before=["+5591988887777"],
            identities={"+5511987654321": "5511987654321"},
            phone="+5511987654321",
        ),
        before=given.known_by_phone,
        agents=["contact_updated"],
    ),
    "configure_account": Line(
        lambda s: actions.configure_account(s.davi.actor, s.made["line"], config={"send_read": True}, secrets={}),
        before=given.online,
    ),
    "note_account": Line(
        lambda s: actions.note_account(
            system(s), s.made["line"], facts={}, error="DISABLED_UPDATE", pauses=True, templates_changed=False
        ),
        before=given.online,
        agents=["directory_updated"],
    ),
    "note_check": Line(
        lambda s: actions.note_check(system(s), s.made["line"], Checked({"quality_rating": "GREEN"})),
        before=given.online,
        audited=0,
    ),
    "request_check": Line(
        lambda s: actions.request_check(s.davi.actor, s.made["line"]), before=given.online, audited=0
    ),
    "request_webhook": Line(lambda s: actions.request_webhook(s.davi.actor, s.made["line"]), before=given.by_telegram),
    "queue_account_checks": Line(lambda s: actions.queue_account_checks(), before=given.online, audited=0),
    "start_session": Line(lambda s: actions.start_session(s.davi.actor, s.made["phone"]), before=given.with_phone),
    "restart_session": Line(
        lambda s: actions.restart_session(s.davi.actor, s.made["phone"]), before=given.phone_connected
    ),
    "queue_session_looks": Line(lambda s: actions.queue_session_looks(), before=given.phone_connected, audited=0),
    "count_ignored": Line(
        lambda s: actions.count_ignored(system(s), s.made["phone"], "group"), before=given.with_phone, audited=0
    ),
    "react_on_phone": Line(
        lambda s: actions.react_on_phone(system(s), s.first, "🎉"),
        agents=["message_reaction"],
        contact=["message_reaction"],
    ),
    "note_session": Line(
        lambda s: actions.note_session(system(s), s.made["phone"], status="connected"),
        before=given.with_phone,
        audited=0,
        agents=HOUSE,
    ),
    "look_at_session": Line(
        lambda s: actions.look_at_session(system(s), s.made["phone"]), before=given.with_phone, audited=0
    ),
    "end_session": Line(
        lambda s: actions.end_session(s.davi.actor, s.made["phone"]), before=given.phone_connected, agents=HOUSE
    ),
    "record_from_phone": Line(
        lambda s: actions.record_from_phone(system(s), s.site.pk, from_phone(s)), agents=SENT, contact=["chat_message"]
    ),
    "ask_for_photo": Line(lambda s: actions.ask_for_photo(system(s), s.site.pk, s.conversation.contact_id), audited=0),
    "keep_photo": Line(
        lambda s: actions.keep_photo(system(s), s.conversation.contact_id, picture()), agents=["contact_updated"]
    ),
    "save_templates": Line(
        lambda s: actions.save_templates(
            system(s), s.made["line"], [Template("oi", "pt_BR", "utility", "approved", [])]
        ),
        before=given.online,
        audited=0,
    ),
    "report_status": Line(
        lambda s: actions.report_status(system(s), s.site.pk, provider_id="wamid.1", status=Delivery.READ),
        before=given.at_the_provider,
        audited=0,
        agents=["message_status"],
        contact=["message_status"],
    ),
    "begin_sending": Line(
        lambda s: actions.begin_sending(system(s), s.made["message"]), before=given.to_be_sent, audited=0
    ),
    "listen": Line(lambda s: actions.listen(system(s), s.site.pk, s.conversation.contact_id), audited=0),
    "reseal_secrets": Line(lambda s: actions.reseal_secrets(), audited=0),
    "show_writing": Line(
        lambda s: actions.show_writing(s.ana.actor, s.made["chat"]), before=given.shows_writing, audited=0
    ),
    "settle_sending": Line(
        lambda s: actions.settle_sending(system(s), s.made["attempt"], Outcome(Delivery.SENT, "wamid.1")),
        before=given.being_sent,
        audited=0,
        agents=["message_status"],
    ),
    "queue_undelivered": Line(lambda s: actions.queue_undelivered(), before=given.jobless, audited=0),
}
NAMES = sorted(TABLE)
