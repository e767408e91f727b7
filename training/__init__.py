"""How the files that ship are made and measured. Not part of the installed program."""
