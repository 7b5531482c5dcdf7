"""Sources made to do harm, by name: each writes a zip or folder and says what the importer is to answer."""

from __future__ import annotations

import io
import json
import random
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

#: A name that every attempt to write outside tries to make; none may exist afterwards.
LOOT = "pwned"


@dataclass(frozen=True)
class Case:
    """One source; ``make`` writes it to a path.

    ``says`` is a part of the sentence that refuses it, a space where any sentence will do. Where it is empty the source
    is imported, and ``remark`` is the kind of problem that is reported, if one is.
    """

    make: Callable[[Path], None]
    says: str = ""
    remark: str = ""
    names: tuple[str, ...] = ("cat", "dog")


def picture(shade: int = 0, kind: str = "PNG") -> bytes:
    """Return a small picture."""
    out = io.BytesIO()
    Image.new("RGB", (12, 9), (shade % 256, shade * 7 % 256, 90)).save(out, kind)
    return out.getvalue()


def honest() -> dict[str, bytes]:
    """Return what a usable zip holds: two labels with four pictures each."""
    return {f"{label}/{number}.png": picture(len(label) + number) for label in ("cat", "dog") for number in range(4)}


def archive(path: Path, entries: dict[str, bytes], **changes) -> None:
    """Write a zip; ``changes`` are attributes of the last entry."""
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in entries.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if name == list(entries)[-1]:
                for key, value in changes.items():
                    setattr(info, key, value)
            packed.writestr(info, content)


def _with(entries: dict[str, bytes], **changes) -> Callable[[Path], None]:
    return lambda path: archive(path, honest() | entries, **changes)


def _renamed(shown: bytes, hidden: bytes) -> Callable[[Path], None]:
    """A name that Python's zipfile would not write: ``shown`` is replaced by as many other bytes."""

    def make(path: Path) -> None:
        archive(path, honest() | {shown.decode(): picture()})
        path.write_bytes(path.read_bytes().replace(shown, hidden))

    return make


def _overlapping(path: Path, size: int = 16 * 2**20, times: int = 300) -> None:
    """Many entries that share the same packed bytes: 300 names for 16 MiB of zeros make 4.7 GiB out of 20 KiB."""
    archive(path, {"cat/000.png": bytes(size)})
    data = path.read_bytes()
    begin = data.index(b"PK\x01\x02")
    record = data[begin : data.index(b"PK\x05\x06")]
    records = b"".join(record.replace(b"cat/000", b"cat/%03d" % number) for number in range(times))
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, times, times, len(records), begin, 0)
    path.write_bytes(data[:begin] + records + end)


def _lying(path: Path) -> None:
    """An entry that says that it has 10 bytes and would unpack to 64 MiB."""
    archive(path, honest() | {"dog/9.png": bytes(64 * 2**20)})
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<L", 10)
    path.write_bytes(data)


def _many(path: Path, count: int = 1_200_000) -> None:
    """More entries than a zip may have, each of which costs memory when the list alone is read."""
    record = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 33, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0)
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 33, 0, 0, 0, 7, 0)
    listed = b"".join(record + b"%07d" % number for number in range(count))
    at = len(local) + 7
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, len(listed), at)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, at + len(listed), 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path.write_bytes(local + b"0000000" + listed + end64 + locator + end)


def _nested(path: Path) -> None:
    """A zip of zips of zips: what is inside is never unpacked."""
    content = bytes(2**20)
    for level in range(6):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
            for number in range(16):
                packed.writestr(f"{level}-{number}.zip", content)
        content = out.getvalue()
    archive(path, honest() | {"more.zip": content})


def _encrypted(path: Path) -> None:
    archive(path, honest())
    data = bytearray(path.read_bytes())
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)


def _cut(part: float) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        archive(path, honest())
        path.write_bytes(path.read_bytes()[: int(part * path.stat().st_size)])

    return make


def _shaken(seed: int) -> Callable[[Path], None]:
    """A zip in which some bytes of every part are others."""

    def make(path: Path) -> None:
        archive(path, honest())
        data, rng = bytearray(path.read_bytes()), random.Random(seed)
        for _ in range(12):
            data[rng.randrange(len(data))] = rng.randrange(256)
        path.write_bytes(data)

    return make


def _linked_folder(path: Path) -> None:
    """A link to a folder outside, and a file that would go through it."""
    with zipfile.ZipFile(path, "w") as packed:
        link = zipfile.ZipInfo("out")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed.writestr(link, "..")
        packed.writestr(f"out/{LOOT}.png", picture())


def _folder_with_links(path: Path) -> None:
    """A folder whose links lead to a secret beside it and to everything."""
    secret = path.parent / "secret"
    secret.mkdir()
    (secret / "secret.png").write_bytes(picture(99))
    for name, content in honest().items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    (path / "cat/secret.png").symlink_to(secret / "secret.png")
    (path / "dog/root").symlink_to("/", target_is_directory=True)
    (path / "dog/loop").symlink_to(path, target_is_directory=True)


