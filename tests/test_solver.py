"""The Solver: its loop, what it refuses, and runs that are killed and taken up again."""

import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reference import Solver, TwoLayerNet, optim
from reference.progress import Progress

ROOT = Path(__file__).resolve().parents[1]


def images(n: int = 60, val: int = 20) -> dict[str, Any]:
    """A small problem that a net can learn: the class is the largest of four numbers."""
    rng = np.random.default_rng(5)
    X = rng.standard_normal((n + val, 2, 2))
    y = X.reshape(len(X), -1).argmax(axis=1)
    return {"X_train": X[:n], "y_train": y[:n], "X_val": X[n:], "y_val": y[n:]}


def heavy(w: Any, dw: Any, config: Any = None) -> Any:
    """A rule with a memory: an array, a NumPy scalar, a count and a text."""
    config = {"learning_rate": 0.1, "v": np.zeros_like(w), "t": 0, **(config or {})}
    config["t"] += 1
    config["v"] = 0.9 * config["v"] - config["learning_rate"] * dw
    config["last"], config["name"] = np.float32(dw.ravel()[0]), "heavy"
    return w + config["v"], config


def make(seed: int = 0, **settings: Any) -> Solver:
    net = TwoLayerNet(4, 6, 4, weight_scale=0.3, reg=0.01, seed=seed, dtype=np.float32)
    known = {"update_rule": heavy, "batch_size": 16, "num_epochs": 4, "lr_decay": 0.9}
    return Solver(net, images(), **{**known, "verbose": False, "seed": seed, **settings})


def everything(solver: Solver) -> dict[str, Any]:
    """All that a run leaves behind, as bytes and numbers that must be equal to the bit."""
    configs = {
        (param, key): value.tobytes() if isinstance(value, np.ndarray | np.generic) else value
        for param, config in solver.optim_configs.items()
        for key, value in config.items()
    }
    return {
        "params": {name: (w.dtype, w.tobytes()) for name, w in solver.model.params.items()},
        "best": {name: (w.dtype, w.tobytes()) for name, w in solver.best_params.items()},
        "configs": dict(sorted(configs.items())),
        "rng": solver.rng.bit_generator.state,
        "losses": solver.loss_history,
        "accuracies": (solver.train_acc_history, solver.val_acc_history, solver.best_val_acc),
        "epoch": solver.epoch,
    }


# The loop


