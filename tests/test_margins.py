"""Margins against the accuracy of analogies and distances by brute force."""

from dataclasses import fields, replace

import pytest
import torch

import w2vlib as w2v


@pytest.fixture(scope="module")
def toy():
    """Sixteen random words, all questions over eight pairs, one of them unanswerable."""
    generator = torch.Generator().manual_seed(0)
    vectors = torch.randn(16, 4, generator=generator, dtype=torch.float64)
    words = w2v.Vocabulary(tuple("abcdefghijklmnop"), torch.arange(16, 0, -1))
    lines = [": random", *(f"{a} {b}" for a, b in zip("abcdefgh", "ijklmnop", strict=True))]
    lines = [*w2v.questions_from_pairs(lines), "a b c a"]
    return w2v.Embedding(vectors, words), w2v.parse_analogies(lines, words)


@pytest.mark.parametrize("at_once", [2**25, 10 * 16])  # all questions; and a rest of 7
def test_by_brute_force(toy, at_once, monkeypatch):
    monkeypatch.setattr("w2vlib._scores._AT_ONCE", at_once)
    embedding, analogies = toy
    margins = w2v.analogy_margins(embedding, analogies)
    unit = embedding.vectors / embedding.vectors.norm(dim=1, keepdim=True)
    for row, (a, b, c, d) in enumerate(analogies.questions[:-1].tolist()):
        x = unit[b] - unit[a] + unit[c]
        others = [v for v in range(16) if v not in (a, b, c, d)]
        scores = {v: float(unit[v] @ x) for v in [*others, d]}
        assert int(margins.rank[row]) == 1 + sum(scores[v] > scores[d] for v in others)
        assert float(margins.score[row]) == pytest.approx(scores[d])
        best = max(others, key=scores.__getitem__)
        assert int(margins.competitor[row]) == best
        assert float(margins.margin[row]) == pytest.approx(scores[d] - scores[best])
        assert float(margins.cosine[row]) == pytest.approx(scores[d] / float(x.norm()))
        assert float(margins.error[row]) == pytest.approx(float((x - unit[d]).norm()))
        assert float(margins.spacing[row]) == pytest.approx(float((unit[best] - unit[d]).norm()))
    assert int(margins.rank[-1]) == 14  # the answer is a word of the question
    # Half the way to the competitor, or less: the identity of the docstring.
    apart = margins.spacing * (margins.spacing / 2 - margins.pull)
    torch.testing.assert_close(apart, margins.margin)


@pytest.mark.parametrize("seed", range(20))
def test_words_without_a_vector(seed):
    """A vector of length 0 is a legal one; the signs of margins stay right, nothing is NaN."""
    generator = torch.Generator().manual_seed(seed)
    vectors = torch.randn(8, 3, generator=generator)
    vectors[seed % 8] = 0
    vectors[(seed + 1) % 8] = 0
    words = w2v.Vocabulary(tuple("abcdefgh"), torch.arange(8, 0, -1))
    pairs = [": pairs", "a b", "c d", "e f", "g h"]
    analogies = w2v.parse_analogies(w2v.questions_from_pairs(pairs), words)
    margins = w2v.analogy_margins(w2v.Embedding(vectors, words), analogies)
    clear = margins.margin != 0
    assert torch.equal((margins.margin > 0)[clear], margins.correct[clear])
    for name in ("cosine", "error", "spacing", "pull"):
        assert getattr(margins, name).isfinite().all()


def test_agree_with_the_accuracy(enwiki_embedding):
    analogies = w2v.datasets.load_analogies(enwiki_embedding.vocabulary)
    margins = w2v.analogy_margins(enwiki_embedding, analogies)
    result = w2v.solve_analogies(enwiki_embedding, analogies)
    clear = margins.margin.abs() > 1e-5  # nearer than that, rounding decides
    assert clear.float().mean() > 0.99
    assert torch.equal(margins.correct[clear], result.correct[clear])
    assert torch.equal((margins.margin > 0)[clear], result.correct[clear])
    wrong = ~result.correct & (margins.rank < len(enwiki_embedding) - 2)
    same = margins.competitor[wrong] == result.predicted[wrong]
    assert same.float().mean() > 0.995  # two words may be equally near


