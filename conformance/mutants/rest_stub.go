package mutants

var judgement, documents, resumption, times, uses, policies, owners, revocation, logs, commissioning, reader []Mutant
