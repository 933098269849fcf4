"""The library's half: what a browser is asked to do (WebAuthn level 2, section 5), and whether its answer is right.

Always with user verification (fingerprint, face, PIN of the device), so that a passkey is two factors by itself.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestationConveyancePreference,
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

_ALGORITHMS = (-7, -8, -257)  # ES256, EdDSA, RS256 (COSE): every authenticator there is has one of them
_VERIFIED = UserVerificationRequirement.REQUIRED
LONGEST_ANSWER = 20_000


class NotRight(Exception):
    """The answer does not prove what was asked."""


@dataclass(frozen=True)
class Site:
    """Whom a passkey belongs to: the name in it, and the one address from which an answer counts."""

    id: str
    origin: str


@dataclass(frozen=True)
class Made:
    """A passkey that was just made."""

    credential: str
    public: str
    sign_count: int


def to_make(site: Site, person_id: str, name: str, known: Sequence[str], challenge: str) -> dict[str, Any]:
    """What `navigator.credentials.create` is given, as JSON; `known`: credentials that the person has already."""
    options, _ = _server(site).register_begin(
        PublicKeyCredentialUserEntity(name=name, id=person_id.encode(), display_name=name),
        _described(known),
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=_VERIFIED,
        challenge=websafe_decode(challenge),
    )
    return _json(options)


def to_show(site: Site, allowed: Sequence[str], challenge: str) -> dict[str, Any]:
    """What `navigator.credentials.get` is given, as JSON; nothing `allowed`: whichever passkey the person picks."""
    options, _ = _server(site).authenticate_begin(
        _described(allowed) or None, user_verification=_VERIFIED, challenge=websafe_decode(challenge)
    )
    return _json(options)


def made(site: Site, challenge: str, answer: str) -> Made:
    """The passkey in an answer. Raises NotRight."""
    try:
        shown = _server(site).register_complete(_state(challenge), _read(answer))
        data = shown.credential_data
        if data is None or data.public_key.get(3) not in _ALGORITHMS:
            raise NotRight
        return Made(websafe_encode(data.credential_id), websafe_encode(bytes(data)), shown.counter)
    except Exception as error:  # the library raises whatever its parsers stumble over
        raise NotRight from error


def credential_in(answer: str) -> str | None:
    """Which passkey an answer says it is of; nothing is proven by that."""
    try:
        found = _read(answer)["id"]
    except (ValueError, LookupError, TypeError, NotRight):
        return None
    return found if isinstance(found, str) else None


def shown(site: Site, challenge: str, answer: str, person_id: str, public: str) -> int:
    """The count in an answer that this passkey of this person gave to this challenge. Raises NotRight."""
    try:
        said = AuthenticationResponse.from_dict(_read(answer))
        _server(site).authenticate_complete(_state(challenge), [AttestedCredentialData(websafe_decode(public))], said)
        if said.response.user_handle not in (None, b"", person_id.encode()):
            raise NotRight
        return int(said.response.authenticator_data.counter)
    except Exception as error:
        raise NotRight from error


def _server(site: Site) -> Fido2Server:
    party = PublicKeyCredentialRpEntity(name="Tổ Ấm", id=site.id)
    # The library would believe every subdomain; only our own address is one.
    made = Fido2Server(party, AttestationConveyancePreference.NONE, verify_origin=lambda origin: origin == site.origin)
    made.allowed_algorithms = [one for one in made.allowed_algorithms if one.alg in _ALGORITHMS]
    return made


def _state(challenge: str) -> dict[str, Any]:
    return {"challenge": challenge, "user_verification": _VERIFIED}


def _described(credentials: Sequence[str]) -> list[PublicKeyCredentialDescriptor]:
    kind = PublicKeyCredentialType.PUBLIC_KEY
    return [PublicKeyCredentialDescriptor(type=kind, id=websafe_decode(one)) for one in credentials]


def _read(answer: str) -> dict[str, Any]:
    read = json.loads(answer) if len(answer) <= LONGEST_ANSWER else None
    if not isinstance(read, dict):
        raise NotRight
    return read


def _json(options: Any) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(dict(options.public_key), default=dict))
    return plain
