"""A training that diverges says so within 1,000 steps, and names settings that train."""

import math
import re
from dataclasses import replace
from functools import partial

import pytest
import torch

import w2vlib as w2v
from w2vlib.datasets import sample_tokens, toy_language
from w2vlib.training._divergence import LOOK_EVERY, Watch, smaller_steps


@pytest.fixture(scope="module")
def text():
    """Independent words with Zipf's frequencies, 1,100 batches of 4,096 tokens."""
    shares = 1 / torch.arange(1, 2001, dtype=torch.float64)
    generator = torch.Generator().manual_seed(0)
    tokens = torch.multinomial(shares, 4096 * 1100, replacement=True, generator=generator)
    counts = tokens.bincount(minlength=2000)
    vocabulary = w2v.Vocabulary(tuple(f"word{n}" for n in range(2000)), counts)
    return w2v.Corpus(tokens.int(), torch.tensor([0, len(tokens)]), vocabulary)


def train_plainly(statistics, config):
    plain = w2v.plain_reweighting(statistics)
    return w2v.train_population(statistics, config, reweighting=plain)


def beginning(text, tokens):
    return w2v.Corpus(text.tokens[:tokens], torch.tensor([0, tokens]), text.vocabulary)


@pytest.fixture(scope="module")
def toy():
    return toy_language((0.7, 0.6, 0.5, 0.4))


def message_of(train):
    """Of a training that stops, and says so, within 1,000 steps."""
    with pytest.raises(RuntimeError, match="diverged") as raised:
        train()
    message = str(raised.value)
    assert int(re.search(r" step (\d+) ", message)[1]) <= 1000, message
    return message


def advised(config, message):
    """The configuration that the message asks for."""
    settings = re.findall(r"`(\w+)` of ([\d.e-]*\d)", message)
    assert settings, message
    kinds = {"learning_rate": float, "batch_tokens": int, "batch_pairs": int}
    return replace(config, **{name: kinds[name](value) for name, value in settings})


def falls(result):
    loss = result.history.loss
    return bool(loss.isfinite().all()) and float(loss[-1]) < float(loss[0])


@pytest.mark.parametrize(
    ("train", "kind"),
    [(w2v.train_sgns, w2v.SGNSConfig), (w2v.train_fasttext, w2v.FastTextConfig)],
    ids=["sgns", "fasttext"],
)
def test_large_batches_of_tokens(text, train, kind):
    """In the middle of an epoch of 1,100 steps, without a record."""
    config = kind(dim=10, sample=None, learning_rate=0.5, batch_tokens=4096, epochs=1)
    message = message_of(lambda: train(text, config))
    assert f" {6 * math.log(2):.4g};" in message  # (1 + k) log 2, at the start
    better = replace(advised(config, message), records_per_epoch=4)
    assert better.batch_tokens < 4096
    assert falls(train(beginning(text, 8_000), better))


@pytest.mark.parametrize("optimizer", ["gd", "momentum"])
@pytest.mark.parametrize("loss", [w2v.sgns_loss, w2v.qwem_loss], ids=["sgns", "qwem"])
def test_population(toy, loss, optimizer):
    config = w2v.PopulationConfig(
        dim=3, loss=loss, optimizer=optimizer, learning_rate=2, steps=5000, record_every=5000
    )
    message = message_of(lambda: train_plainly(toy.statistics, config))
    better = replace(advised(config, message), steps=200)
    assert falls(train_plainly(toy.statistics, better))


@pytest.mark.parametrize("words", [2, 5, 20, 33, 50, 64, 100])
@pytest.mark.parametrize("weighting", ["linear", "harmonic"])
def test_glove_with_few_words(words, weighting):
    """The default batch holds all pairs: each word is in as many as there are words."""
    generator = torch.Generator().manual_seed(words)
    tokens = torch.randint(words, (5000,), generator=generator)
    vocabulary = w2v.Vocabulary(tuple(f"w{n}" for n in range(words)), tokens.bincount())
    corpus = w2v.Corpus(tokens.int(), torch.arange(0, 5001, 200), vocabulary)
    counts = w2v.count_cooccurrences(corpus, window=15, weighting=weighting)
    scale = int(w2v.window_weights(15, weighting)[0])
    for seed, dim in ((0, 50), (1, 50), (2, 2), (3, 200)):
        config = w2v.GloVeConfig(dim=dim)
        loss = w2v.train_glove(counts, config, scale=scale, seed=seed).history.loss
        assert float(loss.max()) == float(loss[0]), "it falls from the first epoch on"
        assert float(loss[-1]) < 0.5 * float(loss[0])


@pytest.mark.parametrize(
    "change",
    [
        {"dim": 200, "maximum": 10},  # all pairs have full weight
        {"dim": 5, "learning_rate": 10, "batch_pairs": 64},
        {"dim": 50, "learning_rate": 1000},
        {"dim": 2, "learning_rate": 10, "batch_pairs": 7},
    ],
)
def test_glove_takes_no_step_that_overshoots(enwiki, change):
    """Whatever is asked for; the loss at zero is half the sum of the weighted squares of logs."""
    counts = w2v.restrict_cooccurrence(enwiki, 100)
    config = w2v.GloVeConfig(epochs=4, **change)
    X = torch.from_numpy(counts.counts.toarray()).double()
    at_zero = float(w2v.glove_loss(torch.zeros_like(X), X, maximum=config.maximum).sum()) / 2
    loss = w2v.train_glove(counts, config, scale=1).history.loss
    assert float(loss[-1]) < 0.05 * at_zero and bool((loss.diff() < 0).all())


