"""Files of a zip as a tree for a dry run: an image is unpacked only when it is needed."""

from __future__ import annotations

import contextlib
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from lib.core import temporary
from lib.importing import archive, importer, unpack
from lib.importing.hugging_face import parquet
from lib.importing.options import Progress
from lib.importing.tree import Tree, is_picture


class PackedTree(Tree):
    """The files of a zip as a `lib.importing.tree.Tree`; a picture is unpacked when its path is asked for.

    Parameters
    ----------
    root : pathlib.Path
        An empty folder that lives as long as the tree.
    packed : zipfile.ZipFile
    members : mapping
        Its files by safe names, from `lib.importing.archive.entries`; those that are no pictures are unpacked at once.
    """

    def __init__(self, root: Path, packed: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo]):
        self._packed, self._members, self._base = packed, members, root.resolve()
        for name, member in members.items():
            if not is_picture(name):
                archive.extract(packed, member, self._base / name)
        super().__init__(root)

    def _walk(self) -> list[str]:
        return sorted(self._members)

    def path(self, file: str) -> Path:
        """Return the full path of one of the files, which is there from now on."""
        path = super().path(file)
        if not path.exists():
            archive.extract(self._packed, self._members[path.relative_to(self._base).as_posix()], path)
        return path


@contextlib.contextmanager
def opened_tree(
    source: Path, choices: Mapping[str, str] | None = None, progress: Progress | None = None
) -> Iterator[Tree]:
    """Yield the files of a source like `lib.importing.importer.opened_tree`; images of a zip are unpacked when used.

    Raises
    ------
    UserError
        As of `lib.importing.importer.opened_tree`; damage of a picture in a zip shows when it is used.
    """
    with contextlib.ExitStack() as stack:
        if source.is_file() and not parquet.is_parquet(source):
            scratch = stack.enter_context(temporary.temporary(None, temporary.UNPACKED))
            stack.callback(shutil.rmtree, scratch, ignore_errors=True)
            packed, members = stack.enter_context(archive.entries(source, scratch))
            if not any(name.lower().endswith(parquet.SUFFIX) for name in members):
                inner = scratch / source.name  # the name that messages show
                inner.mkdir()
                yield unpack.without_ignored(PackedTree(inner, packed, members), choices or {})
                return
        yield stack.enter_context(importer.opened_tree(source, None, choices, progress))
