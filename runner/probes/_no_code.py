"""What stands in the place of a probe where a model file exists already, and its user has no code."""

CODE_AT_LOADING = False
