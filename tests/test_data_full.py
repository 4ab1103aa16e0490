"""All images of Fashion-MNIST and CIFAR-10, from files and from a server on this machine."""

import gzip
import hashlib
import io
import os
import resource
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import time
import tracemalloc
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from reference.data import (
    CIFAR_CLASSES,
    FASHION_CLASSES,
    chosen,
    cifar10,
    fetch,
    load_cifar10,
    load_fashion_mnist,
    load_images,
    published,
)

ROOT = Path(__file__).resolve().parents[1]
PER_FILE = 50  # images in each of the six files of a made-up archive
SPLITS = {"train": 245, "val": 5, "test": 50}


@pytest.fixture(autouse=True)
def at_home(tmp_path, monkeypatch):
    """An empty cache, no proxy, and no connection but to this machine."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("DATA", "DATA_PATH", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    connect = socket.socket.connect

    def only_here(self, address):
        assert address[0] == "127.0.0.1", f"a test called {address}"
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", only_here)


def cache() -> list[str]:
    """What is in the cache, and in no folder of it."""
    home = Path(os.environ["XDG_CACHE_HOME"])
    return sorted(p.name for p in home.rglob("*") if p.name != "backprop-by-the-book")


# An archive in the published format, made up


def made_up(seed=0):
    """Images and labels of the five training files and the test file, in one row."""
    rng = np.random.default_rng(seed)
    X = rng.integers(0, 256, (6 * PER_FILE, 32, 32, 3), dtype=np.uint8)
    return X, rng.permutation(np.repeat(np.arange(10, dtype=np.uint8), 6 * PER_FILE // 10))


def records(X, y):
    """Images as the bytes of one file: a label, then the red, green and blue planes."""
    planes = X.transpose(0, 3, 1, 2).reshape(len(X), -1)
    return np.concatenate([y[:, None], planes], axis=1).tobytes()


def packed(files):
    """Files as a .tar.gz, in a folder, with two files beside them that nobody asked for."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz", compresslevel=1) as tar:
        for name, content in {
            "batches.meta.txt": b"airplane\n",
            **files,
            "readme.html": b"",
        }.items():
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return archive.getvalue()


def batches(X, y):
    """The six files; the published archive has them in an order of its own, and so has this."""
    parts = {
        name: records(X[k * PER_FILE : (k + 1) * PER_FILE], y[k * PER_FILE : (k + 1) * PER_FILE])
        for k, name in enumerate(cifar10.FILES)
    }
    return {name: parts[name] for name in (cifar10.FILES[i] for i in (0, 3, 1, 5, 4, 2))}


def pin(monkeypatch, content):
    """Expect this archive instead of the published one."""
    monkeypatch.setattr(cifar10, "PER_FILE", PER_FILE)
    monkeypatch.setattr(cifar10, "SIZE", len(content))
    monkeypatch.setattr(cifar10, "SHA256", hashlib.sha256(content).hexdigest())


@pytest.fixture
def archive(monkeypatch):
    content = packed(batches(*made_up()))
    pin(monkeypatch, content)
    return content


@pytest.fixture
def file(archive, tmp_path):
    path = tmp_path / "given.tar.gz"
    path.write_bytes(archive)
    return path


def test_the_pinned_archive_is_the_published_one():
    """Size, hash and records are those that its author gives."""
    assert (cifar10.SIZE, cifar10.RECORD) == (170_052_171, 3073)
    assert cifar10.SHA256.startswith("c4a38c50a1bc5f3a1c5537f2155ab9d6")
    assert cifar10.PER_FILE * len(cifar10.FILES) == 60_000
    assert len(set(CIFAR_CLASSES)) == 10


def test_an_archive_becomes_centred_splits(file):
    """Each image stands in its split, in its place, with its label, its colours and its rows."""
    X, y = made_up()
    data = load_cifar10(file)
    assert np.array_equal(data["mean_image"], X[:245].mean(axis=0))
    start = 0
    for split, n in SPLITS.items():
        assert data[f"X_{split}"].shape == (n, 32, 32, 3)
        assert data[f"X_{split}"].dtype == np.float64
        assert data[f"y_{split}"].dtype == np.int64
        pixels = np.rint(data[f"X_{split}"] + data["mean_image"])
        assert np.array_equal(pixels, X[start : start + n])
        assert np.array_equal(data[f"y_{split}"], y[start : start + n])
        start += n
    assert np.abs(data["X_train"].mean(axis=0)).max() < 1e-10  # 245 roundings of 1e-14


