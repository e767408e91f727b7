"""What can be asked about, as a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tutor.dialogue.conversation import Conversation


def topics_text(conversation: Conversation) -> str:
    """All concepts by subject; those that were answered in this conversation carry a mark."""
    told = {conversation.library.nodes[name].concept for name in conversation.state.path}
    lines = []
    for subject in dict.fromkeys(concept.subject for concept in conversation.library.concepts.values()):
        lines.append(subject.capitalize())
        for concept in conversation.library.concepts.values():
            if concept.subject == subject:
                lines.append(f"  {'*' if concept.id in told else ' '} {concept.title}")
    return "\n".join([*lines, "", "* asked about in this conversation"])
