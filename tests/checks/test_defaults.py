"""What mutants had found: defaults, exchanged settings and shared configs are judged, too."""

from __future__ import annotations

import pytest

import reference
from checks.exercises import by_name
from checks.model import FAIL
from checks.run import run
from checks.show import words
from checks.student import InProcess
from prove.mutants.make import Mutant, source_of

FOUND = [
    ("TwoLayerNet", "params", "hidden_dim=100", "hidden_dim=101"),
    ("TwoLayerNet", "params", "input_dim=3 * 32 * 32", "input_dim=32 * 32"),
    ("TwoLayerNet", "initial weights", "weight_scale=1e-3", "weight_scale=2e-3"),
    ("TwoLayerNet", "loss", "reg=0.0,", "reg=1.0,"),
    ("FullyConnectedNet", "params", "num_classes=10", "num_classes=9"),
    ("FullyConnectedNet", "initial weights", "weight_scale=1e-2", "weight_scale=2e-2"),
    ("FullyConnectedNet", "loss", "reg=0.0,", "reg=1.0,"),
    ("Solver", "defaults", "batch_size=100,\n", "batch_size=101,\n"),
    ("Solver", "defaults", "num_epochs=10", "num_epochs=9"),
    ("Solver", "defaults", "lr_decay=1.0", "lr_decay=0.5"),
    ("Solver", "defaults", "num_train_samples=1000", "num_train_samples=None"),
    ("Solver", "defaults", "dict(optim_config or {})", "dict(optim_config)"),
    ("Solver", "configs", "dict(self.optim_config) for", "self.optim_config for"),
    ("Solver", "decay", "if self.lr_decay != 1:", "if 1 != self.batch_size != 0:"),
    ("Solver", "decay", "if self.lr_decay != 1:", "if self.lr_decay < 1:"),
    ("rel_error", "value", "np.abs(b), initial=0.0", "np.abs(b), initial=1.0"),
]
AT = {
    ("TwoLayerNet", "params"): "For a net that is given no sizes: ",
    ("TwoLayerNet", "loss"): "For a net that is given no reg: ",
    ("FullyConnectedNet", "params"): "For a net that is given only hidden_dims: ",
}


@pytest.mark.parametrize(("name", "check", "old", "new"), FOUND)
def test_what_mutants_found_is_rejected(name: str, check: str, old: str, new: str) -> None:
    """Each is told by this one check, in words that say what was not given."""
    text = source_of(name, name)
    assert text.count(old) == 1
    code = Mutant(name, "", "", "", 0, text.replace(old, new), name).code()
    right = {each: getattr(reference, each) for each in reference.__all__}
    report = run([by_name(name)], InProcess({**right, name: code}), 7)
    failed = [one for one in report.outcomes if one.state == FAIL]
    assert [one.check for one in failed] == [check]
    seen = failed[0].evidence
    assert seen is not None
    assert " ".join(words.says(seen)).startswith(AT.get((name, check), ""))
