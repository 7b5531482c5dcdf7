"""A file whose header is large is refused by its lengths: nobody reads it into memory, or spends minutes on it."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from safetensors import SafetensorError
from safetensors.numpy import save_file

from lib.core import parquet_footers, picture_headers, tensor_files, tensor_headers
from lib.core.errors import UserError
from lib.datasets import dataset_files
from lib.importing import arriving
from lib.importing.hugging_face import parquet
from lib.training import weights_kind

N = 86_000_000
_PIXELS = Image.effect_noise((30, 20), 50).convert("RGB")
#: Reads a file as told, and prints what was said and the most megabytes that it took.
_READ = """
import resource, sys
from pathlib import Path
from lib.core import pictures, tensor_files
from lib.training import weights_kind
def most(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
reader = {"picture": pictures.count,
          "thumbnail": lambda path: pictures.thumbnail(path, 128), "tensors": tensor_files.read,
          "weights": weights_kind.check}
for kind, path in (argument.split("=", 1) for argument in sys.argv[1:]):
    before = most()
    try:
        sentence = str(reader[kind](Path(path)))
    except Exception as error:
        sentence = f"{type(error).__name__}: {error}"
    print(f"{most() - before:.0f}\\t{kind}\\t{Path(path).name}\\t{sentence}")
"""


def _file(kind: str, **options) -> bytes:
    out = io.BytesIO()
    _PIXELS.save(out, kind, **options)
    return out.getvalue()


def _png(kind: bytes) -> Callable[[int], bytes]:
    def made(n: int) -> bytes:
        content, png = b"k\0" + bytes(n), _file("PNG")
        chunk = struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        return png[:33] + chunk + png[33:]

    return made


def _jpeg(marker: int, start: bytes) -> Callable[[int], bytes]:
    def made(n: int) -> bytes:
        jpeg, content = _file("JPEG"), start + bytes(65_000 - len(start))
        segment = bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content
        return jpeg[:2] + segment * (n // len(content)) + jpeg[2:]

    return made


def _gif(n: int) -> bytes:
    gif = _file("GIF")
    comment = b"\x21\xfe" + (b"\xff" + bytes(255)) * (n // 256) + b"\0"
    return gif[: 13 + 768] + comment + gif[13 + 768 :]


def _webp(kind: bytes) -> Callable[[int], bytes]:
    def made(n: int) -> bytes:
        part = kind + struct.pack("<I", n) + bytes(n)
        head = b"VP8X" + struct.pack("<I", 10) + bytes([0x2C, 0, 0, 0, 29, 0, 0, 19, 0, 0])
        body = b"WEBP" + head + part + _file("WEBP", lossless=True)[12:]
        return b"RIFF" + struct.pack("<I", len(body)) + body

    return made


def _bmp(n: int) -> bytes:
    bmp = _file("BMP")
    return bmp[:14] + struct.pack("<I", n) + bmp[18:54] + bytes(n) + bmp[54:]


_PICTURES: dict[str, Callable[[int], bytes]] = {
    "text.png": _png(b"tEXt"),
    "packed.png": _png(b"zTXt"),
    "profile.png": _png(b"iCCP"),
    "exif.png": _png(b"eXIf"),
    "unknown.png": _png(b"vpAg"),
    "exif.jpg": _jpeg(0xE1, b"Exif\0\0MM\0*"),
    "profile.jpg": _jpeg(0xE2, b"ICC_PROFILE\0\1\377"),
    "comment.jpg": _jpeg(0xFE, b""),
    "comment.gif": _gif,
    "exif.webp": _webp(b"EXIF"),
    "profile.webp": _webp(b"ICCP"),
    "tag.tif": lambda n: _file("TIFF", tiffinfo={270: "a" * n}),
    "profile.tif": lambda n: _file("TIFF", icc_profile=bytes(n)),
    "head.bmp": _bmp,
    "comment.ppm": lambda n: b"P6\n#" + b"a" * n + b"\n30 20\n255\n" + _PIXELS.tobytes(),
    "exif.avif": lambda n: _file("AVIF", exif=b"Exif\0\0MM\0*" + bytes(n)),
}


@pytest.mark.slow
def test_headers_of_86_mb_take_no_memory(tmp_path):
    """Of pictures, tensors and weights alike: each is a sentence that says how large it is, at once."""
    asked = []
    for name in ("text.png", "exif.jpg", "comment.ppm"):
        (tmp_path / name).write_bytes(_PICTURES[name](N))
        asked += [f"picture={tmp_path / name}", f"thumbnail={tmp_path / name}"]
    with (tmp_path / "long.safetensors").open("wb") as file:
        file.write(struct.pack("<Q", N) + b'{"a":')
        file.truncate(N + 100)
    with (tmp_path / "long.pth").open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(N)
        file.seek(N)
        file.write(b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, 65535, 65535, N - 4, 4, 0))
    asked += [f"{kind}={tmp_path / 'long.safetensors'}" for kind in ("tensors", "weights")]
    asked.append(f"weights={tmp_path / 'long.pth'}")
    done = subprocess.run(
        [sys.executable, "-c", _READ, *asked], capture_output=True, text=True, cwd=Path(__file__).parents[2], check=True
    )
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert len(lines) == len(asked)
    for growth, kind, name, sentence in lines:
        assert "at most" in sentence or "more than 8 MiB" in sentence or name == "long.pth", (kind, name, sentence)
        assert "Error: " in sentence, (kind, name, sentence)
        assert int(growth) < 20, (kind, name, growth)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
@pytest.mark.parametrize("name", _PICTURES)
def test_a_header_of_any_size_is_measured(name):
    """What stands beside the pixels counts: of a common size it passes, a large one does not."""
    for n_bytes, refused in ((70_000, False), (picture_headers.MOST + 100_000, True)):
        file = io.BytesIO(_PICTURES[name](n_bytes))
        assert bool(picture_headers.excess(file)) == refused
        assert file.tell() == 0


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "webp", "tif", "bmp", "ppm", "avif"])
def test_what_is_cut_off_or_shuffled_ends(suffix):
    """Any bytes after a true beginning are measured to an end without an error: the decoder says what is wrong."""
    rng = np.random.default_rng(0)
    whole = next(made(5000) for name, made in _PICTURES.items() if name.endswith(suffix))
    for length in (0, 1, 8, 20, 60, len(whole) // 2):
        assert picture_headers.excess(io.BytesIO(whole[:length])) == 0
    for _ in range(50):
        noise = bytearray(whole)
        for at in rng.integers(8, len(noise), 20):
            noise[at] = rng.integers(256)
        picture_headers.excess(io.BytesIO(bytes(noise)))


def test_a_picture_that_is_large_itself_passes():
    """Not the file is limited here but what stands beside the pixels, also in several frames."""
    pixels = Image.new("RGB", (2000, 1600))
    for kind in ("PNG", "BMP", "TIFF", "PPM"):
        out = io.BytesIO()
        pixels.save(out, kind, **({"compress_level": 0} if kind == "PNG" else {}))
        out.seek(0)
        assert not picture_headers.excess(out) and out.tell() == 0


def test_long_headers_of_tensors_are_refused(tmp_path):
    """Where they are opened, where they are chosen, and while they are uploaded; common ones are read as ever."""
    path = tmp_path / "a.safetensors"
    save_file({"a": np.arange(4)}, path)
    assert tensor_files.read(path)["a"].tolist() == [0, 1, 2, 3] and not weights_kind.problem(path)
    header = b" " * (tensor_headers.MOST_HEADER + 1)
    content = struct.pack("<Q", len(header)) + b"{}" + header[2:]
    path.write_bytes(content)
    with pytest.raises(SafetensorError, match="expected at most 4"):
        tensor_files.read(path)
    assert "expected at most 4" in weights_kind.problem(path)
    path.write_bytes(struct.pack("<Q", 200_000) + b"[" * 200_000)
    with pytest.raises(ValueError, match="nested too deeply"):
        tensor_files.mapped(path)
    upload = arriving.Upload(tmp_path / "upload", path.name, len(content))
    upload.folder.mkdir()
    with pytest.raises(arriving.RefusedError, match="expected at most 4"):
        upload.append(content[:1000])
    path.write_bytes(content[:1000])  # cut off: its header is not there at all
    assert "damaged" in weights_kind.problem(path)


def test_a_long_footer_of_a_table_is_refused(tmp_path):
    """A table that is brought, and that of a dataset from elsewhere."""
    columns = {"image": [{"bytes": _file("PNG"), "path": "a.png"}], "label": ["cat"]}
    for n_bytes, refused in ((1000, False), (parquet_footers.MOST, True)):
        table = pa.table(columns).replace_schema_metadata({"x": "a" * n_bytes})
        pq.write_table(table, tmp_path / "a.parquet")
        with (tmp_path / "a.parquet").open("rb") as file:
            assert bool(parquet_footers.long(file)) == refused and file.tell() == 0
        if refused:
            with pytest.raises(UserError, match="footer has"):
                parquet._opened("a.parquet", tmp_path / "a.parquet")
            with pytest.raises(ValueError, match="footer has"):
                dataset_files._table(tmp_path / "a.parquet", None)
        else:
            assert parquet._opened("a.parquet", tmp_path / "a.parquet").metadata.num_rows == 1
