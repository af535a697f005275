"""Which devices and cores there are."""

import ctypes
import logging
import math
import os
import platform
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import torch

__all__ = [
    "available_cores",
    "check_room",
    "free_memory",
    "give_memory_back",
    "resolve_device",
]

_LARGE = 2**26  # bytes: whether fewer are free is not worth a look

_log = logging.getLogger("w2vlib")


def resolve_device(device: str | torch.device) -> torch.device:
    """Turn a name into a device that this machine has.

    Args:
        device: ``"cpu"``, ``"cuda"``, ``"cuda:1"``, ``"mps"``, or ``"auto"``: CUDA if
            available, else the CPU (logged under ``w2vlib`` at level INFO). Apple's MPS has to be
            asked for by name, because it has neither float64 nor eigenvalues.

    Raises:
        ValueError: The device was asked for by name but is not available.
    """
    if device == "auto":
        chosen = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        _log.info("device='auto': using %s", chosen)
        return chosen

    try:
        resolved = torch.device(device)
    except RuntimeError as error:
        raise ValueError(
            f"`device` must be 'auto', 'cpu', 'cuda' or 'mps'; got {device!r}"
        ) from error

    available = {
        "cuda": torch.cuda.device_count() if torch.cuda.is_available() else 0,
        "mps": int(torch.backends.mps.is_available()),
    }
    if (resolved.index or 0) >= available.get(resolved.type, 1):
        raise ValueError(
            f"`device` {device!r} is not available on this machine; "
            "use 'cpu', or 'auto' to take what is there"
        )
    return resolved


def give_memory_back() -> None:
    """Let the memory of large arrays go back to the system as soon as they are gone.

    The C library of Linux would keep what arrays of up to 32 MB leave behind, in pieces. This
    changes the whole process, so it is for a program, not for a library.
    """
    if platform.libc_ver()[0] == "glibc":
        threshold, bytes_ = -3, 2**20  # M_MMAP_THRESHOLD of malloc.h
        ctypes.CDLL(None).mallopt(threshold, bytes_)


def available_cores() -> int:
    """The number of processor cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # absent on macOS and Windows
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def check_room(
    shape: tuple[int, ...], copies: int, dtype: torch.dtype, device: torch.device, remedy: str
) -> None:
    """Refuse dense matrices that do not fit into the memory that is free.

    Args:
        shape: Rows and columns.
        copies: The number of such matrices that exist at a time, besides those there are.
        dtype: The type of the numbers.
        device: The device that holds them.
        remedy: The way to do without them.
    """
    needed = copies * math.prod(shape) * dtype.itemsize
    free = free_memory(device) if needed > _LARGE else None
    if free is not None and needed > free:
        matrices = "a dense matrix" if copies == 1 else f"{copies} dense matrices"
        size = " x ".join(f"{n:,}" for n in shape)
        raise ValueError(
            f"{matrices} of {size} numbers would take {needed / 1e9:,.1f} GB on {device}, where "
            f"{free / 1e9:,.1f} GB are free: {remedy}"
        )


def free_memory(device: torch.device) -> int | None:
    """The bytes that can still be taken on a device; None if nobody says."""
    if device.type == "cuda":
        kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return torch.cuda.mem_get_info(device)[0] + kept
    limits = list(_free_on_linux()) if device.type == "cpu" else []
    return max(0, min(limits)) if limits else None


def _free_on_linux() -> Iterator[int]:
    """What the machine, the container and the process may still take; nothing elsewhere."""
    with suppress(OSError, KeyError, ValueError):
        memory = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
        yield int(memory["MemAvailable"].split()[0]) * 1024

    group = Path("/sys/fs/cgroup")
    with suppress(OSError, KeyError, ValueError):  # no limit is the word "max"
        limit = int((group / "memory.max").read_text())
        used = int((group / "memory.current").read_text())
        facts = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
        yield limit - used + int(facts["inactive_file"])

    with suppress(ImportError, OSError, ValueError):
        import resource

        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
        if limit != resource.RLIM_INFINITY:
            pages = int(Path("/proc/self/statm").read_text().split()[0])
            yield limit - pages * resource.getpagesize()
