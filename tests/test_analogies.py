"""Analogies against a constructed parallelogram and gensim's evaluation."""

from dataclasses import replace

import pytest
import torch
from support import Sizes

import w2vlib as w2v

WORDS = ("king", "queen", "man", "woman", "apple")
PARALLELOGRAM = torch.tensor(
    [[1.0, 1, 0, 0], [1, -1, 0, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 0, 0, 1]]
)


@pytest.fixture
def royal():
    return w2v.Embedding(PARALLELOGRAM, w2v.Vocabulary(WORDS, torch.arange(5, 0, -1)))


def questions_of(lines, embedding):
    return w2v.parse_analogies([": family", *lines], embedding.vocabulary)


@pytest.mark.parametrize("method", ["add", "mul"])
def test_a_parallelogram_is_solved(royal, method):
    lines = ["king queen man woman", "man woman king queen", "queen king woman man"]
    result = w2v.solve_analogies(royal, questions_of(lines, royal), method=method)
    assert result.accuracy == 1
    assert result.by_category == {"family": 1.0}


def test_words_of_the_question_never_win(royal):
    """With d = c the query is b itself: only exclusion lets another word win."""
    result = w2v.solve_analogies(royal, questions_of(["king queen king woman"], royal))
    assert result.predicted.item() not in (WORDS.index("king"), WORDS.index("queen"))


def test_excluded_even_if_all_others_score_below_zero():
    vectors = torch.tensor([[1.0, 0.0], [1.0, 0.1], [1.0, -0.1], [-1.0, 0.0]])
    embedding = w2v.Embedding(vectors, w2v.Vocabulary(tuple("abcd"), torch.arange(4, 0, -1)))
    result = w2v.solve_analogies(embedding, questions_of(["a b c d"], embedding))
    assert result.correct.all(), "a mask of zeros would prefer a word of the question"


def test_agrees_with_gensim_digit_for_digit(enwiki_embedding, gensim, datapath):
    vocabulary = enwiki_embedding.vocabulary
    path = datapath("questions-words.txt")
    theirs = gensim.models.KeyedVectors(enwiki_embedding.dim)
    theirs.add_vectors(list(vocabulary.words), enwiki_embedding.vectors.numpy())
    accuracy, sections = theirs.evaluate_word_analogies(path)
    ours = w2v.solve_analogies(enwiki_embedding, w2v.parse_analogies(path, vocabulary))
    assert ours.accuracy == accuracy
    assert ours.by_category == {
        s["section"]: len(s["correct"]) / (len(s["correct"]) + len(s["incorrect"]))
        for s in sections[:-1]  # the last one is the total
        if s["correct"] or s["incorrect"]
    }


@pytest.mark.parametrize("method", ["add", "mul", "nearest"])
def test_equals_a_loop_over_the_definition(method):
    """Levy and Goldberg's formulas, one question and one candidate at a time."""
    generator = torch.Generator().manual_seed(3)
    vectors = torch.randn(20, 3, generator=generator, dtype=torch.float64)
    words = tuple(f"w{n}" for n in range(20))
    embedding = w2v.Embedding(vectors, w2v.Vocabulary(words, torch.arange(20, 0, -1)))
    questions = torch.stack([torch.randperm(20, generator=generator)[:4] for _ in range(200)])
    lines = [" ".join(words[i] for i in question) for question in questions.tolist()]
    result = w2v.solve_analogies(embedding, questions_of(lines, embedding), method=method)

    def score(x, a, b, c):
        def cosine(i, j):
            return float(vectors[i] @ vectors[j] / vectors[i].norm() / vectors[j].norm())

        if method == "nearest":
            return cosine(x, c)
        if method == "add":
            return cosine(x, b) - cosine(x, a) + cosine(x, c)
        to_a, to_b, to_c = ((cosine(x, i) + 1) / 2 for i in (a, b, c))
        return to_b * to_c / (to_a + 0.001)

    for (a, b, c, _), predicted in zip(questions.tolist(), result.predicted.tolist(), strict=True):
        candidates = [x for x in range(20) if x not in (a, b, c)]
        assert predicted == max(candidates, key=lambda x, q=(a, b, c): score(x, *q))


