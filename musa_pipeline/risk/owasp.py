"""The arithmetic of the OWASP risk rating methodology: means, bands and the matrix."""

from typing import Final

from musa_pipeline.domain.risk import Band, Rating

_MATRIX: Final[dict[tuple[Band, Band], Rating]] = {  # (impact, likelihood), as MUSA's SLA generator has it
    (Band.LOW, Band.LOW): Rating.VERY_LOW,
    (Band.LOW, Band.MEDIUM): Rating.LOW,
    (Band.LOW, Band.HIGH): Rating.MEDIUM,
    (Band.MEDIUM, Band.LOW): Rating.LOW,
    (Band.MEDIUM, Band.MEDIUM): Rating.MEDIUM,
    (Band.MEDIUM, Band.HIGH): Rating.HIGH,
    (Band.HIGH, Band.LOW): Rating.MEDIUM,
    (Band.HIGH, Band.MEDIUM): Rating.HIGH,
    (Band.HIGH, Band.HIGH): Rating.CRITICAL,
}


def mean(values: list[int]) -> float:
    """Return the mean of factors, to two decimals; 0 of none."""
    return round(sum(values) / len(values), 2) if values else 0.0


def band(value: float) -> Band:
    """Return the band of a likelihood or impact 0..9.

    >>> [band(each).value for each in (0, 2.99, 3, 5.99, 6, 9)]
    ['low', 'low', 'medium', 'medium', 'high', 'high']
    """
    if value < 3:
        return Band.LOW
    return Band.MEDIUM if value < 6 else Band.HIGH


def rate(likelihood: float, impact: float) -> Rating:
    """Return the severity of a risk from its likelihood and impact, each 0..9."""
    return _MATRIX[band(impact), band(likelihood)]


def impact_of(technical: float, business: float, rule: str) -> float:
    """Return the impact that counts: the business one unless it is zero (OWASP), or the larger of both (`max`)."""
    if rule == "max":
        return max(technical, business)
    return business or technical
