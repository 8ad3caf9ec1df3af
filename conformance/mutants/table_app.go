package mutants

// phones are mutants of apps.
var phones = []Mutant{}
