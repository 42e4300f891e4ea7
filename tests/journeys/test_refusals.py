"""Whatever the register refuses with, the worker reads what is wrong, who mends it and what to do, on a phone."""

from collections.abc import Callable
from typing import Any

import pytest

from medcab.demo.staff import workers
from medcab.verification.rules import REFUSALS, Code
from tests.journeys.conftest import Face, World

pytestmark = [pytest.mark.browser, pytest.mark.one_database]

LOGIN = "raskhozhdenie"
OF_THE_REGISTER = (
    Code.PERSON_NOT_FOUND, Code.PERSON_CARD_NOT_FOUND, Code.PERSON_POST_IN_FRMR_MISMATCH, Code.VALUE_MISMATCH_METADATA_AND_FRMR,
    Code.VALUE_MISMATCH_METADATA_AND_CERTIFICATE,
)  # fmt: skip
"""reference: the codes that the register answers a question about a person with."""
_ASK_AGAIN = """async () => {
  const { csrf } = await (await fetch("/auth/form/session")).json();
  const headers = { "content-type": "application/json", "x-csrf-token": csrf };
  return (await fetch("/api/verification/retry", { method: "POST", headers, body: "{}" })).status;
}"""


def test_each_refusal_is_shown_with_its_way_out(clinic: World, worker: Callable[..., Any]) -> None:
    page = worker(LOGIN, Face(390, 844))
    own = next(one.snils for one in workers() if one.login == LOGIN)
    for code in OF_THE_REGISTER:
        clinic.sandbox.put("/control/register/refusal", {"snils": own, "code": code.value})
        page.goto("/activation?step=check")
        assert page.evaluate(_ASK_AGAIN) == 200  # the page offers it only where it helps
        meaning = REFUSALS[code]
        page.get_by_text(meaning.sentence).first.wait_for()
        page.get_by_text(meaning.what_to_do).first.wait_for()
        page.get_by_text(meaning.mender.label).first.wait_for()
    clinic.sandbox.put("/control/register/refusal", {"snils": own, "code": None})
