"""The built-in types of other dialects, and what they are in the Simple Profile: Alien4Cloud's, Cloudify's, of drafts, of the MEC profile."""

from typing import Final

ALIEN: Final = """
[node_types]
Network : network.Network
  +connection Connectivity

[capability_types]
Connectivity : Root

[relationship_types]
AttachTo : AttachesTo
Network : network.LinksTo

[artifact_types]
ShellScript : Implementation.Bash

[interface_types]
node.lifecycle.Runnable : Root
  !submit cancel run
"""
"""Types of Alien4Cloud's archive of normative types that the norm has not."""

CLOUDIFY: Final = """
[node_types]
cloudify.nodes.Root : Root
cloudify.nodes.Tier : cloudify.nodes.Root
cloudify.nodes.Compute : Compute
  .ip string?
  .os_family string?
  .install_agent
  .cloudify_agent
  .agent_config
cloudify.nodes.Container : Container.Runtime
cloudify.nodes.Network : network.Network
cloudify.nodes.Subnet : network.Network
cloudify.nodes.Router : network.Network
cloudify.nodes.Port : network.Port
cloudify.nodes.VirtualIP : network.Port
cloudify.nodes.SecurityGroup : cloudify.nodes.Root
cloudify.nodes.LoadBalancer : LoadBalancer
cloudify.nodes.Volume : Storage.BlockStorage
cloudify.nodes.FileSystem : Storage.BlockStorage
  .use_external_resource
  .partition_type
  .fs_type
  .fs_mount_path
cloudify.nodes.ObjectStorage : Storage.ObjectStorage
cloudify.nodes.ObjectStorageContainer : Storage.ObjectStorage
cloudify.nodes.SoftwareComponent : SoftwareComponent
cloudify.nodes.WebServer : WebServer
  .port
cloudify.nodes.ApplicationServer : SoftwareComponent
cloudify.nodes.DBMS : DBMS
cloudify.nodes.Database : Database
cloudify.nodes.MessageBusServer : SoftwareComponent
cloudify.nodes.ApplicationModule : SoftwareComponent
cloudify.nodes.CloudifyManager : SoftwareComponent
cloudify.nodes.Component : Root
  .resource_config
  .client
  .plugins
  .secrets
cloudify.nodes.ServiceComponent : cloudify.nodes.Component
cloudify.nodes.SharedResource : cloudify.nodes.Root
  .resource_config
  .client
cloudify.nodes.Blueprint : cloudify.nodes.Root
  .resource_config
cloudify.nodes.PasswordSecret : cloudify.nodes.Root
  .length
  .uppercase
  .lowercase
  .digits
  .symbols
  .use_secret_if_exists
  .secret_name

[relationship_types]
cloudify.relationships.depends_on : DependsOn
cloudify.relationships.connected_to : ConnectsTo
cloudify.relationships.contained_in : HostedOn
cloudify.relationships.depends_on_lifecycle_operation : DependsOn
cloudify.relationships.depends_on_shared_resource : DependsOn
cloudify.relationships.connected_to_shared_resource : ConnectsTo
cloudify.relationships.file_system_depends_on_volume : AttachesTo
cloudify.relationships.file_system_contained_in_compute : AttachesTo

[policy_types]
cloudify.policies.scaling : Scaling
  .min_instances
  .max_instances
  .default_instances
cloudify.policies.types.host_failure : Root
  .service
  .interval_between_workflows
cloudify.policies.types.threshold : Root
  .service
  .threshold
  .upper_bound
  .stability_time
  .interval_between_workflows
cloudify.policies.types.ewma_stabilized : cloudify.policies.types.threshold
  .ewma_timeless_r
"""
"""Types that every Cloudify manager brings, by what they are in the Simple Profile."""

MEC: Final = """
[node_types]
mec.MEA : Root
  .id string?
  .vendor string?
  .version version?
  -virtualLink mec.VirtualLinkable:mec.VL:mec.VirtualLinksTo
mec.VDU : Compute
  +high_availability mec.HA
  +virtualbinding mec.VirtualBindable
  +monitoring_parameter mec.Metric
  -high_availability mec.HA:mec.VDU:mec.HA:0..1
mec.CP : network.Port
  .type string?
  -virtualLink mec.VirtualLinkable:mec.VL:mec.VirtualLinksTo
  -virtualBinding mec.VirtualBindable:mec.VDU:mec.VirtualBindsTo
mec.VL : network.Network
  .vendor string?
  +virtual_linkable mec.VirtualLinkable
mec.VL.ELine : mec.VL
mec.VL.ELAN : mec.VL
mec.VL.ETree : mec.VL
mec.FP : Root
  .policy string?
  -forwarder mec.Forwarder::mec.ForwardsTo

[capability_types]
mec.VirtualLinkable : network.Linkable
mec.VirtualBindable : network.Bindable
mec.HA : Root
mec.HA.ActiveActive : mec.HA
mec.HA.ActivePassive : mec.HA
mec.Metric : Root
mec.Forwarder : Root

[relationship_types]
mec.VirtualLinksTo : network.LinksTo
mec.VirtualBindsTo : network.BindsTo
mec.HA : Root
mec.Monitor : ConnectsTo
mec.ForwardsTo : Root
"""
"""The profile for multi-access edge computing, as OpenStack's tools know it."""
