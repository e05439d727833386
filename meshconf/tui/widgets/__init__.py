"""One widget per file; each shows a part of the model and asks nobody."""
