"""Proxy decoding: what a playbook does to a small model's next-token logits, added to those of a base model.

gguf, template        what a model file says of itself: vocabulary, context, chat template
llama, engine         llama.cpp in this process: sequences evaluated in one batch, logits of the whole vocabulary
arithmetic            combining, choosing and comparing logits; knows no model
decoding              streams of logits, plain and combined, and the loop that writes a reply
"""
