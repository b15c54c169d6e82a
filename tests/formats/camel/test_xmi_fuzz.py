"""No XMI crashes the reader: there is a model or an error, and every finding has a place in the file."""

import re
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.camel import looks_like_camel_xmi, read_camel_xmi
from musa_pipeline.formats.camel.xmi import melodic, paasage
from musa_pipeline.formats.camel.xmi.table import classes
from tests.formats.camel.camel_catalogs import CATALOGS
from tests.formats.camel.camel_xmi import SMALL, draft, old, young

MODELS: Final = (
    SMALL,
    draft("""<deploymentModels><externalComponents xsi:type="deployment:VM" name="ML" minRam="2048" maxCores="4" os="ubuntu"
      location="//@organisationModels.0/@locations.0" provider="//@organisationModels.0/@provider"><providedHosts name="h"/>
      </externalComponents><internalComponents name="Web"><requiredHost name="r"/></internalComponents>
      <hostings name="h" providedHost="//@deploymentModels.0/@externalComponents.0/@providedHosts.0"
        requiredHost="//@deploymentModels.0/@internalComponents.0/@requiredHost"/></deploymentModels>
      <organisationModels><provider name="P"/><locations name="there" country="Germany" countryCode="DE"/></organisationModels>
      <scalabilityModels><policies xsi:type="scalability:HorizontalScalingPolicy" id="p" minInstances="1"
        component="//@deploymentModels.0/@internalComponents.0"/></scalabilityModels>"""),
    old("""<deploymentModels name="d" globalVMRequirementSet="//@deploymentModels.0/@vmRequirementSets.0">
      <internalComponents name="Web"/><vms name="V"/>
      <vmRequirementSets name="s" providerRequirement="//@requirementModels.0/@requirements.1"/></deploymentModels>
      <requirementModels name="r">
      <requirements xsi:type="requirement:SecurityRequirement" name="a" securityControls="//@securityModels.0/@securityControls.0"
        component="//@deploymentModels.0/@internalComponents.0"/>
      <requirements xsi:type="requirement:ProviderRequirement" name="b" providers="//@organisationModels.0/@provider"/>
      <requirements xsi:type="requirement:VerticalScaleRequirement" name="c" vm="//@deploymentModels.0/@vms.0" minCores="2"/>
      <requirements xsi:type="requirement:ServiceLevelObjective" name="e" customServiceLevel="//@metricModels.0/@conditions.0"/>
      </requirementModels>
      <securityModels name="s"><securityControls name="SC_5" domain="#x"/></securityModels>
      <organisationModels name="o"><provider name="P" public="true"/></organisationModels>
      <metricModels name="m"><conditions xsi:type="metric:MetricCondition" name="c" threshold="9" comparisonOperator="LESS_THAN"
        metricContext="//@metricModels.0/@contexts.0"/><contexts xsi:type="metric:RawMetricContext" name="x"
        component="//@deploymentModels.0/@internalComponents.0" metric="//@metricModels.0/@metrics.0"/>
        <metrics xsi:type="metric:RawMetric" name="Availability"/></metricModels>"""),
    young("""<deploymentModels xsi:type="deployment:DeploymentTypeModel" name="d">
      <softwareComponents name="Web" requirementSet="//@deploymentModels.0/@requirementSets.0" generatesData="//@dataModels.0/@data.0">
        <providedCommunications name="p" portNumber="80"/><requiredHost name="h"/>
        <configurations xsi:type="deployment:ServerlessConfiguration" name="c" binaryCodeURL="x">
          <environmentConfigParams name="e"><value xsi:type="type:StringValue" value="x"/></environmentConfigParams></configurations>
      </softwareComponents><containers name="C"><providedHosts name="h"/></containers><vms name="V"><providedHosts name="h"/></vms>
      <hostings name="h" providedHost="//@deploymentModels.0/@containers.0/@providedHosts.0"
        requiredHosts="//@deploymentModels.0/@softwareComponents.0/@requiredHost"/>
      <requirementSets name="s" resourceRequirement="//@requirementModels.0/@requirements.0"/>
      <locationCouplings name="l" softwareComponents="//@deploymentModels.0/@softwareComponents.0" couplingType="SAME_CLOUD"/>
      </deploymentModels><requirementModels name="r"><requirements xsi:type="requirement:ResourceRequirement" name="q">
        <subFeatures name="cpu" annotations="x"><attributes xsi:type="core:MeasurableAttribute" name="cores" unit="#u">
        <value xsi:type="type:IntValue" value="2"/></attributes></subFeatures></requirements>
      <requirements xsi:type="requirement:ServiceLevelObjective" name="slo" constraint="//@constraintModels.0/@constraints.0"/>
      </requirementModels><dataModels xsi:type="data:DataTypeModel" name="d"><data name="orders"/></dataModels>
      <constraintModels name="c"><constraints xsi:type="constraint:LogicalConstraint" name="l" logicalOperator="AND">
        <constraints xsi:type="constraint:MetricConstraint" name="m" threshold="1"/></constraints></constraintModels>"""),
)
_VALUE: Final = re.compile(r'="([^"]*)"')
_ELEMENT: Final = re.compile(r"<(\w+) [^<>]*?/>")
KINDS: Final = sorted({each for table in (paasage.TABLE, melodic.TABLE) for each in classes(table)})
VALUES: Final = (
    "",
    "0",
    "-1",
    "two",
    "//@a.0",
    "//@deploymentModels.0",
    "/",
    "#",
    "#x",
    "1e400",
    "9" * 30,
    "a b",
    "^a",
    "NaN",
    "&#10;",
)


