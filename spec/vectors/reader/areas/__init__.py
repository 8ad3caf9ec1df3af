"""One module for each area of the vectors.

Each has outcome(params, test), which gives the fields that the test should
have: those that it computes, and "reason" where it refuses.  It raises Refused
instead of giving "reason" alone.  UNSEEN, where a module has it, tells of a path in
a test or its params that the area's section of ../README.md excepts from flips.
"""
