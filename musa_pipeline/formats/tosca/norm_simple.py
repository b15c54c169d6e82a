"""The normative types of TOSCA Simple Profile 1.0 to 1.3 (section 5) and of its profile for 2.0, as facts in the notation of builtin.py.

Where editions differ, the table has what any of them says: the first edition with a type stands after `@`, a property is
required only where every edition requires it, and a container may ask for `Container`, of which `Compute` is a kind since 1.2.
"""

from typing import Final

TABLE: Final = """
[node_types]
Root
  +feature Node
  -dependency Node:Root:DependsOn:0..*
  *Standard node.lifecycle.Standard
Abstract.Compute : Root @1.2
  +host Compute
Compute : Abstract.Compute
  +host Compute from SoftwareComponent
  +endpoint Endpoint.Admin
  +os OperatingSystem
  +scalable Scalable
  +binding network.Bindable
  -local_storage Attachment:Storage.BlockStorage:AttachesTo:0..*
SoftwareComponent : Root
  .component_version version?
  .admin_credential Credential?
  -host Container:Compute:HostedOn
WebServer : SoftwareComponent
  +data_endpoint Endpoint
  +admin_endpoint Endpoint.Admin
  +host Container from WebApplication
WebApplication : Root
  .context_root string?
  +app_endpoint Endpoint
  -host Container:WebServer:HostedOn
DBMS : SoftwareComponent
  .root_password string?
  .port integer?
  +host Container from Database
Database : Root
  .name string
  .port integer?
  .user string?
  .password string?
  +database_endpoint Endpoint.Database
  -host Container:DBMS:HostedOn
Abstract.Storage : Root @1.2
  .name string?
  .size scalar-unit.size? = "0 MB" | >= "0 MB"
Storage.ObjectStorage : Abstract.Storage @1.1
  .name string
  .maxsize scalar-unit.size? | >= "0 GB"
  +storage_endpoint Endpoint
Storage.BlockStorage : Abstract.Storage @1.2
  .size scalar-unit.size? | >= "1 MB"
  .volume_id string?
  .snapshot_id string?
  +attachment Attachment
ObjectStorage : Storage.ObjectStorage
BlockStorage : Storage.BlockStorage
Container.Runtime : SoftwareComponent
  +host Compute from Container.Application
  +scalable Scalable
Container.Application : Root
  -host Container:Container.Runtime:HostedOn
  -storage Storage::
  -network Endpoint::
LoadBalancer : Root
  .algorithm string?
  +client Endpoint.Public
  -application Endpoint::RoutesTo:0..*
network.Network : Root
  .ip_version integer? = 4 | valid_values [4,6]
  .cidr string?
  .start_ip string?
  .end_ip string?
  .gateway_ip string?
  .network_name string?
  .network_id string?
  .segmentation_id string?
  .network_type string?
  .physical_network string?
  .dhcp_enabled boolean? = true
  +link network.Linkable
network.Port : Root
  .ip_address string?
  .order integer? = 0 | >= 0
  .is_default boolean? = false
  .ip_range_start string?
  .ip_range_end string?
  -link network.Linkable::network.LinksTo
  -binding network.Bindable::network.BindsTo

[capability_types]
Root
Node : Root
Container : Root
  .num_cpus integer? | >= 1
  .cpu_frequency scalar-unit.frequency? | >= "0.1 GHz"
  .disk_size scalar-unit.size? | >= "0 MB"
  .mem_size scalar-unit.size? | >= "0 MB"
Container.Docker : Container
  .version list<version>?
  .publish_all boolean? = false
  .publish_ports list<network.PortSpec>?
  .expose_ports list<network.PortSpec>?
  .volumes list<string>?
  .host_id string?
  .volume_id string?
Compute : Container @1.1
  .name string?
Network : Root @1.1
  .name string?
Storage : Root @1.1
  .name string?
Endpoint : Root
  .protocol string = tcp
  .port network.PortDef?
  .secure boolean? = false
  .url_path string?
  .port_name string?
  .network_name string? = PRIVATE
  .initiator string? = source | valid_values ["source","target","peer"]
  .ports map<network.PortSpec>? | min_length 1
Endpoint.Public : Endpoint
  .network_name string = PUBLIC | == PUBLIC
  .floating boolean? = false
  .dns_name string?
Endpoint.Admin : Endpoint
  .secure boolean = true | == true
Endpoint.Database : Endpoint
Attachment : Root
OperatingSystem : Root
  .architecture string?
  .type string?
  .distribution string?
  .version version?
Scalable : Root
  .min_instances integer = 1
  .max_instances integer = 1
  .default_instances integer?
network.Bindable : Node
network.Linkable : Node

[relationship_types]
Root
  *Configure relationship.Configure
DependsOn : Root
  >Node
HostedOn : Root
  >Container
ConnectsTo : Root
  .credential Credential?
  >Endpoint
AttachesTo : Root
  .location string? | min_length 1
  .device string?
  >Attachment
RoutesTo : ConnectsTo
  >Endpoint
network.LinksTo : DependsOn
  >network.Linkable
network.BindsTo : DependsOn
  >network.Bindable

[policy_types]
Root
Placement : Root ...
Scaling : Root ...
Update : Root ...
Performance : Root ...
Monitoring : Root ...
Reservation : Root ...

[group_types]
Root

[artifact_types]
Root
File : Root
Deployment : Root
Deployment.Image : Deployment
Deployment.Image.VM : Deployment.Image
Deployment.Image.Container.Docker : Deployment.Image
Deployment.Image.VM.ISO : Deployment.Image.VM
Deployment.Image.VM.QCOW2 : Deployment.Image.VM
Implementation : Root
Implementation.Bash : Implementation
Implementation.Python : Implementation
template : Root @1.3
template.Jinja2 : template @1.3
template.Twig : template @1.3

[interface_types]
Root
node.lifecycle.Standard : Root
  !create configure start stop delete
relationship.Configure : Root
  !pre_configure_source pre_configure_target post_configure_source post_configure_target
  !add_target add_source target_changed remove_target remove_source

[data_types]
Root
Credential : Root
  .protocol string?
  .token_type string? = password
  .token string
  .keys map<string>?
  .user string?
TimeInterval : Root @1.1
  .start_time timestamp
  .end_time timestamp
network.NetworkInfo : Root
  .network_name string?
  .network_id string?
  .addresses list<string>?
network.PortInfo : Root
  .port_name string?
  .port_id string?
  .network_id string?
  .mac_address string?
  .addresses list<string>?
network.PortDef : integer
  | in_range [1,65535]
network.PortSpec : Root
  .protocol string = tcp | valid_values ["udp","tcp","igmp"]
  .target network.PortDef?
  .target_range range?
  .source network.PortDef?
  .source_range range?
json : string @1.2
xml : string @1.2
"""
