"""Hugging Face Parquet files are read the way they were written, and untrusted ones are harmless."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lib.core.errors import UserError
from lib.datasets import store
from lib.importing import formats, unpack
from lib.importing.dry_run import dry_run
from lib.importing.hugging_face import parquet
from lib.importing.importer import import_dataset
from lib.importing.parsed import UnsureError
from lib.importing.tree import Tree
from tests.unit.importing import test_hugging_face
from tests.unit.importing.sources import kinds, make_tree
from tests.unit.importing.test_hugging_face import picture

workspace = test_hugging_face.workspace

IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def shard(path: Path, pictures: list[tuple[bytes | None, str | None]], features: dict | None = None, **columns) -> Path:
    """Write a Parquet file as ``datasets`` does: a struct of bytes and path, the features in the schema."""
    path.parent.mkdir(parents=True, exist_ok=True)
    images = pa.array([{"bytes": data, "path": name} for data, name in pictures], IMAGE)
    table = pa.table({"image": images, **columns})
    info = {"info": {"features": {"image": {"_type": "Image"}, **(features or {})}}}
    pq.write_table(table.replace_schema_metadata({"huggingface": json.dumps(info)}), path, row_group_size=7)
    return path


LABEL = {"label": {"names": ["zebra", "ant", "never"], "_type": "ClassLabel"}}


@pytest.fixture
def hub(tmp_path) -> Path:
    """A dataset as it is downloaded: two shards of train, one of test, a card with a picture of its own."""
    root = tmp_path / "hub"
    for number in range(2):
        rows = range(10 * number, 10 * number + 10)
        shard(
            root / f"data/train-{number:05d}-of-00002.parquet",
            [(picture(i), f"{i}.png" if i % 2 else None) for i in rows],
            LABEL,
            label=[i % 2 for i in rows],
            embedding=[[0.5, float("nan")]] * 10,
        )
    shard(
        root / "data/test-00000-of-00001.parquet",
        [(picture(20 + i, "JPEG"), "same.jpg") for i in range(3)],
        LABEL,
        label=[0, 1, -1],
        embedding=[[0.5, 1.0]] * 3,
    )
    (root / "README.md").write_text("# no front matter")
    (root / "assets").mkdir()
    (root / "assets/example.png").write_bytes(picture(99))
    return root


@pytest.mark.parametrize("packed", ["folder", "zip"])
def test_parquet_pictures_come_out_as_they_went_in(hub, workspace, packed):
    """Bytes, classes by name and splits arrive, from a folder and from a zip; the dry run says the same."""
    source = hub
    if packed == "zip":
        source = hub.with_suffix(".zip")
        with zipfile.ZipFile(source, "w") as archived:
            for file in sorted(hub.rglob("*.*")):
                archived.write(file, file.relative_to(hub.parent))
    before = sorted(hub.rglob("*"))
    calls = []
    dry = import_dataset(workspace, source, dry_run=True)
    assert not workspace.root.exists()
    report = import_dataset(workspace, source, progress=lambda *call: calls.append(call))
    assert {**dry.to_json(), "dry_run": False} == report.to_json()
    assert (report.task, report.images, report.classes) == ("single-label", 22, ["zebra", "ant"])
    assert report.format == "Hugging Face Parquet"
    assert report.splits == {"train": 16, "valid": 4, "test": 2}
    assert [p["kind"] for p in report.problems if p["kind"] != "unused-file"] == ["missing-value"]
    loaded = store.load(workspace, "hub")
    for item, original in enumerate(loaded.items["original"]):
        folder, _, name = original.rpartition("/")
        if "train-00001" in folder and name == "13.png":
            assert loaded.image_path(item).read_bytes() == picture(13) and loaded.names[loaded.targs[item]] == "ant"
            break
    else:
        pytest.fail("13.png is missing")
    assert sorted(hub.rglob("*")) == before and [p.name for p in workspace.datasets.iterdir()] == ["hub"]
    assert [done for done, total, text in calls if text == "Unpacking the images"] == list(range(1, 24))


def test_one_parquet_file_is_a_source(hub, workspace):
    """A single file is a dataset of its own, and its own name is its split no longer than it has to be."""
    report = import_dataset(workspace, hub / "data/train-00001-of-00002.parquet", name="one")
    assert report.images == 10 and report.splits == {"train": 8, "valid": 2} and report.classes == ["zebra", "ant"]


def test_pictures_inside_files_cannot_stay_there(hub, workspace):
    """To use pictures where they are they have to be files; that is said, and nothing is left."""
    with pytest.raises(UserError, match="inside other files"):
        import_dataset(workspace, hub, in_place=[hub.parent])
    assert not workspace.root.exists()


def test_pages_dry_run_reads_parquet(hub, workspace):
    """What the page checks with sees the pictures inside too."""
    trial = dry_run(workspace, hub)
    assert not trial.error and trial.images == 22 and not workspace.root.exists()


def test_names_inside_are_made_safe(tmp_path):
    """Whatever a row calls its picture, it lands inside the folder, under a picture's name of its own."""
    given_names = [
        "../../evil.png",
        "/etc/passwd",
        "C:\\x\\a.png",
        "a.png",
        "A.PNG",
        "metadata.jsonl",
        ".hidden.png",
        "",
        None,
    ]
    given_names += [None, "x\n.png", "n" * 300 + ".png", "a.svg", "a:b*c.png"]
    path = shard(tmp_path / "train.parquet", [(picture(i), name) for i, name in enumerate(given_names)])
    out = tmp_path / "deep" / "out"
    out.mkdir(parents=True)
    parquet.unpack({"train.parquet": path}, out)
    written = [file for file in (tmp_path / "deep").rglob("*") if file.is_file()]
    tree = Tree(out)
    assert len(tree.pictures) == len(given_names) and len(written) == len(given_names) + 2
    rows = [json.loads(line) for line in (out / "train.parquet/metadata.jsonl").read_text().splitlines()]
    for number, row in enumerate(rows):
        assert (out / "train.parquet" / row["file_name"]).read_bytes() == picture(number)
    assert rows[0]["file_name"] == "evil.png" and rows[3]["file_name"] != "a.png" == rows[2]["file_name"]


