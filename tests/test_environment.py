"""One environment, told in several files: they must agree."""

import importlib.util
import os
import re
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CONDA, BINDER = (
    yaml.safe_load((ROOT / name).read_text())
    for name in ("environment.yml", ".binder/environment.yml")
)
DIRECT = [
    *PROJECT["dependencies"],
    *(need for extra in PROJECT["optional-dependencies"].values() for need in extra),
]


def pins() -> dict[str, str]:
    """The versions in constraints.txt, by canonical name."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pairs}


def dev(name="dev"):
    """The module tools/dev.py, or another tool."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("need", DIRECT)
def test_every_direct_dependency_is_pinned_inside_its_range(need):
    requirement = Requirement(need)
    pin = pins()[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(pin), f"{pin} is outside {need}"


def test_constraints_are_exact_sorted_and_free_of_local_versions():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    lines = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9A-Za-z.]*", line) for line in lines)
    names = [canonicalize_name(line.split("==")[0]) for line in lines]
    assert names == sorted(set(names)), "sort the lines, one per distribution"
    assert PROJECT["name"] not in names


@pytest.mark.parametrize("environment", [CONDA, BINDER], ids=["conda", "binder"])
def test_conda_brings_only_python_and_pip(environment):
    from_conda = [need for need in environment["dependencies"] if isinstance(need, str)]
    python, pip = from_conda
    assert pip == "pip"
    # Binder drops a patch version, so x.y it is.
    version = re.fullmatch(r"python=(\d+\.\d+)", python).group(1)
    assert SpecifierSet(PROJECT["requires-python"]).contains(version)
    assert environment["channels"] == ["conda-forge", "nodefaults"]


def test_conda_and_binder_use_the_same_python():
    assert CONDA["dependencies"][0] == BINDER["dependencies"][0]


def extras(requirement: str) -> set[str]:
    """The extras in `.[a,b]`."""
    return set(re.search(r"\[([\w,]+)\]", requirement).group(1).split(","))


def test_conda_installs_this_project_under_the_pins():
    needs = next(need["pip"] for need in CONDA["dependencies"] if isinstance(need, dict))
    assert "-c constraints.txt" in needs
    (project,) = [need for need in needs if need.startswith("-e ")]
    assert "book" in extras(project) <= set(PROJECT["optional-dependencies"])


def test_binder_installs_this_project_under_the_pins():
    script = ROOT / ".binder" / "postBuild"
    text = script.read_text()
    assert "set -euo pipefail" in text and os.access(script, os.X_OK)
    (line,) = [line for line in text.splitlines() if "-e '.[" in line]
    assert "-c constraints.txt" in line
    assert extras(line) == {"book"}
    assert "grep '^torch==' constraints.txt" in text


def test_the_runner_installs_every_extra_and_asks_for_the_oldest_python():
    runner = dev()
    assert set(runner.EXTRAS.split(",")) == set(PROJECT["optional-dependencies"])
    oldest = ".".join(map(str, runner.OLDEST_PYTHON))
    assert PROJECT["requires-python"] == f">={oldest}"
    assert runner.torch_pin() == f"torch=={pins()['torch']}"


def test_pre_commit_and_make_run_the_same_ruff():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    revision = next(hook["rev"] for hook in hooks if hook["repo"].endswith("ruff-pre-commit"))
    assert revision == f"v{pins()['ruff']}"


