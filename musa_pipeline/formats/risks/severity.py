"""How ratings are said in other scales: SARIF's levels, the 0 to 10 of code scanning, in which 9, 7 and 4 begin a word."""

from typing import Final

from musa_pipeline.domain.risk import Rating

LEVELS: Final = {
    Rating.CRITICAL: "error",
    Rating.HIGH: "error",
    Rating.MEDIUM: "warning",
    Rating.LOW: "note",
    Rating.VERY_LOW: "note",
}
_SPANS: Final = {
    Rating.CRITICAL: (9.1, 10.0, 36.0, 81.0),
    Rating.HIGH: (7.0, 8.9, 18.0, 54.0),
    Rating.MEDIUM: (4.0, 6.9, 0.0, 36.0),
    Rating.LOW: (2.0, 3.9, 0.0, 18.0),
    Rating.VERY_LOW: (0.1, 1.9, 0.0, 9.0),
}
"""For each rating the severities from and to, and the least and the largest likelihood × impact that it can have."""


def severity(rating: Rating, likelihood: float, impact: float) -> float:
    """Return the security severity 0..10 that code scanning shows: its word is the rating's, likelihood × impact places it within.

    >>> severity(Rating.CRITICAL, 6, 6), severity(Rating.CRITICAL, 9, 9), severity(Rating.HIGH, 7.2, 5), severity(Rating.VERY_LOW, 0, 0)
    (9.1, 10.0, 8.0, 0.1)
    """
    lowest, highest, least, largest = _SPANS[rating]
    share = (likelihood * impact - least) / (largest - least)
    return round(lowest + (highest - lowest) * min(max(share, 0.0), 1.0), 1)
