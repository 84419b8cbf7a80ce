"""What the product costs: `make bench`, every figure measured in one run, with its peers beside it."""
