"""What is read, written and learned: the pictures as a learner sees them without colour."""

from __future__ import annotations

from pictures import drawn, each

PICTURES = {
    ("translate", 80, False): """\
Une voiture rouge.
Each step adds one piece. In %: how sure it was of it.
  so far                   sure         looks at   instead of
1 Une                       71% ████▎   A      62% Un 20% · La 4%
2 Une voiture              >99% ██████  car    81% auto <1% · vo <1%
3 Une voiture rouge         93% █████▋  red    77% de 2% · roug 1%
4 Une voiture rouge.        88% █████▎  .      40% ‹end› 10% · ! <1%
5 Une voiture rouge. ‹end› >99% ██████  ‹end›  70% . <1% · ? <1%

Least sure: “Une” (71%), rather than “Un”.
The whole, all steps multiplied: 58%; per step 90%.
""",
    ("translate", 40, False): """\
Une voiture rouge.
Each step adds one piece. In %: how sure
it was of it; below, what else it
weighed.
1 Une                       71%
   looks at A 62% · or Un 20% · La 4%
2 Une voiture              >99%
   looks at car 81% · or auto <1%
   vo <1%
3 Une voiture rouge         93%
   looks at red 77% · or de 2% · roug 1%
4 Une voiture rouge.        88%
   looks at . 40% · or ‹end› 10% · ! <1%
5 Une voiture rouge. ‹end› >99%
   looks at ‹end› 70% · or . <1% · ? <1%

Least sure: “Une” (71%), rather than
“Un”.
The whole, all steps multiplied: 58%;
per step 90%.
""",
    ("gradients", 80, False): """\
The loss is 0.1037; how much each value could change it
Loss: -ln of the probability of the right token, on average (in nats; 0.69 is a
coin toss, 0 is certain).
Forward. Loss of each right token:
  Une 0.3370 · voiture 0.0040 · rouge 0.0726 · ‹end› 0.0010

Backward, top to bottom. Bars: the length of the gradient, the list of slopes.
  scores over the vocabulary         0.0810 █████████████▉
  decoder, after the last norm       0.2100 ████████████████████████████████████
  decoder 1, cross-attention weights 0.0301 █████▏
  encoder's output                   0.0520 ████████▉
  embeddings of your words             4e-5 ▏

At its end, word by word: how strongly the loss depends on each embedding.
  A     0.0110 ██████████▎
► red   0.0430 ████████████████████████████████████████
  car   0.0270 █████████████████████████▏
  ‹end› 0.0020 █▉

Is it right? One query weight nudged, in encoder layer 3:
  encoder.blocks.2.attention.w_query.weight [17, 203]
  is 0.0312; up and down by 0.0001 the loss is
  0.10365041 and 0.10364959
  measured slope  0.00412346
  gradient        0.00412345

One step downhill:
  every parameter minus 0.05 × its gradient: loss 0.1037 → 0.0871.
4,012,345 of 7,100,000 parameters have a gradient that is not zero.
""",
    ("word_importance", 80, False): """\
Which word mattered to “voiture” (>99%)?
In: Une voiture rouge

       looked at         grad × input      integrated        left out
A      10% █▉            -0.02  ▕│         +0.11  │▏         +0.004  │▏
red    20% ███▋          +0.40   │██▍      +0.35  │▋          +0.90  │█
car    66% ████████████  +1.21   │███████  +4.02  │██████▋    +6.50  │███████
‹end›   4% ▊             -0.30 ▐█│         -0.61 █│           -0.20 ▕│

looked at: share of cross-attention. Others: on ln p, + for it, - against it.
left out: how far ln p falls when run without that token; 0.69 halves p.
Each column of bars has its own scale.
Most: looked at “car” · grad × input “car” · integrated “car” · left out “car”.
Integrated adds up to +3.870; the difference it should explain is +3.871.
""",
    ("next_word", 80, False): """\
What comes after: A red …
Probability of each next piece, out of 4,000.
► car    30% ███████████▉                             before softmax 9.20
  flower 10% ████▏                                    before softmax 8.14
  light   5% ██                                       before softmax 7.43
  cat    <1% ▏                                        before softmax 3.60
  All others together: 55%. Spread: 7.31 bits (0: all on one, 12.0: even).
  before softmax: a score from minus to plus infinity, also called logit.

In the sentence stands “cat”: <1%, the 113th likeliest of all.
“car”: without word order 7% and likeliest “cross”; with even attention to all
words before 1% and likeliest “and”.
It could go on (likeliest first, then drawn by lot at temperature 1):
  … car stopped.
  … light is on.
  … flower

How much each word surprised the model, in bits. 0: certain. Each bit halves the
probability.
► A   4.0 ████████████████████████████████████████ expected I
  red 1.0 ██████████                               as expected
""",
    ("tokens", 40, False): """\
7 tokens from 3 words and an end mark
  #  token    id
  1  The      41  starts a word
  2  zeb    3301  starts a word
  3  ra      512  continues it
  4  sle    1290  starts a word
  5  eps    2207  continues it
  6  .         7  joined on
  7  ‹end›     2  a mark
An id is the token's row in a table of
8,000. The model sees only ids.
In more than one piece: zebra, sleeps.
""",
    ("embeddings", 80, False): """\
“red” is row 1,204 of 4,000: 192 numbers
  (-0.180, 0.180, 0.160, 0.140, 0.120, 0.100, 0.080, 0.060, …)

Nearest in the English model's table. Cosine: 1 same direction, 0 unrelated.
As one-hot ids, all would have 0.
  blue   0.71 ████████████████████████████▌
  yellow 0.69 ███████████████████████████▋
  green  0.66 ██████████████████████████▍
  white  0.58 ███████████████████████▎

Cosine of each token of the sentence with each other, in hundredths:
          1   2   3   4
  1 A   100
► 2 red   5 100
  3 car  10  31 100
  4 .    -2   0   4 100

Swap it, and what comes next changes by (0%: not at all, 100%: altogether):
  blue (cosine 0.71)    21% ████████▍
  Monday (cosine -0.03) 67% ██████████████████████████▊
""",
}


@each(PICTURES)
def test_picture(slug: str, width: int, ascii: bool) -> None:
    assert drawn(slug, width, ascii) == PICTURES[slug, width, ascii]
