"""Colours of the matrix, light and dark; every pair of text and ground has a contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3)."""

from typing import Final

_PAPER: Final = {"ground": "#ffffff", "text": "#1f2328", "muted": "#59636e", "line": "#8c959f"}
_NIGHT: Final = {"ground": "#0d1117", "text": "#f0f6fc", "muted": "#9fa8b2", "line": "#6e7781"}
_LIGHT: Final = {
    "critical": ("#ffd7d5", "#82071e"),
    "high": ("#ffe3d1", "#8a3b00"),
    "medium": ("#fff8c5", "#6f4e00"),
    "low": ("#dafbe1", "#116329"),
    "very-low": ("#f0faf3", "#1a6133"),
}
_DARK: Final = {
    "critical": ("#4a1216", "#ffb8b0"),
    "high": ("#3a2010", "#ffb77c"),
    "medium": ("#2b2500", "#eac54f"),
    "low": ("#10281a", "#6fdd8b"),
    "very-low": ("#0f1d15", "#8fdca4"),
}
"""For each rating the ground of its cells, and the ink of what is in them."""


def css() -> str:
    """Return the style sheet; it names only classes below `musa-matrix`, so that it changes nothing of a page around it."""
    return f"{_rules(_PAPER, _LIGHT)}@media (prefers-color-scheme:dark){{{_rules(_NIGHT, _DARK)}}}"


def _rules(colour: dict[str, str], ratings: dict[str, tuple[str, str]]) -> str:
    rules = {
        ".ground": f"fill:{colour['ground']}",
        "text": f"fill:{colour['text']};font-family:system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif",
        "text.muted": f"fill:{colour['muted']}",
        "text.halo": "paint-order:stroke;stroke-width:3px;stroke-linejoin:round",
        ".grid": f"fill:none;stroke:{colour['line']};stroke-width:0.8",
        "text.in": f"fill:{colour['ground']}",
        ".way": f"fill:none;stroke:{colour['muted']};stroke-width:1.1;stroke-opacity:0.75",
        ".tip": f"fill:{colour['muted']}",
    }
    for each, (ground, sign) in ratings.items():
        rules[f".cell.{each}"] = f"fill:{ground}"
        rules[f"text.{each}"] = f"fill:{sign}"
        rules[f"text.halo.{each}"] = f"fill:{sign};stroke:{ground}"
        rules[f".dot.{each}"] = f"fill:{sign};stroke:{ground};stroke-width:1.5"
        rules[f".left.{each}"] = f"fill:{ground};stroke:{sign};stroke-width:1.6"
    return "".join(f".musa-matrix {name}{{{rule}}}" for name, rule in rules.items())
