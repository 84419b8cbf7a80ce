"""Providers that live on this machine: real HTTP servers in their formats, for the demo, for tests, and for trouble."""
