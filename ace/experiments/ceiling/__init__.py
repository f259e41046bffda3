"""How far an agent gets with many independent attempts at each task, without a playbook and with one."""
