"""What a model file is and will need, read from its bytes: without TensorFlow, and without running any of it."""
