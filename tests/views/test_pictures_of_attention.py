"""Who looks at whom, and by what arithmetic: the pictures as a learner sees them without colour."""

from __future__ import annotations

import importlib

from pictures import drawn, each

from tutor.views import render, to_text
from tutor.views.attention import demo as attention

PICTURES = {
    ("attention", 80, False): """\
Encoder, layer 1 of 3, head 2 of 4
Each row looks at the columns and shares 100% among them.
         The  cat  sat   on  the  mat    . ‹end›
  The   ▒ 30 ░  7 ░  8 ░  9 ░ 10 ░ 11 ░ 12  ░ 13
  cat   ▓ 63 ░ 12    3    4    4    4    5  ░  5
► sat      2 ▓ 64 ░ 12    4    4    4    5  ░  5
  on       2    3 ▓ 64 ░ 12    4    4    5  ░  5
  the      2    3    3 ▓ 65 ░ 12    4    5  ░  5
  mat      2    3    3    4 ▓ 65 ░ 12    5  ░  5
  .        2    3    3    4    4 ▓ 66 ░ 12  ░  5
  ‹end›    2    3    3    4    4    5 ▓ 66  ░ 12

► “sat” looks at “cat” 64%, then “sat” 12%. Evenly spread, each would get 12%.
How spread out that row is: 1.43 bits (0: all on one, 3.00: even).
""",
    ("attention", 40, False): """\
Encoder, layer 1 of 3, head 2 of 4
Each row looks at the columns and shares
100% among them.
            1  2  3  4  5  6  7  8
  1 The    30  7  8  9 10 11 12 13
  2 cat    63 12  3  4  4  4  5  5
► 3 sat     2 64 12  4  4  4  5  5
  4 on      2  3 64 12  4  4  5  5
  5 the     2  3  3 65 12  4  5  5
  6 mat     2  3  3  4 65 12  5  5
  7 .       2  3  3  4  4 66 12  5
  8 ‹end›   2  3  3  4  4  5 66 12

► “sat” looks at “cat” 64%, then “sat”
12%. Evenly spread, each would get 12%.
How spread out that row is: 1.43 bits
(0: all on one, 3.00: even).
""",
    ("attention", 80, True): """\
Encoder, layer 1 of 3, head 2 of 4
Each row looks at the columns and shares 100% among them.
         The  cat  sat   on  the  mat    . <end>
  The   - 30    7    8    9 . 10 . 11 . 12  . 13
  cat   * 63 . 12    3    4    4    4    5     5
* sat      2 * 64 . 12    4    4    4    5     5
  on       2    3 * 64 . 12    4    4    5     5
  the      2    3    3 * 65 . 12    4    5     5
  mat      2    3    3    4 * 65 . 12    5     5
  .        2    3    3    4    4 * 66 . 12     5
  <end>    2    3    3    4    4    5 * 66  . 12
  signs: [ .:-=+*#%@], one for each 10%

* "sat" looks at "cat" 64%, then "sat" 12%. Evenly spread, each would get 12%.
How spread out that row is: 1.43 bits (0: all on one, 3.00: even).
""",
    ("cross_attention", 80, False): """\
Cross-attention, layer 3 of 3, average of its 4 heads
Each row, a word being written, shares 100% among the columns, your words.
             A  red  car ‹end›
► Une     █ 90 ░  5    3     2
  voiture ░  5 ░ 15 █ 78     2
  rouge      2 █ 85 ░ 10     3
  ‹end›      ·   <1 ▓ 40  ▓ 60

► “Une” looks at “A” 90%.
A row's largest share, on average: 78%; before any training: 31%.
Shapes: queries 4×64 from the decoder; keys 4×64 and values 4×64 from the
encoder.
""",
    ("attention_steps", 80, False): """\
“Le” through decoder layer 1, head 2

1. The query of “Le” times the key of “Le”, number by number (4 in all)
            1       2       3       4
  q     1.200  -0.500   0.300   0.800
  k     1.500  -0.900   0.200   1.100
  q×k   1.800   0.450   0.060   0.880
  Added up, all 4 products: 3.190 = the raw score q·k.

2. The same with every key, and from score to share: what “Le” looks at
  key        q·k    ÷√d  mask     e^  share
  ‹start›   0.61   0.30  0.30  0.275    22%  ███▌
► Le        3.19   1.60  1.60  1.000    78%  ████████████▌
  chat      0.36   0.18  -inf      0     0%
  dort     -1.33  -0.67  -inf      0     0%
  ÷√d: the score over √4 = 2.
  mask: the keys after this one get -inf; e to that power is 0.
  e^: e to the power of (score minus the largest score).
  share: e^ over the sum of that column, 1.275.

3. Each key's value, times its share, added up
  share × value        1      2      3      4
  78% of Le       -0.392  0.470      0  0.784
  22% of ‹start›   0.022  0.043  0.065  0.086
  = output        -0.370  0.514  0.065  0.870

4. All heads side by side, times the output matrix: 8 numbers
  (0.020, -0.310, 0.440, 0.100, -0.200, 0.050, …) are added to the vector of
  “Le”.
""",
    ("attention_steps", 40, False): """\
“Le” through decoder layer 1, head 2

1. The query of “Le” times the key of
“Le”, number by number (4 in all)
            1       2       3
  q     1.200  -0.500   0.300  …
  k     1.500  -0.900   0.200  …
  q×k   1.800   0.450   0.060  …
  Added up, all 4 products: 3.190 = the
  raw score q·k.

2. The same with every key, and from
score to share: what “Le” looks at
  key       q·k   ÷√d mask    e^ share
  ‹start›  0.61  0.30 0.30 0.275   22%
► Le       3.19  1.60 1.60 1.000   78%
  chat     0.36  0.18 -inf     0    0%
  dort    -1.33 -0.67 -inf     0    0%
  ÷√d: the score over √4 = 2.
  mask: the keys after this one get
  -inf; e to that power is 0.
  e^: e to the power of (score minus the
  largest score).
  share: e^ over the sum of that column,
  1.275.

3. Each key's value, times its share,
added up
  share × value        1      2
  78% of Le       -0.392  0.470  …
  22% of ‹start›   0.022  0.043  …
  = output        -0.370  0.514  …

4. All heads side by side, times the
output matrix: 8 numbers
  (0.020, -0.310, 0.440, …) are added to
  the vector of “Le”.
""",
    ("scaling", 80, False): """\
“car” in encoder layer 2, head 1
Its share on each key, with scores divided by √64 = 8 and with raw scores.
  key    score  ÷ 8                      score  not divided
  A       0.50    7% █▎                   4.00   <1% ▏
  red     2.69   60% ██████████▊          21.5  >99% ██████████████████
  car     1.50   18% ███▎                 12.0   <1% ▏
  .      -1.00    2% ▎                   -8.00   <1% ▏
  ‹end›   1.20   14% ██▌                  9.60   <1% ▏

                     divided  not divided
  spread, this row     1.740        0.001
  spread, all rows     1.600        0.310
  slope w(1-w)         0.240         8e-5
  loss of the model    0.104        7.310
Spread: in bits, 0 all on one key. Slope: how far the share that moves most
moves with its score; at 0 nothing is learned.
Loss: -ln of the probability of the right token, on average (in nats; 0.69 is a
coin toss, 0 is certain).
Divided: Une voiture rouge.
Not divided, in any layer: Une une une de la
""",
    ("heads", 40, False): """\
Encoder, layer 1 of 3: its 4 heads
Rows look at columns, in sentence order.
Above each map: where most goes.
      head 1          head 2
      before 67%      itself 67%
The   ▓▓░░░░░░░░░░░░  ▓▓░░░░░░░░░░░░
cat   ▓▓░░░░░░░░░░░░  ░░▓▓░░░░░░░░░░
sat   ░░▓▓░░░░░░░░░░  ░░░░▓▓░░░░░░░░
on    ░░░░▓▓░░░░░░░░  ░░░░░░▓▓░░░░░░
the   ░░░░░░▓▓░░░░░░  ░░░░░░░░▓▓░░░░
mat   ░░░░░░░░▓▓░░░░  ░░░░░░░░░░▓▓░░
‹end› ░░░░░░░░░░▓▓░░  ░░░░░░░░░░░░▓▓

      head 3          head 4
      end mark 67%    “mat” 20%
The   ░░░░░░░░░░░░▓▓  ░░░░░░░░░░░░░░
cat   ░░░░░░░░░░░░▓▓  ░░░░░░░░░░░░░░
sat   ░░░░░░░░░░░░▓▓  ░░░░░░░░░░░░░░
on    ░░░░░░░░░░░░▓▓  ░░░░░░░░░░░░░░
the   ░░░░░░░░░░░░▓▓  ░░░░░░░░░░░░░░
mat   ░░░░░░░░░░░░▓▓  ░░░░░░░░░░░░░░
‹end› ░░░░░░░░░░░░▓▓  ░░░░░░░░░░░░░░
  · under 5%  ░ from 5%  ▒ from 20%
  ▓ from 40%  █ from 70%

Loss with all heads on: 0.104. With one
of them off:
    mostly to     loss change
► 1 before 67%   0.340 +0.236
  2 itself 67%   0.120 +0.016
  3 end mark 67% 0.101 -0.003
  4 “mat” 20%    0.110 +0.006

    strongest link
► 1 sat → cat 67%
  2 sat → cat 6%
  3 sat → cat 6%
  4 sat → cat 14%
Loss: -ln of the probability of the
right token, on average (in nats; 0.69
is a coin toss, 0 is certain).
All on: Le chat était assis sur le
tapis.
All 4 of layer 1 off: Le le sur.
Heads 1 and 3 differ most: 61% of a row
lies elsewhere.
""",
    ("causal_mask", 80, False): """\
Decoder, layer 1, head 1: masked, as it was trained
Each row looks at the columns, in %. A dot is exactly 0: the future.
          ‹start›  Une voiture rouge
  ‹start›    █100    ·       ·     ·
  Une        ▒ 33 ▓ 67       ·     ·
  voiture    ▓ 43 ▓ 43    ░ 14     ·
  rouge      ░  5 ░  5    █ 80  ░ 10

The same with the mask taken away
          ‹start›  Une voiture rouge
  ‹start›    ▓ 40 ▒ 30    ▒ 20  ░ 10
  Une        ░ 10 ▒ 20    ▓ 60  ░ 10
  voiture    ▒ 30 ▒ 30    ░ 10  ▒ 30
  rouge      ░  5 ░  5    █ 80  ░ 10

                       masked  without
  looks at the future      0%      40%
  loss (0: certain)     0.104    2.900
  moved by last word        0    4.310
Looks at the future: share of this head's attention. Moved by last word: with
another token put last, the most that any earlier score over the vocabulary
changes.
Loss: -ln of the probability of the right token, on average (in nats; 0.69 is a
coin toss, 0 is certain).
""",
}


@each(PICTURES)
def test_picture(slug: str, width: int, ascii: bool) -> None:
    assert drawn(slug, width, ascii) == PICTURES[slug, width, ascii]


def test_a_narrow_page_splits_a_long_sentence_between_its_columns_and_repeats_the_rows() -> None:
    tokens = tuple("abcdefghijklmnopqrstuvwxyzåäöü")
    lines = to_text(render(attention(tokens), width=32), 32).split("\n")
    heads = [line.strip() for line in lines if len(line.strip()) > 5 and line.strip().isdigit()]
    assert "".join(heads) == "123456789012345678901234567890"
    assert sum(line.startswith("   1 a ") for line in lines) == len(heads) == 2


def test_a_map_of_eight_tokens_fits_a_small_terminal() -> None:
    assert len(to_text(render(attention(), width=80), 80).split("\n")) <= 23


def test_a_weight_that_is_nearly_nothing_is_not_shown_as_nothing() -> None:
    text = to_text(render(importlib.import_module("tutor.views.cross_attention").demo(), width=80), 80)
    row = next(line for line in text.split("\n") if line.startswith("  ‹end›"))
    assert row.split()[1:3] == ["·", "<1"]
