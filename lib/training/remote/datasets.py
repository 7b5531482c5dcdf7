"""A dataset by way of a shared store: pushed in one revision, pictures once each by their hash; pulled and compared."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Annotated, Any, TypedDict, TypeVar

from msgspec import Meta

from lib.core import checksums, digests, files, in_place, inside, json_files, temporary
from lib.core.dataset import EXCLUDED, Dataset
from lib.core.errors import DamagedError, UserError
from lib.core.json_files import Count
from lib.core.workspace import Workspace, check_name
from lib.datasets import store
from lib.datasets.dataset_files import HEAD, ITEMS, TARGS
from lib.datasets.journal import journal, tables, writer
from lib.training.remote import objects
from lib.training.remote.objects import Share, Stored

T = TypeVar("T")
#: Called with how many of how many pictures are done.
Tell = Callable[[int, int], None]
#: Objects that travel at once.
_AT_ONCE = 16
_Digest = Annotated[str, Meta(pattern=r"\A[0-9a-f]{16}\Z")]


class Picture(TypedDict):
    """A picture: its file below ``images/``, its bytes and its hash."""

    file: Annotated[str, Meta(min_length=1, max_length=1000)]
    size: Count
    digest: _Digest


class Index(TypedDict):
    """All that a dataset is in one revision: its files by their names, and its pictures."""

    name: str
    revision: str
    files: dict[str, Stored]
    pictures: list[Picture]


def index_key(name: str, revision: str) -> str:
    """Return the key of the index of a dataset."""
    return f"datasets/{check_name(name, 'dataset')}/{check_name(revision, 'revision')}.json"


def _file_key(stored: Stored) -> str:
    return f"files/{stored['checksum']}-{stored['size']}"


def picture_key(digest: str) -> str:
    """Return the key of the picture with this hash."""
    return f"pictures/{digest[:2]}/{digest}"


def push(
    share: Share,
    workspace: Workspace,
    name: str,
    revision: str | None = None,
    tell: Tell | None = None,
) -> Index:
    """Put a dataset as it is now, or was in ``revision``, into the store; what is there already is not sent again.

    Pictures that the dataset uses where they are travel as well: where it is pulled it has copies of its own.

    Parameters
    ----------
    share : Share
    workspace : Workspace
    name : str
    revision : str, optional
    tell : callable, optional

    Raises
    ------
    UserError
        If there is no such dataset, a picture of it is gone or has changed, or the store cannot be written to.
    """
    dataset = store.load(workspace, name, revision)
    key = index_key(name, dataset.revision)
    with contextlib.suppress(objects.MissingError, DamagedError):
        return share.get_json(key, Index)  # was written last
    kept = _files_of(dataset)
    pictures = _push_pictures(share, dataset, tell or (lambda done, total: None))
    for content in kept.values():
        share.put(_file_key(_stored(content)), content)
    index = Index(
        name=name,
        revision=dataset.revision,
        files={file: _stored(content) for file, content in kept.items()},
        pictures=pictures,
    )
    share.put_json(key, index)
    return index


def _stored(content: bytes) -> Stored:
    return {"size": len(content), "checksum": checksums.of(content)}


def _files_of(dataset: Dataset) -> dict[str, bytes]:
    """Return what lies in a dataset's folder beside its pictures, as it is to lie where it is pulled."""
    folder = dataset.path
    with writer.locked(folder) if os.access(folder, os.W_OK) else contextlib.nullcontext():
        names = [ITEMS, TARGS, *(name for name in (journal.FILE, journal.END) if (folder / name).exists())]
        names += [f"{tables.TABLES}/{path.name}" for path in sorted((folder / tables.TABLES).glob("*.parquet"))]
        kept = {name: (folder / name).read_bytes() for name in names}
        head: dict[str, Any] = json_files.read(folder / HEAD, dict[str, Any])
    if dataset.root is not None:  # with copies
        head.pop("root", None)
        head["checksums"]["files"].pop(in_place.STAMPS, None)
    return {**kept, HEAD: checksums.sealed(json_files.encode(head), HEAD)}


def _push_pictures(share: Share, dataset: Dataset, tell: Tell) -> list[Picture]:
    """Send the pictures that the store has not, and return all; excluded ones that cannot be read stay out."""
    there = share.sizes("pictures")
    is_excluded = (dataset.items["split"] == EXCLUDED).tolist()

    def send(item: int) -> Picture | None:
        try:
            with dataset.opened(item) as file:
                content = file.read()
        except UserError:
            if is_excluded[item]:
                return None
            raise
        digest = digests.of(content)
        key = picture_key(digest)
        if there.get(key) != len(content):
            objects.persistently(lambda: share.put(key, content), lambda _: None, give_up=_after(60))
        return {"file": dataset.files[item], "size": len(content), "digest": digest}

    return [picture for picture in _at_once(send, range(len(dataset)), tell) if picture is not None]


