"""Clients that only sit there: each stays connected, goes through its token's end, and still hears afterwards.

`sit.sat(…)` puts one of each kind on a server twice: with a token that lasts, and with one that ends again and again.
"""
