"""The embedded images are the published ones, and a file that is not is refused."""

import gzip
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from reference.data import FASHION_CLASSES, fashion_mnist, load_fashion_mnist, make_fashion_mnist
from reference.data.published import DEBIAN, SHA256, read_published

SPLITS = {"train": 4000, "val": 500, "test": 500}


@pytest.fixture(scope="module")
def stored():
    return fashion_mnist.read_embedded(fashion_mnist.EMBEDDED)


@pytest.fixture(scope="module")
def data():
    return load_fashion_mnist()


@pytest.mark.parametrize(("split", "n"), SPLITS.items())
def test_shapes(data, split, n):
    """Each split holds its number of 28 x 28 float64 images, each with a whole-number label."""
    X, y = data[f"X_{split}"], data[f"y_{split}"]
    assert X.shape == (n, 28, 28)
    assert X.dtype == np.float64
    assert y.shape == (n,)
    assert np.issubdtype(y.dtype, np.integer)


@pytest.mark.parametrize(("split", "n"), SPLITS.items())
def test_balance(data, split, n):
    """In each split every class has the same number of images, and every class has a name."""
    assert np.bincount(data[f"y_{split}"]).tolist() == [n // 10] * 10
    assert len(FASHION_CLASSES) == len(set(FASHION_CLASSES)) == 10


def test_classes_come_mixed(data):
    """The files keep the published order, so the first thousand images hold every class."""
    assert np.bincount(data["y_train"][:1000], minlength=10).min() > 70


def test_no_image_twice(stored):
    """No image stands in two splits, nor twice in one."""
    images = np.concatenate([stored[f"X_{split}"] for split in SPLITS]).reshape(5000, -1)
    assert len(np.unique(images, axis=0)) == 5000


def test_indices_are_apart(stored):
    """Training and validation images come from different places of the training file."""
    assert not set(stored["index_train"].tolist()) & set(stored["index_val"].tolist())
    for split in SPLITS:
        assert (np.diff(stored[f"index_{split}"]) > 0).all()


def test_mean(data, stored):
    """The mean image is that of the training images, and was subtracted from all three splits."""
    assert np.array_equal(data["mean_image"], stored["X_train"].mean(axis=0))
    assert np.abs(data["X_train"].mean(axis=0)).max() < 1e-10  # 4,000 roundings of 1e-14
    for split in SPLITS:
        pixels = data[f"X_{split}"] + data["mean_image"]
        assert np.array_equal(np.rint(pixels), stored[f"X_{split}"])
        assert np.abs(pixels - np.rint(pixels)).max() < 1e-12


def test_pixel_spread(data):
    """The centred pixels spread as the course's rates and weight scales expect: near 75."""
    assert 74 < data["X_train"].std() < 77


def test_fresh_arrays():
    """What a reader does to the arrays is not there at the next call."""
    first = load_fashion_mnist()
    for array in first.values():
        array[...] = 0
    second = load_fashion_mnist()
    assert all(second[name].any() for name in second)
    assert not any(np.shares_memory(first[name], second[name]) for name in second)


def test_arrays_are_independent(data):
    """No array of one call is a view of another, so centring in place spoils nothing else."""
    arrays = list(data.values())
    for i, one in enumerate(arrays):
        assert not any(np.shares_memory(one, other) for other in arrays[i + 1 :])


def test_notice_is_beside_the_images():
    """The licence and the paper to cite travel with the images."""
    notice = fashion_mnist.EMBEDDED.with_name("NOTICE.md").read_text("utf-8")
    for part in ("2017 Zalando SE", "https://tech.zalando.com", "Xiao", "Rasul", "Vollgraf"):
        assert part in notice
    assert "THE SOFTWARE IS PROVIDED" in notice


def test_made_again(stored, tmp_path):
    """The script makes exactly the committed arrays from the published files."""
    if not DEBIAN.is_dir():
        pytest.skip("Debian's package dataset-fashion-mnist is not installed")
    to = tmp_path / "made.npz"
    assert make_fashion_mnist.main(["--to", str(to)]) == 0
    made = fashion_mnist.read_embedded(to)
    assert list(made) == list(stored)
    for name in made:
        assert made[name].dtype == stored[name].dtype
        assert np.array_equal(made[name], stored[name])


def test_indices_say_where(stored):
    """Each stored image is the one that its index names in the published file."""
    if not DEBIAN.is_dir():
        pytest.skip("Debian's package dataset-fashion-mnist is not installed")
    published = read_published(DEBIAN)
    for split, source in {"train": "train", "val": "train", "test": "t10k"}.items():
        index = stored[f"index_{split}"]
        assert np.array_equal(published[f"{source}-images-idx3-ubyte"][index], stored[f"X_{split}"])
        assert np.array_equal(published[f"{source}-labels-idx1-ubyte"][index], stored[f"y_{split}"])


def test_same_bytes(stored):
    """The packed file depends on the arrays alone: no date, no order, no user."""
    few = {name: array[:20] for name, array in stored.items()}
    one = make_fashion_mnist.packed(few)
    assert one == make_fashion_mnist.packed({name: a.copy() for name, a in few.items()})
    other = {**few, "y_test": few["y_test"][::-1]}
    assert one != make_fashion_mnist.packed(other)


# A small dataset in the published format, for what the script does to wrong input.


def idx(array):
    head = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return head + array.astype(np.uint8).tobytes()


@pytest.fixture
def published(tmp_path, monkeypatch):
    """Write a folder with a made-up dataset, and pin its hashes."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "published"
    folder.mkdir()
    pins = {}
    for source, per_class in {"train": 450, "t10k": 50}.items():
        y = rng.permutation(np.repeat(np.arange(10), per_class))
        X = rng.integers(0, 256, (len(y), 28, 28))
        for name, array in {"images-idx3": X, "labels-idx1": y}.items():
            content = idx(array)
            (folder / f"{source}-{name}-ubyte.gz").write_bytes(gzip.compress(content))
            pins[f"{source}-{name}-ubyte"] = hashlib.sha256(content).hexdigest()
    monkeypatch.setattr("reference.data.published.SHA256", pins)
    return folder


def run(capsys, *args):
    code = make_fashion_mnist.main([str(arg) for arg in args])
    out, err = capsys.readouterr()
    return code, out, err


def test_script_on_a_made_up_dataset(published, tmp_path, capsys):
    """From published files the script makes a file that the loader reads, wherever they are."""
    to = tmp_path / "made.npz"
    code, out, err = run(capsys, published, "--to", to)
    assert (code, err) == (0, "")
    assert str(to) in out
    assert fashion_mnist.read_embedded(to)["X_train"].shape == (4000, 28, 28)


def spoil_hash(folder):
    path = folder / "t10k-labels-idx1-ubyte.gz"
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[-1] ^= 1
    path.write_bytes(gzip.compress(bytes(content)))
    return "is not the file that was published"


def cut_short(folder):
    path = folder / "train-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-1000])
    return "cannot be decompressed"


def spoil_gzip(folder):
    (folder / "train-labels-idx1-ubyte.gz").write_bytes(b"<html>not found</html>")
    return "cannot be decompressed"


def spoil_stream(folder):
    path = folder / "train-labels-idx1-ubyte.gz"
    content = bytearray(path.read_bytes())
    content[20:60] = bytes(40)
    path.write_bytes(bytes(content))
    return "cannot be decompressed"


def lose_file(folder):
    (folder / "t10k-images-idx3-ubyte.gz").unlink()
    return "holds no t10k-images-idx3-ubyte.gz"


def lose_folder(folder):
    folder.rename(folder.with_name("elsewhere"))
    return "there is no folder"


@pytest.mark.parametrize(
    "spoil", [spoil_hash, cut_short, spoil_gzip, spoil_stream, lose_file, lose_folder]
)
def test_refusals(published, tmp_path, capsys, spoil):
    """Wrong input gets one sentence, and the file that was there stays as it was."""
    said = spoil(published)
    to = tmp_path / "out" / "made.npz"
    to.parent.mkdir()
    to.write_bytes(b"before")
    code, out, err = run(capsys, published, "--to", to)
    assert (code, out) == (1, "")
    assert err.startswith("Nothing was written: ")
    assert said in err
    assert err.count("\n") == 1
    assert [p.name for p in to.parent.iterdir()] == ["made.npz"]
    assert to.read_bytes() == b"before"


def test_no_place_to_write(published, tmp_path, capsys):
    """A target folder that does not exist gets a sentence too."""
    code, _, err = run(capsys, published, "--to", tmp_path / "nowhere" / "made.npz")
    assert code == 1
    assert "nowhere" in err
    assert err.count("\n") == 1


def test_interrupted_write(tmp_path, monkeypatch):
    """A write that is interrupted leaves neither half a file nor a temporary one."""
    to = tmp_path / "made.npz"
    to.write_bytes(b"before")

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("os.replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        make_fashion_mnist.write_whole(to, b"after")
    assert [p.name for p in tmp_path.iterdir()] == ["made.npz"]
    assert to.read_bytes() == b"before"


def test_published_hashes():
    """Four files are pinned, and a file with other bytes is not believed whatever its name."""
    assert len(SHA256) == 4
    assert all(len(digest) == 64 for digest in SHA256.values())


def damage_byte(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :]


DAMAGES = {
    "cut": lambda content: content[: len(content) // 2],
    "one byte": damage_byte,
    "empty": lambda _: b"",
    "a web page": lambda _: b"<html>not found</html>",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_package(tmp_path, monkeypatch, damage):
    """A damaged file of images is refused with a sentence that says what to do."""
    path = tmp_path / "damaged.npz"
    path.write_bytes(DAMAGES[damage](fashion_mnist.EMBEDDED.read_bytes()))
    monkeypatch.setattr(fashion_mnist, "EMBEDDED", path)
    with pytest.raises(ValueError, match=r"is damaged .*install this package again"):
        load_fashion_mnist()


def test_missing_package_file(tmp_path, monkeypatch):
    """A package without its images says which file is missing, and what to do."""
    monkeypatch.setattr(fashion_mnist, "EMBEDDED", tmp_path / "gone.npz")
    with pytest.raises(FileNotFoundError, match=r"gone\.npz is missing; install this package"):
        load_fashion_mnist()


def test_other_arrays(tmp_path, monkeypatch, stored):
    """A file that can be read but holds other arrays names the first that differs."""
    path = tmp_path / "other.npz"
    np.savez(path, **{**stored, "X_val": stored["X_val"][:7]})
    monkeypatch.setattr(fashion_mnist, "EMBEDDED", path)
    with pytest.raises(ValueError, match=r"X_val should have the shape \(500, 28, 28\)"):
        load_fashion_mnist()
    np.savez(path, X_train=stored["X_train"])
    with pytest.raises(ValueError, match="y_train should have the shape"):
        load_fashion_mnist()


def test_no_code_in_the_file(tmp_path, monkeypatch, stored):
    """A file that asks for pickled objects is refused, not executed."""
    path = tmp_path / "pickled.npz"
    np.savez(path, **{**stored, "y_val": np.array([{}], dtype=object)})
    monkeypatch.setattr(fashion_mnist, "EMBEDDED", path)
    with pytest.raises(ValueError, match="is damaged"):
        load_fashion_mnist()


def test_needs_numpy_only(tmp_path):
    """Loading images from a file imports nothing outside NumPy, the standard library and ours."""
    np.savez(tmp_path / "some.npz", X=np.zeros((20, 32, 32, 3), int), y=np.zeros(20, int))
    code = (
        "import sys, json, numpy; before = set(sys.modules);"
        "from reference.data import load_cifar10, load_fashion_mnist, load_images;"
        f"load_fashion_mnist(); load_images(); load_cifar10({str(tmp_path / 'some.npz')!r});"
        "print(json.dumps(sorted({m.split('.')[0] for m in set(sys.modules) - before})))"
    )
    root = Path(__file__).resolve().parents[1]
    out = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    ).stdout
    outside = set(json.loads(out)) - sys.stdlib_module_names - {"numpy", "reference"}
    assert outside == set()
