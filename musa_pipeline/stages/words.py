"""How a stage says its result in a line."""


def count(number: int, noun: str) -> str:
    """Return `1 machine`, `2 machines`, `2 policies`.

    >>> count(1, "machine"), count(2, "machine"), count(2, "policy"), count(2, "day")
    ('1 machine', '2 machines', '2 policies', '2 days')
    """
    if number == 1:
        return f"{number} {noun}"
    return f"{number} {noun[:-1]}ies" if noun.endswith("y") and noun[-2:-1] not in "aeiou" else f"{number} {noun}s"