def test_histories_have_the_lengths_of_the_contract() -> None:
    """A loss per step, an accuracy at the start and after each epoch."""
    solver = make(num_epochs=3)
    solver.train()
    assert len(solver.loss_history) == 3 * (60 // 16)
    assert len(solver.train_acc_history) == len(solver.val_acc_history) == 4
    assert solver.epoch == 3
    assert all(isinstance(loss, float) for loss in solver.loss_history)


def test_a_batch_larger_than_the_data_makes_one_step_an_epoch() -> None:
    """An epoch has one step at least."""
    solver = make(batch_size=100, num_epochs=2)
    solver.train()
    assert len(solver.loss_history) == 2


def test_each_parameter_has_a_config_whose_rate_decays_once_an_epoch() -> None:
    """Rates fall by lr_decay after each epoch, and the caller's dict stays as it was."""
    given = {"learning_rate": 0.5}
    solver = make(update_rule="sgd", optim_config=given, lr_decay=0.5, num_epochs=3)
    solver.train()
    assert given == {"learning_rate": 0.5}
    rates = {config["learning_rate"] for config in solver.optim_configs.values()}
    assert rates == {0.5**4}
    assert len(solver.optim_configs) == 4


def test_the_best_parameters_come_home() -> None:
    """The net ends with the parameters of its best validation accuracy, in arrays of its own."""
    solver = make(num_epochs=12, optim_config={"learning_rate": 1.5})
    solver.train()
    data = images()
    assert max(solver.val_acc_history) == solver.best_val_acc > solver.val_acc_history[-1]
    assert solver.check_accuracy(data["X_val"], data["y_val"]) == solver.best_val_acc
    for name, w in solver.model.params.items():
        assert np.array_equal(w, solver.best_params[name])
        assert not np.shares_memory(w, solver.best_params[name])


def test_a_hopeless_net_keeps_its_parameters() -> None:
    """Where the accuracy is 0 each time, the parameters are those of the last epoch."""
    net = TwoLayerNet(4, 6, 4, weight_scale=0.3, seed=0)
    solver = Solver(net, images(), optim_config={"learning_rate": 0.5}, seed=0, verbose=False)
    solver.check_accuracy = lambda *rest, **more: 0.0
    solver.train()
    assert set(net.params) == {"W1", "b1", "W2", "b2"}
    assert len(solver.loss_history) == 10
    assert not np.array_equal(net.params["W1"], TwoLayerNet(4, 6, 4, 0.3, seed=0).params["W1"])


def test_accuracy_is_measured_on_the_same_sample_every_time() -> None:
    """A sample is drawn once and for all, and every example counts where none is asked for."""
    solver, data = make(), images(300)
    few = [solver.check_accuracy(data["X_train"], data["y_train"], 50) for _ in range(5)]
    assert len(set(few)) == 1
    whole = solver.check_accuracy(data["X_train"], data["y_train"], batch_size=7)
    scores = solver.model.loss(data["X_train"])
    assert whole == np.mean(scores.argmax(axis=1) == data["y_train"])


def test_a_seed_gives_the_same_run_and_another_seed_another() -> None:
    """Randomness comes from the seed, and not from anybody else's draws."""
    runs = []
    for seed in (1, 1, 2):
        np.random.seed(len(runs))  # noqa: NPY002 - a stranger's global draw must not matter
        solver = make(seed=0)
        solver.rng = np.random.default_rng(seed)
        solver.train()
        runs.append(solver.loss_history)
    assert runs[0] == runs[1] != runs[2]


def test_a_run_that_was_interrupted_goes_on() -> None:
    """After Ctrl-C, train() again gives the run that was never interrupted."""
    solver = make()
    loss, calls = solver.model.loss, []

    def pressed(X: Any, y: Any = None) -> Any:
        calls.append(1)
        if len(calls) == 11:
            raise KeyboardInterrupt
        return loss(X, y)

    solver.model.loss = pressed
    with pytest.raises(KeyboardInterrupt):
        solver.train()
    solver.train()
    whole = make()
    whole.train()
    assert everything(solver) == everything(whole)


# What it refuses

Change = Callable[[dict[str, Any]], None]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"learning_rate": 1}, "no setting 'learning_rate'; it has update_rule, optim_config"),
        ({"update_rule": "adamw"}, "no update rule 'adamw'; there are adam, rmsprop, sgd"),
        ({"update_rule": "sgd", "optim_config": {"lr": 1}}, "sgd has no setting 'lr'; it has lear"),
        ({"batch_size": 0}, "batch_size is to be a whole number of at least 1, and it is 0"),
        ({"num_epochs": 1.5}, "num_epochs is to be a whole number of at least 1, and it is 1.5"),
    ],
)
def test_wrong_settings_are_refused_by_name(settings: dict[str, Any], words: str) -> None:
    """A setting or a rule that does not exist is a ValueError with its name and what exists."""
    with pytest.raises(ValueError, match=words):
        make(**settings)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data.pop("y_val"), "data has no 'y_val'; a Solver needs X_train, y_train"),
        (lambda data: data.update(y_train=data["y_val"]), "X_train holds 60 examples and y_train"),
        (lambda data: data.update(X_val=[], y_val=[]), "X_val holds 0 examples and y_val 0"),
    ],
)
def test_incomplete_data_is_refused(change: Change, words: str) -> None:
    """Data that is missing, empty or does not fit together is said to be so at once."""
    data = images()
    change(data)
    with pytest.raises(ValueError, match=words):
        Solver(TwoLayerNet(4, 6, 4), data)


# What it says


def test_a_quiet_solver_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """verbose=False prints nothing, verbose=True a line per look and per print_every steps."""
    make().train()
    assert capsys.readouterr().out == ""
    make(verbose=True, print_every=5, num_epochs=2).train()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("(Epoch 0 / 2) train acc: 0.")
    assert [line.split(")")[0] for line in lines[1:]] == [
        "(Epoch 1 / 2",
        "(Iteration 5 / 6",
        "(Epoch 2 / 2",
    ]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_bar_and_keeps_the_lines() -> None:
    """The bar is rewritten in place and taken away; the lines stay."""
    out = Terminal()
    progress = Progress(10, out=out)
    progress.at(5, "loss 1.5")
    progress.say("half")
    progress.at(10)
    progress.end()
    text = out.getvalue()
    assert "[############............]  50%  loss 1.5" in text
    assert "\r\x1b[Khalf\n" in text
    assert text.endswith("\r\x1b[K")
    assert text.count("\n") == 1


def test_a_log_gets_no_bar() -> None:
    """Where output is no terminal, nothing is rewritten."""
    out = io.StringIO()
    progress = Progress(10, out=out)
    progress.at(5)
    progress.say("half")
    progress.end()
    assert out.getvalue() == "half\n"


# Killed and taken up again

EPOCHS = 40  # of three steps each: more than twenty kills can use up

