"""The Monday of the hand-over, for the tests of one way and of both."""

from tests.schedule.handing import now  # noqa: F401 - a fixture here too
