"""What is wrong in a CAMEL file is told with place and way out, everything at once."""

import re

import pytest

from musa_pipeline.domain.problems import SECRET_CODES, Problems
from musa_pipeline.formats.camel import read_camel
from tests.formats.camel.camel_catalogs import CATALOGS, SMALL, read, small
from tests.support import ROOT

SECRET = "correct-horse-battery"


def findings(text: str) -> list[str]:
    return read(text)[1]


@pytest.mark.parametrize("text", ["", "  \n ", "tosca: 1", "camel model", "{}", "camel model X", "\x00"])
def test_what_is_no_camel_model_is_one_finding(text: str) -> None:
    found, problems = read(text)
    assert found is None
    assert len(problems) == 1
    assert "error[K001]: no camel model begins here -> write `camel model Name { ... }`" in problems[0]


def test_each_broken_statement_gives_its_own_finding_and_the_others_are_read() -> None:
    text = (
        SMALL.replace("core: 2..", "cores: 2..")
        .replace("name: 'Germany'", "nam: 'Germany'")
        .replace("from Portal.", "form Portal.", 1)
    )
    found, problems = read(text)
    assert problems == [
        "app.camel:20:31: error[K002]: 'form' is not expected here -> did you mean 'from'?",
        "app.camel:25:36: error[K002]: 'cores:' is not expected here -> did you mean 'core:'?",
        "app.camel:30:18: error[K002]: 'nam:' is not expected here -> did you mean 'name:'?",
    ]
    assert found
    assert [each.id for each in found.components] == ["machine", "person-store", "portal"]


def test_a_missing_brace_is_found_where_it_was_opened() -> None:
    text = SMALL.replace("provided host MachineHost }", "provided host MachineHost")
    found, problems = read(text)
    assert problems == [
        "app.camel:4:16: error[K004]: this '{' is not closed before 'internal component Portal' -> add the missing '}' before it"
    ]
    assert found == read(SMALL)[0]


def test_a_sub_model_that_is_not_closed_ends_where_the_next_begins() -> None:
    text = SMALL.replace("  }\n  requirement model", "  requirement model")
    found, problems = read(text)
    assert problems == [
        "app.camel:2:29: error[K004]: this '{' is not closed before 'requirement model Wanted' -> add the missing '}' before it"
    ]
    assert found == read(SMALL)[0]


def test_a_brace_too_many_does_not_end_the_sub_model() -> None:
    found, problems = read(SMALL.replace("provided host MachineHost }", "provided host MachineHost }}"))
    assert problems == ["app.camel:4:67: error[K004]: this '}' ends the deployment model too early -> take one '}' away"]
    assert found == read(SMALL)[0]


def test_a_file_that_ends_too_early_is_told_without_what_follows_from_it() -> None:
    assert findings(SMALL[: SMALL.index("location requirement There")]) == [
        "app.camel:24:28: error[K004]: this '{' is never closed -> add the missing '}'"
    ]


def test_a_text_that_is_not_closed_ends_with_its_line() -> None:
    found, problems = read(SMALL.replace("'Debian 12' 64os", "'Debian 12\n"))
    assert problems == ["app.camel:26:21: error[K003]: this text is not closed -> end it by '"]
    assert found
    assert found.components[0].resources.os.strip() == "Debian 12"


def test_a_comment_that_is_not_closed_is_found_where_it_begins() -> None:
    assert findings(SMALL + "/* and so on")[0] == "app.camel:34:1: error[K003]: this comment is never closed -> end it by `*/`"


def test_a_keyword_is_no_name() -> None:
    assert findings(SMALL.replace("vm Machine {", "vm hosting {"))[0] == (
        "app.camel:4:8: error[K002]: 'hosting' is not expected here -> 'hosting' is a keyword here; write '^hosting' if it is a name"
    )


def test_an_unknown_sub_model_is_named() -> None:
    assert findings(SMALL.replace("requirement model", "requirments model")) == [
        "app.camel:24:3: error[K008]: 'requirments model Wanted' is no part of a camel model -> did you mean 'requirement'?"
    ]


def test_dangling_references_are_all_told_with_a_way_out() -> None:
    text = SMALL.replace("Wanted.Medium", "Wanted.Midium").replace("to PersonStore.Sql", "to PersnStore.Sql")
    text = text.replace("[Places.DE,", "[Services.Portal,")
    assert findings(text) == [
        "app.camel:3:52: error[K010]: 'Wanted.Midium' means nothing in this model -> did you mean 'Medium'?",
        "app.camel:22:59: error[K010]: 'PersnStore.Sql' means nothing in this model -> did you mean 'PersonStore.Sql'?",
        "app.camel:27:45: error[K010]: 'Services.Portal' is an internal component, where a place is expected",
    ]


