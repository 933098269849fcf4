"""Following the log chains of all wards at once, in whatever order their links are read. Pure."""

from app.records.chain import START, Head, seal


class Chains:
    """Takes links; knows afterwards how far each ward's chain reaches, and where it does not hold."""

    def __init__(self) -> None:
        self._heads: dict[str, Head] = {}
        self._early: dict[str, dict[int, tuple[str, str]]] = {}  # links whose predecessor has not come yet
        self._broken: set[str] = set()

    def take(self, ward: str, no: int, facts: str, hashed: str) -> None:
        """The next link."""
        waiting = self._early.setdefault(ward, {})
        if no in waiting or no <= self._heads.get(ward, START).no:
            self._broken.add(ward)
            return
        waiting[no] = (facts, hashed)
        while (head := self._heads.get(ward, START)).no + 1 in waiting:
            facts, hashed = waiting.pop(head.no + 1)
            if hashed != seal(head.hash, facts):
                self._broken.add(ward)
            self._heads[ward] = Head(head.no + 1, hashed)

    def broken(self) -> list[str]:
        """The wards whose chain does not hold: a link is missing, or is not sealed over all before it."""
        return sorted(self._broken | {ward for ward, waiting in self._early.items() if waiting})

    def heads(self) -> dict[str, str]:
        """The head of each ward's chain, as "<no>:<hash>"."""
        return {ward: head.text() for ward, head in sorted(self._heads.items())}
