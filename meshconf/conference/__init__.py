"""The application without a face: it drives the protocol, moves the media and speaks the control API."""
