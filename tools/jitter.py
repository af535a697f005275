"""Ask which claims of the book hang on rounding: `python tools/jitter.py [CHAPTER ...]`.

Processors, thread counts and versions of libraries add up floats in different orders, and so
disagree in the last places. This script runs chapters with every product, sum and factorization
disturbed at random by that much and more, goes on where a claim fails, and compares each claim's
spread over the seeds with its margin, the distance to its nearest bound:

    value     as computed without a disturbance
    spread    between the largest and the smallest value, that one among them
    margin    between the value that is nearest to a bound and this bound

A claim holds if it never fails and its spread is at most a fifth of its margin. An `assert` that
compares numbers is a claim too: its value is the difference of the two sides, its bound zero. Text
must stay the same, and so must a number as the reader sees it. Options:

    --seeds 1 2 3   the disturbances
    --units 8       their size, in units of the last place of the number
    --all           list every claim, not only those that do not hold
    --write         record the smallest margin of chapters that hold in book/margins.json

A PyTorch dispatch mode disturbs what PyTorch computes. What it cannot see is wrapped: the kernel
that fills matrices, and what chapters use of NumPy and SciPy. Sums and products of whole numbers
are exact on every processor, so they are left alone.
"""

# ruff: noqa: ANN401  (what it stands in for takes anything)

import argparse
import ast
import functools
import itertools
import json
import math
import operator
import os
import random
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import chapter_cache
import claimed_values
import numpy as np
import scipy.integrate
import torch
from book_pages import Page, read_pages
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

ROOT = Path(__file__).resolve().parents[1]
MARGINS = Path("book/margins.json")
MOST = 1 / 5  # the largest share of the margin that the spread may take

PRODUCTS = {"mm", "bmm", "mv", "dot", "addmm", "addmv", "baddbmm", "addbmm", "_sparse_mm"}
SUMS = {
    *("sum", "nansum", "mean", "var", "std", "var_mean", "prod", "cumsum", "trace", "logsumexp"),
    *("norm", "linalg_vector_norm", "_cdist_forward", "_softmax", "_log_softmax"),
    *("index_add", "index_add_", "scatter_add", "scatter_add_", "scatter_reduce"),
}
FUNCTIONS = {"exp", "expm1", "log", "log1p", "tanh", "sigmoid", "softplus", "sin", "cos"}
FACTORIZATIONS = {
    *("_linalg_eigh", "_linalg_svd", "linalg_qr", "_linalg_solve_ex", "linalg_lstsq"),
    *("linalg_cholesky_ex", "linalg_lu_factor_ex", "linalg_inv_ex", "_linalg_eigvals"),
}
DISTURBED = PRODUCTS | SUMS | FUNCTIONS | FACTORIZATIONS
POOL = 2**22


class Jitter(TorchDispatchMode):
    """Disturbs float results of PyTorch, each entry by at most `units` in its last place."""

    def __init__(self, seed: int, units: float) -> None:
        super().__init__()
        self.random, self.units = random.Random(seed), units
        generator = torch.Generator().manual_seed(seed)
        self.pool = 2 * torch.rand(POOL, generator=generator, dtype=torch.float64) - 1
        self.scaled: dict[torch.dtype, Tensor] = {}

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Call PyTorch, and disturb what it returns."""
        name = func._schema.name.removeprefix("aten::")
        exact = name in PRODUCTS | SUMS and all(map(is_whole, filter(is_float, tree_leaves(args))))
        if name in FACTORIZATIONS:  # its error is relative to the largest entry: so are inputs
            args = tree_map(lambda x: self.disturb(x.clone()) if is_float(x) else x, args)
        result = func(*args, **(kwargs or {}))
        if name in DISTURBED and not exact:
            for tensor in filter(is_float, tree_leaves(result)):
                self.disturb(tensor)
        return result

    def disturb(self, tensor: Tensor) -> Tensor:
        """Disturb a tensor in place."""
        if tensor.layout != torch.strided:
            self.disturb(_stored(tensor))
            return tensor
        if tensor.dim() == 0:
            return self.disturb(tensor.view(1)).view(())
        rows = max(1, POOL // max(1, tensor[0].numel())) if len(tensor) else 1
        for part in tensor.split(rows):
            if part.numel() > POOL:  # a row that is longer than the pool
                for piece in part[0].split(POOL if part.dim() == 2 else 1):
                    self.disturb(piece)
            else:
                self._disturb_part(part)
        return tensor

    def _disturb_part(self, part: Tensor) -> None:
        if part.dtype not in self.scaled:
            size = self.units * torch.finfo(part.dtype).eps
            self.scaled[part.dtype] = (self.pool * size).to(part.dtype)
        start = self.random.randint(0, POOL - part.numel())
        noise = self.scaled[part.dtype][start : start + part.numel()].view(part.shape)
        part.add_((part * noise).nan_to_num_(0, 0, 0))


def is_float(value: object) -> bool:
    return isinstance(value, Tensor) and value.dtype in (torch.float32, torch.float64)


def _stored(tensor: Tensor) -> Tensor:
    """The numbers that a sparse tensor stores; COO's may be for the same place."""
    return tensor._values() if tensor.layout == torch.sparse_coo else tensor.values()


