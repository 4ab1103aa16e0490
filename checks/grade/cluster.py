"""Many machines: submissions in batches to dask.distributed, records back.

A scheduler runs whatever it is sent, so it is spoken to over TLS with certificates or
not at all; on one machine it is started for the run and ends with it. What travels are
texts and plain records; each machine makes its own sandbox, and refuses without one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks.files import Files
from checks.grade.intake import Submission
from checks.grade.judge import Rules, fault
from checks.grade.pool import Bench, Shelter
from checks.grade.records import Record
from checks.refusal import RefusalError

SMALLEST, LARGEST = 20, 100  # submissions in a task: below, the scheduler costs more than they do
_one_at_a_time = threading.Lock()  # a judge keeps things for its whole process
TASKS_EACH = 4  # for every process of the cluster, so that all end at about the same time


@dataclass(frozen=True)
class Cluster:
    """Where the scheduler is, and how it is known.

    Args:
        scheduler: ``tls://HOST:PORT``; empty for one of the run's own on this machine.
        ca, cert, key: files in PEM.
    """

    scheduler: str = ""
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None

    def __post_init__(self) -> None:
        if self.scheduler and not self.scheduler.startswith("tls://"):
            raise RefusalError(
                f"--scheduler {self.scheduler} is not encrypted, and runs any code that anybody "
                "sends to it: asked for is tls://HOST:PORT, with --tls-ca, --tls-cert and --tls-key"
            )
        if self.scheduler and not (self.ca and self.cert and self.key):
            raise RefusalError("tls:// needs all of --tls-ca, --tls-cert and --tls-key")
        for path in filter(None, (self.ca, self.cert, self.key)):
            if not path.is_file():
                raise RefusalError(f"there is no file {path}, which TLS is to be spoken with")


@dataclass(frozen=True)
class Carried:
    """A submission that was read already, because its files are not where it is graded."""

    key: str
    name: str
    read: Files
    ids: tuple[str, ...] = ()

    def files(self) -> Files:
        """What was read."""
        return self.read


def grade_there(
    todo: Sequence[Submission], rules: Rules, shelter: Shelter, cluster: Cluster, processes: int
) -> Iterator[Record]:
    """Grade submissions on a cluster; their records as they come.

    Raises:
        RefusalError: the library is missing, or the scheduler cannot be reached.
    """
    try:
        import distributed
    except ImportError:
        raise RefusalError(
            "--engine dask needs dask.distributed:  pip install 'backprop-by-the-book[cluster]'"
        ) from None
    with _client(distributed, cluster, processes) as client:
        workers = max(1, sum(client.nthreads().values()))
        size = min(LARGEST, max(SMALLEST, -(-len(todo) // (workers * TASKS_EACH))))
        batches: dict[Any, list[Carried]] = {}
        for i in range(0, len(todo), size):
            carried = [_carried(one, rules) for one in todo[i : i + size]]
            yield from (one for one in carried if not isinstance(one, Carried))
            batch = [one for one in carried if isinstance(one, Carried)]
            if batch:
                sent = client.submit(_batch, batch, rules=rules, shelter=shelter, pure=False)
                batches[sent] = batch
        for future in distributed.as_completed(list(batches), loop=client.loop):
            try:
                yield from future.result()
            except RefusalError:
                raise
            except Exception as error:  # its machine was lost, each time
                for one in batches[future]:
                    why = f"the cluster lost it: {error}"[:300]
                    yield fault(one.key, one.name, "", rules, why)


def _carried(one: Submission, rules: Rules) -> Carried | Record:
    """Read a submission here; the record of a fault where that cannot be done."""
    try:
        return Carried(one.key, one.name, one.files(), one.ids)
    except Exception as error:
        return fault(one.key, one.name, "", rules, f"{type(error).__name__}: {error}"[:300])


def _client(distributed: Any, cluster: Cluster, processes: int) -> Any:
    if not cluster.scheduler:
        return distributed.Client(
            n_workers=max(1, processes),
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            silence_logs=50,
            set_as_default=False,
        )
    security = distributed.Security(
        tls_ca_file=str(cluster.ca),
        tls_client_cert=str(cluster.cert),
        tls_client_key=str(cluster.key),
        require_encryption=True,
    )
    try:
        return distributed.Client(
            cluster.scheduler, security=security, timeout=10, set_as_default=False
        )
    except (OSError, TimeoutError) as error:
        raise RefusalError(f"the scheduler {cluster.scheduler} does not answer: {error}") from None


def _batch(batch: Sequence[Carried], rules: Rules, shelter: Shelter) -> list[Record]:
    """Grade some submissions, on the machine that runs this."""
    with _one_at_a_time, closing(Bench(rules, shelter)) as bench:
        return [bench.grade(one) for one in batch]
