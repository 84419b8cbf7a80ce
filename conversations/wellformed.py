"""What an inbox's settings may hold: exact origins, readable calendars, a look that a page can show."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from ipaddress import ip_address
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django.conf import settings
from django.utils.translation import gettext_noop as _

from accounts.errors import Refused
from conversations.hours import WEEKDAYS

LONGEST = {"title": 60, "greeting": 500, "offline": 500}
COLOUR = re.compile(r"#[0-9a-fA-F]{6}", re.ASCII)
LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)", re.ASCII)
CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII)
USUAL_PORTS = {"http": 80, "https": 443}
LONGEST_HOST = 253
MOST_INTERVALS, MOST_DATES = 6, 366

Interval = tuple[str, str]


# --- origins ----------------------------------------------------------------------------------------------------------


def checked_origins(origins: list[str]) -> list[str]:
    """The origins, each once, as browsers write them; raises Refused (bad_origin) for what no browser would send."""
    for origin in origins:
        if not is_origin(origin):
            raise Refused(
                _("“%(origin)s” is no origin; one looks like https://shop.example, without a path."),
                {"origin": origin},
                code="bad_origin",
                attr="allowed_origins",
            )
    return list(dict.fromkeys(origins))


def is_origin(text: str) -> bool:
    """Scheme, host and an unusual port: nothing else, and nothing that a browser writes differently."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme not in USUAL_PORTS or not is_host(host) or port in (0, USUAL_PORTS[parts.scheme]):
        return False
    shown = f"[{host}]" if ":" in host else host
    return text == f"{parts.scheme}://{shown}" + (f":{port}" if port is not None else "")


def is_host(host: str) -> bool:
    """A name in ASCII (punycode for others), or an address."""
    try:
        return str(ip_address(host)) == host
    except ValueError:
        labels = host.split(".")
        return len(host) <= LONGEST_HOST and not labels[-1].isdigit() and all(map(LABEL.fullmatch, labels))


# --- the calendar -----------------------------------------------------------------------------------------------------


def bad_hours(why: str, **values: object) -> Refused:
    return Refused(why, values, code="bad_hours", attr="settings.hours")


def checked_hours(hours: Any) -> dict[str, Any] | None:
    """A calendar as `conversations.hours` reads it, or None for always; raises Refused (bad_hours)."""
    if not hours:
        return None
    if not isinstance(hours, dict) or set(hours) - {"timezone", "week", "dates"}:
        raise bad_hours(_("Hours have a time zone, a week and dates, and nothing else."))
    zone = hours.get("timezone", "")
    if zone and not (isinstance(zone, str) and zone in available_timezones()):
        raise bad_hours(_("There is no time zone “%(zone)s”."), zone=zone)
    week, dates = part_of(hours, "week"), part_of(hours, "dates")
    if set(week) - set(WEEKDAYS):
        raise bad_hours(_("The days of a week are %(days)s."), days=", ".join(WEEKDAYS))
    if len(dates) > MOST_DATES or not all(map(is_date, dates)):
        raise bad_hours(_("A date looks like 2026-12-25; there can be %(most)s of them."), most=MOST_DATES)
    whole = {
        "week": {day: checked_day(day, week[day]) for day in WEEKDAYS if day in week},
        "dates": {day: checked_day(day, dates[day]) for day in sorted(dates)},
    }
    return ({"timezone": zone} if zone else {}) | whole


def part_of(hours: Mapping[str, Any], name: str) -> dict[str, Any]:
    part = hours.get(name) or {}
    if not isinstance(part, dict):
        raise bad_hours(_("“%(name)s” names days, each with its intervals."), name=name)
    return part


def is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def checked_day(day: str, intervals: Any) -> list[list[str]]:
    """A day's intervals in their order; they may touch, not overlap, and only the last may go past midnight."""
    if not isinstance(intervals, list) or len(intervals) > MOST_INTERVALS:
        raise bad_hours(_("%(day)s: give at most %(most)s intervals."), day=day, most=MOST_INTERVALS)
    found = sorted(interval(day, one) for one in intervals)
    for (_begins, ends), (begins, _ends) in pairwise(found):
        if ends > begins:
            raise bad_hours(_("%(day)s: two intervals overlap."), day=day)
    if any(ends <= begins for begins, ends in found[:-1]):
        raise bad_hours(_("%(day)s: only the last interval may go past midnight."), day=day)
    return [list(one) for one in found]


def interval(day: str, given: Any) -> Interval:
    well = isinstance(given, list) and len(given) == len(("from", "to"))
    if not well or not all(isinstance(one, str) and CLOCK.fullmatch(one) for one in given):
        raise bad_hours(_("%(day)s: an interval looks like 09:00 to 18:00."), day=day)
    return given[0], given[1]


# --- the look ---------------------------------------------------------------------------------------------------------


def checked_settings(given: dict[str, Any]) -> dict[str, Any]:
    """An inbox's settings with what the widget reads of them checked; other programs' keys are theirs.

    Raises Refused: bad_hours, bad_colour, too_long, invalid, invalid_choice.
    """
    checked = dict(given)
    for name in LONGEST.keys() & given.keys():
        checked[name] = checked_text(name, given[name])
    if accent := given.get("accent"):
        if not (isinstance(accent, str) and COLOUR.fullmatch(accent)):
            raise Refused(_("A colour looks like #006b86."), code="bad_colour", attr="settings.accent")
        checked["accent"] = accent.lower()
    checked_languages(given)
    if "hours" in given:
        checked["hours"] = checked_hours(given["hours"])
    return checked


def checked_text(name: str, text: Any) -> str:
    if not isinstance(text, str):
        raise Refused(_("Give a text."), code="invalid", attr=f"settings.{name}")
    if len(text) > LONGEST[name]:
        raise Refused(
            _("At most %(most)s characters."), {"most": LONGEST[name]}, code="too_long", attr=f"settings.{name}"
        )
    return text.strip()


def checked_languages(given: Mapping[str, Any]) -> None:
    """The widget's languages are ours, and the first one is among those that are offered."""
    known = [code for code, _name in settings.LANGUAGES]
    offered, first = given.get("languages") or known, given.get("language")
    if not isinstance(offered, list) or not all(code in known for code in offered):
        raise Refused(
            _("Choose among %(known)s."), {"known": ", ".join(known)}, code="invalid_choice", attr="settings.languages"
        )
    if first and first not in offered:
        raise Refused(_("Choose one of the languages offered."), code="invalid_choice", attr="settings.language")
