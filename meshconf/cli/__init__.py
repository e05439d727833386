"""The command line: parses, prints, chooses a face, turns errors into sentences and exit codes."""
