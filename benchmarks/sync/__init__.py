"""Our sync beside others', in one run on one machine: `python -m benchmarks.sync` (docs: README)."""
