"""Compiled inner loops of reading. Each runs on one thread without the interpreter's lock."""

from typing import no_type_check

import numba
import numpy as np

from w2vlib.text._layout import INNER, LETTER, LINE_FEED, NONE, OTHER, START, Arrays

__all__ = ["inspect", "join_lines", "number_words", "renumber"]

_u8 = np.uint64
_MIX = _u8(0x9E3779B97F4A7C15)  # 2 ** 64 over the golden ratio, odd
_TURN = _u8(0xD6E8FEB86659FD93)  # another odd number


@numba.njit(nogil=True, cache=True)
@no_type_check  # numba compiles the function itself, not a type-checking wrapper
def _decode(text: np.ndarray, place: np.uint64) -> tuple[np.uint64, np.uint64]:
    """The character at a place in valid UTF-8, and its number of bytes."""
    one, low = _u8(1), _u8(0x3F)
    byte = _u8(text[place])
    if byte < _u8(0x80):
        return byte, one
    second = _u8(text[place + one]) & low
    if byte < _u8(0xE0):
        return (byte & _u8(0x1F)) << _u8(6) | second, _u8(2)
    third = _u8(text[place + _u8(2)]) & low
    if byte < _u8(0xF0):
        return (byte & _u8(0x0F)) << _u8(12) | second << _u8(6) | third, _u8(3)
    fourth = _u8(text[place + _u8(3)]) & low
    return (byte & _u8(7)) << _u8(18) | second << _u8(12) | third << _u8(6) | fourth, _u8(4)


@numba.njit(nogil=True, cache=True)
@no_type_check
def _unspaced(text: np.ndarray, place: np.uint64) -> bool:
    """Whether a character is of a script that is written without spaces between words."""
    code, _ = _decode(text, place)
    return (
        _u8(0x0E00) <= code < _u8(0x1000)  # Thai, Lao, Tibetan
        or _u8(0x1000) <= code < _u8(0x10A0)  # Burmese
        or _u8(0x1780) <= code < _u8(0x1800)  # Khmer
        or _u8(0x3040) <= code < _u8(0x3100)  # Japanese
        or _u8(0x3400) <= code < _u8(0xA000)  # Chinese characters
        or _u8(0x20000) <= code < _u8(0x40000)
    )


@numba.njit(nogil=True, cache=True)
@no_type_check
def _eight(text: np.ndarray, place: np.uint64) -> np.uint64:
    """The eight bytes from a place on as one number, which the processor loads at once."""
    return (
        _u8(text[place])
        | _u8(text[place + _u8(1)]) << _u8(8)
        | _u8(text[place + _u8(2)]) << _u8(16)
        | _u8(text[place + _u8(3)]) << _u8(24)
        | _u8(text[place + _u8(4)]) << _u8(32)
        | _u8(text[place + _u8(5)]) << _u8(40)
        | _u8(text[place + _u8(6)]) << _u8(48)
        | _u8(text[place + _u8(7)]) << _u8(56)
    )


@numba.njit(nogil=True, cache=True)
@no_type_check
def inspect(text: np.ndarray, units: np.ndarray, found: np.ndarray) -> int:
    """Check that bytes are UTF-8 and not zero, and count the letters outside ASCII.

    Args:
        text: The bytes.
        units: What each character is.
        found: (2) the number of letters outside ASCII, and of those whose lower case has a letter
            of ASCII, are added to it.

    Returns:
        The place of the first byte that is zero or not UTF-8, or -1.
    """
    place, size = _u8(0), _u8(len(text))
    while place < size:
        if place + _u8(8) <= size and _plain(_eight(text, place)):
            place += _u8(8)
            continue
        byte = text[place]
        if 0 < byte < 0x80:
            place += _u8(1)
            continue
        length = _u8(2) if byte < 0xE0 else _u8(3) if byte < 0xF0 else _u8(4)
        if byte < 0xC2 or byte > 0xF4 or place + length > size:
            return np.int64(place)
        for n in range(_u8(1), length):
            if text[place + n] & 0xC0 != 0x80:
                return np.int64(place)
        second = text[place + _u8(1)]
        if (
            (byte == 0xE0 and second < 0xA0)  # longer than need be
            or (byte == 0xED and second > 0x9F)  # half of a pair of UTF-16
            or (byte == 0xF0 and second < 0x90)
            or (byte == 0xF4 and second > 0x8F)  # beyond the last character
        ):
            return np.int64(place)
        code, _ = _decode(text, place)
        found[0] += units[code] == START
        found[1] += code == _u8(0x130) or code == _u8(0x212A)
        place += length
    return -1