def is_whole(tensor: Tensor) -> bool:
    """Tell whether all entries are whole numbers; looks at a few first."""
    values = (tensor if tensor.layout == torch.strided else _stored(tensor)).reshape(-1)
    return all(bool((part == part.round()).all()) for part in (values[:1000], values))


def wrap_what_the_mode_cannot_see(jitter: Jitter) -> None:
    """Disturb the results of the kernel that fills matrices, of NumPy's and of SciPy's."""
    from w2vlib import _kernels

    def array(values: Any) -> Any:
        if isinstance(values, np.ndarray) and values.dtype in (np.float32, np.float64):
            jitter.disturb(torch.from_numpy(values))
        return values

    def wrap(module: Any, name: str, mend: Callable[[Any, tuple[Any, ...]], Any]) -> None:
        original = getattr(module, name)

        @functools.wraps(original)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            result = original(*args, **kwargs)
            mend(result, args)
            return result

        setattr(module, name, wrapped)

    for name in ("einsum", "polyfit"):
        wrap(np, name, lambda result, args: array(result))
    for name in ("eigh", "svd", "qr", "solve", "lstsq"):
        wrap(np.linalg, name, lambda result, args: [array(part) for part in result])
    wrap(scipy.integrate, "solve_ivp", lambda result, args: array(result.y))
    wrap(_kernels, "fill_excess", lambda result, args: array(args[-1]))


class Claim(NamedTuple):
    """What one run says of a claim: its value and bounds, and whether it failed."""

    value: float | str
    low: float
    high: float
    failed: bool


class Witness:
    """Records the claims and assertions of a chapter, and lets it go on when one fails."""

    def __init__(self) -> None:
        self.claims: dict[str, Claim] = {}

    def claim(self, name: str, value: Any, *, between: tuple[float, float] | None = None) -> None:
        """Stand in for `w2vlib.book.claim`."""
        low, high = (-math.inf, math.inf) if between is None else map(float, between)
        kept = value if isinstance(value, str) else float(value)
        failed = between is not None and not low <= float(value) <= high
        self.claims[name] = Claim(kept, low, high, failed)

    def holds(self, text: str, test: Callable[[], Any]) -> None:
        """Stand in for an `assert`."""
        try:
            failed = not test()
        except Exception:
            traceback.print_exc()
            failed = True
        known = any(name.startswith(text) for name in self.claims)
        if failed or not known:  # a comparison of numbers has told more
            self.claims[text] = Claim("", -math.inf, math.inf, failed)

    def compare(self, text: str, names: tuple[str, ...], of_all: bool, *sides: Any) -> Any:
        """Stand in for a comparison inside an `assert`; keep its smallest slack."""
        result: Any = True
        for name, (left, right) in zip(names, itertools.pairwise(sides), strict=True):
            numbers = all(isinstance(side, NUMBERS) for side in (left, right))
            if name in ("Lt", "LtE", "Gt", "GtE") and numbers:
                slack = torch.as_tensor(right - left if name in ("Lt", "LtE") else left - right)
                # An array of truths is no claim; that all of them hold is one.
                if slack.numel() == 1 or of_all:
                    self._take_down(text if len(names) == 1 else f"{text} ({name})", slack.min())
            result = OPERATORS[name](left, right)
            if isinstance(result, Tensor | np.ndarray) or not result:
                return result
        return result

    def _take_down(self, text: str, slack: Tensor) -> None:
        old = self.claims.get(text)
        least = float(slack) if old is None else min(float(slack), float(old.value))
        self.claims[text] = Claim(least, 0.0, math.inf, not least >= 0)  # nor NaN


