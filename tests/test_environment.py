"""One environment, told in several files: they must agree. And `make` sets it up."""

import os
import re
import subprocess
import sys
import tomllib

import check_versions as versions
import dev
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from support import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
DIRECT = [
    *map(Requirement, PROJECT["dependencies"]),
    *(Requirement(need) for needs in EXTRAS.values() for need in needs),
]
PINS = {
    canonicalize_name(name): version
    for name, version in re.findall(
        r"^([\w.-]+)==([\w.]+)$", (ROOT / "constraints.txt").read_text(), re.M
    )
}


def test_every_direct_dependency_is_pinned_inside_its_range():
    for need in DIRECT:
        assert need.specifier.contains(PINS[canonicalize_name(need.name)]), need


def test_conda_and_binder_install_this_project_under_the_pins():
    conda, binder = (
        yaml.safe_load((ROOT / name).read_text())["dependencies"]
        for name in ("environment.yml", ".binder/environment.yml")
    )
    python = re.fullmatch(r"python=(\d+\.\d+)", conda[0])[1]  # Binder drops a patch version
    assert SpecifierSet(PROJECT["requires-python"]).contains(python)
    assert binder == [conda[0], "pip"] == conda[:2], "all else comes from the pins"
    script = ROOT / ".binder" / "postBuild"
    assert os.access(script, os.X_OK)
    for text in (" ".join(conda[2]["pip"]), script.read_text()):
        (extras,) = re.findall(r"-c constraints.txt +-e '?\.\[([\w,]+)\]", text)
        assert "book" in extras.split(",") and set(extras.split(",")) <= set(EXTRAS)


def test_the_runner_agrees_with_make_and_the_project():
    targets = set(re.findall(r"^(\w+):  ## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert targets - {"help"} == set(dev.TASKS)
    assert set(dev.EXTRAS.split(",")) == set(EXTRAS)
    assert PROJECT["requires-python"] == f">={'.'.join(map(str, dev.OLDEST_PYTHON))}"


def test_pre_commit_and_make_run_the_same_ruff():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    revision = next(hook["rev"] for hook in hooks if hook["repo"].endswith("ruff-pre-commit"))
    assert revision == f"v{PINS['ruff']}"


def test_scripts_that_gate_mask_no_exit_status():
    for name in (".ci/run", ".binder/postBuild", "Makefile"):
        text = (ROOT / name).read_text()
        assert not re.search(r"\|\|\s*(true|:)\b|\|\s*tee\b|set \+e", text), name
        assert "pipefail" in text or name == "Makefile"


def test_the_promised_versions_are_those_that_are_tested():
    first, last = versions.PYTHONS[0], versions.PYTHONS[-1]
    assert PROJECT["requires-python"] == f">={first}"
    torch = next(str(need.specifier) for need in DIRECT if need.name == "torch")
    readme = " ".join((ROOT / "README.md").read_text().split())
    assert f"Python {first} to {last} " in readme
    assert f"PyTorch {torch.removeprefix('>=')} " in readme
    weekly = yaml.safe_load((ROOT / ".github" / "workflows" / "weekly.yml").read_text())
    matrix = weekly["jobs"]["versions"]["strategy"]["matrix"]
    assert matrix["python"] == versions.PYTHONS
    assert set(matrix["resolution"]) == set(versions.RESOLUTIONS)


@pytest.mark.parametrize("named", [True, False])
def test_a_python_that_is_missing_is_said_and_fails_if_it_was_named(monkeypatch, capsys, named):
    monkeypatch.setattr(versions, "find_uv", lambda folder: folder / "uv")
    monkeypatch.setattr(versions, "find_python", lambda version: None)
    monkeypatch.setattr("sys.argv", ["check_versions.py", *["--python", "3.12"] * named])
    assert versions.main() == named
    out = capsys.readouterr().out
    assert all(version in out for version in (["3.12"] if named else versions.PYTHONS))


def test_the_counts_of_each_environment_are_told(monkeypatch, tmp_path, capsys):
    tests = (
        "import pytest\ndef test_1(): pass\ndef test_2(): assert 0\ndef test_3(): pytest.skip()"
    )
    (tmp_path / "test_it.py").write_text(tests)
    monkeypatch.setattr(versions, "find_uv", lambda folder: folder / "uv")
    monkeypatch.setattr(versions, "install", lambda *arguments: sys.executable)
    monkeypatch.setattr(versions, "library_tests", lambda: [f"--rootdir={tmp_path}", tmp_path])
    python = ".".join(map(str, sys.version_info[:2]))
    arguments = ["--python", python, "--resolution", "newest"]
    monkeypatch.setattr("sys.argv", ["check_versions.py", *arguments])
    assert versions.main() == 1
    assert "1 passed, 1 failed, 1 skipped" in capsys.readouterr().out


@pytest.fixture
def runner(tmp_path, monkeypatch):
    """tools/dev.py for a project in an empty folder; `commands` is what it runs."""
    python = tmp_path / "venv" / dev.PYTHON.relative_to(dev.VENV)
    places = {"ROOT": tmp_path, "VENV": tmp_path / "venv", "PYTHON": python}
    for name, place in {**places, "STAMP": tmp_path / "venv" / "stamp"}.items():
        monkeypatch.setattr(dev, name, place)
    monkeypatch.setattr(dev, "commands", [], raising=False)
    monkeypatch.setattr(dev, "run", lambda *command: dev.commands.append(command))
    for name in ("constraints.txt", "pyproject.toml"):
        (tmp_path / name).write_text("torch==1.0\n")
    return dev


@pytest.fixture
def made(runner, monkeypatch):
    """With an environment that seems complete."""
    runner.PYTHON.parent.mkdir(parents=True)
    runner.PYTHON.touch()
    monkeypatch.setattr(runner, "create_environment", lambda: ["pip"])
    return runner


def test_a_set_up_is_done_once_and_again_if_the_pins_change(made):
    for changed in ("constraints.txt", "pyproject.toml"):
        (made.ROOT / changed).write_text("torch==2.0\n")
        made.set_up()
        assert any("--editable" in command for command in made.commands)
        made.commands.clear()
        made.set_up()
        assert made.commands == []


def test_an_interrupted_set_up_starts_again(made, monkeypatch):
    made.set_up()
    (made.ROOT / "constraints.txt").write_text("torch==2.0\n")

    def interrupt(*command):
        raise KeyboardInterrupt

    monkeypatch.setattr(made, "run", interrupt)
    assert made.main(["test"]) == 130
    for pin in ("torch==2.0\n", "torch==1.0\n"):  # the old stamp must not survive
        (made.ROOT / "constraints.txt").write_text(pin)
        assert not made.is_set_up()


def test_an_old_python_is_refused_with_the_remedy(made, monkeypatch):
    monkeypatch.setattr(made, "OLDEST_PYTHON", (99, 1))
    with pytest.raises(SystemExit, match=r"99\.1(.|\n)*PYTHON=python99\.1"):
        made.main(["book"])
    assert made.commands == []


def test_without_ensurepip_the_pip_outside_fills_the_environment_or_is_asked_for(
    runner, monkeypatch
):
    monkeypatch.setattr(runner, "find_spec", lambda name: name == "pip" or None)
    answer = subprocess.run([*runner.create_environment(), "list"], capture_output=True, text=True)
    assert answer.returncode == 0 and "torch" not in answer.stdout, "not the one outside"
    monkeypatch.setattr(runner, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="python3-venv"):
        runner.create_environment()
