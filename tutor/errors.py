"""What can go wrong in the tutor, as a tree.

    TutorError
    ├── AuthorError    a lesson, narration or option table that an author got wrong
    ├── BrokenFileError  a file that ships with the program and cannot be used
    └── LearnerError   something a learner typed that cannot be done
        └── NotTaught  understood, and outside what the tutor knows

Every message is one line: *where: problem; what to do*. A learner never sees a traceback.
"""

from pathlib import Path


class TutorError(Exception):
    """Base of everything the tutor raises on purpose."""


class AuthorError(TutorError):
    """A lesson file says something that cannot be used."""

    file: Path | None = None
    """The file that was left out because of it."""


class BrokenFileError(TutorError):
    """A file that ships with the program is damaged or missing."""

    def __init__(self, path: Path, error: Exception) -> None:
        super().__init__(f"{path.name}: cannot be read ({error}); put the file of this version back in {path.parent}")


class LearnerError(TutorError):
    """What the learner asked for cannot be done as typed."""


class NotTaught(LearnerError):
    """Understood to be outside what this tutor knows."""
