"""Work-arounds: what there is (data), which of them are tried in a cell, and the one that other cells have tried."""
