"""`python -m inkling …`: the commands, as `inkling …` once installed."""

from inkling.cli.main import main

if __name__ == "__main__":
    main()
