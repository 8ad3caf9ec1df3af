package exchangetest

// Fault is something that the other side said or did against the standard.
type Fault struct {
	Requirement string // its id, such as PST-REQ-004
	Text        string // what is wrong, for people
}

// String returns both.
func (f Fault) String() string { return f.Requirement + ": " + f.Text }
