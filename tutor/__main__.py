"""`python -m tutor`: the same program as `attention-tutor`."""

from tutor.program import program

program()
