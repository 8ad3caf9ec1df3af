package mutants

// Files of requests and passes.
const (
	cLink  = "credential/link.go"
	cPass  = "credential/pass.go"
	hWith  = "credential/holder/pass.go"
	hSlots = "credential/holder/slots.go"
	tPass  = "conformance/target/app_pass.go"
)

// passLax has an app read a pass with one rule of CBOR less.
func passLax(rule string) Edit {
	return in(cPass, `r := read(passName, data)`, `r := read(passName, mutant.Lenient("`+rule+`", data))`)
}

// phonePasses are those of chapter 27.
var phonePasses = []Mutant{
	phone("request-of-a-bare-key", "PST-PASS-001", "hands over the COSE_Key in place of a claims set", in(tPass, `Bytes: credential.AppendClaimsSet(nil, key)`, `Bytes: credential.AppendClaimsSet(nil, key)[4:]`)),
	phone("request-with-a-name", "PST-PASS-001", "puts the user's name into its request", in(tPass, `Bytes: credential.AppendClaimsSet(nil, key)`, `Bytes: append(append([]byte{0xA2, 0x02, 0x63, 'A', 'n', 'n'}, credential.AppendClaimsSet(nil, key)[1:]...))`)),
	phone("request-for-another-key", "PST-PASS-001", "asks for a right for a key that it does not have", in(tPass, `key := a.installed.Key.PublicKey()`, "u, err := credential.ParseAuthority(a.installed.Makers[0])\n\tif err != nil {\n\t\treturn nil, err\n\t}\n\tkey := u.Claims.Key")),
	phone("request-for-a-key-it-forgets", "PST-PASS-001", "asks for a right for the key of the installation before", in(tPass, `key := a.installed.Key.PublicKey()`, "key := mutant.Keep(\"asked\", []credential.PublicKey{a.installed.Key.PublicKey()})[0]")),
	phone("request-link-of-another-kind", "PST-PASS-001", "hands its request over as the link of a pass", in(cLink, `return requestLink + base64url`, `return passLink + base64url`)),
	phone("request-link-padded", "PST-PASS-001", "puts padding behind the link of its request", in(cLink, `return requestLink + base64url.EncodeToString(`, `return requestLink + base64.URLEncoding.EncodeToString(`)),

	phone("pass-with-bytes-behind", "PST-PASS-005", "does not look at what stands behind a pass", passLax("trailing")),
	phone("pass-cut-off", "PST-PASS-005", "reads zeros behind the end of a pass that is cut off", passLax("cut")),
	phone("pass-of-indefinite-length", "PST-PASS-005", "takes a pass of indefinite length", passLax("indefinite")),
	phone("pass-with-long-heads", "PST-PASS-005", "takes a pass with heads that are not the shortest", passLax("long")),
	phone("pass-in-any-order", "PST-PASS-005", "takes the fields of a pass in any order", passLax("order")),
	phone("pass-with-a-field-twice", "PST-PASS-005", "takes a field of a pass twice", passLax("twice")),
	phone("pass-with-further-fields", "PST-PASS-005", "passes over a field of a pass that it does not know", in(cPass, `r.pairs("fields", 1, 3, ReasonMalformed)`, `r.pairs("fields", 1, 4, ReasonMalformed)`), in(cPass, `r.refuse(ReasonMalformed, "fields", "%d is none of this version", label)`, `r.raw("fields")`)),
	phone("pass-without-a-chain", "PST-PASS-005", "takes a pass without a grant", in(cPass, `if len(p.Chain) == 0 {`, `if false {`), in(tPass, "links, err := pass.Links()\n", "links, err := pass.Links()\n\tif len(links) == 0 {\n\t\treturn nil\n\t}\n")),
	phone("pass-of-any-length", "PST-PASS-005", "has no bound for the bytes of a pass", in(cPass, `if len(data) > wire.LimitPassBytes {`, `if len(data) > 1<<16 {`), in(cLink, `n > most {`, `n > 1<<16 {`)),
	phone("pass-of-four-grants", "PST-PASS-005", "takes a chain of four grants", in(cPass, `r.objects("chain", wire.LimitLinks)`, `r.objects("chain", wire.LimitLinks+1)`), in(cPass, `{"chain", p.Chain, wire.LimitLinks, nil}`, `{"chain", p.Chain, wire.LimitLinks + 1, nil}`)),
	phone("pass-of-three-certificates", "PST-PASS-005", "takes three certificates", in(cPass, `r.objects("authorities", wire.LimitPassAuthorities)`, `r.objects("authorities", wire.LimitPassAuthorities+1)`), in(cPass, `{"authorities", p.Authorities, wire.LimitPassAuthorities, `, `{"authorities", p.Authorities, wire.LimitPassAuthorities + 1, `)),
	phone("pass-of-five-documents", "PST-PASS-005", "takes five documents", in(cPass, `r.objects("documents", wire.LimitDocuments)`, `r.objects("documents", wire.LimitDocuments+1)`), in(cPass, `{"documents", p.Documents, wire.LimitDocuments, `, `{"documents", p.Documents, wire.LimitDocuments + 1, `)),
	phone("pass-with-an-empty-list", "PST-PASS-005", "takes an empty list in a pass", in(cPass, `r.array(field, 1, most, ReasonLimit)`, `r.array(field, 0, most, ReasonLimit)`)),
	phone("pass-with-any-certificate", "PST-PASS-005", "does not read the certificates in a pass", in(cPass, `if f.reads == nil {`, `if f.reads == nil || f.name == "authorities" {`)),
	phone("pass-with-any-document", "PST-PASS-005", "does not read the documents in a pass", in(cPass, `if f.reads == nil {`, `if f.reads == nil || f.name == "documents" {`)),
	phone("pass-with-documents-of-any-kind", "PST-PASS-005", "takes an object of any kind for a document", in(cPass, `err = fault(ReasonObjectType, "%s: documents: an object of type %d is none", passName, typ)`, `err = nil`)),
	phone("pass-with-bad-grants", "PST-PASS-005", "passes over a claim of a grant that it does not know", in(grant, "if n == 5 {\n\t\tc.NotBefore = ", "if n == 6 {\n\t\tc.NotBefore = "), in(grant, "scope := r.bytes(\"scope\")\n", "scope := r.bytes(\"scope\")\n\tif n == 5 {\n\t\tr.raw(\"key\")\n\t\tr.raw(\"value\")\n\t}\n"), lax),
	phone("pass-with-an-object-twice", "PST-PASS-005", "takes the same object twice", in(cPass, `if slices.ContainsFunc(f.list[:i], func(other []byte) bool { return bytes.Equal(other, object) }) {`, `if slices.ContainsFunc(f.list[:i], func(other []byte) bool { return len(other) == 0 && bytes.Equal(other, object) }) {`)),
	phone("pass-without-its-root", "PST-PASS-005", "takes a chain whose first grant hangs below another", in(cPass, `case link.claims.Parent != above:`, `case i > 0 && link.claims.Parent != above:`)),
	phone("pass-of-loose-grants", "PST-PASS-005", "does not compare a grant's parent with the grant before it", in(cPass, `case link.claims.Parent != above:`, `case i == 0 && link.claims.Parent != above:`)),
	phone("pass-signed-by-anybody", "PST-PASS-005", "does not compare a grant's key id with the holder of the grant before it", in(cPass, `case i > 0 && link.Signer() != KeyIDOf(links[i-1].claims.Holder):`, `case i > len(links) && link.Signer() != KeyIDOf(links[i-1].claims.Holder):`)),
	phone("pass-refused-in-part", "PST-PASS-005", "uses the chain of a pass that it refuses", in(cPass, "if err := p.check(); err != nil {\n\t\treturn Pass{}, err\n\t}", "if err := p.check(); err != nil {\n\t\treturn p, err\n\t}"), in(tPass, "if err != nil {\n\t\treturn &shim.Taken", "if err != nil {\n\t\tif len(pass.Chain) > 0 {\n\t\t\ta.phone = a.installed.With(pass)\n\t\t}\n\t\treturn &shim.Taken")),
	phone("pass-refused-but-its-documents", "PST-PASS-005", "keeps the documents of a pass that it refuses", in(cPass, "if err := p.check(); err != nil {\n\t\treturn Pass{}, err\n\t}", "if err := p.check(); err != nil {\n\t\treturn p, err\n\t}"), in(tPass, "if err != nil {\n\t\treturn &shim.Taken", "if err != nil {\n\t\tphone := *a.phone\n\t\tphone.Documents = append(phone.Documents, pass.Documents...)\n\t\ta.phone = &phone\n\t\treturn &shim.Taken")),
	phone("pass-refused-and-the-last-one-lost", "PST-PASS-005", "forgets the pass that it had where it refuses another one", in(tPass, "if err != nil {\n\t\treturn &shim.Taken", "if err != nil {\n\t\ta.phone = a.installed\n\t\treturn &shim.Taken")),
	phone("pass-that-ends-last-stays", "PST-PASS-005", "keeps the pass that it has where the next one ends earlier", in(tPass, `a.phone = a.installed.With(pass)`, "next := a.installed.With(pass)\n\twas, _ := credential.ParseGrant(a.phone.Grant)\n\tif is, err := credential.ParseGrant(next.Grant); a.phone == a.installed || was == nil || err != nil || is.Claims.Expires >= was.Claims.Expires {\n\t\ta.phone = next\n\t}")),
	phone("pass-refused-for-one-reason", "PST-PASS-005", "calls every pass that it refuses malformed", in(tPass, `Reason: int(reasonOf(err))`, `Reason: int(min(reasonOf(err), credential.ReasonMalformed))`)),

	phone("pass-for-any-key", "PST-PASS-006", "takes a pass for a key that it does not have", in(tPass, `if links[len(links)-1].Claims.Holder != a.installed.Key.PublicKey() {`, `if links[len(links)-1].Claims.Holder.IsZero() {`)),
	phone("pass-for-its-key-somewhere", "PST-PASS-006", "takes a pass of which any grant is for its key", in(tPass, `if links[len(links)-1].Claims.Holder != a.installed.Key.PublicKey() {`, `if links[len(links)-1].Claims.Holder != a.installed.Key.PublicKey() && links[0].Claims.Holder != a.installed.Key.PublicKey() {`)),

	phone("pass-brings-roots", "PST-PASS-007", "trusts the keys of the certificates in a pass as those of schemes", in(hWith, `q.Makers = slices.Concat(p.Makers, pass.Authorities)`, "q.Makers, q.Roots = slices.Concat(p.Makers, pass.Authorities), slices.Clone(p.Roots)\n\tfor _, b := range pass.Authorities {\n\t\tif u, err := credential.ParseAuthority(b); err == nil {\n\t\t\tq.Roots = append(q.Roots, u.Claims.Key)\n\t\t}\n\t}")),
	phone("pass-brings-any-maker", "PST-PASS-007", "trusts the certificate of a manufacturer in a pass without looking at its scheme", in(signature, "if first == nil {\n\t\tfirst = fault(", "if first == nil && what == authorityName {\n\t\treturn Fingerprint{}, nil\n\t}\n\tif first == nil {\n\t\tfirst = fault(")),

	phone("pass-drops-other-documents", "PST-OWN-028", "drops the documents that it had where it takes a pass", in(hWith, `q.Documents = slices.Concat(p.Documents, pass.Documents)`, `q.Documents = slices.Clone(pass.Documents)`)),
	phone("slot-of-a-lock-alone", "PST-RES-012", "keeps one slot for each lock, whatever the credential", in(hSlots, `return SlotID{x.selection.Lock, x.grant.Tag()}`, `return SlotID{x.selection.Lock, credential.Tag{}}`)),

	phone("link-with-padding", "PST-PASS-009", "takes a link with padding", in(cLink, `base64url.DecodeString(text)`, `base64url.DecodeString(strings.TrimRight(text, "="))`)),
	phone("link-with-bits-behind", "PST-PASS-009", "takes a link with bits behind its last byte", in(cLink, `base64url.DecodeString(text)`, `base64.RawURLEncoding.DecodeString(text)`)),
	phone("link-of-the-other-alphabet", "PST-PASS-009", "takes a link of the alphabet with + and /", in(cLink, `base64url.DecodeString(text)`, `base64url.DecodeString(strings.NewReplacer("+", "-", "/", "_").Replace(text))`)),
	phone("link-with-line-breaks", "PST-PASS-009", "takes a link with a line break", in(cLink, `if strings.ContainsAny(text, "\r\n") {`, `if false {`)),
	phone("link-with-spaces", "PST-PASS-009", "takes a link with spaces around it", in(cLink, `strings.CutPrefix(link, kind)`, `strings.CutPrefix(strings.Trim(link, " "), kind)`)),
	phone("link-with-a-query", "PST-PASS-009", "passes over a query behind a link", in(cLink, `base64url.DecodeString(text)`, `base64url.DecodeString(strings.Split(text, "?")[0])`)),
	phone("link-in-capitals", "PST-PASS-009", "takes the letters in front of a link in any case", in(cLink, `strings.CutPrefix(link, kind)`, `strings.CutPrefix(strings.ToLower(link[:min(len(link), len(kind))])+link[min(len(link), len(kind)):], kind)`)),
	phone("link-of-any-kind", "PST-PASS-009", "takes the link of a request for that of a pass", in(cLink, `strings.CutPrefix(link, kind)`, `strings.CutPrefix(strings.Replace(link, requestLink, kind, 1), kind)`)),
	phone("link-with-slashes", "PST-PASS-009", "takes a link with two slashes behind the scheme", in(cLink, `strings.CutPrefix(link, kind)`, `strings.CutPrefix(strings.Replace(link, "://", ":", 1), kind)`)),
	phone("link-without-its-kind", "PST-PASS-009", "takes base64url alone for a link", in(cLink, "if !ok {", "if !ok && strings.Contains(link, \":\") {")),
}
