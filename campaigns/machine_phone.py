"""A phone of R-01: its line breaks as the run says, and the world hears every answer that left the server."""

import gzip
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.phone import Entry, Json, Phone

REMEMBERED = 20  # requests that may come once more


class LineBroke(Exception):
    """The request or the answer did not arrive."""


class SignInNeeded(Exception):
    """The ward does not know who this is any more."""


@dataclass
class Handset(Phone):
    """A phone whose line breaks as `fates` says, one for each of the next requests: "", "request", "answer"."""

    hears: Callable[..., None] = print
    fates: list[str] = field(default_factory=list)
    is_signed_out: bool = False  # as far as the phone was told
    written: dict[str, Entry] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)  # changes that the phone lost before they were receipted
    requests: list[tuple[bytes, Json]] = field(default_factory=list)

    def post(self, envelope: Any, path: str = "/api/v1/sync") -> Any:
        """Send a request; what it carried and what came back is heard by the world. Raises LineBroke, SignInNeeded."""
        packed = gzip.compress(json.dumps(envelope).encode(), 1)
        fate = self.fates.pop(0) if self.fates else ""
        self.requests = [*self.requests[1 - REMEMBERED :], (packed, envelope)]
        if fate == "request":
            raise LineBroke
        answer = self.again(packed, envelope, path)
        if fate == "answer":
            raise LineBroke
        if answer.status_code == 401:
            raise SignInNeeded
        return answer

    def again(self, packed: bytes, envelope: Json, path: str = "/api/v1/sync") -> Any:
        """A request arrives, perhaps not for the first time, and nobody waits for the answer."""
        answer = self.post_bytes(packed, path)
        self.hears(self, envelope.get("changes", []), answer, key=envelope.get("key"))
        return answer

    def post_intake(self, changes: list[Json], **more: Any) -> Any:
        """The same by the write-only door."""
        fate = self.fates.pop(0) if self.fates else ""
        if fate == "request":
            raise LineBroke
        answer = super().post_intake(changes, **more)
        self.hears(self, changes, answer, intake=True)
        if fate == "answer":
            raise LineBroke
        return answer

    def passes(self) -> bool:
        """One pass, as a phone makes it; whether all of it went through."""
        try:
            self.sync()
        except SignInNeeded:
            self.is_signed_out = True
            with suppress(LineBroke):
                self.hand_in()
            return False
        except LineBroke:
            return False
        finally:
            self.fates.clear()
        return self.online

    def hands_in(self) -> None:
        """Hand in what waits, whoever is signed in."""
        with suppress(LineBroke):
            self.hand_in()
        self.fates.clear()

    def sends(self, entries: list[Entry]) -> bool:
        """Send these in this order, whatever else waits; whether an answer came."""
        try:
            answer = self.post(self.envelope([entry.body for entry in entries]))
        except (LineBroke, SignInNeeded):
            return False
        self._take(answer.get_json(), entries)
        return True

    def _write(self, parts: Json) -> str:
        change_id = super()._write(parts)
        self.written[change_id] = self.outbox[-1]
        return change_id

    def _take_receipts(self, receipts: list[Json], entries: list[Entry]) -> None:
        # What was sent a second time out of old stock has left the outbox long ago.
        once = {entry.id: entry for entry in entries if entry in self.outbox}
        super()._take_receipts(receipts, list(once.values()))
