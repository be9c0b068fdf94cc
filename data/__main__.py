"""`python -m data`: the command line of the data side."""

from data.cli import main

if __name__ == "__main__":
    main(prog_name="python -m data")
