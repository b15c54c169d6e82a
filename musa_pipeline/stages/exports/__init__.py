"""One module a language that `musa export` writes: each has `write(subject) -> Exported` and reaches its format from there."""
