package vectortest

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

func readMessage(t *testing.T) {
	readers := messageReaders(newExchange(t))
	area[vectors.MessageParams, vectors.MessageTest]{
		name:   "message",
		check:  func(p vectors.MessageParams, test vectors.MessageTest) error { return checkMessage(readers, p, test) },
		common: (*vectors.MessageTest).Common,
		flips:  12,
		// What a later version says beyond this one is passed over.
		unread: func(path string, flags []string) bool {
			return slices.Contains(flags, "later") && (path == "data" || strings.HasPrefix(path, "request."))
		},
	}.run(t)
}

// messageReaders has the reader of every kind.
func messageReaders(e *exchange) map[string]messageReader {
	return map[string]messageReader{
		"select-answer": readSelection,
		"message-1":     e.message1,
		"message-2":     e.message2,
		"plaintext-2":   e.plaintext2,
		"handshake-2":   readHandshake2,
		"plaintext-3":   e.plaintext3,
		"edhoc-error":   e.errorMessage,
		"resume":        readResume,
		"request":       readRequest,
		"response":      readResponse,
		"log-entry":     readLogEntry,
		"log-page":      readLogPage,
	}
}

// messageReader reads one message and puts what it read into a test that has
// nothing else.
type messageReader func(p vectors.MessageParams, data []byte, read *vectors.MessageTest) error

// Errors that have another reason than malformed.
var (
	errVersion = errors.New("version")
	errSuite   = errors.New("suite")
)

func checkMessage(readers map[string]messageReader, p vectors.MessageParams, test vectors.MessageTest) error {
	read, ok := readers[p.Kind]
	if !ok || (p.Kind == "message-1") != (len(p.Suites) > 0) {
		return fmt.Errorf("%w: kind %q, suites %v", errForm, p.Kind, p.Suites)
	}
	var got vectors.MessageTest
	err := read(p, test.Data, &got)
	reason := ""
	switch {
	case errors.Is(err, errForm):
		return err
	case errors.Is(err, errVersion):
		reason = "version"
	case errors.Is(err, errSuite):
		reason = "suite"
	case err != nil:
		reason = "malformed"
	}
	if err := verdict(test.Test, reason); err != nil || test.Result == vectors.Invalid {
		return err
	}
	got.Test, got.Data = test.Test, test.Data
	narrow(&test)
	if !reflect.DeepEqual(test, got) {
		return fmt.Errorf("read as %+v", got)
	}
	return nil
}

// narrow brings what this version does not know of a request to what it keeps
// of it: that there was something.
func narrow(test *vectors.MessageTest) {
	const known = wire.FlagReceipt | wire.FlagResumption | wire.FlagLog
	if test.Request == nil {
		return
	}
	r := *test.Request
	r.Operation, r.Flags = min(r.Operation, 255), r.Flags&known
	test.Request = &r
}

func readSelection(_ vectors.MessageParams, data []byte, read *vectors.MessageTest) error {
	s, err := message.ParseSelection(data)
	if errors.Is(err, message.ErrVersion) {
		return errVersion
	} else if err != nil {
		return err
	}
	hash := message.SelectionHash(message.AID, data)
	read.Selection = &vectors.Selection{
		Version: uint32(s.Version), Capabilities: uint32(s.Capabilities), Lock: s.Lock[:], Nonce: s.Nonce[:], Hash: hash[:],
	}
	return nil
}

func readRequest(_ vectors.MessageParams, data []byte, read *vectors.MessageTest) error {
	r, err := message.ParseRequest(data)
	if err != nil {
		return err
	}
	told := vectors.Request{
		Operation: uint32(r.Operation), Resource: uint32(r.Resource), Chain: hexes(r.Chain), Documents: hexes(r.Documents),
		Proof: r.Proof, Unknown: r.Unknown,
	}
	for flag, set := range map[uint32]bool{wire.FlagReceipt: r.Receipt, wire.FlagResumption: r.Resumable, wire.FlagLog: r.Log} {
		if set {
			told.Flags |= flag
		}
	}
	if r.Reference != (credential.Reference{}) {
		told.Reference = r.Reference[:]
	}
	if r.Paged {
		told.Page = numberOf(uint32(r.Page))
	}
	read.Request = &told
	return nil
}

func hexes(all [][]byte) []vectors.Hex {
	var h []vectors.Hex
	for _, b := range all {
		h = append(h, b)
	}
	return h
}

func readResponse(_ vectors.MessageParams, data []byte, read *vectors.MessageTest) error {
	r, err := message.ParseResponse(data)
	if err != nil {
		return err
	}
	read.Response = &vectors.Response{}
	told := read.Response
	for _, kid := range r.Missing {
		told.Missing = append(told.Missing, kid[:])
	}
	if told.Missing != nil {
		return nil
	}
	told.Outcome = numberOf(uint32(r.Outcome))
	if r.Unknown && r.Outcome == credential.OutcomeUnconfirmed && r.Documents == nil {
		return nil // an outcome that is not known
	}
	told.Reason, told.Resumption, told.Receipt, told.Log = uint32(r.Reason), uint32(r.Slot), r.Receipt, r.Log
	if r.Outcome != credential.OutcomeRefused {
		told.State = &vectors.State{Policy: r.State.PolicyVersion, Floor: uint32(r.State.Floor), Log: r.State.Sequence}
	}
	if r.Outcome == credential.OutcomePending {
		told.Charge = &vectors.Charge{Percent: uint32(r.Charge), Wait: uint32(r.Wait.Milliseconds())}
	}
	if r.Notice != (credential.Notice{}) {
		told.Notice = noticeOf(r.Notice)
	}
	for _, reason := range r.Documents {
		told.Documents = append(told.Documents, uint32(reason))
	}
	return nil
}

// readLogEntry reads the entry in a page of its own.
func readLogEntry(_ vectors.MessageParams, data []byte, read *vectors.MessageTest) error {
	if _, rest, err := dcbor.Next(data); err != nil || len(rest) > 0 {
		return errors.New("not one item")
	}
	page := dcbor.AppendBytes(dcbor.AppendBytes(dcbor.AppendArray(nil, 3), make([]byte, 8)), make([]byte, 32))
	page = append(dcbor.AppendArray(page, 1), data...)
	p, err := credential.ParseLogPage(append(page, make([]byte, wire.LimitLogPageBytes-len(page))...))
	if err != nil {
		return err
	}
	read.Entry = logEntryOf(p.Entries[0])
	return nil
}

func readLogPage(_ vectors.MessageParams, data []byte, read *vectors.MessageTest) error {
	p, err := credential.ParseLogPage(data)
	if err != nil {
		return err
	}
	head := p.Base
	entries := []vectors.LogEntry{}
	for _, e := range p.Entries {
		head = head.Next(e)
		entries = append(entries, *logEntryOf(e))
	}
	read.Page = &vectors.LogPage{Lock: p.Lock[:], Base: p.Base[:], Entries: entries, Head: head[:]}
	if !bytes.Equal(p.Encode(), data) {
		return errors.New("it encodes to other bytes")
	}
	return nil
}
