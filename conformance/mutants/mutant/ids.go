package mutant

// ids are the mutants of this build.  An overlay takes the place of this file.
var ids []string
