"""The remedy that is never run in the cell: Keras 2 on the same TensorFlow, which another column of the grid is."""

from runner.results import Results


def legacy(results: Results) -> Results:
    """The results with ``legacy_keras`` in each cell that another environment's cell shows it for."""
    return results
