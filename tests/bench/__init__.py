"""What a cell costs, three ways side by side: ``python -m tests.bench``. It has no threshold and fails no test."""
