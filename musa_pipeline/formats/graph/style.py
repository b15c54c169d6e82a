"""Colours of the picture, light and dark; every pair of text and ground has a contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3)."""

from typing import Final

_LIGHT: Final = {
    "ground": "#ffffff",
    "text": "#1f2328",
    "muted": "#59636e",
    "line": "#6e7781",
    "card": "#ffffff",
    "edge": "#afb8c1",
    "host": "#f3f5f8",
    "provider": "#e6eef9",
    "external": "#fbfbfc",
    "exposed": "#fff1e5",
    "exposed-text": "#953800",
    "data": "#eaeef2",
    "data-text": "#393f46",
    "sensitive": "#f6ecff",
    "sensitive-text": "#6639ba",
    "agent": "#dafbe1",
    "agent-text": "#116329",
    "zone": "#eaeef2",
    "zone-text": "#393f46",
    "plain": "#bc4c00",
    "trust-public": "#fff5ee",
    "trust-edge": "#fffbe6",
    "trust-internal": "#f2faf4",
    "trust-restricted": "#f6f3fd",
    "missing": "#ffe5e3",
    "missing-text": "#a40e26",
    "fulfilled": "#dafbe1",
    "fulfilled-text": "#116329",
    "at-risk": "#fff8c5",
    "at-risk-text": "#6f4e00",
    "violated": "#ffe5e3",
    "violated-text": "#a40e26",
    "not-determined": "#eaeef2",
    "not-determined-text": "#393f46",
    "critical": "#ffd7d5",
    "critical-text": "#82071e",
    "high": "#ffe3d1",
    "high-text": "#8a3b00",
    "medium": "#fff8c5",
    "medium-text": "#6f4e00",
    "low": "#dafbe1",
    "low-text": "#116329",
}
_DARK: Final = {
    "ground": "#0d1117",
    "text": "#f0f6fc",
    "muted": "#9fa8b2",
    "line": "#8b949e",
    "card": "#1a2028",
    "edge": "#4b535d",
    "host": "#12171e",
    "provider": "#121d2d",
    "external": "#10151b",
    "exposed": "#3a2110",
    "exposed-text": "#ffa657",
    "data": "#2a313a",
    "data-text": "#c8d1da",
    "sensitive": "#2c1f45",
    "sensitive-text": "#d2a8ff",
    "agent": "#12301c",
    "agent-text": "#6fdd8b",
    "zone": "#2a313a",
    "zone-text": "#c8d1da",
    "plain": "#ffa657",
    "trust-public": "#221812",
    "trust-edge": "#1f1c0e",
    "trust-internal": "#101b15",
    "trust-restricted": "#19152a",
    "missing": "#42171a",
    "missing-text": "#ffa198",
    "fulfilled": "#12301c",
    "fulfilled-text": "#6fdd8b",
    "at-risk": "#332b00",
    "at-risk-text": "#eac54f",
    "violated": "#42171a",
    "violated-text": "#ffa198",
    "not-determined": "#2a313a",
    "not-determined-text": "#c8d1da",
    "critical": "#5a1418",
    "critical-text": "#ffb8b0",
    "high": "#43230e",
    "high-text": "#ffb77c",
    "medium": "#332b00",
    "medium-text": "#eac54f",
    "low": "#12301c",
    "low-text": "#6fdd8b",
}
_PROMISES: Final = ("missing", "fulfilled", "at-risk", "violated", "not-determined")
MARKS: Final = ("exposed", "data", "sensitive", "agent", "zone", *_PROMISES, "critical", "high", "medium", "low")

TRUST: Final = ("public", "edge", "internal", "restricted")


def css() -> str:
    """Return the style sheet; it names only classes below `musa-graph`, so that it changes nothing of a page around it."""
    return f"{_rules(_LIGHT)}@media (prefers-color-scheme:dark){{{_rules(_DARK)}}}"


def _rules(colour: dict[str, str]) -> str:
    rules = {
        ".ground": f"fill:{colour['ground']}",
        "text": f"fill:{colour['text']};font-family:system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif",
        "text.muted": f"fill:{colour['muted']}",
        "text.halo": f"paint-order:stroke;stroke:{colour['ground']};stroke-width:3px;stroke-linejoin:round",
        ".card": f"fill:{colour['card']};stroke:{colour['edge']}",
        ".card.external": f"fill:{colour['external']};stroke-dasharray:5 3",
        ".card.host,.card.provider": f"fill:{colour['host']}",
        ".box": f"fill:{colour['host']};stroke:{colour['edge']}",
        ".box.provider": f"fill:{colour['provider']}",
        ".way": f"fill:none;stroke:{colour['line']};stroke-width:1.4",
        ".way.runs-on": "stroke-dasharray:2 3",
        ".way.protects": "stroke-dasharray:6 3",
        ".head": f"fill:{colour['line']}",
        ".way.plain": f"stroke:{colour['plain']}",
        ".head.plain": f"fill:{colour['plain']}",
        "text.plain": f"fill:{colour['plain']}",
        ".box.zone": f"fill:{colour['ground']};stroke-dasharray:6 4",
    }
    for each in TRUST:
        rules[f".box.zone.{each}"] = f"fill:{colour[f'trust-{each}']}"
    for each in MARKS:
        ground, sign = colour[each], colour[f"{each}-text"]
        rules[f".mark.{each}"] = f"fill:{ground};stroke:{sign};stroke-width:0.6"
        rules[f"text.{each}"] = f"fill:{sign}"
        rules[f".card.is-{each}"] = f"stroke:{sign};stroke-width:1.8"
    rules[".card.agent"] = f"fill:{colour['agent']};stroke:{colour['agent-text']};stroke-dasharray:5 3"
    return "".join(",".join(f".musa-graph {part}" for part in name.split(",")) + f"{{{rule}}}" for name, rule in rules.items())