@numba.njit(nogil=True, cache=True)
@no_type_check
def _plain(eight: np.uint64) -> bool:
    """Whether eight bytes are of ASCII, and none is zero."""
    some = (eight - _u8(0x0101010101010101)) | eight  # the highest bit, also below a zero byte
    return some & _u8(0x8080808080808080) == _u8(0)


@numba.njit(nogil=True, cache=True)
@no_type_check
def join_lines(text: np.ndarray, paragraphs: bool, written: bool) -> bool:
    """Turn line feeds into spaces, in place, but those that end a paragraph: a blank line's.

    Args:
        text: The bytes; changed in place.
        paragraphs: Whether a blank line ends a document; if not, nothing does.
        written: Whether the line that goes on in `text` has something but white space.

    Returns:
        The same of the line that goes on after `text`.
    """
    for place in range(len(text)):
        byte = text[place]
        if byte == 10:
            if written or not paragraphs:
                text[place] = 32
            written = False
        elif byte > 32:
            written = True
    return written


@numba.njit(nogil=True, cache=True)
@no_type_check
def _end_of_word(
    text: np.ndarray, start: np.uint64, units: np.ndarray
) -> tuple[np.uint64, np.uint64]:
    """Where the word that begins at `start` ends (there, if none does), and where to go on."""
    code, length = _decode(text, start)
    if units[code] != START:
        return start, start + length
    place = start + length
    while True:
        code, length = _decode(text, place)
        kind = units[code]
        if kind == INNER:
            code, more = _decode(text, place + length)
            if units[code] != START:
                break
            length += more
        elif kind == NONE:
            break
        place += length
    return place, place


@numba.njit(nogil=True, cache=True)
@no_type_check
def _letters(eight: np.uint64, fold: np.uint64) -> np.uint64:
    """How many of eight bytes, from the first on, are letters a to z once `fold` is added."""
    low = (eight | fold) & _u8(0x7F7F7F7F7F7F7F7F)
    from_a = low + _u8(0x1F1F1F1F1F1F1F1F)  # the highest bit of each byte says: not below a
    beyond_z = low + _u8(0x0505050505050505)
    stops = ~(from_a & ~beyond_z & ~eight) & _u8(0x8080808080808080)
    first = stops & (~stops + _u8(1))
    within = (first >> _u8(7)) - _u8(1)  # all bits of the bytes before the first stop
    if stops == _u8(0):
        return _u8(8)
    return ((within & _u8(0x0101010101010101)) * _u8(0x0101010101010101)) >> _u8(56)


@numba.njit(nogil=True, cache=True)
@no_type_check
def _first_bytes(count: np.uint64) -> np.uint64:
    """A mask of the first bytes of eight; `count` is at least 1."""
    return ~_u8(0) >> (_u8(8) * (_u8(8) - count)) if count < _u8(8) else ~_u8(0)


@numba.njit(nogil=True, cache=True)
@no_type_check
def _size_of_letters(
    text: np.ndarray, start: np.uint64, classes: np.ndarray, fold: np.uint64
) -> np.uint64:
    """How many letters a to z there are from a place on."""
    size = _letters(_eight(text, start), fold)
    if size == _u8(8):
        size += _letters(_eight(text, start + _u8(8)), fold)
        if size == _u8(16):
            while classes[text[start + size]] == LETTER:
                size += _u8(1)
    return size


