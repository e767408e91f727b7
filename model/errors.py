"""What can go wrong in the model package, as a tree.

    ModelError
    ├── ConfigurationError   a model that cannot be built
    ├── InputError           text or ids that the model cannot read
    ├── EditError            an edit that names nothing, or changes nothing
    │   └── NotThereYet      … and in `model.edits`: a place that is not written yet
    ├── CheckpointError      a weights file that is missing, damaged or not what it says
    └── DataError            training data that is not what it should be

Every message is one line: *where: problem; what to do*.
"""


class ModelError(Exception):
    """Base of everything this package raises on purpose."""


class ConfigurationError(ModelError, ValueError):
    """The sizes asked for do not make a model."""


class InputError(ModelError, ValueError):
    """The model cannot read this text or these token ids."""


class EditError(ModelError, ValueError):
    """An edit names a value that does not exist, or leaves it as it was."""


class CheckpointError(ModelError):
    """A bundled weights file is missing, damaged or swapped."""


class DataError(ModelError):
    """Training data that is missing or would spoil what is measured."""
