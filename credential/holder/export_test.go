package holder

// InClear returns the Result of a tap that read these pages in clear.
func InClear(r Result) Result {
	r.inClear = true
	return r
}
