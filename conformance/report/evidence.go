package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// Traffic is what a case sent over the link, without its control channel.
type Traffic struct {
	Commands int   `json:"commands"`     // round trips
	Sent     int   `json:"sent"`         // bytes of them all
	Received int   `json:"received"`     // bytes of the answers
	Took     int64 `json:"microseconds"` // from each command to its answer
}

// Seal puts down what the exchanges cost and their digest, so that both stay where
// the exchanges are left out.
func (x *Result) Seal() {
	x.Traffic, x.Evidence = Traffic{}, ""
	if len(x.Exchanges) == 0 {
		return
	}
	x.Evidence = digest(x.Exchanges)
	for _, e := range x.Exchanges {
		if e.Control == "" {
			x.Traffic.Commands++
			x.Traffic.Sent += len(e.Command)
			x.Traffic.Received += len(e.Response)
			x.Traffic.Took += e.Took
		}
	}
}

// digest is SHA-256 over the exchanges in the report's own form, as JSON without
// white space.
func digest(all []Exchange) string {
	b, err := json.Marshal(all)
	if err != nil { // nothing in an Exchange can fail
		panic(err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
