"""Keys of the chat's prompt that differ from prompt-toolkit's own."""

from __future__ import annotations

from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.search import stop_search


def bindings() -> KeyBindings:
    """Ctrl-C clears the line and never leaves; Ctrl-L clears the screen."""
    keys = KeyBindings()

    @keys.add("c-c")
    def _(event: KeyPressEvent) -> None:
        if event.app.layout.is_searching:  # begun by Ctrl-R, and its prompt stands in place of ours
            stop_search()
        event.current_buffer.reset()

    @keys.add("c-l")
    def _(event: KeyPressEvent) -> None:
        event.app.renderer.clear()

    @keys.add(Keys.Vt100MouseEvent)
    def _(event: KeyPressEvent) -> None:
        """A pasted colour code looks like an old mouse report, and prompt-toolkit's own handler fails on it."""

    return keys
