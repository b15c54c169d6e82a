"""Data types of the NFV profile 1.0 and of ETSI GS NFV-SOL 001 (clauses 5 to 8), as facts in the notation of builtin.py.

Editions add properties here too: a property that the table lacks is no mistake.
"""

from typing import Final

TABLE: Final = """
[data_types]
nfv.L2AddressData : Root ...
  .mac_address_assignment boolean
nfv.L3AddressData : Root ...
  .ip_address_assignment boolean
  .floating_ip_activated boolean
  .ip_address_type string? | valid_values ["ipv4","ipv6"]
  .number_of_ip_address integer? | > 0
nfv.AddressData : Root ...
  .address_type string | valid_values ["mac_address","ip_address"]
  .l2_address_data nfv.L2AddressData?
  .l3_address_data nfv.L3AddressData?
nfv.ConnectivityType : Root ...
  .layer_protocols list<string> | entries valid_values ["ethernet","mpls","odu2","ipv4","ipv6","pseudo-wire"]
  .flow_pattern string? | valid_values ["line","tree","mesh"]
nfv.LinkBitrateRequirements : Root ...
  .root integer | >= 0
  .leaf integer? | >= 0
nfv.CpProtocolData : Root ...
  .associated_layer_protocol string | valid_values ["ethernet","mpls","odu2","ipv4","ipv6","pseudo-wire"]
  .address_data list<nfv.AddressData>?
nfv.VnfProfile : Root ...
  .instantiation_level string?
  .min_number_of_instances integer | >= 0
  .max_number_of_instances integer | >= 0
nfv.Qos : Root ...
  .latency scalar-unit.time | > "0 s"
  .packet_delay_variation scalar-unit.time | >= "0 s"
  .packet_loss_ratio float? | in_range [0.0,1.0]
nfv.VirtualNetworkInterfaceRequirements : Root ...
  .name string?
  .description string?
  .support_mandatory boolean
  .network_interface_requirements map<string>
  .nic_io_requirements nfv.LogicalNodeData?
nfv.RequestedAdditionalCapability : Root ...
  .requested_additional_capability_name string
  .support_mandatory boolean
  .min_requested_additional_capability_version string?
  .preferred_requested_additional_capability_version string?
  .target_performance_parameters map<string>
nfv.VirtualMemory : Root ...
  .virtual_mem_size scalar-unit.size
  .virtual_mem_oversubscription_policy string?
  .vdu_mem_requirements map<string>?
  .numa_enabled boolean? = false
nfv.VirtualCpu : Root ...
  .cpu_architecture string?
  .num_virtual_cpu integer | > 0
  .virtual_cpu_clock scalar-unit.frequency?
  .virtual_cpu_oversubscription_policy string?
  .vdu_cpu_requirements map<string>?
  .virtual_cpu_pinning nfv.VirtualCpuPinning?
nfv.VirtualCpuPinning : Root ...
  .virtual_cpu_pinning_policy string? | valid_values ["static","dynamic"]
  .virtual_cpu_pinning_rule list<string>?
nfv.VnfcConfigurableProperties : Root ...
nfv.VnfcAdditionalConfigurableProperties : Root ...
nfv.VduProfile : Root ...
  .min_number_of_instances integer | >= 0
  .max_number_of_instances integer | >= 0
nfv.VlProfile : Root ...
  .max_bitrate_requirements nfv.LinkBitrateRequirements
  .min_bitrate_requirements nfv.LinkBitrateRequirements
  .qos nfv.Qos?
  .virtual_link_protocol_data list<nfv.VirtualLinkProtocolData>?
nfv.VirtualLinkProtocolData : Root ...
  .associated_layer_protocol string | valid_values ["ethernet","mpls","odu2","ipv4","ipv6","pseudo-wire"]
  .l2_protocol_data nfv.L2ProtocolData?
  .l3_protocol_data nfv.L3ProtocolData?
nfv.L2ProtocolData : Root ...
  .name string?
  .network_type string? | valid_values ["flat","vlan","vxlan","gre"]
  .vlan_transparent boolean? = false
  .mtu integer? | > 0
  .segmentation_id string?
nfv.L3ProtocolData : Root ...
  .name string?
  .ip_version string | valid_values ["ipv4","ipv6"]
  .cidr string
  .ip_allocation_pools list<nfv.IpAllocationPool>?
  .gateway_ip string?
  .dhcp_enabled boolean?
  .ipv6_address_mode string? | valid_values ["slaac","dhcpv6-stateful","dhcpv6-stateless"]
nfv.IpAllocationPool : Root ...
  .start_ip_address string
  .end_ip_address string
nfv.InstantiationLevel : Root ...
  .description string
  .scale_info map<nfv.ScaleInfo>?
nfv.VduLevel : Root ...
  .number_of_instances integer | >= 0
nfv.VnfLcmOperationsConfiguration : Root ...
  .instantiate nfv.VnfInstantiateOperationConfiguration?
  .scale nfv.VnfScaleOperationConfiguration?
  .scale_to_level nfv.VnfScaleToLevelOperationConfiguration?
  .change_flavour nfv.VnfChangeFlavourOperationConfiguration?
  .heal nfv.VnfHealOperationConfiguration?
  .terminate nfv.VnfTerminateOperationConfiguration?
  .operate nfv.VnfOperateOperationConfiguration?
  .change_ext_connectivity nfv.VnfChangeExtConnectivityOperationConfiguration?
nfv.VnfInstantiateOperationConfiguration : Root ...
nfv.VnfScaleOperationConfiguration : Root ...
  .scaling_by_more_than_one_step_supported boolean? = false
nfv.VnfScaleToLevelOperationConfiguration : Root ...
  .arbitrary_target_levels_supported boolean
nfv.VnfHealOperationConfiguration : Root ...
  .causes list<string>?
nfv.VnfTerminateOperationConfiguration : Root ...
  .min_graceful_termination_timeout scalar-unit.time
  .max_recommended_graceful_termination_timeout scalar-unit.time?
nfv.VnfOperateOperationConfiguration : Root ...
  .min_graceful_stop_timeout scalar-unit.time
  .max_recommended_graceful_stop_timeout scalar-unit.time?
nfv.ScaleInfo : Root ...
  .scale_level integer | >= 0
nfv.ScalingAspect : Root ...
  .name string
  .description string
  .max_scale_level integer | >= 0
  .step_deltas list<string>?
nfv.VnfConfigurableProperties : Root ...
  .is_autoscale_enabled boolean?
  .is_autoheal_enabled boolean?
  .vnfm_interface_info nfv.VnfmInterfaceInfo?
  .vnfm_oauth_server_info nfv.OauthServerInfo?
  .vnf_oauth_server_info nfv.OauthServerInfo?
nfv.VnfAdditionalConfigurableProperties : Root ...
  .is_writable_anytime boolean? = false
nfv.VnfInfoModifiableAttributes : Root ...
nfv.VnfInfoModifiableAttributesExtensions : Root ...
nfv.VnfInfoModifiableAttributesMetadata : Root ...
nfv.LogicalNodeData : Root ...
  .logical_node_requirements map<string>?
nfv.SwImageData : Root ...
  .name string
  .version string
  .checksum nfv.ChecksumData
  .container_format string | valid_values ["aki","ami","ari","bare","docker","ova","ovf"]
  .disk_format string | valid_values ["aki","ami","ari","iso","qcow2","raw","vdi","vhd","vhdx","vmdk"]
  .min_disk scalar-unit.size | >= "0 B"
  .min_ram scalar-unit.size? | >= "0 B"
  .size scalar-unit.size
  .operating_system string?
  .supported_virtualisation_environments list<string>?
  .provider string?
nfv.VirtualBlockStorageData : Root ...
  .size_of_storage scalar-unit.size | >= "0 B"
  .vdu_storage_requirements map<string>?
  .rdma_enabled boolean? = false
nfv.VirtualObjectStorageData : Root ...
  .max_size_of_storage scalar-unit.size? | >= "0 B"
nfv.VirtualFileStorageData : Root ...
  .size_of_storage scalar-unit.size | >= "0 B"
  .file_system_protocol string
nfv.VirtualLinkBitrateLevel : Root ...
  .bitrate_requirements nfv.LinkBitrateRequirements
nfv.VnfOperationAdditionalParameters : Root ...
nfv.VnfChangeFlavourOperationConfiguration : Root ...
nfv.VnfChangeExtConnectivityOperationConfiguration : Root ...
nfv.VnfMonitoringParameter : Root ...
  .name string
  .performance_metric string
  .collection_period scalar-unit.time? | > "0 s"
nfv.VnfcMonitoringParameter : Root ...
  .name string
  .performance_metric string
  .collection_period scalar-unit.time? | > "0 s"
nfv.VirtualLinkMonitoringParameter : Root ...
  .name string
  .performance_metric string
  .collection_period scalar-unit.time? | > "0 s"
nfv.InterfaceDetails : Root ...
  .uri_components nfv.UriComponents?
  .interface_specific_data map<string>?
nfv.UriComponents : Root ...
  .scheme string
  .authority nfv.UriAuthority?
  .path string?
  .query string?
  .fragment string?
nfv.UriAuthority : Root ...
  .user_info string?
  .host string?
  .port string?
nfv.ChecksumData : Root ...
  .algorithm string | valid_values ["sha-224","sha-256","sha-384","sha-512"]
  .hash string
nfv.VnfmInterfaceInfo : Root ...
  .interface_name string | valid_values ["vnf_lcm","vnf_pm","vnf_fm"]
  .details nfv.InterfaceDetails?
  .credentials map<string>?
nfv.OauthServerInfo : Root ...
nfv.BootData : Root ...
  .vim_specific_properties nfv.BootDataVimSpecificProperties?
  .kvp_data nfv.KvpData?
  .content_or_file_data nfv.ContentOrFileData?
nfv.KvpData : Root ...
  .data map<string>?
nfv.ContentOrFileData : Root ...
  .data map<string>?
  .content string?
  .source_path string?
  .destination_path string?
nfv.BootDataVimSpecificProperties : Root ...
  .vim_type string
  .properties map<string>
"""
