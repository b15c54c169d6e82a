"""Words in, words out: arguments, rendering and exit codes."""
