"""One kind of failure. The wire shape is RFC 9457; `code` is stable, words come from the catalogs. Pure."""

from typing import Any

# code -> HTTP status. Retired codes stay listed, so that none is used again with another meaning.
CATALOGUE: dict[str, int] = {
    "not_json": 400,
    "not_gzip": 400,
    "bad_sign_in": 401,
    "sign_in_needed": 401,
    "unknown_device": 401,
    "from_elsewhere": 403,
    "step_up_needed": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "photo_reused": 409,
    "wrong_offset": 409,
    "key_revoked": 409,
    "newer_version": 409,
    "unit_over": 410,
    "bad_tus": 412,
    "too_large": 413,
    "too_many_changes": 413,
    "bad_upload": 422,
    "bad_envelope": 422,
    "bad_form": 422,
    "not_possible_now": 422,
    "not_the_file": 460,
    "wrong_checksum": 460,
    "slow_down": 429,
    "enough_today": 429,
    "our_fault": 500,
    "not_ready": 503,
}


class Problem(Exception):
    """Raised anywhere; the door turns it into an answer.

    fields: [{"field", "code"}] where single answers are at fault. retry_after: seconds.
    extra: further members of the problem document; never a name or other secret.
    """

    def __init__(
        self,
        code: str,
        *,
        fields: list[dict[str, str]] | None = None,
        retry_after: int | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status = CATALOGUE[code]
        self.fields = fields or []
        self.retry_after = retry_after
        self.extra = extra

    def document(self, title: str, detail: str) -> dict[str, Any]:
        """The problem document of RFC 9457, section 3."""
        shape: dict[str, Any] = {
            "type": "about:blank",
            "code": self.code,
            "status": self.status,
            "title": title,
            "detail": detail,
            **self.extra,
        }
        return {**shape, "fields": self.fields} if self.fields else shape


def faults(problem: Problem | None) -> dict[str, str]:
    """What is wrong with which field, as a form shows it: {field: code}."""
    return {fault["field"]: fault["code"] for fault in problem.fields} if problem else {}
