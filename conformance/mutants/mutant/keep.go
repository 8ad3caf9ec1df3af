package mutant

// kept is what Keep was given first.
var kept []byte

// Keep makes a value once and gives the same ever after.
func Keep(make func() ([]byte, error)) ([]byte, error) {
	if kept != nil {
		return kept, nil
	}
	b, err := make()
	if err == nil {
		kept = b
	}
	return b, err
}

// Kept reports whether Keep has a value.
func Kept() bool { return kept != nil }
