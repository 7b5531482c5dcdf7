"""Whatever stands in a table beside pictures: it is read, or refused with a sentence, in little time and memory."""

from __future__ import annotations

import csv
import io
import resource
import shutil
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PIL import Image

from lib.core.errors import UserError
from lib.importing import asking
from lib.importing.options import Options
from lib.importing.parsed import Parsed
from lib.importing.tree import Tree

pytestmark = pytest.mark.slow

PICTURES = ("a.png", "b.png", "sub/c.png", "0012.png")
#: Seconds of the processor that a table of a few KB may take, and MB by which the process may grow through all of them.
SECONDS, GROWTH = 2.0, 150
_cells = st.one_of(
    st.sampled_from([
        *PICTURES, "a", "12", "missing.png", "../a.png", "file", "label", "labels", "x", "y", "split", "train", "valid",
        "is_valid", "True", "cat", "dog", "cat dog", "cat;dog", "cat|dog", "[1, 2]", "['cat']", "{", "nan", "inf", "-1",
        "1e999", "0,5", "1.5", "1,2", "", " ", "=1+1", "\0", "\ufeff", "\u2028", "é", "💥", "9" * 400, '"', "'", "#",
        "(1,2)", "p1_x", "p1_y", "x1", "y1", "xmin", "group", "person",
    ]),
    st.text(max_size=6),
    st.floats().map(repr),
    st.integers().map(str),
)  # fmt: skip
_encodings = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252"])


@st.composite
def _tables(draw) -> bytes:
    """Draw a table in any dialect and encoding, often with rows of other lengths; sometimes damaged."""
    width = draw(st.integers(1, 6))
    rows = draw(st.lists(st.lists(_cells, min_size=max(0, width - 1), max_size=width + 1), max_size=8))
    if draw(st.integers(0, 3)):
        names = draw(st.permutations(PICTURES))
        rows = [["file", *draw(st.lists(_cells, min_size=width, max_size=width))], *rows]
        for number, row in enumerate(rows[1:]):
            row[:1] = [names[number % len(names)]]
    delimiter, line = draw(st.sampled_from(",;\t|")), draw(st.sampled_from(["\n", "\r\n", "\r"]))
    if draw(st.booleans()):
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter, lineterminator=line).writerows(rows)
        text = out.getvalue()
    else:
        text = line.join(delimiter.join(row) for row in rows)
    content = text.encode(draw(_encodings), errors="replace")
    if content and not draw(st.integers(0, 3)):
        at = draw(st.integers(0, len(content)))
        content = content[:at] + draw(st.binary(max_size=5)) + content[at + draw(st.integers(0, 9)) :]
    return content * draw(st.sampled_from([1, 1, 1, 2]))


_contents = st.one_of(_tables(), _tables(), st.binary(max_size=300))
_names = st.sampled_from(["labels.csv", "labels.csv", "train.csv", "labels.tsv", "labels.txt", "LABELS.CSV"])
_settings = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def folder():
    """Return a folder of four pictures."""
    with tempfile.TemporaryDirectory() as root:
        for name in PICTURES:
            path = Path(root, name)
            path.parent.mkdir(exist_ok=True)
            Image.new("RGB", (8, 6)).save(path)
        yield Path(root)


def _read(folder: Path, files: dict[str, bytes], task: str | None) -> Parsed | UserError:
    """Return what a source says, or why it cannot be read."""
    source = Path(tempfile.mkdtemp(dir=folder.parent))
    try:
        shutil.copytree(folder, source, dirs_exist_ok=True)
        for name, content in files.items():
            (source / name).write_bytes(content)
        return asking.read(Tree(source), Options("fuzz", task=task))[0]
    except UserError as error:
        return error
    finally:
        shutil.rmtree(source)


def _highest_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


_before: list[float] = []
_tasks = st.sampled_from([None, None, "single-label", "multi-label", "regression", "keypoints"])


def _check(folder: Path, files: dict[str, bytes], task: str | None) -> None:
    began = time.process_time()
    result = _read(folder, files, task)
    assert time.process_time() - began < SECONDS
    if not _before:
        _before.append(_highest_mb())
    assert _highest_mb() - _before[0] < GROWTH
    if isinstance(result, UserError):
        words = str(result)
        assert 10 < len(words) < 3000 and "Traceback" not in words and "errno" not in words.lower()
    else:
        assert len(result.files) == len(result.targs) <= 2 * len(PICTURES) * 20
        assert set(result.files) <= set(PICTURES)


@given(name=_names, content=_contents, task=_tasks)
@settings(_settings, max_examples=150)
def test_any_bytes_are_a_table_or_a_sentence(folder, name, content, task):
    """Any bytes as a table beside pictures: targets of those pictures alone, or one sentence; never a traceback."""
    _check(folder, {name: content}, task)


@given(one=_contents, other=_contents, task=_tasks)
@settings(_settings, max_examples=40)
def test_any_two_tables_are_read_or_refused(folder, one, other, task):
    """Two tables of any bytes beside each other, of which one may say the splits or contradict the other."""
    _check(folder, {"labels.csv": one, "valid.csv": other}, task)