@pytest.mark.parametrize("method", ["add", "mul", "nearest"])
def test_one_question_is_answered_as_in_a_set(enwiki_embedding, method):
    questions = [["france", "paris", "italy", "rome"], ["he", "she", "his", "her"]]
    lines = [" ".join(question) for question in questions]
    result = w2v.solve_analogies(
        enwiki_embedding, questions_of(lines, enwiki_embedding), method=method
    )
    for (a, b, c, _), predicted in zip(questions, result.predicted.tolist(), strict=True):
        answers = w2v.analogy(enwiki_embedding, a, b, c, method=method)
        words, scores = zip(*answers, strict=True)
        assert words[0] == enwiki_embedding.vocabulary.words[predicted]
        assert len(answers) == 10 and list(scores) == sorted(scores, reverse=True)
        assert not {a, b, c} & set(words)
        assert w2v.analogy(enwiki_embedding, a, b, c, k=3, method=method) == answers[:3]


def test_man_is_to_king_as_woman_is_to_queen(royal):
    """The score is the sum of three cosines."""
    (first, score), (second, _) = w2v.analogy(royal, "man", "king", "woman")
    assert (first, second) == ("queen", "apple"), "as many as there are"
    unit = PARALLELOGRAM / PARALLELOGRAM.norm(dim=1, keepdim=True)
    king, queen, man, woman, _ = unit
    assert score == pytest.approx(float(queen @ king - queen @ man + queen @ woman))
    assert len(w2v.analogy(royal, "man", "king", "man")) == 3


def test_of_equal_scores_the_more_frequent_word_comes_first():
    vectors = torch.tensor([[1.0, 0], [1, 0], [1, 0], *[[0, 1.0]] * 50])
    words = tuple(f"w{n}" for n in range(53))
    embedding = w2v.Embedding(vectors, w2v.Vocabulary(words, None))
    answers = w2v.analogy(embedding, "w0", "w1", "w2", k=20)
    assert [word for word, _ in answers] == list(words[3:23])


@pytest.mark.parametrize("method", ["add", "mul", "nearest"])
def test_any_right_answer_counts(royal, method):
    """The alternatives compete; only a, b and c do not."""
    questions = questions_of(["king queen man apple", "man woman king apple"], royal)
    assert w2v.solve_analogies(royal, questions, method=method).accuracy == 0
    several = replace(questions, alternatives=torch.tensor([[4, 3], [4, 1]]))
    result = w2v.solve_analogies(royal, several, method=method)
    assert result.accuracy == 1
    assert [royal.vocabulary.words[n] for n in result.predicted.tolist()] == ["woman", "queen"]


def test_alternatives_that_repeat_the_answer_change_nothing(enwiki_embedding):
    analogies = w2v.datasets.load_google_analogies(enwiki_embedding.vocabulary)
    repeated = replace(analogies, alternatives=analogies.questions[:, [3, 3]])
    one, other = (w2v.solve_analogies(enwiki_embedding, each) for each in (analogies, repeated))
    assert torch.equal(one.correct, other.correct) and torch.equal(one.predicted, other.predicted)
    assert w2v.standard_error(one) == w2v.standard_error(other)


@pytest.mark.parametrize("method", ["add", "mul", "nearest"])
def test_a_large_vocabulary_fits_into_memory(method):
    """No more than 2**25 scores at one time, where all questions together have 2**27."""
    V = 2**18
    words = w2v.Vocabulary(tuple(map(str, range(V))), None)
    embedding = w2v.Embedding(torch.randn(V, 2, generator=torch.Generator().manual_seed(0)), words)
    questions = torch.randint(V, (512, 4), generator=torch.Generator().manual_seed(1))
    analogies = w2v.AnalogySet(questions, torch.zeros(512, dtype=torch.int64), ("c",), words)
    with Sizes() as sizes:
        result = w2v.solve_analogies(embedding, analogies, method=method)
    assert len(result) == 512 and max(sizes.made) <= 2**25


