"""How far to step: the pictures as a learner sees them without colour, whole and inside an answer."""

from __future__ import annotations

import pytest
from pictures import drawn, each

from tutor.views import render, to_text
from tutor.views.descent import demo

PICTURES = {
    ("descent", 80, False): """\
One step against the gradient of the sentence's loss
Loss: -ln of the probability of the right token, on average (in nats; 0.69 is a
coin toss, 0 is certain).
Each row is a step of its own from the same start, on a copy: every parameter
minus the learning rate times its gradient.

  learning rate loss here                                         other sentence
  no step          0.1040 ██████████████████▌                             0.2120
  0.0005           0.1034 ██████████████████▍                             0.2118
  0.02             0.0771 █████████████▊                                  0.2051
► 0.5                4e-5 ▏                                               0.2944
  2                0.1520 ███████████████████████████                     0.9107
  10              21.4470 █████████████████████████████████████…         10.5200
A full bar is twice the loss of no step; one that ends in … is more.

Taken as right, here and on the other sentence, is what the model writes before
any step:
  here: Une voiture rouge.
  other: The dog is asleep. → Le chien dort.
""",
    ("descent", 40, False): """\
One step against the gradient of the
sentence's loss
Loss: -ln of the probability of the
right token, on average (in nats; 0.69
is a coin toss, 0 is certain).
Each row is a step of its own from the
same start, on a copy: every parameter
minus the learning rate times its
gradient.

  rate       here                  other
  no step  0.1040 ██████          0.2120
  0.0005   0.1034 ██████          0.2118
  0.02     0.0771 ████▌           0.2051
► 0.5        4e-5 ▏               0.2944
  2        0.1520 ████████▊       0.9107
  10      21.4470 ████████████…  10.5200
A full bar is twice the loss of no step;
one that ends in … is more.

Taken as right, here and on the other
sentence, is what the model writes
before any step:
  here: Une voiture rouge.
  other: The dog is asleep. → Le chien
  dort.
""",
    ("descent", 40, True): """\
One step against the gradient of the
sentence's loss
Loss: -ln of the probability of the
right token, on average (in nats; 0.69
is a coin toss, 0 is certain).
Each row is a step of its own from the
same start, on a copy: every parameter
minus the learning rate times its
gradient.

  rate       here                  other
  no step  0.1040 ######          0.2120
  0.0005   0.1034 ######          0.2118
  0.02     0.0771 ####            0.2051
* 0.5        4e-5 :               0.2944
  2        0.1520 #########       0.9107
  10      21.4470 ############~  10.5200
A full bar is twice the loss of no step;
one that ends in ~ is more.

Taken as right, here and on the other
sentence, is what the model writes
before any step:
  here: Une voiture rouge.
  other: The dog is asleep. > Le chien
  dort.
""",
}
BRIEF = {
    80: """\
One step against the gradient of the sentence's loss
  learning rate loss here                                         other sentence
  no step          0.1040 ██████████████████▌                             0.2120
  0.0005           0.1034 ██████████████████▍                             0.2118
► 0.5                4e-5 ▏                                               0.2944
  2                0.1520 ███████████████████████████                     0.9107
  10              21.4470 █████████████████████████████████████…         10.5200
A full bar: twice the loss of no step; …: more. Left out: 1 other rate.
""",
    40: """\
One step against the gradient
  rate       here                  other
  no step  0.1040 ██████          0.2120
  0.0005   0.1034 ██████          0.2118
► 0.5        4e-5 ▏               0.2944
  2        0.1520 ████████▊       0.9107
  10      21.4470 ████████████…  10.5200
Left out: 1 other rate.
""",
}


@each(PICTURES)
def test_picture(slug: str, width: int, ascii: bool) -> None:
    assert drawn(slug, width, ascii) == PICTURES[slug, width, ascii]


@pytest.mark.parametrize("width", BRIEF)
def test_picture_inside_an_answer(width: int) -> None:
    assert to_text(render(demo(), width=width, brief=True), width) + "\n" == BRIEF[width]
