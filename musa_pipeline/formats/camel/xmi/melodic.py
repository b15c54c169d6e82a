"""CAMEL 2 and 3 as XMI, of MELODIC and MORPHEMIC, in one table. Nearly everything may have attributes, features and annotations."""

from typing import Any, Final

from musa_pipeline.formats.camel.statements import statement
from musa_pipeline.formats.camel.xmi.build import Builder, Hook
from musa_pipeline.formats.camel.xmi.tree import Element
from musa_pipeline.formats.camel.xmi.values import quoted

TABLE: Final = r"""
Other .
CamelModel - application+Application applications+Application actions+Action deploymentModels+DeploymentTypeModel \
    executionModels+ExecutionModel locationModels+LocationModel metricModels+MetricTypeModel organisationModels+OrganisationModel \
    requirementModels+RequirementModel scalabilityModels+ScalabilityModel securityModels+SecurityModel typeModels+TypeModel \
    unitModels+UnitModel constraintModels+ConstraintModel dataModels+DataTypeModel metadataModels+MetaDataModel importURI description \
    annotations attributes+Other subFeatures+Other name
Named - description annotations
Plain - < Named attributes+Other subFeatures+Other
Thing - description=about:described attributes+Attribute=attributes subFeatures+Feature=features annotations
Feature Feature < Thing
Attribute PlainAttribute description=about:described annotations value+Value minValue+Value maxValue+Value unit valueType minInclusive \
    maxInclusive
QualityAttribute QualityAttribute < Attribute
MeasurableAttribute MeasurableAttribute < Attribute sensors>sensors
Value .
IntValue .
FloatValue .
DoubleValue .
StringValue .
BooleanValue .
Application Application < Thing version=version
Action Action < Thing

DeploymentTypeModel =deployment < Plain softwareComponents+SoftwareComponent vms+VM paases+PaaS containers+Container \
    communications+Communication hostings+Hosting requirementSets+RequirementSet globalRequirementSet^GlobalSet=set \
    locationCouplings+LocationCoupling controlFlowRelations+Sequence importURI
DeploymentInstanceModel =deployment < Plain softwareComponentInstances+SoftwareInstance vmInstances+VMInstance \
    communicationInstances+CommunicationInstance hostingInstances+HostingInstance containerInstances+ContainerInstance \
    paasInstances+PaaSInstance type importURI
Component - < Thing providedCommunications+ProvidedCommunication=provided providedHosts+ProvidedHost=hosts \
    configurations+ScriptConfiguration=configurations requirementSet>sets
SoftwareComponent Software < Component requiredCommunications+RequiredCommunication=required requiredHost+RequiredHost=needs \
    generatesData>generates consumesData>consumes managesDataSource>sources longLived=longlived:flag coInstanceHosting=together:flag
Container Container < Component requiredCommunications+RequiredCommunication=required requiredHost+RequiredHost=needs
VM VM < Component
PaaS Platform < Component
Port - < Plain portNumber=port:port lowPortNumber=low:port highPortNumber=high:port
ProvidedCommunication ProvidedPort < Port
RequiredCommunication RequiredPort < Port isMandatory=mandatory:flag
ProvidedHost ProvidedHost < Plain
RequiredHost RequiredHost < Plain
Communication Communication < Plain requiredCommunication>source|needed providedCommunication>target|needed requirement>requirement \
    providedPortConfiguration+ScriptConfiguration=here requiredPortConfiguration+ScriptConfiguration=there
Hosting Hosting < Plain providedHost>target|needed requiredHosts>sources requiredHost>sources \
    providedHostConfiguration+ScriptConfiguration=here requiredHostsConfiguration+ScriptConfiguration=there
RequirementSet RequirementSet < Thing resourceRequirement>resource paasRequirement>paas locationRequirement>location \
    providerRequirement>provider verticalScaleRequirement>vertical horizontalScaleRequirement>horizontal securityRequirement>security \
    osRequirement>os imageRequirement>image
Configuration - < Thing requirements+RequirementSet=requirements
ScriptConfiguration ScriptConfiguration < Configuration downloadCommand!download uploadCommand!upload installCommand!install \
    configureCommand!configure startCommand!start stopCommand!stop updateCommand!update devopsTool=tool os=os imageId=image
ClusterConfiguration ClusterConfiguration < Configuration downloadURL=download configParameters+Other
PaaSConfiguration PlatformConfiguration < Configuration api=api version=version endpoint=endpoint downloadURL=download
ServerlessConfiguration ServerlessConfiguration < Configuration binaryCodeURL=binary continuousDeployment=continuous:flag \
    environmentConfigParams+Attribute=parameters buildConfiguration+BuildConfiguration=build eventConfiguration+EventConfiguration=event
BuildConfiguration BuildConfiguration < Thing artifactId=artifact buildFramework=framework sourceCodeURL=source include=include \
    exclude=exclude
EventConfiguration EventConfiguration < Thing httpMethodName=method httpMethodType=type:dash executionSchedule>schedule \
    scheduledExecutionConfig+Feature=config
ImageConfiguration ImageConfiguration < Configuration imageId=image
ContainerConfiguration ContainerConfiguration < Configuration imageId=image startCommand=start updateCommand=update \
    environment+Feature=environment
LocationCoupling Coupling < Plain softwareComponents>software couplingType=type:dash|SAME_HOST relaxed=relaxed:flag
Sequence Sequence < Plain components>components
Parallel Parallel < Sequence
Precedes Precedes < Plain component>component precededComponents>components
Conditional Conditional < Plain constraint>constraint firstComponent>first secondComponent>second
Switch Switch < Plain metricContext>context values=values components>components
SoftwareInstance . type
VMInstance .
CommunicationInstance .
HostingInstance .
ContainerInstance .
PaaSInstance .

RequirementModel =requirement < Plain requirements+OSRequirement importURI
Requirement - < Thing priority
ResourceRequirement ResourceRequirement < Requirement
PaaSRequirement PlatformRequirement < Requirement
CommunicationRequirement CommunicationRequirement < Requirement
OSRequirement OSRequirement < Requirement os=os|- is64os=wide:flag
ImageRequirement ImageRequirement < Plain images=images imageId=images priority
ProviderRequirement ProviderRequirement < Plain providerNames=names cloudType=cloud:dash priority
LocationRequirement LocationRequirement < Plain locations>locations allRequired=all:flag priority
HorizontalScaleRequirement HorizontalScale < Plain minInstances=least:whole|0 maxInstances=most:whole|-1 component>component priority
VerticalScaleRequirement VerticalScale < Requirement
SecurityRequirement SecurityRequirement < Requirement securityControls>controls
ServiceLevelObjective ServiceLevel < Plain constraint>condition violationEvent>event priority
SecuritySLO SecurityServiceLevel < Plain constraint>condition violationEvent priority
OptimisationRequirement Optimisation < Plain metricContext>context metricVariable>variable priority=priority:number minimise=minimise:flag

LocationModel =location < Plain cloudLocations+CloudLocation regions+GeographicalRegion countries+Country importURI
GeographicalRegion Region < Thing @id,name name=title alternativeNames=others parentRegions>parents
Country Country < GeographicalRegion @id,name
CloudLocation CloudLocation < Thing @id,name name=title isAssignable=assignable:flag subLocations+CloudLocation=parts parent>above \
    geographicalRegion>region

MetricTypeModel =metric < Plain metricContexts+RawMetricContext attributeContexts+AttributeContext objectContexts+ObjectContext \
    metrics+RawMetric windows+Window schedules+Schedule sensors+Sensor functions+Function templates+MetricTemplate \
    attributes+Attribute importURI
MetricInstanceModel =metric < Plain metricInstances+Other bindings+Other type importURI
MetricContext - < Plain metric>metric schedule>schedule objectContext>object window>window
RawMetricContext RawContext < MetricContext sensor>sensor
CompositeMetricContext CompositeContext < MetricContext groupingType=grouping:dash composingMetricContexts>contexts
AttributeContext AttributeContext < Plain attribute>attribute objectContext>object
ObjectContext ObjectContext < Plain component>component data>data communication>communication
RawMetric RawMetric < Named metricTemplate>template attributes+Other subFeatures+Other
CompositeMetric CompositeMetric < RawMetric formula componentMetrics
MetricVariable Variable < Thing metricTemplate>template component>component currentConfiguration=current:flag formula componentMetrics \
    onNodeCandidates metricContext>context
MetricTemplate Template < Thing attribute>attribute unit>unit valueType>type valueDirection=direction:whole
Sensor Sensor < Component requiredCommunications+RequiredCommunication=required requiredHost+Other configuration=configuration \
    isPush=push:flag longLived coInstanceHosting generatesData consumesData managesDataSource
Window Window < Plain windowType=type:dash|FIXED sizeType=size:dash|MEASUREMENTS_ONLY measurementSize=measurements:whole \
    timeSize=time:whole timeUnit>unit processings+Other
Schedule Schedule < Plain interval=interval:whole timeUnit>unit start=start:word end=end:word repetitions=repetitions:whole
Function Function < Plain expression=expression arguments=arguments

ConstraintModel =constraint < Plain constraints+MetricConstraint importURI
Condition - < Named comparisonOperator=operator:compare|GREATER_THAN threshold=threshold:number|0.0 validity=validity:word \
    attributes+Other subFeatures+Other
MetricConstraint MetricConstraint < Condition metricContext>context|needed
MetricVariableConstraint VariableConstraint < Condition metricVariable>variable|needed
AttributeConstraint AttributeConstraint < Condition attributeContext>context|needed
LogicalConstraint LogicalConstraint < Plain logicalOperator=operator:dash|AND constraints+MetricConstraint
IfThenConstraint IfThenConstraint < Plain if+MetricConstraint then+MetricConstraint else+MetricConstraint

SecurityModel =security < Plain securityControls+SecurityControl securityRequirements+SecurityRequirement \
    securityAttributes+SecurityAttribute rawSecurityMetrics+RawSecurityMetric compositeSecurityMetrics+CompositeSecurityMetric \
    securityMetricInstances+Other securityDomains+SecurityDomain securitySLOs+SecuritySLO importURI
SecurityControl SecurityControl < Thing @id,name name=title specification=specification domain>domain subDomain>part \
    securityProperties>properties rawSecurityMetrics>raw compositeSecurityMetrics>composite
SecurityDomain Domain < Thing @id,name name=title subDomains>parts subDomain>parts
SecurityAttribute SecurityAttribute < Attribute domain>domain
Certifiable Certifiable < SecurityAttribute
RawSecurityMetric RawSecurityMetric < Named metricTemplate>template domain>domain
CompositeSecurityMetric CompositeSecurityMetric < RawSecurityMetric formula componentMetrics

DataTypeModel =data < Plain data+Data dataSources+DataSource importURI
DataInstanceModel =data < Plain dataInstances+Other dataSourceInstances+Other type importURI
Data DataSetOf < Thing dataSource>source includesData+Data=includes
DataSource DataSource < Thing external=external:flag component>component

OrganisationModel =organisation < Plain organisation+Organisation externalIdentifiers+ExternalIdentifier users+User userGroups+UserGroup \
    roles+Role roleAssigments+RoleAssignment permissions+Permission securityLevel resourceFilters+ModelResourceFilter provider+CloudProvider \
    dataCentres+DataCenter importURI
Organisation Organisation < Thing www=www postalAddress=address email=email cloudCredentials+CloudCredentials=clouds
CloudProvider Provider < Thing www=www postalAddress=address email=email public=public:flag SaaS=saas:flag PaaS=paas:flag IaaS=iaas:flag \
    cloudCredentials+Other securityCapability>capabilities
DataCenter DataCentre < Thing codeName=code location>location
User User < Thing email=email firstName=first lastName=last www=www externalIdentifiers+ExternalIdentifier=identifiers \
    platformCredentials+PlatformCredentials=secret paasageCredentials+PlatformCredentials=secret cloudCredentials+CloudCredentials=clouds \
    requirementModels>requirements deploymentModels>deployments metricModels>metrics scalabilityModels>rules
PlatformCredentials . name description annotations password username attributes+Other subFeatures+Other
CloudCredentials . cloudProviderName=provider securityGroup publicSSHKey privateSSHKey username password
ExternalIdentifier ExternalId < Thing identifier=identifier
UserGroup UserGroup < Plain users>users
Role Role < Plain
RoleAssignment RoleAssignment < Plain user>user role>role userGroup>group startTime=start:word endTime=end:word assignmentTime=on:word
Permission Permission < Plain role>role startTime=start:word endTime=end:word resourceFilter>filter action=action:dash
ModelResourceFilter Filter < Plain resourcePattern=pattern:word informationResourcePath=path everyInformationResource=everything:flag
ServiceResourceFilter Filter < Plain resourcePattern=pattern:word serviceURL=url everyService=everything:flag
DataResourceFilter Filter < Plain resourcePattern=pattern:word data>data dataInstances locations>locations everyData=everything:flag
SoftwareComponentResourceFilter Filter < Plain resourcePattern=pattern:word everyComponent=everything:flag application \
    softwareComponents>software

ScalabilityModel =scalability < Plain rules+ScalabilityRule events+NonFunctionalEvent eventInstances+Other actions+HorizontalScalingAction \
    patterns+BinaryEventPattern timers+Timer importURI
ScalabilityRule ScalabilityRule < Plain event>event actions>actions
FunctionalEvent FunctionalEvent < Thing functionalType component>component
NonFunctionalEvent NonFunctionalEvent < Plain metricConstraint>condition isViolation=violation:flag
BinaryEventPattern BinaryPattern < Plain leftEvent>left rightEvent>right timer>timer operator=operator:dash|AND \
    lowerOccurrenceBound=lower:number upperOccurrenceBound=upper:number
UnaryEventPattern UnaryPattern < Plain event>event timer>timer operator=operator:dash|EVERY occurrenceNum=number:number
HorizontalScalingAction HorizontalAction < Plain count=count:whole softwareComponent>component
VerticalScalingAction VerticalAction < Thing softwareComponent
Timer Timer < Plain type=type:dash|WITHIN timeValue=value:whole maxOccurrenceNum=number:whole unit>unit

TypeModel =type < Plain valueTypes+StringValueType values+Value importURI
ValueType - < Named primitiveType
BooleanValueType BoolType < ValueType
StringValueType StringType < ValueType
List ListType < ValueType values+Value type>type
Range RangeType < ValueType lowerLimit+Other upperLimit+Other
RangeUnion RangeUnion < ValueType ranges+Other

UnitModel =unit < Plain units+SingleUnit dimensions+UnitDimension importURI
Unit - < Named multipleOf>multiples attributes+Other subFeatures+Other
Dimensionless Dimensionless < Unit
SingleUnit SingleUnit < Unit dimension>dimension
CompositeUnit CompositeUnit < Unit dimension>dimension componentUnits formula
UnitDimension Dimension < Thing

MetaDataModel =metadata metadataElements+MmsConcept description annotations attributes+Other subFeatures+Other importURI
MmsObject - id uri=uri name=title description=about:described implemented=implemented:flag
MmsConcept Concept < MmsObject @id,name parent concept+MmsConcept=concepts property+MmsProperty=properties instance+MmsConceptInstance=instances
MmsProperty ConceptProperty < MmsObject @id,name domain propertyType=type:dash range>range rangeUri=address
MmsConceptInstance ConceptInstance < MmsObject @id,name propertyInstance+MmsPropertyInstance=properties
MmsPropertyInstance PropertyInstance < MmsObject @id,name isA>of propertyValue=value conceptInstance

ExecutionModel =execution < Plain measurements+Other sloViolations+Other ruleTriggers+Other historyRecords+Other startTime endTime \
    totalCost costUnit deploymentTypeModel requirementModel dataTypeModel importURI
"""
_BRANCHES: Final = {"if": "condition", "then": "then", "else": "other"}
_VALUES: Final = {"IntValue": "0", "FloatValue": "0.0", "DoubleValue": "0.0", "StringValue": "", "BooleanValue": "false"}
"""Values by their class, with what each is when nothing is said."""


