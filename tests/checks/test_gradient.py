"""The course's three helpers, under its names and without its faults."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from checks import eval_numerical_gradient, eval_numerical_gradient_array, grad_check_sparse
from checks.gradient import slope_of_known

RNG = np.random.default_rng(0)


def test_slope_of_one_number_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    """eval_numerical_gradient gives the slope, prints on request, and puts x back."""
    x = RNG.standard_normal((2, 3))
    before = x.copy()
    slopes = eval_numerical_gradient(lambda x: np.sum(x**3), x)
    # central differences err by h**2 f'''/6 = 1e-10 and by eps f/h = 1e-10
    np.testing.assert_allclose(slopes, 3 * x**2, rtol=0, atol=1e-8)
    assert np.array_equal(x, before)
    assert len(capsys.readouterr().out.splitlines()) == 6


def test_f_may_look_at_x_itself() -> None:
    """A function that ignores its argument and reads the parameter is measured too."""
    x = RNG.standard_normal(4)
    slopes = eval_numerical_gradient(lambda _: np.sum(np.sin(x)), x, verbose=False)
    np.testing.assert_allclose(slopes, np.cos(x), atol=1e-8)


def test_weighted_slope_is_measured() -> None:
    """eval_numerical_gradient_array gives the slope of sum(df * f(x)), also of a view of x."""
    x, df = RNG.standard_normal((2, 3)), RNG.standard_normal((3, 2))
    slopes = eval_numerical_gradient_array(lambda x: x.T, x, df)
    np.testing.assert_allclose(slopes, df.T, atol=1e-8)


def test_other_shapes_are_refused() -> None:
    """A df or a gradient that only broadcasting would fit is a ValueError with both shapes."""
    x = RNG.standard_normal((3, 2))
    with pytest.raises(ValueError, match=r"\(3, 2\), but df has \(2,\)"):
        eval_numerical_gradient_array(lambda x: x * 2, x, np.ones(2))
    with pytest.raises(ValueError, match=r"\(3, 2\), but analytic_grad has \(1, 2\)"):
        grad_check_sparse(lambda x: x.sum(), x, np.ones((1, 2)))
    with pytest.raises(ValueError, match="not one number"):
        eval_numerical_gradient(lambda x: x, x, verbose=False)


def test_whole_numbers_are_refused() -> None:
    """Integers, in which a nudge would be lost, are a TypeError."""
    for x in (np.arange(3), [1.0, 2.0]):
        with pytest.raises(TypeError, match="a nudge would be lost"):
            eval_numerical_gradient(lambda x: 0.0, x, verbose=False)  # type: ignore[arg-type]


def test_step_that_is_lost_is_refused() -> None:
    """A step below the spacing of the numbers at x is a ValueError, not a division by zero."""
    with pytest.raises(ValueError, match="is lost beside"):
        eval_numerical_gradient(lambda x: x.sum(), np.array([1e12]), verbose=False)


def test_f_that_changes_x_is_noticed() -> None:
    """An f that writes into x is a ValueError, and x is as it was."""

    def f(x: Any) -> Any:
        x *= 2
        return x.sum()

    x = RNG.standard_normal(3)
    before = x.copy()
    with pytest.raises(ValueError, match="f changed x"):
        eval_numerical_gradient(f, x, verbose=False)
    assert np.array_equal(x, before)


def test_x_is_put_back_when_f_raises() -> None:
    """An exception in f leaves x as it was."""
    x = RNG.standard_normal(3)
    before = x.copy()
    with pytest.raises(ZeroDivisionError):
        eval_numerical_gradient(lambda x: 1 / 0, x, verbose=False)
    assert np.array_equal(x, before)


def test_nan_never_passes(capsys: pytest.CaptureFixture[str]) -> None:
    """A nan anywhere makes the error nan, which is below no tolerance."""
    x = RNG.standard_normal(4)
    assert grad_check_sparse(lambda x: np.sum(x**2), x, 2 * x) < 1e-6
    assert not grad_check_sparse(lambda x: np.sum(x**2), x, 2 * x * np.nan) < 1e-6
    assert "relative error: nan" in capsys.readouterr().out


def test_sparse_check_draws_different_entries(capsys: pytest.CaptureFixture[str]) -> None:
    """It looks at as many entries as asked, none twice, and finds a wrong one among all."""
    x = RNG.standard_normal(6)
    wrong = 2 * x
    wrong[3] += 1
    assert grad_check_sparse(lambda x: np.sum(x**2), x, wrong, num_checks=50) > 1e-3
    assert len(capsys.readouterr().out.splitlines()) == 6


def test_complex_step_is_exact() -> None:
    """Our own forwards are differentiated to rounding."""
    x, dout = RNG.standard_normal((3, 2)), RNG.standard_normal((3, 2))
    slopes = slope_of_known(lambda x: np.exp(x) * x, x, dout)
    np.testing.assert_allclose(slopes, dout * np.exp(x) * (1 + x), rtol=1e-14)
