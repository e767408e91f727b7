"""The mini Transformer: transparent, editable, provably right. Knows nothing of lessons or terminals.

Importing this package loads no torch; its modules do.
"""
