"""How often the intake is wrong about the labelled set. `python -m tests.documents.measured` writes it into docs/photos.md."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from medcab.documents.intake import edges
from medcab.documents.intake.photo import measure
from medcab.documents.rules import Severity, verdict
from tests.documents import labelled
from tests.documents.labelled import SPOILED, Scene

PAGE = Path(__file__).parents[2] / "docs" / "photos.md"
GOOD, EACH, RISKY = 80, 24, 12
CLOSE = 0.02
"""Of the sheet's side: how far a corner may be from where it is."""
RISKS = {
    "a printed, coloured border": labelled.coloured_border,
    "a booklet of two pages": labelled.spread,
    "a sheet that runs out of the frame": labelled.beyond_the_frame,
}
_TABLE = re.compile(r"(?<=<!-- measured -->\n).*?(?=<!-- end -->)", re.DOTALL)


@dataclass(frozen=True)
class Row:
    """`wrong` of `of` photographs of this label."""

    label: str
    expected: str
    wrong: int
    of: int

    def __str__(self) -> str:
        return f"| {self.label} | {self.of} | {self.expected} | {self.wrong} ({100 * self.wrong / self.of:.1f} %) |"


@lru_cache(maxsize=1)
def scenes() -> list[Scene]:
    return [labelled.scene(seed) for seed in range(GOOD)]


def refused(picture: labelled.Image.Image) -> list[str]:
    return [reason.code for reason in verdict(measure(picture)) if reason.severity is Severity.REFUSE]


@lru_cache(maxsize=1)
def verdicts() -> list[Row]:
    """Good photographs that are refused or doubted; bad ones that get through, or for another reason than theirs."""
    people = [labelled.good(number, each.picture) for number, each in enumerate(scenes())]
    found = [verdict(measure(picture)) for picture in people]
    rows = [
        Row("good", "taken", sum(any(r.severity is Severity.REFUSE for r in reasons) for reasons in found), GOOD),
        Row("good", "without a remark", sum(bool(reasons) for reasons in found), GOOD),
    ]
    for label, (code, spoil) in SPOILED.items():
        spoiled = [refused(spoil(number, scenes()[3 * number % GOOD].picture)) for number in range(EACH)]
        rows.append(Row(label, f"refused: `{code}`", sum(code not in codes[:1] for codes in spoiled), EACH))
    near = [verdict(measure(labelled.cut(number))) for number in range(EACH)]
    rows.append(
        Row(
            "print runs out of the frame",
            "a remark: `cut`",
            sum("cut" not in {r.code for r in reasons} for reasons in near),
            EACH,
        )
    )
    return rows


def is_close(scene: Scene, found: edges.Points) -> bool:
    side = np.linalg.norm(scene.corners - np.roll(scene.corners, 1, 0), axis=1).min()
    return bool(np.linalg.norm(found - scene.corners, axis=1).max() <= CLOSE * side)


def loses(scene: Scene, found: edges.Points) -> bool:
    """Whether a corner of the print lies outside what would be kept."""
    kept = edges.with_margin(found)
    ahead, to = np.roll(kept, -1, 0) - kept, scene.text[:, None] - kept[None]
    return bool((ahead[:, 0] * to[..., 1] - ahead[:, 1] * to[..., 0] < -1).any())


@lru_cache(maxsize=1)
def straightening() -> list[Row]:
    """Corners that are not found, or not where they are; print that would be lost."""
    found = [(each, edges.find(each.picture)) for each in scenes()]
    rows = [
        Row("sheet on a table", "corners within 2 %", sum(at is None or not is_close(each, at) for each, at in found), GOOD),
        Row("sheet on a table", "no print lost", sum(at is not None and loses(each, at) for each, at in found), GOOD),
    ]  # fmt: skip
    for label, make in RISKS.items():
        risky = [(each, edges.find(each.picture)) for each in map(make, range(RISKY))]
        rows.append(Row(label, "no print lost", sum(at is not None and loses(each, at) for each, at in risky), RISKY))
    return rows


def table() -> str:
    head = "| label | photographs | expected | wrong |\n| --- | --- | --- | --- |\n"
    return head + "".join(f"{row}\n" for row in (*verdicts(), *straightening()))


def written() -> str:
    match = _TABLE.search(PAGE.read_text())
    return match[0] if match else ""


if __name__ == "__main__":
    PAGE.write_text(_TABLE.sub(lambda _: table(), PAGE.read_text()))
    print(table())
