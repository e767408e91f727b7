"""The experiments in a learner's words."""

from __future__ import annotations

from collections.abc import Mapping

SHOWN: Mapping[str, str] = {
    "tokens": "How is my sentence cut into tokens?",
    "embeddings": "Which words does the model hold to be alike?",
    "positions": "What if the model cannot see the order of the words?",
    "attention": "Who looks at whom in my sentence?",
    "link": "Why did one word look at another?",
    "attention-steps": "How is one word's share worked out?",
    "softmax": "How do the scores of my words become shares?",
    "scaling": "What if the scores are not divided?",
    "heads": "What does each head look at?",
    "contextual": "How does a word's vector change with its sentence?",
    "causal-mask": "What if the words to come are not hidden?",
    "residual": "What if a layer's input is not added back?",
    "cross-attention": "Where does each French word look in my sentence?",
    "translate": "How is my sentence translated, step by step?",
    "decoder-step": "What does the decoder expect to write next?",
    "next-word": "Which words could have come next?",
    "training": "How did the model learn where to look?",
    "bottleneck": "How much of my sentence fits into one vector?",
    "way-back": "How far back does the error reach, word by word?",
    "gradients": "How does the error come back to my words?",
    "descent": "Can one step of learning make it worse?",
    "word-importance": "Which of my words mattered most?",
    "parameters": "What is learned, and what is computed?",
    "cost": "What does it cost on my sentence?",
}
"""What an offer to run an experiment asks, in the learner's words."""
