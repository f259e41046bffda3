"""Pages: what a run, a playbook or an experiment gave, as one HTML file made from the store alone.

A page needs no network and no script to be read. Text from outside enters through `html.el` only, which escapes it.
"""
