"""Names beside bars: whole, none over another, however long and however many."""

from hypothesis import given
from hypothesis import strategies as st

from medcab.dashboards.rules.lanes import LINE, Lanes, beside, height, wrapped
from medcab.schedule.diagnoses.rules.classes import CLASSES

NAMES = st.text("абвгд XVI«»-", min_size=1, max_size=180).map(str.strip).filter(bool)


@given(NAMES)
def test_nothing_of_a_name_is_left_out(name: str):
    lines = wrapped(name).split("<br>")
    assert "".join(lines).replace(" ", "") == name.replace(" ", "")
    assert max(map(len, lines)) <= LINE


@given(st.lists(NAMES, max_size=25), st.integers(1, 3))
def test_lanes_lie_over_one_another(names: list[str], bars: int):
    lanes = Lanes(names, bars=bars)
    top = lanes.axis["range"][1]
    assert lanes.layout["height"] >= top
    told = lanes.layout["annotations"]
    assert [each["text"] for each in told] == [wrapped(name) for name in names]
    edges = [
        (y - lanes.bar()["width"] / 2, lanes.bar(bars - 1)["y"][at] + lanes.bar()["width"] / 2)
        for at, y in enumerate(lanes.bar()["y"])
    ]
    for (low, high), each in zip(edges, told, strict=True):
        assert 0 <= low < high <= each["y"] < top, "a name stands over its bars"
    tops = [each["y"] + 17 * (each["text"].count("<br>") + 1) for each in told]
    assert all(top_of <= low for top_of, (low, _) in zip(tops, edges[1:], strict=False)), "and under the next bar"


def test_classes_of_diseases_stand_whole():
    names = [f"{each.number}. {each.title}" for each in CLASSES]
    lanes = Lanes(names)
    assert all("…" not in each["text"] for each in lanes.layout["annotations"])
    assert lanes.layout["height"] < 1600


def test_names_of_doctors_are_not_skipped():
    short = [f"Иванова А. П. ({number})" for number in range(40)]
    assert beside(short) == short
    assert height(short) >= 40 * 20
    assert height(short[:3]) == 340
    assert beside(["Константинопольская-Преображенская Александра Владимировна (2)"])[0].count("<br>") >= 2
