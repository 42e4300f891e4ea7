"""What came from each network address lately: tries at passwords, and failures with the names they were for.

Kept in this process: it slows floods and one password tried on many people; what must survive a restart is counted in the database.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from medcab.accounts.rules import Address, address_held, is_spraying
from medcab.errors import TooMany

_KEPT = timedelta(minutes=10)
_MOST = 10_000


@dataclass
class _Seen:
    tries: list[datetime] = field(default_factory=list)
    failures: list[tuple[datetime, str]] = field(default_factory=list)

    def recent(self, now: datetime) -> Address:
        self.tries = [at for at in self.tries if now - at < _KEPT]
        self.failures = [(at, name) for at, name in self.failures if now - at < _KEPT]
        return Address(self.tries, self.failures)


class Addresses:
    """Bounded: the address that was quiet longest is forgotten first."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, _Seen] = OrderedDict()

    def enter(self, network: str, now: datetime) -> TooMany | None:
        """Count a try at a password; uncounted, the refusal for strangers while the address must wait.

        In one step, or of many tries at once each would find the address free.
        """
        seen = self._of(network)
        wait = address_held(seen.recent(now), now)
        if wait:
            return TooMany(wait.sentence(now), retry_after=wait.retry_after(now))
        seen.tries.append(now)
        return None

    def failed(self, network: str, login: str, now: datetime) -> bool:
        """Count a failure on this name; whether the address now looks like spraying."""
        seen = self._of(network)
        was = is_spraying(seen.recent(now), now)
        seen.failures.append((now, login))
        return not was and is_spraying(seen.recent(now), now)

    def forget(self) -> None:
        self._seen.clear()

    def _of(self, network: str) -> _Seen:
        seen = self._seen.pop(network, None) or _Seen()
        self._seen[network] = seen
        if len(self._seen) > _MOST:
            self._seen.popitem(last=False)
        return seen


addresses = Addresses()
