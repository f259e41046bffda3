"""What runs inside of the sandbox: the solution in one process, the tests in another, and the pipe between them.

The modules import the standard library and each other, and nothing else of ace: only this folder is put into the sandbox. Each
attempt starts two processes, so what takes long to import (`typing`) is left to type checkers.
"""
