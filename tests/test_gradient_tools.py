"""The tools beside ours are asked as they are, and what is missing is named; no timing."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import gradient_check as bench
from benchmarks.course_style import numeric_gradient_array, rel_error
from benchmarks.gradient_tools import MATCH, MISMATCH, OURS, TOOLS, Layer
from prove.kinks.cases import drawn

HERE = [OURS, "ours, one direction", "the course's loop"]


@pytest.mark.parametrize("name", HERE)
def test_a_tool_tells_right_from_wrong_where_it_is_smooth(name: str) -> None:
    """On an affine layer each accepts what is right and refuses a dw that is 10 % too large."""
    tool = TOOLS[name]
    assert tool.verdict(bench.scaled_case(0.0, 1), 1) == MATCH
    assert tool.verdict(bench.scaled_case(0.1, 1), 1) == MISMATCH
    assert tool.verdict(bench.single_case(1), 1) == MISMATCH


def test_only_the_loop_is_fooled_by_a_kink() -> None:
    """On exact zeros of a ReLU ours accepts correct code, and the course's loop does not."""
    case = drawn("relu_all_zero", 0)
    assert TOOLS[OURS].verdict(case, 0) == MATCH
    assert TOOLS["the course's loop"].verdict(case, 0) == MISMATCH


def test_ours_is_sharper_than_the_loop() -> None:
    """The smallest error of dw that is found is at least ten times smaller than the loop's."""
    ours, loop = (bench.smallest_found(TOOLS[name], [0]) for name in (OURS, HERE[2]))
    assert isinstance(ours, float)
    assert isinstance(loop, float)
    assert ours <= loop / 10


def test_what_is_timed_runs() -> None:
    """Ours, and the loop on its samples, can be run on a layer as the timing runs them."""
    rng = np.random.default_rng(0)
    layer = Layer(*(rng.standard_normal(s) for s in ((3, 8), (8, 300), (300,), (3, 300))))
    for name in HERE:
        timed = bench._timed(TOOLS[name], layer)
        assert timed() > 0
    assert layer.entries == 3 * 8 + 8 * 300 + 300


def test_a_sample_is_drawn_out_along_a_line() -> None:
    """A tool that takes 1 s and 10 ms an entry takes 11 s for a thousand."""
    few, more = (1 + 0.01 * entries for entries in bench.SAMPLES)
    assert bench.drawn_out(few, more, 1000) == pytest.approx(11)


def test_a_missing_tool_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the libraries there are no times of theirs, and rows that say so."""
    monkeypatch.setattr(bench, "installed", lambda name: "2.0" if name == "numpy" else "")
    tools = bench.present()
    assert list(tools) == HERE
    times = {name: {2: 1.0} for name in tools}
    rows = bench.time_rows({}, times, 1)
    assert {row["ms"] for row in rows} == {"not installed"}


def test_the_loop_is_the_course_s_rule() -> None:
    """The loop measures slopes, puts x back, and judges each entry by its own size."""
    x = np.array([1.0, 2.0])
    slopes = numeric_gradient_array(lambda x: x**2, x, np.ones(2))
    np.testing.assert_allclose(slopes, [2, 4], rtol=1e-9)  # exact but for rounding of 1e-16 / h
    assert x.tolist() == [1.0, 2.0]
    assert rel_error(np.array([1.0, 1e-4]), np.array([1.0, 2e-4])) == pytest.approx(1 / 3)
