package house

import (
	"bytes"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// root is the folder of the module, seen from a test of this package.
const root = "../.."

// order is the import order of the house.  A new package needs a rule here;
// examples stands for all packages below it.
const order = `
	# Numbers and documents know nobody; the reader's edition shows the documents.
	NONE < internal/wire
	NONE < spec/cddl < spec < spec/edition

	# Frames; encoding and cryptography, then the exchange over them.
	internal/wire < apdu
	internal/wire < internal/dcbor, internal/suite < internal/edhoc

	# What parties sign, and those who sign it.
	internal/wire, internal/dcbor, internal/suite < credential < issuer
	issuer < issuer/ledger < issuer/ledger/ledgertest
	credential < credential/audit

	# What the two sides at the door say to each other, and the two sides.
	credential, apdu < internal/message
	internal/message, internal/edhoc < credential/holder, lock, internal/exchangetest
	credential/holder, issuer < credential/holder/home

	# What testers forge, the exchange laid open, and the two sides that a tester
	# plays.  No product imports any of them.
	credential < credential/credentialtest < internal/exchangetest
	internal/exchangetest < credential/holder/holdertest
	internal/exchangetest, lock < lock/locktest
	issuer < issuer/issuertest
	credential/audit, credential/holder, issuer/issuertest < credential/audit/audittest

	# A small world for tests, and a browser; nothing is above them.
	NONE < internal/browsertest
	lock/locktest, credential/holder, issuer/issuertest < internal/worldtest

	# The conformance suite: the lines to a product, the parties that it plays, the
	# products that it reaches, and the cases.  It uses what a stranger can use.
	NONE < conformance/strict < conformance/shim
	conformance/shim, issuer/issuertest, credential/holder, spec/vectors < conformance/world
	NONE < conformance/target/pcsc
	apdu < conformance/target/vpcd
	conformance/target/pcsc, conformance/target/vpcd < conformance/target
	conformance/world, lock/locktest < conformance/target
	conformance/shim, apdu < conformance/report
	conformance/report, conformance/world, spec, credential/holder/holdertest, lock/locktest < conformance/cases
	conformance/cases, spec/vectors < conformance/cases/lock < conformance
	conformance/cases < conformance/cases/app, conformance/cases/issuer < conformance
	spec, credential, apdu < conformance/inspect
	conformance/report, conformance/inspect < conformance/page < conformance/cmd/postern
	NONE < conformance/mutants/mutant
	conformance/target, conformance/mutants/mutant < conformance/mutants/child
	conformance, conformance/target < conformance/mutants
	conformance < conformance/certificate
	conformance/certificate, conformance/target, conformance/target/vpcd, conformance/inspect, conformance/mutants, spec/vectors < conformance/cmd/postern

	# Examples, which nobody imports.
	credential/audit/audittest < examples
	conformance, conformance/target, conformance/target/pcsc, conformance/target/vpcd, spec/edition, spec/vectors < examples

	# The test vectors, those who make them and those who read them.
	NONE < spec/vectors
	lock/locktest, credential/holder, issuer, spec/vectors < internal/vectorgen
	NONE < internal/vectortest

	# Tools that make and check files of this repository.
	NONE < internal/wire/gen, internal/house, spec/examples

	apdu, internal/edhoc             !< credential
	issuer, credential/holder, spec  !< lock, lock/locktest
	lock, issuer                     !< credential/holder, credential/holder/holdertest
	credential/credentialtest, internal/exchangetest !< credential/holder, lock, issuer
	spec                             !< issuer, credential, credential/holder
`

// rules returns what the module's packages are held to.
func rules(t *testing.T) Rules {
	o, err := ParseOrder(order)
	require.NoError(t, err)
	return Rules{
		Module: "github.com/postern-lock/postern",
		Order:  o,
		Open:   []string{"examples"},
		Users:  []string{"conformance", "examples"},
		Outside: map[string][]string{
			"github.com/fxamacker/cbor/v2": {"internal/dcbor"},
			"filippo.io/edwards25519":      {"internal/suite", "internal/vectorgen", "conformance/mutants/mutant"},
			"github.com/yuin/goldmark":     {"spec/edition"},
		},
		Beneath:  []string{"github.com/x448/float16"},
		TestOnly: []string{"github.com/stretchr/testify", "github.com/c2sp/wycheproof", "github.com/santhosh-tekuri/jsonschema/v6"},
		Helpers:  []string{"internal/browsertest", "internal/worldtest", "issuer/ledger/ledgertest"},
		Core:     core,
		Banned:   []string{"log", "math/rand", "net", "os", "plugin", "syscall", "testing", "unsafe"},
	}
}

// core lists the packages that firmware, apps and servers build on: bytes in,
// bytes out, with time and randomness as arguments.
var core = []string{
	"apdu", "credential", "credential/credentialtest", "credential/holder", "credential/holder/holdertest",
	"internal/dcbor", "internal/edhoc", "internal/exchangetest", "internal/message", "internal/suite", "internal/wire",
	"issuer", "issuer/issuertest", "lock", "lock/locktest", "spec", "spec/cddl", "spec/vectors",
}

// TestImports holds every package to the order, as each of the platforms sees
// it.
func TestImports(t *testing.T) {
	needGo(t)
	for _, platform := range []string{"linux/amd64", "windows/amd64", "darwin/arm64", "android/arm64", "wasip1/wasm"} {
		t.Run(platform, func(t *testing.T) {
			system, processor, _ := strings.Cut(platform, "/")
			c := exec.Command("go", "list", "-deps", "-json=ImportPath,Standard,Imports,TestImports,XTestImports,Deps", "./...")
			c.Dir = root
			c.Env = append(os.Environ(), "GOOS="+system, "GOARCH="+processor, "CGO_ENABLED=0")
			packages, err := ReadPackages(bytes.NewReader(output(t, c)))
			require.NoError(t, err)
			require.Empty(t, strings.Join(rules(t).Check(packages), "\n"))
		})
	}
}

// TestEveryCorePackageHasARule keeps the two lists above together.
func TestEveryCorePackageHasARule(t *testing.T) {
	for _, name := range core {
		require.True(t, rules(t).Order.Has(name), name)
	}
}

// needGo skips a test where no go command of this processor is at hand: on a
// machine without Go, or in an emulator.
func needGo(t *testing.T) {
	out, err := exec.Command("go", "env", "GOHOSTARCH").Output()
	if err != nil || strings.TrimSpace(string(out)) != runtime.GOARCH {
		t.Skipf("no go command for %s: %v", runtime.GOARCH, err)
	}
}

// output runs a command that must succeed and returns what it printed.
func output(t *testing.T, c *exec.Cmd) []byte {
	t.Helper()
	var out, complaint bytes.Buffer
	c.Stdout, c.Stderr = &out, &complaint
	require.NoError(t, c.Run(), "%s\n%s", c, complaint.Bytes())
	return out.Bytes()
}
