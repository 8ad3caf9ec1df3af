package vectortest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/spec/vectors"
)

// readers has the reader of every area.
var readers = map[string]func(*testing.T){
	"cbor":       readCBOR,
	"apdu":       readAPDU,
	"signature":  readSignature,
	"object":     readObject,
	"message":    readMessage,
	"chain":      readDecisions("chain"),
	"time":       readDecisions("time"),
	"policy":     readDecisions("policy"),
	"uses":       readDecisions("uses"),
	"exchange":   readExchange,
	"resumption": readResumption,
	"channel":    readChannel,
	"log":        readLog,
	"pass":       readPass,
}

func TestVectors(t *testing.T) {
	eachArea(t, func(t *testing.T, a vectors.Area, _ []byte) {
		require.Contains(t, readers, a.Area)
		readers[a.Area](t)
	})
}
