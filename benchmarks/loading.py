"""What it costs to load images: processor time, and the most memory that Python held.

    python -m benchmarks.loading

Each loader runs in a Python of its own. Of CIFAR-10, which is not in this project, an archive of
the published size is made up: its pixels are noise, its records and its files are in place.
"""

import hashlib
import io
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.measure import once, progress, record
from reference.data import cifar10
from reference.data.published import DEBIAN

CHILD = """
import resource, sys
from reference.data import cifar10, load_cifar10, load_fashion_mnist
cifar10.SIZE, cifar10.SHA256 = {pin!r}
data = {call}
held = sum(array.nbytes for array in data.values())
scale = 1 if sys.platform == "darwin" else 1024
most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale
open({output!r}, "w").write(f"{{held}} {{most}}")
"""


def made_up(path: Path) -> tuple[int, str]:
    """Write an archive of noise in the published format; its size and its hash."""
    rng = np.random.default_rng(0)
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for name in cifar10.FILES:
            shape = (cifar10.PER_FILE, cifar10.RECORD)
            records = rng.integers(0, 256, shape, dtype=np.uint8)
            records[:, 0] %= 10
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = records.nbytes
            archive.addfile(member, io.BytesIO(records.tobytes()))
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


def main(rounds: int = 3) -> None:
    """Load everything that there is to load on this machine, and write the table."""
    calls = {"load_fashion_mnist()": "load_fashion_mnist()"}
    if DEBIAN.is_dir():
        calls["load_fashion_mnist(full=True)"] = "load_fashion_mnist(full=True)"
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "made-up.tar.gz"
        pin = made_up(archive)
        calls["load_cifar10(path), noise"] = f"load_cifar10({str(archive)!r})"
        for name, call in calls.items():
            progress(name)
            output = Path(folder) / "output"
            code = CHILD.format(pin=pin, call=call, output=str(output))
            costs = [once([sys.executable, "-c", code]) for _ in range(rounds)]
            held, most = map(int, output.read_text().split())
            rows.append(
                {
                    "call": name,
                    "seconds": round(min(cost.processor for cost in costs), 2),
                    "arrays, MB": round(held / 1e6),
                    "most held, MB": round(most / 1e6),
                }
            )
    progress("")
    record("loading", rows, command="python -m benchmarks.loading")


if __name__ == "__main__":
    main()
