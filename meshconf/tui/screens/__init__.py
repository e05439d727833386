"""One screen per file, with its style sheet beside it under the same name."""
