"""A refusal names the cause: the file, what was expected, what was found, and what to do."""

from __future__ import annotations

import zipfile

import pytest
from PIL import Image

from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.importing import formats
from lib.importing.formats.refusals import causes
from lib.importing.importer import import_dataset
from tests.unit.importing.sources import make_tree

PIXELS = " ".join(str(number % 256) for number in range(48 * 48))
FLAT = ["img/1.png", "img/2.png"]


def refusal(root, pictures, **texts):
    """Return why a source is refused, without the list of all forms, which comes last."""
    with pytest.raises(UserError) as raised:
        formats.parse(make_tree(root, pictures, **texts))
    return str(raised.value).partition("Forms that are read")[0]


@pytest.mark.parametrize(
    ("table", "column"),
    [
        (f"emotion,pixels,Usage\n0,{PIXELS},Training\n", "'pixels'"),
        (f"nose_x,nose_y,Image\n1.5,2,{PIXELS}\n", "'Image'"),
        ("label," + ",".join(f"pixel{n}" for n in range(784)) + "\n1" + ",0" * 784 + "\n", "784 columns"),
    ],
)
@pytest.mark.parametrize("pictures", [[], FLAT])
def test_pixels_in_a_table(tmp_path, table, column, pictures):
    """Pixels in the cells of a CSV are told from names of pictures, with and without pictures beside it."""
    sentence = refusal(tmp_path, pictures, training__csv=table)
    assert "training.csv holds the pixels of the images" in sentence and column in sentence
    assert "Write each row's pixels to an image" in sentence


def test_rows_that_name_folders(tmp_path):
    """Studies, whatever is above them, label each of their pictures, are groups, and are never read as classes."""
    pictures = [f"MURA/train/XR_{part}/p{n}/study1/image{i}.png"
                for part in ("HAND", "ELBOW") for n in (0, 1) for i in (1, 2)]  # fmt: skip
    studies = list(dict.fromkeys(picture.rsplit("/", 1)[0] for picture in pictures))
    rows = "".join(f"set/{study}/,{n % 2}\n" for n, study in enumerate(studies))
    parsed = formats.parse(make_tree(tmp_path, pictures, MURA___studies__csv=rows))
    label_of = dict(zip(parsed.files, (parsed.names[i] for i in parsed.targs), strict=True))
    group_of = dict(zip(parsed.files, parsed.groups, strict=True))
    assert len(label_of) == 8 and len(set(group_of.values())) == 4
    for n, study in enumerate(studies):
        inside = [file for file in label_of if f"MURA/{file}".startswith(f"{study}/")]
        assert [label_of[file] for file in inside] == [str(n % 2)] * 2 and len({group_of[file] for file in inside}) == 1


def test_a_table_of_one_folder(tmp_path):
    """A table of one study of several pictures is named as such, whatever is above it, and never read as classes."""
    pictures = [f"MURA/train/XR_{part}/p0/study1/image{n}.png" for part in ("HAND", "ELBOW") for n in (0, 1)]
    sentence = refusal(tmp_path, pictures, MURA___studies__csv="set/MURA/train/XR_HAND/p0/study1/,1\n")
    assert "studies.csv names folders of images, such as 'set/MURA/train/XR_HAND/p0/study1'" in sentence
    assert "column named group" in sentence


@pytest.mark.parametrize(
    ("file", "text", "tool", "content"),
    [
        ("a__json", '{"project": {"pid": 1}, "view": {}, "metadata": {"1": {"vid": 2}}}', "VIA 3", "'project'"),
        ("a__ndjson", '{"data_row": {"id": "x"}, "projects": {}}\n', "Labelbox", "data_row"),
        ("a__manifest", '{"source-ref": "s3://b/1.png", "class": 1}\n', "SageMaker", "source-ref"),
        ("a__jsonl", '{"text": "x", "_input_hash": 1, "answer": "accept"}\n', "Prodigy", "_input_hash"),
        ("a__json", '{"people": [{"pose_keypoints_2d": [1, 2, 3]}]}', "OpenPose", "people"),
        ("a__xml", '<annotations><track id="0" label="car"/></annotations>', "CVAT for video", "track"),
        ("a__json", '[{"odd": {"inner": 1}, "strange": [2]}]', "a form that is not known", "'odd', 'strange'"),
        ("a__json", '{"odd": {"inner": 1}, "strange": ["s"]}', "a form that is not known", "'odd', 'strange'"),
        ("a__xml", "<weird><thing/></weird>", "a form that is not known", "'weird', 'thing'"),
    ],
)
def test_annotations_that_nobody_reads(tmp_path, file, text, tool, content):
    """The file, the tool that wrote it or its outermost entries, and what to export instead."""
    sentence = refusal(tmp_path, FLAT, **{file: text})
    assert file.replace("__", ".") in sentence and tool in sentence and content in sentence
    assert "xport" in sentence or "Write a CSV" in sentence or "Convert" in sentence
    assert "inner" not in sentence