LIVES = """
import os, signal, sys
import numpy as np
import reference.files
from tests.test_solver import EPOCHS, everything, make

def live(place, step):
    solver = make(seed=3, checkpoint_name=place, num_epochs=EPOCHS)
    if os.path.exists(place + ".npz"):
        solver.resume()
    loss, calls = solver.model.loss, []

    def die():
        os.kill(os.getpid(), signal.SIGKILL)

    def counted(X, y=None):
        if y is not None:
            calls.append(1)
            if len(calls) == abs(step) and step > 0:
                die()
        return loss(X, y)

    solver.model.loss = counted
    if step < 0:  # in the middle of writing a checkpoint
        fdopen = os.fdopen
        def half(handle, mode):
            file = fdopen(handle, mode)
            write = file.write
            def cut(content):
                write(content[: len(content) // 2])
                file.flush()
                die()
            class Cut:
                __enter__ = lambda self: self
                __exit__ = lambda self, *rest: file.close()
            Cut.write = staticmethod(cut)
            return Cut()
        reference.files.os.fdopen = half
    solver.train()
    with open(place + ".end", "w") as end:
        end.write(repr(everything(solver)))

for line in sys.stdin:
    child = os.fork()  # which has done nothing yet but import
    if not child:
        live(sys.argv[1], int(line))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def lives(place: Path, steps: list[int]) -> list[int]:
    """Train in one process after another, each killed at a step of its own; how they ended."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", LIVES, str(place)],
        cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        input="".join(f"{step}\n" for step in steps),
        capture_output=True,
        text=True,
    )
    assert not done.stderr, done.stderr
    return [int(line) for line in done.stdout.split()]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system knows no kill -9")
def test_a_run_that_is_killed_and_resumed_is_the_run_that_was_not(tmp_path: Path) -> None:
    """Twenty kills, at random steps and in the middle of writing, change no bit of the result."""
    rng, place = np.random.default_rng(20), tmp_path / "run"
    steps = [-1 if kill % 3 == 2 else int(rng.integers(1, 10)) for kill in range(20)]
    # a kill that is not one came after the end of the run
    assert lives(place, [*steps, 10**6]) == [-signal.SIGKILL] * 20 + [0]
    whole = make(seed=3, num_epochs=EPOCHS)
    whole.train()
    assert place.with_suffix(".end").read_text() == repr(everything(whole))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.end", "run.npz"]


# Checkpoints


def saved(tmp_path: Path, **settings: Any) -> Path:
    make(num_epochs=2, checkpoint_name=tmp_path / "run", **settings).train()
    return tmp_path / "run.npz"


def test_resuming_needs_no_luck_with_the_seed(tmp_path: Path) -> None:
    """A net and a Solver with other seeds take everything from the file, and go further."""
    saved(tmp_path)
    rest = make(seed=8, num_epochs=5, checkpoint_name=tmp_path / "run").resume()
    rest.train()
    whole = make(num_epochs=5)
    whole.train()
    assert everything(rest) == everything(whole)


def test_a_checkpoint_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    """Whatever is cut off the end, the file is said to be no whole checkpoint, by its name."""
    path = saved(tmp_path)
    content = path.read_bytes()
    for cut in np.random.default_rng(0).integers(len(content), size=20).tolist():
        path.write_bytes(content[:cut])
        solver = make(seed=1)
        before = everything(solver)
        with pytest.raises(ValueError, match=r"run\.npz is no whole checkpoint"):
            solver.resume(path)
        assert everything(solver) == before


