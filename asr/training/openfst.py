"""OpenFst's programs (Debian package libfst-tools), fed through pipes."""

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

_LOOK_AHEAD_LIBRARY = "libfstlookahead.so.22"
"""fstconvert does not find the type by itself in Debian; loading its library first helps."""


def compiled(lines: Iterable[str], *, sorted_by: str) -> bytes:
    """A transducer from OpenFst's text form, its arcs sorted by `ilabel` or `olabel`."""
    text = "\n".join(lines).encode()
    return _run("fstarcsort", f"--sort_type={sorted_by}", data=_run("fstcompile", data=text))


def as_constant(transducer: bytes) -> bytes:
    return _run("fstconvert", "--fst_type=const", data=transducer)


def with_look_ahead(transducer: bytes, folder: Path) -> tuple[bytes, dict[int, int]]:
    """For composition with a grammar while decoding: the transducer, and the new number of each output label."""
    pairs = folder / "relabelled"
    options = ("--fst_type=olabel_lookahead", f"--save_relabel_opairs={pairs}")
    converted = _run("fstconvert", *options, data=transducer, preload=_LOOK_AHEAD_LIBRARY)
    numbers = {int(old): int(new) for old, new in (line.split() for line in pairs.read_text().splitlines())}
    pairs.unlink()
    return converted, numbers


def _run(*command: str, data: bytes, preload: str = "") -> bytes:
    environment = os.environ | ({"LD_PRELOAD": preload} if preload else {})
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True, env=environment).stdout