def test_a_reference_that_may_mean_two_things_is_told() -> None:
    more = "deployment model Other { internal component Portal { provided communication Http } }"
    said = "\n".join(findings(small(more=more, layer="component Portal { kind: api }")))
    assert "error[K011]: 'Portal' may mean 'Small.Services.Portal' and 'Small.Other.Portal' -> write more of the name" in said
    assert "error[K015]: 'Portal' and 'Portal' make the same id 'portal' -> rename one of them" in said


def test_two_of_one_name_are_told() -> None:
    text = SMALL.replace("region Union", "country DE { name: 'Denmark' }\n    region Union")
    assert findings(text) == ["app.camel:31:5: error[K012]: a second country is called 'DE' -> name it otherwise"]


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (
            "component Portal { kind: weg-application }",
            "K025]: no catalog has a kind 'weg-application' -> did you mean 'web-application'?",
        ),
        (
            "component Portal { implements: [SC-55] }",
            "K020]: NIST SP 800-53 revision 5 has no control 'SC-55' -> did you mean 'SC-5'?",
        ),
        ("component Portal { requires: [IAM-02-x] }", "K020]: NIST SP 800-53 revision 5 has no control 'IAM-02-x' -> "),
        ("component Portal { data: people(personel) }", "K027]: data cannot be 'personel' -> did you mean 'personal'?"),
        (
            "component Portal { speaks: PersonStore.Sql(tls) }",
            "K026]: 'PersonStore.Sql' is a port of 'PersonStore', not of 'Portal'",
        ),
        ("component Portal {} component Portal {}", "K012]: component 'Portal' is described twice"),
        ("agent A { role: ho protects: Portal }", "K023]: no catalog has an agent 'ho' -> known are ha, system-monitor"),
        (
            "service level A { availabilty of Portal >= 99 % }",
            "K022]: no catalog has a metric 'availabilty' -> did you mean 'availability'?",
        ),
        ("service level A { availability of Portal >= 101 % }", "K032]: '101 %' is outside its range"),
        ("service level A { availability of Portal >= 9 h }", "K032]: '9 h' is not a number in % from 0 to 100"),
        (
            "service level A { availability of Portal >= 99 % alert 98 % }",
            "K033]: the alert '98 %' is reached only after the bound '99 %' breaks -> an alert lies above 99 %",
        ),
        ("service level A { resilience-to-attacks of Portal = yes alert yes }", "K034]: an alert needs a bound that is not '='"),
        ("apart [Portal, Portal]", "K024]: apart needs two components -> name at least two different ones"),
        (
            "external component Portal { kind: api }",
            "K015]: 'Portal' and 'Portal' make the same id 'portal' -> rename one of them",
        ),
        ("uses Portal -> Nowhere", "K010]: 'Nowhere' means nothing in this model -> a component is expected"),
        ("external component A { listens: 99999(http) }", "K043]: 99999 is no port -> ports are 1 to 65535"),
        ("uses Portal > PersonStore component Portal { kind: api }", "K002]: '>' is not expected here -> did you mean '->'?"),
    ],
)
def test_mistakes_in_the_layer_are_told(layer: str, said: str) -> None:
    assert any(said in each for each in findings(small(layer=f"{layer} uses Portal -> PersonStore")))


def test_an_unknown_version_of_the_layer_is_told_and_the_rest_is_read() -> None:
    text = small(layer="whatever { comes }").replace("musa model v1", "musa model v9")
    found, problems = read(text)
    assert problems == ["app.camel:34:14: error[K014]: version 'v9' of the musa model is not known -> known is v1"]
    assert found == read(SMALL)[0]


def test_ports_that_disagree_are_told() -> None:
    text = SMALL.replace("StoreReq { mandatory }", "StoreReq { port: 5433 mandatory }")
    assert findings(text) == [
        (
            "app.camel:22:40: warning[K042]: Portal.StoreReq asks for port 5433, but PersonStore.Sql listens at 5432"
            " -> give both the same number"
        )
    ]


