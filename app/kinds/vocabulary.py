"""The words in which a record kind is declared.

A kind is a marshmallow schema made of the fields below, plus a `Kind` that names its
sections and how it is listed. Everything else (the server's check, the phone's form and
checks, desk pages, docs/kinds.md) is derived. Field errors are codes, never prose.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Literal

from marshmallow import Schema, ValidationError, fields

from app import vietnamese
from app.kinds.conditions import Condition
from app.kinds.shapes import is_day, is_moment, is_number, is_place, is_record_id, is_year
from app.kinds.words import Code as Code
from app.kinds.words import Warn as Warn
from app.kinds.words import Words as Words
from app.kinds.words import codes as codes

Owner = Literal["phone", "desk"]
# normal: ward and group; personal: identity of a child or family; health; restricted: the
# author and the ward only; informant: who told us, only on the record's own page.
Sensitivity = Literal["normal", "personal", "health", "restricted", "informant"]
Sharing = Literal["group", "author"]


def refuse(code: str) -> ValidationError:
    """A field error: the message is a stable code of docs/problems.md."""
    return ValidationError(code)


class Answer(fields.Field[Any]):
    """What every field of a kind carries besides its type."""

    widget: ClassVar[str]

    def __init__(
        self,
        label: tuple[str, str],
        *,
        hint: tuple[str, str] | None = None,
        required: bool | Condition = False,
        show: Condition | None = None,
        warn: Sequence[tuple[Condition, tuple[str, str]]] = (),
        owner: Owner = "phone",
        sensitivity: Sensitivity = "normal",
        safety: Sequence[str] = (),
        quick: bool = False,
        retired: bool = False,
    ) -> None:
        """Declare a field.

        required: True, or a condition. Only what makes a record meaningless is required.
        safety: codes from the most to the least dangerous; in a conflict the more dangerous stays.
        quick: a visit of two minutes needs it, so it is never folded away.
        owner: who writes it. What the desk owns is filled in on the record's page at the desk and only
            shown on phones, so that the two can never conflict.
        retired: no longer asked. Answers that phones with an older form give are taken and shown for ever.
        """
        super().__init__(allow_none=True)
        self.label = Words(*label)
        self.hint = Words(*hint) if hint else None
        self.needed = required
        self.show = show
        self.warnings = tuple(Warn(when, Words(*say)) for when, say in warn)
        self.owner = owner
        self.sensitivity = sensitivity
        self.safety = tuple(safety)
        self.quick = quick
        self.retired = retired

    def limits(self) -> dict[str, Any]:
        """What the phone needs to check this field by itself, as JSON."""
        return {}

    def deserialize(self, value: Any, attr: Any = None, data: Any = None, **kwargs: Any) -> Any:
        """The answer as it is stored; None clears it. Raises ValidationError with a code.

        Without what the schema library does for every field besides, and none of ours asks for.
        """
        return None if value is None else self._deserialize(value, attr, data, **kwargs)


class Text(Answer):
    """Words; `lines` > 1 asks for a larger box. At most `longest` characters."""

    widget = "text"

    def __init__(self, label: tuple[str, str], *, longest: int = 2000, lines: int = 1, **more: Any) -> None:
        super().__init__(label, **more)
        self.longest = longest
        self.lines = lines

    def limits(self) -> dict[str, Any]:
        return {"longest": self.longest, "lines": self.lines}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise refuse("not_text")
        if not vietnamese.is_storable(value):
            raise refuse("bad_characters")
        text = vietnamese.clean(value)
        if len(text) > self.longest:
            raise refuse("too_long")
        return text


class Name(Text):
    """A person's name; sorted by its last word, searched without marks."""

    widget = "name"

    def __init__(self, label: tuple[str, str], **more: Any) -> None:
        super().__init__(label, longest=100, **{"sensitivity": "personal", **more})


class Phone(Text):
    """A telephone number, kept in E.164 when it can be read as a Vietnamese one."""

    widget = "phone"

    def __init__(self, label: tuple[str, str], **more: Any) -> None:
        super().__init__(label, longest=30, **{"sensitivity": "personal", **more})

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        return vietnamese.phone_number(text) or text


