"""Small models in XMI, one a dialect, and how to read them."""

from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.problems import Problems, Severity
from musa_pipeline.formats.camel import read_camel_xmi
from musa_pipeline.text.fetch import Fetch
from tests.formats.camel.camel_catalogs import CATALOGS

_XMI = 'xmi:version="2.0" xmlns:xmi="http://www.omg.org/XMI" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
OLD = f'<camel:CamelModel {_XMI} xmlns:camel="http://www.paasage.eu/2015/06/camel"'
DRAFT = f'<camel:CamelModel {_XMI} xmlns:camel="http://www.paasage.eu/camel"'
YOUNG = f'<core:CamelModel {_XMI} xmlns:core="http://www.camel-dsl.org/camel/core"'

SMALL = f"""<?xml version="1.0" encoding="ASCII"?>
{OLD} name="Small">
  <deploymentModels name="Services">
    <internalComponents name="Portal">
      <providedCommunications name="Http" portNumber="8080"/>
      <configurations name="PortalConfiguration" downloadCommand="wget https://example.com/portal.tar.gz"
          installCommand="tar xzf portal.tar.gz" startCommand="./portal" stopCommand="pkill -x portal"/>
      <requiredCommunications name="StoreReq" isMandatory="true"/>
      <requiredHost name="PortalHost"/>
    </internalComponents>
    <internalComponents name="PersonStore">
      <providedCommunications name="Sql" portNumber="5432"/>
      <requiredHost name="StoreHost"/>
    </internalComponents>
    <vms name="Machine" vmRequirementSet="//@deploymentModels.0/@vmRequirementSets.0">
      <providedHosts name="MachineHost"/>
    </vms>
    <communications name="PortalToStore" providedCommunication="//@deploymentModels.0/@internalComponents.1/@providedCommunications.0"
        requiredCommunication="//@deploymentModels.0/@internalComponents.0/@requiredCommunications.0"/>
    <hostings name="PortalOnMachine" providedHost="//@deploymentModels.0/@vms.0/@providedHosts.0"
        requiredHost="//@deploymentModels.0/@internalComponents.0/@requiredHost"/>
    <hostings name="StoreOnMachine" providedHost="//@deploymentModels.0/@vms.0/@providedHosts.0"
        requiredHost="//@deploymentModels.0/@internalComponents.1/@requiredHost"/>
    <vmRequirementSets name="Needs" locationRequirement="//@requirementModels.0/@requirements.2"
        quantitativeHardwareRequirement="//@requirementModels.0/@requirements.0"
        osOrImageRequirement="//@requirementModels.0/@requirements.1"/>
  </deploymentModels>
  <requirementModels name="Wanted">
    <requirements xsi:type="requirement:QuantitativeHardwareRequirement" name="Medium" minCores="2" maxCores="4" minRAM="4096"
        minStorage="40"/>
    <requirements xsi:type="requirement:OSRequirement" name="Debian" os="Debian 12"/>
    <requirements xsi:type="requirement:LocationRequirement" name="There"
        locations="//@locationModels.0/@countries.0 //@locationModels.0/@regions.0"/>
  </requirementModels>
  <locationModels name="Places">
    <countries id="DE" name="Germany"/>
    <regions id="Union" name="European Union"/>
  </locationModels>
</camel:CamelModel>
"""
"""The model `SMALL` of camel_catalogs.py, as its editor would store it."""


def read_xmi(said: str | bytes, *, fetch: Fetch | None = None) -> tuple[Cpim | None, list[str]]:
    """Return the model, and every error and warning with its way out; notes are the mapping's, and the same for text."""
    problems = Problems()
    found = read_camel_xmi(said, "app.xmi", fetch=fetch, catalogs=CATALOGS, problems=problems)
    return found, [
        f"{each}" + (f" -> {each.help}" if each.help else "") for each in problems if each.severity is not Severity.NOTE
    ]


def old(inner: str) -> str:
    """Return a model of CAMEL 2015.9 with this in it; it begins in the second line."""
    return f'{OLD} name="Shop">\n{inner}\n</camel:CamelModel>'


def draft(inner: str) -> str:
    """Return a model of CAMEL 2014 with this in it; it begins in the second line."""
    return f'{DRAFT} name="Shop">\n{inner}\n</camel:CamelModel>'


def young(inner: str) -> str:
    """Return a model of CAMEL 2 or 3 with this in it; it begins in the second line."""
    return f'{YOUNG} name="Shop">\n{inner}\n</core:CamelModel>'


def services(inner: str) -> str:
    """Return a model of CAMEL 2015.9 with this in its deployment model; it begins in the third line."""
    return old(f'<deploymentModels name="Services">\n{inner}\n</deploymentModels>')