NUMBERS = (float, int, Tensor, np.ndarray, np.generic)
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "Lt": operator.lt,
    "LtE": operator.le,
    "Gt": operator.gt,
    "GtE": operator.ge,
    "Eq": operator.eq,
    "NotEq": operator.ne,
    "Is": operator.is_,
    "IsNot": operator.is_not,
    "In": lambda a, b: a in b,
    "NotIn": lambda a, b: a not in b,
}


class Watch(ast.NodeTransformer):
    """Put the witness in the place of assertions and of the comparisons in them."""

    text = ""
    of_all = False  # inside `(...).all()`

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        """Hand the test, unevaluated, to the witness."""
        self.text = ast.unparse(node.test)
        test = self.visit(node.test)
        nothing = ast.arguments([], [], None, [], [], None, [])
        arguments = [ast.Constant(self.text), ast.Lambda(nothing, test)]
        self.text = ""
        return ast.Expr(ast.Call(_witness("holds"), arguments, []))

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Notice where all truths of an array are asked for."""
        function = node.func
        self.of_all = isinstance(function, ast.Attribute) and function.attr == "all"
        self.generic_visit(node)
        self.of_all = False
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        """Let the witness compare, inside assertions."""
        if not self.text:
            return node
        here = self.text if ast.unparse(node) == self.text else f"{self.text}: {ast.unparse(node)}"
        names = ast.Tuple([ast.Constant(type(op).__name__) for op in node.ops], ast.Load())
        of_all = ast.Constant(self.of_all)
        self.of_all = False
        self.generic_visit(node)
        sides = [node.left, *node.comparators]
        return ast.Call(_witness("compare"), [ast.Constant(here), names, of_all, *sides], [])


def _witness(name: str) -> ast.Attribute:
    return ast.Attribute(ast.Name("_witness_", ast.Load()), name, ast.Load())


def witness_chapter(code: list[str], seed: int, units: float) -> dict[str, Claim]:
    """Run the code of a chapter, disturbed unless the seed is zero; return its claims."""
    import matplotlib as mpl

    from w2vlib import book

    mpl.use("agg")
    witness = Witness()
    book.claim = witness.claim
    if seed:
        jitter = Jitter(seed, units)
        wrap_what_the_mode_cannot_see(jitter)
        jitter.__enter__()
    space: dict[str, Any] = {"_witness_": witness, "__name__": "__main__"}
    for number, source in enumerate(code):
        tree = ast.fix_missing_locations(Watch().visit(ast.parse(source)))
        exec(compile(tree, f"<cell {number}>", "exec"), space)
    return witness.claims


class Verdict(NamedTuple):
    """What all runs together say of a claim."""

    name: str
    value: float | str
    low: float
    high: float
    spread: float
    margin: float
    trouble: str  # "" if it holds

    @property
    def ratio(self) -> float:
        """How many times the spread fits into the margin."""
        return self.margin / self.spread if self.spread else math.inf


def judge(name: str, runs: list[Claim]) -> Verdict:
    """Compare the spread of a claim with its margin; the first run is the undisturbed one."""
    first = runs[0]
    if isinstance(first.value, str):
        trouble = "fails" * any(run.failed for run in runs)
        if len({run.value for run in runs}) > 1:
            trouble = "varies: " + " | ".join(dict.fromkeys(str(run.value) for run in runs))
        return Verdict(name, first.value, first.low, first.high, 0, math.inf, trouble)
    values = [float(run.value) for run in runs]
    spread = max(values) - min(values)
    margin = min(min(value - first.low, first.high - value) for value in values)
    trouble = ""
    if any(run.failed for run in runs):
        trouble = "fails"
    elif spread > MOST * margin:
        trouble = "tight"
    return Verdict(name, first.value, first.low, first.high, spread, margin, trouble)


def readings(root: Path, page: Page, runs: list[dict[str, Claim]]) -> list[str]:
    """Say which numbers a reader would see that differ from those stated."""
    stated = claimed_values.read(root / claimed_values.COMMITTED).get(page.name, {})
    found = []
    for use in dict.fromkeys(claimed_values.uses([page])[page.name]):
        if not all(use.name in run for run in runs):
            continue
        text = claimed_values.formatted(stated, use)
        for run in runs:
            now = {use.name: run[use.name].value}
            if not claimed_values.reads_the_same(text, claimed_values.formatted(now, use)):
                found.append(f"{use.name}: stated {text}, {claimed_values.formatted(now, use)}")
    return list(dict.fromkeys(found))


class EndedEarly(RuntimeError):
    """A chapter that stopped early, for a reason other than a claim."""


def run_elsewhere(root: Path, page: str, units: float, seed: int) -> dict[str, Claim]:
    """Run a chapter in a process of its own; return its claims."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "claims.json"
        path = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
        command = [sys.executable, __file__, page, "--root", str(root), "--one", str(file)]
        answer = subprocess.run(
            [*command, "--seeds", str(seed), "--units", str(units)],
            cwd=(root / page).parent,
            env=os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"},  # two run at once
            capture_output=True,
            text=True,
        )
        if answer.returncode:
            raise EndedEarly(f"{page}, seed {seed}, ended early:\n{answer.stderr[-3000:]}")
        return {name: Claim(*row) for name, row in json.loads(file.read_text()).items()}


