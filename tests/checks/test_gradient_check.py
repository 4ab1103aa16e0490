"""gradient_check tells right, wrong and undetermined apart, and says what it saw."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import reference
from checks import gradient_check
from checks.verdict.certificate import draw, smallest_seen
from checks.verdict.direction import AGREES, DIFFERS, KINK, NOWHERE, WEAK, Claim, along
from checks.verdict.result import MATCH, MISMATCH, UNDETERMINED

RNG = np.random.default_rng(0)
X, W, B = RNG.standard_normal((4, 2, 3)), RNG.standard_normal((6, 5)), RNG.standard_normal(5)
LAYER = {"x": X, "w": W, "b": B}
Y = np.array([0, 3, 1, 2])


def cubes(x: Any) -> Any:
    return x**3


def three_squares(dout: Any, x: Any) -> Any:
    return dout * 3 * x**2


def wrong_at(*indices: int, by: float = 0.01) -> Any:
    """The backward pass of ``cubes`` with some entries off."""

    def backward(dout: Any, x: Any) -> Any:
        dx = three_squares(dout, x)
        dx.reshape(-1)[list(indices)] += by
        return dx

    return backward


# One direction


def test_right_slope_agrees_and_its_bound_holds() -> None:
    """The measured slope of a smooth function is off by less than its bound, which is small."""
    for seed in range(20):
        a = np.random.default_rng(seed).standard_normal()
        slope = along(lambda t, a=a: np.sin(a + t) - np.sin(a), Claim(np.cos(a), 1, 2e-16))
        assert slope.state == AGREES
        assert abs(slope.value - np.cos(a)) <= slope.bound < 1e-6


def test_wrong_slope_differs_down_to_a_hundred_millionth() -> None:
    """An error of 1e-8 is seen in a smooth function of size 1, one of 1e-14 is not."""

    def psi(t: float) -> float:
        return float(np.sin(1 + t) - np.sin(1))

    for off, state in ((1.0, DIFFERS), (1e-4, DIFFERS), (1e-8, DIFFERS), (1e-14, AGREES)):
        assert along(psi, Claim(np.cos(1) + off, 1, 2e-16)).state == state


@pytest.mark.parametrize("claimed", [0.0, 0.3, 1.0, 5.0])
def test_a_kink_is_a_kink_whatever_is_claimed(claimed: float) -> None:
    """Where the slopes on two sides differ, no claim agrees and none differs."""
    assert along(lambda t: max(t, 0.0) + np.expm1(t), Claim(claimed, 1, 1e-16)).state == KINK


def test_a_kink_nearby_is_stepped_inside_of() -> None:
    """A kink 1e-6 away is no matter: the step becomes smaller than that."""
    slope = along(lambda t: max(t - 1e-6, 0.0) + 2 * t, Claim(2, 1, 1e-16))
    assert slope.state == AGREES
    assert slope.h < 2e-6


def test_noise_is_weak_and_no_number_is_nowhere() -> None:
    """A slope that drowns in rounding neither agrees nor differs; nan is told apart."""
    noise = np.random.default_rng(1)
    assert along(lambda t: 1e-3 * noise.standard_normal(), Claim(1e-6, 1e-6, 1e-16)).state == WEAK
    assert along(lambda t: np.nan, Claim(0, 1, 1e-16)).state == NOWHERE


# What a pass proves


def test_an_error_is_missed_no_more_often_than_the_certificate_says() -> None:
    """Errors of one, two and many entries pass a direction within sqrt(2/3) t / |e|."""
    rng, t = np.random.default_rng(3), 0.05
    for e in (np.eye(30)[0], np.eye(30)[:2].sum(axis=0), np.ones(30), RNG.standard_normal(30)):
        e = e / np.linalg.norm(e)
        missed = np.mean(np.abs(draw(rng, np.empty((20_000, 30))) @ e) <= t)
        # Four standard deviations of a share of 0.04 in 20,000 draws.
        assert missed <= np.sqrt(2 / 3) * t + 4 * np.sqrt(0.04 / 20_000)


def test_the_bound_is_that_of_the_product() -> None:
    """Three directions with the same t: an error of d passes with (sqrt(2/3) t / d)**3 = 1e-9."""
    assert smallest_seen([1e-6] * 3) == pytest.approx(1e-6 * np.sqrt(2 / 3) * 1e3)
    assert smallest_seen([1e-6]) == pytest.approx(1e-6 * np.sqrt(2 / 3) * 1e9)
    assert smallest_seen([]) == np.inf


@pytest.mark.parametrize("share", [0.99, 1e-3])
def test_errors_around_the_bound(share: float) -> None:
    """An error of the certificate's bound is found each time; one of a thousandth may pass."""
    bound = gradient_check(cubes, three_squares, {"x": X}, dout=np.ones_like(X))["x"].bound
    states = []
    for seed in range(10):
        e = np.random.default_rng(seed).standard_normal(X.shape)
        e *= bound * share / np.linalg.norm(e)

        def backward(dout: Any, x: Any, e: Any = e) -> Any:
            return three_squares(dout, x) + e

        states.append(gradient_check(cubes, backward, {"x": X}, dout=np.ones_like(X), seed=seed))
    if share > 0.5:
        assert not any(states)
    else:
        assert any(states)


