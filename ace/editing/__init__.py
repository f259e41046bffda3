"""Changes that a person makes to playbooks, from the command line and from a program alike."""
