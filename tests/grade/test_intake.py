"""Every way of handing in is read, and nothing that a zip can do gets out of it."""

from __future__ import annotations

import errno
import stat
import zipfile
from pathlib import Path

import pytest

from checks.grade.intake import Submission, others, roster, submissions
from checks.grade.seeds import digest
from checks.refusal import RefusalError
from checks.show.problems import problem

CODE = "def relu_forward(x):\n    return x, x\n"


def put(path: Path, text: str = CODE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def said(one: Submission) -> str:
    """All that intake and reading remark on, in words."""
    return " ".join(
        line for each in one.files().remarks for line in problem(each.kind, each.where, each.detail)
    )


def test_folders_files_and_zips(tmp_path: Path) -> None:
    """Folders, files and zips are one submission each, by their names; other files are told."""
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
    assert others(tmp_path) == ["notes.txt"]


def test_same_names_are_one_student(tmp_path: Path) -> None:
    """work.py, work.ZIP and the folder work are one submission; no text takes another's place."""
    put(tmp_path / "work.py")
    put(tmp_path / "work" / "work.py", "other = 1\n")
    for ending in ("ZIP", "zip"):
        with zipfile.ZipFile(tmp_path / f"work.{ending}", "w") as packed:
            packed.writestr("work.py", f"{ending} = 1\n")
    (one,) = submissions(tmp_path)
    texts = one.files().texts
    assert one.key == "work"
    assert sorted(texts.values()) == sorted([CODE, "other = 1\n", "ZIP = 1\n", "zip = 1\n"])


def test_endings_in_capitals(tmp_path: Path) -> None:
    """HW1.PY and HW1.ZIP are what hw1.py and hw1.zip are, at the top and in a folder."""
    put(tmp_path / "ann.PY")
    put(tmp_path / "bob" / "HW1.PY")
    assert [len(one.files().texts) for one in submissions(tmp_path)] == [1, 1]


def test_a_zip_in_a_folder_is_opened(tmp_path: Path) -> None:
    """A course system puts a student's zip into a folder; it is read as if unpacked there."""
    place = tmp_path / "Ann Lee_20_assignsubmission_file_"
    place.mkdir()
    with zipfile.ZipFile(place / "hw.zip", "w") as packed:
        packed.writestr("layers.py", CODE)
        packed.writestr("more.rar", b"")
    put(place / "rest.tar.gz")
    (ann,) = submissions(tmp_path)
    assert list(ann.files().texts) == ["hw/layers.py"]
    assert "more.rar was not opened" in said(ann)
    assert "rest.tar.gz was not opened" in said(ann)


def test_nothing_to_judge_is_said(tmp_path: Path) -> None:
    """Where there is no Python at all, a remark names what there is."""
    put(tmp_path / "ann" / "hw1.pdf")
    put(tmp_path / "bob" / "hw1.py")
    ann, bob = submissions(tmp_path)
    assert said(ann) == "No Python was found in what was handed in: hw1.pdf."
    assert said(bob) == ""


def test_what_may_not_be_read_is_no_submission_of_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that this process may not open is an error, not nought; a link to nothing is not."""
    put(tmp_path / "ann" / "layers.py")
    (tmp_path / "ann" / "more.py").symlink_to("nowhere.py")
    (ann,) = submissions(tmp_path)
    assert list(ann.files().texts) == ["layers.py"]

    def closed(path: Path) -> bytes:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", closed)
    with pytest.raises(OSError, match=r"layers\.py: Permission denied"):
        ann.files()


def test_reports_are_nobodys_submission(tmp_path: Path) -> None:
    """--out inside the submissions is left alone; the folder itself is refused."""
    put(tmp_path / "ann.py")
    put(tmp_path / "marks" / "students" / "x.py")
    assert [one.key for one in submissions(tmp_path, tmp_path / "marks")] == ["ann"]
    with pytest.raises(RefusalError, match="is the folder of the submissions"):
        submissions(tmp_path, tmp_path / "marks" / "..")


def test_canvas_counts_the_last_version(tmp_path: Path) -> None:
    """Of a file that was handed in three times the third counts, late or not, and it is said."""
    put(tmp_path / "doejane_123_900_layers.py", "first = 1\n")
    put(tmp_path / "doejane_LATE_123_901_layers-2.py", "third = 1\n")
    put(tmp_path / "doejane_123_902_layers-1.py", "second = 1\n")
    put(tmp_path / "doejane_123_903_optim.py")
    put(tmp_path / "roe_LATE_77_904_all.py")
    jane, roe = submissions(tmp_path)
    assert (jane.key, jane.name, jane.ids) == ("doejane_123", "doejane", ("123",))
    assert jane.files().texts == {"layers.py": "third = 1\n", "optim.py": CODE}
    assert said(jane).count("handed in after it") == 2
    assert "handed in late" in said(jane)
    assert (roe.key, roe.late, roe.system) == ("roe_77", True, "canvas")


def test_canvas_gives_files_their_names_back(tmp_path: Path) -> None:
    """One file imports the other by the name that it had; another upload is the same text."""
    put(tmp_path / "a" / "joe_1_901_helpers.py")
    put(tmp_path / "a" / "joe_1_902_report.pdf")
    put(tmp_path / "b" / "joe_1_999_helpers.py")
    (first,), (second,) = submissions(tmp_path / "a"), submissions(tmp_path / "b")
    assert list(first.files().texts) == ["helpers.py"]
    assert digest(first.files()) == digest(second.files())
    assert said(first) == "report.pdf was not opened: .py, .ipynb and .zip are."


def test_moodle_and_gradescope(tmp_path: Path) -> None:
    """Moodle's folders and Gradescope's metadata name their students."""
    put(tmp_path / "moodle" / "Jane Doe_55_assignsubmission_file" / "a.py")
    put(tmp_path / "moodle" / "Jane Doe_55_assignsubmission_onlinetext_" / "onlinetext.html")
    put(tmp_path / "moodle" / "Bo Li_56_assignsubmission_file_hw1.py")
    put(tmp_path / "moodle" / "Bo Li_56_assignsubmission_file_util.py")
    bo, jane = submissions(tmp_path / "moodle")
    assert (jane.name, jane.ids, jane.system) == ("Jane Doe", ("55",), "moodle")
    assert list(jane.files().texts) == ["a.py"]
    assert (bo.ids, sorted(bo.files().texts)) == (("56",), ["hw1.py", "util.py"])
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


def test_remarks_have_an_end(tmp_path: Path) -> None:
    """Thousands of things to remark on in a zip are not thousands of remarks."""
    with zipfile.ZipFile(tmp_path / "ann.zip", "w") as packed:
        for i in range(300):
            packed.writestr(f"{i}.zip", b"")
    (ann,) = submissions(tmp_path)
    assert len(ann.files().remarks) <= 101


def test_one_damaged_file_of_a_zip(tmp_path: Path) -> None:
    """What is damaged is named, and the rest is read."""
    with zipfile.ZipFile(tmp_path / "ann.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("bad.py", CODE * 50)
        packed.writestr("good.py", CODE)
        at = packed.getinfo("bad.py").header_offset + 40
    data = bytearray((tmp_path / "ann.zip").read_bytes())
    data[at : at + 8] = b"\xff" * 8
    (tmp_path / "ann.zip").write_bytes(data)
    (ann,) = submissions(tmp_path)
    assert list(ann.files().texts) == ["good.py"]
    assert "bad.py cannot be read: it is damaged" in said(ann)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 no zip", b"\x00" * 100])
def test_what_is_no_zip_is_an_empty_submission(tmp_path: Path, data: bytes) -> None:
    """A zip that cannot be read is a submission without files and with a remark."""
    (tmp_path / "broken.zip").write_bytes(data)
    (one,) = submissions(tmp_path)
    files = one.files()
    assert not files.texts
    assert files.remarks


def test_who_is_missing(tmp_path: Path) -> None:
    """Those of a roster without a submission are listed, and those who are in no roster."""
    put(tmp_path / "in" / "ann.py")
    put(tmp_path / "in" / "jose\u0301.py")  # as macOS writes it
    put(tmp_path / "in" / "eve.py")
    list_of = put(tmp_path / "list.csv", "login;section\nANN;1\nbob;1\njos\xe9;2\n")
    listed, handed_in = roster(list_of, "login"), submissions(tmp_path / "in")
    assert listed.absent(handed_in) == ["bob"]
    assert listed.strangers(handed_in) == ["eve"]
    with pytest.raises(RefusalError, match="no column 'key'; there are login, section"):
        roster(list_of, "key")
    with pytest.raises(RefusalError, match=r"none of the 3 .* Its columns are login, section"):
        roster(list_of, "section").strangers(handed_in)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"login\n\xe9mile\n", "is not UTF-8; save it again"),
        (b"", "no row below its headings"),
        (b"login\n \n", "has nobody in its column"),
    ],
)
def test_a_roster_that_is_none(tmp_path: Path, data: bytes, says: str) -> None:
    """Each way of being no list of students has its sentence."""
    (tmp_path / "list.csv").write_bytes(data)
    with pytest.raises(RefusalError, match=says):
        roster(tmp_path / "list.csv", "login")


def test_nothing_handed_in_is_refused(tmp_path: Path) -> None:
    """An empty folder, a file and a missing folder each get a sentence."""
    with pytest.raises(RefusalError, match="there is no submission"):
        submissions(tmp_path)
    with pytest.raises(RefusalError, match="not there"):
        submissions(tmp_path / "none")
    with pytest.raises(RefusalError, match="a file; its folder"):
        submissions(put(tmp_path / "a.py"))
