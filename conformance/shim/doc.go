// Package shim is the line protocol between the conformance suite and a program
// that brings a product under test: the messages, the side of the suite (Client)
// and the side of the product (Serve).
//
// README.md is the protocol's page for those who write a shim in any language,
// schema.json its JSON Schema.
package shim

import _ "embed"

// Protocol is the version of the protocol.
const Protocol = 1

// MaxLine is the greatest length of a line with its line feed, in bytes.
const MaxLine = 16384

// Schema is the JSON Schema (2020-12) of a line of either side.
//
//go:embed schema.json
var Schema []byte