def test_an_slo_on_no_known_metric_is_told() -> None:
    more = """
      requirement model Levels { slo Calm { service level: IsCalm } }
      metric model Measures {
        property Noise { type: MEASURABLE }
        sensor Ear { push }
        raw metric NoiseMetric { property: Noise unit: U }
        raw metric context PortalNoise { metric: NoiseMetric sensor: Ear component: Services.Portal }
        metric condition IsCalm { context: PortalNoise threshold: 3.0 comparison operator: < }
      }
      unit model Units { dimensionless {U: PERCENTAGE} }"""
    assert findings(small(more=more)) == [
        "app.camel:34:34: warning[K030]: slo 'Calm' is left out: no catalog has a metric 'NoiseMetric'"
    ]


def test_a_component_without_kind_or_host_is_told() -> None:
    text = SMALL.replace("Portal", "Thing").replace("hosting ThingOnMachine { from Thing.ThingHost to Machine.MachineHost }", "")
    assert findings(text) == [
        (
            "app.camel:5:5: warning[K045]: component 'Thing' needs a host, but no hosting gives it one"
            " -> add a `hosting` from its required host to a provided one"
        ),
        (
            "app.camel:5:5: note[K041]: nothing says what kind of component 'Thing' is; taken for 'software'"
            " -> add `component Thing { kind: ... }` to the musa model"
        ),
    ]


def test_components_that_run_on_each_other_are_told() -> None:
    text = SMALL.replace("required host PortalHost", "provided host A required host PortalHost")
    text = text.replace("required host StoreHost", "provided host B required host StoreHost")
    text = text.replace("Portal.PortalHost to Machine.MachineHost", "Portal.PortalHost to PersonStore.B")
    text = text.replace("PersonStore.StoreHost to Machine.MachineHost", "PersonStore.StoreHost to Portal.A")
    found, problems = read(text)
    assert problems == [
        "app.camel:5:5: error[K046]: component 'Portal' runs, by way of others, on itself -> change one `hosting`"
    ]
    assert found


@pytest.mark.parametrize(
    "organisation",
    [
        f"user U {{ first name: A last name: B email: 'c' paasage credentials '{SECRET}' }}",
        f"user U {{ first name: A last name: B email: 'c' paasage credentials '{SECRET}' {SECRET} }}",
        f"user U {{ first name: A last name: B email: 'c' paasage credentials {SECRET.replace('-', '_')} passwort: '{SECRET}' }}",
        f"user U {{ first name: A last name: B email: 'c' paasage credentials 'x' cloud credentials [C {{ password: '{SECRET}' }}] }}",
        f"user U {{ first name: A last name: B email: 'c' paasage credentials '{SECRET}",
    ],
)
def test_credentials_are_never_repeated(organisation: str) -> None:
    found, problems = read(small(more=f"organisation model O {{ {organisation}\n security level: LOW }}"))
    assert problems
    for secret in (SECRET, SECRET.replace("-", "_"), "horse"):
        assert secret not in "\n".join([*problems, repr(found)])


@pytest.mark.parametrize(
    "command",
    [
        f"wget https://me:{SECRET}@example.com/x",
        f"curl -u me:{SECRET} https://example.com/x",
        f"mysql -p{SECRET} shop",
        f"PASSWORD={SECRET} ./install.sh",
        f"./install.sh --token {SECRET}",
    ],
)
def test_a_command_with_a_secret_is_refused_without_repeating_it(command: str) -> None:
    found, problems = read(with_command(command))
    assert problems == [
        "app.camel:10:9: error[K050]: a secret is written into this command -> take it from the environment, as in $DB_PASSWORD"
    ]
    assert SECRET not in repr(found)


@pytest.mark.parametrize("path", ["../../../../etc/passwd.sh", "/etc/x.sh", "~/x.sh", "a/../b.sh", "x\0.sh"])
def test_a_script_outside_the_model_is_refused(path: str) -> None:
    found, problems = read(with_command(path))
    said = f"{path!r} is not a file in the model's folder"
    assert problems == [f"app.camel:10:9: error[K048]: {said} -> put the script beside the model and write its path from there"]
    assert found
    assert path not in repr(found)


def with_command(command: str) -> str:
    return re.sub(r"(download: *)(['\"]).*?\2", lambda found: f'{found[1]}"{command}"', SMALL, count=1)


def test_a_finding_about_a_secret_covers_its_key_only() -> None:
    problems = Problems()
    more = (
        f"organisation model O {{ user U {{ first name: A last name: B email: 'c' paasage credentials '{SECRET}' {SECRET} }} }}"
    )
    read_camel(small(more=more), "x", catalogs=CATALOGS, problems=problems)
    assert [(each.code, each.at.column, each.at.length) for each in problems] == [("K051", 1, 1)]
    problems = Problems()
    read_camel(with_command(f"x --token {SECRET}"), "x", catalogs=CATALOGS, problems=problems)
    assert [(each.code, each.at.length) for each in problems] == [("K050", len("download:"))]
    assert {"K050", "K051"} <= SECRET_CODES


