"""Where agents hand in what they see and fetch what they are to do: HTTPS, a token for each machine, everything bounded."""

from musa_pipeline.services.gateway.accounts import Account, Accounts
from musa_pipeline.services.gateway.app import gateway_app
from musa_pipeline.services.gateway.counts import Counts
from musa_pipeline.services.gateway.limits import Limits
from musa_pipeline.services.gateway.serve import Running, serve

__all__ = ["Account", "Accounts", "Counts", "Limits", "Running", "gateway_app", "serve"]
