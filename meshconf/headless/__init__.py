"""The face without a face: events as JSON lines on stdout, commands as JSON lines on stdin."""
