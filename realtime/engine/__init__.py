"""Engine.IO and Socket.IO under the product's limits: python-socketio, with our own way out to WebSockets."""
