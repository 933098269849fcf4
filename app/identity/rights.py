"""Who may do what: the one table of rights. Pure.

A route that is not listed is closed to everybody. Which objects a person reaches within an
open route is decided by the queries, which start from `Actor`.
"""

from dataclasses import dataclass

OPEN = frozenset({"open"})
COLLABORATOR = "collaborator"
OFFICER = "officer"
LEADER = "leader"
OVERSEER = "overseer"
# Another program, by its token: nobody can be given this role.
MACHINE = "machine"
ADMIN = "admin"
ROLES = (COLLABORATOR, OFFICER, LEADER, OVERSEER, ADMIN)
DESK_ROLES = frozenset({OFFICER, LEADER, OVERSEER, ADMIN})
# Through which door a role signs in.
DOOR_OF = {COLLABORATOR: "phone", OFFICER: "desk", LEADER: "desk", OVERSEER: "desk", ADMIN: "desk"}

_PHONE = frozenset({COLLABORATOR})
_READ = frozenset({OFFICER, LEADER})
_TOTALS = frozenset({OFFICER, LEADER, OVERSEER})
_LEADS = frozenset({LEADER})
_MACHINE = frozenset({MACHINE})
_LOG = frozenset({LEADER, ADMIN})
_TAKES_OUT = frozenset({OFFICER, LEADER, ADMIN})
_JUDGE = frozenset({OFFICER})
_ADMIN = frozenset({ADMIN})
_TAKES_IN = frozenset({OFFICER, ADMIN})