def result_where(correct_of, pairs):
    """A result over all ordered pairs of `pairs` word pairs, correct as `correct_of` says."""
    words = tuple(f"w{n}" for n in range(2 * pairs))
    lines = [f"w{2 * n} w{2 * n + 1}" for n in range(pairs)]
    vocabulary = w2v.Vocabulary(words, torch.ones(2 * pairs, dtype=torch.int64))
    analogies = w2v.parse_analogies(w2v.questions_from_pairs([": p", *lines]), vocabulary)
    correct = torch.tensor([correct_of(a // 2, c // 2) for a, _, c, _ in analogies.questions])
    return w2v.AnalogyResult(analogies, analogies.questions[:, 3], correct)


def test_standard_error_counts_pairs_not_questions():
    """If the first pair alone decides, 40 pairs are 40 coin tosses, not 1,560."""
    result = result_where(lambda first, second: bool(first % 2), pairs=40)
    assert len(result) == 40 * 39
    assert w2v.standard_error(result) == pytest.approx((0.5 * 0.5 / 40) ** 0.5, rel=0.1)


def test_standard_error_of_perfect_answers_is_zero():
    assert w2v.standard_error(result_where(lambda first, second: True, pairs=5)) == 0


def test_standard_error_of_a_difference():
    """The first pair decides: the difference is 1 for a quarter of the pairs, -1 for a quarter."""
    one = result_where(lambda first, second: first % 4 in (1, 3), pairs=40)
    other = result_where(lambda first, second: first % 4 in (1, 2), pairs=40)
    error = w2v.standard_error(one, baseline=other)
    assert error == pytest.approx((0.5 / 40) ** 0.5, rel=0.1)
    assert w2v.standard_error(other, baseline=one) == pytest.approx(error)
    assert w2v.standard_error(one, baseline=one) == 0
    nothing = result_where(lambda first, second: False, pairs=40)
    assert w2v.standard_error(one, baseline=nothing) == w2v.standard_error(one)


def test_standard_error_is_reproducible():
    result = result_where(lambda first, second: bool((first + second) % 3), pairs=9)
    assert w2v.standard_error(result, seed=1) == w2v.standard_error(result, seed=1)


def test_accuracy_of_the_closed_form(enwiki_embedding, gensim):
    """The promise of the README, on the published questions."""
    analogies = w2v.datasets.load_google_analogies(enwiki_embedding.vocabulary)
    assert len(analogies) == 2566
    assert w2v.solve_analogies(enwiki_embedding, analogies).accuracy >= 0.525


def test_pairs_expand_to_all_ordered_pairs_of_pairs():
    lines = list(w2v.questions_from_pairs(["# a comment", ": p", "a b", "c d", "e f", "", ": q"]))
    assert lines[0] == ": p"
    assert set(lines[1:-1]) == {"a b c d", "a b e f", "c d a b", "c d e f", "e f a b", "e f c d"}
    assert lines[-1] == ": q"


def test_out_of_vocabulary_is_counted(royal):
    analogies = questions_of(["king queen man woman", "king queen man girl"], royal)
    assert (len(analogies), analogies.out_of_vocabulary) == (1, 1)


def test_case_is_ignored(royal):
    assert len(questions_of(["King Queen MAN woman"], royal)) == 1


def test_a_category_may_be_continued(royal):
    lines = [
        ": p",
        "king queen man woman",
        ": q",
        "man woman king queen",
        ": p",
        "queen king woman man",
    ]
    analogies = w2v.parse_analogies(lines, royal.vocabulary)
    assert analogies.categories == ("p", "q")
    assert analogies.category.tolist() == [0, 1, 0]
    assert set(w2v.solve_analogies(royal, analogies).by_category) == {"p", "q"}


class TestBadInput:
    def test_malformed_file_is_named(self, royal, tmp_path):
        path = tmp_path / "questions.txt"
        path.write_text(": p\nking queen man\n")
        with pytest.raises(ValueError, match=r"1 lines of '.*questions\.txt' are not questions"):
            w2v.parse_analogies(path, royal.vocabulary)

    @pytest.mark.parametrize(
        ("question", "category", "message"),
        [
            ([0, 1, 2, 9], [0], r"`questions` must lie in \[0, 4\]"),
            ([0, 1, 2, 3], [1], r"`category` must lie in \[0, 0\]"),
        ],
    )
    def test_numbers_out_of_range(self, royal, question, category, message):
        with pytest.raises(ValueError, match=message):
            w2v.AnalogySet(
                torch.tensor([question]), torch.tensor(category), ("p",), royal.vocabulary
            )

    def test_malformed_lines_are_shown(self, royal):
        lines = ["king queen man", "king queen man woman", "a b c d e"]
        shown = r"2 lines are not questions.*line 2: 'king queen man'"
        with pytest.warns(w2v.DataWarning, match=shown):
            assert len(questions_of(lines, royal)) == 1
        with pytest.raises(ValueError, match=shown.replace("4", "3")):
            questions_of([lines[0], lines[2]], royal)

    def test_malformed_pair(self):
        with pytest.raises(ValueError, match=r"line 2 must be a heading.*'a b c'"):
            list(w2v.questions_from_pairs([": p", "a b c"]))

    def test_nothing_in_the_vocabulary(self, royal):
        with pytest.raises(ValueError, match=r"no question has all its words.*\(1 were read\)"):
            questions_of(["a b c d"], royal)

    def test_missing_file(self, royal, tmp_path):
        with pytest.raises(FileNotFoundError, match=r"none.txt' does not exist"):
            w2v.parse_analogies(tmp_path / "none.txt", royal.vocabulary)

    @pytest.mark.parametrize(
        ("alternatives", "message"),
        [([[5]], r"must lie in \[0, 4\]"), ([[]], "one row for each of the 1 questions")],
    )
    def test_impossible_alternatives(self, royal, alternatives, message):
        questions = questions_of(["king queen man woman"], royal)
        with pytest.raises(ValueError, match=f"`alternatives` .*{message}"):
            replace(questions, alternatives=torch.tensor(alternatives, dtype=torch.int64))

    def test_a_word_that_is_not_there(self, royal):
        with pytest.raises(KeyError, match=r"'Queen'.*'queen'"):
            w2v.analogy(royal, "king", "Queen", "man")

    @pytest.mark.parametrize("k", [0, 3])
    def test_number_of_answers(self, royal, k):
        with pytest.raises(ValueError, match=rf"`k` must be in \[1, 2\].*k={k}"):
            w2v.analogy(royal, "man", "king", "woman", k=k)

    def test_no_other_word(self):
        embedding = w2v.Embedding(torch.eye(2), w2v.Vocabulary(("a", "b"), None))
        with pytest.raises(ValueError, match="no word but those"):
            w2v.analogy(embedding, "a", "b", "a")

    def test_too_few_resamples(self):
        result = result_where(lambda first, second: True, pairs=2)
        with pytest.raises(ValueError, match="`resamples` must be at least 2; got 1"):
            w2v.standard_error(result, resamples=1)

    def test_baseline_with_other_questions(self):
        result, other = (result_where(lambda *pair: True, pairs=n) for n in (3, 2))
        with pytest.raises(ValueError, match="must answer the same 6 questions as `result`"):
            w2v.standard_error(result, baseline=other)

    def test_other_vocabulary(self, royal, enwiki_embedding):
        questions = questions_of(["king queen man woman"], royal)
        with pytest.raises(ValueError, match="must share a vocabulary"):
            w2v.solve_analogies(enwiki_embedding, questions)