# The forms in which functions come


def test_a_layer_of_the_book_is_taken_as_it_is() -> None:
    """(out, cache) and (dout, cache) work, all arrays are judged together in 13 forward passes."""
    result = gradient_check(reference.affine_forward, reference.affine_backward, LAYER)
    assert [one.name for one in result.verdicts] == ["x", "w", "b"]
    assert result
    assert result.forwards == 13
    assert all(0 < one.relative < 1e-5 for one in result.verdicts)


def test_a_loss_that_gives_its_gradient_is_taken_as_it_is() -> None:
    """(loss, dx) works without a backward pass, and labels are handed on and not checked."""
    x = X.reshape(4, 6)
    assert gradient_check(reference.softmax_loss, None, {"x": x, "y": Y})
    assert not gradient_check(
        lambda x, y: (reference.softmax_loss(x, y)[0], x), None, {"x": x, "y": Y}
    )


def test_a_net_is_a_function_of_its_parameters() -> None:
    """Gradients in a dict belong to the inputs of their names."""
    net = reference.TwoLayerNet(6, 7, 5, reg=0.3)
    rng = np.random.default_rng(2)
    start = {name: rng.standard_normal(value.shape) for name, value in net.params.items()}

    def loss(**params: Any) -> Any:
        net.params = params
        return net.loss(X.reshape(4, 6), Y)

    assert gradient_check(loss, None, start)
    assert (
        gradient_check(loss, None, {**start, "W2": start["W2"]}, wrt=["W2"]).verdicts[0].name
        == "W2"
    )


def test_a_number_has_no_dout() -> None:
    """Where forward gives one number, backward is called with the inputs alone."""
    assert gradient_check(lambda x: (x**2).sum(), lambda x: 2 * x, {"x": X})
    assert gradient_check(
        lambda x: (x**2).sum(), lambda dout, x: dout * 2 * x, {"x": X}, dout=np.array(3.0)
    )
    assert not gradient_check(lambda x: (x**2).sum(), lambda x: x, {"x": X})


def test_nought_dimensions_and_empty_arrays() -> None:
    """A single number is an array too, and an empty one has an empty gradient."""
    assert gradient_check(lambda x: np.exp(x), lambda x: np.exp(x), {"x": np.array(0.3)})
    empty = gradient_check(cubes, three_squares, {"x": np.zeros((0, 3))})
    assert empty["x"].kind == "empty"
    assert empty


def test_all_is_the_same_for_the_same_seed() -> None:
    """A seed brings back the directions and dout, and another one draws others."""
    one, two, other = (gradient_check(cubes, three_squares, {"x": X}, seed=s) for s in (1, 1, 2))
    assert repr(one) == repr(two)
    assert one["x"].bound != other["x"].bound


# What is wrong


@pytest.mark.parametrize("size", [7, 400])
def test_the_wrong_entries_are_found(size: int) -> None:
    """Which entries are wrong, and by how much, in a small array and in a large one."""
    x = np.random.default_rng(4).standard_normal(size)
    result = gradient_check(cubes, wrong_at(1, 6), {"x": x}, dout=np.ones(size))
    found = result["x"].found
    assert [one.index for one in found.entries] == [(1,), (6,)]
    assert found.whole
    for one in found.entries:
        assert abs(one.slope - 3 * x[one.index] ** 2) <= one.bound < 1e-6
        assert one.yours - one.slope == pytest.approx(0.01, rel=1e-5)


def test_a_common_factor_is_told() -> None:
    """Where every entry is the same multiple of its slope, the card says which."""
    result = gradient_check(cubes, lambda dout, x: three_squares(dout, x) / 4, {"x": X})
    assert "Each of them is 0.25 times its slope." in repr(result)
    assert "All 24 entries are wrong." in repr(result)


