"""A plan as an Ansible project: playbooks, inventory and variables as text."""

from musa_pipeline.formats.playbook.write import write_playbook

__all__ = ["write_playbook"]
