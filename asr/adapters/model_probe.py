"""Does this model load and recognise? Tried in a process of its own, because native code that fails ends its process.

`python -m asr.adapters.model_probe FOLDER MEMORY_BYTES CPU_S` is that process; it prints one line of JSON.
"""

import json
import os
import random
import resource
import signal
import struct
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from asr.adapters.model_files import check_files
from asr.domain.catalogue.model_errors import ModelUnloadable
from asr.domain.errors import ModelMissing
from kit.errors import HotlineError

_OWN_BYTES = 4 << 30
"""Address space of Python, NumPy and Vosk before any model."""
_BYTES_PER_MODEL_BYTE = 6
_REFUSED = 3


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """A model that loaded and decoded one second of sound."""

    sample_rate: int


def probe_model(folder: Path, *, timeout_s: float = 180.0) -> ProbeReport:
    """Load the model in a child with limits of time and memory. Raises ModelUnloadable that says what happened."""
    try:
        check_files(folder)
        memory = _OWN_BYTES + _BYTES_PER_MODEL_BYTE * sum(
            each.stat().st_size for each in folder.rglob("*") if each.is_file()
        )
        command = [sys.executable, "-m", __name__, str(folder), str(memory), str(int(timeout_s) + 1)]
        done = subprocess.run(command, capture_output=True, timeout=timeout_s, stdin=subprocess.DEVNULL, check=False)
    except ModelMissing as error:
        raise ModelUnloadable(error.message) from None
    except subprocess.TimeoutExpired:
        raise ModelUnloadable(f"{folder.name} did not load within {timeout_s:g} s") from None
    except OSError as error:
        raise ModelUnloadable(f"{folder.name} could not be tried: {error}") from None
    return _report(folder, done)


def _report(folder: Path, done: subprocess.CompletedProcess[bytes]) -> ProbeReport:
    if done.returncode < 0:
        name = signal.Signals(-done.returncode).name
        raise ModelUnloadable(f"{folder.name} killed the process that loaded it ({name})", signal=name)
    try:
        said = json.loads(done.stdout.splitlines()[-1])
        if done.returncode == _REFUSED:
            raise ModelUnloadable(str(said["refused"]))
        return ProbeReport(int(said["sample_rate"]))
    except (IndexError, ValueError, KeyError, TypeError):
        raise ModelUnloadable(f"{folder.name} does not load (exit status {done.returncode})") from None


def main(folder: Path, memory_bytes: int, cpu_s: int) -> int:
    """The child: limits on itself, then load and decode one second of noise."""
    for limit, value in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_AS, memory_bytes), (resource.RLIMIT_CPU, cpu_s)):
        with suppress(ValueError, OSError):  # a lower limit is in force already
            resource.setrlimit(limit, (value, value))
    from asr.adapters.vosk import VoskRecogniser  # loads the native library: only here, under the limits

    try:
        recogniser = VoskRecogniser(folder)
        noise = random.Random(1)
        samples = [noise.randrange(-500, 500) for _ in range(recogniser.sample_rate)]
        recogniser.recognise(struct.pack(f"<{len(samples)}h", *samples), recogniser.sample_rate)
    except (HotlineError, MemoryError) as error:
        sys.stdout.write(json.dumps({"refused": str(error) or "not enough memory"}) + "\n")
        return _REFUSED
    sys.stdout.write(json.dumps({"sample_rate": recogniser.sample_rate}) + "\n")
    return 0


if __name__ == "__main__":
    status = main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    sys.stdout.flush()
    os._exit(status)  # native destructors have nothing more to say
