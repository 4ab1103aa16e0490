"""What is put back after a stranger's code has run, and how a change is noticed."""

from typing import Any

import pytest

from checks.beside import stamp, state
from checks.beside.state import Names
from checks.files import Files
from checks.student import InProcess


@pytest.fixture(params=[True, False], ids=["stamps", "no stamps"])
def names(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Names:
    """Some names, on a Python that stamps its dicts and on one that does not."""
    monkeypatch.setattr(stamp, "KEPT", request.param and stamp.KEPT)
    return Names({"dot": 1, "sum": 2})


def test_this_python_stamps_its_dicts() -> None:
    """CPython does up to 3.13, so that the quick way is the one that is tested here."""
    import sys

    assert (sys.implementation.name == "cpython" and sys.version_info < (3, 14)) == stamp.KEPT


@pytest.mark.parametrize(
    "meddle",
    [
        lambda d: d.update(dot=9),
        lambda d: d.pop("dot"),
        lambda d: d.clear(),
        lambda d: (d.pop("dot"), d.update(dot=9)),
    ],
)
def test_a_name_that_was_changed_is_put_back(names: Names, meddle: Any) -> None:
    """Changed, deleted or all gone: what it stood for is there again, each time."""
    undo = names.take()
    for _ in range(2):
        meddle(names.names)
        undo()
        assert names.names == {"dot": 1, "sum": 2}


def test_a_new_name_stays(names: Names) -> None:
    """``np.float = float`` is how old code is kept alive; who looks later knows it, too."""
    undo = names.take()
    names.names["float"] = float
    undo()
    assert names.names == {"dot": 1, "sum": 2, "float": float}
    names.names["dot"] = 9
    undo()
    assert names.names["dot"] == 1
    later = names.take()
    del names.names["float"]
    later()
    assert names.names["float"] is float


def test_where_nothing_changed_nothing_is_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    """That is what it is for: an unchanged dict is not gone through."""
    if not stamp.KEPT:
        pytest.fail("this Python stamps no dict: see test_this_python_stamps_its_dicts")
    names = Names({"dot": 1})
    undo = names.take()
    monkeypatch.setattr(names, "names", None)  # whoever looks into it raises
    undo()
    assert names.take() is not undo


def test_what_is_accepted_is_left_until_it_changes(names: Names) -> None:
    """A module of theirs is a new name in ``sys.modules`` that nobody has to look for."""
    undo = names.take()
    names.names["theirs"] = 3
    names.accept()
    undo()
    names.names["sum"] = 9
    undo()
    assert names.names == {"dot": 1, "sum": 2, "theirs": 3}


def test_a_copy_that_was_made_before_is_what_there_is_now(names: Names) -> None:
    """One that has grown old is thrown away, and each is one's own."""
    names.make_ready()
    one, two = names.copy(), names.copy()
    assert one == two == names.names
    assert one is not two
    names.make_ready()
    names.names["dot"] = 9
    assert names.copy()["dot"] == 9


def test_what_cannot_be_put_back_keeps_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """One thing that raises is let go, and all others are put back."""
    done: list[str] = []

    def refused() -> None:
        raise PermissionError

    monkeypatch.setattr(state, "_for_good", [refused, lambda: done.append("the next")])
    with state.kept():
        pass
    assert done == ["the next"]


def test_who_is_shut_in_has_no_folder_to_go_back_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere the folder is put back as well."""
    monkeypatch.setattr(state, "_for_good", [])
    counts = []
    for shut_in in (True, False):
        state.remember(shut_in)
        counts.append(len(state._for_good))
    assert counts[1] == counts[0] + 1


def test_a_file_that_is_loaded_within_a_call_covers_up_for_nobody() -> None:
    """What a function has done to the loaded modules is undone, whatever it has loaded since."""
    import sys

    text = """
import sys
from reference.relu import relu_forward
def affine_forward(x):
    sys.modules["json"] = None
    return relu_forward(x)
"""
    files = Files({"affine.py": text, "relu.py": "def relu_forward(x): return x, 1"})
    student, before = InProcess(files), sys.modules["json"]
    try:
        assert student.call("affine_forward", 2.0).value == (2.0, 1)
        assert sys.modules["json"] is before
    finally:
        sys.modules["json"] = before
        student.close()
