"""Measurements to findings; one module an algorithm."""
