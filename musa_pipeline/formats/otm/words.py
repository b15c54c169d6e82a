"""What OTM documents call things, in our vocabulary: types of components, zones, data; and the attributes that we write ourselves."""

from typing import Final

from musa_pipeline.domain.cpim import DataClass, Trust

OURS: Final = "musa."
"""How attributes begin that we write, since OTM has no word of its own for what they say."""

LIBRARY: Final[dict[str, str]] = {
    **dict.fromkeys(("rds", "redshift", "other-database", "other-nosql-key-value-store", "athena", "documentdb"), "database"),
    **dict.fromkeys(("cosmos-db", "aurora", "neptune", "bigquery", "firestore", "cloud-sql"), "database"),
    **dict.fromkeys(("azure-storage", "gcp-cloud-storage", "glacier", "data-lake"), "object-store"),
    **dict.fromkeys(("efs", "fsx", "ebs"), "file-store"),
    **dict.fromkeys(("elasticache",), "cache"),
    **dict.fromkeys(("sns", "sqs", "kinesis", "mq", "eventbridge", "service-bus", "event-hub"), "message-broker"),
    **dict.fromkeys(("cognito", "active-directory", "entra-id"), "identity-provider"),
    **dict.fromkeys(("kms", "secrets-manager", "key-vault", "vault", "acm", "cloudhsm"), "key-store"),
    **dict.fromkeys(("ecr", "elastic-container-registry"), "container-registry"),
    **dict.fromkeys(("ecs", "eks", "aks", "gke", "fargate", "elastic-container-service"), "container-runtime"),
    **dict.fromkeys(("cloudfront", "cf-cloudfront", "waf", "load-balancer", "application-gateway"), "load-balancer"),
    **dict.fromkeys(("web-ui", "web-service", "web-application-server-side"), "web-application"),
    **dict.fromkeys(("ec2", "virtual-machine", "server", "bare-metal-server"), "compute"),
    "api-gateway": "api",
}
"""Types of components that public OTM documents use (the library of IriusRisk, with or without CD- before it), by kind."""

CLIENTS: Final = frozenset({"client", "browser", "user", "users", "actor", "person", "human", "customer", "attacker"})
"""Last words of a type that is somebody who uses the application, not a part of it."""
_ENDS_OF_ENCLOSURES: Final = frozenset({"vpc", "vnet", "subnet", "network", "zone", "region", "group", "boundary", "account"})
EMPTY: Final = "empty-component"
"""IriusRisk's type for a box that is drawn around others, or for what its library has no type for."""
GENERAL: Final = frozenset(
    {"api", "app", "endpoint", "gateway", "service", "rest", "web", "site", "ui", "host", "share", "external"}
)
"""Words that say how a thing is reached; a word that says what it is counts before them."""
STORES: Final = frozenset({"database", "object-store", "file-store", "cache", "key-store", "container-registry"})
"""Kinds that answer and never ask: a flow out of one is read by where it goes."""

SECURE: Final = frozenset(
    {"https", "tls", "ssl", "mtls", "ssh", "sftp", "ftps", "ldaps", "amqps", "mqtts", "wss", "grpcs", "imaps", "smtps"}
)
PLAIN: Final = frozenset({"http", "ftp", "telnet", "ldap", "amqp", "mqtt", "ws", "imap", "smtp"})
OPEN: Final = frozenset({"grpc", "tcp", "udp", "jdbc", "odbc"})
"""Protocols of which the name does not tell whether they encrypt."""

_PUBLIC: Final = frozenset({"internet", "public", "untrusted", "external", "anonymous", "world", "www"})
_EDGE: Final = frozenset({"dmz", "edge", "perimeter", "cloud"})
_INTERNAL: Final = frozenset({"private", "internal", "intranet", "trusted", "corporate", "backend", "office", "vpc"})
_RESTRICTED: Final = frozenset({"restricted", "vault", "admin", "administration", "management", "secrets"})
_BANDS: Final = ((20, Trust.PUBLIC), (50, Trust.EDGE), (85, Trust.INTERNAL), (100, Trust.RESTRICTED))
RATINGS: Final = {Trust.PUBLIC: 10, Trust.EDGE: 40, Trust.INTERNAL: 70, Trust.RESTRICTED: 100}
"""The trust rating 0..100 that we write for a zone: one within its band."""

_SPECIAL: Final = frozenset(
    {"health", "medical", "patient", "patients", "biometric", "genetic", "diagnosis", "religion", "ethnicity"}
)
_PERSONAL: Final = frozenset(
    {"personal", "pii", "customer", "customers", "user", "users", "employee", "employees", "passenger", "passengers", "passport"}
    | {"card", "cardholder", "email", "address", "phone", "location", "profile", "profiles", "account", "accounts", "identity"}
)
RISKS: Final[dict[DataClass, tuple[int, int, int]]] = {
    DataClass.PUBLIC: (0, 50, 50),
    DataClass.INTERNAL: (40, 50, 50),
    DataClass.CONFIDENTIAL: (75, 75, 50),
    DataClass.PERSONAL: (90, 75, 50),
    DataClass.SPECIAL: (100, 100, 50),
}
"""Confidentiality, integrity and availability 0..100 that we write for data of a class: the class says the first, no more."""


def is_client(tokens: list[str]) -> bool:
    """Tell whether the words of a type speak of somebody who uses the application.

    >>> is_client(["web", "client"]), is_client(["user", "service"])
    (True, False)
    """
    return tokens[-1] in CLIENTS or tokens[-2:] == ["client", "side"]


def is_enclosure(type_name: str, tokens: list[str]) -> bool:
    """Tell whether a type is a network or a box around others: nothing that runs.

    >>> is_enclosure("vpc", ["vpc"]), is_enclosure("empty-component", ["empty", "component"]), is_enclosure("rds", ["rds"])
    (True, True, False)
    """
    return type_name == EMPTY or tokens[-1] in _ENDS_OF_ENCLOSURES


def trust_by_rating(rating: float) -> Trust:
    """Return the trust of a zone by its rating 0..100, in four bands."""
    return next((trust for most, trust in _BANDS if rating <= most), Trust.RESTRICTED)


def trust_by_words(tokens: list[str]) -> Trust | None:
    """Return the trust that a zone's type or name speaks of; None if it speaks of none.

    A public cloud is a place of ours that others can reach, and no public network.

    >>> trust_by_words(["public", "cloud"]), trust_by_words(["private", "secured", "cloud"]), trust_by_words(["box"])
    (<Trust.EDGE: 'edge'>, <Trust.INTERNAL: 'internal'>, None)
    """
    said = set(tokens)
    for words, trust in (
        (_RESTRICTED, Trust.RESTRICTED),
        (_INTERNAL, Trust.INTERNAL),
        (_EDGE, Trust.EDGE),
        (_PUBLIC, Trust.PUBLIC),
    ):
        if said & words:
            return trust
    return None


def class_of_data(tokens: list[str], confidentiality: float | None) -> tuple[DataClass, str]:
    """Return the class of data, and the word of their name that says so: '' where only the rating of confidentiality does.

    What nobody minds to be seen, at most ten of a hundred, is public whatever it is called.
    """
    if confidentiality is not None and confidentiality <= 10:
        return DataClass.PUBLIC, ""
    for words, found in ((_SPECIAL, DataClass.SPECIAL), (_PERSONAL, DataClass.PERSONAL)):
        if said := next((each for each in tokens if each in words), ""):
            return found, said
    return (DataClass.INTERNAL if confidentiality is None or confidentiality <= 50 else DataClass.CONFIDENTIAL), ""