DOORS: dict[str, frozenset[str]] = {
    "health.ok": OPEN,
    "health.ready": OPEN,
    "health.figures": OPEN,
    "shell.landing": OPEN,
    "shell.app_page": OPEN,
    "shell.worker": OPEN,
    "shell.manifest": OPEN,
    "identity_api.sign_in": OPEN,
    "identity_api.sign_out": _PHONE,
    "identity_api.me": _PHONE,
    "identity_api.device_key": _PHONE,
    "identity_api.read_with": _PHONE,
    "identity_api.wiped": OPEN,
    "kit_api.kit": _PHONE,
    "maps_api.file": _PHONE,
    "sync_api.sync": _PHONE,
    "sync_api.digest": _PHONE,
    "intake_api.intake": OPEN,
    "photos_api.abilities": _PHONE,
    "photos_api.create": _PHONE,
    "photos_api.offset": _PHONE,
    "photos_api.go_on": _PHONE,
    "photos_api.picture": _PHONE,
    "photos_api.thumb": _PHONE,
    "handover.form": _TAKES_IN,
    "handover.look": _TAKES_IN,
    "handover.take": _TAKES_IN,
    "handover.receipts": _TAKES_IN,
    "desk_sign.form": OPEN,
    "desk_sign.sign_in": OPEN,
    "desk_sign.sign_out": DESK_ROLES,
    "second_factor.second_step_form": OPEN,
    "second_factor.second_step": OPEN,
    "second_factor.mine": DESK_ROLES,
    "second_factor.end": DESK_ROLES,
    "second_factor.add_form": DESK_ROLES,
    "second_factor.add": DESK_ROLES,
    "second_factor.print_codes": DESK_ROLES,
    "second_factor.drop": _ADMIN,
    "passkeys.ask": OPEN,
    "passkeys.answer": OPEN,
    "passkeys.second_step": OPEN,
    "passkeys.add_form": DESK_ROLES,
    "passkeys.add": DESK_ROLES,
    "passkeys.rename": DESK_ROLES,
    "passkeys.remove": DESK_ROLES,
    "step_up.form": DESK_ROLES,
    "step_up.confirm": DESK_ROLES,
    "step_up.readings": frozenset({LEADER}),
    "photos.picture": _READ,
    "photos.thumb": _READ,
    "photos.look": _READ,
    "photos.original": _READ,
    "review.queue": _READ,
    "review.search": _READ,
    "review.record": _READ,
    "review.return_form": _JUDGE,
    "review.duplicate_form": _JUDGE,
    "review.verdict": _JUDGE,
    "review.choose": _JUDGE,
    "review.fill": _JUDGE,
    "clocks.end": _JUDGE,
    "saved.save": _READ,
    "saved.drop": _READ,
    "many.look": _JUDGE,
    "many.accept": _JUDGE,
    "many.assign": _JUDGE,
    "remarks.write": _JUDGE,
    "tasks.write": _JUDGE,
    "review.undo_duplicate": _JUDGE,
    "review.printed": _READ,
    "maps.file": _READ,
    "places.listing": _READ,
    "places.geojson": _READ,
    "arrivals.listing": _READ,
    "rechecks.listing": _READ,
    "arrivals.close": _JUDGE,
    "overview.page": _TOTALS,
    "overview.rows": _TOTALS,
    "exports.form": _TAKES_OUT,
    "exports.file": _TAKES_OUT,
    "audit.page": _LOG,
    "tokens.listing": _LOG,
    "tokens.new": _ADMIN,
    "tokens.make": _ADMIN,
    "tokens.agree": _LEADS,
    "tokens.end": _LOG,
    "machine_api.document": OPEN,
    "machine_api.tables": _MACHINE,
    "machine_api.records": _MACHINE,
    "machine_api.record": _MACHINE,
    "machine_api.sheet": _MACHINE,
    "machine_api.query": _MACHINE,
    "machine_api.places": _MACHINE,
    "quarantine.listing": _ADMIN,
    "quarantine.change": _ADMIN,
    "quarantine.repair": _ADMIN,
    "quarantine.release": _ADMIN,
    "quarantine.set_aside": _ADMIN,
    "quarantine.bring_back": _ADMIN,
    "code_sheet.choose": _ADMIN,
    "code_sheet.issue": _ADMIN,
    "people.listing": _ADMIN,
    "people.new": _ADMIN,
    "people.create": _ADMIN,
    "people.person": _ADMIN,
    "people.assign": _ADMIN,
    "people.code": _ADMIN,
    "people.revoke": _ADMIN,
    "people.close": _ADMIN,
    "reorganisation.wishes": _ADMIN,
    "reorganisation.change": _ADMIN,
    "units.listing": _ADMIN,
    "units.unit": _ADMIN,
    "units.add_group": _ADMIN,
    "units.rename_group": _ADMIN,
    "units.close_group": _ADMIN,
    "units.set_phone": _ADMIN,
    "units.set_box": _ADMIN,
}

# Routes whose rights come from signatures and never from a cookie: another site could gain nothing by them.
WITHOUT_COOKIE = frozenset({"intake_api.intake", "identity_api.wiped"})
# What is open at the desk to somebody who must add a second factor first.
BEFORE_SECOND_FACTOR = frozenset(
    {
        "second_factor.add_form",
        "second_factor.add",
        "passkeys.add_form",
        "passkeys.add",
        "desk_sign.sign_out",
    }
)


@dataclass(frozen=True)
class Actor:
    """The person behind a request, with what decides their scope. `sign_in` is the hash of their token."""

    id: str
    name: str
    role: str
    door: str
    device: str | None
    ward_id: int
    group_ids: tuple[int, ...]
    language: str
    sign_in: str
    must_enrol: bool = False  # the desk opens only once there is a second factor


def may_enter(endpoint: str | None, actor: Actor | None) -> bool:
    """Whether the route is open to this person at all."""
    allowed = DOORS.get(endpoint or "", frozenset())
    return allowed is OPEN or (actor is not None and actor.role in allowed)


def may_write(actor: Actor, sharing: str, author_id: str, group_id: int | None) -> bool:
    """Whether a collaborator may change a record: an own one, or one that the group shares."""
    return actor.id == author_id or (sharing == "group" and group_id in actor.group_ids)
