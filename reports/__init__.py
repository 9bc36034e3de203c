"""Results to pages: everything here reads :mod:`runner.results` and nothing else of ours."""
