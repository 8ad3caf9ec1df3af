package edhoc

import (
	"crypto/sha256"
	"fmt"
	"io"
	"sync/atomic"
)

// maxExport is the most bytes that HKDF-Expand derives at once. See RFC 5869,
// section 2.3.
const maxExport = 255 * hashLength

// An Exporter derives keys from a completed run: EDHOC_Exporter. It holds
// PRK_exporter and nothing else of the run, and may be used any number of times
// and by several goroutines. See RFC 9528, section 4.2.1.
type Exporter struct {
	prk        *prkExporterKey
	hasChannel atomic.Bool // whether NewChannel has been called
}

// newExporter calculates PRK_out and PRK_exporter.
func newExporter(prk4e3m *prk4e3mKey, th4 th4Hash) (*Exporter, error) {
	prkOut, err := prk4e3m.prkOut(th4)
	if err != nil {
		return nil, err
	}
	prkExporter, err := prkOut.prkExporter()
	if err != nil {
		return nil, err
	}
	return &Exporter{prk: prkExporter}, nil
}

// Export derives length bytes, 1 to 8160, for a label and a context:
//
//	EDHOC_Exporter( exporter_label, context, length )
//	  = EDHOC_KDF( PRK_exporter, exporter_label, context, length )
//
// Both sides of a run derive the same bytes. One pair of label and context
// serves one purpose; the labels are in the registry exporter-labels. Errors:
// [ErrLimit] for the length, [ErrUsed] for an Exporter that no run has made.
func (e *Exporter) Export(label uint, context []byte, length int) ([]byte, error) {
	if e == nil || e.prk == nil {
		return nil, &Error{Kind: ErrUsed, Detail: "no run has made this exporter"}
	}
	if length < 1 || length > maxExport {
		return nil, &Error{Kind: ErrLimit, Field: "length", Detail: "not from 1 to 8160 bytes"}
	}
	return KDF(e.prk[:], label, length, context)
}

// exportFor derives 32 bytes for one purpose in one transaction.
func (e *Exporter) exportFor(label uint, selectHash []byte) ([]byte, error) {
	if len(selectHash) != sha256.Size {
		return nil, &Error{Kind: ErrLocal, Field: "selectHash", Detail: "not 32 bytes"}
	}
	return e.Export(label, selectHash, hashLength)
}

// Format keeps the key out of what is printed, whatever the verb.
func (e *Exporter) Format(f fmt.State, _ rune) { io.WriteString(f, "edhoc.Exporter") }
