"""A stateful LSTM reset before it is saved: its fixed batch size is the first thing that other versions refuse."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")


def build_model():
    series = keras.Input(shape=(5, 3), batch_size=4)
    x = keras.layers.LSTM(4, stateful=True)(series)
    model = keras.Model(series, keras.layers.Dense(1)(x))
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def train(model):
    model.fit(inputs(), targets(), epochs=1, batch_size=4, shuffle=False, verbose=0)
    for layer in model.layers:
        if hasattr(layer, "reset_states"):
            layer.reset_states()
        elif hasattr(layer, "reset_state"):  # its name in Keras 3
            layer.reset_state()


def inputs():
    return np.random.RandomState(1).normal(size=(4, 5, 3)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(4, 1)).astype("float32")
