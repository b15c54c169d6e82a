"""From the composition graph and the templates to what can be promised, with proofs."""
