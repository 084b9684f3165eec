"""What bin/start, bin/test, bin/check and bin/services are made of.

Runs on a bare Python 3.11 before any package is installed, so only the standard library is imported
here. The modules that need packages (``external``, ``messages``) are run by the virtual environment.
"""
