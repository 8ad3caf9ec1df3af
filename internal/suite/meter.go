package suite

// Meter counts operations with public keys, so that their cost on a small chip
// can be told. Each X25519 and P256DH is one scalar multiplication, as in making
// an ephemeral key pair and in each agreement. A Meter is not safe for use by
// several goroutines. A nil Meter counts nothing.
type Meter struct {
	X25519        uint64 // multiplications with X25519
	Ed25519Sign   uint64 // signatures made with Ed25519
	Ed25519Verify uint64 // signatures checked with Ed25519
	P256DH        uint64 // multiplications with P-256 for a key agreement
	P256Sign      uint64 // signatures made with ECDSA
	P256Verify    uint64 // signatures checked with ECDSA
}

// Add adds what other has counted. Either may be nil.
func (m *Meter) Add(other *Meter) {
	if m == nil || other == nil {
		return
	}
	m.X25519 += other.X25519
	m.Ed25519Sign += other.Ed25519Sign
	m.Ed25519Verify += other.Ed25519Verify
	m.P256DH += other.P256DH
	m.P256Sign += other.P256Sign
	m.P256Verify += other.P256Verify
}

// Total returns the number of operations of all kinds.
func (m *Meter) Total() uint64 {
	if m == nil {
		return 0
	}
	return m.X25519 + m.Ed25519Sign + m.Ed25519Verify + m.P256DH + m.P256Sign + m.P256Verify
}

// Reset sets every count to zero.
func (m *Meter) Reset() {
	if m != nil {
		*m = Meter{}
	}
}

func (m *Meter) addDH(c Curve) {
	if m == nil {
		return
	}
	switch c {
	case X25519:
		m.X25519++
	case P256:
		m.P256DH++
	}
}

func (m *Meter) addSign(a Algorithm) {
	if m == nil {
		return
	}
	switch a {
	case AlgEd25519:
		m.Ed25519Sign++
	case AlgESP256:
		m.P256Sign++
	}
}

func (m *Meter) addVerify(a Algorithm) {
	if m == nil {
		return
	}
	switch a {
	case AlgEd25519:
		m.Ed25519Verify++
	case AlgESP256:
		m.P256Verify++
	}
}
