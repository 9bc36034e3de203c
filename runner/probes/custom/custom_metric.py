"""A metric of one's own with an argument, given through custom_objects: it may vanish while the model loads."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras
FORMATS = ("keras", "h5", "savedmodel")


class Scaled(keras.metrics.Mean):
    def __init__(self, factor=1.0, name="scaled", **kwargs):
        super().__init__(name=name, **kwargs)
        self.factor = factor

    def update_state(self, y_true, y_pred, sample_weight=None):
        return super().update_state(self.factor * abs(y_true - y_pred))

    def get_config(self):
        config = super().get_config()
        config["factor"] = self.factor
        return config


CUSTOM_OBJECTS = {"Scaled": Scaled}


def build_model():
    model = keras.Sequential([keras.layers.Input(shape=(6,)), keras.layers.Dense(3)])
    model.compile(optimizer="adam", loss="mean_squared_error", metrics=[Scaled(4.0)])
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(8, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(8, 3)).astype("float32")
