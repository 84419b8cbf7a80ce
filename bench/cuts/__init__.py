"""Clients whose connections are cut at random while things happen; in the end each must know what the server does.

`run.run(plan)` is the whole of it: servers behind a hose that leaks (`hose`), things that happen (`stream`), clients of
both languages that fold what they hear into a state (`people`, `node_clients.mjs`, `fold`), and the comparison.
"""
