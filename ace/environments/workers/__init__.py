"""Games in processes of their own: what is heavy, slow or may crash is played beside ace and not in it.

`pool.py` is ace's side, `serve.py` the process. A process plays one scene at a time and is used again; one that dies, or
does not answer in time, makes that attempt invalid, and the next scene gets a new one.
"""
