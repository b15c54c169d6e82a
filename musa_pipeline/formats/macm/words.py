"""The vocabulary of composition models: labels, relations, asset types (VSecLab 2026), what older files call them, and our kinds."""

from typing import Final

PARTY, CSP, SERVICE, HW, NETWORK, VIRTUAL, LAYER = PRIMARY = (
    *("Party", "CSP", "Service", "HW", "Network", "Virtual", "SystemLayer"),
)
"""Primary labels."""
AGENT, SLA = "Agent", "SLA"
"""Labels of the extension: what protects, and what is promised (MUSA 2017)."""
EXTENSION: Final = frozenset({"protects", "grants", "supports"})
"""Relations of MUSA's first models that the schema of 2026 no longer has; we write the first two, marked."""
OURS: Final = "musa_"
"""How properties begin that we write, since the notation has no word of its own for what they say."""

OS, FIRMWARE, HYPERVISOR, RUNTIME = (f"SystemLayer.{each}" for each in ("OS", "Firmware", "HyperVisor", "ContainerRuntime"))
VM, CONTAINER = "Virtual.VM", "Virtual.Container"
WAN: Final = "Network.WAN"
PERSON: Final = "Party.Human"


def _types(primary: str, by_secondary: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, str]]:
    return {f"{primary}.{each}": (primary, label) for label, some in by_secondary.items() for each in some}


ASSET_TYPES: Final[dict[str, tuple[str, str]]] = {
    **_types(PARTY, {each: (each,) for each in ("Human", "LegalEntity", "Group")}),
    "CSP": (CSP, ""),
    **_types(HW, {each: (each,) for each in ("MEC", "UE", "Chassis", "Raspberry", "Router", "Server", "Microcontroller", "SOC")}),
    **_types(HW, {"GCS": ("GCS",), "IoT": ("IoT.Device", "IoT.Gateway"), "Device": ("Device", "HDI")}),
    **_types(HW, {"PC": ("PC", "PC.LoginNode", "PC.DataStorageDisk", "PC.SchedulerNode", "PC.ComputeNode")}),
    "Network": (NETWORK, ""),
    **_types(NETWORK, {"WAN": ("WAN",), "LAN": ("LAN", "Wired", "WiFi", "Virtual"), "PAN": ("PAN",), "5G": ("RAN", "Core")}),
    **_types(LAYER, {each: (each,) for each in ("OS", "Firmware", "HyperVisor", "ContainerRuntime")}),
    **_types(VIRTUAL, {each: (each,) for each in ("VM", "Container")}),
    "Service": (SERVICE, ""),
    **_types(SERVICE, {"App": ("App", "Browser", "MQTTClient")}),
    **_types(SERVICE, {"Server": ("JobScheduler", "SSH", "Web", "API", "DB", "NoSQLDB", "IDProvider", "MQTTBroker", "RPCBind")}),
    **_types(
        SERVICE,
        {"5G": tuple(f"5G.{each}" for each in ["RAN", "AMF", "AUSF", "NEF", "NRF", "NSSF", "NWDAF", "PCF", "UDM", "UPF"])},
    ),
}
"""Asset types with the labels that a node of the type must have: the primary one, and the secondary one or ''."""

KINDS: Final[dict[str, str]] = {
    **dict.fromkeys(("HW.IoT.Device", "HW.IoT.Gateway", "HW.Device", "HW.HDI"), "iot-device"),
    **dict.fromkeys(("HW.Router",), "network"),
    **dict.fromkeys(("HW.UE",), "mobile-client"),
    **dict.fromkeys(("HW.PC",), "external-service"),
    **dict.fromkeys(("HW.MEC", "HW.GCS", "HW.Chassis", "HW.Raspberry", "HW.Server", "HW.Microcontroller", "HW.SOC"), "compute"),
    **dict.fromkeys((each for each in ASSET_TYPES if each.startswith("HW.PC.")), "compute"),
    **dict.fromkeys((VM, OS, FIRMWARE), "compute"),
    RUNTIME: "container-runtime",
    **dict.fromkeys((each for each in ASSET_TYPES if each.startswith("Service")), "software"),
    "Service.Web": "web-application",
    "Service.API": "api",
    "Service.DB": "database",
    "Service.NoSQLDB": "database",
    "Service.JobScheduler": "worker",
    "Service.IDProvider": "identity-provider",
    "Service.MQTTBroker": "message-broker",
}
"""Our kind of what has this asset type. An operating system without a machine is taken as the machine."""

WRITTEN: Final[dict[str, str]] = {
    **{kind: f"Service.{each}" for kind, each in (("web-application", "Web"), ("web-server", "Web"), ("api", "API"))},
    **{kind: f"Service.{each}" for kind, each in (("database", "DB"), ("worker", "JobScheduler"), ("cache", "NoSQLDB"))},
    **{kind: f"Service.{each}" for kind, each in (("identity-provider", "IDProvider"), ("message-broker", "MQTTBroker"))},
    **dict.fromkeys(("software", "mobile-client", "iot-device", "function"), "Service.App"),
}
"""The asset type that we write for a component of a kind; for others `Service`."""

MANAGED: Final = frozenset({"database", "message-broker", "identity-provider"})
"""Kinds that providers offer as a service; what else a provider provides is an application of others."""
DEVICES: Final = frozenset({"HW.UE", "HW.PC", "HW.IoT.Device", "HW.IoT.Gateway", "HW.Device", "HW.HDI"})
"""Hardware of users and of the field: what runs there, nobody deploys to a cloud."""

OLD_TYPES: Final[dict[str, str]] = {
    **dict.fromkeys(("user", "csc", "csc.human"), PERSON),
    **dict.fromkeys(("vm", "service.vm"), VM),
    **dict.fromkeys(("container", "service.container"), CONTAINER),
    **dict.fromkeys(("service.storage", "service.database"), "Service.DB"),
    **dict.fromkeys(("service.iotgateway", "hw.iotgateway", "hw.gateway", "device.iotgateway"), "HW.IoT.Gateway"),
    **dict.fromkeys(("device.ue", "device.mobile"), "HW.UE"),
    **dict.fromkeys(("device.iot", "device"), "HW.IoT.Device"),
    "service.os": OS,
    "service.firmware": FIRMWARE,
    "service.webui": "Service.Web",
    "system.database": "Service.DB",
    "sw.browser": "Service.Browser",
}
"""Asset types of files of 2020 to 2025, in small letters, and what they are called now."""
OLD_LABELS: Final[dict[str, str]] = {
    **dict.fromkeys(("any", "user", "csc"), PERSON),
    **dict.fromkeys(("saas", "service"), "Service"),
    "iaas": VM,
    "paas": CONTAINER,
    "caas": RUNTIME,
}
"""Labels of files of 2017 to 2020, in small letters, and the asset type of what has no other."""

PROTOCOLS: Final[dict[str, frozenset[str]]] = {
    "connects": frozenset({"data_link_protocol", "network_protocol", "application_protocol"}),
    "uses": frozenset({"transport_protocol", "session_protocol", "presentation_protocol", "application_protocol"}),
}
"""The protocol properties that a relation may have: one for each layer of the OSI model."""
SECURE: Final = frozenset(
    {"https", "tls", "ssl", "mtls", "ssh", "sftp", "ftps", "ldaps", "amqps", "mqtts", "wss", "grpcs", "imaps", "smtps", "dtls"}
)
PLAIN: Final = frozenset({"http", "ftp", "telnet", "ldap", "amqp", "mqtt", "ws", "imap", "smtp", "coap"})