def png(width: int, height: int) -> bytes:
    """Return a small PNG that says it has any size."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">L", len(content)) + kind + content + struct.pack(">L", zlib.crc32(kind + content))

    head = struct.pack(">2L5B", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(9999))) + chunk(b"IEND", b"")
    )


def claiming(kind: str, width: int, height: int) -> bytes:
    """Return a small picture of this kind whose header says it has any size."""
    if kind == "PNG":
        return png(width, height)
    data = bytearray(picture(1, kind))
    if kind == "JPEG":
        at = data.index(b"\xff\xc0") + 5
        data[at : at + 4] = struct.pack(">2H", height, width)
    elif kind == "GIF":
        data[6:10] = struct.pack("<2H", width, height)
        at = data.index(b"\x2c", 13 + 3 * 2 ** ((data[10] & 7) + 1)) + 5
        data[at : at + 4] = struct.pack("<2H", width, height)
    elif kind == "BMP":
        data[18:26] = struct.pack("<2L", width, height)
    elif kind == "TIFF":
        (first,) = struct.unpack_from("<L", data, 4)
        (count,) = struct.unpack_from("<H", data, first)
        for at in range(first + 2, first + 2 + 12 * count, 12):
            (tag,) = struct.unpack_from("<H", data, at)
            if tag in (256, 257):
                struct.pack_into("<HHLL", data, at, tag, 4, 1, width if tag == 256 else height)
    return bytes(data)


def _text_bomb(path: Path) -> None:
    """A PNG whose packed text has 256 MiB."""
    packed = b"Comment\0\0" + zlib.compress(bytes(256 * 2**20), 9)
    chunk = struct.pack(">L", len(packed)) + b"zTXt" + packed + struct.pack(">L", zlib.crc32(b"zTXt" + packed))
    plain = picture(3)
    archive(path, honest() | {"cat/x.png": plain[:33] + chunk + plain[33:]})


def _pictures(*names: str) -> dict[str, bytes]:
    return {name: picture(number) for number, name in enumerate(names)}


FILES = [f"{number}.png" for number in range(8)]


def _table(text: str, name: str = "labels.csv") -> Callable[[Path], None]:
    """A zip of eight pictures and a table."""
    return lambda path: archive(path, _pictures(*FILES) | {name: text.encode()})


def _labeled(first: str, second: str) -> str:
    def quoted(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    return "file,label\n" + "".join(
        f"{file},{quoted((first, second)[number % 2])}\n" for number, file in enumerate(FILES)
    )


def _voc(head: str, name: str = "cat") -> Callable[[Path], None]:
    """A zip of eight pictures with an XML each, of which one begins with ``head`` and names ``name``."""

    def make(path: Path) -> None:
        texts = {}
        for number in range(8):
            label = name if number == 5 else ("dog", "cat")[number % 2]
            texts[f"{number}.xml"] = (
                f"{head if number == 5 else ''}<annotation><filename>{number}.png</filename>"
                f"<object><name>{label}</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>5</xmax><ymax>5</ymax></bndbox></object></annotation>"
            ).encode()
        archive(path, _pictures(*FILES) | texts)

    return make


_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
BILLION = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY l0 "ha">{_LAUGHS}]>'
PASSWD = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
_YAML_LAUGHS = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
_FORMULAS = ("=2+5+cmd!A0", '=HYPERLINK("http://evil.example")')
_HTML = ("<script>alert(1)</script>", '<img src=x onerror="alert(1)">')
_OUTSIDE, _BAD_NAME, _BROKEN = "outside its own folder", "cannot be written", "cannot be unpacked"

CASES: dict[str, Case] = {
    **{
        f"traversal {name}": Case(_with({name: picture()}), _OUTSIDE)
        for name in (
            f"../{LOOT}.png", f"cat/../../{LOOT}.png", f"..\\{LOOT}.png", f"cat\\..\\..\\{LOOT}.png", f"/{LOOT}.png",
            f"/tmp/{LOOT}.png", f"C:\\{LOOT}.png", f"C:{LOOT}.png", f"\\\\host\\share\\{LOOT}.png", f"//{LOOT}.png",
            f"{'../' * 40}tmp/{LOOT}.png",
        )
    },
    "a name that only looks like one outside": Case(_with({f"cat/..%2f{LOOT}.png": picture()})),
    "a zero byte in a name": Case(_renamed(b"cat/zero.png", b"cat/ze\0o.png")),
    "a control letter in a name": Case(_with({"cat/a\x1b[2Jb.png": picture()}), _BAD_NAME),
    "text that runs backwards in a name": Case(_with({"cat/a\u202egnp.exe.png": picture()}), _BAD_NAME),
    "a name of 3,000 letters": Case(_with({f"cat/{'a' * 3000}.png": picture()}), _BAD_NAME),
    "folders 900 deep": Case(_with({f"{'a/' * 900}b.png": picture()}), names=("a", "cat", "dog")),
    "a link": Case(_with({"cat/x.png": b"/etc/passwd"}, external_attr=(stat.S_IFLNK | 0o777) << 16), "link"),
    "a device": Case(_with({"cat/x.png": b""}, external_attr=(stat.S_IFBLK | 0o777) << 16), "device"),
    "a pipe": Case(_with({"cat/x.png": b""}, external_attr=(stat.S_IFIFO | 0o777) << 16), "device"),
    "a file through a linked folder": Case(_linked_folder, "link"),
    "a program that runs as somebody else": Case(
        _with({"cat/x.png": picture()}, external_attr=(stat.S_IFREG | 0o6777) << 16)
    ),
    "a bomb of entries that overlap": Case(_overlapping, "would unpack to"),
    "a bomb that lies about its size": Case(_lying, _BROKEN),
    "a bomb of entries": Case(_many, "files"),
    "a bomb of zips in zips": Case(_nested, remark="unused-file"),
    "encrypted": Case(_encrypted, "password"),
    **{f"cut at {part:.0%}": Case(_cut(part), _BROKEN) for part in (0.0, 0.01, 0.3, 0.6, 0.9, 0.99)},
    "letter case collides": Case(_with({"cat/A.png": picture(), "CAT/a.PNG": picture()}), "both"),
    "composition collides": Case(_with({"cat/caf\u00e9.png": picture(), "cat/cafe\u0301.png": picture()}), "both"),
    "a file where a folder is": Case(_with({"cat": b"x"}), "both as a file and as a folder"),
    "the same name twice": Case(_renamed(b"cat/9.png", b"cat/0.png"), "both"),
    "formulas as labels": Case(_table(_labeled(*_FORMULAS)), names=tuple(sorted(_FORMULAS))),
    "markup as labels": Case(_table(_labeled(*_HTML)), names=tuple(sorted(_HTML))),
    "markup as folders": Case(
        lambda path: archive(path, {f"{name}/{n}.png": picture(n) for name in ("<b>", "$x$") for n in range(4)}),
        names=("$x$", "<b>"),
    ),
    "names in a table lead outside": Case(
        _table(_labeled("cat", "dog") + "../../../etc/passwd,cat\n/etc/passwd,dog\n..\\..\\x.png,cat\n"),
        remark="row-without-image",
    ),
    "zero bytes in a table": Case(_table("file,label\n" + "\0" * 5000), "labels.csv"),
    "a table of one endless line": Case(_table("file,label" + "," * 300_000 + "\n"), "labels.csv"),
    "a table that is a picture": Case(
        lambda path: archive(path, _pictures(*FILES) | {"labels.csv": picture()}), "labels.csv"
    ),
    "an entity bomb": Case(_voc(BILLION, "&l11;"), remark="missing-value"),
    "an entity that reads a file": Case(_voc(PASSWD, "&x;"), remark="missing-value"),
    "XML 50,000 deep": Case(_voc("<?xml version='1.0'?>" + "<a>" * 50_000), remark="missing-value"),
    "JSON 200,000 deep": Case(
        lambda path: archive(path, _pictures(*FILES) | {"annotations.json": b'{"images":' + b"[" * 200_000}), " "
    ),
    "a YAML bomb": Case(
        lambda path: archive(
            path,
            {f"images/{file}": picture() for file in FILES} | {"data.yaml": f"{_YAML_LAUGHS}names: *a11\n".encode()},
        ),
        " ",
    ),
    "JSON numbers of 5,000 digits": Case(
        lambda path: archive(
            path,
            _pictures(*FILES)
            | {"annotations.json": json.dumps({"images": [], "annotations": [], "categories": []}).encode().replace(
                b"[]", b"[" + b"9" * 5000 + b"]"
            )},
        ),
        " ",
    ),
    **{
        f"{kind} of 50,000 x 50,000": Case(
            _with({f"cat/x.{kind.lower()}": claiming(kind, 50_000, 50_000)}), remark="unreadable-image"
        )
        for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF")
    },
    "a PNG of 2 billion x 2 billion": Case(
        _with({"cat/x.png": png(2**31 - 1, 2**31 - 1)}), remark="unreadable-image"
    ),
    "a PNG with a bomb of text": Case(_text_bomb, remark="unreadable-image"),
    "a folder with links": Case(_folder_with_links),
    "no picture at all": Case(lambda path: archive(path, {"readme.txt": b"x"}), "image"),
    "an empty zip": Case(lambda path: archive(path, {}), "image"),
}  # fmt: skip
#: Zips with bytes changed at random: any answer in words will do.
SHAKEN = {f"shaken {seed}": Case(_shaken(seed)) for seed in range(40)}