def _after(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def _at_once(act: Callable[[Any], T], items: Iterable[Any], tell: Tell) -> list[T]:
    """Do ``act`` for each of ``items``, several at once, in their order; the first that raises ends it."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        waiting = [pool.submit(act, item) for item in items]
        try:
            for done, one in enumerate(as_completed(waiting), 1):
                one.result()
                tell(done, len(waiting))
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return [one.result() for one in waiting]


def pull(
    share: Share, name: str, revision: str, target: Path, kept: Path | None = None, tell: Tell | None = None
) -> None:
    """Make the dataset's folder ``target``, which is not there, of what was pushed; all of it, or nothing.

    Parameters
    ----------
    share : Share
    name, revision : str
    target : pathlib.Path
        The folder, called ``name``.
    kept : pathlib.Path, optional
        Where pictures are kept by their hash, on the same disk: those that are there are not fetched again.
    tell : callable, optional

    Raises
    ------
    UserError
        If there is none, or the store cannot be read; `DamagedError` if it is not what was pushed.
    FileExistsError
        If ``target`` is there.
    """
    index = read_index(share, name, revision)
    try:
        with files.new_folder(target) as building:
            _fill(share, index, building, kept, tell or (lambda done, total: None))
        _check(target, index)
    except (objects.MissingError, DamagedError):
        _empty(share, index_key(name, revision))
        raise


def _empty(share: Share, key: str) -> None:
    """Leave nothing in an object that is no good: whoever has what was there looks for it, and sends it anew."""
    with contextlib.suppress(objects.ShareError):
        share.put(key, b"")


def read_index(share: Share, name: str, revision: str) -> Index:
    """Return what a dataset is in one revision; raises as `pull`."""
    key = index_key(name, revision)
    try:
        index = share.get_json(key, Index)
    except objects.MissingError as error:
        raise UserError(
            f"The store {share.url} has no dataset {name} of revision {revision}: push it there from the workspace "
            "that has it."
        ) from error
    if (index["name"], index["revision"]) != (name, revision):
        raise objects.damaged(share, key, f"expected {name} {revision}, found {index['name']!r:.80}")
    return index


def total_bytes(index: Index) -> int:
    """Return the bytes of all files of a dataset."""
    return sum(one["size"] for one in (*index["files"].values(), *index["pictures"]))


def _fill(share: Share, index: Index, folder: Path, kept: Path | None, tell: Tell) -> None:
    own = {HEAD, ITEMS, TARGS, journal.FILE, journal.END}
    for name, stored in index["files"].items():
        table = name.removeprefix(f"{tables.TABLES}/").removesuffix(".parquet")
        if name not in own and not (name == f"{tables.TABLES}/{table}.parquet" and tables.HASH.fullmatch(table)):
            raise DamagedError(f"The dataset {index['name']} in {share.url} has a file {name[:80]!r}: {objects.ANEW}.")
        (folder / name).parent.mkdir(exist_ok=True)
        share.fetch(_file_key(stored), folder / name, stored)
    images = folder / "images"
    images.mkdir()
    if len({picture["file"] for picture in index["pictures"]}) != len(index["pictures"]):
        raise DamagedError(f"The dataset {index['name']} in {share.url} has one picture twice: {objects.ANEW}.")
    for parent in {inside.path(images, picture["file"]).parent for picture in index["pictures"]}:
        parent.mkdir(parents=True, exist_ok=True)

    def fetch(picture: Picture) -> None:
        path = inside.path(images, picture["file"])
        if kept is None:
            _fetch_picture(share, picture, path)
            return
        one = kept / picture["digest"][:2] / picture["digest"]
        if not (one.exists() and one.stat().st_size == picture["size"] and digests.of_file(one) == picture["digest"]):
            one.parent.mkdir(parents=True, exist_ok=True)
            _fetch_picture(share, picture, one)
        try:
            path.hardlink_to(one)
        except OSError:  # another disk, or one without links
            shutil.copyfile(one, path)

    _at_once(fetch, index["pictures"], tell)


def _fetch_picture(share: Share, picture: Picture, path: Path) -> None:
    key = picture_key(picture["digest"])
    give_up = _after(60)
    content = objects.persistently(lambda: share.get(key, picture["size"]), lambda _: None, give_up=give_up)
    if digests.of(content) != picture["digest"]:
        _empty(share, key)
        raise objects.damaged(share, key, "it is not the picture that it is called after")
    with temporary.temporary_file(path) as partial:  # not synced: it is compared again whenever it is taken
        partial.write_bytes(content)
        files.share(partial)
        partial.replace(path)


def _check(folder: Path, index: Index) -> None:
    """Look whether what was pulled is the dataset in its revision; else it goes again."""
    try:
        store.read_state(folder, index["revision"])
    except UserError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
