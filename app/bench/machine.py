"""The machine that was measured on, and how much of it others used meanwhile: figures are worse for that."""

import os
import platform
import resource
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_QUIET_PERCENT = 10.0
"""Of the machine. The kernel's own work, which belongs to no process, stays below it."""


@dataclass(frozen=True, slots=True)
class CpuTimes:
    """Seconds since the start of the machine, all cores together; `own_s` is what we and our children used of it."""

    busy_s: float
    stolen_s: float
    """Taken by the host of a virtual machine."""
    own_s: float
    at_s: float

    @classmethod
    def now(cls) -> "CpuTimes":
        """Linux; elsewhere nothing is known of others."""
        busy_s, stolen_s = 0.0, 0.0
        stat = Path("/proc/stat")
        if stat.exists():
            user, nice, system, _idle, _waiting, irq, soft, stolen = _ticks(stat.read_text(encoding="ascii"))
            busy_s = (user + nice + system + irq + soft) / os.sysconf("SC_CLK_TCK")
            stolen_s = stolen / os.sysconf("SC_CLK_TCK")
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        own_s = sum(each.ru_utime + each.ru_stime for each in used)
        return cls(busy_s, stolen_s, own_s, time.monotonic())


def describe_machine(before: CpuTimes, after: CpuTimes) -> dict[str, Any]:
    """For the JSON. Children count once they have been waited for: look when everything has ended."""
    cores = len(os.sched_getaffinity(0))
    there_s = (after.at_s - before.at_s) * (os.cpu_count() or cores)
    others_s = (after.busy_s - before.busy_s) - (after.own_s - before.own_s)
    others = round(max(0.0, 100 * others_s / there_s), 1)
    stolen = round(100 * (after.stolen_s - before.stolen_s) / there_s, 1)
    return {
        "cores": cores,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "others_cpu_percent": others,
        "stolen_cpu_percent": stolen,
        "is_quiet": others + stolen <= _QUIET_PERCENT,
    }


def machine_line(machine: dict[str, Any]) -> str:
    about = "{cores} cores, {system}, Python {python}; others used {others_cpu_percent} % of the machine meanwhile"
    if machine["stolen_cpu_percent"]:
        about += ", its host took {stolen_cpu_percent} %"
    return about.format_map(machine) + ("" if machine["is_quiet"] else ": every figure is worse for it")


def _ticks(stat: str) -> list[int]:
    """The eight numbers of the line for all cores."""
    return [int(number) for number in stat.splitlines()[0].split()[1:9]]
