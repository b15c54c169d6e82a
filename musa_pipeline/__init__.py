"""From a model of a multi-cloud application to its Security SLA and its deployment plan."""

__version__ = "0.1.0"