def test_a_component_with_a_broken_body_is_still_there() -> None:
    found, problems = read(SMALL.replace("required host PortalHost", "requird host PortalHost"))
    assert [each.split(": ")[1] for each in problems] == ["error[K002]"]
    assert found
    assert [each.id for each in found.components] == ["machine", "person-store", "portal"]


def test_a_withdrawn_control_is_never_proposed() -> None:
    assert not any("'RA-5(1)'" in each for each in findings(small(layer="component Portal { implements: [RA-5(11)] }")))


def test_deep_nesting_is_a_finding() -> None:
    deep = "provider model P { root " + "feature F { sub-features { " * 400 + "} } " * 400 + "}"
    assert any("K005" in each for each in findings(small(more=deep)))
    chain = "type model T { " + "value to increase " * 5_000 + "int value 3 }"
    assert any("K005" in each for each in findings(small(more=chain)))


def test_a_long_chain_of_regions_is_walked() -> None:
    chain = " ".join(f"region R{number} {{ name: 'q' parent regions [R{number - 1}] }}" for number in range(1, 1500))
    text = SMALL.replace("region Union", f"region R0 {{ name: 'q' }} {chain} region Union").replace("Places.Union]", "R0]")
    said = "place 'R0' is no country or group of countries that is known"
    assert findings(text) == [f"app.camel:27:56: error[K040]: {said} -> name it by its ISO 3166 code, or one of EU, EEA, EUROPE"]


def test_a_country_of_the_layer_that_is_none_is_told() -> None:
    assert findings(small(layer="component Portal { countries: [Atlantis, EU, uk] }")) == [
        (
            "app.camel:35:32: error[K040]: 'Atlantis' is no country or group of countries that is known"
            " -> name it by its ISO 3166 code, or one of EU, EEA, EUROPE"
        )
    ]


def test_braces_too_many_are_told_in_linear_time_and_not_without_end() -> None:
    found = findings("camel model X { deployment model D { vm A { } } }" + "}" * 100_000)
    assert len(found) == 1_002
    assert "K005" in found[-1]


def test_every_code_is_in_the_documentation_and_no_other() -> None:
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "musa_pipeline/formats/camel").rglob("*.py"))
    page = (ROOT / "docs/formats/camel.md").read_text("utf-8")
    assert set(re.findall(r"^\| (K\d{3}) \|", page, re.MULTILINE)) == set(re.findall(r'"(K\d{3})"', sources))


def test_the_example_in_the_documentation_is_understood() -> None:
    page = (ROOT / "docs/formats/camel.md").read_text("utf-8")
    layer = page[page.index("  musa model v1 {") : page.index("}\n```", page.index("  musa model v1 {"))]
    services = """deployment model Services {
      internal component Web { provided communication Http { port: 443 } }
      internal component Orders {} internal component Identities {}
    }
    requirement model Levels { slo WebAvailability { service level: IsUp } }
    metric model Measures {
      property Availability { type: MEASURABLE } sensor Probe { push }
      raw metric AvailabilityMetric { property: Availability unit: Percent }
      raw metric context WebUp { metric: AvailabilityMetric sensor: Probe component: Web }
      metric condition IsUp { context: WebUp threshold: 99.0 comparison operator: >= }
    }
    unit model Units { dimensionless {Percent: PERCENTAGE} }"""
    found, problems = read(f"camel model Shop {{ {services} {layer} }}")
    assert [each for each in problems if "K041" not in each] == []
    assert found
    assert {str(each.id): [str(slo.alert) for slo in each.slos] for each in found.components if each.slos} == {
        "web": ["99.5", "250"]
    }


def test_a_region_of_a_provider_is_a_warning_and_limits_nothing() -> None:
    for place in ("region euwest1 { name: 'eu-west' }", "region R { name: 'northeurope' }"):
        name = place.split()[1]
        text = SMALL.replace("region Union", f"{place} region Union").replace("Places.Union]", f"{name}]")
        said = f"place {name!r} is a provider's region in no country that the model names; it does not limit where anything runs"
        assert findings(text) == [
            f"app.camel:27:56: warning[K040]: {said} -> let the location model say the country that it lies in"
        ]
