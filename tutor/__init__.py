"""The attention tutor: answers *why*, and shows it on a small Transformer that runs as you watch."""