def test_a_checkpoint_with_a_flipped_bit_is_refused(tmp_path: Path) -> None:
    """A changed byte is noticed, wherever in the arrays it is."""
    path = saved(tmp_path)
    content = bytearray(path.read_bytes())
    for at in range(200, len(content) // 2, len(content) // 11):
        spoilt = bytearray(content)
        spoilt[at] ^= 1
        path.write_bytes(spoilt)
        with pytest.raises(ValueError, match=r"run\.npz"):
            make().resume(path)


def other_net() -> Solver:
    net = TwoLayerNet(4, 7, 4, reg=0.01, dtype=np.float32)
    return Solver(net, images(), heavy, batch_size=16, num_epochs=4, lr_decay=0.9)


def other_reg() -> Solver:
    net = TwoLayerNet(4, 6, 4, reg=0.5, dtype=np.float32)
    return Solver(net, images(), heavy, batch_size=16, num_epochs=4, lr_decay=0.9)


def other_precision() -> Solver:
    net = TwoLayerNet(4, 6, 4, reg=0.01)
    return Solver(net, images(), heavy, batch_size=16, num_epochs=4, lr_decay=0.9)


def other_data() -> Solver:
    solver = make()
    solver.data["y_train"] = solver.data["y_train"][::-1]
    return solver


@pytest.mark.parametrize(
    ("another", "words"),
    [
        (other_net, r"W1 is \(4, 6\) float32 in .*run\.npz and \(4, 7\) float32 here"),
        (other_reg, r"reg is 0\.01 in .* and 0\.5 here"),
        (other_precision, r"W1 is \(4, 6\) float32 in .* and \(4, 6\) float64 here"),
        (other_data, r"y_train is 60 labels with the checksum \w+ in .* here"),
        (lambda: make(batch_size=8), r"batch_size is 16 in .* and 8 here"),
        (lambda: make(lr_decay=1.0), r"lr_decay is 0\.9 in .* and 1\.0 here"),
        (lambda: make(update_rule="sgd"), r"update_rule is heavy in .* and sgd here"),
    ],
)
def test_a_checkpoint_of_another_run_is_refused(
    tmp_path: Path, another: Callable[[], Solver], words: str
) -> None:
    """What differs is named with both sides, and nothing has changed."""
    path, solver = saved(tmp_path), another()
    before = everything(solver)
    with pytest.raises(ValueError, match=words):
        solver.resume(path)
    assert everything(solver) == before


def test_other_files_are_no_checkpoints(tmp_path: Path) -> None:
    """An archive of arrays, one with objects in it and a missing file each get their sentence."""
    np.savez(tmp_path / "arrays.npz", W1=np.zeros(3))
    np.savez(tmp_path / "objects.npz", about=np.array([{}], dtype=object))
    about = np.array(json.dumps({"format": "something else"}))
    np.savez(tmp_path / "format.npz", about=about)
    for name in ("arrays", "objects"):
        with pytest.raises(ValueError, match=f"{name}.npz is no whole checkpoint"):
            make().resume(tmp_path / name)
    with pytest.raises(ValueError, match="another kind, not a backprop-by-the-book checkpoint"):
        make().resume(tmp_path / "format.npz")
    with pytest.raises(FileNotFoundError, match="there is no checkpoint"):
        make().resume(tmp_path / "none")


def test_a_checkpoint_holds_no_pickle(tmp_path: Path) -> None:
    """Every member is an array of plain numbers or one text, read without pickle."""
    with zipfile.ZipFile(saved(tmp_path)) as archive:
        for name in archive.namelist():
            with archive.open(name) as member:
                array = np.lib.format.read_array(member, allow_pickle=False)
            assert array.dtype.kind in "fiuU"


def test_state_that_no_checkpoint_holds_is_refused(tmp_path: Path) -> None:
    """A rule that keeps an object is told so, and no file is written."""

    def odd(w: Any, dw: Any, config: Any = None) -> Any:
        return w, {"learning_rate": 1.0, "friend": object()}

    with pytest.raises(ValueError, match="friend is a object"):
        make(update_rule=odd, checkpoint_name=tmp_path / "run").train()
    assert list(tmp_path.iterdir()) == []


def test_a_new_run_replaces_no_old_one(tmp_path: Path) -> None:
    """train() refuses to write over the checkpoint of another run, before its first step."""
    path = saved(tmp_path)
    content = path.read_bytes()
    solver = make(checkpoint_name=tmp_path / "run")
    with pytest.raises(FileExistsError, match="holds a run already"):
        solver.train()
    assert path.read_bytes() == content
    assert solver.loss_history == []


def test_a_missing_folder_is_noticed_before_the_first_step(tmp_path: Path) -> None:
    """Where there is no folder for the checkpoint, nothing is trained in vain."""
    solver = make(checkpoint_name=tmp_path / "no" / "run")
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        solver.train()
    assert solver.loss_history == []


def test_a_full_disk_leaves_the_old_checkpoint_and_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a checkpoint cannot be written, the last one is whole and train() goes on."""
    path = tmp_path / "run.npz"
    solver = make(num_epochs=1, checkpoint_name=path)
    solver.train()
    solver.resume()
    content = path.read_bytes()
    with monkeypatch.context() as full:
        full.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
        solver.num_epochs = 4
        with pytest.raises(OSError, match="No space left"):
            solver.train()
    assert path.read_bytes() == content
    assert [one.name for one in tmp_path.iterdir()] == ["run.npz"]
    solver.train()
    whole = make()
    whole.train()
    assert everything(solver) == everything(whole)


def test_every_rule_of_the_book_can_be_named() -> None:
    """A rule is found by its name, and so is one of the caller's own by itself."""
    for rule in ("sgd", optim.sgd):
        solver = make(update_rule=rule, optim_config={"learning_rate": 0.1})
        solver.train()
        assert solver.rule is optim.sgd
