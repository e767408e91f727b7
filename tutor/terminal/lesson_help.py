"""What can be typed in a lesson besides answers: the commands, and the words and wishes that stand for them."""

from __future__ import annotations

HELP = (
    "In a lesson: Enter goes on, `/hint` helps, `/solution` shows how it goes once you have tried, `/smaller` shows it "
    "with smaller numbers, `/another` sets an exercise again with new ones, `/skip` leaves a step out, `/back` goes "
    "back, `/again` shows this screen once more, `/goto 7` goes to a step, `/recap` looks back, `/steps` lists the "
    "steps, `/map` shows the course, `/test` asks four questions instead of the lesson, `/restart` begins again, "
    "`/leave` leaves and keeps your place. All of it can be said in your own words, and questions to me are answered."
)
WITHOUT_SLASH = (
    *("help", "hint", "solution", "skip", "back", "again", "recap", "map", "steps", "leave", "quit", "exit", "stop"),
    *("smaller", "another"),
)
"""Commands that are meant by the word alone, unless it can be the answer; so is `?`, which is `/help`."""
TOLD = ("time", "lessons", "lesson", "learn", "weight", "lost", "unsure", "wrong")
"""Wishes that are answered with a line about the lesson."""
KEYS = "/hint /skip /back /leave"
"""What the line at the bottom adds to the sentence."""
