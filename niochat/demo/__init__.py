"""The demonstration: two companies that share nothing, and the weeks of work that they have behind them.

A history of thousands of actions is not lived one action at a time: `chronicle` does in memory what the actions do to
rows, and stores the outcome in bulk, in one transaction. A test lives the same days both ways and compares.
"""
