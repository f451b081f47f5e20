"""CocoIndex as a contender: pages split, embedded and kept as rows of a target that only counts."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import pathlib
import signal
import sys
import zlib
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

os.environ["COCOINDEX_DISABLE_USAGE_TRACKING"] = "1"

import cocoindex as coco  # noqa: E402
import numpy as np  # noqa: E402
from cocoindex.connectorkits.fingerprint import fingerprint_object  # noqa: E402
from cocoindex.connectors import localfs  # noqa: E402
from cocoindex.resources.file import FileLike, PatternFilePathMatcher  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

MOST_CHARACTERS = 1_000
DIMENSION = 384

task: dict[str, Any] = json.loads(sys.argv[1])
done = {
    "filesRead": 0,
    "chunks": 0,
    "embedCalls": 0,
    "embedTexts": 0,
    "targetCalls": 0,
    "targetWrites": 0,
    "targetDeletes": 0,
}


# The splitter. CocoIndex tells that it was edited by the code that it then finds, so only one of the two, of equal
# output, may be there.

if task["splitter"] == 1:

    @coco.fn
    def split(text: str) -> list[str]:
        pieces: list[str] = []
        start = 0
        while len(text) - start > MOST_CHARACTERS:
            end = start + MOST_CHARACTERS
            for mark in ("\n\n", "\n", " "):
                at = text.rfind(mark, start, end)
                if at >= 0:
                    end = at + len(mark)
                    break
            pieces.append(text[start:end])
            start = end
        if start < len(text):
            pieces.append(text[start:])
        return pieces

else:

    @coco.fn
    def split(text: str) -> list[str]:
        pieces: list[str] = []
        rest = text
        while len(rest) > MOST_CHARACTERS:
            head = rest[:MOST_CHARACTERS]
            ends = (head.rfind(mark) + len(mark) for mark in ("\n\n", "\n", " ") if mark in head)
            size = next(ends, MOST_CHARACTERS)
            pieces.append(rest[:size])
            rest = rest[size:]
        return [*pieces, rest] if rest else pieces


# The embedder: next to free, so that what is measured is not it.

BASE: NDArray[np.float32] = np.sin(np.arange(1, DIMENSION + 1)).astype(np.float32) / 14


def vector_of(text: str) -> NDArray[np.float32]:
    vector = BASE.copy()
    digest = zlib.crc32(text.encode())
    vector[:4] = [(digest >> shift & 0xFF) / 0x100 for shift in (0, 8, 16, 24)]
    return vector


@coco.fn.as_async(batching=True, max_batch_size=task["batch"], memo=True)
async def embed(texts: list[str]) -> list[NDArray[np.float32]]:
    done["embedCalls"] += 1
    if task["delay"] > 0:
        await asyncio.sleep(task["delay"] / 1_000)
    done["embedTexts"] += len(texts)
    if task["stopAfterTexts"] is not None and done["embedTexts"] >= task["stopAfterTexts"]:
        os.kill(os.getpid(), signal.SIGKILL)
    return [vector_of(text) for text in texts]


# The target.


class RowAction(NamedTuple):
    key: tuple[str, int]
    text: str | None


class Row(NamedTuple):
    text: str
    vector: NDArray[np.float32]


class RowHandler(coco.TargetHandler[Row, bytes]):
    """Tracks rows by fingerprint, as the connectors do that come with CocoIndex."""

    tracks_value_fingerprint = True

    def __init__(self) -> None:
        self._record = open(task["record"], "a") if task["record"] else None
        self._sink = coco.TargetActionSink[RowAction].from_async_fn(self._apply)

    def reconcile(
        self,
        key: coco.StableKey,
        desired: Row | coco.NonExistenceType,
        previous: Collection[bytes],
        may_be_missing: bool,
        /,
    ) -> coco.TargetReconcileOutput[RowAction, bytes] | None:
        if coco.is_non_existence(desired):
            if not previous and not may_be_missing:
                return None
            return coco.TargetReconcileOutput(RowAction(key, None), self._sink, coco.NON_EXISTENCE)
        fingerprint = fingerprint_object(desired)
        if not may_be_missing and all(record == fingerprint for record in previous):
            return None
        return coco.TargetReconcileOutput(RowAction(key, desired.text), self._sink, fingerprint)

    async def _apply(self, _context: coco.ContextProvider, actions: Sequence[RowAction]) -> None:
        deletes = sum(action.text is None for action in actions)
        done["targetCalls"] += 1
        done["targetDeletes"] += deletes
        done["targetWrites"] += len(actions) - deletes
        if self._record is not None:
            self._record.writelines(json.dumps(operation_of(action)) + "\n" for action in actions)
            self._record.flush()


def operation_of(action: RowAction) -> dict[str, str]:
    file, start = action.key
    row = f"{file}#{start}"
    if action.text is None:
        return {"op": "delete", "id": row}
    return {"op": "write", "id": row, "file": file, "text": hashlib.sha1(action.text.encode()).hexdigest()}


rows = coco.register_root_target_states_provider("bench/rows", RowHandler())


# The flow.


async def declare_row(piece: tuple[int, str], file: str) -> None:
    start, text = piece
    coco.declare_target_state(rows.target_state((file, start), Row(text, await embed(text))))


@coco.fn(memo=True)
async def process_file(file: FileLike) -> None:
    pieces: list[tuple[int, str]] = []
    start = 0
    for text in split(await file.read_text()):
        pieces.append((start, text))
        start += len(text)
    done["chunks"] += len(pieces)
    await coco.map(declare_row, pieces, file.file_path.path.as_posix())


CORPUS = coco.ContextKey[pathlib.Path]("corpus")


@coco.lifespan
def provide(builder: coco.EnvironmentBuilder) -> Iterator[None]:
    builder.settings.db_path = pathlib.Path(task["state"]) / "cocoindex.db"
    builder.provide(CORPUS, pathlib.Path(task["corpus"]))
    yield


@coco.fn
async def app_main() -> None:
    pages = localfs.walk_dir(
        CORPUS, recursive=True, path_matcher=PatternFilePathMatcher(included_patterns=["**/*.md"])
    )
    await coco.mount_each(process_file, pages.items())


def count_reads() -> None:
    """At the read itself: a file is also read to see whether it is what it was."""
    read = localfs.File._read_impl

    async def counted(file: localfs.File, size: int = -1) -> bytes:
        done["filesRead"] += 1
        return await read(file, size)

    localfs.File._read_impl = counted  # type: ignore[method-assign]


def disk_bytes(directory: pathlib.Path) -> int:
    return sum(path.stat().st_blocks * 512 for path in directory.rglob("*") if path.is_file())


def main() -> None:
    if task["mode"] != "update":
        sys.exit(f"this program has no {task['mode']}")
    count_reads()
    coco.App("pages", app_main).update_blocking()
    print(json.dumps({**done, "transactions": None, "storeBytes": disk_bytes(pathlib.Path(task["state"]))}))


if __name__ == "__main__":
    main()