def test_a_long_error_across_does_no_harm():
    """The prediction misses by five times the spacing, but not towards the competitor."""
    words = w2v.Vocabulary(tuple("abcdv"), torch.arange(5, 0, -1))
    d, v = torch.tensor([1.0, 0.0, 0.0]), torch.tensor([0.98, 0.199, 0.0])
    far = torch.tensor([0.0, 0.0, 1.0])
    vectors = torch.stack([-far, far, d, d, v])  # x = far + far + d
    vectors[2] = torch.tensor([0.9999, 0.0, 0.01])  # c, next to d
    analogies = w2v.parse_analogies([": one", "a b c d"], words)
    margins = w2v.analogy_margins(w2v.Embedding(vectors, words), analogies)
    assert margins.correct.all()
    assert float(margins.error) > 5 * float(margins.spacing)
    assert float(margins.pull) < float(margins.spacing) / 2


def test_equal_scores_go_to_the_first_word():
    """As when the largest score is taken."""
    words = w2v.Vocabulary(tuple("abcdv"), torch.arange(5, 0, -1))
    vectors = torch.tensor([[0.0, 0, 1], [0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 1, 0]])
    for answer, rank in (("d", 1), ("v", 2)):
        analogies = w2v.parse_analogies([": one", f"a b c {answer}"], words)
        margins = w2v.analogy_margins(w2v.Embedding(vectors, words), analogies)
        assert int(margins.rank) == rank
        assert float(margins.margin) == 0


@pytest.mark.parametrize("seed", range(5))
def test_several_right_answers_by_brute_force(seed):
    """Small integers make many ties, which go to the first word."""
    generator = torch.Generator().manual_seed(seed)
    vectors = torch.randint(-1, 2, (12, 4), generator=generator).double()
    vectors[:, 3] = (5 - vectors[:, :3].square().sum(dim=1)).sqrt()  # of equal length
    words = w2v.Vocabulary(tuple("abcdefghijkl"), None)
    questions = torch.stack([torch.randperm(12, generator=generator)[:6] for _ in range(60)])
    questions[:5, 4] = questions[:5, 0]  # a word of the question among the right ones
    analogies = w2v.AnalogySet(
        questions[:, :4],
        torch.zeros(60, dtype=torch.int64),
        ("c",),
        words,
        alternatives=questions[:, 4:],
    )
    embedding = w2v.Embedding(vectors, words)
    margins = w2v.analogy_margins(embedding, analogies)
    unit = vectors / 5**0.5

    for row, (a, b, c, *right) in enumerate(questions.tolist()):
        scores = (unit @ (unit[b] - unit[a] + unit[c])).mul(1e6).round().tolist()
        order = sorted(set(range(12)) - {a, b, c}, key=lambda v, s=scores: (-s[v], v))
        answer, rank = int(margins.answer[row]), int(margins.rank[row])
        competitor = int(margins.competitor[row])
        best = next(v for v in order if v in right)
        best_other = next(v for v in order if v not in right)
        assert answer in right and answer not in (a, b, c)
        assert scores[answer] == scores[best] and scores[competitor] == scores[best_other]
        ahead = sum(scores[v] > scores[best] for v in order)
        tied = sum(scores[v] == scores[best] for v in order)
        assert ahead < rank <= ahead + tied  # rounding may order what is equal
        assert float(margins.score[row]) == pytest.approx(scores[best] / 1e6, abs=2e-6)
    assert (w2v.solve_analogies(embedding, analogies).correct == margins.correct).all()


def test_alternatives_that_repeat_the_answer_change_nothing(toy):
    embedding, analogies = toy
    repeated = replace(analogies, alternatives=analogies.questions[:, [3, 3]])
    one, other = (w2v.analogy_margins(embedding, each) for each in (analogies, repeated))
    for field in fields(one)[1:]:
        assert torch.equal(getattr(one, field.name), getattr(other, field.name)), field.name


def test_refusals(toy):
    embedding, analogies = toy
    other = w2v.Embedding(
        embedding.vectors, w2v.Vocabulary(tuple("ABCDEFGHIJKLMNOP"), torch.arange(16, 0, -1))
    )
    with pytest.raises(ValueError, match="must share a vocabulary"):
        w2v.analogy_margins(other, analogies)
    words = w2v.Vocabulary(tuple("abcd"), torch.arange(4, 0, -1))
    few = w2v.Embedding(embedding.vectors[:4], words)
    with pytest.raises(ValueError, match=r"at least 5 words.*got 4"):
        w2v.analogy_margins(few, w2v.parse_analogies([": one", "a b c d"], words))
