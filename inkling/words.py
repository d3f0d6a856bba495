"""How sentences for people are made, so that a page can make them in its visitor's language.

What a terminal, a log or a program reads is English; a page hands in its own `Words`
(web/languages.py), which look the English text up. `make texts` finds texts by the names of these
methods, and of `marked`: write them out where they are called.
"""

from typing import Protocol


class Words(Protocol):
    """Makes sentences of English texts with `%(name)s` for each value."""

    def text(self, text: str, /, **values: object) -> str:
        """Return a text with its values; a number among them is written as it is."""

    def plural(self, one: str, many: str, num: int, /, **values: object) -> str:
        """Return the text that goes with a whole number, which is its `%(num)s`."""

    def number(self, value: float, decimals: int = 0) -> str:
        """Return a number as people write it."""

    def a_digit(self, digit: int) -> str:
        """Return a digit with its article, where the language has one that changes."""


class English:
    """The words as they are written."""

    def text(self, text: str, /, **values: object) -> str:
        """As `Words` say.

        >>> ENGLISH.text("Learned a %(digit)s.", digit=7)
        'Learned a 7.'
        """
        return text % values if values else text

    def plural(self, one: str, many: str, num: int, /, **values: object) -> str:
        """As `Words` say.

        >>> ENGLISH.plural("%(num)s label", "%(num)s labels", 1200)
        '1,200 labels'
        """
        return (one if num == 1 else many) % {"num": self.number(num), **values}

    def number(self, value: float, decimals: int = 0) -> str:
        """As `Words` say."""
        return f"{value:,.{decimals}f}"

    def a_digit(self, digit: int) -> str:
        """As `Words` say.

        >>> ENGLISH.a_digit(8), ENGLISH.a_digit(3)
        ('an 8', 'a 3')
        """
        return f"{'an' if digit == 8 else 'a'} {digit}"


ENGLISH = English()


def marked(text: str) -> str:
    """Return a text as it is: it is written here, and said elsewhere."""
    return text