def test_glove_says_what_no_bound_can_help(enwiki):
    """A step beyond the numbers of float32."""
    counts = w2v.restrict_cooccurrence(enwiki, 300)
    config = w2v.GloVeConfig(dim=5, learning_rate=1e300, epochs=1)
    message = message_of(lambda: w2v.train_glove(counts, config, scale=1))
    assert falls(w2v.train_glove(counts, replace(advised(config, message), epochs=2), scale=1))


def test_what_ends_far_above_the_start_is_no_result(text, toy):
    """Trainings too short for a loss that is not finite, and for two looks."""
    tokens = w2v.SGNSConfig(dim=10, sample=None, learning_rate=1e6, batch_tokens=4096, epochs=1)
    message_of(lambda: w2v.train_sgns(beginning(text, 8 * 4096), tokens))
    config = w2v.PopulationConfig(dim=60, learning_rate=1e6, steps=3)
    message_of(lambda: train_plainly(toy.statistics, config))


class TestHealthy:
    @pytest.mark.parametrize(("rate", "batch"), [(0.025, 256), (0.1, 64)])
    def test_tokens(self, text, toy, rate, batch):
        config = w2v.SGNSConfig(dim=10, sample=None, learning_rate=rate, batch_tokens=batch)
        tokens = sample_tokens(toy, 12_000, seed=1)
        for corpus, window in ((beginning(text, 12_000), 5), (tokens, 1)):
            history = w2v.train_sgns(corpus, replace(config, window=window)).history
            assert float(history.loss[-1]) < 0.9 * 6 * math.log(2)

    @pytest.mark.parametrize("loss", [w2v.sgns_loss, w2v.qwem_loss], ids=["sgns", "qwem"])
    def test_adam_overshoots_and_comes_back(self, toy, loss):
        """Looked at after every step."""
        config = w2v.PopulationConfig(dim=60, loss=loss, learning_rate=1, record_every=1)
        history = train_plainly(toy.statistics, config).history
        start, peak, end = float(history.loss[0]), float(history.loss.max()), history.loss[-1]
        assert peak > start + 2, "far above the weight of all pairs, which is 2"
        assert float(end) < start

    def test_glove(self, enwiki):
        counts = w2v.restrict_cooccurrence(enwiki, 100)
        for rate, batch in ((0.05, 500), (0.2, 64)):
            config = w2v.GloVeConfig(dim=5, learning_rate=rate, batch_pairs=batch, epochs=4)
            assert falls(w2v.train_glove(counts, config, scale=1))


class TestWatch:
    @pytest.mark.parametrize("unit", [1e-3, 1, 1e6])
    @pytest.mark.parametrize(
        ("losses", "alarm"),
        [
            ((4, 400, 399, 398), None),  # comes back
            ((4, 400, 2, 400, 2), None),
            ((4, 5, 6, 7, 8, 9), None),  # not far
            ((4, 400, 400), 2),
            ((0, 0.1, -0.3, 5, 6), None),
            ((-0.2, 400, 401), 2),
        ],
    )
    def test_far_above_the_start_and_not_coming_back(self, losses, alarm, unit):
        """In any unit; what happens between two looks is not looked at."""
        watch, alarms = Watch(unit), []
        for number, loss in enumerate(losses):
            alarms.append(watch.diverges(LOOK_EVERY * number, unit * loss))
            assert not watch.diverges(LOOK_EVERY * number + 1, unit * 400)
        assert alarms == [number == alarm for number in range(len(losses))]

    def test_two_looks_fit_into_1000_steps(self):
        """The worst case: a loss that rises right after a look and stays, finite, above."""
        watch = Watch(1)
        for step in range(5000):
            if watch.diverges(step, 4 if step <= 2000 else 1e9):
                break
        assert 2000 < step <= 3000

    @pytest.mark.parametrize("bad", [math.nan, math.inf])
    def test_what_is_not_finite(self, bad):
        watch = Watch(1)
        assert not watch.diverges(0, 1, torch.ones(3, 2))
        assert watch.diverges(1, bad)
        assert not watch.diverges(2, 1, torch.ones(3, 2))
        assert watch.diverges(3, 1, torch.ones(3, 2), torch.tensor([[0.0, bad]]))
        assert watch.diverges(4, 1, torch.tensor([math.inf, -math.inf]))


@pytest.mark.parametrize("rate", [1e-4, 0.02, 0.05, 3])
@pytest.mark.parametrize("crowd", [0, 0.5, 7, 4000])
@pytest.mark.parametrize("unit", [1, 16])
def test_advice_is_below_the_bound(rate, crowd, unit):
    """Pairs of a word are in proportion to the batch: then 2 rate pairs bend is at most 1."""
    said = smaller_steps(rate, 0.05, 0.25, crowd, ("batch_tokens", 256), unit)
    settings = {name: float(v) for name, v in re.findall(r"`(\w+)` of ([\d.e-]*\d)", said)}
    advised_rate = settings.get("learning_rate", rate)
    size = settings.get("batch_tokens", 256)
    assert 2 * advised_rate * crowd * size / 256 * 0.25 <= 1.05  # the rate has two digits
    assert size % unit == 0 and size >= unit
    assert (advised_rate, size) != (rate, 256), "something must change"
    assert advised_rate <= min(rate, 0.05) * 1.05


def test_a_look_does_not_change_what_is_learned(toy):
    """The loss of some steps is looked at, whether it is recorded or not."""
    train = partial(train_plainly, toy.statistics)
    rare, often = (w2v.PopulationConfig(dim=3, steps=410, record_every=n) for n in (410, 7))
    assert train(rare).embedding.vectors.equal(train(often).embedding.vectors)
