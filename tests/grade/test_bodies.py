"""Two bodies are alike if their syntax trees are, whichever Python reads them."""

from __future__ import annotations

import pytest

from checks.grade.bodies import bodies, of_the_book, parsed

TEXT = '''
@njit
class Net(Base, metaclass=Meta):
    """Two layers."""

    def loss(self, x: float, /, *more, w=1e-3, scale: int = -2, **rest) -> tuple[float, ...]:
        """Say how far off it is."""
        global seen
        import numpy as np
        from .. import layers
        out = [row[1:, ::2] @ w for row in x if row is not None] or {**rest, "k": b"\\x00"}
        for i, (a, b) in enumerate(zip(x, more)):
            a[i] += 0xFFFF_FFFF_FFFF_FFFF if a < b <= i else 1j
        try:
            print(f"{x!r:>{w}} is {out:.3f} {self}" "é", *more, sep="", end=u"\\u2028")
        except (KeyError, ValueError) as error:
            raise error from None
        with open(x) as file, rest:
            (lambda y=None: (yield y))(...)
        match x:
            case [1, *_] | {"k": None, **kept} if True:
                return x, not self.w
            case Point(x=-0.0):
                pass
        return (n := len(x)) ** -n

    async def wait(self):
        return await self
'''


def hashed(text: str, name: str = "f") -> str:
    """The hash of the function or class of that name."""
    trees, _ = parsed({"a.py": text})
    return bodies(trees.values(), frozenset({name}))[name]


def test_every_python_gives_the_same_hash() -> None:
    """What one Python has recorded, another one finds again."""
    assert hashed(TEXT, "Net") == "d66699d64f12"


@pytest.mark.parametrize(
    "text",
    [
        "def f(x):\n    'What it does.'\n    return x.dot('a')",
        'def f(x: int) -> int:\n    return (x.dot)("a",)',
        "@cache\ndef f(x):  # a remark\n\n    return x.dot('''a''')",
        "def g(): pass\ndef f(x): return x . dot(u'a')",
    ],
)
def test_what_is_written_around_a_body_is_no_part_of_it(text: str) -> None:
    """Docstrings, annotations, decorators, remarks, spaces and quotes make no difference."""
    assert hashed(text) == hashed("def f(x): return x.dot('a')")


def test_what_differs_is_told_apart() -> None:
    """Each of these is a body of its own."""
    returned = ["1", "1.0", "True", "'1'", "b'1'", "1j", "None", "()", "[]", "[None]", "[[]]", "x"]
    returned += ["{**x}", "{x: x}", "x[0]", "x.a", "x - x", "x + x", "x * x + x", "x * (x + x)"]
    returned += ["f'{x}'", "f'{x}1'", "f'{x:1}'", "f'{x!s}'", "f(x)", "f(*x)", "f(x=x)", "f(**x)"]
    texts = [f"def f(x): return {one}" for one in returned]
    texts += ["def f(x): x", "def f(x=1): return x", "def f(*x): return x", "def f(y): return y"]
    texts += ["def f(x):\n if x: x\n return x", "def f(x):\n if x:\n  x\n  return x"]
    assert len({hashed(text) for text in texts}) == len(texts)


def test_no_body_is_too_much() -> None:
    """A number that Python cannot write out, and a chain of a thousand terms, have a hash."""
    for text in ("0x" + "f" * 9000, "+".join("x" * 900)):
        assert len(hashed(f"def f(x): return {text}")) == 12


def test_the_books_own_is_known() -> None:
    """A function of the book has a hash, and what has no answer there has none."""
    assert len(of_the_book("affine_forward")) == 12
    assert of_the_book("leaky_relu_forward") == ""
