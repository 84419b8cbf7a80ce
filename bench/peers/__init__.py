"""Other people's ways to do the same: the usual Channels design, Node with ws, python-socketio."""
