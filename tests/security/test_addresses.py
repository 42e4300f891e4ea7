"""Who is at the other end: never what the browser says of itself."""

import pytest

from medcab.security.addresses import address_of, network_of
from medcab.settings import get_settings

PEER = "198.51.100.7"


@pytest.mark.parametrize(
    ("said", "hops", "address"),
    [
        (["192.0.2.1"], 0, PEER), (["192.0.2.1", "192.0.2.2"], 1, "192.0.2.2"), (["192.0.2.1", "192.0.2.2"], 2, "192.0.2.1"),
        (["192.0.2.1, 192.0.2.2", "192.0.2.3"], 1, "192.0.2.3"), ([], 1, PEER), (["nonsense"], 1, ""), (["::ffff:192.0.2.9"], 1, "192.0.2.9"),
        (["2001:db8:0::1"], 1, "2001:db8::1"),
    ],
)  # fmt: skip
def test_the_end_of_the_list_is_ours(said: list[str], hops: int, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the proxy adds a header of its own instead of going on with the browser's."""
    monkeypatch.setattr(get_settings(), "trusted_proxies", hops)
    headers = [(b"x-forwarded-for", one.encode()) for one in said]
    assert address_of({"client": (PEER, 1), "headers": headers}) == address


def test_a_visitor_has_one_old_address_or_a_whole_new_network() -> None:
    assert network_of("192.0.2.1") == "192.0.2.1"
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff") == "2001:db8::/64"
