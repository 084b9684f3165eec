"""How fast the product is with a big workspace: ``python -m benchmarks load``, then ``python -m benchmarks run``."""
