"""The one file of a backup: a ZIP of the store's copy and a manifest that says what it must be."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import IO, Literal
from zlib import error as zlib_error

from pydantic import BaseModel, ConfigDict, ValidationError

from data.ops import OpsError
from data.ops.census import Census

MANIFEST = "manifest.json"
CHUNK = 1024 * 1024
MOST_MANIFEST = 1024 * 1024
FORMAT: Literal[1] = 1


class Manifest(BaseModel):
    """What is in a backup. Sizes in bytes; `sha256` and `size` are of the copy itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    product: Literal["zhizhi"] = "zhizhi"
    format: Literal[1] = FORMAT
    build: str
    made_at: datetime
    database: Literal["sqlite", "postgresql"]
    server: str
    city: str
    payload: str
    size: int
    sha256: str
    revision: str
    rev: int
    epoch: str
    tables: dict[str, int]

    @property
    def census(self) -> Census:
        """What the store counted when it was copied."""
        return Census(self.revision, self.rev, self.epoch, self.tables)


def described(census: Census) -> dict[str, object]:
    """Return a census as the manifest's fields."""
    return asdict(census)


class Draft:
    """A backup that is being written; it gets its name when it is whole."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._zip, self._hash, self.size = archive, hashlib.sha256(), 0

    def fill(self, name: str, source: IO[bytes], *, packed: bool) -> None:
        """Write the copy. packed: it is compressed already."""
        entry = zipfile.ZipInfo(name)
        entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
        with self._zip.open(entry, "w", force_zip64=True) as out:
            while chunk := source.read(CHUNK):
                self._hash.update(chunk)
                self.size += len(chunk)
                out.write(chunk)

    @property
    def sha256(self) -> str:
        """Of what was written."""
        return self._hash.hexdigest()

    def seal(self, manifest: Manifest) -> None:
        """Write what it must be."""
        text = json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False, indent=1)
        self._zip.writestr(MANIFEST, text)


@contextmanager
def drafted(path: Path) -> Iterator[Draft]:
    """Give a draft of `path`; on any fault nothing is left of it, and never half a file.

    Only the owner may read it: it holds what the store holds.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            with zipfile.ZipFile(file, "w", compresslevel=1) as archive:
                yield Draft(archive)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        _sync_folder(path.parent)
    finally:
        part.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_manifest(path: Path) -> Manifest:
    """Return what a file says that it holds.

    Raises:
        OpsError: there is no such file, or it is no backup of this product.
    """
    with _opened(path) as archive:
        return _manifest(archive, path)


def unpack(path: Path, target: Path) -> Manifest:
    """Write the copy of the store to `target`, if it is what the manifest says.

    Raises:
        OpsError: it is no backup, or not the one that was written: nothing is left of `target`.
    """
    with _opened(path) as archive:
        manifest = _manifest(archive, path)
        try:
            with _made(target) as out:
                _copy(archive, manifest, out)
        except (OpsError, KeyError, zipfile.BadZipFile, zlib_error, EOFError) as error:
            target.unlink(missing_ok=True)
            said = str(error) if isinstance(error, OpsError) else "its content is damaged"
            raise OpsError(f"{path.name} is not the backup that was written: {said}") from error
    return manifest


@contextmanager
def _made(target: Path) -> Iterator[IO[bytes]]:
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        yield out
        out.flush()
        os.fsync(out.fileno())


def _copy(archive: zipfile.ZipFile, manifest: Manifest, out: IO[bytes]) -> None:
    mark, size = hashlib.sha256(), 0
    with archive.open(manifest.payload) as source:
        while chunk := source.read(CHUNK):
            size += len(chunk)
            if size > manifest.size:
                break
            mark.update(chunk)
            out.write(chunk)
    if size != manifest.size:
        raise OpsError(f"its copy has another size than {manifest.size} bytes")
    if mark.hexdigest() != manifest.sha256:
        raise OpsError("its SHA-256 is another one")


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError:
        raise OpsError(f"there is no file {path}") from None
    except (OSError, zipfile.BadZipFile) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is cut off or damaged"
        raise OpsError(f"{path.name} cannot be read as a backup: {reason}") from error
    with contextlib.closing(archive):
        yield archive


def _manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    try:
        if archive.getinfo(MANIFEST).file_size > MOST_MANIFEST:
            raise OpsError(f"{path.name}: its manifest is too large")
        return Manifest.model_validate_json(archive.read(MANIFEST))
    except KeyError:
        raise OpsError(f"{path.name} is no backup: it has no {MANIFEST}") from None
    except ValidationError as error:
        field = ".".join(map(str, error.errors()[0]["loc"])) or "form"
        said = error.errors()[0]["msg"]
        raise OpsError(f"{path.name}: its manifest is wrong at {field}: {said}") from error
    except (zipfile.BadZipFile, zlib_error, EOFError, NotImplementedError) as error:
        raise OpsError(f"{path.name}: its manifest is damaged") from error
