"""Files that are too large, and numbers with thousands of digits, are answered in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from lib.core import json_files, patterns
from lib.core.errors import UserError
from lib.core.questions import requests
from lib.core.workspace import Workspace
from lib.importing import untrusted
from lib.importing.dry_run import dry_run
from lib.importing.formats.name_pattern import PATTERN_CHOICE
from lib.importing.questions import ask, limits
from lib.importing.questions.ask import ImportQuestion, Imports
from lib.importing.questions.worker import Worker

DIGITS = "9" * 5001  # Python reads no text of so many digits as an integer
COCO = '{"images": [%s], "annotations": [%s], "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]}'
PICTURES = [f"p{number}.png" for number in range(4)]


def source_with(folder: Path, **files: str) -> Path:
    """Write four pictures and files, called as their keywords with ``__`` for the dot."""
    folder.mkdir()
    for number, name in enumerate(PICTURES):
        Image.new("RGB", (20, 10), (number * 30, 0, 0)).save(folder / name)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder


def answered(source: Path, tmp_path: Path, **options) -> str:
    """Return what is said of a source: refused in a sentence, or read."""
    try:
        trial = dry_run(Workspace(tmp_path / "workspace"), source, **options)
    except UserError as error:
        return str(error)
    return trial.error or trial.format


NUMBERS = {
    "label": {
        "t__csv": "file,label\n" + "".join(f"{name},{DIGITS if n % 2 else 7}\n" for n, name in enumerate(PICTURES))
    },
    "one-hot": {"t__csv": "file,cat,dog\n" + "".join(f"{name},{DIGITS},0\n" for name in PICTURES)},
    "point": {"t__csv": "file,a_x,a_y\n" + "".join(f"{name},{DIGITS},1\n" for name in PICTURES)},
    "header": {"t__csv": f"file,0,1,2,{DIGITS}\n" + "".join(f"{name},1,2,3,4\n" for name in PICTURES)},
    "COCO id": {"x__json": COCO % (f'{{"id": {DIGITS}, "file_name": "p0.png"}}', "")},
    "COCO box": {"x__json": COCO % ('{"id": 1, "file_name": "p0.png"}', f'{{"image_id": 1, "bbox": [{DIGITS}]}}')},
    "Label Studio": {"x__json": f'[{{"id": {DIGITS}, "annotations": [], "data": {{"image": "p0.png"}}}}]'},
    "JSON Lines": {"metadata__jsonl": "".join(f'{{"file_name": "{name}", "label": {DIGITS}}}\n' for name in PICTURES)},
    "YOLO nc": {"data__yaml": f"nc: {DIGITS}\nnames: [cat, dog]\ntrain: .\n"},
    "YOLO names": {"data__yaml": f"names:\n  {DIGITS}: cat\n  1: dog\ntrain: .\n"},
    "YOLO row": {
        "data__yaml": "names: [cat, dog]\ntrain: .\n",
        **{f"p{n}__txt": f"{DIGITS} 1 1 1 1\n" for n in range(4)},
    },
    "card": {
        "README__md": f"---\ndataset_info:\n  size: {DIGITS}\n---\n",
        "metadata__csv": "file_name,label\n" + "".join(f"{name},{n % 2}\n" for n, name in enumerate(PICTURES)),
    },
}


@pytest.mark.parametrize("place", NUMBERS)
def test_a_number_of_thousands_of_digits_is_no_error_of_our_own(place, tmp_path):
    """Wherever it stands, the source is read or refused in a sentence of bounded length."""
    words = answered(source_with(tmp_path / "source", **NUMBERS[place]), tmp_path)
    assert words and "\n" not in words and len(words) < 1000


@pytest.mark.parametrize(
    ("ending", "files"),
    [
        (".xml", {"p0__xml": "<annotation><object><name>cat</name></object></annotation>"}),
        (".json", {"x__json": COCO % ("", "")}),
    ],
)
def test_a_file_over_the_limit_is_not_read(ending, files, tmp_path, monkeypatch):
    """It is refused by its size, with its name and what to do, before a parser sees it."""
    monkeypatch.setitem(untrusted.MAX_BYTES, ending, 40)
    words = answered(source_with(tmp_path / "source", **files), tmp_path)
    assert f"{ending} is larger than 40 bytes" in words and "split it" in words


def test_a_label_pattern_without_an_end_is_one_sentence(tmp_path, monkeypatch):
    """What a visitor types cannot keep the process busy."""
    monkeypatch.setattr(patterns, "SECONDS", 0.3)
    source = source_with(tmp_path / "source")
    for name in PICTURES:
        (source / name).rename(source / f"{'a' * 180}{name}")
    words = answered(source, tmp_path, choices={PATTERN_CHOICE: "((a{1,100}){1,100})b"})
    assert "takes more than" in words


@pytest.mark.parametrize("given", ["plenty", "0", "-1", "nan", "1e400"])
def test_a_wrong_memory_limit_is_one_sentence(given, monkeypatch):
    """A setting that is no positive number is said in words."""
    monkeypatch.setenv(limits.VARIABLE, given)
    if given == "1e400":
        assert limits.max_memory() == 2**50
    else:
        with pytest.raises(UserError, match=f"{limits.VARIABLE}: expected a positive number"):
            limits.max_memory()


def test_memory_that_runs_out_says_what_to_do():
    """With a limit the sentence names it and how to raise it, without one the computer's memory."""
    refused = pytest.raises(UserError, match=r"pets needs more than 1.5 GiB .* set MANYHOT_IMPORT_MEMORY")
    with refused, limits.explain_memory("pets", 3 * 2**29):
        raise MemoryError
    with pytest.raises(UserError, match="more memory than this computer has free"), limits.explain_memory("pets"):
        raise MemoryError


@pytest.mark.parametrize("kind", [ask.CHECK, ask.IMPORT, ask.SAMPLE])
def test_silence_ends_every_question(tmp_path, kind):
    """No question is worked on for ever: each has a limit of memory and of silence, and a sentence about it."""
    desk = Worker(Imports(tmp_path))
    question = ImportQuestion(Imports(tmp_path), "a")
    most = desk.limits(question, {"kind": kind})
    assert most.memory == limits.max_memory() and 60 <= most.quiet <= 900
    question.folder.mkdir(parents=True)
    about = {"source": "/some/data.zip"} if kind != ask.SAMPLE else {"name": "data.zip"}
    question.path(requests.QUESTION).write_bytes(json_files.encode({"kind": kind, **about}))
    word = {ask.CHECK: "check", ask.IMPORT: "import", ask.SAMPLE: "drawing"}[kind]
    assert f"The {word} of data.zip was ended: nothing was heard of it for 600 s." in desk.too_quiet(question, 600)
