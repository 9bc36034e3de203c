"""Small models, each of which exercises one way of saving and loading. The first line of a file says why it exists."""
