"""The same people as at the desk."""

from tests.desk.conftest import hoa, lan, minh, pond, tuan, ward

__all__ = ["hoa", "lan", "minh", "pond", "tuan", "ward"]
