"""CAMEL 2 and 3 become the same CPIM as CAMEL 2015.9 does: software, requirement sets, features, constraints, data."""

import time

import pytest

from musa_pipeline.domain.cpim import Component, Port, Resources, Role, Script
from musa_pipeline.domain.ids import ComponentId, KindId
from tests.formats.camel.camel_catalogs import read, small

WEB = """camel model Shop {
  application Shop { version '1.0' }
  deployment model Services {
    global requirements All
    requirements All { location Needs.InTheUnion }
    requirements WebNeeds { resource Needs.Medium os Needs.Debian horizontal scale Needs.Few }
    software Portal {
      requirements WebNeeds
      provided communication Http port 8080
      required communication StoreReq port 5432 mandatory
      required host PortalHost
      script configuration PortalConfiguration {
        download 'wget https://example.com/portal.tar.gz'
        install "tar xzf portal.tar.gz"
        start './portal'
        stop ''
      }
    }
    software PersonStore { provided communication Sql port 5432 }
    communication PortalToStore from Portal.StoreReq to PersonStore.Sql
  }
  requirement model Needs {
    resource requirement Medium {
      feature cpu { attribute cores [M.CPU.hasNumberofCores] : [int 2, int 4] }
      feature ram { [M.Memory.RAM] attribute size : [int 4 Units.GigaBytes }
      attribute disk : int 40 Units.GigaBytes
    }
    os requirement Debian { os 'Debian 12' 64os }
    location requirement InTheUnion [Places.EU]
    horizontal scale requirement Few [2, 6]
  }
  location model Places { region EU { name 'European Union' } }
  unit model Units { dimension Size {} single unit GigaBytes { dimension Size } }
}
"""


def wrap(deployment: str = "", requirement: str = "", more: str = "") -> str:
    """Return a model of CAMEL 3 with these statements in its deployment and requirement models."""
    return f"""camel model Shop {{
  deployment model Services {{
    {deployment}
  }}
  requirement model Needs {{
    {requirement}
  }}
  {more}
}}
"""


def resources(statements: str, more: str = "") -> Resources:
    text = wrap(
        "requirements Set { resource Needs.R } software Portal { requirements Set }",
        f"resource requirement R {{ {statements} }}",
        more,
    )
    found, problems = read(text)
    assert found
    assert not [each for each in problems if "error" in each], problems
    return found.components[0].resources


def test_software_is_a_component_with_what_its_requirement_sets_ask_for() -> None:
    found, problems = read(WEB)
    assert problems == []
    assert found
    assert found.language == "CAMEL 3"
    assert found.components == (
        Component(
            id=ComponentId("person-store"),
            name="PersonStore",
            kind=KindId("database"),
            type="software",
            ports=(Port(number=5432),),
            countries=frozenset({"EU"}),
        ),
        Component(
            id=ComponentId("portal"),
            name="Portal",
            kind=KindId("web-application"),
            type="software",
            ports=(Port(number=8080),),
            resources=Resources(cores=2, memory=4096, storage=40, os="Debian 12"),
            countries=frozenset({"EU"}),
            scripts=(
                Script(operation="create", run="wget https://example.com/portal.tar.gz\ntar xzf portal.tar.gz"),
                Script(operation="start", run="./portal"),
            ),
            instances=2,
            most_instances=6,
        ),
    )
    assert [(each.source, each.target, each.port.number) for each in found.connections] == [("portal", "person-store", 5432)]