@st.composite
def spoilt(draw: st.DrawFn) -> str:
    """A model with values, kinds and elements put where others were."""
    text = draw(st.sampled_from(MODELS))
    references = [each for each in _VALUE.findall(text) if each.startswith("//")] or ["/"]
    for _ in range(draw(st.integers(1, 8))):
        match draw(st.integers(0, 4)):
            case 0 | 1:
                places = list(_VALUE.finditer(text))
                found = draw(st.sampled_from(places)) if places else None
                said = draw(
                    st.sampled_from(VALUES) | st.sampled_from(references) | st.sampled_from(KINDS).map(lambda each: f"x:{each}")
                )
            case 2 | 3:
                places = list(_ELEMENT.finditer(text))
                found = draw(st.sampled_from(places)) if places else None
                said = draw(st.sampled_from(("", found[0] * 2))) if found else ""
                if found and draw(st.booleans()):
                    said = found[0].replace(" ", f' xsi:type="x:{draw(st.sampled_from(KINDS))}" a=""', 1)
            case _:
                start = draw(st.integers(0, len(text)))
                text = text[:start] + draw(st.text(max_size=2)) + text[start:]
                continue
        if found:
            start, end = found.span(1) if found[0].startswith("=") else found.span()
            text = text[:start] + said + text[end:]
    return text


@given(spoilt() | st.text())
@settings(max_examples=150, deadline=None)
def test_every_xmi_gives_a_model_or_an_error_with_a_place(text: str) -> None:
    problems = Problems()
    found = read_camel_xmi(text, "x.xmi", catalogs=CATALOGS, problems=problems)
    assert found is not None or problems.errors
    lines = text.removeprefix("\ufeff").split("\n")
    for each in problems:
        assert 1 <= each.at.line <= len(lines) + 1
        assert each.at.column >= 1
    looks_like_camel_xmi(text)


@given(
    st.binary(max_size=200)
    | spoilt().map(lambda each: each.encode("utf-16"))
    | spoilt().map(lambda each: each.encode("utf-8")[:-5])
)
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_read_or_refused(said: bytes) -> None:
    problems = Problems()
    found = read_camel_xmi(said, "x.xmi", catalogs=CATALOGS, problems=problems)
    assert found is not None or problems.errors
    looks_like_camel_xmi(said)


@given(spoilt())
@settings(max_examples=25, deadline=None)
def test_reading_twice_gives_the_same(text: str) -> None:
    first, second = Problems(), Problems()
    assert read_camel_xmi(text, "x", catalogs=CATALOGS, problems=first) == read_camel_xmi(
        text, "x", catalogs=CATALOGS, problems=second
    )
    assert list(first) == list(second)
