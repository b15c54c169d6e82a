"""Other models are read from beside: imported files of CAMEL 2015.9, models named by those of CAMEL 2 and 3."""

from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.camel import read_camel
from tests.formats.camel.camel_catalogs import CATALOGS, SMALL

PLACES = "camel model Far { location model Places { country DE { name: 'Germany' } region Union { name: 'European Union' } } }"


def read(text: str, files: dict[str, str]) -> tuple[Cpim | None, list[str]]:
    problems = Problems()

    def fetch(name: str, importing: str) -> tuple[str, str] | None:
        assert importing in ("app.camel", *files)
        return (name, files[name]) if name in files else None

    model = read_camel(text, "app.camel", catalogs=CATALOGS, problems=problems, fetch=fetch)
    return model, [f"{each}" + (f" -> {each.help}" if each.help else "") for each in problems]


def without_places(imports: str) -> str:
    return imports + SMALL[: SMALL.index("  location model")] + "}\n"


def test_an_imported_file_has_what_the_model_lacks() -> None:
    found, problems = read(without_places("import 'places.camel'\n"), {"places.camel": PLACES})
    assert problems == []
    assert found
    assert found.components[0].countries == frozenset({"DE", "EU"})


def test_a_mistake_in_an_imported_file_has_its_place_there() -> None:
    _, problems = read(
        without_places("import 'places.camel'\n"), {"places.camel": "\n" + PLACES.replace("name: 'Ger", "nam: 'Ger")}
    )
    assert problems == ["places.camel:2:56: error[K002]: 'nam:' is not expected here -> did you mean 'name:'?"]


def test_absent_and_distant_imports_are_told() -> None:
    _, problems = read("import 'gone.camel'\nimport 'https://example.org/x.camel'\n" + SMALL, {})
    assert problems == [
        (
            "app.camel:1:8: warning[K006]: import 'gone.camel' is not here"
            " -> put the file beside the model, or what the model needs from it"
        ),
        (
            "app.camel:2:8: warning[K006]: import 'https://example.org/x.camel' is on the network and is not fetched"
            " -> save it beside the model and import it by its name"
        ),
    ]


def test_what_is_at_an_address_is_read_where_it_is_given_and_its_password_is_never_shown() -> None:
    address = "https://me:p@ss@example.org/places.camel?token=x"
    found, problems = read(without_places(f"import '{address}'\n"), {address: PLACES})
    assert problems == []
    assert found
    assert found.components[0].countries == frozenset({"DE", "EU"})
    _, problems = read(f"import '{address}'\n" + SMALL, {})
    assert problems == [
        (
            "app.camel:1:8: warning[K006]: import 'https://example.org/places.camel' is on the network and is not fetched"
            " -> save it beside the model and import it by its name"
        )
    ]


def test_files_that_import_each_other_and_themselves_are_read_once() -> None:
    files = {
        "a.camel": f"import 'b.camel' import 'a.camel' {PLACES}",
        "b.camel": "import 'a.camel' import 'app.camel' camel model B {}",
    }
    found, problems = read(without_places("import 'a.camel'\n"), files)
    assert found
    assert [each for each in problems if "error" in each] == []


def test_what_is_imported_is_no_camel_model() -> None:
    _, problems = read("import 'x.camel'\n" + SMALL, {"x.camel": "nothing"})
    assert problems == ["x.camel:1:1: error[K001]: no camel model begins here -> write `camel model Name { ... }`"]


SHOP = """camel model Shop {
  deployment model D { requirements R { resource N.Big location N.There security N.Safe } software Portal { requirements R } }
  requirement model N {
    resource requirement Big { attribute ram : int 4 UnitTemplateCamelModel.UnitTemplateModel.GigaBytes }
    location requirement There [CAMEL_Locations.Locations.Here, Locations.FR]
    security requirement Safe { controls [CAMEL_Basic_Security_Model.Basic_Security_Model.SC_8] }
  }
}
"""
UNITS = "camel model UnitTemplateCamelModel { unit model UnitTemplateModel { dimensionless GigaBytes {} } }"
LOCATIONS = """camel model CAMEL_Locations { location model Locations { region Here { name Somewhere }
  region FR { name France } region DE { name Germany parents [Locations.Here] } } }"""
SECURITY = """camel model CAMEL_Basic_Security_Model { security model Basic_Security_Model { domain D { name D }
  security control SC_8 { name SC_8 domain D sub-domain D specification 'x' } } }"""


def test_models_are_found_by_their_names_beside_the_model() -> None:
    found, problems = read(SHOP, {"unit.camel": UNITS, "location.camel": LOCATIONS, "CAMEL_Basic_Security_Model.camel": SECURITY})
    assert problems == []
    assert found
    assert found.components[0].countries == frozenset({"DE", "FR"})
    assert found.components[0].resources.memory == 4096
    assert [each.control for each in found.components[0].wanted] == ["SC-8"]


def test_what_the_names_alone_say_is_taken_when_a_model_is_not_here() -> None:
    found, problems = read(SHOP, {})
    assert found
    assert found.components[0].countries == frozenset({"FR"})
    assert found.components[0].resources.memory == 4096
    assert [each.control for each in found.components[0].wanted] == ["SC-8"]
    assert problems == [
        (
            "app.camel:5:33: warning[K006]: model 'CAMEL_Locations' is not here; what is said by its names is not known"
            " -> put location.camel beside the model"
        ),
        (
            "app.camel:5:33: warning[K040]: place 'CAMEL_Locations.Locations.Here' is no country or group of countries that is known by its"
            " name -> put the location model beside the model"
        ),
        (
            "app.camel:5:65: warning[K006]: model 'Locations' is not here; what is said by its names is not known"
            " -> put location.camel beside the model"
        ),
        (
            "app.camel:6:43: warning[K006]: model 'CAMEL_Basic_Security_Model' is not here; what is said by its names is not known"
            " -> put security.camel beside the model"
        ),
        (
            "app.camel:4:54: note[K006]: model 'UnitTemplateCamelModel' is not here; what it means is taken from the names alone"
            " -> put unit.camel beside the model"
        ),
    ]


def test_a_name_that_an_imported_model_lacks_is_told() -> None:
    _, problems = read(
        SHOP.replace("GigaBytes", "GigaBits"), {"unit.camel": UNITS, "location.camel": LOCATIONS, "security.camel": SECURITY}
    )
    assert problems == [
        (
            "app.camel:4:54: warning[K010]: 'UnitTemplateCamelModel.UnitTemplateModel.GigaBits' means nothing in this model"
            " -> did you mean 'GigaBytes'?"
        )
    ]


def test_no_more_files_than_fifty_are_read() -> None:
    files = {f"m{n}.camel": f"import 'm{n + 1}.camel' camel model M{n} {{}}" for n in range(200)}
    found, problems = read("import 'm0.camel'\n" + SMALL, files)
    assert found
    assert problems == [
        "m49.camel:1:8: warning[K006]: import 'm50.camel' is one of more than 50 files; it is not read -> join them into fewer"
    ]
