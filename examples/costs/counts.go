package main

import (
	_ "embed" // for the golden counts
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// counts are what one tap costs on the lock's side.
type counts struct {
	// Operations with public keys.  X25519 and P256DH are scalar
	// multiplications, two for each key agreement.
	X25519        int `json:"x25519"`
	Ed25519Sign   int `json:"ed25519_sign"`
	Ed25519Verify int `json:"ed25519_verify"`
	P256DH        int `json:"p256_dh"`
	P256Sign      int `json:"p256_sign"`
	P256Verify    int `json:"p256_verify"`
	// Points that are decoded where an object with a public key is read, each a
	// square root in the field.  Those that a verification decodes itself are
	// part of it.
	Ed25519Points int `json:"ed25519_points"`
	P256Points    int `json:"p256_points"`

	// Blocks of 64 and 128 bytes.  Those of SHA-512 are all inside Ed25519.
	// With suite 2 those of SHA-256 include the nonce of ECDSA, by RFC 6979.
	SHA256Blocks int `json:"sha256_blocks"`
	SHA512Blocks int `json:"sha512_blocks"`
	AESKeys      int `json:"aes_keys"` // key schedules
	AESBlocks    int `json:"aes_blocks"`

	Pairs int `json:"pairs"` // of command and response
	Bytes int `json:"bytes"` // of both, with headers and status words

	FlashReads  int `json:"flash_reads"`  // pages of 128 bytes, which are all read at power-up
	FlashErases int `json:"flash_erases"` // pages
	FlashBytes  int `json:"flash_bytes"`  // programmed
}

// cell is one of the counts, by its name in figures.
type cell struct {
	name  string
	value *int
}

// cells returns the counts in their order.  Those of inside are not seen from
// outside the lock: they come from a run whose code was instrumented.
func (c *counts) cells() (inside, outside []cell) {
	return []cell{
			{"ed25519_points", &c.Ed25519Points}, {"p256_points", &c.P256Points},
			{"sha256_blocks", &c.SHA256Blocks}, {"sha512_blocks", &c.SHA512Blocks},
			{"aes_keys", &c.AESKeys}, {"aes_blocks", &c.AESBlocks},
		}, []cell{
			{"x25519", &c.X25519}, {"ed25519_sign", &c.Ed25519Sign}, {"ed25519_verify", &c.Ed25519Verify},
			{"p256_dh", &c.P256DH}, {"p256_sign", &c.P256Sign}, {"p256_verify", &c.P256Verify},
			{"pairs", &c.Pairs}, {"bytes", &c.Bytes},
			{"flash_reads", &c.FlashReads}, {"flash_erases", &c.FlashErases}, {"flash_bytes", &c.FlashBytes},
		}
}

// all returns the counts in their order in the golden file.
func (c *counts) all() []cell {
	inside, outside := c.cells()
	return append(outside, inside...)
}

// golden holds the counts of every kind of tap.
//
//go:embed testdata/counts.csv
var golden string

// goldenFile is the form of the golden file: a comment with the version of Go
// whose run was counted, a header, and a line for each kind.
type goldenFile struct {
	goVersion string // such as go1.26
	counts    map[string]counts
}

const goldenComment = "# counted with "

// anew tells how to make the golden file.
const anew = "make them anew with: go run ./examples/costs -golden examples/costs/testdata"

var errGolden = errors.New("the golden counts are spoilt; " + anew)

// readGolden reads what writeGolden wrote.
func readGolden(text string) (*goldenFile, error) {
	comment, rest, _ := strings.Cut(text, "\n")
	version, ok := strings.CutPrefix(comment, goldenComment)
	if !ok {
		return nil, fmt.Errorf("%w: line 1 does not name a version of Go", errGolden)
	}
	lines, err := csv.NewReader(strings.NewReader(rest)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errGolden, err)
	}
	g := &goldenFile{version, map[string]counts{}}
	for i, line := range lines {
		var c counts
		cells := c.all()
		if len(line) != 1+len(cells) {
			return nil, fmt.Errorf("%w: a line has %d cells", errGolden, len(line))
		}
		for j, cell := range cells {
			if i == 0 {
				if line[1+j] != cell.name {
					return nil, fmt.Errorf("%w: column %s instead of %s", errGolden, line[1+j], cell.name)
				}
			} else if *cell.value, err = strconv.Atoi(line[1+j]); err != nil {
				return nil, fmt.Errorf("%w: %w", errGolden, err)
			}
		}
		if i > 0 {
			g.counts[line[0]] = c
		}
	}
	return g, nil
}

// writeGolden writes the counts of all kinds.
func writeGolden(w io.Writer, g *goldenFile) error {
	if _, err := fmt.Fprintf(w, "%s%s\n", goldenComment, g.goVersion); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	header := []string{"kind"}
	for _, cell := range new(counts).all() {
		header = append(header, cell.name)
	}
	_ = out.Write(header) // Flush keeps the error
	for _, k := range kinds {
		c := g.counts[k.name]
		line := []string{k.name}
		for _, cell := range c.all() {
			line = append(line, strconv.Itoa(*cell.value))
		}
		_ = out.Write(line)
	}
	out.Flush()
	return out.Error()
}
