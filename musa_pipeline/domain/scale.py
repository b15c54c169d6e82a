"""What the values of OWASP's sixteen factors mean, in our words after the OWASP risk rating methodology."""

from typing import Final

SCALES: Final[dict[str, tuple[str, tuple[tuple[int, str], ...]]]] = {
    "skill": (
        "How skilled are those who would attack?",
        (
            (1, "not at all"),
            (3, "a little"),
            (5, "use computers well"),
            (6, "program and know networks"),
            (9, "break in for a living"),
        ),
    ),
    "motive": ("What would they gain?", ((1, "little or nothing"), (4, "perhaps something"), (9, "much"))),
    "opportunity": (
        "What do they need to begin?",
        ((0, "full access or costly means"), (4, "special access or means"), (7, "some access or means"), (9, "nothing")),
    ),
    "size": (
        "How many could try?",
        (
            (2, "developers, administrators"),
            (4, "users inside"),
            (5, "partners"),
            (6, "users who signed in"),
            (9, "anybody on the internet"),
        ),
    ),
    "discovery": (
        "How easily is the weakness found?",
        ((1, "practically never"), (3, "with effort"), (7, "easily"), (9, "by tools on their own")),
    ),
    "exploit": (
        "How easily is it used?",
        ((1, "in theory only"), (3, "with effort"), (5, "easily"), (9, "by tools on their own")),
    ),
    "awareness": (
        "How well known is it among them?",
        ((1, "unknown"), (4, "hidden"), (6, "obvious"), (9, "public knowledge")),
    ),
    "detection": (
        "How likely is the attack noticed?",
        (
            (1, "the application notices it itself"),
            (3, "recorded and looked at"),
            (8, "recorded, nobody looks"),
            (9, "not recorded"),
        ),
    ),
    "confidentiality": (
        "How much would be read, and how sensitive is it?",
        (
            (2, "little, harmless"),
            (6, "little that is critical, or much that is harmless"),
            (7, "much that is critical"),
            (9, "everything"),
        ),
    ),
    "integrity": (
        "How much could be falsified, and how badly?",
        (
            (1, "little, slightly"),
            (3, "little, badly"),
            (5, "much, slightly"),
            (7, "much, badly"),
            (9, "everything, entirely"),
        ),
    ),
    "availability": (
        "How much would stand still?",
        (
            (1, "little of what is secondary"),
            (5, "little of what matters, or much of what is secondary"),
            (7, "much of what matters"),
            (9, "everything"),
        ),
    ),
    "accountability": (
        "Can it be told who did it?",
        ((1, "always"), (7, "perhaps"), (9, "never")),
    ),
    "financial": (
        "What would it cost you?",
        (
            (1, "less than mending the weakness"),
            (3, "a little of a year's profit"),
            (7, "much of a year's profit"),
            (9, "the company"),
        ),
    ),
    "reputation": (
        "What would it do to your name?",
        ((1, "little"), (4, "large customers leave"), (5, "goodwill is lost"), (9, "the name itself is damaged")),
    ),
    "non-compliance": (
        "Which rules would be broken?",
        ((2, "a minor one"), (5, "a clear one"), (7, "one that everybody looks at")),
    ),
    "privacy": (
        "Of how many people could personal data be disclosed?",
        ((3, "one"), (5, "hundreds"), (7, "thousands"), (9, "millions")),
    ),
}
"""Factor -> what is asked, and what some of the values 0..9 stand for; those between are free to choose."""
