package cases

import (
	"context"
	"slices"
	"time"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/credential/holder/holdertest"
)

// Meet holds the card to a lock that reads phones itself (binding R, chapter 21)
// until the lock is done with it, and returns how many commands the lock sent.
// What ends the case in the card's script ends it when the lock is done.
func (t *T) Meet(card *holdertest.Card) (commands int) {
	script := card.Script
	var ended any
	if script != nil {
		card.Script = func(link apdu.Transceiver) {
			defer func() { ended = recover() }()
			script(link)
		}
	}
	t.Set(shim.Meet{Ask: func(_ context.Context, command []byte) ([]byte, error) {
		commands++
		began := time.Now()
		response := slices.Clone(card.Process(command))
		t.record(report.Exchange{What: "the lock asks", Command: append(shim.Hex(nil), command...), Response: response, Took: time.Since(began).Microseconds()})
		return response, nil
	}})
	card.Reset()
	if ended != nil {
		panic(ended)
	}
	for _, f := range card.Faults {
		t.Failf("a command against the standard: %v", f)
	}
	return commands
}
