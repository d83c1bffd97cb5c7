"""What the benchmark ran on."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def describe() -> dict[str, str]:
    """Processor, memory, system, interpreter, and how busy the machine was at the start."""
    return {
        "cores": str(len(os.sched_getaffinity(0))),
        "processor": _field("/proc/cpuinfo", "model name") or platform.machine(),
        "memory": f"{_kilobytes(_field('/proc/meminfo', 'MemTotal')) / 1024**2:.0f} GB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "load": " ".join(f"{average:.2f}" for average in os.getloadavg()),
    }


def _field(file: str, name: str) -> str:
    lines = Path(file).read_text("utf-8", "replace").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def _kilobytes(field: str) -> int:
    return int(field.partition(" ")[0] or 0)