def attribute(builder: Builder, made: Any, element: Element) -> list[Any]:
    """Give an attribute its value, or its bounds, with the unit."""
    annotate(builder, made, element)
    said = {part.tag: _value(builder, part) for part in element.parts if part.tag in ("value", "minValue", "maxValue")}
    refs = {}
    for feature, name in (("unit", "unit"), ("valueType", "type")):
        token = element.attributes.get(feature, "")
        if token.strip():
            builder.used.add((element, feature))
            refs[name] = builder.reference(element, feature, token.split()[0])
    known = "bounds" in made.said
    if not known:
        made.bounds = None  # measurable ones have none in the grammar
    if not said and not refs:
        return []
    bounds = statement("Bounds", builder.marks.mark(element), value=said.get("value"), **refs)
    if "minValue" in said or "maxValue" in said:
        bounds.low, bounds.high = said.get("minValue"), said.get("maxValue")
        bounds.lowest = "[" if element.attributes.get("minInclusive") == "true" else "("
        bounds.highest = "]" if element.attributes.get("maxInclusive") == "true" else ")"
    made.bounds = bounds
    if not known:
        builder.within(bounds, made)
    return []


def annotate(builder: Builder, made: Any, element: Element) -> list[Any]:
    """Give a statement the concepts that its annotations name, by their whole names as CAMEL text writes them."""
    said = element.attributes.get("annotations", "").split()
    if said and hasattr(made, "annotations"):
        builder.used.add((element, "annotations"))
        paths = [_concept(builder, element, each) for each in said]
        made.annotations.append(statement("Annotations", builder.marks.mark(element, "annotations"), of=paths))
    return []


