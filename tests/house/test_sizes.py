"""Sizes and marks that no linter knows; each failure names the place to mend."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
MEDCAB = ROOT / "medcab"
FILE_LINES, FUNCTION_LINES, HANDLER_LINES = 400, 40, 12
ROOMS = {
    "__init__", "pages", "components", "state", "charts", "service", "queries", "models", "rules",
}  # fmt: skip
FEATURES = ("accounts", "documents", "verification", "patients", "schedule", "dashboards", "desk")
OWN_ROOMS = {
    "documents/intake",
    "verification/rules",
    "dashboards/rules",
    "dashboards/epidemiology/rules",
    "schedule/diagnoses/rules",
    "schedule/rules",
    "accounts/rules",
}
"""Rooms that grew into folders of their own kind."""
FORBIDDEN_NAMES = {"utils", "helpers", "manager", "common", "misc"}


def _sources() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(MEDCAB.rglob("*.py")):
        if "web" not in path.relative_to(MEDCAB).parts:
            yield path, ast.parse(path.read_text())


def _where(path: Path, node: ast.AST | None = None) -> str:
    line = f":{node.lineno}" if node is not None and hasattr(node, "lineno") else ""
    return f"{path.relative_to(ROOT)}{line}"


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body without the docstring."""
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return (node.end_lineno or 0) - body[0].lineno + 1 if body else 0


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def test_files_are_short() -> None:
    long = [_where(path) for path in sorted(MEDCAB.rglob("*.py")) if len(path.read_text().splitlines()) > FILE_LINES]
    assert long == []


def test_functions_are_short() -> None:
    long = [_where(path, f) for path, tree in _sources() for f in _functions(tree) if _lines(f) > FUNCTION_LINES]
    assert long == []


def test_names_say_what_is_inside() -> None:
    vague = [
        _where(path) for path, _ in _sources() if FORBIDDEN_NAMES & set(path.relative_to(MEDCAB).with_suffix("").parts)
    ]
    assert vague == []


def test_features_have_only_the_known_rooms() -> None:
    strange = []
    for feature in FEATURES:
        for path in sorted((MEDCAB / feature).rglob("*.py")):
            folder = str(path.parent.relative_to(MEDCAB))
            if folder not in OWN_ROOMS and path.stem not in ROOMS:
                strange.append(_where(path))
    assert strange == []


def test_handlers_are_short_async_and_without_try() -> None:
    wrong = []
    for path, tree in _sources():
        if path.name != "state.py":
            continue
        for function in _functions(tree):
            marks = [ast.unparse(mark) for mark in function.decorator_list]
            if not any(mark.startswith("rx.event") for mark in marks):
                continue
            has_try = any(isinstance(node, ast.Try) for node in ast.walk(function))
            if _lines(function) > HANDLER_LINES or has_try or not isinstance(function, ast.AsyncFunctionDef):
                wrong.append(_where(path, function))
    assert wrong == []


def test_only_the_database_module_commits() -> None:
    guilty = [
        _where(path) for path, _ in _sources() if re.search(r"\.commit\(\)", path.read_text()) and path.name != "db.py"
    ]
    assert [place for place in guilty if not place.startswith(("medcab/sandbox/", "medcab/demo/"))] == []


def test_time_is_asked_in_one_place() -> None:
    """Rules and services take the clock's word, so that a test can say otherwise. The sandbox is another program."""
    asked = re.compile(r"datetime\.now\(|date\.today\(|utcnow\(")
    guilty = [_where(path) for path, _ in _sources() if asked.search(path.read_text()) and path.name != "clock.py"]
    assert [place for place in guilty if not place.startswith("medcab/sandbox/")] == []


def test_markdown_never_renders_raw_html() -> None:
    guilty = []
    for path, tree in _sources():
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            name = ast.unparse(call.func)
            if name in ("rx.markdown", "rx.html") and "use_raw=False" not in ast.unparse(call):
                guilty.append(_where(path, call))
    assert guilty == []