def test_a_path_may_be_text_and_begin_at_home(file, monkeypatch):
    """A path as a person types it is understood."""
    monkeypatch.setenv("HOME", str(file.parent))
    assert len(load_cifar10("~/given.tar.gz")["y_test"]) == 50


def test_images_are_held_once(tmp_path, monkeypatch):
    """Beyond what it returns, the loader needs less than a quarter of it."""
    monkeypatch.setattr("test_data_full.PER_FILE", 500)
    content = packed(batches(*made_up()))
    pin(monkeypatch, content)
    path = tmp_path / "archive"
    path.write_bytes(content)
    del content
    tracemalloc.start()
    data = load_cifar10(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.25 * sum(array.nbytes for array in data.values())


def last_byte(content):
    return content[:-1] + bytes([content[-1] ^ 1])


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (last_byte, "is not the archive that was published: its SHA-256 is"),
        (lambda content: content[:-1000], "is cut short: "),
        (lambda content: content + b"more", "is another file: "),
        (lambda _: b"<html>not found</html>", "is cut short: 22 bytes, where the archive has"),
        (lambda _: b"", "is cut short: 0 bytes"),
    ],
)
def test_a_file_that_is_not_the_archive_is_refused(file, spoil, said):
    """A wrong hash, a short file and a web page each get a sentence that names the file."""
    file.write_bytes(spoil(file.read_bytes()))
    with pytest.raises(ValueError, match=said) as refusal:
        load_cifar10(file)
    assert str(file) in str(refusal.value)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    """A path that leads nowhere says where the archive is, a folder that it is one."""
    with pytest.raises(FileNotFoundError, match=r"there is no file .*gone; the archive is at http"):
        load_cifar10(tmp_path / "gone")
    with pytest.raises(ValueError, match="is a folder"):
        load_cifar10(tmp_path)


def without(name):
    return lambda files: {n: content for n, content in files.items() if n != name}


def shorter(files):
    return {**files, "data_batch_2.bin": files["data_batch_2.bin"][:-1]}


def label_ten(files):
    return {**files, "data_batch_5.bin": b"\x0a" + files["data_batch_5.bin"][1:]}


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (without("data_batch_3.bin"), "holds no data_batch_3.bin"),
        (without("test_batch.bin"), "holds no test_batch.bin"),
        (shorter, "data_batch_2.bin has 153,649 bytes, not 153,650"),
        (label_ten, "data_batch_5.bin has the label 10"),
    ],
)
def test_an_archive_of_other_files_is_refused(tmp_path, monkeypatch, spoil, said):
    """An archive that unpacks to something else names the file within it that differs."""
    content = packed(spoil(batches(*made_up())))
    pin(monkeypatch, content)
    (tmp_path / "archive").write_bytes(content)
    with pytest.raises(ValueError, match=said):
        load_cifar10(tmp_path / "archive")


@pytest.mark.parametrize(
    "content", [b"no gzip at all", gzip.compress(b"no tar" * 200)], ids=["no gzip", "no tar"]
)
def test_what_cannot_be_unpacked_is_refused(tmp_path, monkeypatch, content):
    """A file whose bytes are no archive gets a sentence, not a traceback out of tarfile."""
    pin(monkeypatch, content)
    (tmp_path / "archive").write_bytes(content)
    with pytest.raises(ValueError, match="cannot be unpacked"):
        load_cifar10(tmp_path / "archive")


# Some of the images, as arrays


@pytest.fixture
def npz(tmp_path):
    X, y = made_up()
    path = tmp_path / "some.npz"
    np.savez(path, X=X[:123], y=y[:123])
    return path


def test_arrays_are_cut_in_proportion(npz):
    """Of an .npz eight tenths are for training and a tenth each for the others, in its order."""
    X, y = made_up()
    data = load_cifar10(npz)
    assert [len(data[f"y_{split}"]) for split in SPLITS] == [99, 12, 12]
    assert np.array_equal(np.concatenate([data[f"y_{split}"] for split in SPLITS]), y[:123])
    assert np.array_equal(data["mean_image"], X[:99].mean(axis=0))
    assert np.array_equal(np.rint(data["X_test"] + data["mean_image"]), X[111:123])