class Number(Answer):
    """A number between `least` and `most`; whole unless `decimals`."""

    widget = "number"

    def __init__(
        self,
        label: tuple[str, str],
        *,
        least: float = 0,
        most: float = 1_000_000_000,
        decimals: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(label, **more)
        self.least, self.most, self.decimals = least, most, decimals

    def limits(self) -> dict[str, Any]:
        return {"least": self.least, "most": self.most, "decimals": self.decimals}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> float:
        if not is_number(value):
            raise refuse("not_number")
        if not self.decimals and value != int(value):
            raise refuse("not_whole")
        if not self.least <= value <= self.most:
            raise refuse("out_of_range")
        return float(value) if self.decimals and value != int(value) else int(value)


class Choice(Answer):
    """One of a code list. `suggest`: what usually fits, by a condition; it is offered first, and forbids nothing."""

    widget = "choice"

    def __init__(
        self,
        label: tuple[str, str],
        options: Sequence[Code],
        *,
        suggest: Sequence[tuple[Condition, Sequence[str]]] = (),
        **more: Any,
    ) -> None:
        super().__init__(label, **more)
        self.options = tuple(options)
        self.known = frozenset(option.code for option in options)
        self.suggest = tuple((when, tuple(found)) for when, found in suggest)

    def limits(self) -> dict[str, Any]:
        listed = [
            {"code": o.code, "label": list(o.words), **({"hint": list(o.hint)} if o.hint else {})} for o in self.options
        ]
        offered = [{"when": when, "codes": list(found)} for when, found in self.suggest]
        return {"codes": listed, **({"suggest": offered} if offered else {})}

    def words_for(self, code: str) -> Words:
        """The label of a code; the bare code for one that a later form no longer has."""
        return next((o.words for o in self.options if o.code == code), Words(code, code))

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str) or value not in self.known:
            raise refuse("not_choice")
        return value


class Choices(Choice):
    """Any number of a code list, kept in the list's order."""

    widget = "choices"

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> list[str]:
        if not isinstance(value, list) or any(not isinstance(v, str) or v not in self.known for v in value):
            raise refuse("not_choice")
        return [option.code for option in self.options if option.code in value]


class Day(Answer):
    """A date as YYYY-MM-DD; with `year_alone`, also a bare year (older papers have no more)."""

    widget = "day"

    def __init__(self, label: tuple[str, str], *, year_alone: bool = False, **more: Any) -> None:
        super().__init__(label, **more)
        self.year_alone = year_alone

    def limits(self) -> dict[str, Any]:
        return {"yearAlone": self.year_alone}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not is_day(value) and not (self.year_alone and is_year(value)):
            raise refuse("not_date")
        return value


class Moment(Answer):
    """A date and time as the phone's clock had it: YYYY-MM-DDTHH:MM, local."""

    widget = "moment"

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not is_moment(value):
            raise refuse("not_date")
        return value


class Place(Answer):
    """A point: {"lat", "lon", "acc" metres or null, "how": "gps" | "map" | "manual", "at"}; see `shapes`."""

    widget = "place"

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not is_place(value):
            raise refuse("not_place")
        return {part: value.get(part) for part in ("lat", "lon", "acc", "how", "at")}


class RecordRef(Answer):
    """Another record, by id: a child picked from the register while offline."""

    widget = "record"

    def __init__(self, label: tuple[str, str], kind: str, **more: Any) -> None:
        super().__init__(label, **more)
        self.kind = kind

    def limits(self) -> dict[str, Any]:
        return {"kind": self.kind}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not is_record_id(value):
            raise refuse("not_record")
        return value


@dataclass(frozen=True)
class Section:
    """A page of the form: its id, its heading and its fields in order."""

    id: str
    label: Words
    fields: tuple[str, ...]


def section(id: str, label: tuple[str, str], *names: str) -> Section:
    """Shorthand for a Section."""
    return Section(id, Words(*label), names)


@dataclass(frozen=True)
class Recheck:
    """When a record is to be looked at again, and by records of which kind. How many days that is, and when the
    seasons are, are settings: see app/rechecks.

    level: the choice that decides, here and in the looks; the more dangerous of both answers counts.
    order: its codes, the most dangerous first; `unknown` is the one that counts where nobody answered.
    seasons: in which season the shorter interval holds, and for which records.
    until: of the latest look; there is nothing more to look at.
    """

    by: str
    level: str
    order: Sequence[str]
    unknown: str
    seasons: Sequence[tuple[str, Condition]]
    until: Condition


