"""From results to pages; reads nothing but ``runner.results``."""