ARRAYS = {
    "no array y": {"X": np.zeros((20, 32, 32, 3), np.uint8)},
    r"X has the shape \(20, 3, 32, 32\)": {"X": np.zeros((20, 3, 32, 32), np.uint8)},
    r"y \(19,\)": {"y": np.zeros(19, np.uint8)},
    "N at least 10": {"X": np.zeros((9, 32, 32, 3), np.uint8), "y": np.zeros(9, np.uint8)},
    "X holds float64 from 0.0 to 0.0": {"X": np.zeros((20, 32, 32, 3))},
    "X holds int64 from 0 to 256": {"X": np.full((20, 32, 32, 3), 256) * (np.arange(3) > 1)},
    "y holds int64 from -1 to -1": {"y": np.full(20, -1)},
    "y holds int64 from 10 to 10": {"y": np.full(20, 10)},
    "damaged": {"y": np.array([{}] * 20)},
}


@pytest.mark.parametrize("said", ARRAYS)
def test_other_arrays_are_refused(tmp_path, said):
    """What is not images and labels is named with both sides, and no pickle is opened."""
    right = {"X": np.zeros((20, 32, 32, 3), np.uint8), "y": np.zeros(20, np.uint8)}
    arrays = ARRAYS[said] if said == "no array y" else {**right, **ARRAYS[said]}
    path = tmp_path / "other.npz"
    np.savez(path, **arrays)
    with pytest.raises(ValueError, match=said):
        load_cifar10(path)


def test_a_damaged_npz_is_refused(npz):
    """An .npz that was cut short is called damaged, with its name."""
    npz.write_bytes(npz.read_bytes()[:-5000])
    with pytest.raises(ValueError, match=r"some\.npz is a damaged \.npz"):
        load_cifar10(npz)
    assert not zipfile.is_zipfile(npz)


# A server on this machine


class Server:
    """Serves files, each request as the next of its manners says; the last one stays."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.manners = [whole]
        self.asked: list[str] = []
        self.done = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append(self.path)
                manner = server.manners.pop(0) if len(server.manners) > 1 else server.manners[0]
                manner(self, server.files[self.path.rsplit("/", 1)[1]], server.done)
                self.close_connection = True

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def close(self) -> None:
        self.done.set()
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


def begin(handler, status, length=None):
    handler.send_response(status)
    if length is not None:
        handler.send_header("Content-Length", str(length))
    handler.end_headers()


def whole(handler, content, _):
    begin(handler, 200, len(content))
    handler.wfile.write(content)


def half(handler, content, _):
    begin(handler, 200, len(content))
    handler.wfile.write(content[: len(content) // 2])


def half_and_no_length(handler, content, _):
    begin(handler, 200)
    handler.wfile.write(content[: len(content) // 2])


def hangs(handler, content, done):
    half(handler, content, done)
    done.wait(60)


def says_nothing(handler, content, done):
    done.wait(60)


def another_file(handler, content, _):
    whole(handler, last_byte(content), _)


def web_page(handler, content, _):
    whole(handler, b"<html>please sign in</html>", _)


def not_found(handler, content, _):
    begin(handler, 404, 0)


def broken(handler, content, _):
    begin(handler, 500, 0)


@pytest.fixture
def server():
    server = Server()
    yield server
    server.close()


@pytest.fixture
def online(server, archive, monkeypatch):
    """The made-up archive, published on this machine."""
    server.files["cifar-10-binary.tar.gz"] = archive
    monkeypatch.setattr(cifar10, "URL", f"{server.url}/cifar-10-binary.tar.gz")
    return server


def test_the_archive_is_downloaded_once(online, capfd):
    """The first call downloads it under a progress bar; the second finds it, silently."""
    first = load_cifar10()
    assert cache() == ["cifar-10-binary.tar.gz"]
    assert "100%" in capfd.readouterr().err
    second = load_cifar10()
    assert np.array_equal(first["X_train"], second["X_train"])
    assert len(online.asked) == 1
    assert "".join(capfd.readouterr()) == ""


FAULTS = {
    half: (ConnectionError, "could not be downloaded"),
    half_and_no_length: (ValueError, "is not kept: .* is cut short"),
    hangs: (ConnectionError, "could not be downloaded .*timed out"),
    says_nothing: (ConnectionError, "could not be downloaded .*timed out"),
    another_file: (ValueError, "is not kept: .* its SHA-256 is"),
    web_page: (ValueError, "is not kept: .* is cut short: 27 bytes"),
    not_found: (ConnectionError, "could not be downloaded .*404"),
    broken: (ConnectionError, "could not be downloaded .*500"),
}


@pytest.mark.parametrize("manner", FAULTS, ids=lambda manner: manner.__name__)
def test_a_bad_download_is_a_sentence_and_leaves_nothing(online, monkeypatch, manner):
    """Whatever a server does, the error says what and how to do without, and nothing stays."""
    kind, said = FAULTS[manner]
    online.manners = [manner, whole]
    with monkeypatch.context() as patch:
        patch.setattr(fetch, "TIMEOUT", 0.3 if manner in (hangs, says_nothing) else fetch.TIMEOUT)
        with pytest.raises(kind, match=said) as refusal:
            load_cifar10()
    assert online.url in str(refusal.value)
    assert "load_cifar10(path=...)" in str(refusal.value)
    assert cache() == []
    assert len(load_cifar10()["y_train"]) == 245  # the next call starts anew
    assert cache() == ["cifar-10-binary.tar.gz"]


def test_no_server_is_a_sentence(online, monkeypatch):
    """Without a network the error says so, and where else the file can come from."""
    monkeypatch.setattr(cifar10, "URL", "http://127.0.0.1:9/cifar-10-binary.tar.gz")
    with pytest.raises(ConnectionError, match=r"could not be downloaded .*by other means"):
        load_cifar10()
    assert cache() == []


@pytest.mark.parametrize("spoil", [last_byte, lambda content: content[:-5], lambda _: b""])
def test_a_spoiled_cache_is_downloaded_again(online, spoil):
    """A file of the cache is verified at each call, and replaced where it is not the right one."""
    load_cifar10()
    (path,) = Path(os.environ["XDG_CACHE_HOME"]).rglob("*.tar.gz")
    path.write_bytes(spoil(path.read_bytes()))
    assert len(load_cifar10()["y_train"]) == 245
    assert len(online.asked) == 2
    assert path.read_bytes() == online.files[path.name]


def test_a_spoiled_cache_stays_until_there_is_a_better_one(online):
    """A download that fails takes nothing away, and what is spoiled is still not believed."""
    load_cifar10()
    (path,) = Path(os.environ["XDG_CACHE_HOME"]).rglob("*.tar.gz")
    path.write_bytes(b"spoiled")
    online.manners = [half]
    with pytest.raises(ConnectionError):
        load_cifar10()
    assert cache() == [path.name]


def test_a_full_disk_is_a_sentence(online):
    """Where the archive does not fit, the error says so, and the half of it is removed."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(OSError, match=r"cannot be written to .*XDG_CACHE_HOME"):
            load_cifar10()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert cache() == []


