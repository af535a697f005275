"""Word vectors for other programs."""

from pathlib import Path

from w2vlib._files import replacing
from w2vlib._word2vec_format import number_lines
from w2vlib.embedding import Embedding

__all__ = ["save_for_projector"]


def save_for_projector(embedding: Embedding, folder: str | Path) -> tuple[Path, Path]:
    """Write the two files that TensorBoard's Embedding Projector loads.

    Args:
        embedding: The word vectors.
        folder: The folder of the files; it is made if it does not exist, and files of the same
            names in it are replaced.

    Returns:
        The paths of ``vectors.tsv``, a line of numbers for each word, and of ``metadata.tsv``, a
        line for each word. If the counts of the words are known, they are a second column, and a
        first line names both, as the projector wants it.

    Raises:
        FileNotFoundError: The folder that should hold `folder` does not exist.
        NotADirectoryError: There is a file at `folder`.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(
            f"`folder` must be a folder; '{folder}' is a file: choose another"
        )
    if not folder.parent.is_dir():
        raise FileNotFoundError(
            f"cannot make '{folder}': the folder '{folder.parent}' does not exist; create it first"
        )
    folder.mkdir(exist_ok=True)
    vectors, metadata = folder / "vectors.tsv", folder / "metadata.tsv"
    numbers = embedding.vectors.detach().cpu().float().numpy()
    with replacing(vectors) as temporary, temporary.open("w", encoding="utf-8") as file:
        for lines in number_lines(numbers, "\t"):
            file.writelines(f"{line}\n" for line in lines)

    words, counts = embedding.vocabulary.words, embedding.vocabulary.counts
    lines = list(words)
    if counts is not None:
        pairs = zip(words, counts.tolist(), strict=True)
        lines = ["word\tcount", *(f"{word}\t{count}" for word, count in pairs)]
    with replacing(metadata) as temporary:
        temporary.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return vectors, metadata
