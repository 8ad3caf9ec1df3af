package postern

import (
	"bytes"
	"slices"
	"sync"
)

// Bounds of what an app can pass.
const (
	maxItems = 64
	maxItem  = 4096
)

// Blobs is a list of byte strings: certificates, keys, documents, pages.
type Blobs struct {
	mu  sync.Mutex
	all [][]byte
}

// NewBlobs returns an empty list.
func NewBlobs() *Blobs { return &Blobs{} }

// newBlobs returns a list of what the library holds, which Add leaves as it is.
func newBlobs(all [][]byte) *Blobs { return &Blobs{all: slices.Clip(all)} }

// Add appends a copy.  A list holds at most 64 byte strings of 1 to 4096 bytes.
func (b *Blobs) Add(item []byte) error {
	if b == nil || len(item) == 0 || len(item) > maxItem {
		return argument("Add: %d bytes, want 1 to %d", len(item), maxItem)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.all) >= maxItems {
		return argument("Add: the list holds %d already", maxItems)
	}
	b.all = append(b.all, bytes.Clone(item))
	return nil
}

// Len returns how many there are.
func (b *Blobs) Len() int {
	if b == nil {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.all)
}

// At returns a copy of the byte string with the index, from 0; null where there
// is none.
func (b *Blobs) At(i int) []byte {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if i < 0 || i >= len(b.all) {
		return nil
	}
	return bytes.Clone(b.all[i])
}

// slices returns what the list holds now.  Nobody writes to the byte strings.
func (b *Blobs) slices() [][]byte {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.all)
}

// Texts is a list of texts.
type Texts struct {
	mu  sync.Mutex
	all []string
}

// NewTexts returns an empty list.
func NewTexts() *Texts { return &Texts{} }

// Add appends a text of at most 4096 bytes; a list holds at most 64.
func (t *Texts) Add(text string) error {
	if t == nil || len(text) > maxItem {
		return argument("Add: %d bytes, want at most %d", len(text), maxItem)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.all) >= maxItems {
		return argument("Add: the list holds %d already", maxItems)
	}
	t.all = append(t.all, text)
	return nil
}

// Len returns how many there are.
func (t *Texts) Len() int { return len(t.strings()) }

// At returns the one with the index, from 0; nothing where there is none.
func (t *Texts) At(i int) string {
	all := t.strings()
	if i < 0 || i >= len(all) {
		return ""
	}
	return all[i]
}

// strings returns what the list holds now.
func (t *Texts) strings() []string {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.all)
}