@numba.njit(nogil=True, cache=True)
@no_type_check
def _end_of_other(
    text: np.ndarray, start: np.uint64, classes: np.ndarray, units: np.ndarray
) -> tuple[np.uint64, np.uint64]:
    """Where a word with other characters than letters ends, and where to go on."""
    if len(units) > 1:
        return _end_of_word(text, start, units)
    place = start
    while classes[text[place]] == LETTER or classes[text[place]] == OTHER:
        place += _u8(1)
    return place, place


@numba.njit(nogil=True, cache=True)
@no_type_check
def _key(
    text: np.ndarray, start: np.uint64, size: np.uint64, fold: np.uint64
) -> tuple[np.uint64, np.uint64]:
    """A word of up to 16 bytes as two numbers."""
    low = (_eight(text, start) | fold) & _first_bytes(size)
    if size <= _u8(8):
        return low, _u8(0)
    return low, (_eight(text, start + _u8(8)) | fold) & _first_bytes(size - _u8(8))


@numba.njit(nogil=True, cache=True)
@no_type_check
def _slot(keys: np.ndarray, low: np.uint64, high: np.uint64) -> np.uint64:
    """Where a word of up to 16 bytes is, or would be."""
    mask = _u8(len(keys) - 4)
    slot = (((low ^ high * _TURN) * _MIX) >> _u8(32)) & mask
    while keys[slot] != _u8(0) and (keys[slot] != low or keys[slot + _u8(1)] != high):
        slot = (slot + _u8(4)) & mask
    return slot


@numba.njit(nogil=True, cache=True)
@no_type_check
def _add(
    spelling: np.ndarray,
    begins: np.ndarray,
    text: np.ndarray,
    start: np.uint64,
    size: np.uint64,
    fold: np.uint64,
    number: np.uint64,
) -> None:
    """Write down the spelling of a new word."""
    begin = _u8(begins[number])
    for n in range(size):
        spelling[begin + n] = text[start + n] | np.uint8(fold & _u8(0xFF))
    spelling[begin + size] = 10
    begins[number + _u8(1)] = begin + size + _u8(1)


@numba.njit(nogil=True, cache=True)
@no_type_check
def _number_of_slow(
    slots: np.ndarray,
    spelling: np.ndarray,
    begins: np.ndarray,
    text: np.ndarray,
    start: np.uint64,
    size: np.uint64,
    fold: np.uint64,
    new: np.uint64,
) -> np.uint64:
    """The number of a word that is not among `keys`, which is `new` if the word is."""
    hashed = size
    for done in range(_u8(0), size, _u8(8)):
        part = (_eight(text, start + done) | fold) & _first_bytes(size - done)
        hashed = (hashed ^ part) * _MIX
        hashed ^= hashed >> _u8(32)

    mask = _u8(len(slots) - 1)
    slot = hashed & mask
    while slots[slot] >= 0:
        number = _u8(slots[slot])
        begin = _u8(begins[number])
        if _u8(begins[number + _u8(1)]) - begin == size + _u8(1):
            differ = _u8(0)
            for done in range(_u8(0), size, _u8(8)):
                part = (_eight(text, start + done) | fold) ^ _eight(spelling, begin + done)
                differ |= part & _first_bytes(size - done)
            if differ == _u8(0):
                return number
        slot = (slot + _u8(1)) & mask

    slots[slot] = new
    _add(spelling, begins, text, start, size, fold, new)
    return new


@numba.njit(nogil=True, cache=True)
@no_type_check
def _note_script(text: np.ndarray, start: np.uint64, size: np.uint64, at: np.ndarray) -> None:
    """Count a word in a script without spaces, and its bytes."""
    if _unspaced(text, start):
        at[4] += 1
        at[5] += size


