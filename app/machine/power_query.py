"""A table as a query in the language of Power Query (Microsoft's M), to be pasted into Excel or Power BI. Pure.

The token is not in it: both programs keep it in their own store of sign-ins and send it as the password of HTTP Basic.
"""

from collections.abc import Iterable

from app.exports.columns import Column

_TYPED = {
    "number": ('Number.FromText(_, "en-US")', "type nullable number"),
    "day": ('Date.FromText(_, [Format = "yyyy-MM-dd"])', "type nullable date"),
    "moment": ('DateTime.FromText(_, [Format = "yyyy-MM-dd HH:mm"])', "type nullable datetime"),
}


def written(root: str, path: str, columns: Iterable[Column]) -> str:
    """The query. root: the server's address; path: the table's, which stands apart so that Power BI's service can
    refresh it. What does not fit its column's type becomes null there, and is in the table as it was sent."""
    steps = ",\n        ".join(_step(column) for column in columns)
    return f"""let
    Server = {_text(root)},
    Answer = Web.Contents(Server, [RelativePath = {_text(path)}]),
    Table = Csv.Document(Answer, [Delimiter = ",", Encoding = 65001, QuoteStyle = QuoteStyle.Csv]),
    Named = Table.PromoteHeaders(Table, [PromoteAllScalars = true]),
    Typed = Table.TransformColumns(Named, {{
        {steps}
    }})
in
    Typed
"""


def _step(column: Column) -> str:
    if column.type not in _TYPED:
        return f"{{{_text(column.name)}, each _, type text}}"
    call, type = _TYPED[column.type]
    return f"{{{_text(column.name)}, each try {call} otherwise null, {type}}}"


def _text(value: str) -> str:
    """A literal: quotes are doubled, and # begins no escape."""
    doubled = value.replace('"', '""').replace("#(", "#(#)(")
    return f'"{doubled}"'
