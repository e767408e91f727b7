"""Keys of the chat's prompt that differ from prompt-toolkit's own."""

from __future__ import annotations

from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys


def bindings() -> KeyBindings:
    """Ctrl-C clears the line and never leaves; Ctrl-L clears the screen."""
    keys = KeyBindings()

    @keys.add("c-c")
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.reset()

    @keys.add("c-l")
    def _(event: KeyPressEvent) -> None:
        event.app.renderer.clear()

    @keys.add(Keys.Vt100MouseEvent)
    def _(event: KeyPressEvent) -> None:
        """A pasted colour code looks like an old mouse report, and prompt-toolkit's own handler fails on it."""

    return keys