def test_one_wrong_array_leaves_the_others_right() -> None:
    """A wrong dw is told with its name, and dx and db match."""

    def backward(dout: Any, cache: Any) -> Any:
        dx, dw, db = reference.affine_backward(dout, cache)
        return dx, dw + 1e-3, db

    result = gradient_check(reference.affine_forward, backward, LAYER)
    assert {one.name: one.state for one in result.verdicts} == {
        "x": MATCH,
        "w": MISMATCH,
        "b": MATCH,
    }
    assert result.state == MISMATCH
    assert repr(result).startswith("affine_forward / dw: not yet\n\n  dw[")


@pytest.mark.parametrize(
    ("gives", "kind", "says"),
    [
        (lambda dx: None, "missing", "No gradient came back for x"),
        (lambda dx: dx.reshape(-1), "shape", r"dx has shape (24,), but x has (4, 2, 3)"),
        (lambda dx: dx[:1], "shape", "shape"),
        (lambda dx: dx + 0j, "dtype", "dx holds complex128"),
        (lambda dx: dx.astype(object), "dtype", "dx holds object"),
        (lambda dx: [[1, 2], [3]], "dtype", "dx holds list"),
        (lambda dx: np.where(dx == dx.max(), np.nan, dx), "nonfinite", "is nan"),
        (lambda dx: dx / 0.0, "nonfinite", "inf"),
    ],
)
def test_what_is_no_gradient_is_told(gives: Any, kind: str, says: str) -> None:
    """Nothing, another shape, other numbers or none: each is a mismatch with its own sentence."""
    with np.errstate(all="ignore"):
        result = gradient_check(
            cubes, lambda dout, x: {"x": gives(three_squares(dout, x))}, {"x": X}
        )
    assert (result["x"].state, result["x"].kind) == (MISMATCH, kind)
    assert says in repr(result)


def test_right_at_one_point_only_is_found_at_several() -> None:
    """|x| with slope 1 passes where all x are positive, and not where points are drawn."""

    def one(dout: Any, x: Any) -> Any:
        return dout

    assert gradient_check(lambda x: np.abs(x), one, {"x": np.abs(X) + 1})
    result = gradient_check(lambda x: np.abs(x), one, lambda rng: {"x": rng.standard_normal(5)})
    assert result.state == MISMATCH
    assert "of 3 (seed 0)" in repr(result)


# What cannot be told


def test_a_kink_is_left_and_said() -> None:
    """At exact zeros of a ReLU the check moves beside them, finds a match, and says so."""
    result = gradient_check(
        reference.relu_forward, reference.relu_backward, {"x": np.zeros((3, 4))}
    )
    assert result["x"].state == MATCH
    assert result["x"].moved == 0.01
    assert "checked beside it" in repr(result)


def test_randomness_is_undetermined() -> None:
    """A forward that draws anew at each call is neither right nor wrong, and the card says why."""
    rng = np.random.default_rng(0)
    result = gradient_check(
        lambda x: x * (rng.random(x.shape) < 0.5), lambda dout, x: dout, {"x": X}
    )
    assert (result.state, result["x"].kind) == (UNDETERMINED, "random")
    assert not result


def test_no_finite_result_is_undetermined() -> None:
    """Where forward gives nan everywhere there is no slope, and no mismatch."""
    result = gradient_check(lambda x: x * np.nan, lambda dout, x: dout, {"x": X})
    assert (result.state, result["x"].kind) == (UNDETERMINED, "forward")
    assert "gives no finite numbers" in repr(result)


def single(x: Any) -> Any:
    return np.tanh(x.astype(np.float32))


def test_code_in_single_precision_is_never_called_wrong() -> None:
    """float32 inside forward, backward or both: right is a match or undetermined, never wrong."""

    def slope(dout: Any, x: Any) -> Any:
        return dout * (1 - np.tanh(x) ** 2)

    def slope32(dout: Any, x: Any) -> Any:
        return slope(dout, x).astype(np.float32)

    for seed in range(5):
        assert gradient_check(single, slope, {"x": X}, seed=seed).state != MISMATCH
        assert gradient_check(single, slope32, {"x": X}, seed=seed).state != MISMATCH
        assert gradient_check(lambda x: np.tanh(x), slope32, {"x": X}, seed=seed)
        double = gradient_check(lambda x: np.tanh(x), slope, {"x": X.astype(np.float32)}, seed=seed)
        assert double["x"].relative < 1e-4


def test_short_numbers_are_not_taken_for_single_precision() -> None:
    """Gradients of ones and halves are known as sharply as any, and float32's third is not."""
    for slope in (1.0, 0.5, 3.0):
        result = gradient_check(
            lambda x, c=slope: c * x.sum(), lambda x, c=slope: c + 0 * x, {"x": X}
        )
        assert result["x"].relative < 1e-5
    third = float(np.float32(1 / 3))
    assert gradient_check(lambda x: x.sum() / 3, lambda x: third + 0 * x, {"x": X})
    assert not gradient_check(lambda x: x.sum() / 2, lambda x: 0.5 + 1e-7 + 0 * x, {"x": X})


