"""Attempts that were made elsewhere, read from the files that other programs write.

Readers are pure: from a file to values, with what is wrong told by file and line. Nothing in a file is executed, and of a text
only its form is believed.
"""
