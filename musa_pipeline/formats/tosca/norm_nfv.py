"""Types of the NFV profile 1.0 and of ETSI GS NFV-SOL 001 (clauses 5 to 8), as facts in the notation of builtin.py.

Editions of SOL 001 add properties to the same names, so types here are open: a property that the table lacks is no mistake.
"""

from typing import Final

TABLE: Final = """
[node_types]
nfv.Cp : Root ...
  .layer_protocols list<string> | entries valid_values ["ethernet","mpls","odu2","ipv4","ipv6","pseudo-wire"]
  .role string? | valid_values ["root","leaf"]
  .description string?
  .protocol list<nfv.CpProtocolData>?
  .trunk_mode boolean?
nfv.VNF : Root ...
  .descriptor_id string?
  .descriptor_version string?
  .provider string?
  .product_name string?
  .software_version string?
  .product_info_name string?
  .product_info_description string?
  .vnfm_info list<string>? | entries pattern "(^etsivnfm:v[0-9]?[0-9]\\.[0-9]?[0-9]\\.[0-9]?[0-9]$)|(^[0-9]+:[a-zA-Z0-9.-]+$)"
  .localization_languages list<string>?
  .default_localization_language string?
  .lcm_operations_configuration nfv.VnfLcmOperationsConfiguration?
  .monitoring_parameters list<nfv.VnfMonitoringParameter>?
  .flavour_id string?
  .flavour_description string?
  .vnf_profile nfv.VnfProfile?
  .id string?
  .vendor string?
  .version version?
  -virtualLink nfv.VirtualLinkable:nfv.VL:nfv.VirtualLinksTo:0..*
  -virtual_link nfv.VirtualLinkable::nfv.VirtualLinksTo:0..1
  *Vnflcm nfv.Vnflcm
nfv.VnfExtCp : nfv.Cp ...
  .virtual_network_interface_requirements list<nfv.VirtualNetworkInterfaceRequirements>?
  -external_virtual_link nfv.VirtualLinkable::nfv.VirtualLinksTo
  -internal_virtual_link nfv.VirtualLinkable::nfv.VirtualLinksTo
nfv.Vdu.Compute : Root ...
  .name string
  .description string
  .boot_order list<string>?
  .nfvi_constraints list<string>?
  .monitoring_parameters list<nfv.VnfcMonitoringParameter>?
  .vdu_profile nfv.VduProfile
  .sw_image_data nfv.SwImageData?
  .boot_data string?
  +virtual_compute nfv.VirtualCompute
  +virtual_binding nfv.VirtualBindable
  -virtual_storage nfv.VirtualStorage::nfv.AttachesTo:0..*
nfv.Vdu.VirtualBlockStorage : Root ...
  .virtual_block_storage_data nfv.VirtualBlockStorageData
  .sw_image_data nfv.SwImageData?
  +virtual_storage nfv.VirtualStorage
nfv.Vdu.VirtualObjectStorage : Root ...
  .virtual_object_storage_data nfv.VirtualObjectStorageData
  +virtual_storage nfv.VirtualStorage
nfv.Vdu.VirtualFileStorage : Root ...
  .virtual_file_storage_data nfv.VirtualFileStorageData
  +virtual_storage nfv.VirtualStorage
  -virtual_link nfv.VirtualLinkable::nfv.VirtualLinksTo
nfv.VduCp : nfv.Cp ...
  .bitrate_requirement integer? | >= 0
  .virtual_network_interface_requirements list<nfv.VirtualNetworkInterfaceRequirements>?
  .order integer? | >= 0
  .vnic_type string? | valid_values ["normal","virtio","direct-physical"]
  -virtual_link nfv.VirtualLinkable::nfv.VirtualLinksTo:0..1
  -virtual_binding nfv.VirtualBindable:nfv.Vdu.Compute:nfv.VirtualBindsTo:0..1
nfv.VnfVirtualLink : Root ...
  .connectivity_type nfv.ConnectivityType
  .description string?
  .test_access list<string>? | entries valid_values ["passive_monitoring","active_loopback"]
  .vl_profile nfv.VlProfile
  .monitoring_parameters list<nfv.VirtualLinkMonitoringParameter>?
  +virtual_linkable nfv.VirtualLinkable
nfv.VipCp : nfv.Cp ...
  .vip_function string | valid_values ["high_availability","load_balance"]
  -target Node::DependsOn:1..*
  -virtual_link nfv.VirtualLinkable::nfv.VipVirtualLinksTo:1..1
nfv.VDU : Compute ...
  +high_availability nfv.HA
  +virtualbinding nfv.VirtualBindable
  +monitoring_parameter nfv.Metric
  -high_availability nfv.HA:nfv.VDU:nfv.HA:0..1
nfv.VDU.Compute : Root ...
  +virtual_compute nfv.VirtualCompute
  +virtual_binding nfv.VirtualBindable
  +monitoring_parameter nfv.Metric
  -virtual_storage nfv.VirtualStorage:nfv.VDU.VirtualStorage:nfv.VDU.AttachedTo:0..*
nfv.VDU.VirtualStorage : Root ...
  +virtual_storage nfv.VirtualStorage
nfv.CP : network.Port ...
  .type string?
  -virtualLink nfv.VirtualLinkable:nfv.VL:nfv.VirtualLinksTo
  -virtualBinding nfv.VirtualBindable:nfv.VDU:nfv.VirtualBindsTo
nfv.VL : network.Network ...
  .vendor string?
  +virtual_linkable nfv.VirtualLinkable
nfv.VL.ELine : nfv.VL ...
nfv.VL.ELAN : nfv.VL ...
nfv.VL.ETree : nfv.VL ...
nfv.FP : Root ...
  .policy string?
  -forwarder nfv.Forwarder::nfv.ForwardsTo
nfv.NS : Root ...
  -virtual_link nfv.VirtualLinkable::nfv.VirtualLinksTo:0..*
nfv.NsVirtualLink : Root ...
  +virtual_linkable nfv.VirtualLinkable
nfv.Sap : nfv.Cp ...
  -external_virtual_link nfv.VirtualLinkable::nfv.VirtualLinksTo
  -internal_virtual_link nfv.VirtualLinkable::nfv.VirtualLinksTo
nfv.PNF : Root ...
  -virtual_link nfv.VirtualLinkable::nfv.VirtualLinksTo:0..*
nfv.PnfExtPort : nfv.Cp ...
  -external_virtual_link nfv.VirtualLinkable::nfv.VirtualLinksTo
nfv.NFP : Root ...
nfv.NfpPosition : Root ...
nfv.NfpPositionElement : Root ...
nfv.Forwarding : Root ...
nfv.Vdu.OsContainer : Root ...
  +container nfv.Container
nfv.Vdu.OsContainerDeployableUnit : Root ...
  +virtual_binding nfv.VirtualBindable
  +associable nfv.AssociableVdu
  -container nfv.Container:nfv.Vdu.OsContainer:nfv.DeploysTo:1..*
  -virtual_storage nfv.VirtualStorage::nfv.AttachesTo:0..*
nfv.VirtualCp : nfv.Cp ...
  -target nfv.VirtualBindable::DependsOn:1..*
nfv.Mciop : Root ...
  -associatedVdu nfv.AssociableVdu::nfv.MciopAssociates:1..*

[capability_types]
nfv.VirtualLinkable : Node
nfv.VirtualBindable : Node
nfv.VirtualCompute : Node
  .logical_node map<nfv.LogicalNodeData>?
  .requested_additional_capabilities map<nfv.RequestedAdditionalCapability>?
  .compute_requirements map<string>?
  .virtual_memory nfv.VirtualMemory
  .virtual_cpu nfv.VirtualCpu
  .virtual_local_storage list<nfv.VirtualBlockStorageData>?
nfv.VirtualStorage : Root
nfv.HA : Root
nfv.HA.ActiveActive : nfv.HA
nfv.HA.ActivePassive : nfv.HA
nfv.Metric : Root
nfv.Forwarder : Root
nfv.Container : Node
nfv.AssociableVdu : Node

[relationship_types]
nfv.VirtualLinksTo : DependsOn
  >nfv.VirtualLinkable
nfv.VirtualBindsTo : DependsOn
  >nfv.VirtualBindable
nfv.AttachesTo : Root
  >nfv.VirtualStorage
nfv.VDU.AttachedTo : nfv.AttachesTo
nfv.VipVirtualLinksTo : DependsOn
  >nfv.VirtualLinkable
nfv.HA : Root
  >nfv.HA
nfv.Monitor : ConnectsTo
  >nfv.Metric
nfv.ForwardsTo : Root
  >nfv.Forwarder
nfv.DeploysTo : DependsOn
  >nfv.Container
nfv.MciopAssociates : DependsOn
  >nfv.AssociableVdu
nfv.FP : Root ...

[policy_types]
nfv.InstantiationLevels : Root ...
  .levels map<nfv.InstantiationLevel> | min_length 1
  .default_level string?
nfv.VduInstantiationLevels : Root ...
  .levels map<nfv.VduLevel> | min_length 1
  >nfv.Vdu.Compute
nfv.VirtualLinkInstantiationLevels : Root ...
  .levels map<nfv.VirtualLinkBitrateLevel> | min_length 1
  >nfv.VnfVirtualLink
nfv.ScalingAspects : Root ...
  .aspects map<nfv.ScalingAspect> | min_length 1
nfv.VduScalingAspectDeltas : Root ...
  .aspect string
  .deltas map<nfv.VduLevel> | min_length 1
  >nfv.Vdu.Compute
nfv.VirtualLinkBitrateScalingAspectDeltas : Root ...
  .aspect string
  .deltas map<nfv.VirtualLinkBitrateLevel> | min_length 1
  >nfv.VnfVirtualLink
nfv.VduInitialDelta : Root ...
  .initial_delta nfv.VduLevel
  >nfv.Vdu.Compute
nfv.VirtualLinkBitrateInitialDelta : Root ...
  .initial_delta nfv.VirtualLinkBitrateLevel
  >nfv.VnfVirtualLink
nfv.AffinityRule : Placement ...
  .scope string | valid_values ["nfvi_node","zone","zone_group","nfvi_pop"]
  >nfv.Vdu.Compute,nfv.VnfVirtualLink,nfv.PlacementGroup
nfv.AntiAffinityRule : Placement ...
  .scope string | valid_values ["nfvi_node","zone","zone_group","nfvi_pop"]
  >nfv.Vdu.Compute,nfv.VnfVirtualLink,nfv.PlacementGroup
nfv.SecurityGroupRule : Root ...
  .description string?
  .direction string? = ingress | valid_values ["ingress","egress"]
  .ether_type string? = ipv4 | valid_values ["ipv4","ipv6"]
  .protocol string? = tcp
  .port_range_min integer? = 0 | >= 0 | <= 65535
  .port_range_max integer? = 65535 | >= 0 | <= 65535
  >nfv.VduCp,nfv.VnfExtCp
nfv.SupportedVnfInterface : Root ...
  .interface_name string | valid_values ["vnf_indicator","vnf_configuration"]
  .details nfv.InterfaceDetails?
  >nfv.VnfExtCp,nfv.VduCp

[group_types]
nfv.VNFFG : Root ...
nfv.PlacementGroup : Root
  .description string
  >nfv.Vdu.Compute,nfv.VnfVirtualLink

[artifact_types]
nfv.SwImage : Deployment.Image
Implementation.nfv.Mistral : Implementation

[interface_types]
nfv.Vnflcm : Root
  !instantiate terminate modify_information change_flavour change_external_connectivity operate heal scale scale_to_level
nfv.VnfIndicator : Root
"""
