"""Files of other tools that hold pictures or labels in a form that is not read, and what to export instead."""

from __future__ import annotations

from collections import Counter

from lib.core import sentences
from lib.importing.tree import Tree, suffix

_PICTURES = "Export the images as PNG or JPEG, with a CSV of file names and labels beside them."
#: Where there are pictures, what is packed is what belongs to them.
_LABELS = "Export its labels as a CSV with file names, and x and y of every point if there are points."
_FRAMES = "Take frames out of the videos (for instance: ffmpeg -i video.mp4 frames/%05d.jpg) and label those."
_ANIMALS = "Export one animal an image: COCO keypoints, or a CSV with x and y of every point."
_UNPACK = "Unpack it, and import the folder or a zip of it."

#: What files with an ending are, and what to do; the first that is there is named.
KINDS: dict[tuple[str, ...], tuple[str, str]] = {
    (".slp",): ("a SLEAP project, which labels several animals in videos", _ANIMALS),
    (".dcm", ".dicom", ".ima"): ("DICOM, medical images with a header", _PICTURES),
    (".nii", ".nrrd", ".mha", ".mhd"): ("a volume of medical slices (NIfTI, NRRD, MetaImage)", _PICTURES),
    (".npy", ".npz"): ("an array of NumPy", _PICTURES),
    (".mat",): ("a file of Matlab", _PICTURES),
    (".pkl", ".pickle", ".pt", ".pth", ".joblib"): ("a pickle of Python, which is never opened", _PICTURES),
    (".tfrecord", ".tfrecords", ".record"): ("TFRecord, images and labels packed by TensorFlow", _PICTURES),
    (".mdb", ".lmdb"): ("a database (LMDB) of packed images", _PICTURES),
    (".h5", ".hdf5", ".hdf"): ("HDF5, which packs arrays, tables or the labels of several animals", _PICTURES),
    (".parquet", ".feather", ".arrow"): ("a table that packs no image that can be read", _PICTURES),
    (".rec", ".idx", ".ubyte", ".idx3-ubyte", ".idx1-ubyte"): ("packed images (RecordIO or MNIST's form)", _PICTURES),
    (".svs", ".ndpi", ".mrxs", ".czi", ".lif", ".psd"): ("an image of a special program or microscope", _PICTURES),
    (".cr2", ".cr3", ".nef", ".arw", ".dng", ".raw", ".heic", ".heif"): ("a camera's own form of image", _PICTURES),
    (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".rar", ".7z"): ("an archive inside of what is imported", _UNPACK),
    (".mp4", ".avi", ".mov", ".mkv", ".webm", ".wmv", ".m4v", ".mpg", ".mpeg"): ("a video", _FRAMES),
    (".xls", ".xlsx", ".ods"): ("a spreadsheet", "Save the sheet as CSV (UTF-8)."),
    (".sqlite", ".sqlite3", ".db"): ("a database", _PICTURES),
}  # fmt: skip


def explain(tree: Tree) -> str | None:
    """Return what the files of a source are that nobody reads, and what to do; None if they are not known."""
    counts = Counter(map(suffix, tree.others))
    for endings, (what, advice) in KINDS.items():
        if number := sum(counts[ending] for ending in endings):
            file = next(file for file in tree.others if suffix(file) in endings)
            more = f" ({sentences.count(number, 'such file')})" if number > 1 else ""
            todo = _LABELS if tree.pictures and advice == _PICTURES else advice
            return f"{file} is {what}{more}: expected images and their labels in a form that is read. {todo}"
    return None
