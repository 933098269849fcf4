"""Everything that the program writes into its logs meanwhile."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


class Heard(logging.Handler):
    """The lines, as a log file would have them."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
        self.text, self.lines = "", 0

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one."""
        self.text += self.format(record) + "\n"
        self.lines += 1


@contextmanager
def listening() -> Iterator[Heard]:
    """From every logger, whatever the command line has silenced."""
    heard, silenced = Heard(), logging.root.manager.disable
    logging.disable(logging.NOTSET)
    logging.root.addHandler(heard)
    try:
        yield heard
    finally:
        logging.root.removeHandler(heard)
        logging.disable(silenced)
