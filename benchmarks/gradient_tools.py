"""Tools that check gradients, each asked in its own words: ours, the course's loop, and libraries.

A tool says of a ``Case`` whether it accepts the gradient, by the rule and the numbers that it has
by default. The libraries see NumPy code through what they offer for that: a function of one's own
with a backward pass of one's own. Whatever a tool needs is imported where it is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.course_style import numeric_gradient_array, rel_error
from checks.verdict.result import MATCH, MISMATCH, UNDETERMINED
from prove.kinks.cases import Case
from prove.kinks.counts import judged

Array = np.ndarray[Any, np.dtype[Any]]

NOTEBOOK = 1e-7  # the relative error that a reader of the course's notebooks hopes to be below
SCIPY = 1e-6  # of the gradient's norm: scipy gives a distance, and leaves the verdict to its reader


@dataclass(frozen=True)
class Tool:
    """One way to check a gradient.

    Args:
        distribution: what has to be installed, beside NumPy.
        verdict: match, mismatch or undetermined, on a case, with a seed for what is drawn.
        large: the same for the affine layer of the timing, ready to be run; None where an
            estimate from ``sample`` entries of w stands for it.
        sample: the same for so many entries of w alone.
    """

    distribution: str
    verdict: Callable[[Case, int], str]
    large: Callable[[Layer], Callable[[], object]] | None = None
    sample: Callable[[Layer, int], Callable[[], object]] | None = None


@dataclass(frozen=True)
class Layer:
    """The affine layer whose check is timed."""

    x: Array
    w: Array
    b: Array
    dout: Array

    @property
    def entries(self) -> int:
        """How many numbers have a slope."""
        return int(self.x.size + self.w.size + self.b.size)


def _say(accepted: bool) -> str:
    return MATCH if accepted else MISMATCH


# Ours


def _ours(directions: int) -> Callable[[Layer], Callable[[], object]]:
    def ready(layer: Layer) -> Callable[[], object]:
        from checks import gradient_check
        from reference import affine_backward, affine_forward

        inputs = {"x": layer.x, "w": layer.w, "b": layer.b}
        return lambda: gradient_check(
            affine_forward, affine_backward, inputs, dout=layer.dout, directions=directions
        )

    return ready


def _one_direction(case: Case, seed: int) -> str:
    return judged(case, seed, directions=1).state


# The course's loop


def _course(case: Case, seed: int) -> str:
    """Each entry nudged by 1e-5, and the largest relative error below that of a notebook."""
    inputs = {name: x.copy() for name, x in case.inputs.items()}
    with np.errstate(all="ignore"):
        grads = case.backward(case.dout, **inputs)
        for name, x in inputs.items():
            slopes = numeric_gradient_array(
                lambda _: case.forward(**inputs), x, np.asarray(case.dout)
            )
            if not rel_error(np.asarray(grads[name]), slopes) < NOTEBOOK:
                return MISMATCH
    return MATCH


def _course_sample(layer: Layer, entries: int) -> Callable[[], object]:
    from reference import affine_forward

    def f(part: Array) -> Array:
        return affine_forward(layer.x, layer.w, layer.b)[0]

    part = layer.w.reshape(-1)[:entries]
    return lambda: numeric_gradient_array(f, part, layer.dout)


# scipy


def _flat(case: Case) -> tuple[Callable[[Array], float], Callable[[Array], Array], Array]:
    """A case as scipy wants it: one vector in, one number out."""
    sizes = {name: x.size for name, x in case.inputs.items()}

    def unpack(v: Array) -> dict[str, Array]:
        parts = np.split(v, np.cumsum(list(sizes.values()))[:-1])
        shapes = [x.shape for x in case.inputs.values()]
        return {n: p.reshape(s).copy() for n, p, s in zip(sizes, parts, shapes, strict=True)}

    def f(v: Array) -> float:
        return float(np.sum(case.dout * case.forward(**unpack(v))))

    def grad(v: Array) -> Array:
        found = case.backward(case.dout, **unpack(v))
        return np.concatenate([np.asarray(found[name], dtype=float).ravel() for name in sizes])

    return f, grad, np.concatenate([x.ravel() for x in case.inputs.values()])


def _scipy(direction: str) -> Callable[[Case, int], str]:
    def verdict(case: Case, seed: int) -> str:
        from scipy.optimize import check_grad

        f, grad, v = _flat(case)
        with np.errstate(all="ignore"):
            how = {"direction": direction} | ({"rng": seed} if direction == "random" else {})
            off = check_grad(f, grad, v, **how)
            return _say(bool(off <= SCIPY * max(float(np.linalg.norm(grad(v))), 1.0)))

    return verdict


def _scipy_random(layer: Layer) -> Callable[[], object]:
    from scipy.optimize import check_grad

    f, grad, v = _flat(_as_case(layer))
    return lambda: check_grad(f, grad, v, direction="random", rng=0)


def _scipy_sample(layer: Layer, entries: int) -> Callable[[], object]:
    from scipy.optimize import approx_fprime

    w = layer.w.copy()

    def f(part: Array) -> float:
        w.reshape(-1)[:entries] = part
        return float(np.sum(layer.dout * (layer.x @ w + layer.b)))

    return lambda: approx_fprime(layer.w.reshape(-1)[:entries].copy(), f)


def _as_case(layer: Layer) -> Case:
    from prove.kinks.cases import layer as case_of
    from reference import affine_backward, affine_forward

    inputs = {"x": layer.x, "w": layer.w, "b": layer.b}
    return case_of("large", affine_forward, affine_backward, inputs, layer.dout)


# torch


def _torch(fast: bool) -> Callable[[Case, int], str]:
    def verdict(case: Case, seed: int) -> str:
        import torch

        torch.set_num_threads(1)
        torch.manual_seed(seed)
        names = list(case.inputs)

        class Own(torch.autograd.Function):  # type: ignore[misc]
            @staticmethod
            def forward(ctx: Any, *arrays: Any) -> Any:
                ctx.save_for_backward(*arrays)
                at = {n: a.detach().numpy().copy() for n, a in zip(names, arrays, strict=True)}
                return torch.from_numpy(np.array(case.forward(**at), dtype=np.float64))

            @staticmethod
            def backward(ctx: Any, dout: Any) -> Any:
                at = {n: a.numpy().copy() for n, a in zip(names, ctx.saved_tensors, strict=True)}
                found = case.backward(dout.numpy().copy(), **at)
                return tuple(torch.from_numpy(np.array(found[n], dtype=np.float64)) for n in names)

        arrays = [torch.from_numpy(x.copy()).requires_grad_() for x in case.inputs.values()]
        with np.errstate(all="ignore"):
            accepted = torch.autograd.gradcheck(
                Own.apply, arrays, fast_mode=fast, raise_exception=False
            )
        return _say(bool(accepted))

    return verdict


def _torch_large(layer: Layer) -> Callable[[], object]:
    import torch

    torch.set_num_threads(1)
    made = [torch.from_numpy(a.copy()).requires_grad_() for a in (layer.x, layer.w, layer.b)]
    return lambda: torch.autograd.gradcheck(lambda x, w, b: x @ w + b, made, fast_mode=True)


def _torch_sample(layer: Layer, entries: int) -> Callable[[], object]:
    import torch

    torch.set_num_threads(1)
    x, w, b = (torch.from_numpy(a.copy()) for a in (layer.x, layer.w, layer.b))
    part = w.reshape(-1)[:entries].clone().requires_grad_()
    rest = w.reshape(-1)[entries:]

    def f(part: Any) -> Any:
        return x @ torch.cat([part, rest]).reshape(w.shape) + b

    return lambda: torch.autograd.gradcheck(f, [part])


# jax


def _jax(case: Case, seed: int) -> str:
    import jax
    from jax.test_util import check_grads

    jax.config.update("jax_enable_x64", True)
    names = list(case.inputs)
    with np.errstate(all="ignore"):
        shape = np.shape(case.forward(**{n: x.copy() for n, x in case.inputs.items()}))
    out = jax.ShapeDtypeStruct(shape, np.float64)
    like = [jax.ShapeDtypeStruct(x.shape, np.float64) for x in case.inputs.values()]

    def at(arrays: Any) -> dict[str, Array]:
        return {n: np.array(a) for n, a in zip(names, arrays, strict=True)}

    def forward(*arrays: Any) -> Any:
        return np.array(case.forward(**at(arrays)), dtype=np.float64)

    def pull(dout: Any, *arrays: Any) -> Any:
        found = case.backward(np.array(dout), **at(arrays))
        return [np.array(found[n], dtype=np.float64) for n in names]

    @jax.custom_vjp
    def own(*arrays: Any) -> Any:
        return jax.pure_callback(forward, out, *arrays)

    def own_forward(*arrays: Any) -> Any:
        return own(*arrays), arrays

    def own_backward(arrays: Any, dout: Any) -> Any:
        return tuple(jax.pure_callback(pull, like, dout, *arrays))

    own.defvjp(own_forward, own_backward)
    try:
        with np.errstate(all="ignore"):
            check_grads(own, tuple(case.inputs.values()), order=1, modes=("rev",))
    except AssertionError:
        return MISMATCH
    return MATCH


def _jax_large(layer: Layer) -> Callable[[], object]:
    import jax
    from jax.test_util import check_grads

    jax.config.update("jax_enable_x64", True)
    made = tuple(jax.numpy.asarray(a) for a in (layer.x, layer.w, layer.b))
    f = jax.jit(lambda x, w, b: x @ w + b)
    return lambda: check_grads(f, made, order=1, modes=("rev",))


OURS = "ours"
TOOLS: dict[str, Tool] = {
    OURS: Tool("numpy", lambda case, seed: judged(case, seed).state, _ours(3)),
    "ours, one direction": Tool("numpy", _one_direction, _ours(1)),
    "torch gradcheck, fast": Tool("torch", _torch(fast=True), _torch_large),
    "jax check_grads": Tool("jax", _jax, _jax_large),
    "scipy check_grad, random": Tool("scipy", _scipy("random"), _scipy_random),
    "torch gradcheck": Tool("torch", _torch(fast=False), sample=_torch_sample),
    "scipy check_grad": Tool("scipy", _scipy("all"), sample=_scipy_sample),
    "the course's loop": Tool("numpy", _course, sample=_course_sample),
}

__all__ = ["MATCH", "MISMATCH", "OURS", "TOOLS", "UNDETERMINED", "Layer", "Tool"]
