"""What a provider posts, measured from its request to the agents' sockets, and counted after the worst order of it."""