def test_a_cache_that_cannot_be_made_is_a_sentence(online, tmp_path):
    """Where a file stands in the way of the cache folder, the error names the folder."""
    (tmp_path / "cache").write_text("in the way")
    with pytest.raises(OSError, match="nothing can be kept in"):
        load_cifar10()


# Other processes

CHILD = """
import sys
from reference.data import cifar10
cifar10.PER_FILE, cifar10.SIZE, cifar10.SHA256 = {per_file}, {size}, {sha!r}
cifar10.URL = {url!r}
print("ready", flush=True)
try:
    print(len(cifar10.load_cifar10()["y_train"]))
except KeyboardInterrupt:
    print("interrupted")
"""


def child() -> subprocess.Popen[str]:
    """Another Python that downloads the made-up archive."""
    code = CHILD.format(per_file=PER_FILE, size=cifar10.SIZE, sha=cifar10.SHA256, url=cifar10.URL)
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def wait_for(condition):
    """Wait until something is so, at most a minute."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def test_parallel_callers_all_get_the_images(online):
    """Three processes that call at once each get every image, and one file stays."""
    together = threading.Barrier(3)

    def all_at_once(handler, content, done):
        together.wait(60)
        whole(handler, content, done)

    online.manners = [all_at_once]
    children = [child() for _ in range(3)]
    assert [c.communicate(timeout=60)[0].split() for c in children] == [["ready", "245"]] * 3
    assert len(online.asked) == 3
    assert cache() == ["cifar-10-binary.tar.gz"]


@pytest.mark.parametrize(
    ("number", "said", "left"), [(signal.SIGINT, "interrupted", 0), (signal.SIGKILL, "", 1)]
)
def test_an_interrupted_download_starts_anew(online, number, said, left):
    """Ctrl-C leaves nothing; a kill leaves a part that nobody takes for the file."""
    online.manners = [hangs, whole]
    process = child()
    arriving = f"{fetch.LEFT_OVER}*/*.gz"
    home = Path(os.environ["XDG_CACHE_HOME"]) / "backprop-by-the-book"
    wait_for(lambda: any(p.stat().st_size for p in home.glob(arriving)))
    process.send_signal(number)
    assert process.communicate(timeout=60)[0].replace("ready", "").strip() == said
    assert len(list(home.glob(f"{fetch.LEFT_OVER}*"))) == left
    assert len(load_cifar10()["y_train"]) == 245
    assert (home / "cifar-10-binary.tar.gz").exists()


def test_old_parts_are_swept_out(online):
    """What a killed download left is removed by a later one after a day, and not before."""
    home = Path(os.environ["XDG_CACHE_HOME"]) / "backprop-by-the-book"
    old, new = home / f"{fetch.LEFT_OVER}old", home / f"{fetch.LEFT_OVER}new"
    for folder in (old, new):
        folder.mkdir(parents=True)
        (folder / "part").write_bytes(b"part")
    os.utime(old, (0, time.time() - 2 * fetch.DAY))
    load_cifar10()
    assert (old.exists(), new.exists()) == (False, True)


@pytest.mark.parametrize("name", ["pooch", "tqdm"])
def test_without_pooch_a_sentence_says_what_to_install(monkeypatch, file, name):
    """The extra is named, and so is the way that needs none; a given file needs none."""
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ModuleNotFoundError, match=rf"{name}.*\.\[data\].*path=\.\.\."):
        load_cifar10()
    assert len(load_cifar10(file)["y_train"]) == 245


# All of Fashion-MNIST


def idx(array):
    head = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return head + array.astype(np.uint8).tobytes()


@pytest.fixture
def fashion(monkeypatch, tmp_path):
    """A made-up set of 240 training and 40 test images in the published format, pinned."""
    rng = np.random.default_rng(1)
    arrays, files, pins = {}, {}, {}
    for source, n in {"train": 240, "t10k": 40}.items():
        X, y = rng.integers(0, 256, (n, 28, 28)), rng.integers(0, 10, n)
        for kind, array in {"images-idx3": X, "labels-idx1": y}.items():
            name = f"{source}-{kind}-ubyte"
            arrays[name], content = array, idx(array)
            files[f"{name}.gz"] = gzip.compress(content)
            pins[name] = hashlib.sha256(content).hexdigest()
    monkeypatch.setattr(published, "SHA256", pins)
    monkeypatch.setattr(published, "DEBIAN", tmp_path / "no-debian")
    return arrays, files


def write(folder, files):
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def test_the_full_set_is_cut_and_centred(fashion, tmp_path):
    """All images come in the published order: the last twelfth of training is for validation."""
    arrays, files = fashion
    data = load_fashion_mnist(full=True, path=write(tmp_path / "four", files))
    X, y = arrays["train-images-idx3-ubyte"], arrays["train-labels-idx1-ubyte"]
    assert [data[f"X_{split}"].shape for split in SPLITS] == [(n, 28, 28) for n in (220, 20, 40)]
    assert np.array_equal(data["mean_image"], X[:220].mean(axis=0))
    assert np.array_equal(np.rint(data["X_val"] + data["mean_image"]), X[220:])
    assert np.array_equal(data["y_val"], y[220:])
    assert np.array_equal(data["y_test"], arrays["t10k-labels-idx1-ubyte"])


def test_debian_comes_before_the_network(fashion, server, monkeypatch):
    """Where Debian's package is installed, nothing is downloaded; a given path comes first."""
    _, files = fashion
    write(published.DEBIAN, files)
    monkeypatch.setattr(published, "URL", server.url)
    assert len(load_fashion_mnist(full=True)["y_train"]) == 220
    assert server.asked == []
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        load_fashion_mnist(full=True, path=published.DEBIAN.with_name("elsewhere"))


