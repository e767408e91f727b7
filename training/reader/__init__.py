"""The reader of questions: its data, its training, and the vectors of the wordings."""
