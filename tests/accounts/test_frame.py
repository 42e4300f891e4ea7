"""Which sections a person sees in the navigation, and why some are closed."""

from dataclasses import replace

import pytest

import medcab.medcab  # noqa: F401 - fills the navigation
from medcab.access import Actor
from medcab.accounts.frame.state import sections_of
from tests.cast import Cast


def _schedule(actor: Actor) -> tuple[bool, str]:
    return next((row["open"], row["why_closed"]) for row in sections_of(actor) if row["path"] == "/schedule")


@pytest.mark.parametrize(
    ("is_active", "has_role", "expected"),
    [
        (True, True, (True, "")),
        (False, True, (False, "Откроется после активации кабинета")),
        (False, False, (False, "Откроется после активации кабинета")),
        (True, False, (False, "Откроется, когда администратор клиники добавит вас в medcab")),
    ],
)
def test_the_schedule_is_there_for_everybody_and_says_why_it_is_closed(
    cast: Cast, *, is_active: bool, has_role: bool, expected: tuple[bool, str]
) -> None:
    roles = cast.doctor.roles if has_role else frozenset()
    assert _schedule(replace(cast.doctor, is_active=is_active, roles=roles)) == expected


def test_what_no_role_would_open_is_not_there(cast: Cast) -> None:
    assert "/figures" not in [row["path"] for row in sections_of(replace(cast.doctor, roles=frozenset()))]