def test_the_wording_of_camel_2_is_the_same_model() -> None:
    found, problems = read(WEB.replace("deployment model", "deployment type model"))
    assert problems == []
    assert found
    assert found.language == "CAMEL 2"
    assert found.components == read(WEB)[0].components  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("attribute", "wanted"),
    [
        ("attribute cores : int 4", Resources(cores=4)),
        ("attribute cores : (int 2, int 8)", Resources(cores=3)),
        ("attribute minCores : double 1.5", Resources(cores=2)),
        ("attribute maxCores : int 8", Resources()),
        ("attribute c [A.CPU.hasMaxNumberofCores] : int 8", Resources()),
        ("attribute cores : (, int 8]", Resources()),
        ("attribute ram : int 4096", Resources(memory=4096)),
        ("attribute ramGB : int 4", Resources(memory=4096)),
        ("attribute memory_mb : int 2048", Resources(memory=2048)),
        ("attribute ram : [int 2 Units.GigaBytes", Resources(memory=2048)),
        ("attribute x [M.Memory.RAM.TotalMemory.hasSize_] : int 512 Units.MegaBytes", Resources(memory=512)),
        ("feature STORAGE { attribute Size : int 1 Units.TeraBytes }", Resources(storage=1024)),
        ("feature outer { feature RAM { attribute size : int 1 Units.GigaBytes } }", Resources(memory=1024)),
        ("attribute storage : int 512 Units.MegaBytes", Resources(storage=1)),
        ("attribute frequency : double 2.0", Resources()),
        ("feature cpu { attribute cores [M.Accelerator.GPU.hasNumberofCores_] : int 2 }", Resources(cores=2)),
        ("attribute cores [M.Accelerator.GPU.hasNumberofCores_] : int 2", Resources()),
        ("feature gpu { attribute number : int 1 }", Resources()),
        ("attribute cores : string 'many'", Resources()),
        ("quality attribute cores : int 2", Resources(cores=2)),
        ("attribute cores : int 99999999999999999999999", Resources()),
    ],
)
def test_resources_are_told_by_annotation_name_and_unit(attribute: str, wanted: Resources) -> None:
    units = (
        "unit model Units { " + " ".join(f"dimensionless {each} {{}}" for each in ("GigaBytes", "MegaBytes", "TeraBytes")) + " }"
    )
    assert resources(attribute, units) == wanted


def test_more_memory_than_a_machine_has_is_told() -> None:
    text = wrap(
        "requirements Set { resource Needs.R } software Portal { requirements Set }",
        "resource requirement R { attribute ram : int 8192 U.GigaBytes }",
        "unit model U { dimensionless GigaBytes {} }",
    )
    assert "app.camel:6:30: warning[K052]: 'ram' asks for 8 TiB of memory -> look at its unit" in read(text)[1]


def test_hosting_puts_software_into_containers_and_these_on_machines() -> None:
    found, problems = read(
        wrap(
            """vm Machine { provided host Room feature cpu { attribute cores : int 2 } }
            container Box { required host BoxHost provided host Inside }
            requirements Big { resource Needs.R }
            software Portal { requirements Big required host PortalHost }
            hosting BoxOnMachine { provided host Machine.Room required hosts [Box.BoxHost] }
            hosting PortalInBox { provided host Box.Inside required hosts [Portal.PortalHost] }""",
            "resource requirement R { attribute cores : int 8 }",
        )
    )
    assert problems == []
    assert found
    assert {each.id: (each.kind, each.role, each.host, each.resources.cores) for each in found.components} == {
        "box": ("container-runtime", Role.COMPONENT, "machine", 0),
        "machine": ("compute", Role.HOST, None, 8),
        "portal": ("web-application", Role.COMPONENT, "box", 8),
    }


def test_a_function_is_one_and_a_container_has_its_image() -> None:
    found, problems = read(
        wrap(
            """software Resize { serverless configuration S { binary code URL 'x' continuous-deployment
              event configuration E { method name 'm' method type get config feature P { attribute a : int 1 } } } }
            software Portal { container configuration C { image 'nginx:1.27' env feature E { attribute A : string 'b' } } }"""
        )
    )
    assert found
    assert [(each.id, each.kind, each.image) for each in found.components] == [
        ("portal", "web-application", "nginx:1.27"),
        ("resize", "function", ""),
    ]
    assert problems == [
        "app.camel:3:23: note[K053]: how functions are built, and what calls them, is not taken over",
        "app.camel:5:31: note[K053]: environment variables of configurations are not taken over -> set them in a script",
    ]


def test_a_keyword_after_a_hat_is_a_name() -> None:
    found, problems = read(wrap("software ^data { provided communication ^port port 80 }"))
    assert found
    assert [(each.name, each.ports) for each in found.components] == [("data", (Port(number=80),))]
    assert [each for each in problems if "error" in each] == []


def test_broken_statements_are_told_and_the_others_are_read() -> None:
    text = WEB.replace("os 'Debian 12'", "oss 'Debian 12'").replace("port 5432 mandatory", "prt 5432 mandatory")
    found, problems = read(text)
    assert [each.split(" -> ")[0] for each in problems if "error" in each] == [
        "app.camel:10:39: error[K002]: 'prt' is not expected here",
        "app.camel:28:29: error[K002]: 'oss' is not expected here",
    ]
    assert found
    assert [each.id for each in found.components] == ["person-store", "portal"]


