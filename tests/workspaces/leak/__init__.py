"""A small product that only tells which workspace it sees, sound and deliberately broken.

The leak tests run it with the product's own middleware, task class and socket stack. Each broken variant
forgets one thing that keeps workspaces apart, and the same test must find that out.
"""
