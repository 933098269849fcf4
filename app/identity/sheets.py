"""A code for each of a whole group, new people among them, in the caller's transaction."""

from collections.abc import Sequence

from app.identity import service
from app.problems import Problem


def create_many(people: Sequence[tuple[str, str]], role: str, unit_id: int) -> list[str]:
    """Several people (name, number) with the same role; their ids. Raises bad_form for all lines at fault at once:
    the field is `new`, and `line` says which. Then none of them is there once the transaction has ended."""
    made, faults = [], []
    for line, (name, number) in enumerate(people, start=1):
        try:
            made.append(service.create_person(name, number, role, unit_id).id)
        except Problem as problem:
            faults += [{"field": "new", "line": str(line), "code": fault["code"]} for fault in problem.fields]
    if faults:
        raise Problem("bad_form", fields=faults)
    return made