def test_scripts_that_gate_mask_no_exit_status():
    gates = [ROOT / ".ci" / "run", ROOT / "Makefile", ROOT / ".binder" / "postBuild"]
    for script in gates:
        text = script.read_text()
        assert not re.search(r"\|\|\s*(true|:)\b|\|\s*tee\b|set \+e", text), script
        assert "pipefail" in text or script.name == "Makefile"
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_make_and_the_runner_offer_the_same_tasks():
    targets = set(re.findall(r"^(\w+):  ## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert targets - {"help"} == set(dev().TASKS)


@pytest.fixture
def versions(monkeypatch):
    """tools/check_versions.py, which takes its settings from tools/dev.py."""
    monkeypatch.setitem(sys.modules, "dev", dev())
    return dev("check_versions")


def test_the_promised_versions_are_those_that_are_tested(versions):
    readme = " ".join((ROOT / "README.md").read_text().split())
    first, last = versions.PYTHONS[0], versions.PYTHONS[-1]
    lowest = {Requirement(need).name: str(Requirement(need).specifier) for need in DIRECT}
    promise = f"on Python {first} to {last} and on PyTorch {lowest['torch'].removeprefix('>=')} "
    assert promise in readme and PROJECT["requires-python"] == f">={first}"
    weekly = yaml.safe_load((ROOT / ".github" / "workflows" / "weekly.yml").read_text())
    matrix = weekly["jobs"]["versions"]["strategy"]["matrix"]
    assert matrix["python"] == versions.PYTHONS
    assert set(matrix["resolution"]) == set(versions.RESOLUTIONS)


@pytest.mark.parametrize("named", [True, False])
def test_a_python_that_is_missing_is_said_and_fails_if_it_was_named(
    versions, monkeypatch, capsys, named
):
    monkeypatch.setattr(versions, "find_uv", lambda folder: folder / "uv")
    monkeypatch.setattr(versions, "find_python", lambda version: None)
    monkeypatch.setattr("sys.argv", ["check_versions.py", *["--python", "3.12"] * named])
    assert versions.main() == named
    rows = [line for line in capsys.readouterr().out.splitlines() if "not run" in line]
    assert len(rows) == (2 if named else 2 * len(versions.PYTHONS))


@pytest.mark.parametrize(("failures", "status"), [(0, 0), (1, 1)])
def test_the_counts_of_each_environment_are_told(
    versions, monkeypatch, tmp_path, capsys, failures, status
):
    (tmp_path / "test_it.py").write_text(
        f"import pytest\ndef test_1(): pass\ndef test_2(): assert not {failures}\n"
        "def test_3(): pytest.skip()\n"
    )
    monkeypatch.setattr(versions, "find_uv", lambda folder: folder / "uv")
    monkeypatch.setattr(versions, "install", lambda *arguments: sys.executable)
    monkeypatch.setattr(versions, "library_tests", lambda: [f"--rootdir={tmp_path}", tmp_path])
    monkeypatch.setattr("sys.argv", ["check_versions.py", "--resolution", "newest"])
    monkeypatch.setattr(versions, "PYTHONS", [".".join(map(str, sys.version_info[:2]))])
    assert versions.main() == status
    assert f"{2 - failures} passed, {failures} failed, 1 skipped" in capsys.readouterr().out


@pytest.fixture
def runner(tmp_path, monkeypatch):
    """tools/dev.py for a project in an empty folder, with an environment that seems complete."""
    module = dev()
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "PYTHON", tmp_path / "python")
    monkeypatch.setattr(module, "STAMP", tmp_path / "stamp")
    for name in ("constraints.txt", "pyproject.toml", "python"):
        (tmp_path / name).write_text("torch==1.0\n")
    monkeypatch.setattr(module, "create_environment", lambda: ["pip"])
    return module


def test_a_set_up_is_done_once(runner, monkeypatch):
    commands = []
    monkeypatch.setattr(runner, "run", lambda *command: commands.append(command))
    runner.set_up()
    assert any("--editable" in command for command in commands)
    commands.clear()
    runner.set_up()
    assert commands == []


@pytest.mark.parametrize("changed", ["constraints.txt", "pyproject.toml"])
def test_a_change_of_the_pins_asks_for_a_new_set_up(runner, monkeypatch, changed):
    monkeypatch.setattr(runner, "run", lambda *command: None)
    runner.set_up()
    assert runner.is_set_up()
    (runner.ROOT / changed).write_text("torch==2.0\n")
    assert not runner.is_set_up()


def test_an_interrupted_set_up_starts_again(runner, monkeypatch):
    monkeypatch.setattr(runner, "run", lambda *command: None)
    runner.set_up()
    (runner.ROOT / "constraints.txt").write_text("torch==2.0\n")

    def interrupt(*command):
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "run", interrupt)
    assert runner.main(["test"]) == 130
    assert not runner.is_set_up()
    (runner.ROOT / "constraints.txt").write_text("torch==1.0\n")
    assert not runner.is_set_up(), "the old stamp survived a set-up that began and did not end"
