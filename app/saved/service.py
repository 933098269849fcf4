"""Keep a list under a name, or let it go. Runs inside the caller's transaction, except `visible`, which reads."""

from sqlalchemy import func, or_, select

from app.clock import now
from app.db import db
from app.identity.models import Person
from app.identity.rights import Actor
from app.problems import Problem
from app.saved.models import SavedList
from app.vietnamese import clean, sort_key

LONGEST_NAME = 60
MOST = 30


def visible(actor: Actor) -> list[tuple[SavedList, str]]:
    """The person's own lists and those shared in the ward, by name, each with whose it is. One statement."""
    mine = or_(SavedList.person_id == actor.id, SavedList.shared)
    wanted = select(SavedList, Person.name).join(Person, Person.id == SavedList.person_id)
    found = db.session.execute(wanted.where(SavedList.ward_id == actor.ward_id, mine))
    return sorted(((one, name) for one, name in found), key=lambda one: sort_key(one[0].name))


def save(actor: Actor, name: str, query: str, *, shared: bool) -> None:
    """Keep what a list is asked for. One of this person's with the same name is replaced. Raises bad_form."""
    name = " ".join(clean(name).split())
    if not name or len(name) > LONGEST_NAME:
        raise Problem("bad_form", fields=[{"field": "name", "code": "too_long" if name else "required"}])
    own = SavedList.person_id == actor.id, SavedList.ward_id == actor.ward_id
    found = db.session.scalars(select(SavedList).where(*own, SavedList.name == name)).first()
    if found is None:
        if (db.session.scalar(select(func.count()).select_from(SavedList).where(*own)) or 0) >= MOST:
            raise Problem("bad_form", fields=[{"field": "name", "code": "too_many"}])
        found = SavedList(ward_id=actor.ward_id, person_id=actor.id, name=name)
        db.session.add(found)
    found.query, found.shared, found.saved_at = query, shared, now()


def drop(actor: Actor, saved_id: int) -> None:
    """Let go of an own list. Raises not_found."""
    found = db.session.get(SavedList, saved_id)
    if found is None or found.person_id != actor.id or found.ward_id != actor.ward_id:
        raise Problem("not_found")
    db.session.delete(found)