def logical(builder: Builder, made: Any, element: Element) -> list[Any]:
    """Give a combined constraint its parts, which XMI contains and which stand beside it here."""
    for part in element.parts:
        if part.named is None:
            continue
        operand = statement("Operand", builder.marks.mark(part), of=builder.made_up(element, part.named))
        if part.tag == "constraints":
            made.constraints.append(operand)
        elif part.tag in _BRANCHES:
            setattr(made, _BRANCHES[part.tag], operand)
    return []


def _value(builder: Builder, part: Element) -> Any:
    kind = part.kind if part.kind in _VALUES else "StringValue"
    said = part.attributes.get("value", _VALUES[kind])
    name = "BoolValue" if kind == "BooleanValue" else kind
    return statement(name, builder.marks.mark(part), value=quoted(said) if kind == "StringValue" else said.strip())


def _concept(builder: Builder, element: Element, said: str) -> str:
    found = builder.links.find(element.document, said, lambda: element.document.at(element, "annotations"))
    names: list[str] = []
    while found is not None and found.up is not None:
        names.append(found.attributes.get("id") or found.attributes.get("name", ""))
        found = found.up
    return ".".join(reversed(names)) or said


_ANNOTATED: Final = (
    "Feature Application Action SoftwareComponent Container VM PaaS RequirementSet ResourceRequirement PaaSRequirement"
    " CommunicationRequirement VerticalScaleRequirement ScriptConfiguration ServerlessConfiguration Data DataSource SecurityRequirement"
)
_VALUED: Final = "Attribute QualityAttribute MeasurableAttribute SecurityAttribute Certifiable"
HOOKS: Final[dict[str, Hook]] = {
    **dict.fromkeys(_ANNOTATED.split(), annotate),
    **dict.fromkeys(_VALUED.split(), attribute),
    "LogicalConstraint": logical,
    "IfThenConstraint": logical,
}
"""What is said in another way than by features."""
