"""check and mine_or_reference, as a notebook uses them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import reference
from checks import check, mine_or_reference
from checks.mistakes import mistakes_of


def affine_forward(x: Any, w: Any, b: Any) -> Any:
    return x.reshape(len(x), -1) @ w + b, (x, w, b)


def affine_backward(dout: Any, cache: Any) -> Any:
    raise NotImplementedError


def softmax_loss(x: Any, y: Any) -> Any:
    return 0.0, np.zeros_like(x)


def test_check_takes_a_function_its_name_or_a_namespace() -> None:
    """A function, its name and the namespace that holds it are judged alike."""
    for thing in (affine_forward, "affine_forward", {"affine_forward": affine_forward}):
        report = check(thing)
        assert repr(report) == "2 of 2 public checks pass; 1 of 1 points."
        assert "2 of 2 public checks pass" in report._repr_html_()


def test_check_never_raises_for_a_stub() -> None:
    """An unfilled stub gets a card that says so."""
    report = check(affine_backward)
    assert "affine_backward: not started" in repr(report)
    assert "raised" not in repr(report)


def test_check_finds_the_forward_pass_beside_the_function() -> None:
    """The reader's own forward is what the slope is measured on."""
    scope = {"affine_forward": affine_forward}
    text = mistakes_of("affine_backward")[0].source
    exec("import numpy as np\n" + text, scope)
    assert "the slope of your affine_forward" in repr(check(scope["affine_backward"]))


def test_card_offers_hints_that_exist() -> None:
    """What the card says to type gives the hint."""
    assert "check(softmax_loss, hint=1)" in repr(check(softmax_loss))
    assert "eq-softmax-loss" in repr(check(softmax_loss, hint=2))


def test_picture_is_there_to_be_printed() -> None:
    """explain gives the picture of what differs, and names what does where it cannot."""
    report = check(softmax_loss)
    assert "softmax_loss / loss: yours, right and their ratio" in report.explain("loss")
    with pytest.raises(ValueError, match=r"no array of that name. What differs: loss"):
        report.explain("lost")


def test_check_of_something_else_is_a_sentence() -> None:
    """An unknown name, an odd object and an empty namespace are refused by name."""
    with pytest.raises(ValueError, match="no check for 'afine'"):
        check("afine")
    with pytest.raises(TypeError, match="this is a int"):
        check(3)
    with pytest.raises(ValueError, match="nothing to check"):
        check({})


def test_right_function_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    """A function that passes is used from there on, and that is said."""
    assert mine_or_reference(affine_forward) is affine_forward
    assert capsys.readouterr().out == "affine_forward: yours (2 of 2 checks pass)\n"


def test_other_function_gives_way_to_the_reference(capsys: pytest.CaptureFixture[str]) -> None:
    """A stub and a wrong function are replaced by the reference's, and that is said."""
    assert mine_or_reference(affine_backward) is reference.affine_backward
    assert mine_or_reference(softmax_loss) is reference.softmax_loss
    assert mine_or_reference(reference.softmax_loss) is reference.softmax_loss
    assert capsys.readouterr().out.splitlines() == [
        "affine_backward: the reference's, since yours is not started",
        "softmax_loss: the reference's, since yours does not pass yet",
        "softmax_loss: the reference's",
    ]
