"""The HTTP doors of the trade: check what comes in, call one action, answer."""
