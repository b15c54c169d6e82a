"""The page that people look at: rendered on the server, no script."""

from musa_pipeline.services.pages.app import board_app

__all__ = ["board_app"]