def test_a_gross_error_in_single_precision_is_found() -> None:
    """A factor of two is told in float32 as well."""
    wrong = gradient_check(single, lambda dout, x: 2 * dout * (1 - np.tanh(x) ** 2), {"x": X})
    assert wrong.state == MISMATCH


# What strangers pass


def test_nothing_that_is_passed_is_changed() -> None:
    """Inputs and dout stay, also where both functions write into all they get."""

    def forward(x: Any, y: Any) -> Any:
        x *= 3
        y += 1
        return x, (x, y)

    def backward(dout: Any, cache: Any) -> Any:
        dout *= 3
        cache[0][...] = np.nan
        return dout

    x, y, dout = X.copy(), Y.copy(), RNG.standard_normal(X.shape)
    kept = x.copy(), y.copy(), dout.copy()
    for array in (x, y, dout):
        array.setflags(write=False)
    assert gradient_check(forward, backward, {"x": x, "y": y}, dout=dout)
    assert all(np.array_equal(a, b) for a, b in zip((x, y, dout), kept, strict=True))


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ({}, "no input is an array of floats"),
        ({"x": np.arange(3)}, r"pass x.astype\(float\)"),
        ({"x": [1.0, 2.0]}, "x is a list"),
        ({"x": X + 0j}, "x holds complex128"),
        ({"x": np.ma.masked_array(X, X > 0)}, r"x is a MaskedArray: pass np.asarray\(x\)"),
        ({"x": np.where(X > 1, np.nan, X)}, "x.* is nan: there is no slope"),
        ({"x": np.array(np.inf)}, "x is inf"),
        (X, "inputs is an array of float64: give a dict"),
        (None, "give a dict"),
    ],
)
def test_hostile_inputs_end_in_a_sentence(inputs: Any, says: str) -> None:
    """What cannot be checked is refused with what it is and what to pass."""
    with pytest.raises((TypeError, ValueError), match=says):
        gradient_check(cubes, three_squares, inputs)


@pytest.mark.parametrize(
    ("forward", "backward", "says"),
    [
        (lambda x: None, three_squares, "not real numbers"),
        (lambda x: "out", three_squares, "not real numbers"),
        (lambda x: (x, x, x), three_squares, r"3 results, and not \(out, cache\)"),
        (lambda x: x, None, r"\(loss, gradients\) is wanted"),
        (lambda x: (x, x), None, "of which number"),
        (cubes, lambda dout, x: (dout, dout), "2 gradients came back, and 1"),
    ],
)
def test_functions_of_another_form_end_in_a_sentence(
    forward: Any, backward: Any, says: str
) -> None:
    """What the two functions give in another form than they have to is told."""
    with pytest.raises((TypeError, ValueError), match=says):
        gradient_check(forward, backward, {"x": X})


def test_their_own_exceptions_are_theirs() -> None:
    """An error in forward is raised as it is, with a note of what it was called with."""

    def forward(x: Any) -> Any:
        return x @ x

    with pytest.raises(ValueError, match="matmul") as caught:
        gradient_check(forward, three_squares, {"x": X})
    assert "x of shape (4, 2, 3)" in caught.value.__notes__[0]


def test_huge_and_tiny_numbers() -> None:
    """At 1e150 and 1e-150 a right gradient is never called wrong, and a wrong one never right."""
    for size in (1e-150, 1e-30, 1e30, 1e100):
        right = gradient_check(lambda x: 3 * x, lambda dout, x: 3 * dout, {"x": size * X})
        wrong = gradient_check(lambda x: 3 * x, lambda dout, x: 2 * dout, {"x": size * X})
        assert right.state == MATCH
        assert wrong.state == MISMATCH


def test_dout_of_another_shape_is_refused() -> None:
    """A dout that only broadcasting would fit is a ValueError with both shapes."""
    with pytest.raises(ValueError, match=r"\(4, 2, 3\), but dout has shape \(3,\)"):
        gradient_check(cubes, three_squares, {"x": X}, dout=np.ones(3))


def test_the_notebook_shows_what_the_terminal_says() -> None:
    """The HTML holds the sentences of the text, escaped."""
    result: Any = gradient_check(lambda x: x, lambda dout, x: 2 * dout, {"x": X})
    html = result._repr_html_()
    assert "forward / dx: not yet" in html
    assert "Each of them is 2 times its slope." in html
