"""Sources made to do harm, by name: each writes a zip or folder and says what the importer is to answer."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.unit.importing.hostile_archives import (
    LOOT,
    archive,
    changed,
    claiming,
    cut,
    encrypted,
    folder_with_links,
    linked_folder,
    lying,
    many,
    nested,
    overlapping,
    picture,
    png,
    renamed,
    shaken,
    text_bomb,
)


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
        f"traversal {name}": Case(changed({name: picture()}), _OUTSIDE)
        for name in (
            f"../{LOOT}.png", f"cat/../../{LOOT}.png", f"..\\{LOOT}.png", f"cat\\..\\..\\{LOOT}.png", f"/{LOOT}.png",
            f"/tmp/{LOOT}.png", f"C:\\{LOOT}.png", f"C:{LOOT}.png", f"\\\\host\\share\\{LOOT}.png", f"//{LOOT}.png",
            f"{'../' * 40}tmp/{LOOT}.png",
        )
    },
    "a name that only looks like one outside": Case(changed({f"cat/..%2f{LOOT}.png": picture()})),
    "a zero byte in a name": Case(renamed(b"cat/zero.png", b"cat/ze\0o.png")),
    "a control letter in a name": Case(changed({"cat/a\x1b[2Jb.png": picture()}), _BAD_NAME),
    "text that runs backwards in a name": Case(changed({"cat/a\u202egnp.exe.png": picture()}), _BAD_NAME),
    "a name of 3,000 letters": Case(changed({f"cat/{'a' * 3000}.png": picture()}), _BAD_NAME),
    "folders 900 deep": Case(changed({f"{'a/' * 900}b.png": picture()}), names=("a", "cat", "dog")),
    "a link": Case(changed({"cat/x.png": b"/etc/passwd"}, external_attr=(stat.S_IFLNK | 0o777) << 16), "link"),
    "a device": Case(changed({"cat/x.png": b""}, external_attr=(stat.S_IFBLK | 0o777) << 16), "device"),
    "a pipe": Case(changed({"cat/x.png": b""}, external_attr=(stat.S_IFIFO | 0o777) << 16), "device"),
    "a file through a linked folder": Case(linked_folder, "link"),
    "a program that runs as somebody else": Case(
        changed({"cat/x.png": picture()}, external_attr=(stat.S_IFREG | 0o6777) << 16)
    ),
    "a bomb of entries that overlap": Case(overlapping, "would unpack to"),
    "a bomb that lies about its size": Case(lying, _BROKEN),
    "a bomb of entries": Case(many, "files"),
    "a bomb of zips in zips": Case(nested, remark="unused-file"),
    "encrypted": Case(encrypted, "password"),
    **{f"cut at {part:.0%}": Case(cut(part), _BROKEN) for part in (0.0, 0.01, 0.3, 0.6, 0.9, 0.99)},
    "letter case collides": Case(changed({"cat/A.png": picture(), "CAT/a.PNG": picture()}), "both"),
    "composition collides": Case(changed({"cat/caf\u00e9.png": picture(), "cat/cafe\u0301.png": picture()}), "both"),
    "a file where a folder is": Case(changed({"cat": b"x"}), "both as a file and as a folder"),
    "the same name twice": Case(renamed(b"cat/9.png", b"cat/0.png"), "both"),
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
            changed({f"cat/x.{kind.lower()}": claiming(kind, 50_000, 50_000)}), remark="unreadable-image"
        )
        for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF")
    },
    "a PNG of 2 billion x 2 billion": Case(
        changed({"cat/x.png": png(2**31 - 1, 2**31 - 1)}), remark="unreadable-image"
    ),
    "a PNG with a bomb of text": Case(text_bomb, remark="unreadable-image"),
    "a folder with links": Case(folder_with_links),
    "no picture at all": Case(lambda path: archive(path, {"readme.txt": b"x"}), "image"),
    "an empty zip": Case(lambda path: archive(path, {}), "image"),
}  # fmt: skip
#: Zips with bytes changed at random: any answer in words will do.
SHAKEN = {f"shaken {seed}": Case(shaken(seed)) for seed in range(40)}
