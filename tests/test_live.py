"""Figures that a running kernel computes anew: in a real kernel, moved as a page moves them."""

import io
import json
import os

import live_examples
import pytest
from PIL import Image
from support import ROOT

from w2vlib.book.explorer.figures import Explorer
from w2vlib.book.explorer.live import Entry, explore_live

pytest.importorskip("ipywidgets")
EXAMPLES = ["own_word", "own_text", "own_matrix"]


@pytest.fixture(scope="module")
def kernel():
    """A running kernel in which `run(code)` gives what is printed, and `put` moves a widget."""
    manager = pytest.importorskip("jupyter_client.manager")
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    started, client = manager.start_new_kernel(env=os.environ | {"PYTHONPATH": path})

    class Kernel:
        def run(self, code):
            printed = []

            def hook(message):
                content = message["content"]
                assert message["msg_type"] != "error", content.get("traceback")
                printed.append(content.get("text", ""))

            client.execute_interactive(code, output_hook=hook, timeout=120)
            return "".join(printed)

        def put(self, widget, value):
            """As the front end does: a message to the widget's model."""
            state = {"method": "update", "state": {"value": value}, "buffer_paths": []}
            content = {"comm_id": self.run(f"print({widget}.model_id)").strip(), "data": state}
            client.shell_channel.send(client.session.msg("comm_msg", content))

    yield Kernel()
    client.stop_channels()
    started.shutdown_kernel(now=True)


SHOWN = """
import json, hashlib
*boxes, message, place = box.children
parts = place.children[0].children if place.children else []
picture = hashlib.sha256(parts[-2].value).hexdigest() if parts else None
print(json.dumps([picture, parts[-1].value if parts else "", message.value]))
"""


@pytest.mark.parametrize(
    ("name", "entered", "said", "refused"),
    [
        ("own_word", "war", "to war is", "qqqq"),
        ("own_text", "a rose is a rose is a rose", "add up to 14", "rose"),
        ("own_matrix", "5 0\n0 1", "strength 5.00", "1 2\n3 4"),
    ],
)
def test_a_kernel_computes_what_readers_put_in(kernel, name, entered, said, refused):
    kernel.run(f"import live_examples; box = live_examples.{name}().live()")
    first, sentence, _ = json.loads(kernel.run(SHOWN))
    assert first and said not in sentence

    kernel.put("box.children[0]", entered)
    second, sentence, message = json.loads(kernel.run(SHOWN))
    assert second not in (None, first)
    assert said in sentence and not message

    # What cannot be computed shows no picture of something else.
    kernel.put("box.children[0]", refused)
    third, _, message = json.loads(kernel.run(SHOWN))
    assert third is None and message


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_site_shows_the_first_and_where_to_try_more(name):
    figure = getattr(live_examples, name)()
    own = " and ".join(entry.label for entry in figure.entries)
    bundle = figure._repr_mimebundle_()
    assert isinstance(figure, Explorer) and figure.say(figure.choices[0].start) in figure.text
    assert Image.open(io.BytesIO(figure.png)).format == "PNG"
    for text in (bundle["text/html"], bundle["text/plain"]):
        assert f"Colab or Binder to try your own {own}." in text


def test_a_matrix_is_read_as_people_write_it():
    got = []

    def compute(rows):
        got.append(rows)
        return live_examples.own_matrix().compute([[1.0]], 0.1)

    matrix, message, _ = explore_live(compute, [Entry("matrix", [[1.0]])]).live().children
    for text in ("1 −2\n-2 1", "1, -2; -2, 1", " 1\t-2 \n\n-2 1\n"):
        matrix.value = "0"
        matrix.value = text
        assert got[-1] == [[1, -2], [-2, 1]]
    for text in ("1 2\n3", "one", ""):
        matrix.value = text
        assert "`matrix` must be rows of numbers" in message.value


def test_a_choice_is_a_menu_and_starts_at_one_of_its_options():
    start = live_examples.own_word()
    entry = Entry("word", "king", options=("king", "war"))
    menu, _, place = explore_live(start.compute, [entry]).live().children
    assert menu.options == ("king", "war")
    menu.value = "war"
    assert "war" in place.children[0].children[-1].value
    with pytest.raises(ValueError, match=r"'word' must start at one of its options \['king'\]"):
        Entry("word", "tea", options=["king"])
    with pytest.raises(ValueError, match="`entries` must have at least one"):
        explore_live(start.compute, [])
