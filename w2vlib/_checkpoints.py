"""The state of a training run in one file, without pickle."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from w2vlib._files import replacing

__all__ = ["load_checkpoint", "save_checkpoint"]

_FORMAT = "w2vlib-checkpoint-2"


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Write nested dictionaries and lists of tensors and plain values; replaces a file whole.

    Args:
        path: An ``.npz`` file.
        state: What to keep.
    """
    arrays: dict[str, np.ndarray] = {}

    def outline(part: Any) -> Any:  # noqa: ANN401
        """The structure as JSON, with the tensors as names of arrays."""
        if isinstance(part, torch.Tensor):
            name = f"tensor{len(arrays)}"
            arrays[name] = part.detach().cpu().numpy()
            return {"tensor": name}
        if isinstance(part, dict):
            return {"dict": [[key, outline(value)] for key, value in part.items()]}
        if isinstance(part, list | tuple):
            return {"list": [outline(value) for value in part]}
        return {"plain": part}

    structure = json.dumps({"format": _FORMAT, "state": outline(state)})
    with replacing(path) as temporary, temporary.open("wb") as file:
        arrays["structure"] = np.frombuffer(structure.encode(), np.uint8)
        np.savez(file, **arrays)  # type: ignore[arg-type]  # no array is named `allow_pickle`


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Read what :func:`save_checkpoint` wrote.

    Raises:
        ValueError: The file holds something else.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            structure = json.loads(file["structure"].tobytes())
            arrays = {name: file[name] for name in file.files if name != "structure"}
        if structure["format"] != _FORMAT:
            raise ValueError(structure["format"])
    except (ValueError, KeyError, OSError, EOFError) as error:
        raise ValueError(
            f"'{path}' is not a checkpoint of this version of w2vlib; delete it or give another "
            "name to start afresh"
        ) from error

    def rebuild(part: dict[str, Any]) -> Any:  # noqa: ANN401
        ((kind, value),) = part.items()
        if kind == "tensor":
            return torch.from_numpy(arrays[value])
        if kind == "dict":
            return {key: rebuild(item) for key, item in value}
        return [rebuild(item) for item in value] if kind == "list" else value

    return rebuild(structure["state"])
