"""A folder of predictors: signed, hashed, each version with its evaluation and the history of its states.

    FOLDER/public_key.txt            whose signatures count here
    FOLDER/NAME/1/entry.json         the facts, the evaluation and the hash of the model, signed
    FOLDER/NAME/1/model.json         plain numbers; nothing in it is ever run
    FOLDER/NAME/1/history.jsonl      a line for each step, each signed and naming the line before
    FOLDER/NAME/1/head.json          how many lines there are and the hash of the last, signed: none can be cut off
    FOLDER/NAME/1/shadow/            scores that nobody is shown

The private key is ``signing.key`` in the folder unless another is given. Whoever can read it can sign: keep it
elsewhere in earnest. What signatures in one folder cannot show is that the whole folder was put back to an older copy
of itself: the service compares the history with the steps that it recorded.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from milepost.risk.predictors.data_files import load
from milepost.risk.predictors.fit import Predictor, load_predictor
from milepost.risk.predictors.signing import (
    Untrusted,
    check,
    hash_of,
    key_in,
    public_key_of,
    sign,
)
from milepost.risk.predictors.states import NotAllowed, may_move

__all__ = ["Entry", "NoSuchPredictor", "NotAllowed", "Registry", "Untrusted", "entry"]

FACTS = (
    "name", "version", "task", "owner", "source", "cohort", "index_date", "horizon_days", "outcome", "features",
    "excluded", "groups", "justification", "data", "model", "evaluation", "evaluation_hash", "fairness",
    "calibration", "confidence", "reference", "retrospective", "synthetic", "trained_at", "study",
)  # fmt: skip


class NoSuchPredictor(LookupError):
    """The registry has no predictor of this name or version. The message lists what it has."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of a predictor. Its signatures were checked when it was read."""

    folder: Path
    body: dict[str, Any]
    signature: str
    history: tuple[dict[str, Any], ...]

    @property
    def name(self) -> str:
        return str(self.body["name"])

    @property
    def version(self) -> int:
        return int(self.body["version"])

    @property
    def state(self) -> str:
        return str(self.history[-1]["to"])

    def facts(self) -> dict[str, Any]:
        """Everything that a record or a model card needs, as plain JSON."""
        return {
            **{key: self.body[key] for key in FACTS},
            "state": self.state,
            "history": [
                {k: event[k] for k in ("at", "to", "by", "why", "evaluation_hash")} for event in self.history
            ],
            "signature": self.signature,
            "hash": self.body["model_hash"],
        }

    def predictor(self) -> Predictor:
        """What scores people. Raises ``Untrusted`` if its file is not the one that was signed."""
        held = _read_json(self.folder / "model.json")
        if hash_of(held) != self.body["model_hash"]:
            raise Untrusted(f"{self.folder / 'model.json'} was changed after it was signed. Do not use it.")
        return load_predictor(held)