def test_the_four_files_are_downloaded_once(fashion, server, monkeypatch, tmp_path):
    """Without path and Debian the four files are fetched, verified, and found the next time."""
    _, files = fashion
    server.files.update(files)
    monkeypatch.setattr(published, "URL", server.url)
    for _ in range(2):
        assert len(load_fashion_mnist(full=True)["y_train"]) == 220
    assert len(server.asked) == 4
    assert cache() == sorted(files)


@pytest.mark.parametrize("manner", [half, another_file, not_found], ids=lambda m: m.__name__)
def test_a_bad_download_of_one_of_four(fashion, server, monkeypatch, manner):
    """The file that failed is named, those that were right stay, and the next call goes on."""
    _, files = fashion
    server.files.update(files)
    monkeypatch.setattr(published, "URL", server.url)
    server.manners = [whole, whole, manner, whole]
    with pytest.raises((ValueError, ConnectionError), match=r"t10k-images.*apt install"):
        load_fashion_mnist(full=True)
    assert cache() == ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"]
    assert len(load_fashion_mnist(full=True)["y_test"]) == 40
    assert len(server.asked) == 5


def test_a_path_without_full_is_refused(tmp_path):
    """A folder that would not be read is not silently passed over."""
    with pytest.raises(ValueError, match="full=True"):
        load_fashion_mnist(path=tmp_path)


