"""Correct code on kinks is never called wrong, and wrong code is; `make prove` counts more."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import reference
from checks.verdict.result import MATCH, MISMATCH
from prove.kinks.cases import CASES, KINKS, drawn, layer
from prove.kinks.counts import judged, right_ones, wrong_ones
from prove.kinks.wrong import is_wrong


@pytest.mark.parametrize("name", CASES)
def test_correct_code_matches(name: str) -> None:
    """At kinks, beside them and far from any, a right gradient matches, whatever the seed."""
    assert right_ones(range(3), [name]) == {MATCH: 3}


@pytest.mark.parametrize("name", CASES)
def test_every_case_is_correct_where_it_is_smooth(name: str) -> None:
    """A little beside its kinks, each case has the slopes of its own forward, entry by entry."""
    case = drawn(name, 1)
    rng = np.random.default_rng(5)
    beside = {n: x + 0.01 * rng.standard_normal(x.shape) for n, x in case.inputs.items()}
    assert not is_wrong(type(case)(**{**vars(case), "inputs": beside}))


@pytest.mark.parametrize("name", KINKS)
def test_plain_central_differences_are_lost_there(name: str) -> None:
    """Each kink is one on which the course's own rule calls right code wrong, for some seed."""
    assert any(is_wrong(drawn(name, seed)) for seed in range(8))


def test_every_wrong_backward_pass_is_found() -> None:
    """All wrong gradients that the catalogue can give a layer, a loss or a net are found."""
    found = list(wrong_ones([0]))
    assert len(found) > 50
    assert [name for name, state in found if state != MISMATCH] == []


WRONG_ON_A_KINK: dict[str, Callable[..., object]] = {
    "twice": lambda dout, cache: 2 * reference.relu_backward(dout, cache),
    "not masked": lambda dout, cache: dout,
    "turned": lambda dout, cache: dout * (cache < 0),
}


@pytest.mark.parametrize("which", WRONG_ON_A_KINK)
def test_wrong_code_is_found_on_a_kink(which: str) -> None:
    """A point on a kink hides no wrong gradient: it is found beside it."""
    x = np.zeros((3, 4))
    case = layer(which, reference.relu_forward, WRONG_ON_A_KINK[which], {"x": x}, np.ones((3, 4)))
    assert judged(case, 0).state == MISMATCH
