"""People by command line: how the first administrator comes in, and what to do when the desk cannot be reached."""

import sys

import click
import segno
from flask import current_app
from flask.cli import with_appcontext

from app.db import transact
from app.identity import queries, service
from app.identity.models import Person
from app.identity.people_pages import sign_in_link
from app.identity.rights import COLLABORATOR, ROLES
from app.problems import Problem
from app.units import queries as units
from app.units.models import Unit
from app.vietnamese import phone_number


@click.command("person")
@click.argument("phone")
@click.option("--name", help="Full name; needed for somebody new.")
@click.option("--role", type=click.Choice(ROLES), help="What the person does.")
@click.option("--unit", "unit_code", help="Where: the unit's code, for example 00136; 01 is the city.")
@click.option("--group", help="For collaborators: the group's name within that ward, for example 7.")
@click.option("--close", is_flag=True, help="The person leaves: roles, phones and codes end now.")
@with_appcontext
def person(
    phone: str, name: str | None, role: str | None, unit_code: str | None, group: str | None, close: bool
) -> None:
    """Add the person with this number, give another role, show, or close."""
    known = queries.person_by_phone(phone_number(phone) or "")
    try:
        if close:
            with transact():
                service.close_person(_known(phone).id)
        elif role and unit_code:
            unit_id = _unit(unit_code, group).id
            with transact():
                if known is None:
                    service.create_person(name or "", phone, role, unit_id)
                else:
                    service.assign(_known(phone).id, role, unit_id)
    except Problem as problem:
        raise click.ClickException(_in_words(problem)) from None
    _show(_known(phone))


@click.command("code")
@click.argument("phone")
@with_appcontext
def code(phone: str) -> None:
    """Print a one-time code for the person with this number, as text and QR."""
    found = _known(phone)
    role = next(iter(queries.roles_today(found.id)), "")
    with transact():
        issued = service.issue_code(found.id, None)
    link = sign_in_link(issued, role)
    click.echo(f"{issued}   (once, within 72 hours)\n{link}")
    if role == COLLABORATOR and sys.stdout.isatty():
        segno.make(link, error="m").terminal(compact=True)


@click.command("revoke")
@click.argument("phone")
@with_appcontext
def revoke(phone: str) -> None:
    """End every sign-in and unused code of the person with this number."""
    found = _known(phone)
    with transact():
        service.revoke(found.id)
    click.echo("Revoked.")


def _known(phone: str) -> Person:
    found = queries.person_by_phone(phone_number(phone) or "")
    if found is None:
        raise click.ClickException(f"Nobody has the number {phone}.")
    return found


def _unit(code: str, group: str | None) -> Unit:
    levels = ("city", "district", "ward", "commune")
    found = next((unit for level in levels if (unit := units.find(level, code))), None)
    if found is None:
        raise click.ClickException(f"No unit has the code {code} today. `flask --app wsgi units` loads the list.")
    if group is None:
        return found
    named = [unit for unit in units.groups_of([found.id]) if unit.name == group]
    if not named:
        raise click.ClickException(f"{units.title(found)} has no group {group}.")
    return named[0]


def _show(found: Person) -> None:
    state = "closed" if found.closed_at else ", ".join(sorted(queries.roles_today(found.id))) or "no role today"
    where = " · ".join(units.path(item.unit_id) for item in queries.at_work(queries.assignments(found.id)))
    click.echo(f"{found.name}  {found.phone}  {state}  {where}")
    click.echo(f"Sign-in: {current_app.config['TO_AM'].public_origin}; codes by `flask --app wsgi code {found.phone}`")


def _in_words(problem: Problem) -> str:
    faults = ", ".join(f"{fault['field']}: {fault['code']}" for fault in problem.fields)
    return f"{problem.code} ({faults})" if faults else problem.code