def test_a_missing_brace_is_found_where_it_was_opened() -> None:
    found, problems = read(WEB.replace("      }\n    }\n    software", "      }\n    software"))
    assert [each for each in problems if "error" in each] == [
        "app.camel:7:21: error[K004]: this '{' is not closed before 'software PersonStore' -> add the missing '}' before it"
    ]
    assert found == read(WEB)[0]


def test_each_constraint_is_read_by_itself() -> None:
    more = """constraint model C {
      metric constraint A: [M.Ctx] > 99.0
      metric constraint B [M.Ctx] < 300.0
      logical constraint Both: and (metric constraint C1: [M.Ctx] < 1.0, A)
      if constraint I: if { metric constraint I1: [M.Ctx] < 1.0 } then { A } else { A }
      variable constraint V: M.Var <= 0.0
    }
    metric model M { raw metric context Ctx { metric Known } raw metric Known { template T } template T {}
      variable Var { template T } }"""
    problems = [each for each in read(wrap("software Portal {}", "", more))[1] if "error" in each]
    assert problems == ["app.camel:10:27: error[K002]: '[' is not expected here -> expected: ':'"]


METRICS = """constraint model Bounds {
    metric constraint Up: [Measures.UpContext] >= 99.5
    metric constraint Fast: [Measures.FastContext] < 0.3
    metric constraint Share: [Measures.ShareContext] > 0.99
    metric constraint Odd: [Measures.OddContext] > 5.0
    metric constraint Lost: [Measures.LostContext] > 5.0
    logical constraint Both: and (Up, Fast)
    logical constraint Either: or (Up, Fast)
  }
  metric model Measures {
    measurable attribute Availability
    measurable attribute ResponseTime
    template UpTemplate { attribute Availability unit Units.Percentage }
    template RatioTemplate { attribute Availability unit Units.Ratio }
    template FastTemplate { attribute ResponseTime unit Units.Seconds }
    raw metric RawAvailability { template UpTemplate }
    raw metric RawShare { template RatioTemplate }
    composite metric AverageResponseTime { template FastTemplate formula 'mean(RawResponseTime)' }
    raw metric Oddity { template FastTemplateOfNobody }
    object context OfPortal { component Services.Portal }
    raw metric context UpContext { metric RawAvailability object context OfPortal }
    raw metric context ShareContext { metric RawShare object context OfPortal }
    composite metric context FastContext { metric AverageResponseTime grouping global object context OfPortal }
    raw metric context OddContext { metric Oddity object context OfPortal }
    raw metric context LostContext { metric RawAvailability }
    template FastTemplateOfNobody { attribute Strangeness unit Units.Seconds }
    measurable attribute Strangeness
  }
  unit model Units { dimensionless Percentage {} dimensionless Ratio {} dimensionless Seconds {} }"""


@pytest.mark.parametrize(
    ("slo", "slos", "said"),
    [
        ("slo Level constraint Bounds.Up", [("availability", 99.5)], ""),
        ("slo Level constraint Bounds.Fast", [("application-response-time", 300)], ""),
        ("slo Level constraint Bounds.Share", [("availability", 99)], ""),
        ("slo Level constraint Bounds.Both", [("availability", 99.5), ("application-response-time", 300)], ""),
        ("slo Level constraint Bounds.Either", [], "K036"),
        ("slo Level constraint Bounds.Odd", [], "K030"),
        ("slo Level constraint Bounds.Lost", [], "K031"),
        ("slo Level event E", [], "K010"),
    ],
)
def test_constraints_of_slos_are_bounds_on_the_component_of_their_context(slo: str, slos: list[object], said: str) -> None:
    found, problems = read(wrap("software Portal {}", slo, METRICS))
    assert found
    assert [(each.metric, each.bound) for each in found.components[0].slos] == slos
    assert [each.split("[")[1][:4] for each in problems] == ([said] if said else [])


def test_controls_are_asked_of_the_components_whose_sets_name_them() -> None:
    found, problems = read(
        wrap(
            """requirements Safe { security Needs.Crypto } software Portal { requirements Safe } software PersonStore {}""",
            """security requirement Crypto { controls [Controls.SC_8, Controls.IAM_02] }
            security requirement Nobodys { controls [Controls.SC_8] }""",
            """security model Controls { domain D { name D }
              security control SC_8 { name SC_8 domain D sub-domain D specification "x" }
              security control IAM_02 { name IAM_02 domain D sub-domain D specification "x" } }""",
        )
    )
    assert found
    assert {each.id: [wanted.control for wanted in each.wanted] for each in found.components} == {
        "person-store": [],
        "portal": ["SC-8"],
    }
    assert problems == [
        (
            "app.camel:6:60: warning[K028]: control 'IAM_02' is of the Cloud Controls Matrix, which no catalog maps to "
            "NIST SP 800-53 revision 5; it is left out -> write the NIST controls that are meant, as in SC_8"
        ),
        (
            "app.camel:7:13: warning[K055]: security requirement 'Nobodys' asks nobody: no requirement set names it"
            " -> write `security Nobodys` in a requirement set"
        ),
    ]