@pytest.mark.parametrize(
    ("file", "what", "advice"),
    [
        ("scan__dcm", "DICOM", "PNG or JPEG"),
        ("brain__nii", "NIfTI", "PNG or JPEG"),
        ("data__mdb", "LMDB", "PNG or JPEG"),
        ("train__tfrecord", "TFRecord", "PNG or JPEG"),
        ("x__npy", "NumPy", "PNG or JPEG"),
        ("data__pkl", "pickle", "PNG or JPEG"),
        ("film__mp4", "a video", "ffmpeg"),
        ("labels__slp", "SLEAP", "One animal".lower()),
        ("pictures__zip", "archive inside", "Unpack it"),
    ],
)
def test_files_without_pictures(tmp_path, file, what, advice):
    """Where there is no picture, what the files are is said, and how to get pictures out of them."""
    sentence = refusal(tmp_path, [], **{file: "x"})
    assert file.replace("__", ".") in sentence and what in sentence and advice in sentence
    assert "There is no image" in sentence


def test_labels_packed_beside_pictures(tmp_path):
    """A Matlab file or a spreadsheet beside pictures is named as what may hold their labels."""
    assert "imagelabels.mat is a file of Matlab" in refusal(tmp_path / "m", FLAT, imagelabels__mat="x")
    assert "Export its labels as a CSV" in refusal(tmp_path / "n", FLAT, labels__npy="x")
    assert "Save the sheet as CSV" in refusal(tmp_path / "x", FLAT, labels__xlsx="x")


def test_several_animals(tmp_path):
    """Multi-animal DeepLabCut is named in its CSV and in its HDF5 file, SLEAP by its ending."""
    rows = "scorer,me,me\nindividuals,mouse1,mouse1\nbodyparts,nose,nose\ncoords,x,y\nimg/1.png,1,2\n"
    with pytest.raises(UserError, match="labels several animals"):
        formats.parse(make_tree(tmp_path / "c", FLAT, CollectedData_me__csv=rows))
    assert "DeepLabCut" in refusal(tmp_path / "h", FLAT, CollectedData_me__h5="x")
    assert "SLEAP" in refusal(tmp_path / "s", FLAT, project__slp="x")


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ({"train__txt": "img/1.png\nimg/2.png\n"}, r"train.txt names images and says nothing of them"),
        ({"train__txt": "gone/8.png 0\ngone/9.png 1\n"}, "No line of train.txt names an image that is there"),
        ({"train__txt": "img/1.png m/1.png\nimg/2.png m/2.png\n"}, "may be a mask"),
        ({"img___1__txt": "0 0.5 0.5 0.1 0.1\n"}, "img/1.txt looks like labels of YOLO"),
    ],
)
def test_texts_that_label_nothing(tmp_path, texts, sentence):
    """A list without classes, without pictures, of masks, and YOLO's labels without names of classes."""
    assert sentence in refusal(tmp_path, ["img/1.png", "img/2.png", "loose.png"], **texts)


def test_captions_are_no_classes(tmp_path):
    """A sentence for each picture is no class of it."""
    pictures = [f"{number}.jpg" for number in range(12)]
    text = "".join(f"{file} an image of {number} things\n" for number, file in enumerate(pictures))
    assert "different in nearly every line" in refusal(tmp_path, pictures, captions__txt=text)


def test_git_lfs_pointers(tmp_path):
    """Pictures and tables that were not pulled: what they are, and the command, from a folder and from a zip."""
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0000\nsize 12345\n"
    source = tmp_path / "source"
    for name in ("cat/1.jpg", "dog/2.jpg"):
        (source / name).parent.mkdir(parents=True)
        (source / name).write_text(pointer)
    with zipfile.ZipFile(tmp_path / "source.zip", "w") as packed:
        for name in ("cat/1.jpg", "dog/2.jpg"):
            packed.write(source / name, name)
    for place in (source, tmp_path / "source.zip"):
        with pytest.raises(UserError, match=r"cat/1\.jpg is a Git LFS pointer.*git lfs pull"):
            import_dataset(Workspace(tmp_path / "workspace"), place)
    assert "labels.csv is a Git LFS pointer" in refusal(tmp_path / "t", FLAT, labels__csv=pointer)
    Image.new("RGB", (8, 8)).save(source / "cat/1.jpg")
    Image.new("RGB", (8, 8), "red").save(source / "cat/0.jpg")
    with pytest.raises(UserError) as raised:  # one of three: only the classes are too few then
        import_dataset(Workspace(tmp_path / "workspace"), source)
    assert "LFS" not in str(raised.value)


def test_masks_beside_pictures(tmp_path):
    """A folder of masks is one whose pictures are called as those of another folder, and says so by its name."""
    pictures = [f"{folder}/{number}.png" for folder in ("images", "masks") for number in range(3)]
    sentence = causes.masks(make_tree(tmp_path, pictures))
    assert "masks/ seems to hold masks of the images in images/" in sentence
    assert causes.masks(make_tree(tmp_path / "c", ["cat/1.png", "masks/2.png"])) is None


def test_the_cause_comes_first_and_all_forms_last(tmp_path):
    """Nothing is known of the data: what was found, then every form by its name, those for the task only."""
    tree = make_tree(tmp_path, ["1.png", "2.png"])
    with pytest.raises(UserError) as raised:
        formats.parse(tree)
    message = str(raised.value)
    assert message.index("found 2 images, such as '1.png'") < message.index("Forms that are read: ")
    assert all(reader.NAME in message for reader in (*formats.SIGNED, *formats.PLAIN))
    with pytest.raises(UserError, match="Forms that are read as keypoints: ") as raised:
        formats.parse(tree, "keypoints")
    assert "Pascal VOC" not in str(raised.value)
