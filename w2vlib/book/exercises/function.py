"""Exercises that ask for a function. It is tried on random instances, drawn from a seed."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Generator, Tensor

from w2vlib.book.exercises.feedback import Feedback

__all__ = ["FunctionExercise", "judge_function"]

Arguments = tuple[Tensor, ...]


@dataclass(frozen=True)
class FunctionExercise:
    """A function to write.

    Attributes:
        praise: The reply to a right answer.
        instances: From a random generator to lists of arguments; two or more, so that a result
            that is one number shows whether a factor is the same for all.
        truth: The right results, where there is only one, computed by another route than the
            one that the exercise asks for if there is another.
        properties: What a right function does, as the hint to one that does not, and a predicate
            of the function and the arguments of an instance.
        mistakes: A hint and the function with that mistake.
        equivalent: A hint for answers that are as good, but not what was asked for, and what
            such answers share with the right one.
        nudge: The reply to a wrong answer that matches no known mistake.

    Raises:
        ValueError: There is neither a truth nor a property, so that any answer would pass.
    """

    praise: str
    instances: Callable[[Generator], tuple[Arguments, ...]]
    truth: Callable[..., Tensor] | None = None
    properties: Mapping[str, Callable[..., bool]] = field(default_factory=dict)
    mistakes: Mapping[str, Callable[..., Tensor]] = field(default_factory=dict)
    equivalent: tuple[str, Callable[[Tensor], Tensor]] | None = None
    nudge: str = "Compare your code with the formula, symbol by symbol."

    def __post_init__(self) -> None:
        if self.truth is None and not self.properties:
            raise ValueError("truth and properties are both missing; give at least one of them")


def judge_function(exercise: FunctionExercise, answer: object, seed: int) -> Feedback:
    """Call the function on the instances of a seed; compare, test its properties, find a hint."""
    if not callable(answer):
        return Feedback(False, f"The exercise asks for a function; got {answer!r}.")

    instances = exercise.instances(torch.Generator().manual_seed(seed))
    results = [_result(answer, arguments) for arguments in instances]
    expected = _expected(exercise, instances)
    for number, result in enumerate(results):
        if expected and not _close(result, expected[number]):
            break
        if isinstance(result, str) or _broken(exercise, answer, instances[number]):
            break
    else:
        return Feedback(True, exercise.praise)

    if isinstance(result, str):
        return Feedback(False, result)
    so_far = "Right on one example, but not on others. " if number else ""
    hint = (
        _known_mistake(exercise, instances, results)
        or (expected and _compared(exercise, results, expected, number, so_far))
        or _not_a_number(result, so_far)
        or so_far + (_broken(exercise, answer, instances[number]) or exercise.nudge)
    )
    return Feedback(False, hint)


def _expected(exercise: FunctionExercise, instances: tuple[Arguments, ...]) -> list[Tensor] | None:
    if exercise.truth is None:
        return None
    return [exercise.truth(*_copies(arguments)) for arguments in instances]


def _broken(
    exercise: FunctionExercise, answer: Callable[..., object], arguments: Arguments
) -> str | None:
    """The hint of the first property that a function lacks on an instance."""
    for hint, holds in exercise.properties.items():
        try:
            if not holds(answer, *_copies(arguments)):
                return hint
        except Exception:  # a student's function may fail in any way
            return hint
    return None


def _result(answer: Callable[..., object], arguments: Arguments) -> Tensor | str:
    """What a student's function returns, or what is wrong if it is no tensor to compare."""
    try:
        result = answer(*_copies(arguments))
    except Exception as error:  # a student's function may fail in any way
        return f"Your function raised {type(error).__name__}: {error}"

    if result is None or result is ...:
        return "Your function returns nothing yet."
    if not isinstance(result, Tensor):
        return f"Return a torch tensor; your function returned {type(result).__name__}."
    if result.is_complex():
        return "The result must hold real numbers; yours are complex."
    return result.detach().cpu().to_dense()


def _known_mistake(
    exercise: FunctionExercise, instances: tuple[Arguments, ...], results: list[Tensor | str]
) -> str | None:
    """The hint of the mistake that does the same to every instance.

    One number may be right, or equally wrong, by accident.
    """
    for hint, mistake in exercise.mistakes.items():
        made = [_result(mistake, arguments) for arguments in instances]
        if all(map(_alike, results, made)):
            return hint
    return None


def _compared(
    exercise: FunctionExercise,
    results: list[Tensor | str],
    expected: list[Tensor],
    number: int,
    so_far: str,
) -> str | None:
    """What the right result says about that of instance `number`, the first not right."""
    result, right = results[number], expected[number]
    if isinstance(result, str):
        return result
    if result.shape != right.shape:
        wanted, got = tuple(right.shape), tuple(result.shape)
        return f"{so_far}The result must have the shape {wanted}; got {got}."

    if exercise.equivalent is not None:
        hint, shared = exercise.equivalent
        if _close(shared(result), shared(right)):
            return hint

    nan, finite = result.isnan(), result.isfinite()
    if bool(nan.any()):
        others = " The others are right." if _close(result[~nan], right[~nan]) else ""
        return f"{_not_a_number(result, so_far)}{others if not nan.all() else ''}"

    # Any number is a multiple of any other: one number says nothing, the same factor in several.
    factor = _factor(result, right)
    factors = [_factor(*pair) for pair in zip(results, expected, strict=True)]
    same = len(factors) > 1 and all(abs(f / factor - 1) < 1e-5 for f in factors)
    if abs(factor - 1) > 1e-3 and (result.numel() > 1 or same):
        return f"{so_far}Almost: a factor is off. Your result is {factor:.4g} times the right one."
    if _close(result[finite], right[finite]) and not finite.all():
        return f"{so_far}Right, but for entries that are not finite: look at zeros."
    return None


def _not_a_number(result: Tensor, so_far: str) -> str | None:
    if not result.isnan().any():
        return None
    return (
        f"{so_far}Your result holds nan, which is not a number: it comes from 0 / 0, from "
        "infinity minus infinity, and from the square root or logarithm of a negative number."
    )


def _factor(result: Tensor | str, right: Tensor) -> float:
    """The number that turns the right result into this one, or nan if there is none but 0."""
    if isinstance(result, str) or result.shape != right.shape:
        return math.nan
    factor = float((result * right).sum() / right.square().sum())
    return factor if factor and _close(result, factor * right) else math.nan


def _copies(arguments: Arguments) -> Arguments:
    """Tensors that a function may change without harm."""
    return tuple(argument.clone() for argument in arguments)


def _alike(first: Tensor | str, second: Tensor | str) -> bool:
    """Whether two answers give the same, or both give nothing to compare."""
    return isinstance(first, str) if isinstance(second, str) else _close(first, second)


def _close(first: Tensor | str, second: Tensor) -> bool:
    if isinstance(first, str) or first.shape != second.shape:
        return False
    return torch.allclose(first.double(), second.double(), rtol=1e-4, atol=1e-6, equal_nan=True)
