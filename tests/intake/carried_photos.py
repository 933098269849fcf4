"""What a phone packs of its photos behind the text of a file of unsent work."""

import json
from typing import Any
from uuid import uuid4

from tests.phone import Phone

Json = dict[str, Any]


def pack(phone: Phone, *photos: tuple[Json, str, bytes], unsigned: bool = False, **more: Any) -> bytes:
    """The file: everything unsent, and these photos (what the record says, the record, the bytes), as
    static/client/photos/packet.ts makes it."""
    entries, tail = [], b""
    for about, record, file in photos:
        facts = {name: about[name] for name in ("sha256", "sealed", "size", "type", "original") if name in about}
        said = {"id": about["id"], "record": record, "kind": "photo", "seq": 0, "at": "2026-06-03T09:11:02+07:00"}
        entry = phone.signed(json.dumps({**said, "photo": facts, "salt": uuid4().hex}))
        if unsigned:
            entry.pop("sig")
        seals = phone.seals
        pieces = (
            [
                seals.piece(about["id"], n, file[at : at + 1_048_576])
                for n, at in enumerate(range(0, len(file), 1_048_576))
            ]
            if seals and "sealed" not in about
            else [file]
        )
        entries.append({**entry, "bytes": sum(map(len, pieces))})
        tail += b"".join(pieces)
    return phone.exports(format="to-am-unsent/3", photos=entries, **more) + b"\n" + tail