@numba.njit(nogil=True, cache=True)
@no_type_check
def _limits(
    text: np.ndarray, keys: np.ndarray, spelling: np.ndarray, begins: np.ndarray
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Where the text ends; the most words, bytes of words, and words among `keys`."""
    last, most, room = len(text) - 16, len(begins) - 1, len(spelling) - 16
    return _u8(last), _u8(most), _u8(room), _u8(len(keys) // 16 * 3)


@numba.njit(nogil=True, cache=True)
@no_type_check
def number_words(
    text: np.ndarray,
    classes: np.ndarray,
    units: np.ndarray,
    table: Arrays,
    tokens: np.ndarray,
    ends: np.ndarray,
    at: np.ndarray,
) -> bool:
    """Number the words of a text in one pass.

    Args:
        text: The bytes, in valid UTF-8; the last word is followed by a byte of another class,
            and then by 16 bytes that are not read.
        classes: What each byte is: LETTER for a to z (and A to Z if they are to be made small),
            BREAK, LINE_FEED, or OTHER, which belongs to a word if `units` says so.
        units: What each character is; of length 1 if all OTHER belongs to words.
        table: The words found so far; changed in place.
        tokens: Room for the number of each word; changed in place.
        ends: Room for the number of words before each line feed; changed in place.
        at: The place in `text`, in `tokens`, and in `ends`; the number of letters in words of
            nothing but LETTER; the number of words in scripts without spaces, and that of their
            bytes. Changed in place.

    Returns:
        Whether the text was read to its end; if not, `table` is full, and the reading can go on
        with a larger one.
    """
    keys, slots, spelling, begins, counts, _ = table
    known = _u8(table.size[0])
    fold = _u8(0x2020202020202020) if classes[65] == LETTER else _u8(0)
    place, count, line, letters = _u8(at[0]), _u8(at[1]), _u8(at[2]), _u8(at[3])
    last, most, room, quick = _limits(text, keys, spelling, begins)

    while place < last:
        start, extra = place, fold
        size = _size_of_letters(text, start, classes, fold)
        kind = classes[text[start + size]]
        place += size + _u8(1)
        if kind == OTHER:
            end, place = _end_of_other(text, start, classes, units)
            extra, size = fold if end == start + size else _u8(0), end - start

        if size > _u8(0):
            if known == most or _u8(begins[known]) + size + _u8(1) > room:
                place = start
                break
            low, high = _key(text, start, size, extra)
            slot = _slot(keys, low, high)
            if size > _u8(16) or (keys[slot] == _u8(0) and known >= quick):
                number = _number_of_slow(slots, spelling, begins, text, start, size, extra, known)
                counts[number] += 1
            else:
                if keys[slot] == _u8(0):
                    keys[slot], keys[slot + _u8(1)], keys[slot + _u8(2)] = low, high, known
                    _add(spelling, begins, text, start, size, extra, known)
                number = keys[slot + _u8(2)]
                keys[slot + _u8(3)] += _u8(1)
            known = max(known, number + _u8(1))
            tokens[count] = number
            count += _u8(1)
            if kind != OTHER:
                letters += size
            elif text[start] >= 0xE0:
                _note_script(text, start, size, at)

        if kind == LINE_FEED:
            ends[line] = count
            line += _u8(1)

    at[0], at[1], at[2], at[3], table.size[0] = place, count, line, letters, known
    return place >= last


@numba.njit(nogil=True, cache=True)
@no_type_check
def renumber(tokens: np.ndarray, ends: np.ndarray, translation: np.ndarray) -> int:
    """Give words new numbers, in place, leaving out those without.

    Args:
        tokens: The old numbers; the first ones are overwritten by the new numbers.
        ends: Places in `tokens`, not decreasing; the same places among the words that are left
            replace them.
        translation: The new number of each old one, or -1.

    Returns:
        The number of words that are left.
    """
    kept, line = 0, 0
    for position in range(len(tokens)):
        while line < len(ends) and ends[line] == position:
            ends[line] = kept
            line += 1
        number = translation[tokens[position]]
        if number >= 0:
            tokens[kept] = number
            kept += 1
    while line < len(ends):
        ends[line] = kept
        line += 1
    return kept
