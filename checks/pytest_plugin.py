"""``pytest --checks=PATH``: one test for each check; the tests are in ``pytest_items``.

Nothing is imported at module level, since pytest loads this file in every run.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --checks and --checks-seed."""
    group = parser.getgroup("checks", "Code that was written along Backprop by the Book")
    told = "judge a folder, a .py file or a notebook: one test for each check"
    group.addoption("--checks", metavar="PATH", help=told)
    told = "draws the inputs of the checks (7, as for the command)"
    group.addoption("--checks-seed", metavar="S", type=int, default=7, help=told)


def pytest_configure(config: pytest.Config) -> None:
    """Where --checks names something, have it collected: alone, if nothing else is named."""
    if config.option.checks:
        from checks.pytest_items import collecting

        collecting(config, config.option.checks, config.option.checks_seed)