def test_the_real_full_set():
    """The published files make 55,000, 5,000 and 10,000 images, with a spread near 75."""
    if not published.DEBIAN.is_dir():
        pytest.skip("Debian's package dataset-fashion-mnist is not installed")
    data = load_fashion_mnist(full=True)
    assert [len(data[f"X_{split}"]) for split in SPLITS] == [55_000, 5_000, 10_000]
    assert np.bincount(data["y_test"]).tolist() == [1000] * 10
    assert 74 < data["X_val"].std() < 77


# The images that the chapters run on


def test_by_default_the_chapters_run_on_the_package(monkeypatch):
    """Unset, empty or by name: the images of load_fashion_mnist, and the names of its classes."""
    want = load_fashion_mnist()
    for name in (None, "", "fashion-mnist"):
        if name is not None:
            monkeypatch.setenv("DATA", name)
        data = load_images()
        assert data.pop("class_names").tolist() == list(FASHION_CLASSES)
        assert list(data) == list(want)
        assert all(np.array_equal(data[key], want[key]) for key in want)


def test_data_names_other_images(monkeypatch, npz):
    """DATA=cifar10 gives what DATA_PATH holds, all of it where that is less than the package's."""
    monkeypatch.setenv("DATA", "cifar10")
    monkeypatch.setenv("DATA_PATH", str(npz))
    data = load_images()
    assert data.pop("class_names").tolist() == list(CIFAR_CLASSES)
    want = load_cifar10(npz)
    assert all(np.array_equal(data[key], want[key]) for key in want)


def test_data_without_a_path_is_downloaded(monkeypatch, online):
    """DATA=cifar10 alone fetches the archive."""
    monkeypatch.setenv("DATA", "cifar10")
    assert len(load_images()["y_train"]) == 245
    assert len(online.asked) == 1


def test_as_many_images_as_the_package_has(monkeypatch, file):
    """Of a larger set the first images of each class are taken, and centred on their own mean."""
    monkeypatch.setenv("DATA", "cifar10")
    monkeypatch.setenv("DATA_PATH", str(file))
    monkeypatch.setattr(chosen, "PER_CLASS", {"train": 7, "val": 50, "test": 3})
    data, whole_set = load_images(), cifar10.read_cifar10(file)
    assert np.bincount(data["y_train"]).tolist() == [7] * 10
    assert np.bincount(data["y_test"]).tolist() == [3] * 10
    assert np.array_equal(data["y_val"], whole_set["y_val"])
    assert np.abs(data["X_train"].mean(axis=0)).max() < 1e-10  # 70 roundings of 1e-14
    for c in range(10):
        first = whole_set["X_train"][whole_set["y_train"] == c][:7]
        ours = np.rint(data["X_train"][data["y_train"] == c] + data["mean_image"])
        assert np.array_equal(ours, first)


@pytest.mark.parametrize(
    ("name", "path", "said"),
    [
        ("cifar100", "", "DATA=cifar100 names no images; there are fashion-mnist, cifar10"),
        ("", "some.npz", "DATA_PATH=some.npz would not be read"),
        ("fashion-mnist", "some.npz", "DATA_PATH=some.npz would not be read"),
    ],
)
def test_what_names_no_images_is_refused(monkeypatch, name, path, said):
    """An unknown DATA gets the list, and a DATA_PATH that nothing would read is not passed over."""
    monkeypatch.setenv("DATA", name)
    monkeypatch.setenv("DATA_PATH", path)
    with pytest.raises(ValueError, match=said):
        load_images()
