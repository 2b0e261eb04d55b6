"""Our figures beside our peers', measured in one run on one machine: `python -m bench`."""
