package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"github.com/postern-lock/postern/conformance/inspect"
	"github.com/postern-lock/postern/conformance/page"
	"github.com/postern-lock/postern/conformance/report"
)

// maxInput is the longest file that is inspected, in bytes.
const maxInput = 64 << 20

// inspectVerb decodes bytes and says what is wrong with them.
func inspectVerb(_ context.Context, c console, args []string) error {
	f := flags(c, "inspect", "HEX|LINK|FILE|-")
	as := f.String("as", "", "take it as `object`, command, response or cbor")
	if err := parse(f, args, 1); err != nil {
		return err
	}
	if f.NArg() == 0 {
		return fmt.Errorf("%w: what is to be inspected? hexadecimal digits, a link, a file, or - for standard input", errUsage)
	}
	input, err := input(c, f.Arg(0))
	if err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	findings, err := findings(input, *as)
	if err != nil {
		return err
	}
	wrong := false
	for _, x := range findings {
		fmt.Fprintln(c.out, x)
		wrong = wrong || x.Wrong()
	}
	if wrong {
		return status(conformsN)
	}
	return nil
}

// input returns the bytes or the text that an argument names.
func input(c console, arg string) ([]byte, error) {
	if arg == "-" {
		return io.ReadAll(io.LimitReader(c.in, maxInput))
	}
	if b, err := digits(arg); err == nil {
		return b, nil
	}
	if inspect.IsLink(arg) {
		return []byte(arg), nil
	}
	info, err := os.Stat(arg)
	if err != nil {
		return nil, fmt.Errorf("neither hexadecimal digits nor a link nor a file: %w", err)
	}
	if info.Size() > maxInput {
		return nil, fmt.Errorf("%s has more than %d bytes", arg, maxInput)
	}
	return os.ReadFile(arg)
}

// digits reads hexadecimal digits in either case, with spaces and colons between.
func digits(s string) ([]byte, error) {
	return hex.DecodeString(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == ':' {
			return -1
		}
		return r
	}, s))
}

// findings decodes input: a link, a report, a transcript, digits or the bytes themselves.
func findings(data []byte, as string) ([]inspect.Finding, error) {
	if as == "" {
		if link := strings.TrimSpace(string(data)); inspect.IsLink(link) {
			return []inspect.Finding{inspect.Link(link)}, nil
		}
		if r, err := report.Decode(data); err == nil {
			return exchanges(r), nil
		}
		if all := inspect.Transcript(string(data)); len(all) > 0 {
			return all, nil
		}
	}
	if b, err := digits(string(data)); err == nil && len(b) > 0 {
		data = b
	}
	decode := inspect.Any
	switch as {
	case "":
	case "object":
		decode = inspect.Object
	case "command":
		decode = inspect.Command
	case "response":
		decode = inspect.Response
	case "cbor":
		decode = func(b []byte) (inspect.Finding, error) { return inspect.CBOR(b), nil }
	default:
		return nil, fmt.Errorf("%w: --as %s, where object, command, response or cbor is right", errUsage, as)
	}
	f, err := decode(data)
	if err != nil {
		return []inspect.Finding{{Kind: "no " + as, Faults: []string{err.Error()}}}, nil
	}
	return []inspect.Finding{f}, nil
}

// exchanges decodes all exchanges of a report, with the plaintexts that it has.
func exchanges(r *report.Report) []inspect.Finding {
	var all []inspect.Finding
	for _, x := range r.Results {
		var talk inspect.Talk
		for _, e := range x.Exchanges {
			all = append(all, page.Decode(e, &talk)...)
		}
	}
	return all
}
