"""What a playbook does to each task, with it and without it, and what each of its bullets does."""
