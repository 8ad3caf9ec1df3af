"""One module for each area of the vectors.

Each has outcome(params, test), which gives the fields that the test should
have: those that it computes, and "reason" where it refuses.  It raises Refused
instead of giving "reason" alone.  exempt(params, test, path), where a module has
it, tells what the area's section of ../README.md lets change unnoticed: path leads
into test or, where test is None, into params.
"""
