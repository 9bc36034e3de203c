"""Random flips, rotations, zooms and contrast inside the model: each holds a seed, and in Keras 3 state of its own."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

TAGS = ("random",)
FORMATS = ("keras", "h5", "savedmodel", "export", "weights")

# The place before TF 2.6.
layers = keras.layers if hasattr(keras.layers, "RandomFlip") else keras.layers.experimental.preprocessing


def build_model():
    model = keras.Sequential(
        [
            keras.layers.Input(shape=(8, 8, 3)),
            layers.RandomFlip("horizontal_and_vertical", seed=1),
            layers.RandomTranslation(0.1, 0.1, fill_mode="constant", fill_value=0.5),
            layers.RandomRotation(0.1, seed=2),
            layers.RandomZoom((-0.2, 0.1), interpolation="nearest"),
            layers.RandomContrast(0.2),
            keras.layers.Conv2D(2, 3),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(1),
        ]
    )
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).uniform(0.0, 1.0, size=(4, 8, 8, 3)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(4, 1)).astype("float32")
