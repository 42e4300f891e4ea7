"""How the sandboxed code says no."""


class RefusedFile(Exception):
    """The file cannot be taken; `code` is a key of `rules.REFUSALS`."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)
