"""The bank's configuration must not lead the cabinet's secret elsewhere."""

import pytest

from medcab.integrations.bank.client import Bank, Unbelievable

BANK = Bank("https://bank.example/id", "medcab", "x" * 32, "https://cabinet.example/identity/bank")


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/token",
        "http://bank.example/id/token",
        "https://bank.example.evil.example/token",
        "https://bank.example@evil.example/token",
        "https://bank.example:8443/token",
        "https://bank.example/token?to=evil",
        "/token",
        "",
        None,
        5,
    ],
)
def test_an_address_outside_the_bank_is_refused(address: object) -> None:
    with pytest.raises(Unbelievable):
        BANK._own(address)


def test_its_own_addresses_are_taken() -> None:
    assert BANK._own("https://bank.example/oauth/token") == "https://bank.example/oauth/token"
