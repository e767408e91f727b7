"""Every experiment, in the order that `show --list` prints them."""

from tutor.experiments.base import Experiment, Run, find, registered, run

__all__ = ["Experiment", "Run", "find", "registered", "run"]
