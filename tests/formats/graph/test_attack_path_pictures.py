"""Attack paths as a picture: only what is on a path, with the risks on it and the machines and zones around it."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise

from musa_pipeline.domain.cpim import Component, Trust, Zone
from musa_pipeline.formats.graph import Edge, MarkKind, graph_of_paths, svg
from musa_pipeline.risk.paths import attack_paths
from tests.formats.risks.bank import BANK, HOSTILE, VAULT, VM, WEB, assessed, renamed
from tests.risk.test_attack_paths import model, profile, risk

TITLES = {"in": "Injection", "at": "Theft", "out": "Breakout"}


def test_what_is_on_no_path_is_left_out_and_zones_stay() -> None:
    aside = replace(WEB, id="aside", name="aside", host=None, exposed=None)  # type: ignore[arg-type]
    zoned = (replace(WEB, host=None, zone="dmz"), replace(VAULT, host=None, zone="core"), aside)
    zones = (Zone(name="core"), Zone(name="dmz", trust=Trust.EDGE))
    cpim = model(zoned, ["web > vault", "web > aside"], zones)
    graph = graph_of_paths(cpim, attack_paths(cpim, profile(risk("web", 8, threat="in"), risk("vault", 7, threat="at"))), TITLES)  # type: ignore[arg-type]
    assert [each.label for each in graph.vertices] == ["internet", "web", "vault"]
    assert [each.label for each in graph.groups] == ["core · internal", "dmz · edge"]
    assert graph.edges == (Edge(source="attack/internet", target="web"), Edge(source="web", target="vault"))
    assert [(each.kind, each.text) for each in graph.vertices[2].marks] == [
        (MarkKind.HIGH, "path 1: high · 7.0 × 5.0"),
        (MarkKind.HIGH, "high · Theft"),
        (MarkKind.SENSITIVE, "people · personal"),
    ]
    assert graph.caption.startswith("1 path · ")


def test_a_machine_that_is_a_box_is_gone_through() -> None:
    cpim = model([WEB, VAULT, VM])
    found = attack_paths(cpim, profile(*(risk(each, 8, threat="in") for each in ("web", "vm", "vault"))))
    graph = graph_of_paths(cpim, found, {})
    assert graph.edges == (
        Edge(source="web", target="vault", label="through vm"),
        Edge(source="attack/internet", target="web"),
    )


def test_a_long_path_shows_its_end_and_the_best_of_many_are_drawn() -> None:
    names = [f"c{each:02}" for each in range(40)]
    parts = [replace(VAULT, id=each, name=each, host=None, exposed=each == "c00") for each in names]  # type: ignore[arg-type]
    cpim = model(parts, [f"{a} > {b}" for a, b in pairwise(names)])
    graph = graph_of_paths(cpim, attack_paths(cpim, profile(*(risk(each, 8) for each in names))), {})
    assert graph.caption.startswith("the 12 worst of 40 paths")
    assert ET.fromstring(svg(graph)).tag.endswith("svg")


def test_real_risks_and_hostile_names_are_drawn() -> None:
    cpim = renamed(BANK, HOSTILE)
    found = attack_paths(cpim, assessed(cpim))
    root = ET.fromstring(svg(graph_of_paths(cpim, found, {})))
    assert not [each for each in root.iter() if each.tag.endswith(("script", "image", "a"))]


def test_without_a_way_the_picture_says_so() -> None:
    cpim = model([Component(id=VAULT.id, name="vault", kind=VAULT.kind, data=VAULT.data)])
    graph = graph_of_paths(cpim, attack_paths(cpim, profile()), {})
    assert graph.caption == "the model shows no way from the internet to data that must not be read"
    assert "no way from the internet" in svg(graph)
