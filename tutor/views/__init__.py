"""Results of experiments as pictures for a terminal. `render(result, width=80)` is all that others need."""

from tutor.views.base import Page, render, to_text, view

__all__ = ["Page", "render", "to_text", "view"]
