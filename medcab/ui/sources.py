"""The scripts and style sheets that stand beside the Python module that draws with them."""

import os

import reflex as rx


def beside(module: str, file: str) -> str:
    """Return the name by which a component of `module` imports `file`, which stands in the same folder.

    Reflex finds the module by reading every source on the call stack: half a second of each start for all of ours. A server
    draws nothing, so there the name alone will do; a build lets Reflex link the file as well.
    """
    if os.environ.get("REFLEX_BACKEND_ONLY"):
        return f"$/public/external/{module.replace('.', '/')}/{file}"
    return rx.asset(f"./{file}", shared=True, _stack_level=2).importable_path