def chapter_report(
    root: Path, page: Page, runs: list[dict[str, Claim]], *, everything: bool
) -> tuple[int, Verdict | None]:
    """Print what a chapter's runs say; return the number of troubles and the tightest claim."""
    verdicts = [judge(name, [run[name] for run in runs if name in run]) for name in runs[0]]
    troubles = [verdict for verdict in verdicts if verdict.trouble]
    print(f"{page.name}: {len(verdicts)} claims, {len(troubles)} in trouble", flush=True)
    for v in verdicts if everything else troubles:
        if isinstance(v.value, str):
            print(f"  {v.trouble:5} {v.name}")
        else:
            print(
                f"  {v.trouble:5} {v.name}: {v.value:.6g} in [{v.low:g}, {v.high:g}], "
                f"spread {v.spread:.2g}, margin {v.margin:.2g}"
            )
    others = readings(root, page, runs)
    for line in others:
        print(f"  reads otherwise: {line}")
    tightest = min(verdicts, key=lambda verdict: verdict.ratio, default=None)
    return len(troubles) + len(others), tightest


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("chapters", nargs="*", help="such as 07 or 07-target; all by default")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)  # in the process of one run
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--units", type=float, default=8)
    parser.add_argument("--all", action="store_true", help="list every claim")
    parser.add_argument("--write", action="store_true", help=f"record in {MARGINS}")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Report on the chapters; the status is 1 if a claim does not hold."""
    options = parse_arguments(arguments)
    pages = [
        page
        for page in read_pages(options.root)
        if page.is_notebook and any(is_named(page, part) for part in options.chapters or [""])
    ]
    if not pages:
        print(f"jitter: no chapter is named like {options.chapters}", file=sys.stderr)
        return 2
    if options.one:
        code = chapter_cache.code_cells(options.root / f"{pages[0].name}.md")
        claims = witness_chapter(code, options.seeds[0], options.units)
        options.one.write_text(json.dumps(claims))
        return 0
    bad = [page.name for page in pages if not examine(page, options)]
    print(f"{len(pages) - len(bad)} of {len(pages)} chapters hold", *bad[:1] and ["; not:", *bad])
    return int(bool(bad))


def is_named(page: Page, part: str) -> bool:
    return page.name == part or page.name.rpartition("/")[2].startswith(part)


def examine(page: Page, options: argparse.Namespace) -> bool:
    """Run a chapter with all seeds and report on it; tell whether all that it claims holds."""
    run = functools.partial(run_elsewhere, options.root, page.name, options.units)
    try:
        with ThreadPoolExecutor(2) as pool:
            runs = list(pool.map(run, [0, *options.seeds]))
    except EndedEarly as error:
        print(error, flush=True)
        return False
    troubles, tightest = chapter_report(options.root, page, runs, everything=options.all)
    if options.write and not troubles:
        record(page, len(runs[0]), tightest, options)
    return not troubles


def record(page: Page, claims: int, tightest: Verdict | None, options: argparse.Namespace) -> None:
    """Write the smallest margin of a chapter beside those of the others."""
    path = options.root / MARGINS
    margins = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    code = chapter_cache.code_key(options.root / f"{page.name}.md")
    row = {"code": code, "claims": claims, "seeds": len(options.seeds), "units": options.units}
    if tightest is not None:
        ratio = tightest.ratio if math.isfinite(tightest.ratio) else None
        row |= {"tightest": tightest.name, "ratio": ratio}
    names = [other.name for other in read_pages(options.root)]
    margins = {name: margins[name] for name in names if name in margins} | {page.name: row}
    claimed_values.write(path, json.dumps(dict(sorted(margins.items())), indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
