"""A stateful LSTM saved in mid-sequence: where the state is not in the file, the next prediction is another one."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")


def build_model():
    model = keras.Sequential(
        [
            keras.layers.Input(shape=(5, 3), batch_size=4),
            keras.layers.LSTM(4, stateful=True),
            keras.layers.Dense(1),
        ]
    )
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def train(model):
    model.predict(inputs(), batch_size=4, verbose=0)


def inputs():
    return np.random.RandomState(1).normal(size=(4, 5, 3)).astype("float32")
