"""The way back to each word, drawn from made-up numbers: the picture as a learner sees it without colour."""

from __future__ import annotations

from pictures import drawn, each

PICTURES = {
    ("way_back", 80, False): """\
The way back to each word: step by step, or directly
Gradient of a reader's last state at words so many steps back (nearest: 100%); a
step: the best fit. GRU: recurrent. The sentence, more joined to it.
  steps back               1-5   6-9  a step
  GRU, untrained          100%  0.6%  × 0.57
  Transformer, untrained  100%   97%  × 0.99
  GRU, one vector         100%   66%  × 0.94
  GRU, attention          100%   20%  × 0.75
  Transformer             100%  103%  × 1.01
Attention cut off on the way back: 20% of the error arrives (GRU, attention).

The loss of the Transformer's translation, sent back to your words; 1: that
translator's average.
         vector  attention  cut off  Transformer
  A        0.70       0.40     0.30         0.80
  red      1.40       1.60     0.10         1.50
  car      1.50       1.70     0.20         1.30
  ‹end›    0.40       0.30     0.20         0.40
Cut off: what is left with attention when the error may only go back through the
states.
“A” over “car”, first word over last: one vector 0.47, attention 0.23,
Transformer 0.61.

Above: A red car, and it is raining. From the end mark back; of the GRUs, the
half that reads from left to right. Untrained: the same network with random
weights.
""",
    ("way_back", 40, False): """\
The way back to each word: step by step,
or directly
Gradient of a reader's last state at
words so many steps back (nearest:
100%); a step: the best fit. GRU:
recurrent. The sentence, more joined to
it.
  steps back        1-5   6-9  a step
  GRU, random      100%  0.6%  × 0.57
  Transf., random  100%   97%  × 0.99
  GRU, one vector  100%   66%  × 0.94
  GRU, attention   100%   20%  × 0.75
  Transf.          100%  103%  × 1.01
Attention cut off on the way back: 20%
of the error arrives (GRU, attention).

The loss of the Transformer's
translation, sent back to your words; 1:
that translator's average.
        vector attention cut off Transf.
  A       0.70      0.40    0.30    0.80
  red     1.40      1.60    0.10    1.50
  car     1.50      1.70    0.20    1.30
  ‹end›   0.40      0.30    0.20    0.40
Cut off: what is left with attention
when the error may only go back through
the states.
“A” over “car”, first word over last:
one vector 0.47, attention 0.23,
Transformer 0.61.

Above: A red car, and it is raining.
From the end mark back; of the GRUs, the
half that reads from left to right.
Untrained: the same network with random
weights.
""",
}


@each(PICTURES)
def test_picture(slug: str, width: int, ascii: bool) -> None:
    assert drawn(slug, width, ascii) == PICTURES[slug, width, ascii]
