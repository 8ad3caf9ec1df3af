package message

import (
	"bytes"
	"errors"
	"fmt"
	"math"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

// appendNotice appends a notice that is there.
//
//	notice = [ kind: 1..2, from: uint32, until: uint32, instruction: 0..3 ]
func appendNotice(b []byte, n credential.Notice) []byte {
	b = dcbor.AppendUint(dcbor.AppendArray(b, 4), uint64(n.Kind))
	b = dcbor.AppendUint(b, uint64(n.From))
	b = dcbor.AppendUint(b, uint64(n.Until))
	return dcbor.AppendUint(b, uint64(n.Instruction))
}

// readNotice reads a notice.  Kind and instruction may be those of another
// version.
func (d *decoding) readNotice(value *dcbor.Reader) error {
	value.Array(4, 4)
	kind, from, until, instruction := value.Uint(), value.Uint(), value.Uint(), value.Uint()
	if value.Close() != nil {
		return nil // readFields says so
	}
	if kind == 0 || max(kind, from, until, instruction) > math.MaxUint32 {
		return errors.New("its kind is 0, or a number is over 32 bits")
	}
	d.response.Notice = credential.Notice{
		Kind: credential.NoticeKind(d.narrow(kind)), From: credential.Time(from), Until: credential.Time(until),
		Instruction: credential.Instruction(d.narrow(instruction)),
	}
	return nil
}

// checkNotice applies the rules for a notice, or for none.
func checkNotice(n credential.Notice) error {
	switch {
	case n.Kind == 0 && n != credential.Notice{}:
		return fmt.Errorf("%w: field notice: its kind is 0", errResponse)
	case n.Roles != 0:
		return fmt.Errorf("%w: field notice: it does not say who else is shown it", errResponse)
	case n.From != 0 && n.Until != 0 && n.Until <= n.From:
		return fmt.Errorf("%w: field notice: it ends before it begins", errResponse)
	}
	return nil
}

// readReceipt reads a receipt as it is encoded.
func (d *decoding) readReceipt(value *dcbor.Reader) error {
	if value.Kind() != dcbor.KindArray {
		return errors.New("it is not a signed object")
	}
	d.response.Receipt = bytes.Clone(value.Raw())
	return nil
}

// appendReasons appends what became of documents.
func appendReasons(b []byte, reasons []credential.Reason) []byte {
	b = dcbor.AppendArray(b, len(reasons))
	for _, reason := range reasons {
		b = dcbor.AppendUint(b, uint64(reason))
	}
	return b
}

// readDocuments takes reasons of any number, none among them.
func (d *decoding) readDocuments(value *dcbor.Reader) error {
	for range value.Array(1, wire.LimitDocuments) {
		reason := value.Uint()
		if reason > math.MaxUint32 {
			return errors.New("a reason is over 32 bits")
		}
		d.response.Documents = append(d.response.Documents, credential.Reason(d.narrow(reason)))
	}
	return nil
}

// readLog takes a page of the log as it is.
func (d *decoding) readLog(value *dcbor.Reader) error {
	page := value.Bytes()
	if page != nil && len(page) != clearLog && len(page) != sealedLog {
		return fmt.Errorf("a page of the log has %d bytes, or %d sealed; this has %d", clearLog, sealedLog, len(page))
	}
	d.response.Log = bytes.Clone(page)
	return nil
}
