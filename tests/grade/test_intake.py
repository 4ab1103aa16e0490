"""Every way of handing in is read, and nothing that a zip can do gets out of it."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from checks.grade.intake import absent, roster, submissions
from checks.refusal import RefusalError

CODE = "def relu_forward(x):\n    return x, x\n"


def put(path: Path, text: str = CODE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_folders_files_and_zips(tmp_path: Path) -> None:
    """Folders, files and zips are one submission each, by their names; other files are none."""
    put(tmp_path / "ann" / "layers.py")
    put(tmp_path / "bob.py")
    put(tmp_path / "notes.txt")
    with zipfile.ZipFile(tmp_path / "cy.zip", "w") as packed:
        packed.writestr("work/layers.py", CODE)
    found = submissions(tmp_path)
    assert [one.key for one in found] == ["ann", "bob", "cy"]
    assert [list(one.files().texts) for one in found] == [
        ["layers.py"],
        ["bob.py"],
        ["work/layers.py"],
    ]


def test_same_names_are_told_apart(tmp_path: Path) -> None:
    """work.py and work.zip are two submissions under two keys."""
    put(tmp_path / "work.py")
    zipfile.ZipFile(tmp_path / "work.zip", "w").close()
    assert [one.key for one in submissions(tmp_path)] == ["work", "work (2)"]


def test_canvas_counts_the_last_version(tmp_path: Path) -> None:
    """Of a file that was handed in three times the third counts, late or not, and it is said."""
    put(tmp_path / "doejane_123_900_layers.py", "first = 1\n")
    put(tmp_path / "doejane_LATE_123_901_layers-2.py", "third = 1\n")
    put(tmp_path / "doejane_123_902_layers-1.py", "second = 1\n")
    put(tmp_path / "doejane_123_903_optim.py")
    put(tmp_path / "roe_LATE_77_904_all.py")
    jane, roe = submissions(tmp_path)
    assert (jane.key, jane.name, jane.ids) == ("doejane_123", "doejane", ("123",))
    texts = jane.files().texts
    assert sorted(text.split()[0] for text in texts.values()) == ["def", "third"]
    assert len(jane.remarks) == 2
    assert roe.key == "roe_77"


def test_moodle_and_gradescope(tmp_path: Path) -> None:
    """Moodle's folders and Gradescope's metadata name their students."""
    put(tmp_path / "moodle" / "Jane Doe_55_assignsubmission_file" / "a.py")
    (jane,) = submissions(tmp_path / "moodle")
    assert (jane.name, jane.ids) == ("Jane Doe", ("55",))
    put(tmp_path / "scope" / "submission_9" / "a.py")
    put(
        tmp_path / "scope" / "submission_metadata.yml",
        "submission_9:\n  :submitters:\n  - :name: Jane Doe\n    :email: jane@example.org\n",
    )
    (jane,) = submissions(tmp_path / "scope")
    assert (jane.key, jane.name, jane.ids) == ("submission_9", "Jane Doe", ("jane@example.org",))


def test_zips_stay_inside(tmp_path: Path) -> None:
    """Names that lead out, links and swelling files are left aside with a reason, the rest read."""
    path = tmp_path / "evil.zip"
    link = zipfile.ZipInfo("link.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("../../out.py", CODE)
        packed.writestr("/absolute.py", CODE)
        packed.writestr("..\\windows.py", CODE)
        packed.writestr(link, "/etc/passwd")
        packed.writestr("bomb.py", b"0" * (1 << 24))
        packed.writestr("fine.py", CODE)
    (one,) = submissions(tmp_path)
    files = one.files()
    assert list(files.texts) == ["fine.py"]
    assert len(files.remarks) == 5
    assert not list(tmp_path.glob("**/out.py"))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 no zip", b"\x00" * 100])
def test_what_is_no_zip_is_an_empty_submission(tmp_path: Path, data: bytes) -> None:
    """A zip that cannot be read is a submission without files and with a remark."""
    (tmp_path / "broken.zip").write_bytes(data)
    (one,) = submissions(tmp_path)
    files = one.files()
    assert not files.texts
    assert files.remarks


def test_who_is_missing(tmp_path: Path) -> None:
    """Those of a roster without a submission are listed; an unknown column is refused by name."""
    put(tmp_path / "in" / "ann.py")
    list_of = put(tmp_path / "list.csv", "login,section\nANN,1\nbob,1\n")
    assert absent(roster(list_of, "login"), submissions(tmp_path / "in")) == ["bob"]
    with pytest.raises(RefusalError, match="no column 'key'; there are login, section"):
        roster(list_of, "key")


def test_nothing_handed_in_is_refused(tmp_path: Path) -> None:
    """An empty folder, a file and a missing folder each get a sentence."""
    with pytest.raises(RefusalError, match="there is no submission"):
        submissions(tmp_path)
    with pytest.raises(RefusalError, match="not there"):
        submissions(tmp_path / "none")
    with pytest.raises(RefusalError, match="a file; its folder"):
        submissions(put(tmp_path / "a.py"))
