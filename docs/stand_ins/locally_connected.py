"""LocallyConnected1D and LocallyConnected2D, which Keras 3 no longer has: a convolution with other weights everywhere.

    crossload check model.h5 --custom-objects locally_connected.py

They read what Keras 2 stored for ``implementation=1``, the usual one, and predict the same. Copy them into your code.
"""

import itertools

import keras
from keras import ops


class _LocallyConnected(keras.layers.Layer):
    """The places of the kernel, one after another, each with weights of its own."""

    rank = 0

    def __init__(
        self,
        filters,
        kernel_size,
        strides=1,
        padding="valid",
        data_format=None,
        activation=None,
        use_bias=True,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        kernel_regularizer=None,
        bias_regularizer=None,
        kernel_constraint=None,
        bias_constraint=None,
        implementation=1,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if padding != "valid" or data_format == "channels_first" or implementation != 1:
            raise ValueError("This one knows padding='valid', channels that come last and implementation=1.")
        self.filters, self.use_bias = filters, use_bias
        self.kernel_size, self.strides = self._each(kernel_size), self._each(strides)
        self.activation = keras.activations.get(activation)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.bias_regularizer = keras.regularizers.get(bias_regularizer)
        self.kernel_constraint = keras.constraints.get(kernel_constraint)
        self.bias_constraint = keras.constraints.get(bias_constraint)

    def _each(self, value):
        return (value,) * self.rank if isinstance(value, int) else tuple(value)

    def build(self, input_shape):
        sides = zip(input_shape[1:-1], self.kernel_size, self.strides)
        self.places = tuple((length - size) // stride + 1 for length, size, stride in sides)
        count, inputs = 1, input_shape[-1]
        for places, size in zip(self.places, self.kernel_size):
            count, inputs = count * places, inputs * size
        self.kernel = self.add_weight(
            shape=(count, inputs, self.filters),
            name="kernel",
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                shape=(*self.places, self.filters),
                name="bias",
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )

    def call(self, inputs):
        seen = []
        for offsets in itertools.product(*(range(size) for size in self.kernel_size)):
            sides = zip(offsets, self.places, self.strides)
            part = [slice(at, at + (places - 1) * stride + 1, stride) for at, places, stride in sides]
            seen.append(inputs[(slice(None), *part)])
        seen = ops.concatenate(seen, axis=-1)
        seen = ops.reshape(seen, (-1, self.kernel.shape[0], self.kernel.shape[1]))
        outputs = ops.einsum("bpi,pif->bpf", seen, self.kernel)
        outputs = ops.reshape(outputs, (-1, *self.places, self.filters))
        return self.activation(outputs if self.bias is None else outputs + self.bias)

    def compute_output_shape(self, input_shape):
        sides = zip(input_shape[1:-1], self.kernel_size, self.strides)
        places = [(length - size) // stride + 1 for length, size, stride in sides]
        return (input_shape[0], *places, self.filters)

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "use_bias": self.use_bias,
            "activation": keras.activations.serialize(self.activation),
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "bias_initializer": keras.initializers.serialize(self.bias_initializer),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": keras.regularizers.serialize(self.bias_regularizer),
            "kernel_constraint": keras.constraints.serialize(self.kernel_constraint),
            "bias_constraint": keras.constraints.serialize(self.bias_constraint),
        }


class LocallyConnected1D(_LocallyConnected):
    """A Conv1D with other weights at every place."""

    rank = 1


class LocallyConnected2D(_LocallyConnected):
    """A Conv2D with other weights at every place."""

    rank = 2
