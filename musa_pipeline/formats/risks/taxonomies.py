"""The taxonomies that threats are in, as SARIF has them (3.14.8, 3.19.3): STRIDE, MITRE's ATT&CK, CWE and CAPEC, by id."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from musa_pipeline.domain.threat import Stride, Threat

_NUMBER: Final = "{number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxonomy:
    """One taxonomy: who keeps it, and where an entry of it is explained."""

    name: str
    organization: str
    about: str
    uri: str
    entry: str = ""

    def of(self, threat: Threat) -> tuple[str, ...]:
        """Return the ids of a threat in it."""
        return {
            "STRIDE": (str(threat.stride),),
            "ATT&CK": threat.techniques,
            "CWE": threat.weaknesses,
            "CAPEC": threat.patterns,
        }[self.name]

    def address(self, taxon: str) -> str:
        """Return where an entry is explained; '' if it has no page of its own.

        >>> ATTACK.address("T1059.001"), CWE.address("CWE-79")
        ('https://attack.mitre.org/techniques/T1059/001/', 'https://cwe.mitre.org/data/definitions/79.html')
        """
        number = taxon.partition("-")[2] or taxon.replace(".", "/")
        return self.entry.replace(_NUMBER, number)


STRIDE: Final = Taxonomy(
    name="STRIDE",
    organization="Microsoft",
    about="Six classes of threats",
    uri="https://learn.microsoft.com/en-us/azure/security/develop/threat-modeling-tool-threats",
)
ATTACK: Final = Taxonomy(
    name="ATT&CK",
    organization="MITRE",
    about="Techniques of attackers, as they were observed",
    uri="https://attack.mitre.org/",
    entry=f"https://attack.mitre.org/techniques/{_NUMBER}/",
)
CWE: Final = Taxonomy(
    name="CWE",
    organization="MITRE",
    about="Weaknesses of software and hardware",
    uri="https://cwe.mitre.org/",
    entry=f"https://cwe.mitre.org/data/definitions/{_NUMBER}.html",
)
CAPEC: Final = Taxonomy(
    name="CAPEC",
    organization="MITRE",
    about="Patterns of attacks",
    uri="https://capec.mitre.org/",
    entry=f"https://capec.mitre.org/data/definitions/{_NUMBER}.html",
)
_ALL: Final = (STRIDE, ATTACK, CWE, CAPEC)


class Taxa:
    """The entries of all taxonomies that some threats are in, with the places at which a document lists them."""

    def __init__(self, threats: Iterable[Threat]) -> None:
        threats = tuple(threats)
        found = {each: {taxon for threat in threats for taxon in each.of(threat)} for each in _ALL}
        order = [str(each) for each in Stride]
        self.entries = {
            each: sorted(taxa, key=order.index if each is STRIDE else _by_number) for each, taxa in found.items() if taxa
        }

    def written(self) -> list[dict[str, Any]]:
        """Return the taxonomies with these entries."""
        return [
            {
                "name": each.name,
                "organization": each.organization,
                "shortDescription": {"text": each.about},
                "informationUri": each.uri,
                "isComprehensive": False,
                "taxa": [_taxon(each, taxon) for taxon in taxa],
            }
            for each, taxa in self.entries.items()
        ]

    def supported(self) -> list[dict[str, Any]]:
        """Return the references to them that the tool declares."""
        return [{"name": each.name, "index": place} for place, each in enumerate(self.entries)]

    def relationships(self, threat: Threat) -> list[dict[str, Any]]:
        """Return what a rule says on where its threat is in them."""
        return [
            {
                "target": {"id": taxon, "index": taxa.index(taxon), "toolComponent": {"name": each.name, "index": place}},
                "kinds": ["relevant"],
            }
            for place, (each, taxa) in enumerate(self.entries.items())
            for taxon in each.of(threat)
        ]


def _taxon(taxonomy: Taxonomy, taxon: str) -> dict[str, Any]:
    address = taxonomy.address(taxon)
    return {"id": taxon, "helpUri": address} if address else {"id": taxon}


def _by_number(taxon: str) -> tuple[int, str]:
    digits = "".join(each for each in taxon if each.isdigit())
    return (int(digits or 0) if "-" in taxon else 0, taxon)
