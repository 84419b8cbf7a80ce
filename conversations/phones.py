"""Phone numbers: however somebody writes one, it is one number."""

from __future__ import annotations

from functools import cache, lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat
from phonenumbers.tzdata import TIMEZONE_DATA

DEFAULT_REGION = "BR"
BRAZIL = 55
# A Brazilian mobile number of before 2016: two digits of the area, eight of the line, which begins with 6 to 9.
OLD_MOBILE_DIGITS = 10
AREA_DIGITS = 2
# Names that phone tables still use for a zone.
OLD_ZONES = {"America/Argentina/Buenos_Aires": "America/Buenos_Aires", "America/Ciudad_Juarez": "America/Mexico_City"}


@lru_cache(maxsize=4096)
def canonical(text: str, region: str = DEFAULT_REGION) -> str:
    """The number in E.164 (`+5591988887777`), "" for what is none. `region` is where one without a country is from.

    Brazil's mobile numbers get the ninth digit that providers and old address books leave out.
    """
    number = parsed(text, region)
    if number is None:
        return ""
    national = str(number.national_number)
    if number.country_code == BRAZIL and len(national) == OLD_MOBILE_DIGITS and national[AREA_DIGITS] in "6789":
        return f"+55{national[:AREA_DIGITS]}9{national[AREA_DIGITS:]}"
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def parsed(text: str, region: str) -> phonenumbers.PhoneNumber | None:
    """The number as written; else as an international one whose plus sign was left out."""
    digits = "".join(character for character in text if character.isascii() and character.isdigit())
    if digits.startswith("00") and "+" not in text:
        text = f"+{digits[2:]}"
    for attempt, home in ((text, region), (f"+{digits}", None)):
        try:
            number = phonenumbers.parse(attempt, home)
        except NumberParseException:
            continue
        if plausible(number):
            return number
    return None


def plausible(number: phonenumbers.PhoneNumber) -> bool:
    """Whether there may be such a number; an old Brazilian mobile one counts, though the tables have dropped it."""
    old = number.country_code == BRAZIL and len(str(number.national_number)) == OLD_MOBILE_DIGITS
    return old or phonenumbers.is_valid_number(number)


@cache
def region_of(timezone: str) -> str:
    """The country in which clocks show this zone, for numbers that are written without one."""
    zone = OLD_ZONES.get(timezone, timezone)
    for code, zones in TIMEZONE_DATA.items():
        if zone in zones and len(code) <= 3 and int(code) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:  # noqa: PLR2004
            return str(phonenumbers.COUNTRY_CODE_TO_REGION_CODE[int(code)][0])
    return DEFAULT_REGION
