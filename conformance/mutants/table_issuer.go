package mutants

// signers are mutants of issuers.
var signers = []Mutant{}