DATA = """data type model Data {
    data source Disk { component Services.PersonStore }
    data Customers { source Disk }
    data Clicks { [M.Big.Data] }
  }"""


def test_data_without_a_class_are_told_and_the_layer_gives_them_one() -> None:
    deployment = "software Portal { consumes data [Data.Customers] generates data [Data.Clicks] } software PersonStore {}"
    found, problems = read(wrap(deployment, "", DATA))
    assert found
    assert [each.data for each in found.components] == [(), ()]
    assert problems == [
        (
            "app.camel:3:5: warning[K054]: data of 'Portal' have no class and are left out: 'Clicks', 'Customers'"
            " -> add `component Portal { data: clicks(...), customers(...) }` to the musa model"
        ),
        (
            "app.camel:3:85: warning[K054]: data of 'PersonStore' have no class and are left out: 'Customers'"
            " -> add `component PersonStore { data: customers(...) }` to the musa model"
        ),
    ]
    layer = """musa model v1 {
      component Portal { data: Clicks(internal), customers(personal) }
      component PersonStore { data: Customers(personal) }
    }"""
    found, problems = read(wrap(deployment, "", DATA + layer))
    assert problems == []
    assert found
    assert [(each.name, str(each.classification)) for each in found.components[1].data] == [
        ("Clicks", "internal"),
        ("customers", "personal"),
    ]


def test_the_layer_reads_over_camel_3_as_over_2015() -> None:
    layer = """musa model v1 {
      zone inside { trust: restricted of: PersonStore }
      component Portal { kind: web-application exposed speaks: Http(https) zone: edge-of-it
        required capabilities: [Privacy] provided capabilities: [Login] roles: [nginx, portal] sla: 'portal-v1' }
      zone edge-of-it { trust: edge }
      capability Privacy { controls: [SC-28] }
      capability Login { controls: [IA-5] }
      agent Guard { role: ha protects: Portal }
      external component Payment { listens: 443(https) }
      uses Portal -> Payment
    }
    """
    found, problems = read(WEB[: WEB.rindex("}")] + layer + "}")
    assert problems == []
    assert found
    portal = found.components[2]
    assert (portal.id, portal.exposed, portal.zone, portal.roles, portal.sla) == (
        "portal",
        True,
        "edge-of-it",
        ("nginx", "portal"),
        "portal-v1",
    )
    assert [(each.control, each.capability) for each in portal.wanted] == [("SC-28", "Privacy")]
    assert [(each.control, each.capability) for each in portal.implements] == [("IA-5", "Login")]
    assert [(each.name, str(each.trust)) for each in found.zones] == [("edge-of-it", "edge"), ("inside", "restricted")]
    assert found.components[1].zone == "inside"
    assert len(found.agents) == 1


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "component Portal { zone: nowhere }",
            "error[K056]: zone 'nowhere' is not declared -> add `zone nowhere { trust: internal }`",
        ),
        ("zone z { trust: much }", "error[K057]: a zone cannot be trusted 'much' -> one of public, edge, internal, restricted"),
        (
            "zone a { trust: edge of: Portal } zone b { trust: edge of: Portal }",
            "error[K058]: component 'Portal' stands in two zones, 'a' and 'b' -> name it in one of them",
        ),
    ],
)
def test_wrong_zones_are_told(statement: str, said: str) -> None:
    problems = read(wrap("software Portal {}", "", f"musa model v1 {{ {statement} }}"))[1]
    assert [each for each in problems if said in each], problems


def test_a_coupling_keeps_components_at_one_provider() -> None:
    found, problems = read(wrap("software A {} software B {} coupling C { type same-host software [A, B] }"))
    assert found
    assert found.together == (frozenset({ComponentId("a"), ComponentId("b")}),)
    assert "note[K053]: components that are to share a host, zone or region are kept at one provider only" in problems[-1]


