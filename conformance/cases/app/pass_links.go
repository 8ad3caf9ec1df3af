package app

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/credential"
)

// badLinks are links that are not the one of a good pass, which they hold.
func badLinks() []cases.Case {
	const head = "postern:pass/"
	var all []cases.Case
	for i, c := range []struct {
		what string
		make func(t *cases.T, b []byte, link string) string
	}{
		{"padding stands behind it", func(_ *cases.T, b []byte, _ string) string { return head + base64.URLEncoding.EncodeToString(b) }},
		{"it is of the alphabet with + and /", func(_ *cases.T, b []byte, _ string) string { return head + base64.RawStdEncoding.EncodeToString(b) }},
		{"a line break stands in it", func(_ *cases.T, _ []byte, link string) string { return link[:76] + "\n" + link[76:] }},
		{"a carriage return stands behind it", func(_ *cases.T, _ []byte, link string) string { return link + "\r" }},
		{"a space stands behind it", func(_ *cases.T, _ []byte, link string) string { return link + " " }},
		{"a space stands before it", func(_ *cases.T, _ []byte, link string) string { return " " + link }},
		{"a full stop stands behind it", func(_ *cases.T, _ []byte, link string) string { return link + "." }},
		{"a query stands behind it", func(_ *cases.T, _ []byte, link string) string { return link + "?v=1" }},
		{"a character is written with a per cent sign", func(_ *cases.T, _ []byte, link string) string {
			return fmt.Sprintf("%s%%%02X", link[:len(link)-1], link[len(link)-1])
		}},
		{"a letter that looks like another one stands in it", func(_ *cases.T, _ []byte, link string) string {
			at := len(head) + strings.IndexAny(link[len(head):], "aceopx")
			return link[:at] + map[byte]string{'a': "\u0430", 'c': "\u0441", 'e': "\u0435", 'o': "\u043e", 'p': "\u0440", 'x': "\u0445"}[link[at]] + link[at+1:]
		}},
		{"bits other than zero stand behind its last byte", func(t *cases.T, _ []byte, link string) string {
			const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
			return link[:len(link)-1] + string(alphabet[strings.IndexByte(alphabet, link[len(link)-1])+1])
		}},
		{"its scheme begins with a capital letter", func(_ *cases.T, _ []byte, link string) string { return "P" + link[1:] }},
		{"its kind is in capital letters", func(_ *cases.T, _ []byte, link string) string { return "postern:PASS/" + link[len(head):] }},
		{"it begins as a request does", func(_ *cases.T, _ []byte, link string) string { return "postern:request/" + link[len(head):] }},
		{"two slashes stand behind its scheme", func(_ *cases.T, _ []byte, link string) string { return "postern://pass/" + link[len(head):] }},
		{"its kind is missing", func(_ *cases.T, _ []byte, link string) string { return "postern:" + link[len(head):] }},
		{"it is base64url alone", func(_ *cases.T, _ []byte, link string) string { return link[len(head):] }},
	} {
		all = append(all, cases.Case{
			ID: id("PASS", 100+i), Revision: 1, Title: "the link of a good pass: " + c.what, Fault: "the link is another one: " + c.what, Requirements: []string{"PST-PASS-009"},
			Passes: []cases.Outcome{cases.Taken}, Allowed: []cases.Outcome{cases.Refused(credential.ReasonMalformed)},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				p := linked(t, asked(t))
				b := p.bytes()
				good := cases.PassLink(b)
				link := good
				if faulty {
					link = c.make(t, b, good)
					if link == good {
						t.Brokenf("the link has no place for the fault")
					}
				}
				return offer(t, faulty, p, func() cases.Outcome { return t.App.TakeLink(link) })
			},
		})
	}
	return all
}

// linked is a good pass whose link ends within a byte, and so could have padding, and
// has a character that another alphabet lacks.
func linked(t *cases.T, key credential.PublicKey) *pass {
	for area := range len(t.World.Area) {
		p := usual(t, key)
		p.chain = [][]byte{root(t, key, 0, func(c *credential.GrantClaims) {
			c.Scope = append(c.Scope, credential.Entry{Target: credential.AreaTarget(t.World.Area[:area+1]), Actions: credential.ActionOpen})
		})}
		if b := p.bytes(); len(b)%3 != 0 && strings.ContainsAny(cases.PassLink(b), "-_") {
			return p
		}
	}
	t.Brokenf("no link ends within a byte")
	return nil
}
