"""A record as it is printed."""

from flask import render_template

from app.clock import now, today
from app.i18n import language
from app.i18n.formats import day, moment
from app.identity.rights import Actor
from app.kinds import checks, registry
from app.photos import queries as photos
from app.rechecks import shown as rechecks
from app.records import queries as records
from app.review import queries, shown
from app.step_up.service import is_guarded, open_record
from app.units import queries as units


def page(actor: Actor, record_id: str) -> str:
    """Answers that are filled in, the place, the photos as they were and as they were found last. No informant, no
    internal note, no history: paper is read by whoever finds it."""
    open_record(actor, record_id)
    record = records.get(actor, record_id)
    kind = registry.get(record.kind)
    linked = queries.among(actor, [*shown.references(kind, record.data), record.parent_id or ""])
    below = queries.below(actor, [record.id])
    recheck = rechecks.summary(kind, record, below, today())
    sheet = shown.sheet(kind, record.data, shown.Context(today().isoformat(), linked, (), {}))
    guarded = is_guarded(record.kind)
    return render_template(
        "review/paper.html",
        record=record,
        kind=kind,
        kind_label=checks.in_language(kind.label, language()) if kind else record.kind,
        heading_words=shown.public_title(record.kind, record.data),
        parts=[part for part in sheet.parts if part.lines],
        desk=sheet.desk,
        unit=units.path(record.unit_id or record.group_id or record.ward_id),
        point=shown.point(kind, record.data),
        sides=recheck.sides if recheck else (),
        pictures=[] if guarded or (recheck and recheck.sides) else photos.here(record),
        recheck=recheck,
        moment=moment,
        day=day,
        printed=moment(now()),
    )
