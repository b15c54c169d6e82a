"""How a stage says its result in a line."""


def count(number: int, noun: str) -> str:
    """Return `1 machine`, `2 machines`.

    >>> count(1, "machine"), count(2, "machine")
    ('1 machine', '2 machines')
    """
    return f"{number} {noun}" + ("" if number == 1 else "s")
