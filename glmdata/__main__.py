"""`python -m glmdata` is the command line."""

from glmdata.cli.main import main

if __name__ == "__main__":
    main()