class Registry:
    """Reads and writes one folder. ``key`` signs; ``public_key`` pins whose signatures count.

    Raises ``Untrusted`` if the folder's key is not the pinned one.
    """

    def __init__(
        self, folder: Path, *, key: Ed25519PrivateKey | None = None, public_key: str | None = None
    ) -> None:
        self.folder = folder
        self._key = key
        held = folder / "public_key.txt"
        found = held.read_text(encoding="ascii").strip() if held.exists() else None
        self.public_key = public_key or found
        if public_key and found and public_key != found:
            raise Untrusted(f"{held} is not the key that was given. Find out who changed it.")

    def entries(self) -> list[Entry]:
        """Every version of every predictor, newest first within a name. Raises ``Untrusted`` for an altered one."""
        return [self.entry(name, number) for name in self.names() for number in reversed(self.versions(name))]

    def names(self) -> list[str]:
        if not self.folder.is_dir():
            return []
        return sorted(p.name for p in self.folder.iterdir() if p.is_dir() and self.versions(p.name))

    def versions(self, name: str) -> list[int]:
        folder = self.folder / name
        if not folder.is_dir() or folder.parent != self.folder:
            return []
        return sorted(
            int(p.name) for p in folder.iterdir() if p.name.isdecimal() and (p / "entry.json").exists()
        )

    def entry(self, name: str, version: int | None = None) -> Entry:
        """One version, the newest by default.

        Raises:
            NoSuchPredictor: it is not there.
            Untrusted: a file was changed, or another key signed it.
        """
        held = self.versions(name)
        if not held or (version is not None and version not in held):
            there = ", ".join(f"{n} {v}" for n in self.names() for v in self.versions(n)) or "none"
            raise NoSuchPredictor(
                f"There is no predictor {name} {version or ''} in {self.folder}. There are: {there}."
            )
        folder = self.folder / name / str(version or held[-1])
        if self.public_key is None:
            raise Untrusted(f"{self.folder} has no public_key.txt, so nothing in it can be trusted.")
        signed = _read_json(folder / "entry.json")
        try:
            body, signature = signed["body"], signed["signature"]
            check(self.public_key, signature, body, f"{folder / 'entry.json'}")
            if (body["name"], body["version"]) != (name, int(folder.name)):
                raise Untrusted(f"{folder / 'entry.json'} belongs to another predictor or version.")
            return Entry(folder, body, signature, self._history(folder, body))
        except (KeyError, TypeError, ValueError, OSError) as error:
            raise Untrusted(f"{folder} is no entry that can be read: {error}.") from None

    def add(self, body: dict[str, Any], predictor: Predictor, *, by: str, at: dt.datetime) -> Entry:
        """Keeps a new version in the first state. ``body`` has the facts but for version and hashes."""
        if not by.strip():
            raise NotAllowed("Say who trained it, by name.")
        key = self._signing_key()
        name = str(body["name"])
        version = (self.versions(name) or [0])[-1] + 1
        model = predictor.as_dict()
        whole = {
            **body, "version": version, "model_hash": hash_of(model),
            "evaluation_hash": hash_of({"evaluation": body["evaluation"], "fairness": body["fairness"]}),
        }  # fmt: skip
        # A version is there whole or not at all: it is made under another name.
        folder = self.folder / name / f"{version}.part"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        _write_whole(folder / "model.json", json.dumps(model, allow_nan=False))
        first = load("states")["first"]
        self._append(folder, (), whole, to=first, by=by, why="trained", evaluation_hash=None, at=at)
        entry = {"body": whole, "signature": sign(key, whole), "public_key": self.public_key}
        _write_whole(folder / "entry.json", json.dumps(entry, indent=1, ensure_ascii=False))
        folder.replace(self.folder / name / str(version))
        return self.entry(name, version)

    def move(
        self, entry: Entry, to: str, *, by: str, why: str, at: dt.datetime, evaluation_hash: str | None = None,
        demonstration: bool = False,
    ) -> Entry:  # fmt: skip
        """One step of a state. ``demonstration`` lets a synthetic predictor through, for a show of the pages.

        Raises ``NotAllowed`` with the reason.
        """
        entry = self.entry(entry.name, entry.version)
        may_move(
            entry.facts(), to, by=by, evaluation_hash=evaluation_hash, at=at, demonstration=demonstration
        )
        if not why.strip():
            raise NotAllowed("Say why, in a sentence.")
        self._append(
            entry.folder, entry.history, entry.body,
            to=to, by=by, why=why, evaluation_hash=evaluation_hash, at=at,
        )  # fmt: skip
        return self.entry(entry.name, entry.version)

    def _append(
        self, folder: Path, history: tuple[dict[str, Any], ...], body: dict[str, Any], *, to: str, by: str,
        why: str, evaluation_hash: str | None, at: dt.datetime,
    ) -> None:  # fmt: skip
        event = {
            "name": body["name"], "version": body["version"], "to": to, "by": by.strip(), "why": why.strip(),
            "evaluation_hash": evaluation_hash, "at": at.isoformat(timespec="seconds"),
            "before": hash_of(history[-1]) if history else body["model_hash"],
        }  # fmt: skip
        key = self._signing_key()
        event["signature"] = sign(key, event)
        events = [*history, event]
        if history:
            self._write_head(folder, body, list(history))  # of a step that was killed before its head
        # The history before its head: killed between, there is one more signed line than the head says, and that is
        # the step that was being taken. The other way round it would look as if somebody had cut it.
        lines = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in events)
        _write_whole(folder / "history.jsonl", lines)
        self._write_head(folder, body, events)

    def _write_head(self, folder: Path, body: dict[str, Any], events: list[dict[str, Any]]) -> None:
        head = {
            "name": body["name"], "version": body["version"], "lines": len(events), "last": hash_of(events[-1])
        }  # fmt: skip
        signed = {"head": head, "signature": sign(self._signing_key(), head)}
        _write_whole(folder / "head.json", json.dumps(signed, ensure_ascii=False))

    def _history(self, folder: Path, body: dict[str, Any]) -> tuple[dict[str, Any], ...]:
        assert self.public_key is not None
        # The head first: whoever reads while a step is taken sees a head of before and a history of after, as above.
        head = self._head(folder, body)
        path, before, events = folder / "history.jsonl", body["model_hash"], []
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            event = json.loads(line)
            plain = {key: value for key, value in event.items() if key != "signature"}
            check(self.public_key, event["signature"], plain, f"{path}, line {number},")
            expected = (body["name"], body["version"], before)
            if (event["name"], event["version"], event["before"]) != expected:
                raise Untrusted(f"{path}, line {number}, does not follow from the line before it.")
            before = hash_of(event)
            events.append(event)
        if not events:
            raise Untrusted(f"{path} is empty.")
        self._check_end(path, events, head)
        return tuple(events)

    def _head(self, folder: Path, body: dict[str, Any]) -> dict[str, Any]:
        assert self.public_key is not None
        signed = _read_json(folder / "head.json")
        head: dict[str, Any] = signed["head"]
        check(self.public_key, signed["signature"], head, f"{folder / 'head.json'}")
        if (head["name"], head["version"]) != (body["name"], body["version"]):
            raise Untrusted(f"{folder / 'head.json'} belongs to another predictor or version.")
        return head

    @staticmethod
    def _check_end(path: Path, events: list[dict[str, Any]], head: dict[str, Any]) -> None:
        lines = int(head["lines"])
        if len(events) < lines:
            raise Untrusted(
                f"{path} has {len(events)} lines, and its signed head says {lines}: the end was cut off. Do not use "
                "it; bring it back from a backup and find out who changed it."
            )
        if len(events) > lines + 1 or hash_of(events[lines - 1]) != head["last"]:
            raise Untrusted(f"{path} does not end as its signed head says. Find out who changed it.")

    def _signing_key(self) -> Ed25519PrivateKey:
        if self._key is None:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._key = key_in(self.folder / "signing.key")
        own = public_key_of(self._key)
        if self.public_key is None:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write_whole(self.folder / "public_key.txt", own + "\n")
            self.public_key = own
        if own != self.public_key:
            raise Untrusted(f"The signing key is not the one of {self.folder / 'public_key.txt'}.")
        return self._key


def entry(name: str, version: int | None = None, *, folder: Path) -> Entry:
    """One entry of the registry in ``folder``. Raises as :meth:`Registry.entry`."""
    return Registry(folder).entry(name, version)


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Untrusted(f"{path} cannot be read: {error}.") from None


def _write_whole(path: Path, text: str) -> None:
    """A file is there whole or not at all, also after the power went."""
    part = path.with_suffix(path.suffix + ".part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)  # whatever the umask
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)
