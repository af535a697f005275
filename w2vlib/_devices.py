"""Where data enter: the one place that reads a device name."""

import logging

import torch

__all__ = ["resolve_device"]

_log = logging.getLogger("w2vlib")


def resolve_device(device: str | torch.device) -> torch.device:
    """Turn a name into a device that is really there.

    Args:
        device: ``"cpu"``, ``"cuda"``, ``"cuda:1"``, ``"mps"``, or ``"auto"``: the first of CUDA,
            MPS and CPU that is available (logged under ``w2vlib`` at level INFO).

    Raises:
        ValueError: The device was asked for by name and is not there.
    """
    if device == "auto":
        cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
        chosen = torch.device("cuda" if cuda else "mps" if mps else "cpu")
        _log.info("device='auto': using %s", chosen)
        return chosen
    try:
        resolved = torch.device(device)
    except RuntimeError as error:
        raise ValueError(
            f"`device` must be 'auto', 'cpu', 'cuda' or 'mps'; got {device!r}"
        ) from error
    missing = {"cuda": not torch.cuda.is_available(), "mps": not torch.backends.mps.is_available()}
    if missing.get(resolved.type, False):
        raise ValueError(
            f"`device` {device!r} is not available on this machine; "
            "use 'cpu', or 'auto' to take what is there"
        )
    return resolved