@dataclass(frozen=True)
class Clock:
    """A time that the law gives the ward from the moment it receives a record, in hours or in working days.

    `law`: the article, as people cite it. What ends it is what an officer says was done: see app/clocks.
    """

    code: str
    label: Words
    law: Words
    hours: int = 0
    working_days: int = 0


@dataclass(frozen=True)
class Kind:
    """A record kind. One per file of app/kinds; the file assigns it to KIND."""

    code: str
    form: int
    label: Words
    menu: Words
    examples: Words
    icon: str
    schema: type[Schema]
    sections: tuple[Section, ...]
    # Fields that name the record in its author's own list; the first filled one is shown.
    title: tuple[str, ...]
    # Fields that may be shown on the queue and in search results: never a name.
    public: tuple[str, ...]
    # The date of the event, which decides the administrative unit.
    happened: str
    order: int
    sharing: Sharing = "author"
    parent: str | None = None
    place: str | None = None
    # What makes a record urgent: (condition, weight, why). The largest weight counts; 100 and more is danger.
    urgent: tuple[tuple[Condition, int, Words], ...] = ()
    # Shown first on the phone: the emergency numbers.
    calls_first: bool = False
    # On the phone's home: a big tile, a red one, a list to carry, or nothing: it is begun on its parent's page.
    tile: Literal["large", "red", "none", "parent"] = "large"
    # What the button on the parent's page says, and the answers of the parent that the form begins with.
    invite: Words | None = None
    carries: tuple[str, ...] = ()
    recheck: Recheck | None = None
    # What tells two records with one title apart, or says that they are one: asked when a duplicate is suspected.
    telling: tuple[str, ...] = ()
    # The day on which its author means to come again; of the records about one parent, the latest one counts.
    again: str | None = None
    clocks: tuple[Clock, ...] = ()
    fields: Mapping[str, Answer] = field(init=False)

    @cached_property
    def informants(self) -> tuple[str, ...]:
        """The fields that name who told us."""
        return tuple(name for name, answer in self.fields.items() if answer.sensitivity == "informant")

    @property
    def write_only(self) -> bool:
        """Whether a finished record stays shut on phones, its writer's too: so it is where telling can bring harm."""
        return bool(self.informants)

    @cached_property
    def sealed(self) -> bool:
        """Whether its answers are kept sealed in the database: they speak of a child's health or harm."""
        return any(answer.sensitivity in ("restricted", "health", "informant") for answer in self.fields.values())

    @cached_property
    def safety(self) -> Mapping[str, tuple[str, ...]]:
        """The fields in which the more dangerous of two answers stays: field -> codes, most dangerous first."""
        return {name: answer.safety for name, answer in self.fields.items() if answer.safety}

    @cached_property
    def searched(self) -> tuple[str, ...]:
        """The fields that the desk's search looks in: titles, names and addresses; never who told us."""
        texts = {name: answer for name, answer in self.fields.items() if isinstance(answer, Text)}
        return tuple(
            name
            for name, answer in texts.items()
            if name not in self.informants and (name in self.title or isinstance(answer, Name) or "address" in name)
        )

    @cached_property
    def desk_owned(self) -> tuple[str, ...]:
        """The fields that the desk fills in, in the form's order."""
        placed = [name for part in self.sections for name in part.fields]
        return tuple(name for name in placed if self.fields[name].owner == "desk")

    @cached_property
    def mapped(self) -> str | None:
        """The field that puts a record on a map of many.

        None where its place is for its own page only, and where it is about another record, which stands there already.
        """
        field = self.fields.get(self.place or "")
        alone = self.parent is None and field is not None and field.sensitivity == "normal"
        return self.place if alone else None

    @cached_property
    def parents(self) -> tuple[str, ...]:
        """The fields that may name the record that this one is made about."""
        refs = {name: answer for name, answer in self.fields.items() if isinstance(answer, RecordRef)}
        return tuple(name for name, answer in refs.items() if answer.kind == self.parent)

    def __post_init__(self) -> None:
        made = {name: f for name, f in self.schema().fields.items() if isinstance(f, Answer)}
        object.__setattr__(self, "fields", made)
