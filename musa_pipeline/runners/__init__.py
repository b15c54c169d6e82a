"""What acts on hosts: Ansible, local guests, eBPF objects."""
