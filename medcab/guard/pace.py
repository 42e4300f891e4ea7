"""How often something may happen, counted in this process."""

from collections import Counter
from time import monotonic


class Pace:
    """At most `most` times in each window of `seconds` for one key. Everything is forgotten with the window, so it cannot grow."""

    def __init__(self, most: int, seconds: float) -> None:
        self.most, self.seconds = most, seconds
        self._window = 0
        self._counts: Counter[str] = Counter()

    def count(self, key: str) -> int:
        """Count once more; how often this was in the present window."""
        window = int(monotonic() / self.seconds)
        if window != self._window:
            self._window = window
            self._counts.clear()
        self._counts[key] += 1
        return self._counts[key]

    def allows(self, key: str) -> bool:
        """Count once more; whether it is still within the limit."""
        return self.count(key) <= self.most
