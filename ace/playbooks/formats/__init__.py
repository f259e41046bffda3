"""The file formats of playbooks."""
