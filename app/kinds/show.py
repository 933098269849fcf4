"""How answers read: dates as dd/mm/yyyy, codes as words, numbers as 1.234,5. Never raises on a bad answer."""

import json
import re
from typing import Any

from app.kinds.pictures import Photos
from app.kinds.shapes import is_day, is_moment, is_number, is_place
from app.kinds.vocabulary import Answer, Choice, Day, Moment, Number, Phone, Place

_MOBILE = re.compile(r"\+84([35789][0-9]{2})([0-9]{3})([0-9]{3})")
_LANDLINE = re.compile(r"\+84(2[0-9])([0-9]{4})([0-9]{4})")
_TO_VIETNAMESE = str.maketrans(",.", ".,")


def show_value(field: Answer, value: Any, lang: str) -> str:
    """One answer as a person reads it, "" for none. What does not fit its field is shown as it was sent."""
    if value is None:
        return ""
    if isinstance(field, Choice):
        found = value if isinstance(value, list) else [value]
        return ", ".join(_word(field, code, lang) for code in found)
    if isinstance(field, Number) and is_number(value):
        return _number(value, lang)
    if isinstance(field, (Day, Moment)) and isinstance(value, str):
        return _date(value)
    if isinstance(field, Phone) and isinstance(value, str):
        return _phone(value)
    if isinstance(field, Place) and is_place(value):
        accuracy = f" (± {_number(round(value['acc']), lang)} m)" if value.get("acc") is not None else ""
        return f"{value['lat']:.5f}, {value['lon']:.5f}{accuracy}"
    if isinstance(field, Photos) and isinstance(value, list):
        return _photos(len(value), lang)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _word(field: Choice, code: Any, lang: str) -> str:
    words = field.words_for(str(code))
    return words.en if lang == "en" else words.vi


def _photos(count: int, lang: str) -> str:
    if lang != "en":
        return f"{count} ảnh" if count else ""
    return f"{count} photo{'' if count == 1 else 's'}" if count else ""


def _number(value: float, lang: str) -> str:
    text = f"{value:,}"
    return text if lang == "en" else text.translate(_TO_VIETNAMESE)


def _date(value: str) -> str:
    if not (is_day(value) or is_moment(value)):
        return value
    year, month, day = value[:10].split("-")
    return f"{day}/{month}/{year} {value[11:]}".rstrip()


def _phone(value: str) -> str:
    match = _MOBILE.fullmatch(value) or _LANDLINE.fullmatch(value)
    return f"0{match[1]} {match[2]} {match[3]}" if match else value