def test_lists_masks_and_rows_without_picture(tmp_path, workspace):
    """A second column of pictures is left alone, lists of ClassLabel are labels, a row without bytes is told."""
    feature = {"labels": {"feature": {"names": ["x", "y"], "_type": "ClassLabel"}, "_type": "List"}}
    pictures = [(picture(i), None) for i in range(8)] + [(None, "elsewhere.png"), (b"", None)]
    masks = pa.array([{"bytes": b"mask", "path": "m.png"}] * 10, IMAGE)
    labels = [[i % 2] if i else [0, 1] for i in range(10)]
    shard(tmp_path / "d/default/train/0000.parquet", pictures, feature, mask=masks, labels=labels)
    report = import_dataset(workspace, tmp_path / "d")
    assert (report.task, report.images, report.classes) == ("multi-label", 8, ["x", "y"])
    assert {p["kind"]: p["count"] for p in report.problems} == {"row-without-image": 2}
    assert store.load(workspace, "d").targs[0].tolist() == [1, 1]


def _cut(root: Path) -> Path:
    path = shard(root / "d/train.parquet", [(picture(0), None)] * 8, label=[0, 1] * 4)
    path.write_bytes(path.read_bytes()[:-20])
    return root / "d"


def _damaged_pages(root: Path) -> Path:
    path = shard(root / "d/train.parquet", [(picture(i), None) for i in range(40)], label=[0, 1] * 20)
    data = bytearray(path.read_bytes())
    data[100 : len(data) // 2] = bytes(len(data) // 2 - 100)
    path.write_bytes(data)
    return root / "d"


def _pointer(root: Path) -> Path:
    (root / "d").mkdir(parents=True)
    (root / "d/train.parquet").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 5\n")
    return root / "d"


def _two(root: Path) -> Path:
    for name in ("small", "large"):
        shard(root / f"d/{name}/train-00000-of-00001.parquet", [(picture(0), None)] * 2, label=[0, 1])
    return root / "d"


def _other_columns(root: Path) -> Path:
    shard(root / "d/train.parquet", [(picture(0), None)] * 2, label=[0, 1])
    shard(root / "d/test.parquet", [(picture(0), None)] * 2, other=[0, 1])
    return root / "d"


def _no_pictures(root: Path) -> Path:
    (root / "d").mkdir(parents=True)
    pq.write_table(pa.table({"text": ["a"], "label": [0]}), root / "d/train.parquet")
    return root / "d"


def _only_paths(root: Path) -> Path:
    shard(root / "d/train.parquet", [(None, "/etc/passwd")] * 2, label=[0, 1])
    return root / "d"


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (_cut, r"train\.parquet cannot be read"),
        (_damaged_pages, r"train\.parquet cannot be read|None of the|images could not"),
        (_pointer, "git lfs pull"),
        (_two, "two versions"),
        (_other_columns, "different columns"),
        (_no_pictures, "no image"),
        (_only_paths, "no image"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_bad_parquet_leaves_nothing(tmp_path, workspace, make, sentence):
    """Each gets one sentence and the workspace stays as it was."""
    source = make(tmp_path / "source")
    for dry in (True, False):
        with pytest.raises(UserError, match=sentence) as caught:
            import_dataset(workspace, source, dry_run=dry)
        assert "\n" not in str(caught.value)
    assert not workspace.root.exists() or not list(workspace.root.rglob("*"))


def test_flipped_bytes_are_a_sentence_or_nothing(tmp_path):
    """Whatever bytes of a Parquet file are wrong, it is read or refused with a sentence, and nothing else happens."""
    images = [(picture(i), None) for i in range(4)]
    data = shard(tmp_path / "good.parquet", images, LABEL, label=[0, 1, 0, 1]).read_bytes()
    rng, refused = np.random.default_rng(0), 0
    for number in range(80):
        bad = bytearray(data)
        for place in rng.integers(len(bad) - 2500 if number % 2 else 0, len(bad), 1 + number % 7):
            bad[place] = rng.integers(256)
        (tmp_path / "bad.parquet").write_bytes(bad)
        (tmp_path / str(number)).mkdir()
        try:
            formats.parse(unpack.unpacked_tree(tmp_path / "bad.parquet", tmp_path / str(number)))
        except UserError:
            refused += 1
    assert 10 < refused < 80


def test_a_small_file_that_claims_to_be_huge_is_refused(tmp_path, monkeypatch):
    """Pictures that repeat pack well; more than a hundred times a file's size is refused, not written."""
    monkeypatch.setattr("lib.importing.archive.RATIO_FROM_BYTES", 10_000)
    path = shard(tmp_path / "train.parquet", [(b"\xff\xd8\xff" + bytes(300_000), None)] * 50, label=[0] * 50)
    (tmp_path / "out").mkdir()
    with pytest.raises(UserError, match="would unpack to"):
        parquet.unpack({"train.parquet": path}, tmp_path / "out")
    written = sum(file.stat().st_size for file in (tmp_path / "out").rglob("*") if file.is_file())
    assert written < 100 * path.stat().st_size + 2 * 300_003


@pytest.mark.slow
def test_one_picture_for_all_rows_is_refused_unread(tmp_path):
    """A picture that every row shares takes a few bytes on disk; it is refused by the file's own account of it."""
    picture = b"\xff\xd8\xff" + bytes(80 * 2**20)
    images = pa.array([{"bytes": picture, "path": None}] * 3, IMAGE)
    pq.write_table(pa.table({"image": images}), tmp_path / "a.parquet", compression="zstd")
    assert (tmp_path / "a.parquet").stat().st_size < 100_000
    (tmp_path / "out").mkdir()
    with pytest.raises(UserError, match="would unpack to"):
        parquet.unpack({"a.parquet": tmp_path / "a.parquet"}, tmp_path / "out")
    assert not list((tmp_path / "out").rglob("*.jpg"))


def test_which_column_holds_the_pictures_is_asked(tmp_path):
    """Two equal columns of pictures: the user says which."""
    path = shard(tmp_path / "a.parquet", [(picture(0), None)] * 2)
    read = pq.read_table(path).rename_columns(["left"])
    read = read.append_column("right", pa.array([{"bytes": picture(1), "path": "r.png"}] * 2, IMAGE))
    pq.write_table(read, path)
    (tmp_path / "out").mkdir()
    with pytest.raises(UnsureError, match="images in several columns") as caught:
        parquet.unpack({"a.parquet": path}, tmp_path / "out")
    assert "--choice image-column=" in caught.value.flags
    (fix,) = [fix for fix in caught.value.fixes if fix.value == "right"]
    parquet.unpack({"a.parquet": path}, tmp_path / "out", {fix.choice: fix.value})
    assert (tmp_path / "out/a.parquet/r.png").read_bytes() == picture(1)


def test_files_can_be_ignored_and_names_hold_classes(tmp_path):
    """A pattern takes files out, another one reads the class from what is left."""
    make_tree(
        tmp_path, ["images/a_b_1.jpg", "images/a_b_2.jpg", "images/cat_1.jpg", "sample/x_1.jpg", "images/odd.jpg"]
    )
    choices = {"ignore": "sample/*; *.txt", "label-pattern": r"^(.*)_\d+"}
    parsed = formats.parse(unpack.plain_tree(tmp_path, choices), None, choices)
    assert (parsed.names, parsed.targs.tolist(), kinds(parsed)) == (["a_b", "cat"], [0, 0, 1], {"missing-value": 1})
    with pytest.raises(UserError, match="matches none"):
        formats.parse(Tree(tmp_path), None, {"label-pattern": "(zebra)"})
