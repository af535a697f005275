"""When training has diverged, and which settings to try instead."""

import math

from torch import Tensor

__all__ = ["LOOK_EVERY", "Watch", "smaller_steps"]

LOOK_EVERY = 400  # steps: what begins to diverge is noticed after two looks, or 800 steps
_FAR = 10


class Watch:
    r"""Tells a run that diverges from one that overshoots and comes back.

    With :math:`L_0` the loss of the start and A the total weight of the pairs, the loss L is *far
    above the start* if

    .. math:: L > L_0 + 10 \max(|L_0|, A),

    where A, the loss if each pair cost 1, is the scale for losses that start near zero. A run
    diverges if its loss or a vector is not finite, or if the loss is far above the start and no
    lower than 400 steps before, when it was also far above. One look would not do: Adam's
    first steps have length :math:`\eta` in every direction, can overshoot by any factor, and are
    undone. The factor 10 decides little: what diverges grows by a factor at every step, and is
    not finite after some tens of steps.

    Attributes:
        weight: A; for a mean over pairs, the mean weight of a pair.
        start: :math:`L_0`; NaN means the first loss.
        last: The last loss; NaN if a vector was not finite.
    """

    def __init__(self, weight: int | float, start: int | float = math.nan) -> None:
        self.weight, self.start, self.last = weight, start, start
        self._earlier = (0, start)

    def diverges(self, step: int, loss: int | float, *vectors: Tensor) -> bool:
        """Look at the loss after some steps, and whether the vectors are finite.

        Their sum is not finite if one of them is not.
        """
        if math.isnan(self.start):
            self.start = loss
        finite = all(math.isfinite(float(part.sum())) for part in vectors)
        self.last = loss if finite else math.nan
        if not math.isfinite(self.last):
            return True

        before, earlier = self._earlier
        if step < before + LOOK_EVERY:
            return False
        self._earlier = step, loss
        return self._far(earlier) and self._far(loss) and loss >= earlier

    def rose(self, loss: int | float) -> bool:
        r"""Whether a loss at the end, :math:`L > L_0 + \max(|L_0|, A)`, is no result to return."""
        self.last = loss
        return loss > self.start + max(abs(self.start), self.weight)

    def error(self, when: str, remedy: str) -> RuntimeError:
        """The error to raise.

        Args:
            when: The moment, such as "at step 7".
            remedy: The remedy, such as "use a `learning_rate` of 0.1".
        """
        if not math.isfinite(self.start):
            remedy = "start from shorter vectors"
        return RuntimeError(
            f"training diverged: {when} the loss is {self.last:.4g}, at the start it was "
            f"{self.start:.4g}; {remedy}"
        )

    def _far(self, loss: int | float) -> bool:
        return loss > self.start + _FAR * max(abs(self.start), self.weight)


def smaller_steps(
    rate: int | float,
    usual: float,
    bend: int | float,
    crowd: int | float,
    batch: tuple[str, int],
    unit: int = 1,
) -> str:
    r"""Which settings to use where the steps of a batch were too long.

    The steps of all pairs of a batch are computed from the same vectors, and those of a word in n
    pairs add up. As both ends of a pair move, vectors of length 1 change its slope by up to
    :math:`2 \eta n \kappa` of itself, where the loss bends by :math:`\kappa`: the step overshoots
    where this is above 1.

    Args:
        rate: :math:`\eta`.
        usual: The default learning rate.
        bend: :math:`\kappa`, the largest second derivative of the loss of a pair.
        crowd: The number n for the word in the most pairs.
        batch: The name of the setting, and how large the batch was.
        unit: The number of which batch sizes are multiples.

    Returns:
        The remedy. It names no learning rate above the default, and a smaller one only if the
        smallest batch does not suffice, or the batch was not to blame.
    """
    name, size = batch
    smaller = min(rate, usual)
    fits = size / (2 * smaller * max(crowd, 1) * bend)
    advised = max(unit, int(min(fits, size)) // unit * unit)
    if fits < unit:
        smaller *= fits / unit
    if advised == size and smaller == rate:
        smaller /= 10

    settings = []
    if smaller < rate:
        settings.append(f"a `learning_rate` of {smaller:.2g}")
    if advised < size:
        settings.append(f"`{name}` of {advised}")
    advice = f"use {' and '.join(settings)}"
    if fits < size:
        advice += f": a word was in {crowd:,.0f} pairs of a batch, and their steps add up"

    return advice
