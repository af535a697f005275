"""Which devices and cores there are."""

import ctypes
import logging
import os
import platform

import torch

__all__ = ["available_cores", "give_memory_back", "resolve_device"]

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
