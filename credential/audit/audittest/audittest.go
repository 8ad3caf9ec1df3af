// Package audittest plays locks that give receipts and pages of their logs, honest
// ones and liars, for tests and examples of audits.  No product imports it.
package audittest

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"fmt"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/audit"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/issuer/issuertest"
)

// Box is a lock as far as an audit sees it.
type Box struct {
	ID            credential.LockID
	Key           crypto.Signer
	Certificate   []byte
	LogKey        holder.LogKey
	Floor         credential.Time
	PolicyVersion uint32
	Policy        credential.Tag
	Entries       []credential.LogEntry // all of them, from number 1 on
	heads         []credential.LogHead  // the one before the first, and the one after each
}

// New returns the box with the number, certified by the world's maker.
func New(w *issuertest.World, n int) *Box {
	id := sha256.Sum256(fmt.Appendf(nil, "box %d", n))
	b := &Box{
		ID: credential.LockID(id[:8]), Key: w.Key(fmt.Sprintf("box %d", n)), LogKey: holder.NewLogKey(id),
		Floor: w.Now, PolicyVersion: 1, Policy: credential.Tag(id[8:16]), heads: make([]credential.LogHead, 1),
	}
	b.Certificate = w.LockCertificate(b.Key, func(c *credential.LockClaims) { c.ID = b.ID })
	return b
}

// Twin returns a copy of the box that lives a life of its own from now on, as the
// copy of its flash would.
func (b *Box) Twin() *Box {
	twin := *b
	twin.Entries, twin.heads = append([]credential.LogEntry(nil), b.Entries...), append([]credential.LogHead(nil), b.heads...)
	return &twin
}

// Write adds an entry to the log: an opening a minute after the one before, with
// what is altered.
func (b *Box) Write(alter func(*credential.LogEntry)) {
	b.Floor += 60
	e := credential.LogEntry{
		Time: b.Floor, Operation: credential.OperationDeliver, Outcome: credential.LogStarted,
		Role: credential.RoleOperator, Service: credential.ServicePost, Who: credential.Tag{0xaa, byte(len(b.Entries))},
	}
	if alter != nil {
		alter(&e)
	}
	e.Sequence = uint32(len(b.Entries)) + 1
	b.Entries = append(b.Entries, e)
	b.heads = append(b.heads, b.Head().Next(e))
}

// Head returns the head of the log.
func (b *Box) Head() credential.LogHead { return b.heads[len(b.heads)-1] }

// Claims returns what a receipt to the owner says now.
func (b *Box) Claims() credential.ReceiptClaims {
	c := credential.ReceiptClaims{Lock: b.ID, Floor: b.Floor, PolicyVersion: b.PolicyVersion, Policy: b.Policy, Head: b.Head()}
	if n := len(b.Entries); n > 0 {
		e := b.Entries[n-1]
		c.Entry = &e
	}
	return c
}

// Receipt returns the receipt to the owner.
func (b *Box) Receipt() audit.Item { return b.Sign(b.Claims()) }

// Blind returns the receipt to anybody else who has just opened.
func (b *Box) Blind() audit.Item {
	c := b.Claims()
	c.Head = b.LogKey.Blind(c.Head)
	c.Entry.Sequence = 0
	return b.Sign(c)
}

// Sign returns the receipt with the claims, and the certificate.
func (b *Box) Sign(c credential.ReceiptClaims) audit.Item {
	u := must(credential.NewReceipt(c, issuertest.Public(b.Key)))
	signature := must(b.Key.Sign(rand.Reader, u.ToBeSigned(), crypto.Hash(0)))
	return audit.Item{Kind: audit.KindReceipt, Object: must(u.WithSignature(signature)), Certificates: [][]byte{b.Certificate}}
}

// Page returns the page with the entries from one number to another.
func (b *Box) Page(from, to int) audit.Item {
	p := credential.LogPage{Lock: b.ID, Base: b.heads[from-1], Entries: b.Entries[from-1 : to]}
	return audit.Item{Kind: audit.KindPage, Object: p.Encode()}
}

// Pages returns the whole log.
func (b *Box) Pages() []audit.Item {
	var pages []audit.Item
	for from := 1; from <= len(b.Entries); from += 16 {
		pages = append(pages, b.Page(from, min(from+15, len(b.Entries))))
	}
	return pages
}

// must returns v; an error is a fault of the test.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