def test_what_has_no_place_is_told_once_a_kind() -> None:
    found, problems = read(
        wrap(
            "software Portal {}",
            "optimisation requirement A { minimise } optimisation requirement B { minimise priority 2.0 }",
            """metric model M { template T {} variable V { template T } }
            scalability model S { horizontal scaling action Out { software Services.Portal count 1 }
              rule R { event E actions [Out] } nonfunctional E { constraint C.X violation } }
            constraint model C { variable constraint X: M.V > 1.0 }""",
        )
    )
    assert found
    assert [each for each in problems if "K053" in each] == [
        "app.camel:6:5: note[K053]: optimisation requirements are not taken over: what is best is said in musa.yaml (2 times)",
        "app.camel:8:34: note[K053]: metric variables and their formulas are not taken over",
        "app.camel:10:15: note[K053]: scalability rules are not taken over -> the bounds of instances are",
    ]


def test_a_credential_of_camel_3_is_never_repeated() -> None:
    secret = "correct-horse-battery"
    for organisation in (
        f"organisation O {{ email 'a' }} user U {{ first name A last name B email 'c' platform credentials c : '{secret}' }}",
        f"user U {{ first name A last name B email 'c' platform credentials c : '{secret}' {secret} }}",
        f"organisation O {{ email 'a' cloud credentials C {{ username u password '{secret}' }} }}",
        f"organisation O {{ email 'a' cloud credentials C {{ username u passwrd '{secret}' }} }}",
    ):
        found, problems = read(wrap("software Portal {}", "", f"organisation model Who {{ {organisation} }}"))
        assert secret not in "".join(problems)
        assert secret not in str(found)
        assert [each for each in problems if "K050" in each or "K051" in each]


def test_of_several_configurations_the_first_counts_with_its_own_requirements() -> None:
    found, problems = read(
        wrap(
            """software Worker {
              script configuration OnCpu { start 'cpu' requirements CpuSet { resource Needs.Cpu } }
              script configuration OnFpga { start 'fpga' requirements FpgaSet { resource Needs.Fpga } }
            }""",
            "resource requirement Cpu { attribute cores : int 2 } resource requirement Fpga { attribute cores : int 8 }",
        )
    )
    assert found
    (worker,) = found.components
    assert worker.resources == Resources(cores=2)
    assert worker.scripts == (Script(operation="start", run="cpu"),)
    assert [each for each in problems if "K053" in each] == [
        (
            "app.camel:5:15: note[K053]: only the first configuration of a component counts"
            " -> write each variant as a component of its own"
        )
    ]


def test_ten_times_the_components_take_ten_times_the_time() -> None:
    def seconds(count: int) -> float:
        software = "\n".join(
            f"requirements S{n} {{ resource Needs.R }} software C{n} {{ requirements S{n} provided communication P port 80 "
            f"required communication Q port 80 }} communication L{n} from C{n}.Q to C{(n + 1) % count}.P"
            for n in range(count)
        )
        began = time.perf_counter()
        found, _ = read(wrap(software, "resource requirement R { attribute cores : int 2 }"))
        assert found
        assert len(found.components) == len(found.connections) == count
        return time.perf_counter() - began

    seconds(10)
    assert seconds(1000) < 25 * seconds(100) + 1


def test_what_camel_2015_says_and_has_no_place_is_told_too() -> None:
    _, problems = read(
        small(
            more="""requirement model More { quantitative hardware Tight { core: 1..2 cpu: 2.0.. } }
            scalability model S { horizontal scaling action Out { type: SCALE OUT vm: Machine internal component: Portal }
              functional event E { functional type: 'x' } scalability rule R { event: E actions [Out] } }
            provider model P { root feature VM { attributes { attribute a { value: int value 1 } } } }
            organisation model O { provider Q { email: 'x' Public IaaS security capability [Safe] } security level: LOW }
            security model Controls { security capability Safe { controls [SC_8] } domain D { name: 'd' }
              security control SC_8 { specification: 'x' domain: D sub-domain: D } }
            deployment model Other { vm Tiny { requirement set T } requirement set T { quantitative hardware: Tight } }"""
        )
    )
    assert [each.split("K053]: ")[1].split(" -> ")[0] for each in problems if "K053" in each] == [
        "upper bounds of what a machine has are not taken over",
        "attributes of requirements other than cores, memory and storage are not taken over",
        "scalability rules are not taken over",
        "provider models are not taken over",
        "capabilities that providers declare are not taken over",
    ]
