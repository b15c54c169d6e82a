"""CAMEL of PaaSage, 2014 to 2015.9, as XMI: the metamodels of three years in one table, since a file does not say which it follows."""

from typing import Final

from musa_pipeline.formats.camel.xmi.build import Hook
from musa_pipeline.formats.camel.xmi.elder import machine

TABLE: Final = r"""
CamelModel - actions+Action applications+Application deploymentModels+DeploymentModel executionModels+ExecutionModel \
    locationModels+LocationModel metricModels+MetricModel organisationModels+OrganisationModel providerModels+ProviderModel \
    requirementModels+RequirementModel scalabilityModels+ScalabilityModel securityModels+SecurityModel typeModels+TypeModel \
    unitModels+UnitModel units+Unit requirements+Requirement policies+Requirement vmType+VMType vmTypes+VMType vmInfos+VMInfo \
    agreementModels+Other nodes+Other objects+Other typeRepositories+Other provenanceModels+ExecutionModel cerifModels+OrganisationModel \
    independentVmInfos+Other importURI name
Other .
Action Action type=type:word
Application Application version=version description=description owner>owner deploymentModels>deployments

DeploymentModel =deployment internalComponents+InternalComponent vms+VM externalComponents+VM components+InternalComponent \
    communications+Communication hostings+Hosting vmRequirementSets+VMRequirementSet globalVMRequirementSet^GlobalSet=set images+Other providers \
    internalComponentInstances+InternalComponentInstance vmInstances+VMInstance externalComponentInstances+VMInstance \
    componentInstances+InternalComponentInstance communicationInstances+CommunicationInstance hostingInstances+HostingInstance \
    properties+Other resources+Other importURI
Component - providedCommunications+ProvidedCommunication=provided ProvidedCommunications+ProvidedCommunication=provided \
    providedHosts+ProvidedHost=hosts configurations+Configuration=configurations resources+Configuration=configurations properties+Other
InternalComponent InternalComponent < Component requiredCommunications+RequiredCommunication=required requiredHost+RequiredHost=needs \
    compositeInternalComponents+InternalComponent version=versions
VM VM < Component vmRequirementSet>sets provider location minRam maxRam ramUnit minCores maxCores minStorage maxStorage storageUnit \
    minCPU maxCPU os is64os vmType privateSshKey privateSSHKey imageId endPoint
ExternalComponent External < Component provider location endPoint
Port - owner component portNumber=port:port isLocal resources+Other properties+Other
ProvidedCommunication ProvidedPort < Port offers
RequiredCommunication RequiredPort < Port isMandatory=mandatory:flag demands
ProvidedHost ProvidedHost owner component offers properties+Other resources+Other
RequiredHost RequiredHost owner component demands properties+Other resources+Other
Configuration Configuration downloadCommand!download: uploadCommand!upload: installCommand!install: configureCommand!configure: \
    startCommand!start: stopCommand!stop: properties+Other
ComputationalResource Configuration < Configuration
Communication Communication type=type:word communicationType=type:word requiredCommunication>source|needed \
    providedCommunication>target|needed \
    providedPortConfiguration+Configuration=here requiredPortConfiguration+Configuration=there providedPortResource+Configuration=here \
    requiredPortResource+Configuration=there dataObject ofDataObject resources+Other properties+Other
Hosting Hosting requiredHost>source|needed providedHost>target|needed providedHostConfiguration+Other requiredHostConfiguration+Other \
    providedHostResource+Other requiredHostResource+Other resources+Other properties+Other
VMRequirementSet RequirementSet locationRequirement>location qualitativeHardwareRequirement>qualitative \
    quantitativeHardwareRequirement>quantitative osOrImageRequirement>os providerRequirement>provider
Instance - type instantiatedOn destroyedOn providedCommunicationInstances+PortInstance ProvidedCommunicationInstances+PortInstance \
    requiredCommunicationInstances+PortInstance providedHostInstances+PortInstance requiredHostInstance+PortInstance \
    properties+Other resources+Other
InternalComponentInstance ComponentInstance < Instance
VMInstance VMInstance < Instance ip publicAddress ips createdOn vmType vmTypeValue hasInfo hasConfig vmInfo
PortInstance . owner type componentInstance
CommunicationInstance CommunicationInstance type>type requiredCommunicationInstance providedCommunicationInstance
HostingInstance HostingInstance type>type requiredHostInstance providedHostInstance

RequirementModel =requirement requirements+Requirement importURI
Requirement - priority
Bounds - minCPU..maxCPU=cpu minCores..maxCores=core minRAM..maxRAM=ram minStorage..maxStorage=storage priority @name,id
QuantitativeHardwareRequirement QuantitativeHardware < Bounds
QualitativeHardwareRequirement QualitativeHardware minBenchmark..maxBenchmark=benchmark priority
OSRequirement OSRequirement os=os|- is64os=wide:flag|true priority
ImageRequirement ImageRequirement imageId=image|- imageID=image priority
ProviderRequirement ProviderRequirement providers>providers priority
LocationRequirement LocationRequirement locations>locations priority
HorizontalScaleRequirement HorizontalScale minInstances..maxInstances=instances component>component priority
VerticalScaleRequirement VerticalScale < Bounds vm>vm
HorizontalScalabilityPolicy HorizontalScale < HorizontalScaleRequirement
HorizontalScalingPolicy HorizontalScale < HorizontalScaleRequirement
VerticalScalabilityPolicy VerticalScale < VerticalScaleRequirement
VerticalScalingPolicy VerticalScale < VerticalScaleRequirement
SecurityRequirement SecurityRequirement securityControls>controls application>application component>component priority
ServiceLevelObjective ServiceLevel customServiceLevel>condition priority
SecuritySLO SecurityServiceLevel < ServiceLevelObjective
OptimisationRequirement Optimisation optimisationFunction=function:word metric>metric metricContext>context property>property \
    application>application component>component priority=priority:number
RequirementGroup Group requirementOperator=operator:word requirements requirement application onApplication posedBy user priority

LocationModel =location countries+Country regions+GeographicalRegion continents+GeographicalRegion cloudLocations+CloudLocation importURI
GeographicalRegion Region @id,abbreviation,name name=title parentRegions>parents alternativeNames=others
Country Country < GeographicalRegion @id,abbreviation,name
Place Country @countryCode,country,name country=title city latitude longitude address name
CloudLocation CloudLocation isAssignable=assignable:flag subLocations+CloudLocation=parts parent>above geographicalRegion>region

MetricModel =metric contexts+Context metrics+RawMetric metricInstances+MetricInstance conditions+MetricCondition properties+Property \
    bindings+Binding windows+Window schedules+Schedule parameters+Parameter sensors+Sensor units+Unit importURI
Context - component>component application>application quantifier=quantifier:word isRelative=relative:flag minQuantity..maxQuantity=quantity
MetricContext - < Context metric>metric window>window schedule>schedule
RawMetricContext RawContext < MetricContext sensor>sensor
CompositeMetricContext CompositeContext < MetricContext composingMetricContexts>contexts
PropertyContext PropertyContext < Context property>property
Metric - description=description valueDirection=direction:whole layer=layer:word property>property unit>unit valueType+ValueType=type \
    isVariable=variable:flag template sensor objectBinding type formula componentMetrics hasTemplate measures id
RawMetric RawMetric < Metric
CompositeMetric CompositeMetric < Metric formula+MetricFormula=formula
MetricFormula Formula function=function:word functionArity=arity:word functionPattern=pattern:word parameters>of
Parameter Parameter value+Other
MetricInstance RawInstance metric>metric sensor>sensor objectBinding>binding schedule>schedule window>window metricContext>context \
    composingMetricInstances valueType+Other id
RawMetricInstance RawInstance < MetricInstance
CompositeMetricInstance CompositeInstance metric>metric objectBinding>binding schedule>schedule window>window metricContext>context \
    composingMetricInstances>instances valueType+Other id
Condition - threshold=threshold:number|0.0 comparisonOperator=operator:compare|GREATER_THAN validity=validity:word application component
MetricCondition MetricCondition < Condition context>context metricContext>context|quiet metric
MetricTemplateCondition . < MetricCondition metricTemplate
PropertyCondition PropertyCondition < Condition propertyContext>context|needed unit>unit timeUnit>timeunit
Property Property description=description type=type:word subProperties>parts sensors>sensors
Sensor Sensor configuration=configuration isPush=push:flag
Window Window windowType=type:word|FIXED sizeType=size:word|MEASUREMENTS_ONLY measurementSize=measurements:whole timeSize=time:whole unit>unit
Schedule Schedule type=type:word|FIXED_RATE interval=interval:whole unit>unit start=start:word end=end:word repetitions=repetitions:whole
Binding Binding executionContext>context vmInstance>vm componentInstance>component
MetricApplicationBinding Binding < Binding
MetricComponentBinding Binding < Binding
MetricVMBinding Binding < Binding

SecurityModel =security securityControls+SecurityControl securityRequirements+SecurityRequirement securityProperties+SecurityProperty \
    rawSecurityMetrics+RawSecurityMetric compositeSecurityMetrics+CompositeSecurityMetric securityDomains+SecurityDomain \
    rawSecurityMetricInstances+RawSecurityMetricInstance compositeSecurityMetricInstances+CompositeSecurityMetricInstance \
    securityCapabilities+SecurityCapability securitySLOs+SecuritySLO importURI
SecurityDomain Domain @id,name name=title subDomain>parts subDomains>parts
SecurityControl SecurityControl specification=specification domain>domain subDomain>part securityProperties>properties \
    rawSecurityMetrics>raw compositeSecurityMetrics>composite
SecurityProperty SecurityProperty < Property domain>domain
Certifiable SecurityProperty < SecurityProperty
RawSecurityMetric RawSecurityMetric < Metric
CompositeSecurityMetric CompositeSecurityMetric < Metric formula+MetricFormula=formula
RawSecurityMetricInstance RawSecurityInstance < RawMetricInstance
CompositeSecurityMetricInstance CompositeSecurityInstance < CompositeMetricInstance
SecurityCapability SecurityCapability securityControls>controls dataCenter>centre

OrganisationModel =organisation organisation+Organisation organization+Organisation provider+CloudProvider \
    externalIdentifiers+ExternalIdentifier users+User userGroups+UserGroup dataCentres+DataCenter roles+Role \
    roleAssigments+RoleAssignment permissions+Permission resourceFilters+ResourceFilter securityLevel locations+Place resources+Other \
    allowedActions+Other importURI
Organisation Organisation www=www postalAddress=address email=email
Organization Organisation < Organisation
CloudProvider Provider < Organisation public=public:flag SaaS=saas:flag PaaS=paas:flag IaaS=iaas:flag providerModel>model \
    securityCapability>capabilities offersSecControl
User User @name,id,lastName firstName=first lastName=last email=email www=www login paasageCredentials+PaaSageCredentials=secret \
    cloudCredentials+CloudCredentials=clouds credentials+CloudCredentials=clouds hasCredentials+CloudCredentials=clouds \
    externalIdentifiers+ExternalIdentifier=identifiers hasExternalIdentifier+ExternalIdentifier=identifiers \
    requirementModels>requirements requirements hasRequirement deploymentModels>deployments deploymentModel>deployments worksFor \
    organizations organisations
PaaSageCredentials . password username id
CloudCredentials . cloudProvider securityGroup publicSSHKey privateSSHKey username password
ExternalIdentifier ExternalId @identifier,name description=description
DataCenter DataCentre codeName=code location>location hasLocation>location cloudProvider ofCloudProvider
UserGroup UserGroup users>users member>users
Role Role
RoleAssignment RoleAssignment user>user ofUser>user role>role toRole>role userGroup>group ofGroup>group startTime=start:word \
    endTime=end:word assignmentTime=on:word start=start:word end=end:word assignedOn=on:word assignedBy
Permission Permission role>role forRole>role startTime=start:word endTime=end:word resourceFilter>filter action=action:word start end \
    issuedBy onResource toAction
ResourceFilter Filter resourcePattern=pattern:word informationResourcePath=path serviceURL=url everyInformationResource=everything:flag \
    everyService=everything:flag
InformationResourceFilter Filter < ResourceFilter
ServiceResourceFilter Filter < ResourceFilter

ProviderModel =provider constraints+Constraint rootFeature+Feature importURI
Feature Feature attributes+Attribute=attributes subFeatures+Feature=features featureCardinality+Other clones+Other
Alternative Feature < Feature groupCardinality+Other variants+Feature
Exclusive Feature < Alternative
Attribute Attribute unitType=unit:word valueType+Other value+Other
Constraint Constraint from>source to>target attributeConstraints+Other scopeFrom+Other scopeTo+Other cardFrom+Other cardTo+Other \
    type order value
Excludes Constraint < Constraint
Implies Constraint < Constraint
Requires Constraint < Constraint
Functional Constraint < Constraint

ScalabilityModel =scalability rules+ScalabilityRule events+Event eventInstances+EventInstance actions+HorizontalScalingAction \
    patterns+BinaryEventPattern timers+Timer scaleRequirements+HorizontalScaleRequirement policies+HorizontalScalabilityPolicy \
    metricTemplates+RawMetric metrics+RawMetric conditions+MetricCondition contexts+RawMetricContext properties+Property sensors+Sensor \
    units+Unit bindings+Binding bindingInstances+Other metricInstances+Other formulas+Other importURI
ScalabilityRule ScalabilityRule event>event actions>actions entity>entities scaleRequirements>requirements scalabilityPolicies>requirements \
    relatedEvent>event mapsToActions>actions
Event .
SimpleEvent .
FunctionalEvent FunctionalEvent functionalType=type
NonFunctionalEvent NonFunctionalEvent metricCondition>condition condition>condition isViolation=violation:flag metricTemplateCondition
BinaryEventPattern BinaryPattern leftEvent>left rightEvent>right timer>timer operator=operator:word lowerOccurrenceBound=lower:whole \
    upperOccurrenceBound=upper:whole
UnaryEventPattern UnaryPattern event>event timer>timer operator=operator:word occurrenceNum=number:whole
EventInstance EventInstance status=status:word layer=layer:word event>event metricInstance>metric
HorizontalScalingAction HorizontalAction type=type:word vm>vm internalComponent>component count=count:whole vmInstance \
    componentInstance component storageUpdate
VerticalScalingAction VerticalAction type=type:word vm>vm coreUpdate=cores:whole CPUUpdate=cpu:number memoryUpdate=memory:whole \
    storageUpdate=storage:whole ioUpdate=io:whole networkUpdate=network:whole
Timer Timer type=type:word timeValue=value:whole unit>unit maxOccurrenceNum=number:whole

UnitModel =unit units+Unit importURI
Unit Item unit=unit:word|BYTES dimensionType
CoreUnit Item < Unit
Dimensionless Item < Unit
Unitless Item < Unit
MonetaryUnit Item < Unit
RequestUnit Item < Unit
StorageUnit Item < Unit
ThroughputUnit Item < Unit
TimeIntervalUnit Item < Unit
TransactionUnit Item < Unit

TypeModel =type dataTypes+ValueType values+Other importURI
ValueType - primitiveType values+Other type lowerLimit+Other upperLimit+Other ranges+Other
BooleanValueType BoolType < ValueType
StringValueType StringType < ValueType
Enumeration Enumeration < ValueType
List ListType < ValueType
Range RangeType < ValueType
RangeUnion RangeUnion < ValueType
BoolValue .
EnumerateValue .
IntegerValue .
IntValue .
FloatsValue .
FloatValue .
DoublePrecisionValue .
DoubleValue .
NegativeInf .
PositiveInf .
ValueToIncrease .
StringsValue .
StringValue .

ExecutionModel =execution actionRealisations+Other eventInstances+EventInstance executionContexts+ExecutionContext measurements+Other \
    sloAssessessments+Other ruleTriggers+Other executionContext+ExecutionContext measurement+Other sloAssess+Other ruleTrigger+Other \
    actionRealization+Other importURI
ExecutionContext ExecutionContext application>application ofApplication>application startTime=start:word endTime=end:word \
    totalCost=cost:number costUnit>unit deploymentModel>deployment involvesDeployment>deployment requirementGroup>group \
    basedOnRequirements>group
VMType . feature constraints
VMInfo . type ofVM dataCenter costPerHour costUnit benchmarkRate evaluatedOn classifiedOn
"""
HOOKS: Final[dict[str, Hook]] = {"VM": machine}
"""What is said in another way than by features."""
